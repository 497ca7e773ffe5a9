"""Who takes which bulletin: what `people.csv` says, overridden by suspension, overridden by what the reader did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, false, func, insert, select, update

from alerts.model.bulletins import Bulletin, Person, Subscription
from alerts.model.catalogue import Catalogue
from alerts.store.engine import lock_rows, lock_table
from alerts.store.rows import chunks
from alerts.store.schema import bounces, deliveries, issues, subscriptions
from alerts.store.suppressions import NOBODY, Seal
from alerts.store.suppressions import lift as lift_suppression
from alerts.store.suppressions import suppressed as suppressed_keys

State = Literal["active", "left", "suspended", "removed"]
REFUSALS = 3
"""So many issues in a row that a recipient's server refuses suspend the subscription."""
RETURNS_WITHIN = timedelta(days=7)
"""What was stopped by leaving or pausing is sent after all when the reader thinks better of it this soon."""


@dataclass(frozen=True, slots=True)
class SyncChanges:
    """What a new list of people changed. `kept_last_good`: the list was empty and the former one stays in force."""

    added: int = 0
    returned: int = 0
    removed: int = 0
    updated: int = 0
    kept_last_good: bool = False


def sync(conn: Connection, catalogue: Catalogue, now: datetime, seal: Seal = NOBODY) -> SyncChanges:
    """Bring subscriptions into line with the people and bulletins of `catalogue`.

    Nobody who left is brought back, and nobody who is suspended; `seal` also tells those who left or were erased so
    long ago that their address is not kept any more. A list without people, where there were some, is taken for a
    mishap: the last good one stays in force.
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
    unknown = {key for key in wanted if key not in before}
    gone_for_good = suppressed_keys(conn, seal, unknown)
    fresh = [_new_row(key, *wanted[key], now) for key in wanted if key in unknown and key not in gone_for_good]
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


def active(conn: Connection, bulletin_id: str, now: datetime) -> tuple[Subscription, ...]:
    """Return the subscriptions that an issue of this bulletin goes to now: those that are active and not paused."""
    return _all(conn, _active(bulletin_id) & ~_away(now))


def away(conn: Connection, bulletin_id: str, now: datetime) -> int:
    """Return how many readers of a bulletin have paused it for now."""
    return conn.scalar(select(func.count()).where(_active(bulletin_id), _away(now))) or 0


def missed(conn: Connection, bulletin_id: str, now: datetime) -> dict[int, int]:
    """Return how many issues came out while they were away, for those whose pause is over and who had none since."""
    over = _active(bulletin_id) & (subscriptions.c.paused_until <= now)
    skipped = issues.c.published_at >= subscriptions.c.paused_at
    joined = subscriptions.join(issues, (issues.c.bulletin_id == subscriptions.c.bulletin_id) & skipped)
    statement = select(subscriptions.c.id, func.count()).select_from(joined).where(over).group_by(subscriptions.c.id)
    return {number: count for number, count in conn.execute(statement)}  # noqa: C416 - rows are no pairs to the checker


def end_pauses(conn: Connection, bulletin_id: str, now: datetime) -> None:
    """Forget the pauses of a bulletin that are over: its readers have been told what they missed."""
    here = (subscriptions.c.bulletin_id == bulletin_id) & (subscriptions.c.paused_until <= now)
    conn.execute(update(subscriptions).where(here), {"paused_at": None, "paused_until": None})


def _active(bulletin_id: str) -> Any:
    return (subscriptions.c.bulletin_id == bulletin_id) & (subscriptions.c.state == "active")


def _away(now: datetime) -> Any:
    return func.coalesce(subscriptions.c.paused_until > now, false())


def listing(conn: Connection, bulletin_id: str | None = None) -> tuple[Subscription, ...]:
    """Return the subscriptions of one bulletin or of all, whatever their state."""
    return _all(conn, None if bulletin_id is None else subscriptions.c.bulletin_id == bulletin_id)


def of_address(conn: Connection, address: str) -> tuple[Subscription, ...]:
    """Return what goes, or went, to one address."""
    return _all(conn, subscriptions.c.address_key == address_key(address))


def get(conn: Connection, subscription_id: int) -> Subscription | None:
    """Return one subscription."""
    return next(iter(_all(conn, subscriptions.c.id == subscription_id)), None)


def leave(
    conn: Connection, subscription_id: int, now: datetime, reason: str = "", *, via: int | None = None
) -> Subscription | None:
    """End a subscription by the reader's own act, stop what is not on its way yet; twice is as good as once.

    `via` is the subscription whose link was used: `undo` by that link takes back all that it did.
    """
    row = _lock(conn, subscription_id)
    if row is not None and row.left_at is None:
        _change(conn, row, {"left_at": now, "left_reason": reason, "via": via}, now)
    return get(conn, subscription_id)


def undo(conn: Connection, subscription_id: int, now: datetime) -> Subscription | None:
    """Take leaving and pausing back; what they stopped in the last week is sent after all."""
    row = _lock(conn, subscription_id)
    if row is not None and (row.left_at is not None or row.paused_until is not None):
        free = {"left_at": None, "left_reason": "", "paused_at": None, "paused_until": None, "via": None}
        _change(conn, row, free, now)
        _send_after_all(conn, row.id, now)
    return get(conn, subscription_id)


def pause(
    conn: Connection, subscription_id: int, until: datetime, now: datetime, *, via: int | None = None
) -> Subscription | None:
    """Send nothing before `until`, by the reader's own act; stop what is not on its way yet. The last date holds."""
    row = _lock(conn, subscription_id)
    if row is not None and row.left_at is None and row.paused_until != until:
        began = now if row.paused_at is None or row.paused_until <= now else row.paused_at
        waits = _waiting([row.id])  # an issue that came out before and is stopped now is missed as well
        began = min(began, conn.scalar(select(func.min(deliveries.c.created_at)).where(waits)) or began)
        change = {"paused_at": began, "paused_until": until, "via": via}
        conn.execute(update(subscriptions).where(subscriptions.c.id == row.id), change)
        stop_waiting(conn, [row.id], "paused")
    return get(conn, subscription_id)


