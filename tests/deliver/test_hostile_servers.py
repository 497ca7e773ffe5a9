"""Hostile servers, for days: every message arrives once, or a person is told why not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.deliver.memory_outbox import delivery_for, message_for
from tests.deliver.relay import DROP, Relay, Turn, listening
from tests.deliver.scripted import by_message_id, filled, run, run_for_days, smtp


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


@pytest.mark.thorough
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


@pytest.mark.thorough
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
