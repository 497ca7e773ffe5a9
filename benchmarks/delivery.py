"""How fast an issue is sent: against the naive way of making mails, and against bare aiosmtplib.

    python -m benchmarks delivery [--quick]

One issue of 30 items. Against the naive way (Jinja2, premailer and EmailMessage for every reader) the whole of it
counts on our side: the drawing, each reader's own fields and SHA-256 as `publish` freezes them, and the worker sending
10,000 messages into a sink that takes them and does nothing; every message is looked at afterwards. Against bare
aiosmtplib both sides talk to the same SMTP sink in a process of its own, over as many connections: theirs sends
finished bytes, ours claims, assembles, compares the SHA-256, enters DATA and settles; first with the outbox in memory,
then in an SQLite file as it ships (`synchronous=FULL`). The sink must have taken the same bytes from both. Medians of
interleaved runs, smallest and largest in brackets.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import aiosmtplib

from alerts.deliver import (
    Accepted,
    Answer,
    BeforeData,
    DeliverReport,
    Pace,
    SmtpSettings,
    SmtpTransport,
    deliver_pending,
)
from alerts.model.deliveries import Delivery, Entering, Outcome, Step
from alerts.pipeline.deliver import StoredOutbox
from alerts.render import assemble
from alerts.store import Store, open_store
from benchmarks import mailing
from benchmarks.smtp_sink import HOST, Sink
from benchmarks.timing import Timed, interleaved, row

NAIVE_SAMPLE = 50
LINK = re.compile(r"<(https://\S+/leave/\S+)>")


class NullSink:
    """A transport that takes everything and keeps the bytes."""

    name = "null"

    def __init__(self) -> None:
        self.pace = Pace(sessions=4)
        self.taken: list[bytes] = []

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        """Take a message."""
        assert await before_data()
        self.taken.append(message)
        return Accepted()

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class MemoryOutbox:
    """An outbox without a database: what the worker itself costs."""

    skeleton: bytes
    waiting: deque[Delivery]
    sent: int = 0
    claimed: dict[int, str] = field(default_factory=dict)

    def stopped(self) -> str:
        """See `Outbox`; never."""
        return ""

    def claim(self, owner: str, now: datetime, *, lease_s: float, limit: int, transport: str) -> Sequence[Delivery]:
        """See `Outbox`."""
        until = now + timedelta(seconds=lease_s)
        some = [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]
        self.claimed.update((each.id, "claimed") for each in some)
        return [replace(each, state="claimed", owner=owner, lease_until=until, attempts=1) for each in some]

    def message(self, delivery: Delivery) -> bytes:
        """See `Outbox`."""
        return assemble(self.skeleton, dict(delivery.fields))

    def enter_data(self, delivery_id: int, owner: str, now: datetime) -> bool:
        """See `Outbox`."""
        assert self.claimed[delivery_id] == "claimed"
        self.claimed[delivery_id] = "in_data"
        return True

    def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
        """See `Outbox`."""
        assert self.claimed.pop(delivery_id) == "in_data"
        self.sent += outcome.state == "sent"
        return True

    def together(self, owner: str, steps: Sequence[Step]) -> Sequence[bool]:
        """See `GroupingOutbox`."""
        return [
            self.enter_data(each.delivery_id, owner, each.at)
            if isinstance(each, Entering)
            else self.settle(each.delivery_id, owner, each.outcome, each.at)
            for each in steps
        ]

    def release(self, owner: str, now: datetime) -> int:
        """See `Outbox`."""
        return len(self.claimed)


def system_clock() -> datetime:
    """Return the moment, as the service's own clock does."""
    return datetime.now(UTC)


def send(outbox: MemoryOutbox | StoredOutbox, transport: NullSink | SmtpTransport) -> DeliverReport:
    """Send all that waits."""
    work = deliver_pending(outbox, transport, clock=system_clock, stop=asyncio.Event(), owner="benchmark")
    return asyncio.run(work)


# (a) Against the naive way.


def ours_into_nothing(readers: int) -> NullSink:
    """Draw the issue, freeze a delivery for every reader, and send them all."""
    issue = mailing.draw()
    outbox = MemoryOutbox(issue.skeleton, deque(mailing.deliveries_of(issue, readers)))
    sink = NullSink()
    report = send(outbox, sink)
    assert report.sent == outbox.sent == readers
    return sink


def check_own(sink: NullSink, readers: int) -> str:
    """Check that each message has a To, a Message-ID and a link for leaving that no other has; return a line."""
    seen: tuple[set[str], set[str], set[str]] = (set(), set(), set())
    for each in sink.taken:
        made = message_from_bytes(each, policy=policy.default)
        link = LINK.search(str(made["List-Unsubscribe"]))
        assert link is not None
        for values, value in zip(seen, (str(made["To"]), str(made["Message-ID"]), link.group(1)), strict=True):
            values.add(value)
        assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [len(values) for values in seen] == [readers] * 3, [len(values) for values in seen]
    return f"{readers:,} messages of {len(sink.taken[0]) / 1000:.0f} kB, each with its own To, Message-ID and link"


