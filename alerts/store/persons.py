"""All that is kept of one person: shown, erased, and forgotten when its time is over.

An address stands with its subscriptions, with the messages to it, and in what mail servers said about it; nowhere else.
What counts remains: issues, deliveries and attempts without a person. Who left is kept as a keyed hash, so that no edit
of the list of people brings the person back (`suppressions`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from alerts.store.errors import StillOnItsWay
from alerts.store.rows import chunks
from alerts.store.schema import attempts, bounces, deliveries, feedback, issues, sign_ups, subscriptions
from alerts.store.subscriptions import address_key
from alerts.store.suppressions import EVERYTHING, Seal, lift, suppress

_NOTHING_PERSONAL = {"address": "", "fields": "[]", "body": None, "state_reason": ""}
_ADDRESS_KEY = func.lower(deliveries.c.address)
_UNSENT = ("pending", "deferred", "claimed")


@dataclass(frozen=True, slots=True)
class Erased:
    """What erasing a person came to."""

    subscriptions: int = 0
    messages: int = 0
    requests: int = 0

    @property
    def found(self) -> bool:
        """Tell whether anything was known of the person."""
        return bool(self.subscriptions or self.messages or self.requests)


def export(conn: Connection, address: str) -> dict[str, Any]:
    """Return everything that is kept of one address, as plain values."""
    key = address_key(address)
    theirs = [row._mapping for row in conn.execute(_of(subscriptions, key).order_by(subscriptions.c.id))]
    asked = [row._mapping for row in conn.execute(_of(sign_ups, key).order_by(sign_ups.c.id))]
    messages = _messages(conn, [row["id"] for row in theirs], key)
    hidden = {"id", "address_key", "via"}
    return {
        "address": theirs[0]["address"] if theirs else address,
        "name": next((row["name"] for row in theirs if row["name"]), ""),
        "subscriptions": [{name: value for name, value in row.items() if name not in hidden} for row in theirs],
        "requests": [{name: value for name, value in row.items() if name not in hidden} for row in asked],
        "messages": messages,
    }


def _messages(conn: Connection, subscription_ids: Collection[int], key: str) -> list[dict[str, Any]]:
    columns = ("id", "kind", "state", "state_reason", "message_id", "transport", "created_at", "sent_at")
    wanted = select(*(deliveries.c[name] for name in columns), issues.c.bulletin_id, issues.c.number).select_from(
        deliveries.outerjoin(issues, issues.c.id == deliveries.c.issue_id)
    )
    rows = conn.execute(wanted.where(_messages_to(subscription_ids, key)).order_by(deliveries.c.id)).all()
    tried: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    came_back: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for some in chunks(tried):
        for row in conn.execute(select(attempts).where(attempts.c.delivery_id.in_(some)).order_by(attempts.c.id)):
            tried[row.delivery_id].append(_without(row._mapping, "id", "delivery_id"))
        for row in conn.execute(select(bounces).where(bounces.c.delivery_id.in_(some)).order_by(bounces.c.id)):
            came_back[row.delivery_id].append(_without(row._mapping, "id", "delivery_id"))
    return [{**row._mapping, "attempts": tried[row.id], "came_back": came_back[row.id]} for row in rows]


def erase(conn: Connection, seal: Seal, address: str, now: datetime) -> Erased:
    """Forget a person at once, and never bring them back from the list of people.

    Raises `StillOnItsWay` while a message to them is being handed over: the server's answer is still to be written.
    """
    key = address_key(address)
    secure(conn, on=True)
    rows = conn.execute(_of(subscriptions, key)).all()
    ids = [row.id for row in rows]
    messages = _messages_to(ids, key)
    if conn.scalar(select(func.count()).where(messages, deliveries.c.state == "in_data")):
        raise StillOnItsWay("A message to this reader is being handed over to the mail server at this moment.")
    conn.execute(update(deliveries).where(messages, deliveries.c.state.in_(_UNSENT)), _STOPPED)
    names = {row.name for row in rows if row.name}
    told = or_(feedback.c.name.in_(names), *(func.lower(feedback.c[each]).contains(key) for each in ("told", "name")))
    conn.execute(update(feedback).where(told), {"name": ""})
    conn.execute(update(feedback).where(func.lower(feedback.c.told).contains(key)), {"told": ""})
    touched = _strip(conn, conn.scalars(select(deliveries.c.id).where(messages)).all())
    asked = conn.execute(delete(sign_ups).where(sign_ups.c.address_key == key)).rowcount
    conn.execute(delete(subscriptions).where(subscriptions.c.address_key == key))
    lift(conn, seal, key)
    suppress(conn, seal, key, [EVERYTHING], now)
    secure(conn, on=False)
    return Erased(len(ids), touched, asked)


_STOPPED = {"state": "stopped", "owner": "", "lease_until": None, "next_try_at": None}


def forget_ended(conn: Connection, seal: Seal, before: datetime, now: datetime) -> int:
    """Remove the addresses whose last subscription ended before a moment; return how many.

    Those who left are kept as a hash for each bulletin they left; those whom the list dropped may be listed again.
    """
    ended = or_(
        subscriptions.c.left_at.is_not(None),
        and_(~subscriptions.c.listed, subscriptions.c.signed_up_at.is_(None)),
    )
    going_on = select(subscriptions.c.address_key).where(or_(~ended, subscriptions.c.ended_at >= before))
    over = select(subscriptions).where(subscriptions.c.ended_at < before, subscriptions.c.address_key.not_in(going_on))
    rows = conn.execute(over.order_by(subscriptions.c.id).limit(1_000)).all()
    by_address: dict[str, list[Any]] = {}
    for row in rows:
        by_address.setdefault(row.address_key, []).append(row)
    messages = _messages_of(conn, by_address)
    forgotten = 0
    for key, theirs in by_address.items():
        if any(each.state in (*_UNSENT, "in_data") for each in messages[key]):
            continue  # its last confirmation is not out yet
        _strip(conn, [each.id for each in messages[key]])
        left = [row.bulletin_id for row in theirs if row.left_at is not None]
        if left:
            suppress(conn, seal, key, left, now)
        conn.execute(delete(subscriptions).where(subscriptions.c.address_key == key))
        forgotten += 1
    return forgotten


def _messages_of(conn: Connection, by_address: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the messages to each of these addresses, found for all at once: nothing is indexed by address."""
    key_of = {row.id: key for key, theirs in by_address.items() for row in theirs}
    found: dict[str, dict[int, Any]] = {key: {} for key in by_address}
    wanted = select(deliveries.c.id, deliveries.c.state, deliveries.c.subscription_id, _ADDRESS_KEY.label("key"))
    for some in chunks(key_of):
        for row in conn.execute(wanted.where(deliveries.c.subscription_id.in_(some))):
            found[key_of[row.subscription_id]][row.id] = row
    for keys in chunks(by_address):
        for row in conn.execute(wanted.where(deliveries.c.address != "", _ADDRESS_KEY.in_(keys))):
            found[row.key][row.id] = row
    return {key: list(theirs.values()) for key, theirs in found.items()}


def secure(conn: Connection, *, on: bool) -> None:
    """Let SQLite write zeros over what is deleted, where it would only be marked as free."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"PRAGMA secure_delete={'ON' if on else 'OFF'}")


def _strip(conn: Connection, ids: Sequence[int]) -> int:
    """Take everything personal out of messages and out of what servers said about them; return how many."""
    for some in chunks(ids):
        conn.execute(update(attempts).where(attempts.c.delivery_id.in_(some)), {"words": ""})
        conn.execute(delete(bounces).where(bounces.c.delivery_id.in_(some)))
        nobody = {**_NOTHING_PERSONAL, "subscription_id": None}
        conn.execute(update(deliveries).where(deliveries.c.id.in_(some)), nobody)
    return len(ids)


def _messages_to(subscription_ids: Collection[int], key: str) -> Any:
    return or_(deliveries.c.subscription_id.in_(subscription_ids), _ADDRESS_KEY.in_([key]))


def _of(table: Any, key: str) -> Any:
    return select(table).where(table.c.address_key == key)


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
