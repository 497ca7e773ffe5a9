"""Run every benchmark, or the ones named: `python -m benchmarks [startup …] [--quick]`."""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import takewhile

BENCHMARKS = ("startup", "matching", "polling", "delivery")


def main() -> None:
    """Run each benchmark module's `main`."""
    named = list(takewhile(lambda each: not each.startswith("-"), sys.argv[1:]))
    for name in named or BENCHMARKS:
        print(f"== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()


main()
