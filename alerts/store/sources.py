"""Sources: what is remembered of each between two polls, batches held for the librarian, and their health over time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.sql import ColumnElement

from alerts.model.sources import SourceState
from alerts.store.columns import storable
from alerts.store.known import Wanted, known
from alerts.store.schema import batches, events, source_health, source_states
from alerts.store.upserts import insert_new, upsert

__all__ = [
    "HealthEvent", "HeldBatch", "Wanted", "begin_health", "discard", "end_health", "health", "held", "known",
    "mark_reported", "release", "save_state", "save_states", "state", "states", "with_open_health",
]  # fmt: skip

_FIELDS = tuple(each.name for each in dataclasses.fields(SourceState))


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """More new records at once than one source should bring: stored, and waiting for the librarian."""

    id: int
    source_id: str
    held_at: datetime
    records: int


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """Something about a source that began (failing, degraded, quiet, flood, moved …) and perhaps ended."""

    id: int
    source_id: str
    kind: str
    code: str
    message: str
    began_at: datetime
    ended_at: datetime | None
    began_reported: bool
    ended_reported: bool


def states(conn: Connection) -> dict[str, SourceState]:
    """Return the state of every source that was ever tried, by id."""
    return {row.source_id: SourceState(**row._mapping) for row in conn.execute(select(source_states))}


def state(conn: Connection, source_id: str) -> SourceState:
    """Return the state of one source; a fresh one when it was never tried."""
    row = conn.execute(select(source_states).where(source_states.c.source_id == source_id)).one_or_none()
    return SourceState(source_id) if row is None else SourceState(**row._mapping)


def save_state(conn: Connection, new: SourceState) -> None:
    """Store the state of one source."""
    save_states(conn, [new])


def save_states(conn: Connection, new: Iterable[SourceState]) -> None:
    """Store the states of several sources: those that answered "not modified" may be settled together."""
    rows = [{name: _plain(getattr(each, name)) for name in _FIELDS} for each in new]
    upsert(conn, source_states, rows, key=("source_id",))


def _plain(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def held(conn: Connection) -> tuple[HeldBatch, ...]:
    """Return the batches that wait for the librarian, oldest first."""
    rows = conn.execute(select(batches).where(batches.c.settled_at.is_(None)).order_by(batches.c.id))
    return tuple(HeldBatch(row.id, row.source_id, row.held_at, row.records) for row in rows)


def release(conn: Connection, source_id: str, now: datetime) -> int:
    """Let the held events of a source go their way; return how many there were."""
    return _settle(conn, source_id, now, "released", backlog=False)


def discard(conn: Connection, source_id: str, now: datetime) -> int:
    """Settle the held events of a source as backlog, in every bulletin; return how many there were."""
    return _settle(conn, source_id, now, "discarded", backlog=True)


def _settle(conn: Connection, source_id: str, now: datetime, settled_as: str, *, backlog: bool) -> int:
    open_ones = and_(batches.c.source_id == source_id, batches.c.settled_at.is_(None))
    waiting = events.c.held_batch_id.in_(select(batches.c.id).where(open_ones))
    values = {"held_batch_id": None, **({"backlog": True} if backlog else {})}
    count = conn.execute(update(events).where(waiting), values).rowcount
    conn.execute(update(batches).where(open_ones), {"settled_at": now, "settled_as": settled_as})
    conn.execute(update(source_states).where(source_states.c.source_id == source_id), {"held": 0})
    return count


def begin_health(conn: Connection, source_id: str, kind: str, now: datetime, code: str = "", message: str = "") -> bool:
    """Say that something about a source has begun; tell whether that is new (and so to be reported)."""
    before = conn.scalar(select(func.count()).where(_open(source_id, kind)))
    row = {"source_id": source_id, "kind": kind, "code": code, "message": storable(message), "began_at": now}
    insert_new(conn, source_health, [row])
    return not before


def end_health(conn: Connection, source_id: str, kind: str, now: datetime) -> bool:
    """Say that it has ended; tell whether it was there at all."""
    return conn.execute(update(source_health).where(_open(source_id, kind)), {"ended_at": now}).rowcount > 0


def with_open_health(conn: Connection, kind: str) -> frozenset[str]:
    """Return the sources about which something of this kind has begun and not ended."""
    here = source_health.c.kind == kind, source_health.c.ended_at.is_(None)
    return frozenset(conn.scalars(select(source_health.c.source_id).where(*here)))


def health(conn: Connection, source_id: str | None = None, *, open_only: bool = False) -> tuple[HealthEvent, ...]:
    """Return what began (and ended) about one source or all, newest first."""
    statement = select(source_health).order_by(source_health.c.id.desc())
    if source_id is not None:
        statement = statement.where(source_health.c.source_id == source_id)
    if open_only:
        statement = statement.where(source_health.c.ended_at.is_(None))
    return tuple(HealthEvent(**row._mapping) for row in conn.execute(statement))


def mark_reported(conn: Connection, health_id: int, *, ended: bool) -> None:
    """Remember that the librarian was told of the beginning, or of the end."""
    name = "ended_reported" if ended else "began_reported"
    conn.execute(update(source_health).where(source_health.c.id == health_id), {name: True})


def _open(source_id: str, kind: str) -> ColumnElement[bool]:
    return and_(
        source_health.c.source_id == source_id, source_health.c.kind == kind, source_health.c.ended_at.is_(None)
    )
