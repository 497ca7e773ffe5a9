"""Publishers' dates as aware datetimes in UTC; `None` where none can honestly be read.

The standard library reads ISO 8601; RFC 822 with named zones (BST is one hour ahead of UTC, which feedparser does not
know), British and spelled-out forms are read here; what is left (Korean, Greek, Hungarian …) goes to feedparser.
A date without a time is midnight UTC, so that it is the same day in London. A month alone is its first day.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""Impossible dates (year 0, 9999) are clamped to these, for sorting (SAFETY 18)."""

# English; then German, French, Spanish, Italian, Portuguese, Dutch and Welsh, as feeds of those countries write them.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier janv enero ene gennaio gen janeiro januari ionawr",
            "feb february februar février févr fév febrero febbraio fevereiro fev februari chwefror",
            "mar march märz mrz mars marzo março maart mawrth", "apr april avril avr abril abr aprile ebrill",
            "may mai mayo maggio mag maio mei", "jun june juni juin junio giugno giu junho mehefin",
            "jul july juli juillet juil julio luglio lug julho gorffennaf",
            "aug august août aout agosto ago augustus awst",
            "sep sept september septembre septiembre settembre set setembro medi",
            "oct october oktober okt octobre octubre ottobre ott outubro out hydref",
            "nov november novembre noviembre novembro tachwedd",
            "dec december dezember dez décembre déc diciembre dic dicembre dezembro rhagfyr",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES = {
    "z": 0, "gmt": 0, "utc": 0, "ut": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2,
    "eet": 2, "eest": 3, "msk": 3, "sast": 2, "ist": 5.5, "pkt": 5, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "brt": -3,
}  # fmt: skip
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TIME = (
    r"(?:(?:\s*[T,]\s*|\s+(?:at\s+)?)(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:]\d+)?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?)?\s*(?P<zone>[+-]\d{1,2}:?\d{2}|[A-Za-z]{1,5}(?:[+-]\d{1,2}:?\d{2})?)?(?:\s*\([^)]*\))?\s*$"
)
_FORMS = tuple(
    re.compile(r"^\s*(?:[^\W\d_]{2,12}\.?\s*,?\s+)?" + form + _TIME, re.IGNORECASE)
    for form in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:(?:of|de)\s+)?(?P<month>{_NAME})\.?[\s,-]+(?:de\s+)?(?P<year>\d{{4}}|\d{{2}}(?!\d|:))",
        rf"(?P<month>{_NAME})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?!:)",
        rf"(?P<year>\d{{4}})[\s-]+(?P<month>{_NAME})\.?[\s-]+(?P<day>\d{{1,2}})(?!\d|:)",
        rf"(?P<month>{_NAME})\.?\s+(?P<day>\d{{1,2}})\s+(?P<clock>\d{{1,2}}:\d{{2}}(?::\d{{2}})?)\s+(?:[A-Z]{{2,4}}\s+)?"
        r"(?P<year>\d{4})",
        r"(?P<iso>(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2}))",
        r"(?P<iso>(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2}))",
        r"(?P<iso>(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2}))(?!\d)",
        r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4}|\d{2}(?!\d|[:/.-]))",
    )
)
_MONTH_ONLY = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^\s*(?P<month>{_NAME})\.?(?:\s*[-–—/]\s*(?:{_NAME})\.?)?,?\s+(?P<year>\d{{4}})\s*$",
        rf"^\s*(?P<year>\d{{4}})[\s,]+(?P<month>{_NAME})\.?(?:\s*[-–—/]\s*(?:{_NAME})\.?)?\s*$",
        r"^\s*(?P<year>\d{4})-(?P<month>\d{2})\s*$",
    )
)
_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"((?:19|20)\d\d) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (?:GMT|UTC|[+-]0000)"
)
"""What most feeds write: read at once, and not by trying one form after the other."""
_WITHIN = re.compile(
    rf"(?<![\w/.-])(?:\d{{1,2}}(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?:{_NAME})\b\.?[\s,-]+(?:\d{{4}}|\d{{2}}(?!\d|:))"
    rf"|(?:{_NAME})\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})"
    rf"|(?:{_NAME})\b\.?,?\s+\d{{4}})(?=T\d|(?![\w/]))",
    re.IGNORECASE,
)
"""A day, or a month of a year, among other words."""
_LONGEST = 80
_ZONED_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:?\d\d)$")
"""A day of XML Schema may carry a zone; the day is meant all the same."""
_UNSET = datetime(1970, 1, 1, tzinfo=UTC)
"""What a program writes that has no date."""


