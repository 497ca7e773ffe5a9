"""What a new entry costs with many records known; part of `python -m benchmarks polling`.

Two stores, one with ten thousand known records and one with a million, poll the same feeds of new entries in turn.
"""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.pipeline.collecting.collect import collect
from alerts.pipeline.service import Service
from benchmarks.feed_server import FeedServer
from benchmarks.timing import interleaved, row

FEW = 10_000
ROUNDS = 5
FEEDS_A_ROUND = 20
ENTRIES = 30
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
_AT = "2026-10-01T06:00:00.000000Z"
_WORDS = "made up to stand for the abstract of something that has been known for a long while "
_FILLING = (
    f"""INSERT INTO records (id, title, summary, body, title_digest, first_seen_at, revision, evidence_type)
        {_NUMBERS} SELECT i, 'Known record ' || i, :words, '{{}}', lower(hex(randomblob(16))), '{_AT}', 1, 'study'
        FROM n""",
    f"""INSERT INTO entries (source_id, key_digest, fingerprint, record_id, title, summary, body, stored_at)
        {_NUMBERS} SELECT 'old' || (i % 600), lower(hex(randomblob(16))), lower(hex(randomblob(16))), i,
        'Known record ' || i, :words, '{{}}', '{_AT}' FROM n""",
    """INSERT INTO sightings (source_id, key_digest, key, record_id, fingerprint, first_seen_at, link)
       SELECT source_id, key_digest, key_digest, record_id, fingerprint, stored_at, key_digest FROM entries
       ORDER BY source_id, key_digest""",
    f"""INSERT INTO identifiers (scheme, value_digest, value, record_id)
        {_NUMBERS} SELECT 'doi', lower(hex(randomblob(16))), '10.5555/old.' || i, i FROM n ORDER BY 2""",
    f"""INSERT INTO identifiers (scheme, value_digest, value, record_id)
        {_NUMBERS} SELECT 'link', lower(hex(randomblob(16))), 'https://old.example.org/' || i, i FROM n ORDER BY 2""",
    f"""INSERT INTO events (record_id, n, kind, happened_at, source_id, backlog)
        {_NUMBERS} SELECT i, 1, 'new', '{_AT}', 'old', 1 FROM n""",
)


def fill(path: Path, count: int) -> None:
    """Put so many known records into a store that has none, with all that belongs to them."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        database.execute(f"PRAGMA {pragma}")
    tables = "'records', 'entries', 'sightings', 'identifiers', 'events'"
    indexes = database.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({tables})"
    ).fetchall()
    database.execute("BEGIN")
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    for statement in _FILLING:
        database.execute(statement, {"count": count, "words": _WORDS * 4})
    for _, sql in indexes:
        database.execute(sql)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode=WAL")
    database.close()


def main(many: int) -> None:
    """Measure and print."""
    from benchmarks.polling import Ours

    feeds = FEEDS_A_ROUND * (ROUNDS + 1)
    with TemporaryDirectory() as name, FeedServer(feeds, ENTRIES, seed=2) as server:
        sides = [Ours(Path(name) / str(count), server.addresses) for count in (FEW, many)]
        for side, count in zip(sides, (FEW, many), strict=True):
            fill(side.path, count)
        with sides[0].opened() as few, sides[1].opened() as much:
            turns = [iter(range(0, feeds, FEEDS_A_ROUND)) for _ in sides]

            def poll(service: Service, nth: int) -> None:
                first = next(turns[nth])
                some = {f"s{number}" for number in range(first, first + FEEDS_A_ROUND)}
                report = asyncio.run(collect(service, only=some))
                assert report.total("new_records") == FEEDS_A_ROUND * ENTRIES, report

            little, lots = interleaved(partial(poll, few, 0), partial(poll, much, 1), rounds=ROUNDS)
    each = FEEDS_A_ROUND * ENTRIES / 1000
    for count, timed in ((FEW, little), (many, lots)):
        wall, used = timed.median / each, timed.processor_median / each
        print(f"   {count:>9,} known: {wall:.2f} ms a new entry, {used:.2f} ms of processor time")
    print(row(f"a new entry with {many:,} known / with {FEW:,}", lots.median / little.median, 1.5, at_most=True))
