"""The worker over every kind of server: nothing is lost, nothing is sent twice, and trouble has the right owner."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alerts.deliver import (
    Accepted,
    Answer,
    BeforeData,
    DeliverReport,
    FolderTransport,
    Pace,
    Refusal,
    Silence,
    SmtpSettings,
    SmtpTransport,
    Transport,
    deliver_pending,
)
from alerts.deliver.errors import AccountRefused, RelayUnreachable
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery, Outcome
from tests.deliver.memory_outbox import START, MemoryOutbox, delivery_for, message_for
from tests.deliver.relay import DROP, Relay, Turn, listening


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


# What every transport must do: the contract that both keep.


@pytest.mark.parametrize("kind", ["folder", "smtp"])
@pytest.mark.parametrize("sessions", [1, 4])
async def test_every_message_is_handed_over_once_and_recorded(kind: str, sessions: int, tmp_path: Path) -> None:
    outbox = filled(60)
    async with listening(Relay()) as relay:
        transport: Transport = (
            FolderTransport(tmp_path, sessions=sessions) if kind == "folder" else smtp(relay, sessions=sessions)
        )
        report = await run(outbox, transport)
    arrived = [file.read_bytes() for file in tmp_path.iterdir()] if kind == "folder" else relay.texts
    assert report.sent == 60
    assert report.alarms == ()
    assert outbox.states() == {"sent": 60}
    assert sorted(arrived) == sorted(outbox.messages.values())
    assert {row.transport for row in outbox.rows.values()} == {kind}
    assert relay.most_at_once <= sessions


@pytest.mark.parametrize("kind", ["folder", "smtp"])
async def test_what_was_in_data_at_a_crash_arrives_again_with_the_same_bytes(kind: str, tmp_path: Path) -> None:
    outbox = filled(1)
    async with listening(Relay()) as relay:
        transport: Transport = FolderTransport(tmp_path) if kind == "folder" else smtp(relay)
        [claimed] = outbox.claim("dead", START, lease_s=900, limit=1, transport=kind)

        async def enter() -> bool:
            return outbox.enter_data(claimed.id, "dead", START)

        await transport.send(claimed, outbox.message(claimed), enter)
        await transport.close()
        over = Wall()
        over.now = START + timedelta(seconds=901)
        outbox.sweep(over.now)
        report = await run(outbox, transport, over)
    assert report.sent == 1
    if kind == "folder":
        assert [file.read_bytes() for file in tmp_path.iterdir()] == [message_for(1)]
    else:
        assert relay.texts == [message_for(1), message_for(1)]


async def test_a_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    outbox = filled(3)
    await run(outbox, FolderTransport(tmp_path))
    assert await run(outbox, FolderTransport(tmp_path)) == DeliverReport()


# Bytes.


async def test_a_message_whose_bytes_changed_is_not_sent_and_raises_an_alarm(tmp_path: Path) -> None:
    outbox = filled(3)
    outbox.messages[2] += b"P.S. somebody edited the issue\r\n"
    report = await run(outbox, FolderTransport(tmp_path))
    assert (report.sent, report.held) == (2, 1)
    assert [alarm.code for alarm in report.alarms] == ["D201"]
    assert outbox.rows[2].state == "stopped"
    assert len(list(tmp_path.iterdir())) == 2


async def test_a_message_that_cannot_be_assembled_costs_only_itself(tmp_path: Path) -> None:
    class Gappy(MemoryOutbox):
        def message(self, delivery: Delivery) -> bytes:
            if delivery.id == 2:
                raise AlertsError("The issue is gone.")
            return super().message(delivery)

    outbox = Gappy()
    outbox.fill(3)
    report = await run(outbox, FolderTransport(tmp_path))
    assert (report.sent, report.held) == (2, 1)
    assert outbox.rows[2].state == "stopped"


# Refusals and whom they are about.


async def test_one_unknown_reader_among_good_ones_costs_only_that_reader() -> None:
    outbox = filled(20)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        "550 5.1.1 <reader7@example.org>: no such user" if "reader7@" in turn.argument else None
    )
    async with listening(Relay(script=script)) as relay:
        report = await run(outbox, smtp(relay))
    assert (report.sent, report.failed) == (19, 1)
    assert report.alarms == ()
    assert outbox.rows[7].state == "failed"
    assert outbox.rows[7].state_reason == "5.1.1 <reader7@example.org>: no such user"


async def test_a_single_delivery_that_is_refused_is_final() -> None:
    outbox = filled(1)
    async with listening(Relay(script=lambda turn: "550 No" if turn.verb == "RCPT" else None)) as relay:
        report = await run(outbox, smtp(relay))
    assert (report.failed, outbox.rows[1].state) == (1, "failed")


async def test_a_server_that_refuses_most_readers_makes_nothing_final() -> None:
    outbox = filled(40)
    async with listening(Relay(script=lambda turn: "550 5.1.1 no" if turn.verb == "RCPT" else None)) as relay:
        report = await run(outbox, smtp(relay, sessions=4))
    assert report.failed == 0
    assert [alarm.code for alarm in report.alarms] == ["D205"]
    assert "failed" not in outbox.states()
    assert len([each for each in relay.commands if each.startswith("RCPT")]) < 12


async def test_a_refusal_that_waits_for_proof_is_recorded_before_its_lease_is_over() -> None:
    outbox, wall = filled(2), Wall()

    def answer(delivery: Delivery) -> Answer:
        if delivery.id == 1:
            return Refusal("rcpt", 550, "5.1.1 Nobody")
        assert outbox.rows[1].state == "in_data"
        wall.now += timedelta(seconds=850)
        return Refusal("rcpt", 450, "4.2.0 Later")

    settled: list[int] = []
    await run(outbox, Scripted(answer), wall, on_settled=lambda delivery, outcome: settled.append(delivery.id))
    assert settled == [2, 1]
    assert outbox.rows[1].state == "failed"


async def test_a_server_that_begins_to_refuse_everybody_is_noticed_though_it_took_mail_before() -> None:
    outbox = filled(60)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        "550 no" if turn.verb == "RCPT" and turn.nth > 30 else None
    )
    async with listening(Relay(script=script)) as relay:
        report = await run(outbox, smtp(relay))
    assert (report.sent, report.failed) == (30, 0)
    assert [alarm.code for alarm in report.alarms] == ["D205"]


@pytest.mark.parametrize(
    "said", ["MAIL 550 5.7.60 not allowed", "RCPT 550 5.7.1 relaying denied", "TEXT 554 5.7.1 spam", "MAIL 530 sign in"]
)
async def test_a_refusal_of_us_holds_everything_and_makes_nothing_final(said: str) -> None:
    verb, _, words = said.partition(" ")
    outbox = filled(30)
    async with listening(Relay(script=lambda turn: words if turn.verb == verb else None)) as relay:
        report = await run(outbox, smtp(relay))
    assert [alarm.code for alarm in report.alarms] == ["D204"]
    assert (report.sent, report.held, report.released) == (0, 1, 9)
    assert outbox.states() == {"deferred": 1, "pending": 29}
    assert (
        "550" in report.alarms[0].sentence or "554" in report.alarms[0].sentence or "530" in report.alarms[0].sentence
    )


async def test_an_expired_password_holds_everything_untouched() -> None:
    def refuse(delivery: Delivery) -> Answer:
        raise AssertionError("never offered")

    class Locked(Scripted):
        async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
            raise AccountRefused("The mail server refused the account: 535")

    outbox, transport = filled(12), Locked(refuse, sessions=3)
    report = await run(outbox, transport)
    assert [alarm.code for alarm in report.alarms] == ["D105"]
    assert report.rests_s == pytest.approx(300, abs=5)
    assert outbox.states() == {"pending": 12}
    assert {row.attempts for row in outbox.rows.values()} == {0}
    assert (await run(outbox, transport)).rests_s > 0


async def test_a_relay_that_refuses_us_is_left_alone_and_nothing_is_claimed_meanwhile() -> None:
    outbox, transport = filled(12), Scripted(lambda delivery: Refusal("mail", 550, "Go away"))
    first = await run(outbox, transport)
    assert first.rests_s == pytest.approx(300, abs=5)
    outbox.rows[1] = replace(outbox.rows[1], state="pending")
    claims = []
    outbox.claim = lambda *args, **named: claims.append(args) or []  # type: ignore[method-assign,func-returns-value]
    again = await run(outbox, transport)
    assert again.rests_s > 0
    assert again.rest_reason
    assert claims == []


async def test_a_server_that_is_away_makes_mail_wait_without_an_alarm() -> None:
    class Away(Scripted):
        async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
            raise RelayUnreachable("The mail server relay:25 cannot be reached.")

    outbox = filled(3)
    report = await run(outbox, Away(lambda delivery: Accepted()))
    assert report.alarms == ()
    assert report.rest_reason.startswith("The mail server relay:25")
    assert (report.released, outbox.states()) == (3, {"pending": 3})


async def test_alarms_and_reports_hold_no_address() -> None:
    outbox = filled(2)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        "550 5.7.1 <reader1@example.org> from <library@example.org> denied" if turn.verb == "RCPT" else None
    )
    async with listening(Relay(script=script)) as relay:
        report = await run(outbox, smtp(relay))
    assert "denied" in str(report.as_json())
    assert "@" not in str(report.as_json())


# Hostile servers, for days.


async def test_greylisting_delays_everybody_and_loses_nobody() -> None:
    outbox, tried = filled(25), set[str]()

    def greylist(turn: Turn) -> str | None:
        if turn.verb != "RCPT" or turn.argument in tried:
            return None
        tried.add(turn.argument)
        return "450 4.2.0 Greylisted, try again in five minutes"

    async with listening(Relay(script=greylist)) as relay:
        reports = await run_for_days(outbox, smtp(relay))
    assert outbox.states() == {"sent": 25}
    assert sorted(relay.recipients) == sorted(row.address for row in outbox.rows.values())
    assert reports[0].deferred == 25


@pytest.mark.parametrize("said", ["421 4.7.0 Too many messages", "432 4.3.2 Concurrent connections", "451 4.3.2 Busy"])
async def test_a_relay_that_is_too_busy_is_left_alone_and_then_gets_everything_once(said: str) -> None:
    outbox = filled(40)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        said if turn.verb == "MAIL" and turn.nth % 7 == 0 else None
    )
    async with listening(Relay(script=script)) as relay:
        reports = await run_for_days(outbox, smtp(relay, sessions=2))
    assert outbox.states() == {"sent": 40}
    assert len(relay.recipients) == len(set(relay.recipients)) == 40
    assert sum(1 for each in reports if each.rest_reason) >= 3
    assert not any(each.alarms for each in reports)


async def test_connections_dropped_after_data_are_followed_by_the_same_bytes() -> None:
    outbox = filled(20)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        DROP if turn.verb == "TEXT" and turn.nth % 5 == 0 else None
    )
    async with listening(Relay(script=script)) as relay:
        reports = await run_for_days(outbox, smtp(relay))
    assert outbox.states() == {"sent": 20}
    assert sum(each.unanswered for each in reports) == len(relay.texts) - 20
    assert all(len(versions) == 1 for versions in by_message_id(relay.texts).values())
    assert len(relay.recipients) == len(set(relay.recipients)) == 20


async def test_a_server_that_never_answers_is_offered_each_message_four_times_and_then_a_person_is_told() -> None:
    outbox = filled(2)
    async with listening(Relay(script=lambda turn: DROP if turn.verb == "TEXT" else None)) as relay:
        reports = await run_for_days(outbox, smtp(relay))
    assert outbox.states() == {"failed": 2}
    assert len(relay.texts) == 8
    assert {alarm.code for each in reports for alarm in each.alarms} == {"D203"}


async def test_a_reader_who_is_put_off_for_five_days_is_given_up_with_an_alarm() -> None:
    outbox = filled(2)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        "452 4.2.2 Mailbox full" if "reader2@" in turn.argument else None
    )
    async with listening(Relay(script=script)) as relay:
        reports = await run_for_days(outbox, smtp(relay))
    assert outbox.states() == {"sent": 1, "expired": 1}
    assert [alarm.code for each in reports for alarm in each.alarms] == ["D202"]
    assert outbox.rows[2].state_reason == "4.2.2 Mailbox full"


async def test_one_reader_whom_policy_refuses_delays_the_others_and_stops_nobody() -> None:
    outbox = filled(30)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        "550 5.7.1 Restricted list" if "reader1@" in turn.argument else None
    )
    async with listening(Relay(script=script)) as relay:
        await run_for_days(outbox, smtp(relay), days=1)
    assert outbox.states() == {"sent": 29, "deferred": 1}


async def test_a_message_that_is_too_big_costs_only_itself() -> None:
    outbox = filled(3)
    big = message_for(2, words="x" * 3000)
    outbox.put(delivery_for(2, big), big)

    def sizes(turn: Turn) -> str | None:
        size = turn.argument.partition("SIZE=")[2]
        return "552 5.3.4 Message too big for system" if turn.verb == "MAIL" and int(size) > 2000 else None

    async with listening(Relay(script=sizes)) as relay:
        report = await run(outbox, smtp(relay))
    assert (report.sent, report.held) == (2, 1)
    assert [alarm.code for alarm in report.alarms] == ["D207"]
    assert outbox.rows[2].state == "stopped"


async def test_a_thousand_readers_through_a_moody_server() -> None:
    outbox, mood = filled(1000), Random(20261124)
    moods = {"RCPT": ["450 4.2.0 Later", "421 4.3.2 Bye", DROP], "MAIL": [DROP], "TEXT": ["451 Later", DROP]}

    def moody(turn: Turn) -> str | None:
        return mood.choice(moods[turn.verb]) if turn.verb in moods and mood.random() < 0.02 else None

    async with listening(Relay(script=moody)) as relay:
        await run_for_days(outbox, smtp(relay, sessions=8))
    assert outbox.states() == {"sent": 1000}
    assert sorted(relay.recipients) == sorted(row.address for row in outbox.rows.values())
    assert all(len(versions) == 1 for versions in by_message_id(relay.texts).values())


# Stopping.


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
