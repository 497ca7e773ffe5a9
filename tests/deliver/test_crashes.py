"""A process that dies at any step of the worker: nothing lost, nothing doubled but what was in flight."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from alerts.deliver import Accepted, Answer, BeforeData, Pace, Withdrawn, deliver_pending
from alerts.model.deliveries import Delivery
from tests.deliver.memory_outbox import START, MemoryOutbox

READERS = 8
STEPS = ("stopped", "claim", "message", "enter_data", "text", "settle")


class Death(Exception):
    """The process is gone: nothing it does after this has any effect."""


class Mortal:
    """An outbox and a transport of one process, dead from its nth step on."""

    name = "mortal"

    def __init__(self, outbox: MemoryOutbox, arrived: list[int], *, dies_at: int, before: bool, sessions: int) -> None:
        self.pace = Pace(sessions=sessions)
        self._outbox, self._arrived = outbox, arrived
        self._left, self._before, self.is_dead = dies_at, before, False

    def _step(self, work: Callable[[], Any]) -> Any:
        if self.is_dead:
            raise Death
        self._left -= 1
        if self._left == 0 and self._before:
            self.is_dead = True
            raise Death
        result = work()
        if self._left == 0:
            self.is_dead = True
            raise Death
        return result

    def stopped(self) -> str:
        return str(self._step(self._outbox.stopped))

    def claim(self, owner: str, now: Any, **named: Any) -> Sequence[Delivery]:
        claimed: Sequence[Delivery] = self._step(lambda: self._outbox.claim(owner, now, **named))
        return claimed

    def message(self, delivery: Delivery) -> bytes:
        return bytes(self._step(lambda: self._outbox.message(delivery)))

    def enter_data(self, *args: Any) -> bool:
        return bool(self._step(lambda: self._outbox.enter_data(*args)))

    def settle(self, *args: Any) -> bool:
        return bool(self._step(lambda: self._outbox.settle(*args)))

    def release(self, *args: Any) -> int:
        return int(self._step(lambda: self._outbox.release(*args)))

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        if not await before_data():
            return Withdrawn()
        await asyncio.sleep(0)
        self._step(lambda: self._arrived.append(delivery.id))
        return Accepted()

    async def close(self) -> None:
        pass


async def live_once(outbox: MemoryOutbox, arrived: list[int], tick: int, **fate: Any) -> bool:
    """Run one process to its end; True when it died."""
    process = Mortal(outbox, arrived, **fate)
    now = START + timedelta(hours=tick)
    outbox.sweep(now)
    try:
        await deliver_pending(
            process,
            process,
            clock=lambda: now,
            stop=asyncio.Event(),
            owner=f"process {tick}",
            rng=Random(tick),
            batch=3,
        )
    except Death:
        return True
    return process.is_dead


@pytest.mark.parametrize("sessions", [1, 3])
@pytest.mark.parametrize("before", [True, False])
async def test_a_death_at_any_step_loses_nothing_and_doubles_only_what_was_in_flight(
    before: bool, sessions: int
) -> None:
    deaths = 0
    for dies_at in range(1, READERS * 4 + 12):
        outbox, arrived = MemoryOutbox(), list[int]()
        outbox.fill(READERS)
        died = await live_once(outbox, arrived, 0, dies_at=dies_at, before=before, sessions=sessions)
        in_flight = {row.id for row in outbox.rows.values() if row.state == "in_data"}
        deaths += died
        await live_once(outbox, arrived, 1, dies_at=10**9, before=before, sessions=sessions)
        assert outbox.states() == {"sent": READERS}
        counts = Counter(arrived)
        assert set(counts) == set(range(1, READERS + 1))
        assert {each for each, times in counts.items() if times > 1} <= in_flight
        assert max(counts.values()) <= 2
        assert len(in_flight) <= sessions
    assert deaths > READERS * 3


async def test_a_process_that_dies_again_and_again_gets_everything_out_in_the_end() -> None:
    rng = Random(20261124)
    outbox, arrived = MemoryOutbox(), list[int]()
    outbox.fill(60)
    tick = 0
    while set(outbox.states()) != {"sent"}:
        await live_once(outbox, arrived, tick, dies_at=rng.randint(1, 60), before=rng.random() < 0.5, sessions=2)
        tick += 1
        assert tick < 200
    counts = Counter(arrived)
    assert set(counts) == set(range(1, 61))
    assert sum(counts.values()) - 60 <= tick * 2
