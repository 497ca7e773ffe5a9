"""When a bulletin is due: local times in, periods out. The truth is in the rows, never in a clock.

A *nominal* day follows from the cadence alone (every Tuesday, the last Friday); its ISO date is the period's key for
ever. The day on which the issue goes out may be later, when that day is not a working day. A service that was away
makes one late issue, whose period names those that it stands for.

    >>> due(bulletin, after=last_due, settled=keys, now=now, holidays=closed_days(bulletin.schedule))
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from alerts.model.bulletins import Bulletin, Period, Schedule

Holidays = Callable[[date], str | None]

_ONE_DAY = timedelta(days=1)
_LONGEST_CLOSURE = 60
_YEARS_CHECKED = range(2024, 2038)


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
    """Yield the periods of `bulletin` whose nominal day is `first` or later, in order."""
    schedule = bulletin.schedule
    zone = ZoneInfo(schedule.zone)
    for nominal in nominal_days(schedule, first):
        day, why = moved(nominal, schedule, holidays)
        due_at = datetime.combine(day, schedule.at, zone).astimezone(UTC)
        yield Planned(Period(bulletin.id, nominal.isoformat(), due_at, nominal), why)


def due(
    bulletin: Bulletin, *, after: datetime, settled: Collection[str], now: datetime, holidays: Holidays
) -> Period | None:
    """Return the period that is due, or `None`.

    `after` (exclusive) is when the bulletin began or the `due_at` of its last period; `settled` are the keys that have
    a row. All periods missed in between become one: the latest, with the keys of the others in `collapsed`, oldest
    first.
    """
    missed: list[Period] = []
    start = after.astimezone(ZoneInfo(bulletin.schedule.zone)).date() - timedelta(days=_LONGEST_CLOSURE)
    for planned in _planned(bulletin, start, holidays):
        if planned.period.nominal > now.astimezone(UTC).date() + _ONE_DAY:
            break
        if after < planned.period.due_at <= now and planned.period.key not in settled:
            missed.append(planned.period)
    if not missed:
        return None
    return replace(missed[-1], collapsed=tuple(each.key for each in missed[:-1]))


def next_periods(bulletin: Bulletin, *, after: datetime, count: int, holidays: Holidays) -> tuple[Planned, ...]:
    """Return the next `count` periods that go out later than `after`."""
    start = after.astimezone(ZoneInfo(bulletin.schedule.zone)).date() - timedelta(days=_LONGEST_CLOSURE)
    coming = (each for each in _planned(bulletin, start, holidays) if each.period.due_at > after)
    return tuple(islice(coming, count))


@lru_cache(maxsize=64)
def _doubtful(zone: str) -> tuple[tuple[time, time, str], ...]:
    """Return the local times that a zone's clock changes skip or repeat: first, last (exclusive) and which."""
    found: dict[tuple[time, time, str], None] = {}
    where = ZoneInfo(zone)
    for number in range(date(_YEARS_CHECKED[0], 1, 1).toordinal(), date(_YEARS_CHECKED[-1], 12, 31).toordinal()):
        noon = datetime.combine(date.fromordinal(number), time(12), UTC)
        before, after = noon.astimezone(where).utcoffset(), (noon + _ONE_DAY).astimezone(where).utcoffset()
        if before is None or after is None or before == after:
            continue
        low, high = noon, noon + _ONE_DAY
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) / 2
            low, high = (middle, high) if middle.astimezone(where).utcoffset() == before else (low, middle)
        change = high.replace(second=0, microsecond=0)
        if high.second >= 30:
            change += timedelta(minutes=1)
        ends = sorted(((change + before).time(), (change + after).time()))
        found[(ends[0], ends[1], "skip" if after > before else "repeat")] = None
    return tuple(found)


def refused_time(at: time, zone: str) -> str | None:
    """Return a sentence when the local time `at` is ever skipped or repeated by a clock change of `zone`, else `None`.

    Such a bulletin would go out twice, or not at all, on one day of the year (SAFETY 34).
    """
    for first, last, what in _doubtful(zone):
        inside = first <= at < last if first < last else at >= first or at < last
        if inside:
            verb = "skipped" if what == "skip" else "repeated"
            return (
                f"{at:%H:%M} is {verb} when the clocks change in {zone} ({first:%H:%M} to {last:%H:%M}): "
                "choose a time outside that hour."
            )
    return None
