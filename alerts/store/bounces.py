"""Messages that came back after their server had accepted them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from alerts.store import subscriptions
from alerts.store.columns import storable
from alerts.store.schema import MARK, bounces, deliveries
from alerts.store.schema import subscriptions as subscription_rows

Result = Literal["unknown", "known", "noted", "counted", "suspended"]


@dataclass(frozen=True, slots=True)
class Bounce:
    """One message that came back."""

    delivery_id: int
    kind: str
    status: str
    words: str
    came_at: datetime
    address: str


def take(conn: Connection, marks: Sequence[str], kind: str, status: str, words: str, now: datetime) -> Result:
    """Note that a message came back; three issues in a row that came back for good suspend their subscription.

    `marks` are what the report says of our Message-ID, 32 hex digits each. A message counts once, however often it is
    reported. A distribution list is never suspended by it: what came back may be one member's.
    """
    row = _message(conn, marks)
    if row is None:
        return "unknown"
    here = (bounces.c.delivery_id == row.id) & bounces.c.kind.in_((kind, "forgiven"))
    if conn.scalar(select(bounces.c.id).where(here)) is not None:
        return "known"
    noted = {"delivery_id": row.id, "kind": kind, "status": status, "words": storable(words), "came_at": now}
    conn.execute(insert(bounces), noted)
    if kind != "permanent" or row.kind != "delivery" or row.subscription_id is None or row.reader_kind == "list":
        return "noted"
    if not _in_a_row(conn, row.subscription_id):
        return "counted"
    subscriptions.suspend(conn, row.subscription_id, f"came back {subscriptions.REFUSALS} times: {words}", now)
    return "suspended"


def _message(conn: Connection, marks: Sequence[str]) -> Any:
    """Return the message of ours that was sent with one of these marks."""
    if not marks:
        return None
    named = MARK.in_(marks[:20])
    reader_kind = subscription_rows.c.kind.label("reader_kind")
    columns = (deliveries.c.id, deliveries.c.kind, deliveries.c.subscription_id, reader_kind)
    joined = deliveries.outerjoin(subscription_rows, subscription_rows.c.id == deliveries.c.subscription_id)
    tried = deliveries.c.state.in_(("sent", "in_data"))
    return conn.execute(select(*columns).select_from(joined).where(named, tried)).first()


def _in_a_row(conn: Connection, subscription_id: int) -> bool:
    """Tell whether the last three issues that were sent to a reader all came back for good."""
    came_back = select(bounces.c.id).where(bounces.c.delivery_id == deliveries.c.id, bounces.c.kind == "permanent")
    theirs = (deliveries.c.subscription_id == subscription_id) & (deliveries.c.kind == "delivery")
    last = select(came_back.exists()).where(theirs, deliveries.c.state == "sent").order_by(deliveries.c.id.desc())
    found = conn.scalars(last.limit(subscriptions.REFUSALS)).all()
    return len(found) == subscriptions.REFUSALS and all(found)


def listing(conn: Connection, limit: int = 200) -> tuple[Bounce, ...]:
    """Return what came back, newest first."""
    names = ("delivery_id", "kind", "status", "words", "came_at")
    joined = bounces.join(deliveries, deliveries.c.id == bounces.c.delivery_id)
    statement = select(*(bounces.c[name] for name in names), deliveries.c.address).select_from(joined)
    return tuple(Bounce(**row._mapping) for row in conn.execute(statement.order_by(bounces.c.id.desc()).limit(limit)))
