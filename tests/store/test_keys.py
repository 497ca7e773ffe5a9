"""Every unique key of the model, attacked behind the code's back: the schema itself must refuse."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts.store import Stale, Store, deliveries, issues
from alerts.store.errors import StoreFailure
from alerts.store.schema import metadata
from tests.store import making as make


def filled(store: Store) -> None:
    """One row at least in every table that has a key."""
    with_issue = make.with_deliveries(store)
    assert with_issue
    with store.write() as conn:
        make.add_record(conn, "a", "tobacco", identifiers=[make.doi("10.1/a")])
        make.add_record(conn, "b", held=True)
        event = conn.scalar(select(metadata.tables["events"].c.id)) or 0
        item = issues.add_own_item(conn, "ph", make.entry(""), now=make.NOW, evidence_type="news")
        assert item.event_id != event
        issues.publish(conn, make.new_issue(conn, [event], of=make.period()))
        deliveries.enqueue(
            conn,
            "confirmation",
            "leave 1",
            address="a@example.nhs.uk",
            envelope_from="b@example.nhs.uk",
            message_id="<c@example.nhs.uk>",
            body=b"x",
            now=make.NOW,
        )


# What a second row is that shares nothing with the first but the key under attack.
CHANGES: list[tuple[str, Mapping[str, Any]]] = [
    ("entries", {"title": "other", "record_id": 2}),
    ("sightings", {"record_id": 2, "fingerprint": "other"}),
    ("identifiers", {"record_id": 2}),
    ("matches", {"evidence": "{}"}),
    ("events", {"kind": "updated"}),
    ("events", {"n": 99}),
    ("dispositions", {"kind": "dropped"}),
    ("issues", {"number": 99}),
    ("issues", {"period_key": "2030-01-01"}),
    ("periods", {"outcome": "empty"}),
    ("subscriptions", {"address": "READER0@EXAMPLE.NHS.UK"}),
    ("deliveries", {"address": "other@example.nhs.uk"}),
    ("own_items", {"note": "other"}),
    ("relations", {"reason": "other"}),
]


@pytest.mark.parametrize(("table", "change"), CHANGES)
def test_a_second_row_under_the_same_key_is_refused(store: Store, table: str, change: Mapping[str, Any]) -> None:
    filled(store)
    rows = metadata.tables[table]
    with store.write() as conn:
        if table == "relations":
            row = {"record_id": 1, "relation": "update of", "other_id": 2, "found_at": make.NOW}
            conn.execute(insert(rows), row)
        order = rows.c.period_key.desc().nulls_last() if table == "issues" else next(iter(rows.primary_key))
        first = dict(conn.execute(select(rows).order_by(order)).mappings().first() or {})
    assert first, f"nothing in {table}"
    if "id" in first and "id" in rows.primary_key.columns:
        del first["id"]
    with pytest.raises(Stale), store.write() as conn:
        conn.execute(insert(rows), {**first, **change})


@pytest.mark.parametrize(
    ("table", "column"),
    [("entries", "record_id"), ("matches", "record_id"), ("dispositions", "event_id"), ("deliveries", "issue_id"),
     ("deliveries", "subscription_id"), ("events", "held_batch_id"), ("identifiers", "record_id")],
)  # fmt: skip
def test_a_row_that_points_nowhere_is_refused(store: Store, table: str, column: str) -> None:
    filled(store)
    rows = metadata.tables[table]
    with pytest.raises(StoreFailure), store.write() as conn:
        conn.execute(update(rows).values({column: 999_999}))


@pytest.mark.parametrize("table", ["records", "events", "issues", "deliveries", "subscriptions"])
def test_an_id_that_has_left_the_database_is_never_used_again(sqlite_store: Store, table: str) -> None:
    """Without AUTOINCREMENT the highest id comes again when its row is gone: a token would fit another reader."""
    filled(sqlite_store)
    with sqlite_store.write() as conn:
        conn.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        rows = metadata.tables[table]
        row = dict(conn.execute(select(rows).order_by(rows.c.id.desc())).mappings().first() or {})
        last = row.pop("id")
        for name in ("n", "number"):
            if name in row:
                row[name] += 100
        for name in ("period_key",):
            if name in row:
                row[name] = None
        row.update({name: f"other {row[name]}" for name in ("address_key", "dedupe_key") if name in row})
        if table == "events":
            row["kind"] = "updated"
        conn.execute(rows.delete().where(rows.c.id == last))
        again = conn.execute(insert(rows).returning(rows.c.id), row).scalar_one()
        assert again > last
        conn.rollback()


def test_a_broken_key_does_not_put_an_address_into_the_log(store: Store) -> None:
    make.with_readers(store)
    rows = metadata.tables["subscriptions"]
    with store.write() as conn:
        first = dict(conn.execute(select(rows)).mappings().one())
        del first["id"]
    with pytest.raises(Stale) as refused, store.write() as conn:
        conn.execute(insert(rows), first)
    with pytest.raises(StoreFailure) as broken, store.write() as conn:
        conn.execute(update(rows), {"state": None, "address": "somebody@example.nhs.uk"})
    for each in (refused.value, broken.value):
        logged = "".join(traceback.format_exception(each))
        assert "example.nhs.uk" not in logged
