"""What is asked often must never go through a whole table: a million known records cost no more than ten thousand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from alerts.store import Connection, Store, bounces, deliveries, issues, records, sources, subscriptions
from tests.store import making as make

GROWING = ("records", "entries", "sightings", "identifiers", "relations", "events", "matches", "dispositions",
           "issues", "deliveries", "attempts")  # fmt: skip


@contextmanager
def scans(store: Store) -> Iterator[set[str]]:
    """Collect the growing tables that statements inside go through from end to end."""
    found: set[str] = set()

    def explain(_: Any, cursor: Any, statement: str, parameters: Any, __: Any, many: bool) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            return
        one = parameters[0] if many and parameters else parameters
        plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", one).fetchall()
        for *_, detail in plan:
            scanned = re.match(r"SCAN (\w+)(?! USING (?:COVERING )?INDEX)", detail)
            if scanned and scanned[1] in GROWING:
                found.add(f"{scanned[1]}: {statement}")

    event.listen(store.engine, "before_cursor_execute", explain)
    yield found
    event.remove(store.engine, "before_cursor_execute", explain)


def a_poll(conn: Connection) -> None:
    entry = make.entry("again", summary="changed", identifiers=[make.doi("10.1/a"), make.Identifier("pmid", "1")])
    known = records.by_identifiers(conn, [make.doi("10.1/a")])
    make.write_poll(
        conn,
        make.changed(known[make.doi("10.1/a")], entry),
        make.new(-1, make.entry("new", identifiers=[make.doi("10.1/new")])),
        matches=[make.match(-1)],
        unmatched=[(1, "alcohol")],
    )


def an_issue(conn: Connection) -> None:
    weekly = make.bulletin("ph", "tobacco")
    told = [each.event.id for each in issues.candidates(conn, weekly, make.catalogue(weekly))]
    issues.publish(conn, make.new_issue(conn, told))


def a_delivery(conn: Connection) -> None:
    (one,) = deliveries.claim(conn, "me", make.NOW, 900, 1, "smtp")
    assert deliveries.enter_data(conn, one.id, "me", make.NOW)
    assert deliveries.settle(conn, one.id, "me", make.SENT, make.NOW)


def leaving(conn: Connection) -> None:
    subscriptions.leave(conn, subscriptions.active(conn, "ph", make.NOW)[0].id, make.NOW)


def a_message_that_came_back(conn: Connection) -> None:
    assert bounces.take(conn, ["0" * 32, "f" * 32], "permanent", "5.1.1", "550", make.NOW) == "unknown"


def what_is_known(conn: Connection) -> None:
    wanted = make.Wanted(["again", "x"], [make.doi("10.1/a"), make.Identifier("link", "y")], ["titleofagain"])
    assert sources.known(conn, "dhsc", wanted).records


@pytest.mark.parametrize("work", [a_poll, an_issue, a_delivery, leaving, what_is_known, a_message_that_came_back])
def test_nothing_goes_through_a_whole_table(sqlite_store: Store, work: Callable[[Connection], None]) -> None:
    make.with_deliveries(sqlite_store, 2)
    with sqlite_store.write() as conn:
        make.add_record(conn, "again", "tobacco", "alcohol", identifiers=[make.doi("10.1/a")])
    with scans(sqlite_store) as found, sqlite_store.write() as conn:
        work(conn)
    assert not found


def test_the_watch_for_whole_tables_can_see_one(sqlite_store: Store) -> None:
    with scans(sqlite_store) as found, sqlite_store.read() as conn:
        conn.exec_driver_sql("SELECT * FROM records WHERE summary = 'x'")
    assert len(found) == 1
