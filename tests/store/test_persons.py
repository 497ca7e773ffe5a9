"""What is kept of a person, erasing it, and letting it go by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event

from alerts.model.bulletins import Person
from alerts.model.deliveries import Outcome
from alerts.store import Connection, Store, deliveries, persons, retention, subscriptions, suppressions
from alerts.store.errors import StillOnItsWay
from alerts.store.suppressions import Seal
from tests.store import making as make

NOW, DAY = make.NOW, make.DAY
SEAL = Seal((b"k" * 32,))
NEWER = Seal((b"n" * 32, b"k" * 32))
PH = make.bulletin("ph", teams=("public-health",))
COM = make.bulletin("com", teams=("public-health",))
ANN, BOB = make.person("Ann@example.nhs.uk", name="Ann"), make.person("bob@example.nhs.uk")
LIMITS = retention.Limits(NOW - 30 * DAY, NOW - 90 * DAY, NOW - 28 * DAY, NOW - 7 * DAY)


def sync(conn: Connection, people: Sequence[Person], seal: Seal = SEAL) -> None:
    subscriptions.sync(conn, make.catalogue(PH, COM, people=people), NOW, seal)


def kept(conn: Connection) -> set[tuple[str, str]]:
    return {(each.address, each.bulletin_id) for each in subscriptions.listing(conn)}


def leave_all(conn: Connection, address: str, days_ago: int) -> None:
    for each in subscriptions.of_address(conn, address):
        subscriptions.leave(conn, each.id, NOW - days_ago * DAY)


def test_one_who_left_is_forgotten_after_four_weeks_and_not_brought_back(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        leave_all(conn, ANN.address, 27)
        assert persons.forget_ended(conn, SEAL, LIMITS.addresses, NOW) == 0
        assert persons.forget_ended(conn, SEAL, NOW - 26 * DAY, NOW) == 1
        assert kept(conn) == {("bob@example.nhs.uk", "ph"), ("bob@example.nhs.uk", "com")}
        sync(conn, [ANN, BOB])
        assert len(kept(conn)) == 2
        assert suppressions.lift(conn, SEAL, "ann@example.nhs.uk", "ph") == 1
        sync(conn, [ANN, BOB])
        assert ("Ann@example.nhs.uk", "ph") in kept(conn)
        assert ("Ann@example.nhs.uk", "com") not in kept(conn)


def test_one_bulletin_that_goes_on_keeps_the_address_and_the_choice(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        subscriptions.leave(conn, subscriptions.of_address(conn, ANN.address)[0].id, NOW - 100 * DAY)
        assert persons.forget_ended(conn, SEAL, LIMITS.addresses, NOW) == 0
        assert len(subscriptions.of_address(conn, ANN.address)) == 2


def test_one_whom_the_list_dropped_is_forgotten_and_may_be_listed_again(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        subscriptions.sync(conn, make.catalogue(PH, COM, people=[BOB]), NOW - 40 * DAY, SEAL)
        assert persons.forget_ended(conn, SEAL, LIMITS.addresses, NOW) == 1
        sync(conn, [ANN, BOB])
        assert len(kept(conn)) == 4


def test_one_who_is_suspended_is_shown_and_never_forgotten(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        for each in subscriptions.of_address(conn, ANN.address):
            subscriptions.suspend(conn, each.id, "550", NOW - 300 * DAY)
        assert persons.forget_ended(conn, SEAL, LIMITS.addresses, NOW) == 0


def test_a_new_key_still_knows_those_who_left_and_takes_them_over(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        leave_all(conn, ANN.address, 40)
        persons.forget_ended(conn, SEAL, LIMITS.addresses, NOW)
        assert suppressions.under_lost_keys(conn, NEWER) == 0
        sync(conn, [ANN, BOB], NEWER)
        only_new = Seal(NEWER.keys[:1])
        assert suppressions.under_lost_keys(conn, only_new) == 0
        sync(conn, [ANN, BOB], only_new)
        assert len(kept(conn)) == 2
        assert suppressions.under_lost_keys(conn, Seal((b"x" * 32,))) == 2


def test_what_is_kept_of_those_who_left_is_no_address(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        persons.erase(conn, SEAL, ANN.address, NOW)
        rows = conn.exec_driver_sql("SELECT * FROM suppressions").all()
    assert len(rows) == 1
    assert "ann" not in str(rows[0]).lower()
    assert SEAL.digests("ann@example.nhs.uk") != Seal((b"o" * 32,)).digests("ann@example.nhs.uk")


def test_erasing_stops_what_waits_and_takes_the_person_out_of_what_was(store: Store) -> None:
    make.with_deliveries(store, 2)
    with store.write() as conn:
        one, two = subscriptions.listing(conn)
        claimed = deliveries.claim(conn, "w", NOW, 900, 1, "smtp")[0]
        deliveries.settle(conn, claimed.id, "w", Outcome("failed", f"550 <{one.address}> unknown", 550), NOW)
        assert one.address in str(persons.export(conn, one.address.upper()))
        done = persons.erase(conn, SEAL, one.address.upper(), NOW)
        assert (done.subscriptions, done.messages) == (1, 1)
        assert persons.export(conn, one.address)["messages"] == []
        everything = [str(row) for each in ("deliveries", "attempts", "subscriptions")
                      for row in conn.exec_driver_sql(f"SELECT * FROM {each}")]  # fmt: skip
        assert not [row for row in everything if one.address in row]
        assert [row for row in everything if two.address in row]
        assert persons.erase(conn, SEAL, one.address, NOW).found is False, "again is harmless"


def test_nobody_is_erased_while_a_message_is_being_handed_over(store: Store) -> None:
    make.with_deliveries(store, 1)
    with store.write() as conn:
        claimed = deliveries.claim(conn, "w", NOW, 900, 1, "smtp")[0]
        assert deliveries.enter_data(conn, claimed.id, "w", NOW)
    with pytest.raises(StillOnItsWay), store.write() as conn:
        persons.erase(conn, SEAL, claimed.address, NOW)


def test_attempts_become_counts_and_the_last_one_stays_for_the_marker(store: Store) -> None:
    make.with_deliveries(store, 3)
    with store.write() as conn:
        for each in deliveries.claim(conn, "w", NOW, 900, 3, "smtp"):
            deliveries.settle(conn, each.id, "w", Outcome("sent", "250 ok", 250), NOW)
        numbers = deliveries.last_numbers(conn)
        later = NOW + timedelta(days=100)
        limits = retention.Limits(later - 30 * DAY, later - 90 * DAY, later - 28 * DAY, later)
        done = retention.tidy(conn, limits, SEAL, later)
        assert done is not None
        assert (done.mails, done.attempts) == (3, 2)
        assert retention.counts(conn) == {(f"{NOW:%Y-%m}", "smtp", "sent"): 2}
        assert deliveries.last_numbers(conn) == numbers
        assert retention.tidy(conn, limits, SEAL, later) is None, "once a day"
        assert {each.address for each in deliveries.listing(conn)} == {""}
        assert [deliveries.retry(conn, each.id, later) for each in deliveries.listing(conn)] == [False] * 3


def test_of_many_old_mails_and_attempts_a_part_is_let_go_at_each_look_until_none_is_left(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    make.with_deliveries(store, 5)
    with store.write() as conn:
        for each in deliveries.claim(conn, "w", NOW, 900, 5, "smtp"):
            deliveries.settle(conn, each.id, "w", Outcome("sent", "250 ok", 250), NOW)
    later = NOW + timedelta(days=100)
    limits = retention.Limits(later - 30 * DAY, later - 90 * DAY, later - 28 * DAY, later)
    found = []
    while True:
        with store.write() as conn:
            done = retention.tidy(conn, limits, SEAL, later)
            if done is None:
                break
            found.append((done.mails, done.attempts))
            kept = sum(bool(each.address) for each in deliveries.listing(conn))
            words = [each.words for n in range(1, 6) for each in deliveries.attempts(conn, n)]
    assert found == [(2, 2), (2, 2), (1, 0)]
    assert (kept, words) == (0, [""]), "the last attempt stays, without words"


def test_a_mail_that_still_waits_is_kept_however_old_it_is(store: Store) -> None:
    make.with_deliveries(store, 1)
    with store.write() as conn:
        later = NOW + timedelta(days=100)
        done = retention.tidy(conn, retention.Limits(later, later, NOW - DAY, later), SEAL, later)
        assert done is not None
        assert done.mails == 0
        assert deliveries.listing(conn)[0].address


def test_letting_many_go_looks_through_the_messages_no_oftener_than_letting_one_go(store: Store) -> None:
    looked: list[str] = []

    def note_it(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if "lower(deliveries.address) IN" in statement:
            looked.append(statement)

    with store.write() as conn:
        people = [make.person(f"reader{each}@example.nhs.uk") for each in range(20)]
        sync(conn, [*people, BOB])
        for each in people:
            leave_all(conn, each.address, 40)
    event.listen(store.engine, "before_cursor_execute", note_it)
    with store.write() as conn:
        assert persons.forget_ended(conn, SEAL, LIMITS.addresses, NOW) == 20
    event.remove(store.engine, "before_cursor_execute", note_it)
    assert len(looked) == 1
