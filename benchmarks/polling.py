"""How fast sources are polled, against `reader` on the same loopback server.

python -m benchmarks polling [--quick]
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from reader import make_reader

from alerts.config import load_settings
from alerts.pipeline.collect import CollectReport, collect
from alerts.pipeline.service import Service, open_service
from benchmarks.feed_server import FeedServer
from benchmarks.timing import interleaved, row


def configured(folder: Path, addresses: list[str]) -> dict[str, str]:
    """Write a configuration that follows `addresses`; return the environment that names it."""
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
        "ALERTS_LOG_LEVEL": "warning",
    }


class Ours:
    """This service."""

    def __init__(self, folder: Path, addresses: list[str]) -> None:
        self.settings = load_settings(configured(folder, addresses)).settings
        with open_service(self.settings) as service:
            self.loaded = service.loaded
            assert len(service.catalogue.sources) == len(addresses)
        self.path = self.settings.data_dir / "alerts.sqlite3"
        self.fresh = folder / "fresh.sqlite3"
        shutil.move(self.path, self.fresh)

    def renew(self) -> None:
        for each in self.path.parent.glob(self.path.name + "*"):
            each.unlink()
        shutil.copy(self.fresh, self.path)

    def poll(self) -> CollectReport:
        with open_service(self.settings) if False else self.opened() as service:
            return asyncio.run(collect(service, force=True))

    @contextmanager
    def opened(self) -> Iterator[Service]:
        from alerts.pipeline.clock import system_clock
        from alerts.store import open_store

        store = open_store(self.settings.database)
        try:
            yield Service(self.settings, system_clock, store, self.loaded)
        finally:
            store.close()


class Theirs:
    """The peer."""

    def __init__(self, folder: Path, addresses: list[str], workers: int) -> None:
        self.workers = workers
        self.path = folder / "reader.sqlite3"
        self.fresh = folder / "reader-fresh.sqlite3"
        reader = make_reader(str(self.path))
        for each in addresses:
            reader.add_feed(each)
        reader.close()
        shutil.move(self.path, self.fresh)

    def renew(self) -> None:
        for each in self.path.parent.glob(self.path.name + "*"):
            each.unlink()
        shutil.copy(self.fresh, self.path)

    def poll(self) -> None:
        reader = make_reader(str(self.path))
        reader.update_feeds(scheduled=False, workers=self.workers)
        reader.close()


def main() -> None:
    feeds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    with TemporaryDirectory() as name, FeedServer(feeds, 30) as server:
        folder = Path(name)
        mine = Ours(folder, server.addresses)
        theirs = Theirs(folder, server.addresses, 4)
        sides = (mine, theirs)
        a, b = interleaved(mine.poll, theirs.poll, rounds=3, before=lambda nth: sides[nth].renew())
        print("cold", a, b, a.processor_median, b.processor_median)
        a, b = interleaved(mine.poll, theirs.poll, rounds=5)
        print("304", a, b, a.processor_median, b.processor_median)
        server.say("bare")
        a, b = interleaved(mine.poll, theirs.poll, rounds=5)
        print("same", a, b, a.processor_median, b.processor_median)
