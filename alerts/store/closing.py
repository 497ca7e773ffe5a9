"""What closes soon: an event on each record that some bulletin has shown and that can soon no longer be answered.

As an event it is told once in each bulletin, like everything else, by the ledger of dispositions and after any crash.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, exists, select
from sqlalchemy import func as sql

from alerts.store.engine import lock_rows
from alerts.store.matches import SHOWN
from alerts.store.rows import chunks
from alerts.store.schema import dispositions, events, records
from alerts.store.upserts import insert_rows


def due(conn: Connection, now: datetime, until: datetime) -> tuple[int, ...]:
    """Return the records that readers have had and that close from `now` to `until`, of which that was not told yet.

    What was withdrawn cannot be answered any more.
    """
    return tuple(conn.scalars(_due(now, until)))


def announce(conn: Connection, now: datetime, until: datetime) -> int:
    """Write the event of each record that is due; return how many. Of two that do so at once, the second finds none."""
    told = 0
    for some in chunks(due(conn, now, until)):
        locked = select(records.c.id).where(records.c.id.in_(some)).order_by(records.c.id)
        conn.execute(lock_rows(conn, locked))
        still = conn.scalars(_due(now, until).where(records.c.id.in_(some))).all()
        numbered = select(events.c.record_id, sql.max(events.c.n)).where(events.c.record_id.in_(still))
        last = {row[0]: row[1] for row in conn.execute(numbered.group_by(events.c.record_id))}
        insert_rows(
            conn,
            events,
            [{"record_id": each, "n": last.get(each, 0) + 1, "kind": "closing", "happened_at": now} for each in still],
        )
        told += len(still)
    return told


def _due(now: datetime, until: datetime) -> Select[int]:
    was_shown = exists().where(dispositions.c.record_id == records.c.id, dispositions.c.kind.in_(SHOWN))
    over = events.c.kind.in_(("closing", "withdrawn", "retracted"))
    was_told = exists().where(events.c.record_id == records.c.id, over)
    soon = (records.c.closes_at >= now) & (records.c.closes_at <= until)
    return (
        select(records.c.id).where(soon, records.c.merged_into.is_(None), was_shown, ~was_told).order_by(records.c.id)
    )
