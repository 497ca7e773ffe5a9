"""Two records turn out to be one publication: everything of the one goes over to the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from alerts.store.engine import lock_rows
from alerts.store.errors import Stale
from alerts.store.rows import EVENT
from alerts.store.schema import (
    dispositions,
    entries,
    events,
    identifiers,
    matches,
    own_items,
    records,
    relations,
    sightings,
)
from alerts.store.upserts import insert_new


def merge(conn: Connection, keep: int, drop: int, now: datetime, reason: str = "") -> None:
    """Let the record `drop` be `keep` from now on.

    Entries, sightings, identifiers, relations and matches go over (where `keep` has a match of the same profile, its
    own stays). Dispositions are united: what either was to a bulletin, the one that stays has been, so that nobody gets
    it a second time. Events other than *new* go over with new numbers. Raises `Stale` when either is gone already.
    """
    _check(conn, keep, drop)
    for table in (entries, sightings, identifiers):
        conn.execute(update(table).where(table.c.record_id == drop), {"record_id": keep})
    _move_relations(conn, keep, drop, now, reason)
    _unite_dispositions(conn, keep, drop, now)
    _move_events(conn, keep, drop)
    _move_matches(conn, keep, drop)
    conn.execute(update(records).where(records.c.merged_into == drop), {"merged_into": keep})
    conn.execute(update(records).where(records.c.id == drop), {"merged_into": keep})


def _check(conn: Connection, keep: int, drop: int) -> None:
    both = records.c.id.in_((keep, drop)) & records.c.merged_into.is_(None)
    found = conn.scalars(lock_rows(conn, select(records.c.id).where(both).order_by(records.c.id))).all()
    if keep == drop or len(found) != 2:
        raise Stale(f"Records {keep} and {drop} cannot be merged: one of them is gone already.")


def _move_relations(conn: Connection, keep: int, drop: int, now: datetime, reason: str) -> None:
    about = (relations.c.record_id == drop) | (relations.c.other_id == drop)
    rows = [dict(row) for row in conn.execute(select(relations).where(about)).mappings()]
    conn.execute(delete(relations).where(about))
    for row in rows:
        row["record_id"] = keep if row["record_id"] == drop else row["record_id"]
        row["other_id"] = keep if row["other_id"] == drop else row["other_id"]
    rows.append({"record_id": drop, "relation": "merged into", "other_id": keep, "reason": reason, "found_at": now})
    insert_new(conn, relations, [row for row in rows if row["record_id"] != row["other_id"]])


def _unite_dispositions(conn: Connection, keep: int, drop: int, now: datetime) -> None:
    """Give the *new* event that stays every disposition that the other *new* event has and it has not."""
    new = {
        row.record_id: row
        for row in conn.execute(EVENT.where(events.c.record_id.in_((keep, drop)), events.c.kind == "new"))
    }
    if len(new) < 2:
        return
    settled = conn.execute(select(dispositions).where(dispositions.c.event_id == new[drop].id)).mappings().all()
    rows = [{**row, "event_id": new[keep].id, "record_id": keep, "settled_at": now} for row in settled]
    insert_new(conn, dispositions, rows)
    _move_own_items(conn, new[keep].id, keep, new[drop].id)


def _move_own_items(conn: Connection, event_id: int, keep: int, dropped_event_id: int) -> None:
    there = select(own_items.c.bulletin_id).where(own_items.c.event_id == event_id)
    moving = (own_items.c.event_id == dropped_event_id) & own_items.c.bulletin_id.not_in(there)
    conn.execute(update(own_items).where(moving), {"event_id": event_id, "record_id": keep})


def _move_events(conn: Connection, keep: int, drop: int) -> None:
    """Renumber the events of `drop` behind those of `keep`; its *new* stays with it, settled by the merging."""
    has_new = conn.scalar(select(events.c.id).where(events.c.record_id == keep, events.c.kind == "new")) is not None
    last = conn.scalar(select(func.max(events.c.n)).where(events.c.record_id == keep)) or 0
    moving = conn.execute(EVENT.where(events.c.record_id == drop).order_by(events.c.n)).all()
    for row in moving:
        if row.kind == "new" and has_new:
            continue
        last += 1
        conn.execute(update(events).where(events.c.id == row.id), {"record_id": keep, "n": last})
        for table in (dispositions, own_items):
            conn.execute(update(table).where(table.c.event_id == row.id), {"record_id": keep})
    conn.execute(update(events).where(events.c.notice_record_id == drop), {"notice_record_id": keep})


def _move_matches(conn: Connection, keep: int, drop: int) -> None:
    before = conn.execute(select(matches).where(matches.c.record_id == drop)).mappings().all()
    conn.execute(delete(matches).where(matches.c.record_id == drop))
    insert_new(conn, matches, [{**row, "record_id": keep} for row in before])
