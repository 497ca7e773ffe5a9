"""The outbox: promise before acting, settle after; a commit before and after every message, none while it is sent.

A delivery is *pending*, then *claimed* by an owner for the length of a lease, then *in_data* (committed before the DATA
command, so that what a crash leaves in doubt is known), then *sent*, or *deferred*, *failed*, *expired*, *stopped*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, true, update

from alerts.model.deliveries import Delivery, DeliveryState, Entering, Outcome, Settling, Step
from alerts.store import subscriptions, switches
from alerts.store.columns import storable
from alerts.store.engine import lock_rows, lock_table
from alerts.store.marker import REOPENED, Numbers
from alerts.store.outgoing import NewDelivery, enqueue
from alerts.store.schema import attempts as attempt_rows
from alerts.store.schema import deliveries, issues
from alerts.store.schema import subscriptions as subscription_rows

__all__ = [
    "Attempt", "NewDelivery", "Swept", "attempts", "body", "claim", "counts", "counts_by_transport", "enqueue",
    "enter_data", "get", "give_up", "last_numbers", "listing", "oldest_pending", "others", "record", "release",
    "release_all", "resume", "retry", "sent_since", "settle", "stop", "stopped", "sweep",
]  # fmt: skip

LEASE_S = 900
"""Longer than any answer to the final dot may take (RFC 5321 4.5.3.2.6: 600 s)."""
RESENDS = 3
"""How often a message that may have arrived is sent again: the same bytes, after a silence or a crash in DATA."""
SURELY_AHEAD = timedelta(days=1)
"""No wait and no lease is so long: a clock wrote it that had run ahead and was put right since."""
_PANIC = "sending stopped"
_COLUMNS = tuple(column for column in deliveries.c if column.name != "body")
_DELIVERY = select(*_COLUMNS)
_FREE = {"owner": "", "lease_until": None}
_STOPPED = {"state": "stopped", "next_try_at": None}
_THESE = deliveries.c.id.in_(bindparam("ids", expanding=True))
_READERS = (
    select(subscription_rows.c.id, subscription_rows.c.state, subscription_rows.c.refusals)
    .where(subscription_rows.c.id.in_(select(deliveries.c.subscription_id).where(_THESE)))
    .order_by(subscription_rows.c.id)
)
_MINE = (
    select(*(deliveries.c[name] for name in (
        "id", "kind", "subscription_id", "state", "lease_until", "attempts", "unanswered", "transport", "sent_at",
    )))
    .where(_THESE, deliveries.c.owner == bindparam("owner"), deliveries.c.state.in_(("claimed", "in_data")))
    .order_by(deliveries.c.id)
)  # fmt: skip
_ENTER = update(deliveries).where(_THESE).values(state="in_data", lease_until=bindparam("until"))
_SETTLE = update(deliveries).where(deliveries.c.id == bindparam("row"))


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: leases that ran out before DATA, those in doubt to be sent again, those given up."""

    returned: int = 0
    again: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one delivery, and what came of it, in the server's words."""

    n: int
    ended_at: datetime
    transport: str
    outcome: str
    code: int
    enhanced_code: str
    words: str


def claim(
    conn: Connection, owner: str, now: datetime, lease_s: float, limit: int, transport: str, only: int | None = None
) -> tuple[Delivery, ...]:
    """Claim up to `limit` deliveries that are due (or the one named), for `lease_s` seconds; none while stopped.

    Subscriptions are read again here: what belongs to a reader who left, is suspended or was removed is stopped.
    """
    if stopped(conn) is not None:
        return ()
    claimed: list[int] = []
    while len(claimed) < limit:
        due = _due(conn, now, limit - len(claimed), only)
        if not due:
            break
        for row in due:
            if row.kind == "delivery" and row.subscription_state not in (None, "active"):
                _write(conn, row.id, {**_STOPPED, "state_reason": row.subscription_state})
            else:
                claimed.append(row.id)
        _take(conn, [row.id for row in due if row.id in claimed], owner, now + timedelta(seconds=lease_s), transport)
    return _all(conn, deliveries.c.id.in_(claimed)) if claimed else ()


def _due(conn: Connection, now: datetime, limit: int, only: int | None) -> list[Any]:
    """Return what may be tried now, what had to wait before what is new, oldest first; others' rows are skipped."""
    state = (
        select(subscription_rows.c.state)
        .where(subscription_rows.c.id == deliveries.c.subscription_id)
        .scalar_subquery()
        .label("subscription_state")
    )
    these = deliveries.c.id == only if only is not None else true()
    statement = select(deliveries.c.id, deliveries.c.kind, state).where(these).order_by(deliveries.c.id)
    if conn.dialect.name == "postgresql":
        statement = statement.with_for_update(skip_locked=True)
    ripe = (deliveries.c.next_try_at <= now) | (deliveries.c.next_try_at > now + SURELY_AHEAD)
    waited = statement.where(deliveries.c.state == "deferred", ripe).limit(limit)
    found = list(conn.execute(waited))
    fresh = statement.where(deliveries.c.state == "pending").limit(limit - len(found))
    return found + list(conn.execute(fresh)) if len(found) < limit else found


