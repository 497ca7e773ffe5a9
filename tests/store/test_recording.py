"""Steps of several deliveries in one transaction: each is judged by itself, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.model.deliveries import Entering, Outcome, Settling, Step
from alerts.store import Store, deliveries, subscriptions
from tests.store.making import NOW, SENT, with_deliveries

ME, OTHER = "me", "another"


@pytest.fixture
def claimed(store: Store) -> list[int]:
    """Five deliveries that are mine, and a sixth that another has."""
    with_deliveries(store, 6)
    with store.write() as conn:
        mine = deliveries.claim(conn, ME, NOW, 900, 5, "smtp")
        theirs = deliveries.claim(conn, OTHER, NOW, 900, 5, "smtp")
    return [each.id for each in (*mine, *theirs)]


def states(store: Store, ids: list[int]) -> list[str]:
    with store.read() as conn:
        return [found.state for each in ids if (found := deliveries.get(conn, each)) is not None]


def test_some_enter_data_while_others_are_settled_and_each_has_its_own_answer(store: Store, claimed: list[int]) -> None:
    a, b, c, d, e, other = claimed
    with store.write() as conn:
        assert deliveries.record(conn, ME, [Entering(a, NOW), Entering(b, NOW)]) == [True, True]
    refused = Outcome("failed", "5.1.1 No such user", 550, "5.1.1", scope="recipient")
    later = Outcome("deferred", "4.2.0 Later", 450, "4.2.0", NOW + timedelta(minutes=5))
    with store.write() as conn:
        taken = deliveries.record(
            conn,
            ME,
            [Settling(a, SENT, NOW), Entering(c, NOW), Settling(b, later, NOW), Settling(other, SENT, NOW),
             Entering(other, NOW), Settling(d, refused, NOW), Entering(99_999, NOW)],
        )  # fmt: skip
    assert taken == [True, True, True, False, False, True, False]
    assert states(store, claimed) == ["sent", "deferred", "in_data", "failed", "claimed", "claimed"]
    with store.read() as conn:
        assert [each.outcome for each in deliveries.attempts(conn, b)] == ["deferred"]
        assert deliveries.attempts(conn, b)[0].words == "4.2.0 Later"
        assert deliveries.attempts(conn, e) == ()


def test_of_those_that_enter_data_together_only_the_reader_who_left_gets_nothing(
    store: Store, claimed: list[int]
) -> None:
    with store.read() as conn:
        second = deliveries.get(conn, claimed[1])
    assert second is not None
    assert second.subscription_id is not None
    with store.write() as conn:
        subscriptions.leave(conn, second.subscription_id, NOW)
    with store.write() as conn:
        assert deliveries.record(conn, ME, [Entering(each, NOW) for each in claimed[:3]]) == [True, False, True]
    assert states(store, claimed[:3]) == ["in_data", "stopped", "in_data"]


def test_while_sending_is_stopped_nothing_enters_data_but_what_was_sent_is_recorded(
    store: Store, claimed: list[int]
) -> None:
    with store.write() as conn:
        deliveries.record(conn, ME, [Entering(claimed[0], NOW)])
        deliveries.stop(conn, "wrong issue", NOW)
        steps: list[Step] = [Settling(claimed[0], SENT, NOW), Entering(claimed[1], NOW)]
        assert deliveries.record(conn, ME, steps) == [True, False]
    assert states(store, claimed[:2]) == ["sent", "claimed"]


def test_an_issue_that_is_accepted_forgives_the_refusals_of_its_own_reader_only(
    store: Store, claimed: list[int]
) -> None:
    first, second = claimed[:2]
    with store.write() as conn:
        readers = [deliveries.listing(conn)[-nth].subscription_id for nth in (1, 2)]
        for _ in range(2):
            for each in readers:
                assert each is not None
                subscriptions.refused(conn, each, "5.1.1 No such user", NOW)
        deliveries.record(conn, ME, [Entering(first, NOW), Entering(second, NOW)])
        deliveries.record(conn, ME, [Settling(first, SENT, NOW), Settling(second, Outcome("expired"), NOW)])
        suspended = [subscriptions.refused(conn, each, "5.1.1 No such user", NOW) for each in readers if each]
    assert suspended == [False, True]


def test_what_a_dead_service_claimed_waits_again_at_once_and_what_it_had_in_data_does_not(store: Store) -> None:
    with_deliveries(store, 4)
    with store.write() as conn:
        begun, *_ = deliveries.claim(conn, "run:host:1:abc", NOW, 900, 2, "smtp")
        deliveries.claim(conn, "host:2:def", NOW, 900, 1, "smtp")
        deliveries.enter_data(conn, begun.id, "run:host:1:abc", NOW)
        assert deliveries.release_all(conn, "run:") == 1
        found = deliveries.listing(conn)
    assert [each.state for each in reversed(found)] == ["in_data", "pending", "claimed", "pending"]
    assert [each.attempts for each in reversed(found)] == [1, 0, 1, 0]


def test_a_claim_that_nothing_came_of_counts_as_no_attempt(store: Store, claimed: list[int]) -> None:
    with store.write() as conn:
        deliveries.enter_data(conn, claimed[0], ME, NOW)
        assert deliveries.sweep(conn, NOW + timedelta(hours=1)).returned == 5
        assert [each.attempts for each in reversed(deliveries.listing(conn))] == [1, 0, 0, 0, 0, 0]