def against_naive(readers: int) -> None:
    """Compare the whole of ours with the naive way for as many readers, from a sample of it."""
    mailing.check_same_words(mailing.naive(0), ours_into_nothing(1).taken[0])
    line = check_own(ours_into_nothing(readers), readers)
    naive, mine = interleaved(
        lambda: [mailing.naive(nth) for nth in range(NAIVE_SAMPLE)], partial(ours_into_nothing, readers), rounds=3
    )
    each_ms = naive.median * 1000 / NAIVE_SAMPLE
    print(f"{line}\n   naive {each_ms:.1f} ms a message (of {NAIVE_SAMPLE}); ours {mine} for all")
    ratio = naive.median / NAIVE_SAMPLE * readers / mine.median
    print(row("into nothing: naive / ours", ratio, 100, at_most=False), flush=True)


# (b) Against bare aiosmtplib.


async def bare(port: int, finished: Sequence[tuple[str, bytes]], sessions: int) -> None:
    """Send finished bytes over so many connections, as aiosmtplib does it."""
    waiting = deque(finished)

    async def one() -> None:
        client = aiosmtplib.SMTP(hostname=HOST, port=port, use_tls=False, start_tls=False, local_hostname="a.example")
        async with client:
            while waiting:
                recipient, message = waiting.popleft()
                await client.sendmail(mailing.SENDER, [recipient], message)

    await asyncio.gather(*(one() for _ in range(sessions)))


def transport_to(port: int, sessions: int) -> SmtpTransport:
    """Return our transport to the sink, with no pause between messages."""
    settings = SmtpSettings(HOST, port, tls="none", per_minute=0, helo="a.example", sessions=sessions)
    return SmtpTransport(settings)


class Desk:
    """A database with the issue published and nothing sent; each run begins with a fresh copy of the file."""

    def __init__(self, folder: Path, issue: mailing.Drawn, readers: int) -> None:
        self.path, self._fresh = folder / "alerts.sqlite3", folder / "fresh.sqlite3"
        with opened(self.path) as store:
            mailing.publish(store, issue, readers)
        shutil.copy(self.path, self._fresh)

    def renew(self) -> None:
        """Forget everything that was sent."""
        for each in self.path.parent.glob(f"{self.path.name}*"):
            each.unlink()
        shutil.copy(self._fresh, self.path)

    def send(self, transport: SmtpTransport, readers: int) -> None:
        """Send everything, and check that the store says so."""
        with opened(self.path) as store:
            report = send(StoredOutbox(store), transport)
            assert report.sent == readers, report


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open a store, and close it afterwards."""
    store = open_store(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()


def compare(sink: Sink, desk: Desk, issue: mailing.Drawn, readers: int, sessions: int, rounds: int) -> None:
    """Compare the same messages over as many connections: bare, with the outbox in memory, and with it in SQLite."""
    deliveries = mailing.deliveries_of(issue, readers)
    finished = [(each.address, assemble(issue.skeleton, dict(each.fields))) for each in deliveries]

    def theirs() -> None:
        asyncio.run(bare(sink.port, finished, sessions))

    def in_memory() -> None:
        report = send(MemoryOutbox(issue.skeleton, deque(deliveries)), transport_to(sink.port, sessions))
        assert report.sent == readers, report

    def in_sqlite() -> None:
        desk.send(transport_to(sink.port, sessions), readers)

    jobs = (theirs, in_memory, in_sqlite)
    wanted = {recipient: hashlib.sha256(message).hexdigest() for recipient, message in finished}
    for job in jobs:
        desk.renew()
        job()
        assert sink.taken() == wanted, job

    def before(_: int) -> None:
        sink.taken()
        desk.renew()

    timed = interleaved(*jobs, rounds=rounds, before=before)
    sink.taken()
    tell(timed, readers, sessions)


def tell(timed: Sequence[Timed], readers: int, sessions: int) -> None:
    """Print what was measured over one number of connections."""
    for name, each in zip(("aiosmtplib", "memory", "SQLite"), timed, strict=True):
        pace = readers / each.median
        print(f"   {name:10} {each}; {each.processor_median * 1000:.0f} ms of processor time; {pace:.0f} a second")
    theirs, memory, sqlite = (each.median for each in timed)
    what = f"{sessions} connection{'s' if sessions > 1 else ''}: aiosmtplib /"
    print(row(f"{what} ours, outbox in memory", theirs / memory, 0.9, at_most=False))
    if sessions > 1:
        print(row(f"{what} ours, outbox in SQLite", theirs / sqlite, 0.5, at_most=False), flush=True)
    else:
        print(f"   {what} ours, outbox in SQLite: {theirs / sqlite:.2f} ×", flush=True)


def main() -> None:
    """Run everything; `--quick` takes a tenth of the readers."""
    quick = "--quick" in sys.argv
    against_naive(1_000 if quick else 10_000)
    readers = 200 if quick else 1_000
    issue = mailing.draw()
    with TemporaryDirectory() as name, Sink() as sink:
        desk = Desk(Path(name), issue, readers)
        for sessions in (1, 4):
            compare(sink, desk, issue, readers, sessions, 5 if quick else 9)
