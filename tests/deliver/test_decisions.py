"""What an answer means: whom it is about, and what becomes of the message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.deliver import Accepted, Refusal, Silence, after_refusal, after_silence, decide
from alerts.deliver.decisions import Tally, enhanced_code, is_patience_over, reaction, retry_time, wait_after, whom
from alerts.model.deliveries import Outcome
from tests.deliver.memory_outbox import START, delivery_for

DELIVERY = delivery_for(1, b"")


@pytest.mark.parametrize(
    ("stage", "code", "words", "scope"),
    [
        ("rcpt", 550, "5.1.1 No such user", "recipient"),
        ("rcpt", 550, "No such user here", "recipient"),
        ("rcpt", 550, "5.2.1 Mailbox disabled", "recipient"),
        ("rcpt", 552, "5.2.2 Mailbox full", "recipient"),
        ("rcpt", 552, "Mailbox full", "recipient"),
        ("rcpt", 550, "5.4.1 Recipient address rejected: Access denied", "recipient"),
        ("rcpt", 450, "Greylisted", "recipient"),
        ("rcpt", 452, "4.2.2 Mailbox full", "recipient"),
        ("data", 550, "5.1.1 No such user after all", "recipient"),
        ("data", 552, "5.2.2 Mailbox full", "recipient"),
        ("rcpt", 550, "5.7.1 Relaying denied", "account"),
        ("rcpt", 554, "5.7.606 Banned sending address", "account"),
        ("data", 554, "5.7.1 Looks like spam", "account"),
        ("rcpt", 553, "5.1.8 Sender address rejected", "account"),
        ("rcpt", 550, "5.1.7 Invalid sender", "account"),
        ("data", 554, "5.2.252 SendAsDenied; not allowed to send as", "account"),
        ("data", 554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException", "account"),
        ("rcpt", 550, "5.1.90 You have reached your daily limit for message recipients", "account"),
        ("data", 554, "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", "account"),
        ("mail", 550, "5.7.60 Not allowed", "account"),
        ("mail", 550, "No", "relay"),
        ("mail", 530, "5.7.57 Client not authenticated", "account"),
        ("mail", 421, "Bye", "relay"),
        ("rcpt", 421, "4.7.0 Too many", "relay"),
        ("rcpt", 432, "4.3.2 Concurrent connections", "relay"),
        ("data", 451, "4.3.2 System not accepting", "relay"),
        ("rcpt", 450, "4.7.1 Throttled", "account"),
        ("rcpt", 0, "Connection lost", "relay"),
        ("mail", 552, "5.3.4 Too big", "message"),
        ("mail", 552, "Too big", "message"),
        ("data", 552, "Too big", "message"),
        ("data", 554, "Transaction failed", "message"),
        ("data", 550, "5.6.0 Bad content", "message"),
        ("data", 451, "4.3.0 Try later", "message"),
        ("rcpt", 501, "5.5.4 Bad argument", "message"),
    ],
)
def test_whom_a_refusal_is_about(stage: str, code: int, words: str, scope: str) -> None:
    assert whom(Refusal(stage, code, words)) == scope  # type: ignore[arg-type]  # parametrised from text


@pytest.mark.parametrize(
    ("stage", "code", "words", "state"),
    [
        ("rcpt", 550, "5.1.1 No such user", "failed"),
        ("rcpt", 450, "Greylisted", "deferred"),
        ("rcpt", 550, "5.7.1 Relaying denied", "held"),
        ("mail", 550, "No", "held"),
        ("data", 554, "Transaction failed", "held"),
        ("mail", 421, "Bye", "deferred"),
        ("rcpt", 0, "Connection lost", "deferred"),
        ("rcpt", 252, "What?", "deferred"),
    ],
)
def test_what_becomes_of_a_refused_message(stage: str, code: int, words: str, state: str) -> None:
    outcome = after_refusal(1, Refusal(stage, code, words), START, Random(1))  # type: ignore[arg-type]
    assert outcome.state == state
    assert outcome.words == words
    assert outcome.code == code
    assert (outcome.retry_at is None) is (state == "failed")


@given(
    st.sampled_from(["mail", "rcpt", "data"]),
    st.integers(500, 599),
    st.sampled_from(["", "5.1.1 ", "5.3.4 ", "5.7.1 ", "5.5.0 "]),
)
def test_a_permanent_refusal_is_final_only_when_it_is_the_recipients(stage: str, code: int, enhanced: str) -> None:
    refusal = Refusal(stage, code, f"{enhanced}no")  # type: ignore[arg-type]
    outcome = after_refusal(40, refusal, START, Random(1))
    assert (outcome.state == "failed") is (outcome.scope == "recipient")
    assert outcome.state in ("failed", "held")
    assert stage != "mail" or outcome.state == "held"


def test_a_message_that_is_too_big_waits_for_a_person() -> None:
    outcome = after_refusal(1, Refusal("mail", 552, "5.3.4 Too big"), START, Random(1))
    assert (outcome.state, outcome.retry_at, outcome.scope) == ("held", None, "message")


def test_waits_double_from_five_minutes_to_four_hours() -> None:
    assert [wait_after(attempt).total_seconds() / 60 for attempt in range(1, 10)] == [
        5, 10, 20, 40, 80, 160, 240, 240, 240,
    ]  # fmt: skip


def test_a_message_is_put_off_for_five_days_and_then_given_up() -> None:
    greylisted = Refusal("rcpt", 450, "4.2.0 Later")
    now, attempts = START, 0
    while (outcome := after_refusal(attempts := attempts + 1, greylisted, now, Random(attempts))).state == "deferred":
        assert outcome.retry_at is not None
        now = outcome.retry_at
    assert outcome.state == "expired"
    assert timedelta(days=4) < now - START < timedelta(days=6.5)
    assert is_patience_over(attempts)
    assert not is_patience_over(attempts - 1)


@given(st.integers(1, 60), st.integers())
def test_a_retry_is_never_early_and_at_most_a_quarter_late(attempts: int, seed: int) -> None:
    wait = retry_time(attempts, START, Random(seed)) - START
    assert wait_after(attempts) <= wait <= wait_after(attempts) * 1.25


def test_a_held_message_waits_for_longer_than_the_first_rest_of_the_relay() -> None:
    outcome = after_refusal(30, Refusal("rcpt", 550, "5.7.1 No"), START, Random(1))
    assert outcome.retry_at is not None
    assert timedelta(minutes=60) <= outcome.retry_at - START <= timedelta(minutes=75)


def test_retries_of_many_messages_are_spread() -> None:
    rng = Random(7)
    assert len({retry_time(1, START, rng) for _ in range(50)}) == 50


def test_a_silence_is_followed_by_the_same_message_when_the_lease_is_over_three_times_at_most() -> None:
    silence = Silence("Connection lost")
    for unanswered in range(3):
        outcome = after_silence(replace(DELIVERY, unanswered=unanswered), silence, START, 900)
        assert (outcome.state, outcome.unanswered) == ("deferred", True)
        assert outcome.retry_at == START + timedelta(seconds=900)
    outcome = after_silence(replace(DELIVERY, unanswered=3), silence, START, 900)
    assert (outcome.state, outcome.unanswered, outcome.retry_at) == ("failed", True, None)
    assert outcome.words.startswith("Perhaps delivered")
    assert outcome.scope != "recipient"


def test_an_acceptance_keeps_the_servers_words() -> None:
    outcome = decide(DELIVERY, Accepted("2.0.0 queued as 4B2"), START, Random(1), lease_s=900)
    assert outcome == Outcome("sent", "2.0.0 queued as 4B2", 250, "2.0.0")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("5.1.1 No", "5.1.1"),
        ("5.7.606 No", "5.7.606"),
        ("No 5.1.1", ""),
        ("5.1 No", ""),
        ("3.1.1 No", ""),
        ("5.1.1234 No", ""),
        ("", ""),
    ],
)
def test_the_enhanced_code_stands_at_the_beginning(words: str, code: str) -> None:
    assert enhanced_code(words) == code


@pytest.mark.parametrize(
    ("stage", "code", "words", "expected"),
    [
        ("rcpt", 421, "Bye", "rest"),
        ("data", 432, "4.3.2 Too many", "rest"),
        ("data", 451, "4.3.2 Shutting down", "rest"),
        ("rcpt", 450, "4.7.1 Throttled", "slow"),
        ("rcpt", 0, "Connection lost", "slow"),
        ("rcpt", 450, "Greylisted", ""),
        ("rcpt", 550, "5.1.1 Nobody", ""),
        ("mail", 550, "Go away", "hold"),
        ("rcpt", 550, "5.7.1 Relaying denied", "hold"),
        ("mail", 552, "5.3.4 Too big", ""),
    ],
)
def test_how_the_relay_is_treated_after_a_refusal(stage: str, code: int, words: str, expected: str) -> None:
    refusal = Refusal(stage, code, words)  # type: ignore[arg-type]
    assert reaction(after_refusal(1, refusal, START, Random(1))) == expected


def test_a_silence_slows_the_relay() -> None:
    assert reaction(after_silence(DELIVERY, Silence(), START, 900)) == "slow"


def tally(answers: str) -> Tally:
    counted = Tally()
    for answer in answers:
        counted.note(accepted=answer == "+")
    return counted


@pytest.mark.parametrize(
    ("answers", "most_refused", "takes_mail"),
    [
        ("", False, False),
        ("+", False, True),
        ("-", False, False),
        ("----", False, False),
        ("-----", True, False),
        ("+++++-----", False, False),
        ("++++------", True, False),
        ("+" * 100 + "-" * 6, True, False),
        ("-+", False, True),
        ("--+", False, False),
        ("--++", False, True),
        ("----+", False, False),
        ("+" * 100 + "-+", False, True),
    ],
)
def test_many_refusals_in_a_row_are_about_us(answers: str, most_refused: bool, takes_mail: bool) -> None:
    assert (tally(answers).most_refused, tally(answers).takes_mail) == (most_refused, takes_mail)