def _take(conn: Connection, ids: list[int], owner: str, until: datetime, transport: str) -> None:
    values = {"state": "claimed", "owner": owner, "lease_until": until, "next_try_at": None, "transport": transport}
    if ids:
        statement = update(deliveries).where(deliveries.c.id.in_(ids))
        conn.execute(statement.values(**values, attempts=deliveries.c.attempts + 1))


def enter_data(conn: Connection, delivery_id: int, owner: str, now: datetime) -> bool:
    """Note, before the DATA command, that this delivery may reach its reader from now on; False: do not send it."""
    return record(conn, owner, [Entering(delivery_id, now)])[0]


def settle(conn: Connection, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
    """Write what an attempt came to; False when the delivery is no longer `owner`'s, and then nothing is written."""
    return record(conn, owner, [Settling(delivery_id, outcome, now)])[0]


def record(conn: Connection, owner: str, steps: Sequence[Step]) -> list[bool]:
    """Take steps of several deliveries at once, one step each; tell of each whether it was taken.

    A delivery does not enter DATA when the claim is no longer `owner`'s or over, when the reader has left since, or
    when sending was stopped. The subscriptions are locked meanwhile: leaving is either seen here, or answered after the
    message was on its way. Nothing is written of an outcome when the delivery is no longer `owner`'s.
    """
    ids = [each.delivery_id for each in steps]
    readers = _readers(conn, ids)
    rows = _mine(conn, ids, owner)
    entering = [each for each in steps if isinstance(each, Entering) and each.delivery_id in rows]
    settling = [each for each in steps if isinstance(each, Settling) and each.delivery_id in rows]
    taken = set(_enter(conn, entering, rows, readers)) if entering else set[int]()
    if settling:
        _settle(conn, settling, rows, readers)
        taken.update(each.delivery_id for each in settling)
    return [each.delivery_id in taken for each in steps]


def _enter(
    conn: Connection, steps: Sequence[Entering], rows: Mapping[int, Row[Any]], readers: Mapping[int, Row[Any]]
) -> list[int]:
    if stopped(conn) is not None:
        return []
    entered: list[int] = []
    for each in steps:
        row = rows[each.delivery_id]
        if row.state != "claimed" or row.lease_until <= each.at:
            continue
        reader = readers.get(row.subscription_id)
        if row.kind == "delivery" and reader is not None and reader.state != "active":
            _write(conn, row.id, {"state": "stopped", "state_reason": reader.state, **_FREE})
        else:
            entered.append(row.id)
    if entered:
        until = max(each.at for each in steps) + timedelta(seconds=LEASE_S)
        conn.execute(_ENTER, {"ids": entered, "until": until})
    return entered


def _settle(
    conn: Connection, steps: Sequence[Settling], rows: Mapping[int, Row[Any]], readers: Mapping[int, Row[Any]]
) -> None:
    changes: list[dict[str, Any]] = []
    tried: list[dict[str, Any]] = []
    for each in steps:
        row, outcome, words = rows[each.delivery_id], each.outcome, storable(each.outcome.words)
        changes.append({"row": row.id, **_settled(row, outcome, each.at), **_FREE, "state_reason": words})
        tried.append(
            {
                "delivery_id": row.id, "n": row.attempts, "ended_at": each.at, "transport": row.transport,
                "outcome": outcome.state, "code": outcome.code, "enhanced_code": storable(outcome.enhanced_code),
                "words": words,
            }
        )  # fmt: skip
    known = _refused_before(conn, [each.delivery_id for each in steps if each.outcome.state == "failed"])
    conn.execute(_SETTLE, changes)
    conn.execute(insert(attempt_rows), tried)
    forgiven: list[int] = []
    for each in steps:
        row, outcome = rows[each.delivery_id], each.outcome
        reader = readers.get(row.subscription_id)
        if row.kind != "delivery" or reader is None:
            continue
        if outcome.state == "sent" and reader.refusals:
            forgiven.append(reader.id)
        elif outcome.state == "failed" and outcome.scope == "recipient" and row.id not in known:
            subscriptions.refused(conn, reader.id, storable(outcome.words), each.at)
    subscriptions.accepted(conn, forgiven)


def _refused_before(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Return the deliveries that failed before and were retried: an issue counts once, however often it is refused."""
    if not ids:
        return set()
    here = attempt_rows.c.delivery_id.in_(ids) & (attempt_rows.c.outcome == "failed") & (attempt_rows.c.code > 0)
    return set(conn.scalars(select(attempt_rows.c.delivery_id).where(here)))


def _settled(row: Any, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Return the columns that an outcome changes.

    *held* is the relay's fault and counts as no attempt: it is tried again at `retry_at`, or stopped for a person.
    """
    values: dict[str, Any] = {
        "state": outcome.state, "next_try_at": None, "sent_at": row.sent_at, "attempts": row.attempts,
        "unanswered": row.unanswered + outcome.unanswered,
    }  # fmt: skip
    match outcome.state:
        case "sent":
            return {**values, "sent_at": now}
        case "deferred":
            return {**values, "next_try_at": outcome.retry_at or now}
        case "held":
            state = "stopped" if outcome.retry_at is None else "deferred"
            return {**values, "state": state, "next_try_at": outcome.retry_at, "attempts": row.attempts - 1}
        case "failed" | "expired":
            return values


def others(conn: Connection, owner: str, now: datetime, transport: str) -> int:
    """Return how many others than `owner` are sending by this transport: their claims are in force."""
    theirs = (deliveries.c.owner != owner) & (deliveries.c.transport == transport) & (deliveries.c.lease_until > now)
    at_work = deliveries.c.state.in_(("claimed", "in_data"))
    return conn.scalar(select(func.count(deliveries.c.owner.distinct())).where(at_work, theirs)) or 0


def release(conn: Connection, owner: str, now: datetime) -> int:
    """Give back what `owner` claimed and never began to send; return how many."""
    mine = (deliveries.c.owner == owner) & (deliveries.c.state == "claimed")
    values = {"state": "pending", "attempts": deliveries.c.attempts - 1, **_FREE}
    return conn.execute(update(deliveries).where(mine).values(**values)).rowcount


def release_all(conn: Connection, owner_begins: str) -> int:
    """Give back what owners whose name begins so claimed and never began to send. For owners known to be dead.

    What they had in DATA waits until its lease is over: the server may still be at work on it.
    """
    theirs = deliveries.c.owner.startswith(owner_begins, autoescape=True) & (deliveries.c.state == "claimed")
    values = {"state": "pending", "attempts": deliveries.c.attempts - 1, **_FREE}
    return conn.execute(update(deliveries).where(theirs).values(**values)).rowcount


def sweep(conn: Connection, now: datetime) -> Swept:
    """Return what crashed owners left behind, once their leases have run out.

    Not yet in DATA: pending again, surely not sent. In DATA: perhaps sent; sent again (same bytes), at most three times
    in all, for RFC 5321 makes loss the worse fault.
    """
    over = (deliveries.c.lease_until <= now) | (deliveries.c.lease_until > now + SURELY_AHEAD)
    in_doubt = over & (deliveries.c.state == "in_data")
    afresh = {"state": "pending", "attempts": deliveries.c.attempts - 1, **_FREE}
    returned = conn.execute(update(deliveries).where(over, deliveries.c.state == "claimed").values(**afresh)).rowcount
    count = {"unanswered": deliveries.c.unanswered + 1, **_FREE}
    lost = {"state": "failed", "state_reason": "perhaps sent, four times: no answer ever came", **count}
    given_up = conn.execute(update(deliveries).where(in_doubt, deliveries.c.unanswered >= RESENDS).values(**lost))
    doubt = {"state": "deferred", "state_reason": "perhaps sent: no answer came", "next_try_at": now, **count}
    again = conn.execute(update(deliveries).where(in_doubt).values(**doubt))
    return Swept(returned, again.rowcount, given_up.rowcount)


def retry(conn: Connection, delivery_id: int, now: datetime) -> bool:
    """Put a delivery that ended unsent back into the queue; False when it did not end so, or is not kept any more."""
    ended = (deliveries.c.id == delivery_id) & deliveries.c.state.in_(("failed", "expired", "stopped"))
    ended &= deliveries.c.address != ""
    afresh = {"attempts": 0, "unanswered": 0, "created_at": now}  # its patience begins again
    values = {"state": "pending", "state_reason": "", "next_try_at": None, **afresh}
    return conn.execute(update(deliveries).where(ended), values).rowcount > 0


def give_up(conn: Connection, delivery_id: int, reason: str) -> bool:
    """Stop one delivery that waits and is in nobody's hands; False when it is no such."""
    waits = (deliveries.c.id == delivery_id) & deliveries.c.state.in_(("pending", "deferred"))
    return conn.execute(update(deliveries).where(waits), {**_STOPPED, "state_reason": storable(reason)}).rowcount > 0


def stop(conn: Connection, reason: str, now: datetime) -> None:
    """Stop all sending: nothing is claimed and nothing enters DATA until `resume`."""
    switches.set_value(conn, _PANIC, reason, now)


def resume(conn: Connection) -> bool:
    """Let sending go on; tell whether it was stopped."""
    return switches.clear(conn, _PANIC)


def stopped(conn: Connection) -> str | None:
    """Return why all sending is stopped, None when it is not."""
    return switches.value(conn, _PANIC)


def body(conn: Connection, delivery_id: int) -> bytes:
    """Return the whole bytes of a message that is no issue; empty for an issue's delivery."""
    return bytes(conn.scalar(select(deliveries.c.body).where(deliveries.c.id == delivery_id)) or b"")


def get(conn: Connection, delivery_id: int) -> Delivery | None:
    """Return one delivery."""
    return next(iter(_all(conn, deliveries.c.id == delivery_id)), None)


def listing(
    conn: Connection, *, state: DeliveryState | None = None, issue_id: int | None = None, limit: int = 200
) -> tuple[Delivery, ...]:
    """Return deliveries in one state or of one issue, newest first."""
    statement = _DELIVERY.order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(deliveries.c.state == state)
    if issue_id is not None:
        statement = statement.where(deliveries.c.issue_id == issue_id)
    return tuple(_of(row) for row in conn.execute(statement))


def attempts(conn: Connection, delivery_id: int) -> tuple[Attempt, ...]:
    """Return the attempts at one delivery, first to last."""
    names = ("n", "ended_at", "transport", "outcome", "code", "enhanced_code", "words")
    statement = select(*(attempt_rows.c[name] for name in names)).where(attempt_rows.c.delivery_id == delivery_id)
    return tuple(Attempt(**row._mapping) for row in conn.execute(statement.order_by(attempt_rows.c.id)))


def counts(conn: Connection) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    rows = conn.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are no pairs to the type checker


def counts_by_transport(conn: Connection) -> dict[str, int]:
    """Return how many messages were sent by each transport: a folder is never mistaken for a mail server."""
    statement = select(deliveries.c.transport, func.count()).where(deliveries.c.state == "sent")
    return {name: count for name, count in conn.execute(statement.group_by(deliveries.c.transport))}  # noqa: C416


def sent_since(conn: Connection, since: datetime, transport: str) -> int:
    """Return how many messages a transport has sent since then or has under way; none is added before the commit."""
    lock_table(conn, deliveries)
    sent = (deliveries.c.state == "sent") & (deliveries.c.sent_at > since) & (deliveries.c.transport == transport)
    these = sent | deliveries.c.state.in_(("claimed", "in_data"))
    return conn.scalar(select(func.count()).select_from(deliveries).where(these)) or 0


def oldest_pending(conn: Connection) -> datetime | None:
    """Return since when the oldest unsent delivery waits."""
    open_ones = deliveries.c.state.in_(("pending", "deferred", "claimed", "in_data"))
    found: datetime | None = conn.scalar(select(func.min(deliveries.c.created_at)).where(open_ones))
    return found


def last_numbers(conn: Connection) -> Numbers:
    """Return the ids of the last issue, delivery and attempt there ever were, for the marker outside the database."""
    there = Numbers(*(conn.scalar(select(func.max(each.c.id))) or 0 for each in (issues, deliveries, attempt_rows)))
    return there.furthest(Numbers.of_text(switches.value(conn, REOPENED) or ""))


def _readers(conn: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Return state and refusals of the subscriptions that deliveries belong to, and lock them, in one order for all.

    Before the deliveries: `subscriptions.leave` locks in this order too, and so they cannot wait for each other.
    """
    return {row.id: row for row in conn.execute(lock_rows(conn, _READERS, referable=True), {"ids": list(ids)})}


def _mine(conn: Connection, ids: Sequence[int], owner: str) -> dict[int, Row[Any]]:
    """Return the deliveries that `owner` is at work on, locked."""
    return {row.id: row for row in conn.execute(lock_rows(conn, _MINE), {"ids": list(ids), "owner": owner})}


def _write(conn: Connection, delivery_id: int, values: dict[str, Any]) -> None:
    conn.execute(update(deliveries).where(deliveries.c.id == delivery_id), values)


def _all(conn: Connection, where: Any) -> tuple[Delivery, ...]:
    return tuple(_of(row) for row in conn.execute(_DELIVERY.where(where).order_by(deliveries.c.id)))


def _of(row: Row[Any]) -> Delivery:
    found = {**row._mapping, "fields": tuple((name, value) for name, value in json.loads(row.fields))}
    return Delivery(**found)
