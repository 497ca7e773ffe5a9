"""Kill and stop delivering processes at random points, and count what arrived.

    python -m tests.deliver.killing [--points 200] [--stops 100] [--readers 1000]

Real processes send an issue through a real conversation to a mail server on loopback, over SQLite (one process, four
sessions) and PostgreSQL (two processes, eight sessions each). A run of so many readers is interrupted twenty times, at
random points: when so many messages have been taken, and up to 30 ms later. What is killed is started again at once;
the clock of the processes stands, and moves an hour, past every lease, whenever all of them have ended. Counted are
readers without the message (lost), with it twice though it was not in DATA when a process was killed (doubled), and
with it twice because it was (in flight: those must carry the same bytes). After SIGTERM a process must leave with 0,
and nobody gets anything twice. `tests/deliver/test_killed.py` does the same in small.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from alerts.store import Store, deliveries, open_store
from benchmarks import mailing
from tests.databases import postgresql_server
from tests.deliver import one_process
from tests.deliver.relay import Relay, listening

PROCESSES = get_context("forkserver")
"""New processes, made by one that has read the program and done nothing with it: each begins in a moment."""
PROCESSES.set_forkserver_preload(["tests.deliver.one_process"])
A_RUN = 20
"""So many points of one run of all readers."""
ALL_DIE = 4
"""Of two processes one is killed and the other goes on; every fourth time both."""
LEAVING_S = 300.0


@dataclass(slots=True)
class Tally:
    """What came of one or several runs."""

    points: int = 0
    messages: int = 0
    lost: int = 0
    doubled: int = 0
    in_flight: int = 0
    most_in_doubt: int = 0
    other_bytes: int = 0
    wrong_exits: list[int] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another run's."""
        for name in ("points", "messages", "lost", "doubled", "in_flight", "other_bytes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.most_in_doubt = max(self.most_in_doubt, other.most_in_doubt)
        self.wrong_exits += other.wrong_exits

    @property
    def is_well(self) -> bool:
        """True when every promise was kept."""
        return not (self.lost or self.doubled or self.other_bytes or self.wrong_exits)

    def __str__(self) -> str:
        return (
            f"{self.points} points, {self.messages:,} readers: {self.lost} lost, {self.doubled} doubled, "
            f"{self.in_flight} in flight and sent again, {self.other_bytes} with other bytes, at most "
            f"{self.most_in_doubt} in doubt at a point; {len(self.wrong_exits)} processes left wrongly"
        )


@dataclass(slots=True)
class Run:
    """One issue to all readers, and the processes that send it. `replicas` are at work at once."""

    store: Store
    address: str
    folder: Path
    readers: int
    rng: Random
    sessions: int = 4
    replicas: int = 1
    relay: Relay = field(default_factory=Relay)
    hour: int = 0
    doubtful: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)

    async def interrupt(self, points: int, with_signal: signal.Signals) -> Tally:
        """Publish, send, interrupt at so many points, send the rest, and count."""
        mailing.publish(self.store, mailing.draw(2), self.readers)
        self.relay.pause = self._breathe
        async with listening(self.relay):
            at_work = [self._start() for _ in range(self.replicas)]
            for nth, point in enumerate(sorted(self.rng.sample(range(self.readers - points), points)), 1):
                self.rng.shuffle(at_work)
                await self._wait_for(point, at_work[0])
                await asyncio.sleep(self.rng.random() * 0.03)
                await self._end(at_work.pop(), with_signal)
                if nth % ALL_DIE == 0:
                    while at_work:
                        await self._end(at_work.pop(), with_signal)
                if not at_work:
                    self.hour += 1
                at_work += [self._start() for _ in range(self.replicas - len(at_work))]
            for each in at_work:
                await self._see_off(each, 0)
            self.hour += 1
            await self._see_off(self._start(), 0)
        return self._count()

    async def _breathe(self) -> None:
        await asyncio.sleep(0.002)

    def _start(self) -> ForkServerProcess:
        arguments = (self.address, str(self.folder), self.relay.port, self.hour, self.sessions)
        process = PROCESSES.Process(target=one_process.main, args=arguments)
        process.start()
        return process

    async def _wait_for(self, point: int, process: ForkServerProcess) -> None:
        """Wait until so many texts were taken, or the process has nothing more to do."""
        before = len(self.relay.texts)  # where the point has gone by meanwhile: the next message
        while len(self.relay.texts) < max(point, before + 1) and process.exitcode is None:
            await asyncio.sleep(0.001)

    async def _end(self, process: ForkServerProcess, with_signal: signal.Signals) -> None:
        if process.exitcode is None and process.pid is not None:
            os.kill(process.pid, with_signal)
            self.tally.points += 1
            await self._see_off(process, 0 if with_signal == signal.SIGTERM else -with_signal)
        with self.store.read() as conn:
            found = deliveries.listing(conn, state="in_data", limit=10_000)
            claimed = deliveries.listing(conn, state="claimed", limit=10_000)
        in_doubt = [each.address for each in found if f":{process.pid}:" in each.owner]
        if with_signal == signal.SIGTERM and [each for each in claimed if f":{process.pid}:" in each.owner]:
            self.tally.wrong_exits.append(-1)  # it kept what it had not begun
        self.tally.most_in_doubt = max(self.tally.most_in_doubt, len(in_doubt))
        self.doubtful.update(in_doubt)

    async def _see_off(self, process: ForkServerProcess, wanted: int) -> None:
        async with asyncio.timeout(LEAVING_S):
            while (code := process.exitcode) is None:
                await asyncio.sleep(0.005)
        if code != wanted:
            self.tally.wrong_exits.append(code)

    def _count(self) -> Tally:
        tally = self.tally
        tally.messages = self.readers
        with self.store.read() as conn:
            states = deliveries.counts(conn)
        times = Counter(self.relay.recipients)
        wanted = {mailing.address_of(nth) for nth in range(self.readers)}
        tally.lost = len(wanted - times.keys()) + sum(states.values()) - states.get("sent", 0)
        again = {address: count - 1 for address, count in times.items() if count > 1}
        tally.doubled = sum(max(0, more - self.doubtful[address]) for address, more in again.items())
        tally.in_flight = sum(again.values()) - tally.doubled
        versions: dict[str, set[bytes]] = {}
        for _, recipient, text in self.relay.accepted:
            versions.setdefault(recipient, set()).add(text)
        tally.other_bytes = sum(len(each) - 1 for each in versions.values())
        return tally


