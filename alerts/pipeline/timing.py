"""Where each bulletin stands in its schedule: what the rows say, made fit for `compose.schedule`.

The truth is in the rows, but a clock that ran ahead (a flat battery, a wrong year) may have written rows of days that
are still to come. Once it is right again they say nothing of today: they are left out, and make room when their day
comes. An edit of the schedule counts from the day on which it came into force: what it would have sent before was
never promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from alerts.compose import schedule
from alerts.compose.schedule import Planned
from alerts.model.bulletins import Bulletin, Period
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service
from alerts.store import Connection, drafts, issues
from alerts.store import catalogue as catalogue_rows
from alerts.store.periods import SURELY_AHEAD, PeriodRow


@dataclass(frozen=True, slots=True)
class Standing:
    """What a bulletin's rows say: `after`, `settled` and `not_before` as `schedule.due` wants them.

    `foreseen` are the rows of a clock that had run ahead.
    """

    after: datetime
    settled: frozenset[str]
    not_before: date | None = None
    foreseen: tuple[PeriodRow, ...] = ()


def standing(conn: Connection, bulletin: Bulletin, now: datetime) -> Standing:
    """Return where a bulletin stands. One that was never taken into force begins now.

    The period of a draft that waits for its librarian is neither due again nor settled yet.
    """
    held = drafts.held_period(conn, bulletin.id)
    waits_since = [held.due_at] if held is not None and held.due_at <= now + SURELY_AHEAD else []
    rows = issues.periods(conn, bulletin.id)
    foreseen = tuple(each for each in rows if each.is_foreseen(now))
    believed = [each for each in rows if not each.is_foreseen(now)]
    began = catalogue_rows.begun(conn, bulletin.id) or catalogue_rows.Begun(now)
    earliest = began.introduced_at if began.introduced_at <= now + SURELY_AHEAD else now - SURELY_AHEAD
    edited = began.scheduled_at
    keys = frozenset(each.key for each in rows if each.outcome == "issued" or not each.is_foreseen(now))
    return Standing(
        after=max([*(each.due_at for each in believed), *waits_since], default=earliest),
        settled=keys | ({held.key, *held.collapsed} if held else set()),
        not_before=edited.astimezone(ZoneInfo(bulletin.schedule.zone)).date()
        if edited and edited <= now + SURELY_AHEAD
        else None,
        foreseen=foreseen,
    )


def due(service: Service, bulletin: Bulletin, stands: Standing, now: datetime) -> Period | None:
    """Return the period of a bulletin that is due, or `None`."""
    return schedule.due(
        bulletin,
        after=stands.after,
        settled=stands.settled,
        now=now,
        holidays=service.closed_days(bulletin),
        not_before=stands.not_before,
    )


def coming(service: Service, bulletin: Bulletin, stands: Standing, now: datetime, count: int) -> Sequence[Planned]:
    """Return the next `count` periods of a bulletin that have not been settled already."""
    found: list[Planned] = []
    after = max(now, stands.after)
    for each in schedule.next_periods(
        bulletin, after=after, count=count + len(stands.settled), holidays=service.closed_days(bulletin)
    ):
        if each.period.key not in stands.settled:
            found.append(each)
        if len(found) == count:
            break
    return found


def was_due(bulletin: Bulletin, period: Period | None, now: datetime) -> date | None:
    """Return the local day on which a period should have gone out, when that is over; else `None`."""
    if period is None:
        return None
    zone = ZoneInfo(bulletin.schedule.zone)
    day = period.due_at.astimezone(zone).date()
    return day if day < now.astimezone(zone).date() else None


def take_in_schedules(service: Service, now: datetime) -> tuple[str, ...]:
    """Note the schedules in force; return the bulletins whose schedule was edited.

    An edit counts from now, or, where the schedule before it was owed an issue (the service was down), from when that
    was due: what was missed still goes out, once.
    """
    edited = []
    for bulletin in service.catalogue.bulletins.values():
        with service.store.read() as conn:
            began = catalogue_rows.begun(conn, bulletin.id)
            if began is None or began.schedule == bulletin.schedule:
                continue
            stands = standing(conn, bulletin, now)
        since = None
        if began.schedule is not None:
            since = _owed_since(service, replace(bulletin, schedule=began.schedule), stands, now) or now
            edited.append(bulletin.id)
            log.info("schedule edited", bulletin=bulletin.id, counts_from=since)
        service.store.replay(
            partial(
                catalogue_rows.reschedule, bulletin_id=bulletin.id, schedule=bulletin.schedule, since=since
            )
        )  # fmt: skip
    return tuple(edited)


def _owed_since(service: Service, before: Bulletin, stands: Standing, now: datetime) -> datetime | None:
    """Return when the first issue was due that the schedule before an edit still owes, or `None`."""
    owed = due(service, before, stands, now)
    if owed is None:
        return None
    first = min((owed.key, *owed.missed))
    listing = schedule.next_periods(before, after=stands.after, count=1, holidays=service.closed_days(before))
    found = [each.period.due_at for each in listing if each.period.key >= first]
    return min([owed.due_at, *found])
