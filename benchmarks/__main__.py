"""Run every benchmark, or the ones named: `python -m benchmarks [startup …]`."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = ("startup", "matching")


def main() -> None:
    """Run each benchmark module's `main`."""
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()


main()