def sign_up(
    conn: Connection, bulletin_id: str, team: str, address: str, name: str, now: datetime, seal: Seal = NOBODY
) -> Subscription:
    """Subscribe a reader who asked and confirmed it: whatever ended the subscription before is over.

    The list of people neither gives nor takes such a subscription. Only leaving ends it.
    """
    lock_table(conn, subscriptions)
    lift_suppression(conn, seal, address_key(address), bulletin_id)
    here = (subscriptions.c.address_key == address_key(address)) & (subscriptions.c.bulletin_id == bulletin_id)
    row = conn.execute(select(subscriptions).where(here)).one_or_none()
    if row is None:
        person = Person(address, name, (team,))
        fresh = {
            **_new_row((address_key(address), bulletin_id), person, team, now),
            "listed": False,
            "signed_up_at": now,
        }
        conn.execute(insert(subscriptions), fresh)
    else:
        afresh = {
            "signed_up_at": row.signed_up_at or now, "left_at": None, "left_reason": "", "suspended_at": None,
            "suspended_reason": "", "refusals": 0, "paused_at": None, "paused_until": None, "via": None,
        }  # fmt: skip
        _change(conn, row, afresh, now)
    return _all(conn, here)[0]


def suspend(conn: Connection, subscription_id: int, reason: str, now: datetime) -> Subscription | None:
    """Send nothing more until `resume`: the recipient's server refuses it, or the librarian says so."""
    row = _lock(conn, subscription_id)
    if row is not None and row.suspended_at is None:
        _change(conn, row, {"suspended_at": now, "suspended_reason": reason}, now)
    return get(conn, subscription_id)


