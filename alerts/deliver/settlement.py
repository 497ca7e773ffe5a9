"""From an outcome to its record: what is final, what is kept back, what raises an alarm, how the relay is treated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from alerts.deliver.decisions import Tally, held_time, reaction
from alerts.deliver.errors import (
    DeliveryExpired,
    MessageRefused,
    MostRefused,
    NotRecorded,
    PerhapsDelivered,
    RelayHolds,
    TransportDown,
)
from alerts.deliver.pace import Pace
from alerts.deliver.report import Progress
from alerts.deliver.words import without_addresses
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery, Outcome

TRIES = 3
BETWEEN_TRIES_S = 1.0
LEASE_NEARLY_OVER = timedelta(seconds=60)

Clock = Callable[[], datetime]
Settled = tuple[Delivery, Outcome]


class Record(Protocol):
    """Begin to write an outcome, as `Outbox.settle` does, without blocking the loop."""

    def __call__(self, delivery: Delivery, outcome: Outcome) -> Awaitable[bool]:
        """Return whether the row was still ours, when that is committed."""
        ...


class Settlement:
    """Settles what the sessions of one run bring, and notes when the run must end because of it."""

    def __init__(
        self,
        record: Record,
        pace: Pace,
        progress: Progress,
        *,
        clock: Clock,
        rng: Random,
        on_settled: Callable[[Delivery, Outcome], None] | None = None,
    ) -> None:
        self.must_rest = False
        self._record, self._pace, self._progress = record, pace, progress
        self.rng = rng
        self._clock, self._on_settled = clock, on_settled
        self._tally = Tally()
        self._unsure: list[Settled] = []
        self._recording: set[asyncio.Future[None]] = set()

    def settle(self, delivery: Delivery, outcome: Outcome) -> asyncio.Future[None]:
        """Judge an outcome at once, and begin to record it; the answer is there when that is committed.

        A refusal that has yet to prove that it is the recipient's is kept back.
        """
        final_refusal = outcome.state == "failed" and outcome.scope == "recipient"
        if outcome.state == "sent":
            self._tally.note(accepted=True)
            self._pace.accepted()
        elif final_refusal or (outcome.state == "held" and outcome.scope == "message" and outcome.code):
            self._tally.note(accepted=False)
        if final_refusal:
            self._unsure.append((delivery, outcome))
            return self._record_all(self._reviewed())
        self._alarm(delivery, outcome)
        self._react(outcome)
        return self._record_all([(delivery, outcome), *self._reviewed()])

    async def settle_unsure(self) -> None:
        """Record every refusal that was kept back: there was no reason to think them the relay's."""
        await self._record_all(self._surely())

    async def recorded(self) -> None:
        """Wait until everything is recorded that was begun with, and raise what went wrong with any of it."""
        results = await asyncio.gather(*self._recording, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def hold_alone(self, delivery: Delivery, reason: AlertsError) -> asyncio.Future[None]:
        """Stop one delivery until a person acts; the others go on."""
        self._progress.alarm(reason)
        held = Outcome("held", f"{reason.code} {reason.sentence}", scope="message")
        return self._record_all([(delivery, held)])

    def rest(self, down: TransportDown) -> None:
        """Leave the relay alone, since it could not even be spoken to."""
        if down.held:
            self._progress.alarm(down)
            self._pace.hold()
        else:
            self._pace.rest()
        self._end(down.sentence)

    def _reviewed(self) -> list[Settled]:
        """Decide about the refusals kept back, as far as the answers so far allow; return what is to be recorded."""
        if self._tally.most_refused:
            return self._held()
        if self._tally.takes_mail or self._is_lease_nearly_over():
            return self._surely()
        return []

    def _surely(self) -> list[Settled]:
        unsure, self._unsure = self._unsure, []
        return unsure

    def _held(self) -> list[Settled]:
        unsure = self._surely()
        said = without_addresses(unsure[-1][1].words) if unsure else ""
        self._progress.alarm(MostRefused(f"The mail server refuses most recipients; all mail is held. {said}".strip()))
        self._pace.hold()
        self._end("The mail server refuses most recipients.")
        now = self._clock()
        return [
            (each, replace(outcome, state="held", scope="relay", retry_at=held_time(now, self.rng)))
            for each, outcome in unsure
        ]

    def _is_lease_nearly_over(self) -> bool:
        now = self._clock()
        return any((each.lease_until or now) - now < LEASE_NEARLY_OVER for each, _ in self._unsure)

    def _react(self, outcome: Outcome) -> None:
        match reaction(outcome):
            case "slow":
                self._pace.slow()
            case "rest":
                self._pace.rest()
                self._end(without_addresses(outcome.words))
            case "hold":
                self._pace.hold()
                self._end(without_addresses(outcome.words))
            case _:
                pass

    def _alarm(self, delivery: Delivery, outcome: Outcome) -> None:
        said = f"{outcome.code} {without_addresses(outcome.words)}".strip()
        if outcome.state == "expired":
            self._progress.alarm(DeliveryExpired(f"Delivery {delivery.id} was put off for five days: {said}"))
        elif outcome.state == "failed" and outcome.unanswered:
            self._progress.alarm(PerhapsDelivered(f"Delivery {delivery.id} was offered four times without an answer."))
        elif outcome.state == "held" and outcome.scope == "message":
            self._progress.alarm(MessageRefused(f"The mail server refuses a message, whoever it is for: {said}"))
        elif outcome.state == "held":
            self._progress.alarm(RelayHolds(f"The mail server refuses our mail; all of it is held: {said}"))

    def _end(self, reason: str) -> None:
        self.must_rest = True
        self._progress.rest_reason = self._progress.rest_reason or reason

    def _record_all(self, outcomes: Sequence[Settled]) -> asyncio.Future[None]:
        """Begin to record outcomes, and go on with it though the session is cancelled: else they would go out again."""
        begun = [(each, self._record(*each)) for each in outcomes]
        recording = asyncio.ensure_future(self._record_each(begun))
        self._recording.add(recording)
        recording.add_done_callback(self._note_recorded)
        return recording

    def _note_recorded(self, recording: asyncio.Future[None]) -> None:
        if not recording.cancelled() and recording.exception() is None:
            self._recording.discard(recording)

    async def _record_each(self, begun: Sequence[tuple[Settled, Awaitable[bool]]]) -> None:
        for (delivery, outcome), record in begun:
            await self._record_one(delivery, outcome, record)

    async def _record_one(self, delivery: Delivery, outcome: Outcome, record: Awaitable[bool]) -> None:
        for further_tries in reversed(range(TRIES)):
            try:
                is_ours = await record
                break
            except AlertsError:
                if not further_tries:
                    raise
                await asyncio.sleep(BETWEEN_TRIES_S)
                record = self._record(delivery, outcome)
        if not is_ours:
            self._progress.lost += 1
            self._progress.alarm(
                NotRecorded("What became of a delivery could not be recorded: its lease was over or it was taken.")
            )
            return
        self._progress.settled(outcome)
        if self._on_settled is not None:
            self._on_settled(delivery, outcome)
