"""The worker: claim, talk, settle, one message at a time for each session, no transaction of its own open as it talks.

What is written before each step decides what a crash can do. Before the claim: nothing. Claimed: the lease ends and
another claims it. In DATA, committed before the command: it may have gone out, so it is counted and sent again with
the same bytes. Settled: done. `Outbox` keeps these promises in the store; this module keeps their order.

While the outcome of one message is committed, its session already names sender and recipient of the next; it enters
DATA only when both that outcome and "in DATA" are committed (decision 15). So each session has at most one in doubt.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any

from alerts.deliver.books import Books, Claimed
from alerts.deliver.decisions import decide
from alerts.deliver.errors import BytesChanged, DeliveryBroke, TransportDown
from alerts.deliver.outbox import Outbox
from alerts.deliver.report import DeliverReport, Progress
from alerts.deliver.settlement import Settlement
from alerts.deliver.transport import Answer, Silence, Transport, Withdrawn
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery, Outcome

LEASE_S = 900.0
"""Outlives the whole conversation: shorter, and two workers have been seen to send the same messages."""
DIALOGUE_S = 720.0
MARGIN_S = 60.0
GRACE_S = 30.0
BATCH = 10
"""So many are claimed at first; where they go out quickly twice as many the next time, up to `LARGEST_BATCH`."""
LARGEST_BATCH = 100
QUICKLY_S = 2.0

Clock = Callable[[], datetime]


async def deliver_pending(
    outbox: Outbox,
    transport: Transport,
    *,
    clock: Clock,
    stop: asyncio.Event,
    owner: str,
    rng: Random | None = None,
    lease_s: float = LEASE_S,
    batch: int = BATCH,
    grace_s: float = GRACE_S,
    on_settled: Callable[[Delivery, Outcome], None] | None = None,
) -> DeliverReport:
    """Send what is due until nothing is, `stop` is set, the panic switch is on, or the relay must rest.

    `owner` must be unlike that of every other worker. After `stop` nothing more is claimed; what is in flight has
    `grace_s` seconds to finish, the rest is given back. Keep the same transport between calls: its pace remembers
    rests. Raises what the outbox raises, after everything was given back.
    """
    if transport.pace.rests_s:
        return DeliverReport(rests_s=transport.pace.rests_s, rest_reason="The mail server is being left alone.")
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox") as thread:
        books = Books(outbox, owner, clock, thread)
        progress = Progress()
        settlement = Settlement(
            books.settle,
            transport.pace,
            progress,
            clock=clock,
            rng=rng or Random(),  # noqa: S311 (spreads retries, keeps no secret)
            on_settled=on_settled,
        )
        run = _Run(books, transport, settlement, progress, stop, lease_s, batch)
        try:
            await run.sessions(grace_s)
        finally:
            await _to_its_end(run.wind_up())
    if run.failure is not None:
        raise run.failure
    return progress.report(rests_s=transport.pace.rests_s)


class _Run:
    """One run of the worker: the queue that its sessions share."""

    def __init__(
        self,
        books: Books,
        transport: Transport,
        settlement: Settlement,
        progress: Progress,
        stop: asyncio.Event,
        lease_s: float,
        batch: int,
    ) -> None:
        self.failure: BaseException | None = None
        self._books, self._transport, self._settlement, self._progress = books, transport, settlement, progress
        self._stop, self._lease_s, self._batch = stop, lease_s, batch
        self._is_drained = False
        self._offered: set[int] = set()  # each once a run, whatever the outbox says: no message can be sent in a circle
        self._queue: deque[Claimed] = deque()
        self._claiming = asyncio.Lock()
        self._claimed_at = float("-inf")

    async def sessions(self, grace_s: float) -> None:
        """Run as many sessions as the transport's pace allows, until all are done or the grace after `stop` is over."""
        tasks = [asyncio.create_task(self._session()) for _ in range(max(1, self._transport.pace.sessions))]
        working = asyncio.ensure_future(asyncio.wait(tasks))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([working], timeout=grace_s)
        finally:
            for task in (*tasks, working, stopping):
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                    self.failure = self.failure or result

    async def wind_up(self) -> None:
        """Settle what was kept back, give back what was not begun, close connections; if one fails, do the others."""
        try:
            await self._settlement.settle_unsure()
            await self._settlement.recorded()
        except Exception as failed:  # noqa: BLE001 (raised when the run is over)
            self.failure = self.failure or failed
        try:
            self._progress.released = await self._books.release()
        except Exception as failed:  # noqa: BLE001 (raised when the run is over)
            self.failure = self.failure or failed
        await self._transport.close()

    async def _session(self) -> None:
        recording: asyncio.Future[None] | None = None
        try:
            while (claimed := await self._next()) is not None:
                if not await self._transport.pace.turn(self._stop):
                    break
                recording = await self._deliver(claimed, recording)
            await _done(recording)
        except Exception:
            self._is_drained = True  # the others finish what they have, and nothing more is claimed
            raise

    async def _next(self) -> Claimed | None:
        async with self._claiming:
            if self._is_drained or self._settlement.must_rest or self._stop.is_set():
                return None
            if not self._queue:
                self._queue.extend(each for each in await self._claim() if each.delivery.id not in self._offered)
            if not self._queue:
                self._is_drained = True
                return None
            claimed = self._queue.popleft()
            self._offered.add(claimed.delivery.id)
            return claimed

    async def _claim(self) -> Sequence[Claimed]:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._claimed_at < QUICKLY_S:
            self._batch = min(self._batch * 2, LARGEST_BATCH)
        slack_s = max(self._lease_s - DIALOGUE_S - MARGIN_S, 1.0)
        limit = min(self._batch, self._transport.pace.fits(slack_s))
        found = await self._books.claim(self._lease_s, limit, self._transport.name)
        self._claimed_at = now_s
        self._progress.stopped_by = found.stopped_by
        return found.claimed

    async def _deliver(self, claimed: Claimed, recording: asyncio.Future[None] | None) -> asyncio.Future[None] | None:
        """Offer one message, while the outcome of the one before is being recorded; return the recording of its own."""
        delivery = claimed.delivery
        if self._is_stale(delivery):
            return recording
        message = claimed.message
        if isinstance(message, AlertsError):
            await _done(self._settlement.hold_alone(delivery, message))
            return recording
        if hashlib.sha256(message).hexdigest() != delivery.sha256:
            sentence = f"Delivery {delivery.id} no longer has the bytes that were frozen with it, and is not sent."
            await _done(self._settlement.hold_alone(delivery, BytesChanged(sentence)))
            return recording
        answer = await self._offer(delivery, message, recording)
        if isinstance(answer, Withdrawn):
            self._progress.withdrawn += 1
        elif answer is not None:
            outcome = decide(delivery, answer, self._books.clock(), self._settlement.rng, lease_s=self._lease_s)
            return self._settlement.settle(delivery, outcome)
        return recording

    def _is_stale(self, delivery: Delivery) -> bool:
        """True when the lease would not outlive the conversation: the delivery is given back when the run ends."""
        now = self._books.clock()
        needed_s = min(DIALOGUE_S, self._lease_s * DIALOGUE_S / LEASE_S)
        return (delivery.lease_until or now) - now < timedelta(seconds=needed_s)

    async def _offer(self, delivery: Delivery, message: bytes, recording: asyncio.Future[None] | None) -> Answer | None:
        """Send, and return the answer; `None` when the delivery stays claimed or was held here."""
        entered = False
        failure_of_books: list[Exception] = []

        async def before_data() -> bool:
            nonlocal entered
            try:
                entered = await self._books.enter_data(delivery)
                await _done(recording)
            except Exception as failed:
                failure_of_books.append(failed)
                raise
            return entered

        try:
            return await self._transport.send(delivery, message, before_data)
        except asyncio.CancelledError:
            self._progress.unanswered += entered
            raise
        except Exception as failed:
            if failure_of_books:
                raise
            if entered:
                return Silence(f"{type(failed).__name__} while the text was handed over.")
            if isinstance(failed, TransportDown):
                self._settlement.rest(failed)
                return None
            if isinstance(failed, AlertsError):
                raise
            sentence = f"Delivery {delivery.id} failed in a way the service does not know: {type(failed).__name__}."
            await _done(self._settlement.hold_alone(delivery, DeliveryBroke(sentence)))
            return None


async def _done(recording: asyncio.Future[None] | None) -> None:
    """Await a recording, which goes on though whoever awaits it is cancelled."""
    if recording is not None:
        await asyncio.shield(recording)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await `work` even when the task awaiting it is cancelled, which is then told on."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await task
        raise
