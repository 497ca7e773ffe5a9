"""Run every benchmark, or the ones named: `python -m benchmarks [startup …]`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Run each benchmark module's `main`."""
    here = Path(__file__).parent
    every = sorted(each.stem for each in here.glob("*.py") if not each.stem.startswith("_") and each.stem != "timing")
    for name in sys.argv[1:] or every:
        print(f"== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()


main()
