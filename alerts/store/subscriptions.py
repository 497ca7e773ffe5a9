"""Who takes which bulletin: what `people.csv` says, overridden by suspension, overridden by what the reader did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from alerts.model.bulletins import Bulletin, Person, Subscription
from alerts.model.catalogue import Catalogue
from alerts.store.engine import lock_rows, lock_table
from alerts.store.rows import chunks
from alerts.store.schema import deliveries, subscriptions

State = Literal["active", "left", "suspended", "removed"]
REFUSALS = 3
"""So many issues in a row that a recipient's server refuses suspend the subscription."""


@dataclass(frozen=True, slots=True)
class SyncChanges:
    """What a new list of people changed. `kept_last_good`: the list was empty and the former one stays in force."""

    added: int = 0
    returned: int = 0
    removed: int = 0
    updated: int = 0
    kept_last_good: bool = False


def sync(conn: Connection, catalogue: Catalogue, now: datetime) -> SyncChanges:
    """Bring subscriptions into line with the people and bulletins of `catalogue`.

    Nobody who left is brought back, and nobody who is suspended. A list without people, where there were some, is taken
    for a mishap: the last good one stays in force.
    """
    lock_table(conn, subscriptions)
    before = {(row.address_key, row.bulletin_id): row for row in conn.execute(select(subscriptions))}
    wanted = {
        (address_key(person.address), bulletin.id): (person, team)
        for person in catalogue.people
        for bulletin in catalogue.bulletins.values()
        if (team := _team_of(person, bulletin))
    }
    # A list that names no team we know is a spoilt one; a list of other teams' people is one that was edited.
    of_known_teams = any(team in catalogue.teams for person in catalogue.people for team in person.teams)
    if not wanted and not of_known_teams and any(row.listed for row in before.values()):
        return SyncChanges(kept_last_good=True)
    fresh = [_new_row(key, *wanted[key], now) for key in wanted if key not in before]
    if fresh:
        conn.execute(insert(subscriptions), fresh)
    returned = updated = 0
    for key, (person, team) in wanted.items():
        if key in before and (change := _difference(before[key], person, team)):
            _change(conn, before[key], {**change, "listed": True}, now)
            returned += not before[key].listed
            updated += before[key].listed
    known = catalogue.bulletins.keys()  # readers of one whose file is gone stay as they are: it may come back
    gone = [row for key, row in before.items() if row.listed and key not in wanted and row.bulletin_id in known]
    for row in gone:
        _change(conn, row, {"listed": False}, now)
    return SyncChanges(len(fresh), returned, len(gone), updated)


def active(conn: Connection, bulletin_id: str) -> tuple[Subscription, ...]:
    """Return the subscriptions that an issue of this bulletin goes to now."""
    here = (subscriptions.c.bulletin_id == bulletin_id) & (subscriptions.c.state == "active")
    return _all(conn, here)


def listing(conn: Connection, bulletin_id: str | None = None) -> tuple[Subscription, ...]:
    """Return the subscriptions of one bulletin or of all, whatever their state."""
    return _all(conn, None if bulletin_id is None else subscriptions.c.bulletin_id == bulletin_id)


def of_address(conn: Connection, address: str) -> tuple[Subscription, ...]:
    """Return what goes, or went, to one address."""
    return _all(conn, subscriptions.c.address_key == address_key(address))


def get(conn: Connection, subscription_id: int) -> Subscription | None:
    """Return one subscription."""
    return next(iter(_all(conn, subscriptions.c.id == subscription_id)), None)


def leave(conn: Connection, subscription_id: int, now: datetime, reason: str = "") -> Subscription | None:
    """End a subscription by the reader's own act, stop what is not on its way yet; twice is as good as once."""
    row = _lock(conn, subscription_id)
    if row is not None and row.left_at is None:
        _change(conn, row, {"left_at": now, "left_reason": reason}, now)
    return get(conn, subscription_id)


def undo(conn: Connection, subscription_id: int, now: datetime) -> Subscription | None:
    """Take leaving back; what was stopped meanwhile stays stopped."""
    row = _lock(conn, subscription_id)
    if row is not None and row.left_at is not None:
        _change(conn, row, {"left_at": None, "left_reason": ""}, now)
    return get(conn, subscription_id)


def suspend(conn: Connection, subscription_id: int, reason: str, now: datetime) -> Subscription | None:
    """Send nothing more until `resume`: the recipient's server refuses it, or the librarian says so."""
    row = _lock(conn, subscription_id)
    if row is not None and row.suspended_at is None:
        _change(conn, row, {"suspended_at": now, "suspended_reason": reason}, now)
    return get(conn, subscription_id)


