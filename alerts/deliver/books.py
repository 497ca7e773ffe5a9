"""The outbox as a worker's sessions use it: the loop never blocked, one writer, commits shared where possible."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar, cast

from alerts.deliver.outbox import GroupingOutbox, Outbox, Work
from alerts.model.deliveries import Delivery, Outcome

Clock = Callable[[], datetime]
P = ParamSpec("P")
T = TypeVar("T")


class Books:
    """An outbox, called in a thread of its own: one writer, so that commits never wait for one another's locks.

    While one commit is under way, what other sessions ask is gathered and done in the next, if the outbox can.
    """

    def __init__(self, outbox: Outbox, owner: str, clock: Clock, thread: ThreadPoolExecutor) -> None:
        self.clock = clock
        self._outbox, self._owner, self._thread = outbox, owner, thread
        self._asked: list[tuple[Work, asyncio.Future[object]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def stopped(self) -> str:
        """See `Outbox.stopped`."""
        return await self._call(self._outbox.stopped)

    async def claim(self, lease_s: float, limit: int, transport: str) -> Sequence[Delivery]:
        """See `Outbox.claim`."""
        now = self.clock()
        return await self._call(self._outbox.claim, self._owner, now, lease_s=lease_s, limit=limit, transport=transport)

    async def message(self, delivery: Delivery) -> bytes:
        """See `Outbox.message`."""
        return await self._call(self._outbox.message, delivery)

    async def enter_data(self, delivery: Delivery) -> bool:
        """See `Outbox.enter_data`."""
        now = self.clock()
        return cast(bool, await self._write(lambda outbox: outbox.enter_data(delivery.id, self._owner, now)))

    async def settle(self, delivery: Delivery, outcome: Outcome) -> bool:
        """See `Outbox.settle`."""
        now = self.clock()
        return cast(bool, await self._write(lambda outbox: outbox.settle(delivery.id, self._owner, outcome, now)))

    async def release(self) -> int:
        """See `Outbox.release`; after everything that was asked before."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
        return await self._call(self._outbox.release, self._owner, self.clock())

    async def _call(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **named))

    async def _write(self, work: Work) -> object:
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._asked.append((work, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, []
            wanted = [(work, answer) for work, answer in asked if not answer.cancelled()]
            if len(wanted) > 1 and isinstance(self._outbox, GroupingOutbox):
                await self._write_together(self._outbox, wanted)
            else:
                for work, answer in wanted:
                    await self._write_one(work, answer)

    async def _write_together(
        self, outbox: GroupingOutbox, asked: Sequence[tuple[Work, asyncio.Future[object]]]
    ) -> None:
        """Do all in one transaction; when that fails nothing was written, and each is tried alone."""
        try:
            results = await self._call(outbox.together, [work for work, _ in asked])
        except Exception:  # noqa: BLE001 (each is tried again alone and told its own failure)
            for work, answer in asked:
                await self._write_one(work, answer)
            return
        for (_, answer), result in zip(asked, results, strict=True):
            if not answer.done():
                answer.set_result(result)

    async def _write_one(self, work: Work, answer: asyncio.Future[object]) -> None:
        try:
            result = await self._call(work, self._outbox)
        except Exception as failed:  # noqa: BLE001 (told to whoever asked)
            if not answer.done():
                answer.set_exception(failed)
            return
        if not answer.done():
            answer.set_result(result)
