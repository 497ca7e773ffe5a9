"""Who takes what: the reader's own act, else suspension, else the list."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from alerts.model.bulletins import Person
from alerts.store import Connection, Store, deliveries, issues, subscriptions
from alerts.store.subscriptions import SyncChanges
from tests.store import making as make

PH = make.bulletin("ph", teams=("public-health", "alliance"))
COM = make.bulletin("com", teams=("commissioning",))
ANN, BOB = make.person("ann@example.nhs.uk", name="Ann"), make.person("bob@example.nhs.uk", "commissioning", "alliance")


def sync(conn: Connection, people: Sequence[Person]) -> SyncChanges:
    return subscriptions.sync(conn, make.catalogue(PH, COM, people=people), make.NOW)


def states(conn: Connection) -> dict[tuple[str, str], str]:
    return {(each.address, each.bulletin_id): each.state for each in subscriptions.listing(conn)}


def test_people_take_the_bulletins_of_their_teams(store: Store) -> None:
    with store.write() as conn:
        assert sync(conn, [ANN, BOB]) == SyncChanges(added=3)
        assert sync(conn, [ANN, BOB]) == SyncChanges()
        assert [(each.address, each.name, each.team) for each in subscriptions.active(conn, "ph", make.NOW)] == [
            ("ann@example.nhs.uk", "Ann", "public-health"),
            ("bob@example.nhs.uk", "", "alliance"),
        ]
        assert [each.address for each in subscriptions.active(conn, "com", make.NOW)] == ["bob@example.nhs.uk"]
        assert subscriptions.active(conn, "none", make.NOW) == ()


def test_an_address_in_other_letters_is_the_same_reader(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN])
        changed = make.person(" Ann@Example.NHS.uk", name="Ann B", kind="list")
        assert sync(conn, [changed]) == SyncChanges(updated=1)
        (found,) = subscriptions.active(conn, "ph", make.NOW)
        assert (found.address, found.name, found.kind) == ("Ann@Example.NHS.uk", "Ann B", "list")
        assert subscriptions.of_address(conn, "ANN@example.nhs.uk") == (found,)


def test_a_reader_who_is_taken_off_the_list_gets_nothing_more_and_may_come_back(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        assert sync(conn, [BOB]).removed == 1
        assert states(conn)["ann@example.nhs.uk", "ph"] == "removed"
        assert sync(conn, [ANN, BOB]).returned == 1
        assert states(conn)["ann@example.nhs.uk", "ph"] == "active"


def test_a_list_that_is_suddenly_empty_changes_nothing(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        before = states(conn)
        assert sync(conn, []) == SyncChanges(kept_last_good=True)
        assert sync(conn, [make.person("x@example.nhs.uk", "no-such-team")]) == SyncChanges(kept_last_good=True)
        assert states(conn) == before


def test_the_readers_of_a_bulletin_whose_file_is_gone_stay_its_readers(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        assert subscriptions.sync(conn, make.catalogue(PH, people=[ANN, BOB]), make.NOW) == SyncChanges()
        assert [each.address for each in subscriptions.active(conn, "com", make.NOW)] == ["bob@example.nhs.uk"]


def test_an_empty_list_at_the_very_start_is_just_that(store: Store) -> None:
    with store.write() as conn:
        assert sync(conn, []) == SyncChanges()


def ann(conn: Connection) -> int:
    return subscriptions.of_address(conn, ANN.address)[0].id


def test_one_who_left_is_not_brought_back_by_an_edit(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        left = subscriptions.leave(conn, ann(conn), make.NOW, "one click")
        assert left is not None
        assert (left.state, left.state_reason) == ("left", "one click")
        sync(conn, [BOB])
        sync(conn, [make.person(ANN.address, name="Ann again"), BOB])
        assert states(conn)["ann@example.nhs.uk", "ph"] == "left"
        undone = subscriptions.undo(conn, ann(conn), make.NOW)
        assert undone is not None
        assert (undone.state, undone.name) == ("active", "Ann again")


def test_undoing_does_not_bring_back_one_whom_the_list_no_longer_has(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        subscriptions.leave(conn, ann(conn), make.NOW)
        sync(conn, [BOB])
        undone = subscriptions.undo(conn, ann(conn), make.NOW)
        assert undone is not None
        assert undone.state == "removed"


def test_leaving_twice_or_nothing_is_harmless(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN])
        first = subscriptions.leave(conn, ann(conn), make.NOW, "first")
        assert subscriptions.leave(conn, ann(conn), make.NOW + make.DAY, "second") == first
        assert subscriptions.leave(conn, 999, make.NOW) is None
        assert subscriptions.undo(conn, 999, make.NOW) is None
        assert subscriptions.resume(conn, 999, make.NOW) is None


def test_a_suspension_outlives_an_edit_and_ends_by_resuming(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        subscriptions.suspend(conn, ann(conn), "550 no such mailbox", make.NOW)
        sync(conn, [BOB])
        sync(conn, [ANN, BOB])
        (found,) = subscriptions.of_address(conn, ANN.address)
        assert (found.state, found.state_reason) == ("suspended", "550 no such mailbox")
        subscriptions.leave(conn, found.id, make.NOW)
        resumed = subscriptions.resume(conn, found.id, make.NOW)
        assert resumed is not None
        assert resumed.state == "left"


def test_leaving_stops_what_is_not_on_its_way_and_nobody_elses(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN, BOB])
        issues.publish(conn, make.new_issue(conn))
        deliveries.enqueue(
            conn,
            "confirmation",
            "leave",
            address=ANN.address,
            envelope_from="x@example.nhs.uk",
            message_id="<1@x>",
            body=b"You have left.",
            now=make.NOW,
            subscription_id=ann(conn),
        )
        subscriptions.leave(conn, ann(conn), make.NOW)
        found = {(each.kind, each.subscription_id == ann(conn)): each.state for each in deliveries.listing(conn)}
    assert found == {("delivery", True): "stopped", ("delivery", False): "pending", ("confirmation", True): "pending"}


def test_a_new_generation_makes_old_tokens_invalid(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN])
        before = subscriptions.get(conn, ann(conn))
        after = subscriptions.new_generation(conn, ann(conn))
    assert before is not None
    assert after is not None
    assert after.generation == before.generation + 1


def test_three_refusals_in_a_row_suspend_and_an_accepted_mail_forgets_them(store: Store) -> None:
    with store.write() as conn:
        sync(conn, [ANN])
        number = ann(conn)
        assert [subscriptions.refused(conn, number, "550", make.NOW) for _ in range(2)] == [False, False]
        subscriptions.accepted(conn, [number])
        assert [subscriptions.refused(conn, number, "550", make.NOW) for _ in range(3)] == [False, False, True]
        assert subscriptions.count(conn, "suspended") == 1
        subscriptions.resume(conn, number, make.NOW)
        assert subscriptions.refused(conn, number, "550", make.NOW) is False
        assert subscriptions.refused(conn, 999, "550", make.NOW) is False


ACTS = some.sampled_from(["list", "unlist", "leave", "undo", "suspend", "resume"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(acts=some.lists(ACTS, max_size=8))
def test_the_state_follows_from_act_suspension_and_list_in_any_order(sqlite_store: Store, acts: list[str]) -> None:
    listed, left, suspended = True, False, False
    with sqlite_store.write() as conn:
        conn.exec_driver_sql("DELETE FROM subscriptions")
        sync(conn, [ANN, BOB])
        number = ann(conn)
        for act in acts:
            match act:
                case "list" | "unlist":
                    sync(conn, [ANN, BOB] if act == "list" else [BOB])
                    listed = act == "list"
                case "leave" | "undo":
                    (subscriptions.leave if act == "leave" else subscriptions.undo)(conn, number, make.NOW)
                    left = act == "leave"
                case "suspend":
                    subscriptions.suspend(conn, number, "why", make.NOW)
                    suspended = True
                case "resume":
                    subscriptions.resume(conn, number, make.NOW)
                    suspended = False
        found = subscriptions.get(conn, number)
    assert found is not None
    assert found.state == ("left" if left else "suspended" if suspended else "active" if listed else "removed")


@pytest.mark.parametrize("count", [2000])
def test_a_long_list_is_taken_in_at_once(sqlite_store: Store, count: int) -> None:
    people = [make.person(f"r{number}@example.nhs.uk") for number in range(count)]
    with sqlite_store.write() as conn:
        assert sync(conn, people).added == count
        assert sync(conn, people[:-1]).removed == 1