def resume(conn: Connection, subscription_id: int, now: datetime) -> Subscription | None:
    """End a suspension and forget the refusals that led to it."""
    row = _lock(conn, subscription_id)
    if row is not None:
        _change(conn, row, {"suspended_at": None, "suspended_reason": "", "refusals": 0}, now)
    return get(conn, subscription_id)


def refused(conn: Connection, subscription_id: int, words: str, now: datetime) -> bool:
    """Count an issue that the recipient's server refused; tell whether that suspended the subscription."""
    row = _lock(conn, subscription_id)
    if row is None:
        return False
    conn.execute(update(subscriptions).where(subscriptions.c.id == row.id), {"refusals": row.refusals + 1})
    if row.refusals + 1 < REFUSALS or row.suspended_at is not None:
        return False
    suspend(conn, subscription_id, f"refused {row.refusals + 1} times: {words}", now)
    return True


def accepted(conn: Connection, subscription_ids: Sequence[int]) -> None:
    """Forget earlier refusals of readers whose issue was accepted."""
    if subscription_ids:
        here = subscriptions.c.id.in_(subscription_ids) & (subscriptions.c.refusals > 0)
        conn.execute(update(subscriptions).where(here), {"refusals": 0})


def new_generation(conn: Connection, subscription_id: int) -> Subscription | None:
    """Make the tokens that were sent for this subscription so far invalid."""
    here = subscriptions.c.id == subscription_id
    conn.execute(update(subscriptions).where(here).values(generation=subscriptions.c.generation + 1))
    return get(conn, subscription_id)


def address_key(address: str) -> str:
    """Return what tells addresses apart: two that differ in case only are one."""
    return address.strip().casefold()


def _team_of(person: Person, bulletin: Bulletin) -> str:
    return next((team for team in bulletin.teams if team in person.teams), "")


def _new_row(key: tuple[str, str], person: Person, team: str, now: datetime) -> dict[str, Any]:
    return {
        "address_key": key[0],
        "bulletin_id": key[1],
        "address": person.address.strip(),
        "name": person.name,
        "team": team,
        "kind": person.kind,
        "state": "active",
        "listed": True,
        "began_at": now,
    }


def _difference(row: Row[Any], person: Person, team: str) -> dict[str, Any]:
    listed = {"address": person.address.strip(), "name": person.name, "team": team, "kind": person.kind, "listed": True}
    return {name: value for name, value in listed.items() if getattr(row, name) != value}


def _change(conn: Connection, row: Row[Any], change: dict[str, Any], now: datetime) -> None:
    """Write `change` and the state that follows from it; stop what waits when the subscription is no longer active."""
    merged = {**row._mapping, **change}
    state = _state(merged)
    ended_at = None if state == "active" else (row.ended_at or now)
    values = {**change, "state": state, "ended_at": ended_at}
    conn.execute(update(subscriptions).where(subscriptions.c.id == row.id), values)
    if state != "active":
        stop_waiting(conn, [row.id], state)


def _state(row: dict[str, Any]) -> State:
    """The reader's own act, else suspension, else the list."""
    if row["left_at"] is not None:
        return "left"
    if row["suspended_at"] is not None:
        return "suspended"
    return "active" if row["listed"] else "removed"


def stop_waiting(conn: Connection, subscription_ids: Collection[int], reason: str) -> int:
    """Stop the deliveries of these subscriptions that have not entered DATA; return how many."""
    stopped = 0
    for some in chunks(subscription_ids):
        waiting = deliveries.c.subscription_id.in_(some) & deliveries.c.state.in_(("pending", "deferred", "claimed"))
        issues = waiting & (deliveries.c.kind == "delivery")
        values = {"state": "stopped", "state_reason": reason, "owner": "", "lease_until": None, "next_try_at": None}
        stopped += conn.execute(update(deliveries).where(issues), values).rowcount
    return stopped


def _lock(conn: Connection, subscription_id: int) -> Row[Any] | None:
    statement = select(subscriptions).where(subscriptions.c.id == subscription_id)
    return conn.execute(lock_rows(conn, statement)).one_or_none()


def _all(conn: Connection, where: Any) -> tuple[Subscription, ...]:
    statement = select(subscriptions).order_by(subscriptions.c.id)
    rows = conn.execute(statement if where is None else statement.where(where))
    return tuple(_of(row) for row in rows)


def _of(row: Row[Any]) -> Subscription:
    reasons = {"left": row.left_reason, "suspended": row.suspended_reason}
    return Subscription(
        id=row.id,
        bulletin_id=row.bulletin_id,
        address=row.address,
        name=row.name,
        team=row.team,
        state=row.state,
        state_reason=reasons.get(row.state, ""),
        generation=row.generation,
        kind=row.kind,
    )


def count(conn: Connection, state: State) -> int:
    """Return how many subscriptions are in `state`."""
    return conn.scalar(select(func.count()).where(subscriptions.c.state == state)) or 0
