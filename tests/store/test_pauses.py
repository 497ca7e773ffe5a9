"""Being away: nothing is sent meanwhile, and afterwards the reader is told how much that was."""

from __future__ import annotations

from datetime import timedelta

from alerts.model.deliveries import Outcome
from alerts.store import Store, deliveries, issues, subscriptions
from tests.store import making as make

LATER = make.NOW + timedelta(days=10)


def test_a_reader_who_is_away_is_in_no_issue_and_is_counted(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        one, two = subscriptions.active(conn, "ph", make.NOW)
        subscriptions.pause(conn, one.id, LATER, make.NOW)
        assert [each.id for each in subscriptions.active(conn, "ph", make.NOW)] == [two.id]
        assert subscriptions.away(conn, "ph", make.NOW) == 1
        assert subscriptions.away(conn, "ph", LATER) == 0
        assert [each.id for each in subscriptions.active(conn, "ph", LATER)] == [one.id, two.id]


def test_what_was_missed_is_counted_until_it_has_been_told(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        one = subscriptions.active(conn, "ph", make.NOW)[0].id
        issues.publish(conn, make.new_issue(conn, at=make.NOW))
        for each in deliveries.claim(conn, "w", make.NOW, 900, 9, "smtp"):
            deliveries.settle(conn, each.id, "w", Outcome("sent"), make.NOW)
        subscriptions.pause(conn, one, LATER, make.NOW + make.DAY)
        for day in (2, 3):
            at = make.NOW + day * make.DAY
            issues.publish(conn, make.new_issue(conn, at=at, now=at))
        assert subscriptions.missed(conn, "ph", LATER - make.DAY) == {}, "still away"
        assert subscriptions.missed(conn, "ph", LATER) == {one: 2}
        issues.publish(conn, make.new_issue(conn, at=LATER, now=LATER))
        assert subscriptions.missed(conn, "ph", LATER) == {}
        assert issues.without_deliveries(conn, make.NOW - make.DAY) == ()


def test_an_issue_that_all_readers_were_away_for_is_not_taken_for_a_lost_one(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        subscriptions.pause(conn, subscriptions.active(conn, "ph", make.NOW)[0].id, LATER, make.NOW)
        at = make.NOW + make.DAY
        issues.publish(conn, make.new_issue(conn, at=at, now=at))
        assert issues.without_deliveries(conn, make.NOW - make.DAY) == ()


def test_pausing_stops_what_waits_and_ending_the_pause_sends_it(store: Store) -> None:
    make.with_deliveries(store, 1)
    with store.write() as conn:
        (waiting,) = deliveries.listing(conn)
        reader = waiting.subscription_id or 0
        subscriptions.pause(conn, reader, LATER, make.NOW)
        assert [(each.state, each.state_reason) for each in deliveries.listing(conn)] == [("stopped", "paused")]
        subscriptions.undo(conn, reader, make.NOW + make.DAY)
        assert [each.state for each in deliveries.listing(conn)] == ["pending"]


def test_an_issue_that_was_waiting_when_the_reader_went_away_is_counted_as_missed(store: Store) -> None:
    make.with_deliveries(store, 1)
    with store.write() as conn:
        reader = deliveries.listing(conn)[0].subscription_id or 0
        subscriptions.pause(conn, reader, LATER, make.NOW + make.DAY)
        assert subscriptions.missed(conn, "ph", LATER) == {reader: 1}


def test_what_was_stopped_long_ago_is_not_sent_after_all(store: Store) -> None:
    make.with_deliveries(store, 1)
    with store.write() as conn:
        reader = deliveries.listing(conn)[0].subscription_id or 0
        subscriptions.leave(conn, reader, make.NOW)
        subscriptions.undo(conn, reader, make.NOW + 8 * make.DAY)
        assert [each.state for each in deliveries.listing(conn)] == ["stopped"]


def test_one_who_thinks_better_of_it_but_is_off_the_list_meanwhile_gets_nothing(store: Store) -> None:
    make.with_deliveries(store, 2)
    with store.write() as conn:
        gone = subscriptions.listing(conn)[0]
        subscriptions.leave(conn, gone.id, make.NOW)
        people = [make.person(each.address) for each in subscriptions.listing(conn)[1:]]
        subscriptions.sync(conn, make.catalogue(make.bulletin("ph"), people=people), make.NOW)
        subscriptions.undo(conn, gone.id, make.NOW)
        states = {each.subscription_id: each.state for each in deliveries.listing(conn)}
    assert states[gone.id] == "stopped"


def test_a_pause_that_is_moved_still_began_when_it_began(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        reader = subscriptions.active(conn, "ph", make.NOW)[0].id
        subscriptions.pause(conn, reader, LATER, make.NOW)
        at = make.NOW + make.DAY
        issues.publish(conn, make.new_issue(conn, at=at, now=at))
        subscriptions.pause(conn, reader, LATER + make.DAY, make.NOW + 2 * make.DAY)
        assert subscriptions.missed(conn, "ph", LATER + make.DAY) == {reader: 1}


def test_an_address_that_becomes_a_distribution_list_loses_the_links_it_had(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        before = subscriptions.listing(conn)[0]
        listed = make.person(before.address, kind="list")
        subscriptions.sync(conn, make.catalogue(make.bulletin("ph"), people=[listed]), make.NOW)
        after = subscriptions.listing(conn)[0]
    assert (before.kind, after.kind) == ("person", "list")
    assert after.generation == before.generation + 1
