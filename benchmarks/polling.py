"""How fast sources are polled, against `reader` on the same loopback server.

    python -m benchmarks polling [--quick]

Both sides follow the same 600 feeds of 30 entries (60 with --quick) and keep them in SQLite files of their own, as they
ship: a poll of ours is the whole `collect` (fetched, parsed in children, identified, written), of theirs `update_feeds`
with as many workers as serve it best. Every ten feeds have a host of their own and nobody pauses between requests. That
both stores hold the same entries is checked first, and that an unchanged poll leaves the rows alone. Medians of
interleaved runs, smallest and largest in brackets.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from alerts.config import load_settings
from alerts.pipeline.clock import clock_from
from alerts.pipeline.collecting.collect import CollectReport, collect
from alerts.pipeline.collecting.tools import Tools, open_tools
from alerts.pipeline.service import Service, open_service
from alerts.store import open_store
from benchmarks import polling_known, polling_memory, polling_rows
from benchmarks.feed_server import FeedServer
from benchmarks.feeds import NEWEST
from benchmarks.timing import Timed, interleaved, row

os.environ.setdefault("READER_NO_VENDORED_FEEDPARSER", "1")  # its own copy wants a package that is no longer needed

import reader

ENTRIES = 30
WORKERS = (1, 4, 16)
UNTOUCHED = ("entries", "records", "identifiers", "sightings", "events", "matches", "relations")
"""Tables that a poll with nothing new leaves alone."""

Item = tuple[str, str, str]


def settings_for(folder: Path, addresses: list[str]) -> dict[str, str]:
    """Write a configuration that follows `addresses`; return the environment that it is used with."""
    sources = folder / "config" / "sources"
    sources.mkdir(parents=True)
    (folder / "config" / "service.yaml").write_text("name: Benchmark\ncontact: Library <library@example.nhs.uk>\n")
    listed = "".join(
        f"  - {{id: s{nth}, title: Journal {nth}, publisher: Example Press, address: '{address}', type: study}}\n"
        for nth, address in enumerate(addresses)
    )
    (sources / "journals.yaml").write_text(f"sources:\n{listed}")
    return {
        "ALERTS_CONFIG_DIR": str(folder / "config"),
        "ALERTS_DATA_DIR": str(folder / "data"),
        "ALERTS_ALLOW_LOOPBACK": "true",
        "ALERTS_HOST_PAUSE_S": "0",
        "ALERTS_CLOCK": f"{NEWEST + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}",
        "ALERTS_LOG_LEVEL": "warning",
    }


class Ours:
    """The service, its configuration read and its store migrated; what a running service has before it polls."""

    def __init__(self, folder: Path, addresses: list[str]) -> None:
        self.env = settings_for(folder, addresses)
        self.settings = load_settings(self.env).settings
        with open_service(self.settings) as service:
            self.loaded = service.loaded
            assert len(service.catalogue.sources) == len(addresses)
        self.path = self.settings.data_dir / "alerts.sqlite3"
        self.fresh = folder / "fresh.sqlite3"
        shutil.copy(self.path, self.fresh)

    def renew(self) -> None:
        """Forget everything that was polled."""
        renew(self.path, self.fresh)

    @contextmanager
    def opened(self) -> Iterator[Service]:
        """Open the service on its store."""
        store = open_store(self.settings.database)
        try:
            yield Service(self.settings, clock_from(self.settings.clock), store, self.loaded)
        finally:
            store.close()

    def poll(self) -> CollectReport:
        """Poll every source as a command does: with a fetcher and children of its own."""
        with self.opened() as service:
            return asyncio.run(collect(service, force=True))

    def items(self) -> dict[str, set[Item]]:
        """Return key, title and link of every entry, by the address of its source."""
        found: dict[str, set[Item]] = {each.address: set() for each in self.loaded.catalogue.sources.values()}
        with sqlite3.connect(self.path) as database:
            rows = database.execute(
                "SELECT e.source_id, s.key, e.title, s.link "
                "FROM entries e JOIN sightings s USING (source_id, key_digest)"
            )
            for source_id, *item in rows:
                found[self.loaded.catalogue.sources[source_id].address].add((item[0], item[1], item[2]))
        return found


class Theirs:
    """The peer, its feeds added and nothing polled yet."""

    def __init__(self, folder: Path, addresses: list[str]) -> None:
        self.workers = WORKERS[0]
        self.path = folder / "reader.sqlite3"
        self.fresh = folder / "reader-fresh.sqlite3"
        with self.opened() as opened:
            for each in addresses:
                opened.add_feed(each)
        shutil.copy(self.path, self.fresh)

    def renew(self) -> None:
        """Forget everything that was polled."""
        renew(self.path, self.fresh)

    @contextmanager
    def opened(self) -> Iterator[reader.Reader]:
        """Open the peer on its store."""
        opened = reader.make_reader(str(self.path))
        try:
            yield opened
        finally:
            opened.close()

    def poll(self) -> None:
        """Poll every feed, whenever it was polled last."""
        with self.opened() as opened:
            self.poll_with(opened)

    def poll_with(self, opened: reader.Reader) -> None:
        """Poll every feed with a reader that is open."""
        opened.update_feeds(scheduled=False, workers=self.workers)

    def items(self) -> dict[str, set[Item]]:
        """Return id, title and link of every entry, by the address of its feed."""
        found: dict[str, set[Item]] = {}
        with self.opened() as opened:
            for each in opened.get_feeds():
                found[each.url] = set()
            for entry in opened.get_entries():
                found[entry.feed_url].add((entry.id, entry.title or "", entry.link or ""))
        return found


def renew(path: Path, fresh: Path) -> None:
    """Put a copy of `fresh` in the place of a database and its log."""
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    shutil.copy(fresh, path)


def check_equal(ours: Ours, theirs: Theirs, entries: int) -> str:
    """Check that both sides hold the same entries; return a line that says how many."""
    mine, others = ours.items(), theirs.items()
    assert mine.keys() == others.keys()
    for address, items in mine.items():
        assert items == others[address], (address, sorted(items ^ others[address])[:4])
        assert len(items) == entries, (address, len(items))
    return f"{len(mine)} feeds, {sum(map(len, mine.values())):,} entries: the same on both sides"


def fingerprint_of(path: Path) -> dict[str, str]:
    """Return a digest of all rows of each table that an unchanged poll must leave alone."""
    with sqlite3.connect(path) as database:
        return {
            table: hashlib.sha256(repr(database.execute(f"SELECT * FROM {table}").fetchall()).encode()).hexdigest()
            for table in UNTOUCHED
        }


@contextmanager
def written(service: Service) -> Iterator[list[str]]:
    """Collect the tables that are written to, a name for each statement, and "BEGIN" for each writing transaction."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        first, _, rest = statement.partition(" ")
        if first in ("INSERT", "UPDATE", "DELETE"):
            found.append(rest.removeprefix("INTO ").removeprefix("FROM ").split()[0].strip('"'))
        elif statement == "BEGIN IMMEDIATE":
            found.append("BEGIN")

    event.listen(service.store.engine, "before_cursor_execute", note)
    yield found
    event.remove(service.store.engine, "before_cursor_execute", note)


