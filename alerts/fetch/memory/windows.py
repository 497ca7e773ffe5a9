"""Spans of days that a database is asked about, poll after poll: each overlaps the one before, and none is left out.

What a search has read is remembered in the state of its source (`SourceState.memory`), as small JSON, and moves on only
with what was really read. Of a span that holds more than one poll takes, the place is remembered where the next poll
goes on. Whatever else stands in the memory is taken for nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from alerts.fetch.memory import remembered

OVERLAP_DAYS = 7
"""Databases date what they take in back by some days, and re-index in batches."""
_LONGEST_PLACE = 2_000


@dataclass(frozen=True, slots=True)
class Window:
    """The days from `first` to `last`, and where in them to go on: `place`, as the database names it, after `taken`."""

    first: date
    last: date
    place: str = ""
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Since when the search is followed, until when everything was read, the window that was begun, and what was seen.

    `seen` names the last answer, so that the very same one need not be settled again.
    """

    since: date | None = None
    read_to: date | None = None
    begun: Window | None = None
    seen: str = ""

    def next(self, today: date, first_run_days: int) -> Window:
        """Return the window to be asked about today.

        The one that was begun; else from some days before the last one ended, or at first from `first_run_days` ago.
        Tomorrow belongs to it, since databases live in other time zones. A last window that ended in days to come, by a
        clock that had run ahead, ended today.
        """
        last = today + timedelta(days=1)
        if self.begun is not None and self.begun.last <= last:
            return self.begun
        if self.since is None or self.read_to is None:
            return Window(self.since or today - timedelta(days=first_run_days), last)
        return Window(min(self.read_to, today) - timedelta(days=OVERLAP_DAYS), last)

    def after(self, window: Window, place: str, taken: int, seen: str) -> Memory:
        """Return what to remember once `window` was read to its end, or up to `place`."""
        since = self.since or window.first
        if place:
            return replace(self, since=since, begun=replace(window, place=place, taken=taken), seen=seen)
        return Memory(since, window.last - timedelta(days=1), None, seen)


def recalled(text: str, today: date) -> Memory:
    """Read a memory; what cannot be read was never there, nor what a clock wrote that had run far ahead."""
    found = remembered(text)
    since, read_to, seen = _day(found.get("since")), _day(found.get("read_to")), found.get("seen")
    if since is not None and since > today:
        return Memory()
    return Memory(since, read_to, _window(found.get("begun")), seen if isinstance(seen, str) else "")


def written(memory: Memory) -> str:
    """Return a memory as text."""
    told: dict[str, Any] = {}
    if memory.since is not None:
        told["since"] = memory.since.isoformat()
    if memory.read_to is not None:
        told["read_to"] = memory.read_to.isoformat()
    if memory.begun is not None:
        begun = memory.begun
        told["begun"] = {
            "first": begun.first.isoformat(),
            "last": begun.last.isoformat(),
            "place": begun.place,
            "taken": begun.taken,
        }
    if memory.seen:
        told["seen"] = memory.seen
    return json.dumps(told)


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is not None and 1900 < day.year < 2200 else None


def _window(value: object) -> Window | None:
    if not isinstance(value, dict):
        return None
    first, last, place, taken = (
        _day(value.get("first")),
        _day(value.get("last")),
        value.get("place"),
        value.get("taken"),
    )
    if first is None or last is None or not isinstance(place, str) or not 0 < len(place) <= _LONGEST_PLACE:
        return None
    return Window(first, last, place, taken if isinstance(taken, int) and taken > 0 else 0)