async def on_sqlite(points: int, readers: int, seed: int, with_signal: signal.Signals) -> Tally:
    """Interrupt one run of one process with four sessions over an SQLite file."""
    with tempfile.TemporaryDirectory() as name:
        address = f"sqlite:///{name}/alerts.sqlite3"
        store = open_store(address)
        try:
            return await Run(store, address, Path(name), readers, Random(seed)).interrupt(points, with_signal)
        finally:
            store.close()


async def on_postgresql(server: str, points: int, readers: int, seed: int) -> Tally:
    """Kill in one run of two processes with eight sessions each over a new database on a PostgreSQL server."""
    from sqlalchemy import create_engine, make_url, text

    database = f"alerts_killing_{os.getpid()}_{seed}"
    address = make_url(server).set(database=database).render_as_string(hide_password=False)
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {database}"))
    with tempfile.TemporaryDirectory() as name:
        store = open_store(address, state_dir=Path(name))
        try:
            run = Run(store, address, Path(name), readers, Random(seed), sessions=8, replicas=2)
            return await run.interrupt(points, signal.SIGKILL)
        finally:
            store.close()
            with engine.connect() as conn:
                conn.execute(text(f"DROP DATABASE {database} WITH (FORCE)"))
            engine.dispose()


def main() -> None:
    """Run everything and print the figures; leave with 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(description="Kill and stop delivering processes, and count what arrived.")
    for name, number, what in (
        ("points", 200, "kills on each database"), ("stops", 100, "SIGTERMs"), ("readers", 1000, "readers of a run"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=number, help=what)
    chosen = parser.parse_args()
    kinds = ("kill -9, SQLite", "kill -9, two on PostgreSQL", "SIGTERM, SQLite")
    figures = {name: Tally() for name in kinds}
    with postgresql_server() as server:
        for name, points in zip(kinds, (chosen.points, chosen.points, chosen.stops), strict=True):
            for seed in range(-(-points // A_RUN)):
                some = min(A_RUN, points - seed * A_RUN)
                if name == kinds[1]:
                    work = on_postgresql(server, some, chosen.readers, seed)
                else:
                    sent = signal.SIGTERM if name == kinds[2] else signal.SIGKILL
                    work = on_sqlite(some, chosen.readers, seed, sent)
                figures[name].add(asyncio.run(work))
                print(f"   {name}: {figures[name]}", file=sys.stderr, flush=True)
    for name, tally in figures.items():
        print(f"{name}: {tally}")
    sys.exit(not all(tally.is_well for tally in figures.values()))


if __name__ == "__main__":
    main()
