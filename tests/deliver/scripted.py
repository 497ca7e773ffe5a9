"""A worker in tests: a clock that stands, a transport that answers as it is told, and ticks through days."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from alerts.deliver import (
    Accepted,
    Answer,
    BeforeData,
    DeliverReport,
    Pace,
    Refusal,
    Silence,
    SmtpSettings,
    SmtpTransport,
    Transport,
    deliver_pending,
)
from alerts.model.deliveries import Delivery
from tests.deliver.memory_outbox import START, MemoryOutbox
from tests.deliver.relay import Relay


class Wall:
    """A clock on the wall that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Scripted:
    """A transport that answers as it is told."""

    name = "scripted"

    def __init__(self, answer: Callable[[Delivery], Awaitable[Answer] | Answer], *, sessions: int = 1) -> None:
        self.pace = Pace(sessions=sessions)
        self.sent: list[int] = []
        self.offered: list[int] = []
        self._answer = answer

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        from alerts.deliver import Withdrawn

        self.offered.append(delivery.id)
        if not await before_data():
            return Withdrawn()
        answer = self._answer(delivery)
        answer = answer if isinstance(answer, Accepted | Refusal | Silence | Withdrawn) else await answer
        if isinstance(answer, Accepted):
            self.sent.append(delivery.id)
        return answer

    async def close(self) -> None:
        pass


def filled(count: int) -> MemoryOutbox:
    outbox = MemoryOutbox()
    outbox.fill(count)
    return outbox


async def run(outbox: MemoryOutbox, transport: Transport, wall: Wall | None = None, **changes: Any) -> DeliverReport:
    arguments: dict[str, Any] = {"clock": wall or Wall(), "stop": asyncio.Event(), "owner": "me", "rng": Random(1)}
    return await deliver_pending(outbox, transport, **{**arguments, **changes})


def smtp(relay: Relay, **changes: Any) -> SmtpTransport:
    start: dict[str, Any] = {
        "host": "localhost",
        "port": relay.port,
        "tls": "none",
        "per_minute": 0,
        "helo": "a.example",
    }
    settings = SmtpSettings(**{**start, "before_s": 5, "answer_s": 5, **changes})
    pace = Pace(sessions=settings.sessions, rest_s=0.02, longest_rest_s=0.02, hold_s=0.02, longest_hold_s=0.02)
    pace.slow = lambda: None  # type: ignore[method-assign]  # the tests cannot wait; pace has its own
    return SmtpTransport(settings, pace=pace)


async def run_for_days(outbox: MemoryOutbox, transport: Transport, *, days: float = 8) -> list[DeliverReport]:
    """Tick through time as the service does, until nothing waits."""
    wall = Wall()
    reports: list[DeliverReport] = []
    end = START + timedelta(days=days)
    while wall.now < end and set(outbox.states()) & {"pending", "deferred", "claimed", "in_data"}:
        await asyncio.sleep(transport.pace.rests_s)
        outbox.sweep(wall.now)
        reports.append(await run(outbox, transport, wall, owner=f"tick {len(reports)}"))
        wall.now += timedelta(minutes=5)
    return reports


def by_message_id(texts: list[bytes]) -> dict[bytes, set[bytes]]:
    found: dict[bytes, set[bytes]] = {}
    for text in texts:
        found.setdefault(text.split(b"\r\n")[0], set()).add(text)
    return found