def clamped(moment: datetime) -> datetime:
    """Return `moment` in UTC, within the years that can be."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return EARLIEST if moment.year < 1000 else LATEST
    return min(max(moment, EARLIEST), LATEST)


def is_impossible(moment: datetime) -> bool:
    """Tell whether a read date was clamped."""
    return moment in (EARLIEST, LATEST)


def _zone(text: str | None) -> timezone | None:
    """Return the offset that a zone's name or number stands for; `None` when there is none or it is unknown."""
    if not text:
        return None
    named = re.fullmatch(r"([A-Za-z]*)(?:([+-])(\d{1,2}):?(\d{2}))?", text)
    if named is None:
        return None
    name, sign, hours, minutes = named.groups()
    if sign is None:
        offset = _ZONES.get(name.lower())
        return None if offset is None else timezone(timedelta(hours=offset))
    span = timedelta(hours=int(hours), minutes=int(minutes))
    if span >= timedelta(hours=24):
        return None
    return timezone(-span if sign == "-" else span)


def _built(parts: dict[str, str | None]) -> datetime | None:
    year, month, day = parts["year"] or "", (parts["month"] or "").lower(), int(parts.get("day") or 1)
    number = _MONTHS.get(month) or int(month)
    if month.isdigit() and number > 12 and day <= 12 and not parts.get("iso"):
        number, day = day, number  # 11/25/2026 can only be American
    full = int(year) + (0 if len(year) > 2 else 2000 if int(year) < 70 else 1900)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    if parts.get("clock"):  # C's asctime: Mon Nov  2 09:00:00 2026
        hour, minute, second = (int(each) for each in f"{parts['clock']}:0".split(":")[:3])
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    carry = hour == 24 and minute == 0
    zone = _zone(parts.get("zone"))
    if not 1 <= full <= 9999:
        return EARLIEST
    moment = datetime(full, number, day, 0 if carry else hour, minute, min(second, 59), tzinfo=zone or UTC)
    return clamped(moment + timedelta(days=1) if carry else moment)


def _by_rfc_822(day: str, month: str, year: str, hour: str, minute: str, second: str) -> datetime | None:
    at = timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))
    try:
        return datetime(int(year), _MONTHS[month.lower()], int(day), tzinfo=UTC) + at
    except ValueError:
        return None


def _by_forms(text: str, forms: tuple[re.Pattern[str], ...]) -> datetime | None:
    for form in forms:
        found = form.match(text)
        if found is None:
            continue
        try:
            return _built(found.groupdict())
        except (ValueError, OverflowError):
            return None
    return None


def _by_feedparser(text: str) -> datetime | None:
    """Let feedparser try its Greek, Hungarian and Korean forms.

    Not its others: they fill in what is missing from the clock. These may raise anything on hostile text.
    """
    from feedparser.datetimes import greek, hungarian, korean

    for handler in (
        greek._parse_date_greek,
        hungarian._parse_date_hungarian,
        korean._parse_date_onblog,
        korean._parse_date_nate,
    ):
        try:
            parsed = handler(text)
            if parsed is not None:
                return clamped(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
        except Exception:  # noqa: BLE001, S112  feedparser's date handlers raise whatever their arithmetic raises
            continue
    return None


def is_month_only(text: str) -> bool:
    """Tell whether `text` names a month of a year and no day: the date of an issue."""
    return ":" not in text and any(form.match(text) for form in _MONTH_ONLY)


def found_in(text: str) -> str:
    """Return the first date that stands among other words ("Published on 3 November 2026 by …"), as it is written."""
    for found in _WITHIN.finditer(text):
        if read(found.group()) is not None:
            return found.group()
    return text if read(text) is not None else ""


def read(text: str) -> datetime | None:
    """Return the moment that `text` names, in UTC and clamped to 1900…2100, or `None` when no date can be read."""
    moment = _read(text)
    return None if moment == _UNSET else moment


def _read(text: str) -> datetime | None:
    text = " ".join(text.split())
    if plain := _RFC_822.fullmatch(text):
        return _by_rfc_822(*plain.groups())
    text = _ZONED_DAY.sub(r"\1", text)
    if not text or len(text) > _LONGEST or not any(char.isdigit() for char in text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        if len(text) > 7:
            return clamped(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    if text.startswith("0000-"):
        return EARLIEST
    found = _by_forms(text, _FORMS) or _by_forms(text, _MONTH_ONLY)
    if found is not None:
        return found
    return None if text.isascii() else _by_feedparser(text)
