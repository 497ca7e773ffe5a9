"""Sources: what is remembered of each between two polls, and batches held for the librarian."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from alerts.model.sources import SourceState
from alerts.store.columns import storable
from alerts.store.known import Wanted, known
from alerts.store.schema import batches, events, source_states
from alerts.store.upserts import upsert

__all__ = [
    "HeldBatch", "Wanted", "discard", "held", "known", "release", "save_state", "save_states", "state", "states",
]  # fmt: skip

_HELD = select(batches).where(batches.c.settled_at.is_(None)).order_by(batches.c.id)
_STATES = select(*(source_states.c[name] for name in SourceState._fields))


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """More new records at once than one source should bring: stored, and waiting for the librarian."""

    id: int
    source_id: str
    held_at: datetime
    records: int


def states(conn: Connection) -> dict[str, SourceState]:
    """Return the state of every source that was ever tried, by id."""
    return {row[0]: SourceState._make(row) for row in conn.execute(_STATES)}


def state(conn: Connection, source_id: str) -> SourceState:
    """Return the state of one source; a fresh one when it was never tried."""
    row = conn.execute(_STATES.where(source_states.c.source_id == source_id)).one_or_none()
    return SourceState(source_id) if row is None else SourceState._make(row)


def save_state(conn: Connection, new: SourceState) -> None:
    """Store the state of one source."""
    save_states(conn, [new])


def save_states(conn: Connection, new: Iterable[SourceState]) -> None:
    """Store the states of several sources: those that answered "not modified" may be settled together."""
    rows = [
        {
            name: storable(value) if isinstance(value, str) else value
            for name, value in zip(each._fields, each, strict=True)
        }
        for each in new
    ]
    upsert(conn, source_states, rows, key=("source_id",))


def held(conn: Connection) -> tuple[HeldBatch, ...]:
    """Return the batches that wait for the librarian, oldest first."""
    return tuple(HeldBatch(row.id, row.source_id, row.held_at, row.records) for row in conn.execute(_HELD))


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
    return count
