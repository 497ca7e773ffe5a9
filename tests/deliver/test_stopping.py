"""Stopping, leaving, and records that fail: what is begun is finished or counted, the rest is given back."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.deliver import (
    Accepted,
    Answer,
    BeforeData,
)
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery, Outcome
from tests.deliver.memory_outbox import MemoryOutbox, delivery_for, message_for
from tests.deliver.scripted import Scripted, Wall, filled, run


async def test_a_stop_finishes_what_is_in_flight_and_gives_the_rest_back() -> None:
    outbox, stop, go = filled(30), asyncio.Event(), asyncio.Event()

    async def slowly(delivery: Delivery) -> Answer:
        stop.set()
        await go.wait()
        return Accepted()

    transport = Scripted(slowly, sessions=3)
    running = asyncio.create_task(run(outbox, transport, stop=stop))
    await stop.wait()
    await asyncio.sleep(0.05)
    go.set()
    report = await running
    assert 1 <= report.sent <= 3
    assert outbox.states() == {"sent": report.sent, "pending": 30 - report.sent}
    assert {row.attempts for row in outbox.rows.values() if row.state == "pending"} == {0}


async def test_what_does_not_finish_in_the_grace_stays_in_data_and_is_not_given_back() -> None:
    outbox, stop = filled(5), asyncio.Event()

    async def hang(delivery: Delivery) -> Answer:
        stop.set()
        await asyncio.sleep(60)
        return Accepted()

    async with asyncio.timeout(5):
        report = await run(outbox, Scripted(hang), stop=stop, grace_s=0.1)
    assert outbox.states() == {"in_data": 1, "pending": 4}
    assert report.unanswered == 1


async def test_a_cancelled_run_gives_back_what_it_claimed() -> None:
    outbox, begun = filled(5), asyncio.Event()

    async def hang(delivery: Delivery) -> Answer:
        begun.set()
        await asyncio.sleep(60)
        return Accepted()

    running = asyncio.create_task(run(outbox, Scripted(hang)))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert outbox.states() == {"in_data": 1, "pending": 4}


async def test_a_cancellation_while_an_acceptance_is_recorded_does_not_lose_the_record() -> None:
    import threading

    recording, go_on = threading.Event(), threading.Event()

    class Slow(MemoryOutbox):
        def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
            recording.set()
            go_on.wait(5)
            return super().settle(delivery_id, owner, outcome, now)

    outbox = Slow()
    outbox.fill(1)
    seen: list[str] = []
    running = asyncio.create_task(
        run(
            outbox,
            Scripted(lambda delivery: Accepted()),
            on_settled=lambda delivery, outcome: seen.append(outcome.state),
        )
    )
    await asyncio.to_thread(recording.wait, 5)
    running.cancel()
    await asyncio.sleep(0.05)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert outbox.states() == {"sent": 1}
    assert seen == ["sent"]


async def test_the_panic_switch_stops_a_run_between_two_messages() -> None:
    outbox = filled(30)

    def answer(delivery: Delivery) -> Answer:
        if delivery.id == 3:
            outbox.panic = "The wrong issue went out."
        return Accepted()

    report = await run(outbox, Scripted(answer))
    assert report.sent == 3
    assert report.stopped_by == "The wrong issue went out."
    assert outbox.states() == {"sent": 3, "pending": 27}


async def test_a_reader_who_leaves_while_others_are_served_gets_nothing() -> None:
    outbox = filled(10)

    def answer(delivery: Delivery) -> Answer:
        outbox.left.add(7)
        return Accepted()

    transport = Scripted(answer)
    report = await run(outbox, transport)
    assert (report.sent, report.withdrawn) == (9, 1)
    assert 7 not in transport.sent
    assert outbox.rows[7].state == "stopped"


# When the records fail.


async def test_an_acceptance_that_could_not_be_recorded_at_first_is_recorded_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("alerts.deliver.settlement.BETWEEN_TRIES_S", 0.01)
    failures = iter([AlertsError("busy"), AlertsError("busy")])

    class Busy(MemoryOutbox):
        def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
            for failure in failures:
                raise failure
            return super().settle(delivery_id, owner, outcome, now)

    outbox = Busy()
    outbox.fill(2)
    assert (await run(outbox, Scripted(lambda delivery: Accepted()))).sent == 2


@pytest.mark.parametrize("where", ["claim", "enter_data", "settle", "message"])
async def test_a_database_that_is_away_stops_the_run_and_says_so(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.deliver.settlement.BETWEEN_TRIES_S", 0.01)
    outbox, transport = filled(20), Scripted(lambda delivery: Accepted(), sessions=2)

    def away(*args: Any, **named: Any) -> Any:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(outbox, where, away)
    with pytest.raises(ConnectionError, match="away"):
        await run(outbox, transport)
    assert len(transport.sent) <= 2
    assert "claimed" not in outbox.states()


async def test_an_outcome_whose_row_was_taken_is_counted_and_said() -> None:
    outbox = filled(1)

    def taken_meanwhile(delivery: Delivery) -> Answer:
        outbox.rows[1] = replace(outbox.rows[1], owner="another")
        return Accepted()

    report = await run(outbox, Scripted(taken_meanwhile))
    assert (report.sent, report.lost) == (0, 1)
    assert [alarm.code for alarm in report.alarms] == ["D206"]


async def test_a_lease_that_is_nearly_over_is_not_begun_with() -> None:
    outbox, wall = filled(5), Wall()

    def slow_clock(delivery: Delivery) -> Answer:
        wall.now += timedelta(seconds=100)
        return Accepted()

    transport = Scripted(slow_clock)
    report = await run(outbox, transport, wall)
    assert report.sent == 2
    assert outbox.states() == {"sent": 2, "pending": 3}


async def test_an_outbox_that_hands_out_the_same_message_for_ever_is_not_believed() -> None:
    class Looping(MemoryOutbox):
        def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
            self.rows[delivery_id] = replace(self.rows[delivery_id], state="pending", owner="")
            return True

    outbox = Looping()
    outbox.fill(3)
    transport = Scripted(lambda delivery: Accepted())
    async with asyncio.timeout(5):
        await run(outbox, transport)
    assert transport.sent == [1, 2, 3]


async def test_a_transport_that_breaks_costs_one_message_each_time() -> None:
    class Broken(Scripted):
        async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
            if delivery.id == 2:
                raise KeyError("a bug")
            return await super().send(delivery, message, before_data)

    outbox = filled(3)
    report = await run(outbox, Broken(lambda delivery: Accepted()))
    assert (report.sent, report.held) == (2, 1)
    assert [alarm.code for alarm in report.alarms] == ["D208"]
    assert outbox.rows[2].state == "stopped"


async def test_a_transport_that_breaks_after_the_text_is_taken_for_silence() -> None:
    def broken(delivery: Delivery) -> Answer:
        raise KeyError("a bug")

    outbox = filled(1)
    report = await run(outbox, Scripted(broken))
    assert (report.deferred, report.unanswered) == (1, 1)


async def test_progress_is_told_message_by_message() -> None:
    seen: list[tuple[int, str]] = []
    outbox = filled(3)
    await run(
        outbox,
        Scripted(lambda delivery: Accepted()),
        on_settled=lambda delivery, outcome: seen.append((delivery.id, outcome.state)),
    )
    assert seen == [(1, "sent"), (2, "sent"), (3, "sent")]


async def test_two_workers_share_the_work_and_send_nothing_twice() -> None:
    outbox = filled(200)

    async def slowly(delivery: Delivery) -> Answer:
        await asyncio.sleep(0.001)
        return Accepted()

    transports = [Scripted(slowly, sessions=4) for _ in range(2)]
    await asyncio.gather(*(run(outbox, each, owner=f"worker {n}") for n, each in enumerate(transports)))
    sent = transports[0].sent + transports[1].sent
    assert sorted(sent) == list(range(1, 201))
    assert all(each.sent for each in transports)


def test_the_frozen_hash_is_of_the_whole_message() -> None:
    message = message_for(1)
    assert delivery_for(1, message).sha256 == hashlib.sha256(message).hexdigest()
