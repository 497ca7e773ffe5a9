"""New rows, against a bare `sqlite3.executemany` of the very same ones; part of `python -m benchmarks polling`.

Ours is what `collect` writes with: the transaction of each poll, which reads again what was known, gives identifiers to
records and writes entries, records, sightings, events and state. Bare are its INSERTs alone, taken down from one such
run with their values and given to a cursor again: same tables, same bytes, same settings, same transactions.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from alerts.identify import Wanted, decide, looks_up
from alerts.model.decisions import Known, Poll
from alerts.model.sources import Source, SourceState
from alerts.parse import parse_body
from alerts.store import Store, open_store, polls
from benchmarks.feeds import Press
from benchmarks.timing import interleaved, row

Inserts = list[tuple[str, list[Sequence[Any]]]]


def decided(feeds: int) -> list[tuple[Poll, Wanted]]:
    """Return the decided polls of some made-up feeds."""
    now = datetime.now(UTC)
    found = []
    for nth, body in enumerate(Press(feeds, 30).bodies()):
        source = Source(id=f"s{nth}", title=f"Journal {nth}", address=f"https://journals.example.org/{nth}.xml")
        entries = parse_body(body, address=source.address).entries
        decisions = decide(entries, source=source, known=Known(), first_run=True, now=now, rules=())
        found.append((Poll(source.id, now, SourceState(source.id), Known(), decisions), looks_up(entries)))
    return found


def write(store: Store, found: Sequence[tuple[Poll, Wanted]]) -> None:
    """Write every poll in its own transaction."""
    for poll, wanted in found:
        store.replay(partial(polls.write, poll=poll, wanted=wanted))


def taken_down(store: Store, found: Sequence[tuple[Poll, Wanted]]) -> list[Inserts]:
    """Write every poll; return its INSERTs with their values."""
    made: list[Inserts] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        if statement == "BEGIN IMMEDIATE":
            made.append([])
        elif statement.startswith("INSERT"):
            made[-1].append((statement, list(parameters) if many else [parameters]))

    event.listen(store.engine, "before_cursor_execute", note)
    write(store, found)
    event.remove(store.engine, "before_cursor_execute", note)
    return made


def bare(path: Path, found: Sequence[Inserts]) -> None:
    """Give the same rows to a cursor."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        database.execute(f"PRAGMA {pragma}")
    for inserts in found:
        database.execute("BEGIN IMMEDIATE")
        for statement, rows in inserts:
            database.executemany(statement, rows)
        database.execute("COMMIT")
    database.close()


def counted(path: Path) -> dict[str, int]:
    """Return how many rows there are."""
    with sqlite3.connect(path) as database:
        return {
            table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("entries", "records", "sightings", "identifiers", "events", "source_states")
        }


def main(feeds: int, rounds: int = 7) -> None:
    """Measure and print."""
    found = decided(feeds)
    with TemporaryDirectory() as name:
        fresh, mine, theirs = (Path(name) / each for each in ("fresh.db", "mine.db", "theirs.db"))
        store = open_store(f"sqlite:///{fresh}")
        store.migrate()
        store.close()

        def afresh(path: Path) -> Store:
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
            shutil.copy(fresh, path)
            return open_store(f"sqlite:///{path}")

        store = afresh(mine)
        inserts = taken_down(store, found)
        store.close()
        afresh(theirs).close()
        bare(theirs, inserts)
        assert counted(mine) == counted(theirs)
        stores: list[Store] = []

        def before(nth: int) -> None:
            for each in stores:
                each.close()
            stores[:] = [afresh(mine if nth == 0 else theirs)]
            with stores[0].read():
                pass  # connected

        ours, others = interleaved(
            lambda: write(stores[0], found), lambda: bare(theirs, inserts), rounds=rounds, before=before
        )
        stores[0].close()
        total = sum(counted(theirs).values())
    print(f"   {total:,} rows of {feeds} polls: ours {ours}, bare {others}")
    print(row("new rows: bare executemany / ours", others.median / ours.median, 0.5, at_most=False), flush=True)
