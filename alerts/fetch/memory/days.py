"""Days up to which several searches of one source were read, each by itself: what is asked next, what is remembered.

For databases whose answers cannot be gone on with at a later poll, so that a window that holds too much is halved,
where `windows` remembers a place within it.

Databases date by the day and are late: what bears Monday's date may be there to be found on Thursday. So each window
begins some days before the last one ended, and what comes twice is the same to `identify`. A window that holds more
than one poll may take is cut, and the next one goes on from there; nothing between two windows is left out, however
long the service was away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, Self

from alerts.fetch.memory import remembered


class Window(NamedTuple):
    """Days from `first` to `last`, both within."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has, 1 or more."""
        return (self.last - self.first).days + 1

    def halved(self) -> Window:
        """Return its first half; of a single day itself."""
        return Window(self.first, self.first + timedelta(days=max(self.days // 2, 1) - 1))


@dataclass(frozen=True, slots=True)
class DaysRead:
    """The day up to which each search of a source was read; `behind` are those whose last window was cut.

    `begun` is the first day that was ever asked about: what lies before it is the past, and no news.
    """

    begun: date | None = None
    until: Mapping[str, date] = field(default_factory=dict)
    behind: frozenset[str] = frozenset()

    def window(self, search: str, today: date, *, overlap: int, first: date) -> Window:
        """Return what is asked of a search now: from `first` where it was never asked, else from where it was read to.

        Never later than today, in whatever year the clock stood when that was written.
        """
        read = self.until.get(search)
        if read is None or read > today:
            return Window(min(first, today), today)
        begins = read + timedelta(days=1) - timedelta(days=0 if search in self.behind else overlap)
        return Window(min(max(begins, self.begun or begins), today), today)

    def after(self, search: str, window: Window, today: date) -> DaysRead:
        """Return what is remembered once a window was read whole."""
        behind = self.behind - {search} if window.last >= today else self.behind | {search}
        return DaysRead(self.begun, {**self.until, search: window.last}, behind)

    @classmethod
    def from_memory(cls, memory: str) -> Self:
        """Read what `as_memory` wrote; whatever else is found there is as if nothing were remembered."""
        found = remembered(memory)
        try:
            begun = found.get("begun")
            until = {str(name): date.fromisoformat(day) for name, day in found.get("until", {}).items()}
            behind = frozenset(str(name) for name in found.get("behind", ()))
            return cls(date.fromisoformat(begun) if begun else None, until, behind)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def as_memory(self) -> str:
        """Return it as a text for the state."""
        days = {name: day.isoformat() for name, day in sorted(self.until.items())}
        begun = self.begun.isoformat() if self.begun else ""
        return json.dumps({"begun": begun, "until": days, "behind": sorted(self.behind)}, separators=(",", ":"))
