"""Mail that comes back: three issues in a row suspend, and nothing that is made up does."""

from __future__ import annotations

from alerts.model.deliveries import Outcome
from alerts.store import Connection, Store, bounces, deliveries, issues, subscriptions
from tests.store import making as make

NOW = make.NOW


def sent(conn: Connection) -> list[str]:
    """Bring out an issue to everybody, send it, and return the marks of its messages."""
    issue = issues.publish(conn, make.new_issue(conn))
    for each in deliveries.claim(conn, "w", NOW, 900, 100, "smtp"):
        deliveries.settle(conn, each.id, "w", Outcome("sent", "250", 250), NOW)
    return [each.message_id[1:].partition("@")[0] for each in reversed(deliveries.listing(conn, issue_id=issue))]


def back(conn: Connection, mark: str, kind: str = "permanent") -> str:
    return bounces.take(conn, [mark], kind, "5.1.1", "550 unknown", NOW)


def test_three_issues_in_a_row_suspend_and_only_that_reader(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        assert [back(conn, sent(conn)[0]) for _ in range(3)] == ["counted", "counted", "suspended"]
        one, two = subscriptions.listing(conn)
        assert (one.state, one.state_reason, two.state) == ("suspended", "came back 3 times: 550 unknown", "active")


def test_one_message_counts_once_however_often_it_is_reported(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        mark = sent(conn)[0]
        assert [back(conn, mark) for _ in range(5)] == ["counted"] + ["known"] * 4


def test_an_issue_that_arrived_between_them_begins_the_count_again(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        marks = [sent(conn)[0] for _ in range(4)]
        assert [back(conn, marks[n]) for n in (0, 1, 3)] == ["counted"] * 3
        assert back(conn, marks[2]) == "suspended", "it only was reported late"


def test_what_passes_by_itself_or_is_about_the_message_is_noted_only(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        found = [back(conn, sent(conn)[0], kind) for kind in ("passing", "other", "passing", "other")]
    assert found == ["noted"] * 4


def test_a_report_that_is_made_up_suspends_nobody(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        for _ in range(3):
            sent(conn)
        assert {back(conn, mark) for mark in ("0" * 32, "%", "_" * 32, "")} == {"unknown"}
        assert bounces.take(conn, [], "permanent", "5.1.1", "", NOW) == "unknown"
        assert subscriptions.count(conn, "active") == 1


def test_one_member_of_a_distribution_list_does_not_suspend_it(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        people = [make.person("reader0@example.nhs.uk", kind="list")]
        subscriptions.sync(conn, make.catalogue(make.bulletin("ph"), people=people), NOW)
        assert [back(conn, sent(conn)[0]) for _ in range(3)] == ["noted"] * 3


def test_resuming_forgives_what_came_back(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        marks = [sent(conn)[0] for _ in range(3)]
        for mark in marks:
            back(conn, mark)
        reader = subscriptions.listing(conn)[0].id
        subscriptions.resume(conn, reader, NOW)
        assert back(conn, marks[2]) == "known"
        assert [back(conn, sent(conn)[0]) for _ in range(3)] == ["counted", "counted", "suspended"]
        subscriptions.resume(conn, reader, NOW)
