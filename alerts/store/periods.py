"""What became of each period of a bulletin: an issue, nothing to say, or taken into a later, late issue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from alerts.model.bulletins import Period
from alerts.store.errors import Stale
from alerts.store.schema import periods

PeriodOutcome = Literal["issued", "empty", "collapsed"]


SURELY_AHEAD = timedelta(days=1)
"""What was written so much later than now was written by a clock that had run ahead: replicas never differ so much."""


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period that is settled. `collapsed_into` is the key of the later period whose issue took it in."""

    bulletin_id: str
    key: str
    due_at: datetime
    outcome: PeriodOutcome
    issue_id: int | None
    collapsed_into: str | None
    settled_at: datetime
    note: str

    def is_foreseen(self, now: datetime) -> bool:
        """Tell whether a clock that had run ahead, and was put right since, settled this: it says nothing of today."""
        return self.settled_at > now + SURELY_AHEAD


def settled(conn: Connection, bulletin_id: str) -> tuple[PeriodRow, ...]:
    """Return the settled periods of a bulletin, oldest key first."""
    rows = conn.execute(select(periods).where(periods.c.bulletin_id == bulletin_id).order_by(periods.c.key))
    return tuple(PeriodRow(**row._mapping) for row in rows)


def settle_period(
    conn: Connection,
    period: Period,
    outcome: PeriodOutcome,
    now: datetime,
    note: str = "",
    *,
    issue_id: int | None = None,
) -> None:
    """Settle a period and those that collapsed into it. Raises `Stale` when one of them is settled already.

    What a clock settled that had run ahead, and no issue carries the name of, gives way (see `is_foreseen`).
    """
    keys = (period.key, *(each for each in period.collapsed if each != period.key))
    foreseen = (periods.c.settled_at > now + SURELY_AHEAD) & (periods.c.outcome != "issued")
    conn.execute(delete(periods).where(periods.c.bulletin_id == period.bulletin_id, periods.c.key.in_(keys), foreseen))
    taken = conn.scalars(
        select(periods.c.key).where(periods.c.bulletin_id == period.bulletin_id, periods.c.key.in_(keys))
    ).all()
    if taken:
        raise Stale(f"The period {taken[0]} of {period.bulletin_id} is settled already.")
    rows = [
        {
            "bulletin_id": period.bulletin_id,
            "key": key,
            "due_at": period.due_at,
            "outcome": outcome if key == period.key else "collapsed",
            "issue_id": issue_id,
            "collapsed_into": None if key == period.key else period.key,
            "settled_at": now,
            "note": note,
        }
        for key in keys
    ]
    conn.execute(insert(periods), rows)
