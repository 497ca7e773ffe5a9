"""The outbox: claimed by one, sent once, and whatever a crash leaves behind is found again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from alerts.model.deliveries import Delivery, Outcome
from alerts.store import Connection, Store, deliveries, issues, open_store, subscriptions
from alerts.store.deliveries import Swept
from alerts.store.marker import Numbers
from tests.store import making as make

NOW = make.NOW
LATER = NOW + timedelta(seconds=901)
SENT = make.SENT
REFUSED = Outcome("failed", "550 5.1.1 no such user", 550, "5.1.1", scope="recipient")


def claim(conn: Connection, owner: str = "me", limit: int = 10, now: datetime = NOW) -> list[int]:
    return [each.id for each in deliveries.claim(conn, owner, now, 900, limit, "smtp")]


def state(conn: Connection, number: int) -> Delivery:
    found = deliveries.get(conn, number)
    assert found is not None
    return found


def in_data(conn: Connection, now: datetime = NOW) -> int:
    """Claim the one delivery there is and enter DATA."""
    (number,) = claim(conn, now=now)
    assert deliveries.enter_data(conn, number, "me", now)
    return number


def test_a_claim_has_owner_lease_transport_and_attempt(store: Store) -> None:
    issue_id = make.with_deliveries(store)
    with store.write() as conn:
        (found,) = deliveries.claim(conn, "me", NOW, 900, 10, "folder")
    assert (found.state, found.owner, found.transport, found.attempts) == ("claimed", "me", "folder", 1)
    assert found.lease_until == NOW + timedelta(seconds=900)
    assert (found.issue_id, found.fields) == (issue_id, (("to_name", "Zoë"), ("token", "t")))
    assert (found.kind, found.created_at, found.envelope_from) == ("delivery", NOW, "bounce@example.nhs.uk")


def test_what_a_clock_wrote_that_ran_a_year_ahead_is_sent_once_it_is_right(store: Store) -> None:
    make.with_deliveries(store, 3)
    ahead = NOW + timedelta(days=365)
    with store.write() as conn:
        put_off, lost, claimed = claim(conn, now=ahead)
        retry_at = ahead + timedelta(hours=4)
        deliveries.settle(conn, put_off, "me", Outcome("deferred", "451 later", 451, retry_at=retry_at), ahead)
        assert deliveries.enter_data(conn, lost, "me", ahead)
    with store.write() as conn:
        assert deliveries.sweep(conn, NOW) == Swept(1, 1, 0)
        assert sorted(claim(conn, "you")) == sorted([put_off, lost, claimed])


def test_a_limit_is_kept_and_the_oldest_go_first(store: Store) -> None:
    make.with_deliveries(store, 5)
    with store.write() as conn:
        first, second = claim(conn, limit=2), claim(conn, "you", limit=2)
        assert first + second == sorted(first + second)
        assert len({*first, *second}) == 4
        assert claim(conn, limit=0) == []


def test_what_is_sent_is_sent_and_the_servers_words_are_kept(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        number = in_data(conn)
        assert deliveries.settle(conn, number, "me", SENT, LATER)
        found = state(conn, number)
        assert (found.state, found.sent_at, found.owner, found.lease_until) == ("sent", LATER, "", None)
        (attempt,) = deliveries.attempts(conn, number)
        assert (attempt.n, attempt.words, attempt.code, attempt.transport) == (1, SENT.words, 250, "smtp")
        assert claim(conn, now=LATER + 400 * make.DAY) == []
        assert deliveries.counts_by_transport(conn) == {"smtp": 1}


@pytest.mark.parametrize(
    ("outcome", "expected", "attempts"),
    [
        (SENT, "sent", 1),
        (REFUSED, "failed", 1),
        (Outcome("expired", "no route"), "expired", 1),
        (Outcome("deferred", "451 greylisted", retry_at=LATER), "deferred", 1),
        (Outcome("held", "535 authentication failed", scope="account", retry_at=LATER), "deferred", 0),
        (Outcome("held", "552 too big", scope="message"), "stopped", 0),
    ],
)
def test_each_outcome_has_its_state(store: Store, outcome: Outcome, expected: str, attempts: int) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        (number,) = claim(conn)
        assert deliveries.settle(conn, number, "me", outcome, NOW)
        found = state(conn, number)
        assert (found.state, found.attempts, found.state_reason) == (expected, attempts, outcome.words)
        assert claim(conn, now=NOW) == []
        assert claim(conn, now=LATER) == ([number] if expected == "deferred" else [])


def test_whatever_a_server_says_its_answer_is_kept(store: Store) -> None:
    """NUL is refused by PostgreSQL, half a character by both: neither may keep a delivery from being settled."""
    make.with_deliveries(store)
    with store.write() as conn:
        number = in_data(conn)
        assert deliveries.settle(conn, number, "me", replace(SENT, words="250 \x00ok \ud800!"), NOW)
        assert state(conn, number).state_reason == "250 ok ?!"


@pytest.mark.parametrize("act", ["enter", "settle"])
def test_what_is_not_yours_you_cannot_touch(store: Store, act: str) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        (number,) = claim(conn)
        before = state(conn, number)
        if act == "enter":
            assert not deliveries.enter_data(conn, number, "you", NOW)
        else:
            assert not deliveries.settle(conn, number, "you", SENT, NOW)
        assert not deliveries.settle(conn, 999, "me", SENT, NOW)
        assert state(conn, number) == before


def test_a_claim_whose_lease_is_over_may_not_enter_data(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        (number,) = claim(conn)
        assert not deliveries.enter_data(conn, number, "me", LATER)


def test_a_settled_delivery_cannot_be_settled_again(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        number = in_data(conn)
        assert not deliveries.enter_data(conn, number, "me", NOW)
        deliveries.settle(conn, number, "me", SENT, NOW)
        assert not deliveries.settle(conn, number, "me", REFUSED, NOW)
        assert state(conn, number).state == "sent"


# --- leaving, removal, suspension, the panic switch -------------------------------------------------------------------


@pytest.mark.parametrize("act", ["left", "suspended", "removed"])
@pytest.mark.parametrize("when", ["before claim", "after claim"])
def test_who_is_no_longer_a_reader_is_not_sent_to(store: Store, act: str, when: str) -> None:
    make.with_deliveries(store, 3)

    def end(conn: Connection) -> None:
        one = subscriptions.active(conn, "ph", make.NOW)[0]
        match act:
            case "left":
                subscriptions.leave(conn, one.id, NOW)
            case "suspended":
                subscriptions.suspend(conn, one.id, "why", NOW)
            case "removed":
                others = [make.person(f"reader{each}@example.nhs.uk") for each in (1, 2)]
                subscriptions.sync(conn, make.catalogue(make.bulletin(), people=others), NOW)

    with store.write() as conn:
        claimed = claim(conn) if when == "after claim" else []
        end(conn)
        claimed = claimed or claim(conn)
        entered = [number for number in claimed if deliveries.enter_data(conn, number, "me", NOW)]
        assert len(entered) == 2
        assert {each.state_reason for each in deliveries.listing(conn, state="stopped")} == {act}


def test_a_subscription_that_ended_behind_the_outboxs_back_is_seen_in_the_claim(store: Store) -> None:
    """Even where the deliveries were not stopped with it, and however many there are before the next reader's."""
    make.with_deliveries(store, 30)
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE subscriptions SET state = 'left' WHERE id <= 25")
        assert len(claim(conn, limit=3)) == 3
        assert deliveries.counts(conn) == {"stopped": 25, "claimed": 3, "pending": 2}


