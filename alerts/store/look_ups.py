"""Which records are to be looked up in Europe PMC, and which have been."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, or_, select

from alerts.model.records import Record
from alerts.store.rows import RECORD, record_of
from alerts.store.schema import identifiers, look_ups, records, sightings
from alerts.store.upserts import upsert

RECENT = timedelta(days=60)
"""Older records are not looked up any more."""
WAITS = (timedelta(days=2), timedelta(days=7), timedelta(days=21))
"""A record that is not there yet, or has no abstract there, is asked for again after these, and then no more."""


def due(conn: Connection, source_ids: Collection[str], now: datetime, most: int) -> tuple[Record, ...]:
    """Return the newest records of these sources that have a DOI or PMID and are to be looked up now."""
    seen = exists().where(sightings.c.record_id == records.c.id, sightings.c.source_id.in_(sorted(source_ids)))
    named = exists().where(identifiers.c.record_id == records.c.id, identifiers.c.scheme.in_(("doi", "pmid")))
    again = [(look_ups.c.times == times) & (look_ups.c.asked_at <= now - wait) for times, wait in enumerate(WAITS, 1)]
    waits = look_ups.c.record_id.is_(None) | (~look_ups.c.is_over & or_(*again))
    statement = (
        RECORD.outerjoin_from(records, look_ups, look_ups.c.record_id == records.c.id)
        .where(records.c.first_seen_at >= now - RECENT, records.c.merged_into.is_(None), waits, named, seen)
        .order_by(records.c.id.desc())
        .limit(most)
    )
    return tuple(record_of(row) for row in conn.execute(statement))


def keep(conn: Connection, asked: Mapping[int, bool], now: datetime) -> None:
    """Remember that records were looked up, each with whether that is over: all that was wanted has been found."""
    times = select(look_ups.c.record_id, look_ups.c.times).where(look_ups.c.record_id.in_(sorted(asked)))
    before = {row.record_id: row.times for row in conn.execute(times)}
    rows = [
        {"record_id": each, "times": before.get(each, 0) + 1, "asked_at": now, "is_over": is_over}
        for each, is_over in asked.items()
    ]
    upsert(conn, look_ups, rows, key=("record_id",))
