"""Which records are looked up in Europe PMC, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.store import Store, look_ups
from tests.store import making as make
from tests.store.making import NOW


@pytest.fixture
def named(store: Store) -> int:
    """A record of the journal with a DOI, beside one without and one of another source."""
    with store.write() as conn:
        found = make.add_record(conn, "a", source_id="journal", identifiers=[make.doi("10.5555/a")])
        make.add_record(conn, "b", source_id="journal")
        make.add_record(conn, "c", source_id="other", identifiers=[make.doi("10.5555/c")])
    return found


def waiting(store: Store, days: float) -> list[int]:
    with store.read() as conn:
        return [each.id for each in look_ups.due(conn, {"journal"}, NOW + timedelta(days=days), 10)]


def asked(store: Store, record: int, days: float, *, is_over: bool) -> None:
    with store.write() as conn:
        look_ups.keep(conn, {record: is_over}, NOW + timedelta(days=days))


def test_records_with_a_doi_of_sources_that_ask_for_it_are_looked_up(store: Store, named: int) -> None:
    assert waiting(store, 0) == [named]


def test_a_record_that_was_found_is_never_asked_for_again(store: Store, named: int) -> None:
    asked(store, named, 0, is_over=True)
    assert [waiting(store, days) for days in (0, 3, 50)] == [[], [], []]


def test_a_record_that_is_not_there_yet_is_asked_for_three_times_more(store: Store, named: int) -> None:
    days = 0.0
    for wait in look_ups.WAITS:
        asked(store, named, days, is_over=False)
        days += wait / timedelta(days=1)
        assert waiting(store, days - 0.1) == []
        assert waiting(store, days) == [named]
    asked(store, named, days, is_over=False)
    assert waiting(store, days + 25) == []


def test_old_records_are_not_looked_up(store: Store, named: int) -> None:
    assert waiting(store, 59) == [named]
    assert waiting(store, 61) == []
