"""While one outcome is committed the next envelope is named; its text waits for both. Claims grow with speed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from alerts.deliver import Accepted
from alerts.model.deliveries import Delivery, Outcome
from tests.deliver.memory_outbox import MemoryOutbox
from tests.deliver.relay import Relay, listening
from tests.deliver.scripted import Scripted, run, smtp


class Slow(MemoryOutbox):
    """An outbox that records the first outcome only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.recording, self.go_on = threading.Event(), threading.Event()
        self.fails = False

    def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
        self.recording.set()
        self.go_on.wait(10)
        if self.fails:
            raise OSError("the disk is gone")
        return super().settle(delivery_id, owner, outcome, now)


@pytest.fixture
def slow() -> Slow:
    outbox = Slow()
    outbox.fill(2)
    return outbox


async def second_named(relay: Relay, slow: Slow) -> None:
    """Wait until the second recipient is named and the first outcome is being recorded."""
    async with asyncio.timeout(10):
        while sum(each.startswith("RCPT") for each in relay.commands) < 2 or not slow.recording.is_set():
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


async def test_the_next_recipient_is_named_while_an_outcome_is_recorded_but_its_text_waits(slow: Slow) -> None:
    async with listening(Relay()) as relay:
        running = asyncio.create_task(run(slow, smtp(relay)))
        await second_named(relay, slow)
        assert relay.commands.count("DATA") == 1
        slow.go_on.set()
        report = await running
    assert report.sent == 2
    assert relay.commands.count("DATA") == 2
    assert relay.connections == 1


async def test_where_an_outcome_cannot_be_recorded_no_further_text_is_offered(slow: Slow) -> None:
    slow.fails = True
    async with listening(Relay()) as relay:
        running = asyncio.create_task(run(slow, smtp(relay)))
        await second_named(relay, slow)
        slow.go_on.set()
        with pytest.raises(OSError, match="disk"):
            await running
    assert relay.commands.count("DATA") == 1
    assert slow.rows[1].state == "in_data"  # sent, and nobody could write it down: it is in doubt, not lost


async def test_more_is_claimed_at_once_where_it_goes_out_quickly() -> None:
    limits: list[int] = []

    class Counting(MemoryOutbox):
        def claim(self, *args: Any, limit: int, **named: Any) -> Sequence[Delivery]:
            limits.append(limit)
            return super().claim(*args, limit=limit, **named)

    outbox = Counting()
    outbox.fill(400)
    report = await run(outbox, Scripted(lambda delivery: Accepted(), sessions=2))
    assert report.sent == 400
    assert limits[:6] == [10, 20, 40, 80, 100, 100]


async def test_where_messages_go_out_slowly_few_are_claimed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.deliver.worker.QUICKLY_S", 0.0)
    limits: list[int] = []

    class Counting(MemoryOutbox):
        def claim(self, *args: Any, limit: int, **named: Any) -> Sequence[Delivery]:
            limits.append(limit)
            return super().claim(*args, limit=limit, **named)

    outbox = Counting()
    outbox.fill(40)
    await run(outbox, Scripted(lambda delivery: Accepted()))
    assert limits == [10] * 5