def resume(conn: Connection, subscription_id: int, now: datetime) -> Subscription | None:
    """End a suspension; the refusals and what came back that led to it count no more."""
    row = _lock(conn, subscription_id)
    if row is not None:
        _change(conn, row, {"suspended_at": None, "suspended_reason": "", "refusals": 0}, now)
        theirs = select(deliveries.c.id).where(deliveries.c.subscription_id == row.id)
        back = bounces.c.delivery_id.in_(theirs) & (bounces.c.kind == "permanent")
        conn.execute(update(bounces).where(back), {"kind": "forgiven"})
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


def confirmations_since(conn: Connection, subscription_id: int, since: datetime) -> int:
    """Return how many confirmations a reader was written since a moment."""
    theirs = (deliveries.c.subscription_id == subscription_id) & (deliveries.c.kind == "confirmation")
    return conn.scalar(select(func.count()).where(theirs, deliveries.c.created_at > since)) or 0


def last_message(conn: Connection, subscription_id: int) -> dict[str, Any] | None:
    """Return what became of the last message of a subscription."""
    names = {
        "kind": "kind",
        "state": "state",
        "words": "state_reason",
        "created_at": "created_at",
        "sent_at": "sent_at",
    }
    wanted = select(*(deliveries.c[column].label(name) for name, column in names.items()))
    theirs = wanted.where(deliveries.c.subscription_id == subscription_id).order_by(deliveries.c.id.desc())
    row = conn.execute(theirs.limit(1)).one_or_none()
    return None if row is None else dict(row._mapping)


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
    change: dict[str, Any] = {name: value for name, value in listed.items() if getattr(row, name) != value}
    if change.get("kind") == "list":  # one member with an old link would remove all
        change["generation"] = row.generation + 1
    return change


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
    """The reader's own act of leaving, else suspension, else the list or the reader's own act of joining."""
    if row["left_at"] is not None:
        return "left"
    if row["suspended_at"] is not None:
        return "suspended"
    return "active" if row["listed"] or row["signed_up_at"] is not None else "removed"


def stop_waiting(conn: Connection, subscription_ids: Collection[int], reason: str) -> int:
    """Stop the deliveries of these subscriptions that have not entered DATA; return how many."""
    stopped = 0
    for some in chunks(subscription_ids):
        values = {"state": "stopped", "state_reason": reason, "owner": "", "lease_until": None, "next_try_at": None}
        stopped += conn.execute(update(deliveries).where(_waiting(some)), values).rowcount
    return stopped


def _waiting(subscription_ids: Collection[int]) -> Any:
    """Return what tells the issues that wait to be sent to these subscriptions and have not entered DATA."""
    unsent = deliveries.c.state.in_(("pending", "deferred", "claimed")) & (deliveries.c.kind == "delivery")
    return deliveries.c.subscription_id.in_(subscription_ids) & unsent


def _send_after_all(conn: Connection, subscription_id: int, now: datetime) -> None:
    """Let what was stopped by the reader's own act go on, unless it is old by now or the subscription is not active."""
    is_active = select(subscriptions.c.id).where(
        subscriptions.c.id == subscription_id, subscriptions.c.state == "active"
    )
    stopped = deliveries.c.subscription_id.in_(is_active) & (deliveries.c.state == "stopped")
    recent = deliveries.c.state_reason.in_(("left", "paused")) & (deliveries.c.created_at > now - RETURNS_WITHIN)
    recent &= deliveries.c.address != ""  # what was tidied away has no bytes any more
    conn.execute(update(deliveries).where(stopped, recent), {"state": "pending", "state_reason": ""})


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
        listed=row.listed,
        signed_up=row.signed_up_at is not None,
        paused_until=row.paused_until,
        via=row.via,
        began_at=row.began_at,
        ended_at=row.ended_at,
    )


def count(conn: Connection, state: State) -> int:
    """Return how many subscriptions are in `state`."""
    return conn.scalar(select(func.count()).where(subscriptions.c.state == state)) or 0
