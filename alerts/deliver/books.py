"""The outbox as a worker's sessions use it: the loop never blocked, one writer, commits shared where possible."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

from alerts.deliver.outbox import GroupingOutbox, Outbox
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery, Entering, Outcome, Settling, Step

Clock = Callable[[], datetime]
P = ParamSpec("P")
T = TypeVar("T")

SHARE_S = 0.01
"""How long an outcome may wait for the next message to enter DATA, so that one commit does for both."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for a while, with its bytes, or why there are none."""

    delivery: Delivery
    message: bytes | AlertsError


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed, or why all sending is stopped."""

    claimed: tuple[Claimed, ...] = ()
    stopped_by: str = ""


class Books:
    """An outbox, called in a thread of its own: one writer, so that commits never wait for one another's locks.

    While one commit is under way, what other sessions ask is gathered and done in the next, if the outbox can. An
    outcome waits a moment for company; nobody is answered before the commit.
    """

    def __init__(self, outbox: Outbox, owner: str, clock: Clock, thread: ThreadPoolExecutor) -> None:
        self.clock = clock
        self._outbox, self._owner, self._thread = outbox, owner, thread
        self._grouping = outbox if isinstance(outbox, GroupingOutbox) else None
        self._asked: list[tuple[Step, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None

    async def claim(self, lease_s: float, limit: int, transport: str) -> Claim:
        """Claim what is due with the bytes of each, unless all sending is stopped; see `Outbox.claim`."""
        return await self._call(self._claim, self.clock(), lease_s, limit, transport)

    async def enter_data(self, delivery: Delivery) -> bool:
        """See `Outbox.enter_data`."""
        answer = self._ask(Entering(delivery.id, self.clock()))
        self._write()
        return await answer

    def settle(self, delivery: Delivery, outcome: Outcome) -> asyncio.Future[bool]:
        """See `Outbox.settle`; written before everything that is asked after this call."""
        answer = self._ask(Settling(delivery.id, outcome, self.clock()))
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(SHARE_S, self._write)
        return answer

    async def release(self) -> int:
        """See `Outbox.release`; after everything that was asked before."""
        self._write()
        if self._writing is not None:
            await asyncio.wait({self._writing})
        return await self._call(self._outbox.release, self._owner, self.clock())

    def _claim(self, now: datetime, lease_s: float, limit: int, transport: str) -> Claim:
        stopped_by = self._outbox.stopped()
        if stopped_by:
            return Claim(stopped_by=stopped_by)
        found = self._outbox.claim(self._owner, now, lease_s=lease_s, limit=limit, transport=transport)
        return Claim(tuple(Claimed(each, self._message(each)) for each in found))

    def _message(self, delivery: Delivery) -> bytes | AlertsError:
        try:
            return self._outbox.message(delivery)
        except AlertsError as failed:
            return failed

    async def _call(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **named))

    def _ask(self, step: Step) -> asyncio.Future[bool]:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append((step, answer))
        return answer

    def _write(self) -> None:
        """Begin to write what was asked, unless that is going on already: then it comes next."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._asked and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, []
            wanted = [(step, answer) for step, answer in asked if not answer.cancelled()]
            if len(wanted) > 1 and self._grouping is not None:
                await self._write_together(self._grouping, wanted)
            else:
                for step, answer in wanted:
                    await self._write_one(step, answer)

    async def _write_together(self, outbox: GroupingOutbox, asked: Sequence[tuple[Step, asyncio.Future[bool]]]) -> None:
        """Do all in one transaction; when that fails nothing was written, and each is tried alone."""
        try:
            results = await self._call(outbox.together, self._owner, [step for step, _ in asked])
        except Exception:  # noqa: BLE001 (each is tried again alone and told its own failure)
            for step, answer in asked:
                await self._write_one(step, answer)
            return
        for (_, answer), result in zip(asked, results, strict=True):
            if not answer.done():
                answer.set_result(result)

    async def _write_one(self, step: Step, answer: asyncio.Future[bool]) -> None:
        try:
            result = await self._call(self._do, step)
        except Exception as failed:  # noqa: BLE001 (told to whoever asked)
            if not answer.done():
                answer.set_exception(failed)
            return
        if not answer.done():
            answer.set_result(result)

    def _do(self, step: Step) -> bool:
        if isinstance(step, Entering):
            return self._outbox.enter_data(step.delivery_id, self._owner, step.at)
        return self._outbox.settle(step.delivery_id, self._owner, step.outcome, step.at)
