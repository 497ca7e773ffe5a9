"""How fast many strategies are matched, against SQLite's full-text search (FTS5) on the same profiles and records.

    python -m benchmarks matching [--quick]

Both sides get text and must say which profile matches which record: we tokenise the records and ask the index, FTS5
indexes them in memory and runs each profile as a MATCH query. Equal answers are checked first; FTS5 lets one word
satisfy both sides of a NEAR, and what it finds beyond ours is evaluated again without that. The index knows the words
of the stream by then, as it does in a service; the first time a record is met is given apart. Medians of 7 runs, those
of both sides in turn; smallest and largest in brackets.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Sequence
from functools import partial

from alerts.model.records import Entry
from alerts.search import Index, Strategy, compile_text, searchable
from benchmarks.timing import Timed, interleaved, row
from benchmarks.world import World, compiled, fts5

SINGLES = 50
"""Records that are asked one by one."""
THEIR_SINGLES = 2


def ours(index: Index, entries: Sequence[Entry]) -> list[list[str]]:
    """Tokenise the records and match them as one batch; return the keys of the profiles that find each."""
    return index.matching_many([searchable(each) for each in entries])


def one_by_one(index: Index, entries: Sequence[Entry]) -> list[list[str]]:
    """Tokenise and match each record by itself; return the keys of the profiles that find each."""
    return [index.matching(searchable(each)) for each in entries]


def check_equal(world: World, strategies: dict[str, Strategy], index: Index) -> str:
    """Check that both sides find the same; return a line that says how much that is."""
    found, theirs = ours(index, world.entries), fts5(world, world.entries)
    assert found == one_by_one(index, world.entries)
    mine = {(int(key), nth) for nth, keys in enumerate(found) for key in keys}
    assert mine <= theirs, len(mine - theirs)
    for profile, record in theirs - mine:
        assert not strategies[str(profile)].matches(searchable(world.entries[record]))
    rate = len(mine) / (len(world.profiles) * len(world.entries))
    return f"{rate:.2%} of the pairs match, {len(theirs - mine)} more by FTS5's one-word NEAR"


def spread(timed: Timed, count: int = 1) -> str:
    """Return a time per piece of work with its spread, in milliseconds."""
    times = [each / count * 1000 for each in (timed.median, min(timed.seconds), max(timed.seconds))]
    return "{:10.3f} ms ({:.3f} to {:.3f})".format(*times)


def batches(world: World, index: Index, records: int, goal: float) -> float:
    """Compare both on one batch; return our time per record, in seconds."""
    entries = world.entries[:records]
    mine, theirs, tokens = interleaved(
        partial(ours, index, entries), partial(fts5, world, entries), lambda: [searchable(each) for each in entries]
    )
    print(f"   ours        {spread(mine)}")
    print(f"   FTS5        {spread(theirs)}")
    print(f"   tokenising  {spread(tokens)}")
    size = f"{len(world.profiles):,} × {records:,}"
    print(row(f"{size}: FTS5 / ours", theirs.median / mine.median, goal, at_most=False), flush=True)
    if (len(world.profiles), records) == (1000, 2000):
        print(row(f"{size}: ours / tokenising the same records", mine.median / tokens.median, 2, at_most=True))
    return mine.median / records


def singles(world: World, index: Index, goal: float | None = None) -> float:
    """Time single records, tokenising included; return our time per record, in seconds."""
    entries, few = world.entries[:SINGLES], world.entries[:THEIR_SINGLES]
    fresh = Index(compiled(world))
    started = time.perf_counter()
    one_by_one(fresh, few)
    first_s = (time.perf_counter() - started) / len(few)
    mine, theirs = interleaved(partial(one_by_one, index, entries), lambda: [fts5(world, [each]) for each in few])
    print(
        f"   ours        {spread(mine, len(entries))}; the first record that a new index meets {first_s * 1000:.3f} ms"
    )
    print(f"   FTS5        {spread(theirs, len(few))}")
    per_record = mine.median / len(entries)
    if goal is not None:
        size = f"{len(world.profiles):,} × 1"
        print(row(f"{size}: FTS5 / ours", theirs.median / len(few) / per_record, goal, at_most=False))
        print(row(f"{size}: time of one record", per_record * 1000, 1, at_most=True, unit="ms"), flush=True)
    return per_record


def memory(world: World) -> float:
    """Return what a profile takes once compiled and entered in the index, in kB; print its parts."""
    count = len(world.profiles)
    gc.collect()
    tracemalloc.start()
    strategies = compiled(world)
    gc.collect()
    alone = tracemalloc.get_traced_memory()[0]
    index = Index(strategies)
    gc.collect()
    both = tracemalloc.get_traced_memory()[0]
    one_by_one(index, world.entries[:500])
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(
        f"   {count:,} profiles: strategy {alone / count / 1000:.2f} kB, index {(both - alone) / count / 1000:.2f} kB",
        end="",
    )
    print(f"; {(used - both) / 1e6:.1f} MB more for the words of 500 records")
    return both / count / 1000


def change(world: World, index: Index) -> Timed:
    """Time compiling one profile anew and putting it in the place of its old self."""
    line = world.profiles[0][0]

    def once() -> None:
        strategy = compile_text(line, dialect="ovid").strategy
        assert strategy is not None
        index.add("0", strategy)

    return interleaved(once)[0]


def main() -> None:
    """Run everything; `--quick` leaves out ten thousand profiles."""
    sizes = (1000,) if "--quick" in sys.argv else (1000, 10_000)
    single: dict[int, float] = {}
    batch: dict[int, float] = {}
    for size in sizes:
        world = World(size, 2000)
        strategies = compiled(world)
        index = Index(strategies)
        print(f"{size:,} profiles, {len(world.entries):,} records: {check_equal(world, strategies, index)}", flush=True)
        single[size] = singles(world, index, 100 if size == 1000 else None)
        if size == 1000:
            batches(world, index, 64, 8)
        batch[size] = batches(world, index, 2000, 1.5 if size == 1000 else 4)
        kilobytes = memory(world)
        changed = change(world, index)
        print(f"   one profile changed {spread(changed)}")
        if size == 10_000:
            print(row("memory of a profile", kilobytes, 5, at_most=True, unit="kB"))
            print(row("one profile changed", changed.median * 1000, 5, at_most=True, unit="ms"), flush=True)
    if len(sizes) > 1:
        for what, times in (("batches of 2,000", batch), ("one by one", single)):
            ratio = times[10_000] / times[1000]
            print(row(f"time per record at 10,000 / at 1,000, {what}", ratio, 3, at_most=True))


if __name__ == "__main__":
    main()
