"""Many rows at once, alike on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from alerts.store import Store, records
from alerts.store.errors import Stale
from alerts.store.schema import records as table
from alerts.store.upserts import insert_rows, next_ids
from tests.store import making as make


def row(number: int, title: str) -> dict[str, object]:
    return {"id": number, "title": title, "body": "{}", "title_digest": "", "first_seen_at": make.NOW,
            "evidence_type": "news"}  # fmt: skip


def test_the_id_of_a_record_that_is_gone_is_never_given_again(store: Store) -> None:
    with store.write() as conn:
        first = list(next_ids(conn, table, 2))
        insert_rows(conn, table, [row(number, "x") for number in first])
    with store.write() as conn:
        conn.execute(delete(table))
    with store.write() as conn:
        second = list(next_ids(conn, table, 1))
    assert len(set(first)) == 2
    assert second[0] > max(first)


def test_ids_taken_beforehand_and_ids_that_the_database_gives_do_not_meet(store: Store) -> None:
    with store.write() as conn:
        taken = make.write_poll(conn, make.new(-1, make.entry("a"))).records[-1]
        given = conn.execute(
            table.insert().returning(table.c.id), {name: each for name, each in row(0, "b").items() if name != "id"}
        ).scalar_one()
        after = make.write_poll(conn, make.new(-1, make.entry("c"))).records[-1]
    assert taken < given < after


def test_rows_come_back_as_they_went_in(store: Store) -> None:
    entry = make.entry("k", title="100% of “them” :x ? %s", summary="a\nb", identifiers=[make.doi("10.1/%s")])
    with store.write() as conn:
        number = make.write_poll(conn, make.new(-1, entry)).records[-1]
    with store.read() as conn:
        found = records.get(conn, number)
    assert found is not None
    assert found.entry == entry
    assert found.first_seen_at == make.NOW


def test_a_key_that_is_there_already_is_somebody_elses_work(store: Store) -> None:
    with store.write() as conn:
        insert_rows(conn, table, [row(number, "x") for number in next_ids(conn, table, 1)])
    with pytest.raises(Stale), store.write() as conn:
        insert_rows(conn, table, [row(1, "again")])


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = {**row(5, "x"), "first_seen_at": make.NOW.replace(tzinfo=None)}
    with pytest.raises(ValueError, match="without a zone"), store.write() as conn:
        insert_rows(conn, table, [naive])
