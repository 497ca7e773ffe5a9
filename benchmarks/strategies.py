"""How fast real strategies are matched: all of a file, on the records of another.

    python -m benchmarks strategies --strategies FILE --records FILE [--vocabulary FILE]

Strategies are JSON Lines of {"id", "text", "syntax"}, records whatever `alerts search run` reads, the vocabulary what
`alerts vocabulary load` reads. Against asking every strategy by itself, and against tokenising the records; the index's
answers are checked against that first, one by one and as a batch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from functools import partial
from pathlib import Path

from alerts.cli.record_files import each_record
from alerts.cli.vocabulary_files import read_streams
from alerts.search import Index, Strategy, compile_text, searchable
from benchmarks.timing import interleaved, row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks strategies")
    parser.add_argument("--strategies", type=Path, required=True)
    parser.add_argument("--records", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, nargs="*", default=[])
    given = parser.parse_args([each for each in sys.argv[1:] if each != "strategies"])
    vocabulary = read_streams(given.vocabulary) if given.vocabulary else None
    strategies: dict[str, Strategy] = {}
    for nth, line in enumerate(given.strategies.read_text(encoding="utf-8").splitlines()):
        strategy = compile_text(json.loads(line)["text"], vocabulary=vocabulary).strategy
        if strategy is not None:
            strategies[str(nth)] = strategy
    entries = [each.entry for each in each_record(given.records)]
    index = Index(strategies)

    def alone() -> list[list[str]]:
        texts = [searchable(each) for each in entries]
        return [[key for key, strategy in strategies.items() if strategy.matches(text)] for text in texts]

    def one_by_one() -> list[list[str]]:
        return [index.matching(searchable(each)) for each in entries]

    def together() -> list[list[str]]:
        return index.matching_many([searchable(each) for each in entries])

    expected = alone()
    assert one_by_one() == expected
    assert together() == expected
    leaves = statistics.median(sum(node.leaf is not None for node in each.plan.nodes) for each in strategies.values())
    print(f"{len(strategies)} strategies accepted, median {leaves:g} leaves; {len(entries):,} records,", end=" ")
    print(f"{sum(map(len, expected)) / len(entries) / len(strategies):.2%} of the pairs match")
    plain, single, batch, tokens = interleaved(
        alone, one_by_one, together, partial(lambda: [searchable(each) for each in entries])
    )
    for name, timed in (("each alone", plain), ("one by one", single), ("batch", batch), ("tokenising", tokens)):
        print(f"   {name:<11} {timed}   {timed.median / len(entries) * 1000:.3f} ms a record")
    print(row("each strategy alone / index, one by one", plain.median / single.median, 1, at_most=False))
    print(row("each strategy alone / index, batch", plain.median / batch.median, 1, at_most=False))


if __name__ == "__main__":
    main()