def check_untouched(ours: Ours, service: Service, tools: Tools, poll: Callable[[], CollectReport]) -> str:
    """Poll when nothing is new; check that no row but the sources' states is touched and that nothing is parsed."""
    before = fingerprint_of(ours.path)
    with written(service) as tables:
        report = poll()
    assert len(report.of("unchanged")) == len(ours.loaded.catalogue.sources), report
    assert fingerprint_of(ours.path) == before
    assert set(tables) <= {"BEGIN", "source_states", "leases"}, tables
    assert tools.parsers.children == 0, "nothing was there to be parsed"
    return f"no row of {', '.join(UNTOUCHED)} touched; {tables.count('BEGIN')} transactions, two of them the lease"


def best_workers(theirs: Theirs) -> int:
    """Return the number of workers with which the peer's first poll is fastest."""
    times: dict[int, float] = {}
    for theirs.workers in WORKERS:
        theirs.renew()
        started = time.perf_counter()
        theirs.poll()
        times[theirs.workers] = time.perf_counter() - started
    return min(times, key=lambda each: times[each])


def tell(what: str, mine: Timed, theirs: Timed, goal: float) -> None:
    """Print both sides' times and their ratio against its goal."""
    for name, each in (("ours", mine), ("reader", theirs)):
        print(f"   {name:8} {each}; {each.processor_median * 1000:.0f} ms of processor time")
    print(row(f"{what}: reader / ours", theirs.median / mine.median, goal, at_most=False), flush=True)


def first_poll(ours: Ours, theirs: Theirs, rounds: int) -> None:
    """Compare polls of feeds that are all new, and check that both sides then hold the same."""
    sides = (ours, theirs)
    mine, others = interleaved(ours.poll, theirs.poll, rounds=rounds, before=lambda nth: sides[nth].renew())
    print(check_equal(ours, theirs, ENTRIES))
    tell("first poll, everything new", mine, others, 2)


def second_polls(ours: Ours, theirs: Theirs, server: FeedServer, rounds: int) -> None:
    """Compare polls of feeds that have nothing new: with validators (304), and with the same bytes without any.

    Both sides stay open, as in a service that runs.
    """
    with ours.opened() as service, theirs.opened() as opened, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        tools = runner.run(stack.enter_async_context(open_tools(service.settings, service.catalogue)))

        def poll() -> CollectReport:
            return runner.run(collect(service, force=True, tools=tools))

        for word, what, goal in (("validators", "answered 304", 10), ("bare", "the same bytes", 60)):
            server.say(word)
            poll()  # validators come and go with a body
            print(check_untouched(ours, service, tools, poll))
            mine, others = interleaved(poll, partial(theirs.poll_with, opened), rounds=rounds)
            assert tools.parsers.children == 0
            tell(f"second poll, {what}", mine, others, goal)
        runner.run(stack.aclose())


def main() -> None:
    """Run everything; `--quick` takes a tenth of the feeds, and a tenth of the known records."""
    quick = "--quick" in sys.argv
    feeds = 60 if quick else 600
    with TemporaryDirectory() as name, FeedServer(feeds, ENTRIES) as server:
        ours, theirs = Ours(Path(name), server.addresses), Theirs(Path(name), server.addresses)
        theirs.workers = best_workers(theirs)
        print(
            f"{feeds} feeds of {ENTRIES} entries; reader {reader.__version__} with {theirs.workers} workers, its best"
        )
        first_poll(ours, theirs, 3)
        second_polls(ours, theirs, server, 5)
        polling_memory.main(ours)
    polling_rows.main(60)
    polling_known.main(100_000 if quick else 1_000_000)