def test_a_subscription_that_ended_behind_the_outboxs_back_is_seen_before_data(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        (number,) = claim(conn)
        conn.exec_driver_sql("UPDATE subscriptions SET state = 'left'")
        assert not deliveries.enter_data(conn, number, "me", NOW)
        assert (state(conn, number).state, state(conn, number).owner) == ("stopped", "")


def test_leaving_while_a_message_enters_data_is_seen_by_one_or_the_other(pg_store: Store) -> None:
    """The reader's row is locked: leaving waits until DATA is entered, and is answered after it."""
    make.with_deliveries(pg_store)
    with pg_store.write() as conn:
        (number,) = claim(conn)
        reader = state(conn, number).subscription_id or 0
    answered = threading.Event()

    def leave() -> None:
        pg_store.replay(lambda conn: subscriptions.leave(conn, reader, NOW))
        answered.set()

    with ThreadPoolExecutor(1) as pool:
        with pg_store.write() as conn:
            assert deliveries.enter_data(conn, number, "me", NOW)
            leaving = pool.submit(leave)
            assert not answered.wait(0.3)
        leaving.result(timeout=10)
    with pg_store.read() as conn:
        assert state(conn, number).state == "in_data"  # the one message already in DATA


def test_settling_and_leaving_at_once_do_not_wait_for_each_other(pg_store: Store) -> None:
    make.with_deliveries(pg_store, 20)
    with pg_store.write() as conn:
        claimed = deliveries.claim(conn, "me", NOW, 900, 20, "smtp")

    def both(each: Delivery) -> None:
        def leave(conn: Connection) -> None:
            subscriptions.leave(conn, each.subscription_id or 0, NOW)

        def send(conn: Connection) -> None:
            deliveries.enter_data(conn, each.id, "me", NOW)
            deliveries.settle(conn, each.id, "me", REFUSED, NOW)

        with ThreadPoolExecutor(2) as pair:
            for one in [
                pair.submit(pg_store.replay, send, attempts=1),
                pair.submit(pg_store.replay, leave, attempts=1),
            ]:
                one.result(timeout=20)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(both, claimed))
    with pg_store.read() as conn:
        assert set(deliveries.counts(conn)) <= {"stopped", "failed"}


