"""Dates and ranges as databases write them: `2015`, `2015/03`, `20150301`, `2015 -Current`, `1940/01/01:2015/02/28`."""

from __future__ import annotations

import calendar
import re
from datetime import date

_DAY = r"(\d{4})(?:[/-]?(\d{1,2})(?:[/-]?(\d{1,2}))?)?"
_SINGLE = re.compile(_DAY)
_COMPACT = re.compile(r"(\d{4})(\d{2})?(\d{2})?")
_OPEN = re.compile(r"current|present|now|date|today|c|3000(?:[/-]?\d+)*", re.IGNORECASE)
_CUT_OFF = re.compile(r"\"?(\d{2,4})(\d{0,2})(\d{0,2})[*$:?#]+\"?")
_RANGE = re.compile(
    r"\s*\"?\s*(?P<first>[\d/]*|\d{4}-\d{2}-\d{2})\s*\"?\s*(?:-|:|to|–)\s*\"?\s*(?P<last>[\d/]+|[a-z]+|)\s*\"?\s*", re.I
)


def first_day(text: str) -> date | None:
    """Return the first day of the year, month or day `text`, or `None` when it is not one."""
    parts = _parts(text)
    if parts is None:
        return None
    year, month, day = parts
    return _day(year, month or 1, day or 1)


def last_day(text: str) -> date | None:
    """Return the last day of the year, month or day `text`, or `None` when it is not one."""
    parts = _parts(text)
    if parts is None:
        return None
    year, month, day = parts
    month = month or 12
    if not 1 <= month <= 12 or not 1 <= year <= 9999:
        return None
    return _day(
        year, month, min(day, calendar.monthrange(year, month)[1]) if day else calendar.monthrange(year, month)[1]
    )


def _parts(text: str) -> tuple[int, int, int] | None:
    """Split a date into year, month and day; what is not given is 0."""
    text = text.strip().strip('"')
    found = _COMPACT.fullmatch(text) or _SINGLE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    return year, month, day


def _day(year: int, month: int, day: int) -> date | None:
    """Return that day, or `None` when there is none; years far ahead mean "open"."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_open(text: str) -> bool:
    """Tell whether `text` is an open end of a range: `Current`, `3000`, nothing."""
    bare = text.strip().strip('"').strip()
    return not bare or _OPEN.fullmatch(bare) is not None


def read_range(text: str) -> tuple[date | None, date | None] | None:
    """Read `2015`, `2012-2018`, `"1970 -Current"` or `1940/01/01:2015/02/28` as (first, last); `None` when unreadable.

    An open side is `None`.
    """
    bare = " ".join(text.split()).strip('" ')
    if len(bare) > 60:
        return None
    single = first_day(bare)
    if single is not None:
        return single, last_day(bare)
    found = _RANGE.fullmatch(bare)
    if found is None:
        return None
    first_text, last_text = found.group("first") or "", found.group("last") or ""
    first = first_day(first_text) if first_text else None
    last = None if is_open(last_text) else last_day(last_text)
    if (first_text and first is None) or (not is_open(last_text) and last is None):
        return None
    return (None if first == date.min else first), last


def read_date(text: str) -> tuple[date | None, date | None] | None:
    """Read what a date field is searched for: a range, a day, month or year, or one that is cut off (`20191*`)."""
    return _cut_off(text) or read_range(text.strip('"*$?: '))


def _cut_off(text: str) -> tuple[date, date] | None:
    """Read a date that is cut off (`202*`, `2019*`, `20191*`) as (first, last); `None` when it is none."""
    found = _CUT_OFF.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups(default="")
    first, last = int(year.ljust(4, "0")), int(year.ljust(4, "9"))
    if not first or (month and first != last):
        return None
    months = [number for number in range(1, 13) if f"{number:02}".startswith(month)]
    days = [
        date(at, number, of_month)
        for at in (first, last)
        for number in months
        for of_month in range(1, calendar.monthrange(at, number)[1] + 1)
        if f"{of_month:02}".startswith(day)
    ]
    return (min(days), max(days)) if days else None
