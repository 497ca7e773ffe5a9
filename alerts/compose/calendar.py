"""Days on which nothing goes out: week-ends, bank holidays by nation, and the librarians' own.

Bank holidays come from the `holidays` package, which is a table and some rules (no I/O). Moved ones, such as Boxing Day
on a Monday, are included as observed. `calendar.yaml` adds days of one's own (`NoSendDay`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from alerts.model.bulletins import Schedule
from alerts.model.catalogue import NoSendDay

if TYPE_CHECKING:
    from holidays import HolidayBase

_SUBDIVISIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}

CALENDARS: tuple[str, ...] = (*_SUBDIVISIONS, "none")
"""The calendars a bulletin may name."""
_WEEK_END = {5: "Saturday", 6: "Sunday"}


@lru_cache(maxsize=8)
def _bank_holidays(calendar: str) -> HolidayBase | None:
    """Return the table of one nation; it grows by itself, a year at a time, as days are asked for."""
    import holidays  # a large package, wanted only when something is scheduled

    code = _SUBDIVISIONS.get(calendar)
    return holidays.country_holidays("GB", subdiv=code, language="en_GB") if code else None


def bank_holiday(day: date, calendar: str) -> str | None:
    """Return the name of the bank holiday on `day` in `calendar`, or `None`."""
    table = _bank_holidays(calendar)
    name = table.get(day) if table is not None else None
    return str(name) if name else None


def closed_days(schedule: Schedule, no_send: Sequence[NoSendDay] = ()) -> Callable[[date], str | None]:
    """Return the function that names what keeps a bulletin from going out on a day, or gives `None`.

    Days of `no_send` count for every bulletin of their calendars; week-ends and bank holidays for those that go out on
    working days only.
    """
    own = {each.day: each.reason for each in no_send if not each.calendars or schedule.calendar in each.calendars}

    def why_closed(day: date) -> str | None:
        if day in own:
            return own[day] or "No-send day"
        if not schedule.working_days_only:
            return None
        return _WEEK_END.get(day.weekday()) or bank_holiday(day, schedule.calendar)

    return why_closed
