"""Which process works at which stage: `collect`, `publish` and `deliver` each take a lease, or hear who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from alerts.store.schema import leases
from alerts.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works at a stage, since when, and until when if it does not renew its lease."""

    stage: str
    owner: str
    taken_at: datetime
    until: datetime


def take(conn: Connection, stage: str, owner: str, now: datetime, ttl_s: float) -> Holder | None:
    """Take the lease of `stage` for `ttl_s` seconds: None means it is `owner`'s now, else see who has it."""
    until = now + timedelta(seconds=ttl_s)
    # Held for days to come: by a clock that had run ahead and was put right since, or nobody could work for as long.
    over = or_(leases.c.held_until <= now, leases.c.held_until > until + timedelta(days=1))
    mine_or_over = or_(leases.c.owner == owner, over)
    values = {"owner": owner, "taken_at": now, "held_until": until}
    while True:
        insert_new(conn, leases, [{"stage": stage, **values}])
        if conn.execute(update(leases).where(leases.c.stage == stage, mine_or_over), values).rowcount:
            return None
        row = conn.execute(select(leases).where(leases.c.stage == stage)).one_or_none()
        if row is not None:  # else it was given back between the two statements: PostgreSQL sees each by itself
            return Holder(row.stage, row.owner, row.taken_at, row.held_until)


def renew(conn: Connection, stage: str, owner: str, now: datetime, ttl_s: float) -> bool:
    """Hold on to a lease for another `ttl_s` seconds; False when it has gone to somebody else."""
    mine = (leases.c.stage == stage) & (leases.c.owner == owner)
    return conn.execute(update(leases).where(mine), {"held_until": now + timedelta(seconds=ttl_s)}).rowcount > 0


def drop(conn: Connection, stage: str, owner: str) -> bool:
    """Give a lease back; False when it was not ours."""
    mine = (leases.c.stage == stage) & (leases.c.owner == owner)
    return conn.execute(delete(leases).where(mine)).rowcount > 0


def drop_all(conn: Connection, owner_begins: str) -> int:
    """Give back every lease of the owners whose name begins so; return how many. For owners known to be dead."""
    theirs = leases.c.owner.startswith(owner_begins, autoescape=True)
    return conn.execute(delete(leases).where(theirs)).rowcount


def holders(conn: Connection, now: datetime) -> tuple[Holder, ...]:
    """Return the leases in force."""
    rows = conn.execute(select(leases).where(leases.c.held_until > now).order_by(leases.c.stage))
    return tuple(Holder(row.stage, row.owner, row.taken_at, row.held_until) for row in rows)
