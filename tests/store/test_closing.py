"""What closes soon, of what readers had: one event for each record, one telling in each bulletin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.model.records import EventKind
from alerts.store import Connection, Store, issues, records
from alerts.store.closing import announce, due
from tests.store import making as make

SOON = make.NOW + 14 * make.DAY
WEEKLY, OTHER = make.bulletin("ph", "tobacco"), make.bulletin("other", "tobacco")
BOOK = make.catalogue(WEEKLY, OTHER)


def a_consultation(conn: Connection, key: str = "displays", *, closes: datetime = make.NOW + 9 * make.DAY) -> int:
    entry = replace(make.entry(key), closes=closes)
    return make.write_poll(conn, make.new(-1, entry), matches=[make.match(-1, "tobacco")]).records[-1]


def tell(conn: Connection, bulletin_id: str = "ph") -> list[str]:
    """Publish all that a bulletin has to tell; return the kinds of the events."""
    bulletin = {"ph": WEEKLY, "other": OTHER}[bulletin_id]
    found = issues.candidates(conn, bulletin, BOOK)
    issues.publish(conn, make.new_issue(conn, [each.event.id for each in found], bulletin_id=bulletin_id))
    return [each.event.kind for each in found]


def test_what_was_shown_and_closes_soon_is_told_once_more(store: Store) -> None:
    with store.write() as conn:
        a_consultation(conn)
        assert due(conn, make.NOW, SOON) == (), "nobody had it yet"
        assert tell(conn) == ["new"]
        assert announce(conn, make.NOW, SOON) == 1
        assert tell(conn) == ["closing"]
        assert announce(conn, make.NOW, SOON) == 0
        assert tell(conn) == []


@pytest.mark.parametrize("days", [-1, 15])
def test_what_has_closed_or_closes_later_is_not_announced(store: Store, days: int) -> None:
    with store.write() as conn:
        a_consultation(conn, closes=make.NOW + timedelta(days=days))
        tell(conn)
        assert announce(conn, make.NOW, SOON) == 0


@pytest.mark.parametrize("kind", ["withdrawn", "retracted"])
def test_what_was_withdrawn_is_not_announced_as_closing(store: Store, kind: EventKind) -> None:
    with store.write() as conn:
        number = a_consultation(conn)
        tell(conn)
        make.write_poll(conn, make.changed(number, make.entry("displays"), kind))
        assert announce(conn, make.NOW, SOON) == 0
        assert tell(conn) == [kind]


def test_a_bulletin_that_did_not_show_it_has_nothing_to_remind_of(store: Store) -> None:
    with store.write() as conn:
        a_consultation(conn)
        tell(conn)
        announce(conn, make.NOW, SOON)
        assert [each.event.kind for each in issues.candidates(conn, OTHER, BOOK)] == ["new"]
        assert tell(conn, "other") == ["new"]
        assert tell(conn, "other") == ["closing"]
        assert tell(conn) == ["closing"]


def test_a_date_that_moves_moves_what_is_asked_for(store: Store) -> None:
    with store.write() as conn:
        number = a_consultation(conn, closes=make.NOW + 60 * make.DAY)
        tell(conn)
        assert due(conn, make.NOW, SOON) == ()
        sooner = replace(make.entry("displays"), closes=make.NOW + 3 * make.DAY)
        make.write_poll(conn, make.changed(number, sooner))
        assert due(conn, make.NOW, SOON) == (number,)


def test_of_two_records_that_turn_out_to_be_one_the_closing_is_told_once(store: Store) -> None:
    with store.write() as conn:
        first, second = a_consultation(conn, "one"), a_consultation(conn, "two")
        tell(conn)
        assert announce(conn, make.NOW, SOON) == 2
        records.merge(conn, first, second, make.NOW)
        assert tell(conn) == ["closing"]
