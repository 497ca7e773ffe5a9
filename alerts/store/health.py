"""Health of sources over time: what began, what ended, what the librarian was told, and the days of something new.

A row of `source_health` is one trouble of one source (or, without a source, of the network); a unique key lets only one
of a kind be open for a source. What a source is like *now* is in its state; these rows are its history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, delete, select, update
from sqlalchemy.sql import ColumnElement

from alerts.model.sources import HealthKind
from alerts.store.columns import storable
from alerts.store.rows import chunks
from alerts.store.schema import arrivals as arrival_rows
from alerts.store.schema import source_health
from alerts.store.upserts import insert_new

KEPT_DAYS = 800
"""Days of something new are kept for so long: a little more than a rhythm is learnt from."""
_OPEN_EVENTS = select(source_health).where(source_health.c.ended_at.is_(None)).order_by(source_health.c.id)


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """Something about a source that began and perhaps ended. `source_id` is empty for the network as a whole.

    `message` and `remedy` are for the librarian, `cause` for the administrator. `began_reported` and `ended_reported`:
    the owner was told, or there is none.
    """

    id: int
    source_id: str
    kind: HealthKind
    code: str
    message: str
    cause: str
    remedy: str
    began_at: datetime
    ended_at: datetime | None
    began_reported: bool
    ended_reported: bool


def begin(
    conn: Connection,
    source_id: str,
    kind: HealthKind,
    at: datetime,
    *,
    code: str = "",
    message: str = "",
    cause: str = "",
    remedy: str = "",
) -> bool:
    """Say that something about a source has begun; tell whether that is new (and so to be reported)."""
    if conn.scalar(select(source_health.c.id).where(_open(source_id, kind))) is not None:
        return False
    words = {"code": code, "message": message, "cause": cause, "remedy": remedy}
    row = {
        "source_id": source_id,
        "kind": kind,
        "began_at": at,
        **{name: storable(each) for name, each in words.items()},
    }
    insert_new(conn, source_health, [row])
    return True


def end(conn: Connection, source_id: str, kind: HealthKind, at: datetime) -> bool:
    """Say that it has ended; tell whether it was there at all."""
    return conn.execute(update(source_health).where(_open(source_id, kind)), {"ended_at": at}).rowcount > 0


def told(conn: Connection, ids: Collection[int], *, ended: bool) -> frozenset[int]:
    """Mark that the owner is told of the beginning (or the end) of these; return those nobody had marked before."""
    column = source_health.c.ended_reported if ended else source_health.c.began_reported
    marked: set[int] = set()
    for some in chunks(sorted(ids)):
        mine = update(source_health).where(source_health.c.id.in_(some), ~column).returning(source_health.c.id)
        marked.update(conn.scalars(mine, {column.name: True}))
    return frozenset(marked)


def open_events(conn: Connection) -> tuple[HealthEvent, ...]:
    """Return what is wrong now, with all sources, oldest first."""
    return tuple(HealthEvent(**row._mapping) for row in conn.execute(_OPEN_EVENTS))


def history(conn: Connection, source_id: str, *, since: datetime | None = None) -> tuple[HealthEvent, ...]:
    """Return what began (and perhaps ended) about one source, newest first; what ended before `since` is left out."""
    statement = select(source_health).where(source_health.c.source_id == source_id)
    if since is not None:
        statement = statement.where((source_health.c.ended_at >= since) | source_health.c.ended_at.is_(None))
    rows = conn.execute(statement.order_by(source_health.c.id.desc()))
    return tuple(HealthEvent(**row._mapping) for row in rows)


def _open(source_id: str, kind: str) -> ColumnElement[bool]:
    return and_(
        source_health.c.source_id == source_id, source_health.c.kind == kind, source_health.c.ended_at.is_(None)
    )


def arrived(conn: Connection, source_id: str, days: Collection[date]) -> None:
    """Remember the days on which something new came from a source; those long past are forgotten."""
    insert_new(conn, arrival_rows, [{"source_id": source_id, "day": day.isoformat()} for day in sorted(days)])
    long_ago = (max(days) - timedelta(days=KEPT_DAYS)).isoformat()
    conn.execute(delete(arrival_rows).where(arrival_rows.c.source_id == source_id, arrival_rows.c.day < long_ago))


def arrivals(conn: Connection, source_ids: Collection[str]) -> Mapping[str, tuple[date, ...]]:
    """Return the days on which something new came from these sources, oldest first."""
    found: dict[str, list[date]] = {}
    for some in chunks(sorted(source_ids)):
        rows = select(arrival_rows).where(arrival_rows.c.source_id.in_(some)).order_by(*arrival_rows.c)
        for source_id, day in conn.execute(rows):
            found.setdefault(source_id, []).append(date.fromisoformat(day))
    return {source_id: tuple(days) for source_id, days in found.items()}
