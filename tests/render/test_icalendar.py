"""The calendar file against RFC 5545, read with a library that others read it with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from alerts.render import CalendarEvent, calendar_file

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
AT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def event(**changes: str) -> CalendarEvent:
    values = {"uid": "weekly-2026-11-24@example.nhs.uk", "summary": "Public health update", **changes}
    return CalendarEvent(at=AT, **values)


def read(file: bytes) -> Any:
    found = Calendar.from_ical(file)
    assert isinstance(found, Calendar)
    assert not found.errors
    return found


def test_it_holds_what_the_standard_asks_of_every_file_and_event() -> None:
    found = read(calendar_file("Library", [event(), event(uid="other")], NOW))
    assert (found["VERSION"], str(found["X-WR-CALNAME"])) == ("2.0", "Library")
    assert found["PRODID"]
    first, second = found.walk("VEVENT")
    assert (first["UID"], second["UID"]) == ("weekly-2026-11-24@example.nhs.uk", "other")
    assert first["DTSTAMP"].dt == NOW
    assert first["DTSTART"].dt == AT
    assert first["DTEND"].dt > AT


def test_the_same_events_make_the_same_file() -> None:
    assert calendar_file("Library", [event()], NOW) == calendar_file("Library", [event()], NOW)


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400))
@example("", "\r0", "")
def test_whatever_titles_hold_lines_stay_short_and_the_words_come_back(name: str, summary: str, told: str) -> None:
    file = calendar_file(name, [event(summary=summary, description=told)], NOW)
    assert file.endswith(b"\r\n")
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode("utf-8")  # no letter is cut in two
    (found,) = read(file).walk("VEVENT")
    kept = " ".join(summary.split())
    if kept.isprintable():
        assert " ".join(str(found["SUMMARY"]).split()) == kept


def test_signs_of_the_format_are_words_in_a_title() -> None:
    title = "Alcohol; drugs, and \\n END:VEVENT\r\nATTENDEE:mailto:x@example.org"
    found = read(calendar_file("Library", [event(summary=title)], NOW))
    (one,) = found.walk("VEVENT")
    assert "ATTENDEE" not in one
    assert str(one["SUMMARY"]) == "Alcohol; drugs, and \\n END:VEVENT ATTENDEE:mailto:x@example.org"
