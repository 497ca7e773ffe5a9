"""Days on which bulletins go out as an iCalendar file (RFC 5545), for Outlook and other calendars to import.

Moments are in UTC, which needs no time zone definitions. A library for this weighs more than the rest of what renders;
tests parse what comes out with one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.model.text import one_line

LINE_OCTETS = 75
"""RFC 5545 3.1: no line is longer, its end not counted."""
HOW_LONG = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One entry of a calendar: `uid` stays the same for ever, so that a second import changes it and adds none."""

    uid: str
    at: datetime
    summary: str
    description: str = ""
    url: str = ""


def calendar_file(name: str, events: Iterable[CalendarEvent], now: datetime) -> bytes:
    """Return the whole file, its lines folded and ended as the standard wants them."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//alerts//calendar of bulletins//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in events:
        lines += _event(event, now)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(event: CalendarEvent, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_moment(now)}"
    yield f"DTSTART:{_moment(event.at)}"
    yield f"DTEND:{_moment(event.at + HOW_LONG)}"
    yield f"SUMMARY:{_text(one_line(event.summary))}"  # a title is one line, whatever it holds
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.url:
        yield f"URL:{one_line(event.url)}"
    yield "TRANSP:TRANSPARENT"  # nobody is busy because a bulletin goes out
    yield "END:VEVENT"


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Return a value of type TEXT (3.3.11): one line for each of its own, its signs escaped."""
    lines = [one_line(each) for each in value.splitlines()]
    escaped = (each.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for each in lines)
    return "\\n".join(escaped)


def _folded(line: str) -> Iterator[bytes]:
    """Yield a line in pieces of at most 75 octets; no letter is cut in two."""
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > LINE_OCTETS:
            yield piece
            piece = b" "
        piece += octets
    yield piece
