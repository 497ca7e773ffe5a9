"""Made-up profiles and records of realistic shape, for us and for SQLite's full-text search.

Profiles: 2 to 4 required blocks of 3 to 14 alternatives (words, truncations, phrases, proximities), fields, some NOT;
made so that about 0.5% of the pairs match. Records: about 270 words of a Zipf vocabulary.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence

from alerts.model.records import Entry
from alerts.search import Strategy, compile_text

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


def fts5(world: World, entries: Sequence[Entry]) -> set[tuple[int, int]]:
    """Index the records in memory, run each profile as a MATCH query; return the (profile, record) pairs found."""
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


def compiled(world: World) -> dict[str, Strategy]:
    """Compile all profiles."""
    made: dict[str, Strategy] = {}
    for nth, (line, _) in enumerate(world.profiles):
        strategy = compile_text(line, dialect="ovid").strategy
        assert strategy is not None, line
        made[str(nth)] = strategy
    return made
