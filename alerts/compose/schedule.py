"""When a bulletin is due: local times in, periods out. The truth is in the rows, never in a clock.

A *nominal* day follows from the cadence alone (every Tuesday, the last Friday); its ISO date is the period's key for
ever. The day on which the issue goes out may be later, when that day is not a working day. A service that was away
makes one late issue, whose period names those that it stands for.

    >>> due(bulletin, after=last_due, settled=keys, now=now, holidays=closed_days(bulletin.schedule))
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from alerts.model.bulletins import Bulletin, Period, Schedule

Holidays = Callable[[date], str | None]

_LONGEST_CLOSURE = 60
NEXT_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """A period to come, and why it does not go out on its nominal day ("Christmas Day"), if it does not."""

    period: Period
    moved: str = ""


def nominal_days(schedule: Schedule, first: date) -> Iterator[date]:
    """Yield the days on which the cadence falls, from `first` on, for ever (to the year 9999).

    A daily bulletin for working days has no issue on a Saturday or Sunday, rather than three on a Monday.
    """
    if schedule.cadence == "monthly":
        yield from _monthly(schedule, first)
        return
    step = {"daily": 1, "weekly": 7, "fortnightly": 14}[schedule.cadence]
    day = first if schedule.cadence == "daily" else _first_on(schedule, first, step)
    while day.year < date.max.year:
        if schedule.cadence != "daily" or not schedule.working_days_only or day.weekday() < 5:
            yield day
        day += timedelta(days=step)


def _first_on(schedule: Schedule, first: date, step: int) -> date:
    """Return the first weekly or fortnightly day that is not before `first`; fortnights count from `starting`."""
    anchor = schedule.starting or first
    anchor += timedelta(days=(schedule.weekday - anchor.weekday()) % 7)
    if first <= anchor and schedule.starting:
        return anchor
    return first + timedelta(days=(anchor - first).days % step)


def _monthly(schedule: Schedule, first: date) -> Iterator[date]:
    year, month = first.year, first.month
    while year < date.max.year:
        day = nth_weekday(year, month, schedule.weekday, schedule.nth)
        if day >= first:
            yield day
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the `nth` (1 to 4, or -1 for the last) `weekday` (0 is Monday) of a month."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def moved(day: date, schedule: Schedule, holidays: Holidays) -> tuple[date, str]:
    """Return the day on which an issue of nominal `day` goes out, and what moved it there (empty: nothing did)."""
    why = ""
    for later in range(_LONGEST_CLOSURE):
        candidate = day + timedelta(days=later)
        closed = holidays(candidate) or (_week_end(candidate) if schedule.working_days_only else None)
        if closed is None:
            return candidate, why
        why = why or closed
    return day, ""


def _week_end(day: date) -> str | None:
    return {5: "Saturday", 6: "Sunday"}.get(day.weekday())


def _planned(bulletin: Bulletin, first: date, holidays: Holidays) -> Iterator[Planned]:
    """Yield the periods of `bulletin` whose nominal day is `first` or later, in order.

    Those that a closure moves to one and the same moment, or to the day before the next, are one issue: the latest,
    with the others in `collapsed`. Two issues on two days running are noise, and the second would be near empty.
    """
    alike: list[Planned] = []
    zone = ZoneInfo(bulletin.schedule.zone)
    for each in _single(bulletin, first, holidays):
        if alike and not _runs_into(alike[-1], each, zone):
            yield _together(alike)
            alike = []
        alike.append(each)
    if alike:
        yield _together(alike)


def _runs_into(before: Planned, after: Planned, zone: ZoneInfo) -> bool:
    """Tell whether what a closure moved comes out so late that the next one stands for it."""
    one, other = (each.period.due_at.astimezone(zone).date() for each in (before, after))
    return other == one or (bool(before.moved) and other - one <= NEXT_DAY)


def _together(alike: Sequence[Planned]) -> Planned:
    last = alike[-1]
    return replace(last, period=replace(last.period, collapsed=tuple(each.period.key for each in alike[:-1])))


def _single(bulletin: Bulletin, first: date, holidays: Holidays) -> Iterator[Planned]:
    schedule = bulletin.schedule
    zone = ZoneInfo(schedule.zone)
    for nominal in nominal_days(schedule, first):
        day, why = moved(nominal, schedule, holidays)
        due_at = datetime.combine(day, schedule.at, zone).astimezone(UTC)
        yield Planned(Period(bulletin.id, nominal.isoformat(), due_at, nominal), why)


def due(
    bulletin: Bulletin,
    *,
    after: datetime,
    settled: Collection[str],
    now: datetime,
    holidays: Holidays,
    not_before: date | None = None,
) -> Period | None:
    """Return the period that is due, or `None`.

    `after` (exclusive) is when the bulletin began or the `due_at` of its last period; `settled` are the keys that have
    a row; what would have gone out before the local day `not_before` (when the schedule was edited) was never promised.
    All periods missed in between become one: the latest, with the keys of the others in `collapsed`, oldest first, and
    in `missed` those that should have gone out earlier.
    """
    zone = ZoneInfo(bulletin.schedule.zone)
    found: list[Period] = []
    for planned in _planned(bulletin, _first_that_counts(after, zone), holidays):
        period = planned.period
        if period.due_at > now:
            break
        if period.due_at <= after or (not_before and period.due_at.astimezone(zone).date() < not_before):
            continue
        found += [replace(period, key=key, collapsed=()) for key in (*period.collapsed, period.key)
                  if key not in settled]  # fmt: skip
    if not found:
        return None
    last, others = found[-1], found[:-1]
    missed = tuple(each.key for each in others if each.due_at < last.due_at)
    return replace(
        last,
        nominal=date.fromisoformat(last.key),
        collapsed=tuple(each.key for each in others),
        missed=missed,
    )


def _first_that_counts(after: datetime, zone: ZoneInfo) -> date:
    """Return the first nominal day that could still go out later than `after`."""
    return after.astimezone(zone).date() - timedelta(days=_LONGEST_CLOSURE)


def next_periods(bulletin: Bulletin, *, after: datetime, count: int, holidays: Holidays) -> tuple[Planned, ...]:
    """Return the next `count` periods that go out later than `after`."""
    start = _first_that_counts(after, ZoneInfo(bulletin.schedule.zone))
    coming = (each for each in _planned(bulletin, start, holidays) if each.period.due_at > after)
    return tuple(islice(coming, count))
