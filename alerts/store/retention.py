"""What is kept for how long: rendered mails, attempts to send, requests to join. What is over becomes a count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from alerts.store import persons, switches
from alerts.store.engine import lock_table
from alerts.store.rows import chunks
from alerts.store.schema import attempt_counts, attempts, bounces, deliveries, sign_ups
from alerts.store.suppressions import Seal
from alerts.store.upserts import upsert

_ENDED = ("sent", "failed", "expired", "stopped")
_DONE = "tidied"
AT_ONCE = 20_000
"""So many mails lose what is personal, and so many attempts become counts, in one transaction; the rest follows at the
next look."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The moments before which things are too old to keep."""

    mails: datetime
    attempts: datetime
    addresses: datetime
    requests: datetime


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was let go."""

    mails: int = 0
    attempts: int = 0
    addresses: int = 0
    requests: int = 0


def is_due(conn: Connection, now: datetime) -> bool:
    """Tell whether nobody has tidied today."""
    return switches.value(conn, _DONE) != _day(now)


def tidy(conn: Connection, limits: Limits, seal: Seal, now: datetime) -> Tidied | None:
    """Let go what is too old, once a day; None when it was done today."""
    lock_table(conn, attempt_counts)  # of two replicas that tidy at once one counts
    if not is_due(conn, now):
        return None
    persons.secure(conn, on=True)
    requests = conn.execute(delete(sign_ups).where(sign_ups.c.asked_at < limits.requests)).rowcount
    mails = _mails(conn, limits.mails)
    counted = _attempts(conn, limits.attempts)
    addresses = persons.forget_ended(conn, seal, limits.addresses, now)
    persons.secure(conn, on=False)
    if max(mails, counted) < AT_ONCE:
        switches.set_value(conn, _DONE, _day(now), now)
    return Tidied(mails, counted, addresses, requests)


def counts(conn: Connection) -> dict[tuple[str, str, str], int]:
    """Return how many attempts there were by month, transport and outcome, of those not kept one by one any more."""
    rows = conn.execute(select(attempt_counts))
    return {(row.month, row.transport, row.outcome): row.attempts for row in rows}


def _mails(conn: Connection, before: datetime) -> int:
    """Take what is personal out of messages that ended: an issue's own page and text stay in the archive."""
    old = func.coalesce(deliveries.c.sent_at, deliveries.c.created_at) < before
    whole = or_(deliveries.c.address != "", deliveries.c.body.is_not(None))
    ended = deliveries.c.state.in_(_ENDED)
    ids = conn.scalars(select(deliveries.c.id).where(ended, old, whole).limit(AT_ONCE)).all()
    for some in chunks(ids):
        these = update(deliveries).where(deliveries.c.id.in_(some), ended)  # somebody may have asked for one again
        conn.execute(these, {"address": "", "fields": "[]", "body": None})
    return len(ids)


def _attempts(conn: Connection, before: datetime) -> int:
    """Turn old attempts into counts. The last of all stays, without words: the marker knows how far ids had come."""
    last = select(func.max(attempts.c.id)).scalar_subquery()
    old = select(attempts.c.id, attempts.c.delivery_id, attempts.c.ended_at, attempts.c.transport, attempts.c.outcome)
    rows = conn.execute(old.where(attempts.c.ended_at < before, attempts.c.id < last).limit(AT_ONCE)).all()
    conn.execute(update(attempts).where(attempts.c.id == last, attempts.c.ended_at < before), {"words": ""})
    conn.execute(delete(bounces).where(bounces.c.came_at < before))
    known = counts(conn)
    found = Counter((f"{row.ended_at:%Y-%m}", row.transport, row.outcome) for row in rows)
    fresh: list[dict[str, Any]] = [
        {
            "month": month,
            "transport": transport,
            "outcome": outcome,
            "attempts": n + known.get((month, transport, outcome), 0),
        }
        for (month, transport, outcome), n in found.items()
    ]
    upsert(conn, attempt_counts, fresh, key=("month", "transport", "outcome"))
    for some in chunks(row.id for row in rows):
        conn.execute(delete(attempts).where(attempts.c.id.in_(some)))
    for some in chunks({row.delivery_id for row in rows}):
        ended = deliveries.c.id.in_(some) & deliveries.c.state.in_(_ENDED)
        conn.execute(update(deliveries).where(ended), {"state_reason": ""})
    return len(rows)


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()
