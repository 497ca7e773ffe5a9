"""How fast many strategies are matched, against SQLite's full-text search (FTS5) on the same profiles and records.

    python -m benchmarks.matching [--quick]

Profiles: 2 to 4 required blocks of 3 to 14 alternatives (words, truncations, phrases, proximities), fields, some NOT;
made so that about 0.5% of the pairs match. Records: about 270 words of a Zipf vocabulary. Both sides get text and
must say which profile matches which record; equal answers are checked first. FTS5 lets one word satisfy both sides of
a NEAR; what it finds more is evaluated again without that. Medians of 7 runs, smallest and largest in brackets.
"""

from __future__ import annotations

import gc
import random
import resource
import sqlite3
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

from alerts.model.records import Entry
from alerts.search import Index, Strategy, compile_text, searchable

RUNS = 7
CONSONANTS, VOWELS = "bcdfghlmnprstv", "aeiou"


def vocabulary(size: int, chance: random.Random) -> list[str]:
    """Return distinct made-up words, frequent ones first."""
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = chance.choice((2, 2, 3, 3, 4))
        word = "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(syllables)) + chance.choice(
            "nrst"
        )
        words[word] = None
    return list(words)


class World:
    """Profiles and records of one benchmark."""

    def __init__(self, profiles: int, records: int, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        self.words = vocabulary(20_000, self.chance)
        self.weights = [1 / (rank + 8) for rank in range(len(self.words))]
        self.topics = [self.chance.sample(range(150, 6000), 220) for _ in range(60)]
        self.entries = [self.entry(nth) for nth in range(records)]
        self.profiles = [self.profile() for _ in range(profiles)]

    def entry(self, nth: int) -> Entry:
        """Return a record of about 270 words, a tenth of them about one topic."""
        background = self.chance.choices(self.words, self.weights, k=245)
        topic = [self.words[rank] for rank in self.chance.choices(self.chance.choice(self.topics), k=25)]
        words = background + topic
        self.chance.shuffle(words)
        return Entry(key=str(nth), title=" ".join(words[:14]), summary=" ".join(words[14:]))

    def alternative(self, topic: list[int]) -> tuple[str, str]:
        """Return one alternative, for us and for FTS5."""
        word = self.words[self.chance.choice(topic)]
        other = self.words[self.chance.choice(topic)]
        kind = self.chance.random()
        if kind < 0.5:
            return word, f'"{word}"'
        if kind < 0.7:
            stem = word[: max(4, len(word) - 2)]
            return stem + "*", f'"{stem}"*'
        if kind < 0.85 or word == other:
            return f"{word} {other}", f'"{word} {other}"'
        between = self.chance.randint(1, 4)
        return f"({word} adj{between + 1} {other})", f'NEAR("{word}" "{other}", {between})'

    def profile(self) -> tuple[str, str]:
        """Return one profile, for us and for FTS5."""
        topic = self.chance.choice(self.topics)
        ours: list[str] = []
        theirs: list[str] = []
        for _ in range(self.chance.randint(2, 4)):
            alternatives = [self.alternative(topic) for _ in range(self.chance.randint(3, 14))]
            field = self.chance.random() < 0.15
            ours.append(f"({' or '.join(each for each, _ in alternatives)}).{'ti' if field else 'ti,ab'}.")
            theirs.append(("title : " if field else "") + f"({' OR '.join(each for _, each in alternatives)})")
        line, query = " and ".join(ours), " AND ".join(theirs)
        if self.chance.random() < 0.2:
            word = self.words[self.chance.randint(20, 200)]
            line, query = f"({line}) not {word}.ti.", f'({query}) NOT (title : "{word}")'
        return line, query


def fts5(world: World, entries: list[Entry]) -> set[tuple[int, int]]:
    """Index the records in memory and run each profile as a MATCH query."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE records USING fts5(title, summary, tokenize='unicode61')")
    database.executemany(
        "INSERT INTO records(rowid, title, summary) VALUES (?, ?, ?)",
        [(nth, each.title, each.summary) for nth, each in enumerate(entries)],
    )
    found: set[tuple[int, int]] = set()
    for nth, (_, query) in enumerate(world.profiles):
        found.update(
            (nth, row[0]) for row in database.execute("SELECT rowid FROM records WHERE records MATCH ?", (query,))
        )
    database.close()
    return found


def ours(index: Index, entries: list[Entry]) -> set[tuple[int, int]]:
    """Tokenise the records and match them as one batch."""
    many = index.matching_many([searchable(each) for each in entries])
    return {(int(key), nth) for nth, keys in enumerate(many) for key in keys}


def median(work: Callable[[], object]) -> tuple[float, float, float]:
    """Return median, smallest and largest time of 7 runs, in seconds."""
    times: list[float] = []
    for _ in range(RUNS):
        gc.collect()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times), min(times), max(times)


def shown(times: tuple[float, float, float]) -> str:
    """Return a time with its spread, in milliseconds."""
    return f"{times[0] * 1000:9.1f} ms ({times[1] * 1000:.1f} to {times[2] * 1000:.1f})"


def compiled(world: World) -> dict[str, Strategy]:
    """Compile all profiles."""
    made: dict[str, Strategy] = {}
    for nth, (line, _) in enumerate(world.profiles):
        strategy = compile_text(line, dialect="ovid").strategy
        assert strategy is not None, line
        made[str(nth)] = strategy
    return made


def compare(profiles: int, records: int) -> None:
    """Compare both on one size, after checking that they agree."""
    world = World(profiles, records)
    strategies = compiled(world)
    index = Index(strategies)
    mine, theirs = ours(index, world.entries), fts5(world, world.entries)
    missing = theirs - mine
    assert mine <= theirs, len(mine - theirs)
    texts = {record: searchable(world.entries[record]) for _, record in missing}
    assert not any(strategies[str(profile)].matches(texts[record]) for profile, record in missing)
    rate = len(mine) / (profiles * records)
    our_time, their_time = median(lambda: ours(index, world.entries)), median(lambda: fts5(world, world.entries))
    tokens = median(lambda: [searchable(each) for each in world.entries])
    print(f"{profiles:6} profiles × {records:5} records, {rate:.2%} match ({len(missing)} by FTS5's one-word NEAR)")
    print(f"   ours  {shown(our_time)}   {our_time[0] / tokens[0]:.1f} × tokenising, which takes {shown(tokens)}")
    print(f"   FTS5  {shown(their_time)}   {their_time[0] / our_time[0]:.1f} × ours", flush=True)


def single(profiles: int) -> float:
    """Time one record, tokenising included, over 50 records."""
    world = World(profiles, 50)
    index = Index(compiled(world))

    def one_by_one() -> None:
        for each in world.entries:
            index.matching(searchable(each))

    each_s = median(one_by_one)
    some = world.entries[:5]
    started = time.perf_counter()
    for entry in some:
        fts5(world, [entry])
    theirs = (time.perf_counter() - started) / len(some)
    mine = each_s[0] / len(world.entries)
    print(f"{profiles:6} profiles × 1 record: {mine * 1000:.2f} ms", end="; ")
    print(f"FTS5 {theirs * 1000:.1f} ms, {theirs / mine:.0f} × ours", flush=True)
    return mine


def costs(profiles: int) -> None:
    """Print memory a profile and the time of changing one."""
    world = World(profiles, 1)
    tracemalloc.start()
    strategies = compiled(world)
    with_strategies = tracemalloc.get_traced_memory()[0]
    index = Index(strategies)
    both = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    line = world.profiles[0][0]

    def change() -> None:
        strategy = compile_text(line, dialect="ovid").strategy
        assert strategy is not None
        index.add("0", strategy)

    in_index = (both - with_strategies) / profiles / 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{profiles:6} profiles: {in_index:.1f} kB a profile in the index,", end=" ")
    print(f"{with_strategies / profiles / 1000:.1f} kB a strategy; peak {peak} MB")
    print(f"   one profile changed: {shown(median(change))}")


def main() -> None:
    """Run everything."""
    quick = "--quick" in sys.argv
    small = single(1000)
    if not quick:
        large = single(10_000)
        print(f"   time per record at 10,000 against 1,000 profiles: {large / small:.1f} ×")
    compare(1000, 64)
    compare(1000, 2000)
    if not quick:
        compare(10_000, 2000)
    costs(1000 if quick else 10_000)


if __name__ == "__main__":
    main()
