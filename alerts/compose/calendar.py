"""Days on which nothing goes out: week-ends, bank holidays by nation, and the librarians' own.

Bank holidays come from the `holidays` package, which is a table and some rules (no I/O); substitute days, such as the
Monday after a Boxing Day on a Saturday, are included. They are called what GOV.UK calls them. Up to `KNOWN_UNTIL` they
are those that were announced; later ones follow from the rules alone, and a day proclaimed only once (a coronation) or
moved (a May Day) is not among them until the package knows it. `calendar.yaml` adds days of one's own (`NoSendDay`).
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
KNOWN_UNTIL = date(2027, 12, 31)
"""The last day for which the United Kingdom's bank holidays had been announced when the data was last compared."""

_OFFICIAL = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "Summer Bank Holiday": "Summer bank holiday",
    "New Year Holiday": "2nd January",
    "Saint Andrew's Day": "St Andrew's Day",
    "Saint Patrick's Day": "St Patrick's Day",
    "Coronation of Charles III": "Bank holiday for the coronation of King Charles III",
}
"""GOV.UK's names, where the package has its own."""
_SUBSTITUTE = " (observed)"
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
    found = table.get(day) if table is not None else None
    return " and ".join(map(_official, str(found).split("; "))) if found else None


def _official(name: str) -> str:
    plain = name.removesuffix(_SUBSTITUTE)
    return _OFFICIAL.get(plain, plain) + (" (substitute day)" if plain != name else "")


def reaches_beyond(calendar: str, until: date) -> bool:
    """Tell whether the bank holidays of a calendar up to `until` are not all known yet."""
    return calendar in _SUBDIVISIONS and until > KNOWN_UNTIL


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
