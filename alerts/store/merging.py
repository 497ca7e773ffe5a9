"""Two records turn out to be one publication: everything of the one goes over to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.sql import ColumnElement

from alerts.store.engine import lock_rows
from alerts.store.errors import Stale
from alerts.store.matches import SHOWN
from alerts.store.rows import EVENT
from alerts.store.schema import (
    awaited,
    dispositions,
    entries,
    events,
    identifiers,
    matches,
    own_items,
    pairings,
    records,
    relations,
    sightings,
)
from alerts.store.upserts import insert_new


def merge(conn: Connection, keep: int, drop: int, now: datetime, reason: str = "") -> None:
    """Let the record `drop` be `keep` from now on.

    Entries, sightings, identifiers, relations and matches go over (where `keep` has a match of the same profile, its
    own stays). Dispositions are united: what either was to a bulletin, the one that stays has been, so that nobody gets
    it a second time. Events other than *new* go over with new numbers; a retraction or a notice that both tell of is
    told once. Raises `Stale` when either is gone already.
    """
    _check(conn, keep, drop)
    for table in (entries, sightings, identifiers):
        conn.execute(update(table).where(table.c.record_id == drop), {"record_id": keep})
    _move_relations(conn, keep, drop, now, reason)
    _move_awaited(conn, keep, drop)
    _move_events(conn, keep, drop, now)
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


def _move_awaited(conn: Connection, keep: int, drop: int) -> None:
    """Let a notice that waits for its publication wait on under the id that stays."""
    mine = awaited.c.notice_id == drop
    rows = conn.execute(select(awaited).where(mine)).mappings().all()
    conn.execute(delete(awaited).where(mine))
    insert_new(conn, awaited, [{**row, "notice_id": keep} for row in rows])


def _move_events(conn: Connection, keep: int, drop: int, now: datetime) -> None:
    """Renumber the events of `drop` behind those of `keep`; what both tell of stays behind, settled by the merging."""
    conn.execute(update(events).where(events.c.notice_record_id == drop), {"notice_record_id": keep})
    both = EVENT.where(events.c.record_id.in_((keep, drop))).order_by(events.c.record_id, events.c.n)
    rows = conn.execute(both).all()
    told = {_telling(row): row.id for row in rows if row.record_id == keep}
    last = max((row.n for row in rows if row.record_id == keep), default=0)
    for row in rows:
        if row.record_id == keep:
            continue
        if row.kind != "updated" and _telling(row) in told:
            _unite_dispositions(conn, told[_telling(row)], keep, row.id, now)
            continue
        last += 1
        told[_telling(row)] = row.id
        conn.execute(update(events).where(events.c.id == row.id), {"record_id": keep, "n": last})
        for table in (dispositions, own_items):
            conn.execute(update(table).where(table.c.event_id == row.id), {"record_id": keep})


def _telling(row: Any) -> tuple[str, int | None]:
    """Return what an event tells: a record is new or retracted once, whoever says so; each correction is its own."""
    return row.kind, row.notice_record_id if row.kind == "corrected" else None


def _unite_dispositions(conn: Connection, event_id: int, record_id: int, dropped: int, now: datetime) -> None:
    """Give the event that stays what the other was to each bulletin.

    What was shown has been shown, whatever else it was. Superseded means only that a profile no longer found that text:
    it settles nothing where a profile of the bulletin has found the other one.
    """
    settled = conn.execute(select(dispositions).where(dispositions.c.event_id == dropped)).mappings().all()
    rows = [{**row, "event_id": event_id, "record_id": record_id, "settled_at": now} for row in settled]
    mine = dispositions.c.event_id == event_id
    shown = dispositions.c.bulletin_id.in_([row["bulletin_id"] for row in rows if row["kind"] in SHOWN])
    conn.execute(delete(dispositions).where(mine, shown, dispositions.c.kind.not_in(SHOWN)))
    conn.execute(delete(dispositions).where(mine, dispositions.c.kind == "superseded", _waits(dropped, rows)))
    insert_new(conn, dispositions, [row for row in rows if row["kind"] != "superseded"])
    _move_own_items(conn, event_id, record_id, dropped)


def _waits(event_id: int, settled: Sequence[Mapping[str, Any]]) -> ColumnElement[bool]:
    """Tell of which bulletins an event waits in: a profile of theirs matches it and they have not settled it."""
    found = select(matches.c.profile_id).join(events, events.c.record_id == matches.c.record_id)
    carriers = select(pairings.c.bulletin_id).where(pairings.c.profile_id.in_(found.where(events.c.id == event_id)))
    done = [row["bulletin_id"] for row in settled]
    return dispositions.c.bulletin_id.in_(carriers) & dispositions.c.bulletin_id.not_in(done)


def _move_own_items(conn: Connection, event_id: int, keep: int, dropped_event_id: int) -> None:
    there = select(own_items.c.bulletin_id).where(own_items.c.event_id == event_id)
    moving = (own_items.c.event_id == dropped_event_id) & own_items.c.bulletin_id.not_in(there)
    conn.execute(update(own_items).where(moving), {"event_id": event_id, "record_id": keep})


def _move_matches(conn: Connection, keep: int, drop: int) -> None:
    before = conn.execute(select(matches).where(matches.c.record_id == drop)).mappings().all()
    conn.execute(delete(matches).where(matches.c.record_id == drop))
    insert_new(conn, matches, [{**row, "record_id": keep} for row in before])
