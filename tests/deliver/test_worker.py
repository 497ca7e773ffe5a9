"""The worker over every kind of server: nothing is lost, nothing is sent twice, and trouble has the right owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.deliver import (
    Accepted,
    Answer,
    BeforeData,
    DeliverReport,
    FolderTransport,
    Refusal,
    Transport,
)
from alerts.deliver.errors import AccountRefused, RelayUnreachable
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery
from tests.deliver.memory_outbox import START, MemoryOutbox, message_for
from tests.deliver.relay import Relay, Turn, listening
from tests.deliver.scripted import Scripted, Wall, filled, run, smtp

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
