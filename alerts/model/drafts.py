"""Drafts: issues that are held for the librarian, and what the librarian decides about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from alerts.model.bulletins import Candidate, Period, ReviewThen

Keep = Literal["yes", "title", "no", "later"]
"""What is to become of an item: shown, listed by its title only, dropped for good, or offered again next time."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the librarian says of one record of a draft; `None` is "as it was". `reason` goes with a drop."""

    record_id: int
    keep: Keep | None = None
    pin: bool | None = None
    note: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the librarian says of a draft at one time.

    `order` are the records whose order was said, as readers are to see them; `None`: nothing was said of it.
    """

    items: tuple[Change, ...] = ()
    order: tuple[int, ...] | None = None
    subject: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue before it is one: what it tells, frozen as it was when it was made, and the librarian's decisions.

    `candidates` are all events that it reserves. `chosen` are the records that had room, by the bulletin's own rules;
    `raised` and `listed` are those that the librarian put in, or left with their titles only. A record's number, for
    people, is its place in `numbers`, from 1; it never changes. `drops` are (record, reason), `notes` (record, words).
    """

    candidates: tuple[Candidate, ...]
    until: date
    since: date | None = None
    sources_searched: tuple[str, ...] = ()
    sources_failed: tuple[str, ...] = ()
    chosen: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    raised: tuple[int, ...] = ()
    listed: tuple[int, ...] = ()
    later: tuple[int, ...] = ()
    pins: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    drops: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    subject: str = ""
    note: str = ""

    @property
    def records(self) -> frozenset[int]:
        """The records that it is about."""
        return frozenset(each.record.id for each in self.candidates)

    @property
    def events(self) -> frozenset[int]:
        """The events that it reserves."""
        return frozenset(each.event.id for each in self.candidates)

    def keep_of(self, record_id: int) -> Keep:
        """Return what is to become of a record."""
        if record_id in self.later:
            return "later"
        if any(record_id == dropped for dropped, _ in self.drops):
            return "no"
        shown = record_id in self.raised or record_id in self.pins or record_id in self.chosen
        return "yes" if shown and record_id not in self.listed else "title"


DraftEnd = Literal["", "issued", "empty"]
Told = Literal["", "reminder", "deadline"]


@dataclass(frozen=True, slots=True)
class HeldDraft:
    """A draft as it is stored. `period` is `None` for an extra issue.

    `revision` counts its changes from 1; whoever decides names the one that was looked at. `shown` tells one state of
    what readers would see from another (empty: not worked out yet). `told` is what the owner was told of the deadline,
    `file_version` how often a review file was written. `ended` is empty while it is held.
    """

    id: int
    bulletin_id: str
    period: Period | None
    made_at: datetime
    deadline_at: datetime
    then: ReviewThen
    draft: Draft = field(repr=False)
    revision: int = 1
    shown: str = ""
    told: Told = ""
    file_version: int = 0
    ended: DraftEnd = ""
    ended_at: datetime | None = None
    issue_id: int | None = None
    issue_number: int | None = None