def test_the_panic_switch_stops_claims_and_data_until_it_is_taken_back(store: Store) -> None:
    make.with_deliveries(store, 2)
    with store.write() as conn:
        (number,) = claim(conn, limit=1)
        assert deliveries.stopped(conn) is None
        deliveries.stop(conn, "wrong list", NOW)
        assert deliveries.stopped(conn) == "wrong list"
        assert claim(conn) == []
        assert not deliveries.enter_data(conn, number, "me", NOW)
        assert deliveries.resume(conn)
        assert not deliveries.resume(conn)
        assert deliveries.enter_data(conn, number, "me", NOW)
        assert len(claim(conn)) == 1


def test_three_refused_issues_in_a_row_suspend_the_reader(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        for _ in range(3):
            issues.publish(conn, make.new_issue(conn))
            (number,) = claim(conn)
            deliveries.settle(conn, number, "me", REFUSED, NOW)
        (found,) = subscriptions.listing(conn)
        assert (found.state, found.state_reason) == ("suspended", "refused 3 times: 550 5.1.1 no such user")


def test_what_the_server_never_answered_is_no_refusal_by_the_reader(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        for _ in range(4):
            issues.publish(conn, make.new_issue(conn))
            (number,) = claim(conn)
            outcome = Outcome("failed", "no answer", scope="message", unanswered=True)
            deliveries.settle(conn, number, "me", outcome, NOW)
        assert subscriptions.count(conn, "active") == 1


# --- crashes ----------------------------------------------------------------------------------------------------------


def test_what_was_claimed_by_one_who_crashed_is_claimed_again_after_the_lease(store: Store) -> None:
    make.with_deliveries(store, 2)
    with store.write() as conn:
        numbers = claim(conn)
        assert deliveries.sweep(conn, NOW) == Swept()
        assert deliveries.sweep(conn, LATER) == Swept(returned=2)
        assert claim(conn, "you", now=LATER) == numbers
        assert not deliveries.settle(conn, numbers[0], "me", SENT, LATER)


def test_what_may_have_been_sent_is_sent_again_three_times_and_counted(store: Store) -> None:
    make.with_deliveries(store)
    moment = NOW
    with store.write() as conn:
        for unanswered in range(4):
            number = in_data(conn, moment)
            assert state(conn, number).unanswered == unanswered
            moment += timedelta(seconds=901)
            swept = deliveries.sweep(conn, moment)
            assert swept == (Swept(again=1) if unanswered < 3 else Swept(given_up=1))
        assert state(conn, number).state == "failed"
        assert claim(conn, now=moment) == []


def test_an_unanswered_attempt_that_was_settled_is_counted_too(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        number = in_data(conn)
        deliveries.settle(conn, number, "me", Outcome("deferred", "silence", retry_at=NOW, unanswered=True), NOW)
        assert state(conn, number).unanswered == 1


def test_releasing_gives_back_what_was_not_begun(store: Store) -> None:
    make.with_deliveries(store, 3)
    with store.write() as conn:
        numbers = claim(conn)
        deliveries.enter_data(conn, numbers[0], "me", NOW)
        assert deliveries.release(conn, "you", NOW) == 0
        assert deliveries.release(conn, "me", NOW) == 2
        assert [state(conn, each).state for each in numbers] == ["in_data", "pending", "pending"]
        assert [state(conn, each).attempts for each in numbers] == [1, 0, 0]


def test_a_message_carries_the_same_bytes_and_id_at_every_attempt(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        first = state(conn, in_data(conn))
        deliveries.sweep(conn, LATER)
        second = state(conn, in_data(conn, LATER))
    assert (first.message_id, first.sha256, first.fields) == (second.message_id, second.sha256, second.fields)


# --- many workers -----------------------------------------------------------------------------------------------------


def send_all(url: str, owner: str) -> list[int]:
    """Claim and send, two at a time, until nothing is left; return what was sent."""
    store = open_store(url)
    sent: list[int] = []
    while True:
        claimed = store.replay(lambda conn: claim(conn, owner, 2))
        if not claimed:
            store.close()
            return sent
        for number in claimed:
            entered = store.replay(lambda conn, one=number: deliveries.enter_data(conn, one, owner, NOW))  # type: ignore[misc]
            if entered:
                sent.append(number)
                store.replay(lambda conn, one=number: deliveries.settle(conn, one, owner, SENT, NOW))  # type: ignore[misc]


def test_several_processes_send_everything_once(store: Store) -> None:
    make.with_deliveries(store, 24)
    url = store.engine.url.render_as_string(hide_password=False)
    with get_context("spawn").Pool(2) as pool:
        sent = pool.starmap(send_all, [(url, owner) for owner in ("a", "b")])
    everything = [number for each in sent for number in each]
    assert len(everything) == len(set(everything)) == 24
    with store.read() as conn:
        assert deliveries.counts(conn) == {"sent": 24}


def test_a_second_worker_does_not_wait_for_the_rows_of_the_first(pg_store: Store) -> None:
    make.with_deliveries(pg_store, 4)
    with pg_store.write() as first:
        mine = claim(first, limit=2)
        with pg_store.write() as second:
            theirs = claim(second, "you", limit=10)
    assert len(mine) == len(theirs) == 2
    assert not set(mine) & set(theirs)


STEPS = some.lists(some.sampled_from(["claim", "enter", "crash", "sent", "defer", "release"]), max_size=15)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(steps=STEPS)
def test_whatever_happens_between_a_delivery_ends_sent(sqlite_store: Store, steps: list[str]) -> None:
    """Any course of claims, crashes, deferrals and releases: at the end a worker that just works sends what is left."""
    moment = NOW
    with sqlite_store.write() as conn:
        conn.exec_driver_sql("DELETE FROM attempts")
        conn.exec_driver_sql("DELETE FROM deliveries")
        number = deliveries.enqueue(
            conn, "test", "one", address="a@b.example", envelope_from="", message_id="<1>", body=b"x", now=NOW
        )
        assert number is not None
        entered = 0
        for step in [*steps, "crash", "claim", "enter", "sent"]:
            match step:
                case "claim":
                    deliveries.claim(conn, "me", moment, 900, 1, "smtp")
                case "enter":
                    entered += deliveries.enter_data(conn, number, "me", moment)
                case "crash":
                    moment += timedelta(seconds=901)
                    deliveries.sweep(conn, moment)
                case "sent":
                    if state(conn, number).state == "in_data":
                        deliveries.settle(conn, number, "me", SENT, moment)
                case "defer":
                    deliveries.settle(conn, number, "me", Outcome("deferred", retry_at=moment), moment)
                case "release":
                    deliveries.release(conn, "me", moment)
        found = state(conn, number)
        assert found.state == "sent" or found.unanswered == 4
        assert entered >= 1
        assert found.unanswered <= entered


# --- other messages, lists, numbers -----------------------------------------------------------------------------------


def enqueue(conn: Connection, key: str = "stop 7", body: bytes = b"From: x\r\n\r\n\x00\xff") -> int | None:
    return deliveries.enqueue(
        conn,
        "confirmation",
        key,
        address="a@example.nhs.uk",
        envelope_from="b@example.nhs.uk",
        message_id=f"<{key}@example.nhs.uk>",
        body=body,
        now=NOW,
    )


def test_a_single_message_is_queued_once_by_its_key(store: Store) -> None:
    with store.write() as conn:
        first = enqueue(conn)
        assert first is not None
        assert enqueue(conn, body=b"other") is None
        assert deliveries.body(conn, first) == b"From: x\r\n\r\n\x00\xff"
        assert enqueue(conn, "stop 8") is not None
        assert len(claim(conn)) == 2


def test_an_issues_delivery_has_no_body_of_its_own(store: Store) -> None:
    make.with_deliveries(store)
    with store.read() as conn:
        (found,) = deliveries.listing(conn)
        assert deliveries.body(conn, found.id) == b""


def test_a_librarian_can_have_an_unsent_delivery_tried_again(store: Store) -> None:
    make.with_deliveries(store)
    with store.write() as conn:
        (number,) = claim(conn)
        assert not deliveries.retry(conn, number, LATER)
        deliveries.settle(conn, number, "me", replace(REFUSED, scope="message"), NOW)
        assert deliveries.retry(conn, number, LATER)
        assert claim(conn, now=LATER) == [number]
        assert state(conn, number).attempts == 1
        assert not deliveries.retry(conn, 999, NOW)


def test_lists_and_counts(store: Store) -> None:
    issue_id = make.with_deliveries(store, 3)
    with store.write() as conn:
        first = claim(conn, limit=1)[0]
        assert deliveries.counts(conn) == {"claimed": 1, "pending": 2}
        assert [each.id for each in deliveries.listing(conn, state="claimed")] == [first]
        assert len(deliveries.listing(conn, issue_id=issue_id, limit=2)) == 2
        assert deliveries.listing(conn, issue_id=99) == ()
        assert deliveries.oldest_pending(conn) == NOW
        assert deliveries.last_numbers(conn) == Numbers(issue_id, max(each.id for each in deliveries.listing(conn)))


def test_an_empty_outbox_has_no_numbers(store: Store) -> None:
    with store.read() as conn:
        assert deliveries.last_numbers(conn) == Numbers(0, 0)
        assert deliveries.oldest_pending(conn) is None
        assert deliveries.counts(conn) == {}
