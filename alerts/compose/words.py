"""Dates, spans, counts and the subject line, in plain British English.

House style follows the NHS content guide: "2 November 2026", "9 to 16 November 2026", sentence case, no full stop after
a heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from alerts.model.text import cut, one_line

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SUBJECT_LENGTH = 59
"""A subject stays under 60 characters; a phone shows about 40 of them."""

_SAID_BEFORE = re.compile(
    r"^\W*(?:retracted|withdrawn|removed|temporary removal)(?: (?:article|paper|chapter))?\s*[\])]?\s*[:–—-]\s*"
    r"|^\W*[\[(](?:retracted|withdrawn)[^\])]*[\])]\s*|\s*[\[(](?:retracted|withdrawn)(?: article)?[\])]\s*$",
    re.IGNORECASE,
)
"""What publishers write about or below the title of something that is gone: a subject says it in its own words."""
_BREAKS = re.compile(r"(?:: | [-–—|] |; |\? | \()")
_SHORTEST_LEAD = 18


def day(when: date) -> str:
    """Return `when` as "2 November 2026"."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def short_day(when: date, today: date) -> str:
    """Return `when` as "9 January"; the year is added only when it would be in doubt (over ten months away)."""
    near = abs(when - today) <= timedelta(days=300)
    return f"{when.day} {MONTHS[when.month - 1]}" if near else day(when)


def span(first: date, last: date) -> str:
    """Return the days from `first` to `last` as "9 to 16 November 2026": month and year once where they agree."""
    if first >= last:
        return day(last)
    if first.year != last.year:
        return f"{day(first)} to {day(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} to {day(last)}"
    return f"{first.day} to {day(last)}"


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 item", "2 items"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def lead(title: str, limit: int) -> str:
    """Return the words of `title` that name the thing: up to a colon or dash if that fits, else cut at a word."""
    title = title.rstrip(" .")
    if len(title) <= limit:
        return title
    fitting = [found.start() for found in _BREAKS.finditer(title) if _SHORTEST_LEAD <= found.start() <= limit]
    return title[: fitting[-1]].rstrip() if fitting else cut(title, limit)


def subject(title: str, event: str, others: int, *, closes: str = "") -> str:
    """Return "Virtual wards guidance updated + 6 more": the thing first, under 60 characters in all.

    `event` is the event's kind; a closing date is added when there is room for it.
    """
    more = f" + {others} more" if others > 0 else ""
    change = "" if event in {"new", "closing"} else f" {event}"
    title = one_line(title)
    if event in {"retracted", "withdrawn"}:
        title = _SAID_BEFORE.sub("", title) or title
    if event == "updated" and re.search(r"\bupdated?\b", title, re.IGNORECASE):
        change = ""
    room = SUBJECT_LENGTH - len(more) - len(change)
    named = lead(title, room)
    closing = f" ({closes[0].lower()}{closes[1:]})" if closes else ""
    if closing and not change and len(named) + len(closing) <= room and not named.endswith("…"):
        named += closing
    return f"{named}{change}{more}"


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values that say something, once each, ignoring case, in order."""
    kept: dict[str, str] = {}
    for value in values:
        kept.setdefault(value.casefold(), value)
    kept.pop("", None)
    return tuple(kept.values())
