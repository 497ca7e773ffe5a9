"""Bulletins, the teams and people they go to, and the issues that are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

from alerts.model.records import Event, Evidence, Record

Cadence = Literal["daily", "weekly", "fortnightly", "monthly"]
Grouping = Literal["type", "profile", "publisher"]
WhenEmpty = Literal["skip", "notice"]
ReviewThen = Literal["send", "hold", "warn"]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a bulletin and what goes under it: types of evidence, or `local` for the place lens, or `dated`.

    `limit` is how many items it may hold (None: no limit of its own); `empty` is what an empty section shows.
    """

    title: str
    types: frozenset[str] = frozenset()
    lens: Literal["", "dated", "local"] = ""
    limit: int | None = None
    empty: Literal["omit", "say"] = "omit"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a bulletin is due, in its own time zone. `weekday` 0 is Monday; `nth` 1…4 or -1 (last) for monthly ones."""

    cadence: Cadence
    at: time
    zone: str = "Europe/London"
    weekday: int = 1
    nth: int = 1
    starting: date | None = None
    calendar: str = "england"
    working_days_only: bool = True


@dataclass(frozen=True, slots=True)
class Budget:
    """How much an issue may hold: items, and bytes of the finished HTML mail."""

    items: int = 10
    html_bytes: int = 85_000


@dataclass(frozen=True, slots=True)
class Review:
    """Hold each issue for the librarian until `deadline_hours` after it was composed, then do as `then` says."""

    deadline_hours: float
    then: ReviewThen = "hold"


@dataclass(frozen=True, slots=True)
class SignUp:
    """Who may join a bulletin by themselves: those with an address in one of these domains, or below; none: anybody."""

    domains: tuple[str, ...] = ()

    def takes(self, address: str) -> bool:
        """Tell whether somebody with this address may join."""
        domain = address.rpartition("@")[2].casefold()
        return not self.domains or any(domain == each or domain.endswith(f".{each}") for each in self.domains)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A standing publication."""

    id: str
    title: str
    team: str
    teams: tuple[str, ...]
    profiles: tuple[str, ...]
    sections: tuple[Section, ...]
    schedule: Schedule
    budget: Budget = Budget()
    group_by: Grouping = "type"
    when_empty: WhenEmpty = "skip"
    first_run_days: int = 14
    places: tuple[str, ...] = ()
    review: Review | None = None
    introduction: str = ""
    sign_up: SignUp | None = None
    formerly: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """Who owns profiles and whom a bulletin speaks for: one library, one sender, one foot."""

    id: str
    title: str
    library: str
    owner_name: str
    owner_address: str
    sender_name: str
    sender_address: str
    reply_to: str
    foot: str = ""
    disclaimer: str = ""
    document_link: str = ""
    document_help: str = ""
    feedback_address: str = ""
    phone: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A reader as `people.csv` lists them: one address, one or more teams."""

    address: str
    name: str = ""
    teams: tuple[str, ...] = ()
    kind: Literal["person", "list"] = "person"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """That person takes this bulletin. Unique by case-folded address and bulletin.

    `listed` and `signed_up` say what gives it: the list of people, the reader's own request. `via` is the subscription
    whose link was used to leave or to pause.
    """

    id: int
    bulletin_id: str
    address: str
    name: str
    team: str
    state: Literal["active", "left", "suspended", "removed"]
    state_reason: str
    generation: int
    kind: Literal["person", "list"] = "person"
    listed: bool = True
    signed_up: bool = False
    paused_until: datetime | None = None
    via: int | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None

    def is_away(self, now: datetime) -> bool:
        """Tell whether the reader has paused it for now."""
        return self.paused_until is not None and self.paused_until > now


@dataclass(frozen=True, slots=True)
class SeenIn:
    """One source that carries a record, for "also in …"; `place` is the source's, for the place lens."""

    source_id: str
    title: str
    publisher: str = ""
    link: str = ""
    place: str = ""
    abstract_mail: str = "snippet"
    abstract_web: str = "snippet"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is in a bulletin: a profile, and the evidence of its match."""

    profile_id: str
    profile_title: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event with no disposition in a bulletin yet, with all that composing needs to know of its record.

    `notice` is the record that told of the event, where there is one: the correction or retraction itself.
    """

    event: Event
    record: Record
    reasons: tuple[Reason, ...]
    seen_in: tuple[SeenIn, ...]
    own_note: str = ""
    is_own: bool = False
    notice: Record | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an issue, ready to be shown: everything is text, nothing is looked up later.

    `type` is the type of evidence and `type_label` the words shown for it; `summary` is the mail's and `web_summary`
    the page's, each with its label; marks are code points [start, end) of `title` and of `web_summary`; `matched` are
    words of the record itself, each with its field. `notice` and `notice_link` are the words for and the address of the
    notice that told of a correction; `heading` is the heading that an item stands under, or would with more room.
    """

    record_id: int
    event_id: int
    title: str
    link: str
    publisher: str
    type: str
    event: str
    date_line: str
    place: str = ""
    summary: str = ""
    summary_label: str = ""
    web_summary: str = ""
    closes: str = ""
    change: str = ""
    access: str = ""
    access_link: str = ""
    also_in: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    matched: tuple[tuple[str, str], ...] = ()
    title_marks: tuple[tuple[int, int], ...] = ()
    summary_marks: tuple[tuple[int, int], ...] = ()
    note: str = ""
    identifier: str = ""
    ranking: str = ""
    type_label: str = ""
    web_summary_label: str = ""
    language: str = ""
    notice: str = ""
    notice_link: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class IssueSection:
    """A heading of an issue and its items, in order; `empty_text` is said when there are none."""

    title: str
    items: tuple[Item, ...]
    empty_text: str = ""


@dataclass(frozen=True, slots=True)
class IssueContent:
    """An issue as its readers see it; the same for every reader, stored whole, never changed once sent.

    `waiting` counts items that neither the issue nor its remainder had room for: they come with the next issue;
    `remainder_line` counts all that had no room by heading ("20 studies, 11 data"); `signs_up` says that readers may
    join by themselves.
    """

    bulletin_id: str
    bulletin_title: str
    number: int
    period_key: str
    period_line: str
    date_line: str
    subject: str
    preheader: str
    introduction: str
    late_line: str
    sections: tuple[IssueSection, ...]
    corrections: tuple[Item, ...]
    remainder: tuple[Item, ...]
    sources_searched: tuple[str, ...]
    sources_failed: tuple[str, ...]
    team: Team
    public_address: str = ""
    note: str = ""
    language: str = "en-GB"
    waiting: int = 0
    remainder_line: str = ""
    signs_up: bool = False

    @property
    def item_count(self) -> int:
        """Number of items under headings and corrections, the remainder not counted."""
        return sum(len(section.items) for section in self.sections) + len(self.corrections)


DispositionKind = Literal["issued", "remainder", "dropped", "backlog", "superseded", "reserved"]
"""*Reserved* is not settled yet: the event belongs to a draft that is held for review."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What became of an event in one bulletin, and why."""

    bulletin_id: str
    event_id: int
    kind: DispositionKind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """What `compose` answers: the content and, for every candidate it settled, the disposition."""

    content: IssueContent
    dispositions: tuple[Disposition, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """A span a bulletin reports on: `key` is the nominal, unshifted local date, `due_at` when it goes out (UTC).

    `collapsed` are the keys of other periods that its issue stands for: those that a closure moved to the same moment,
    and those in `missed`, which should have gone out earlier.
    """

    bulletin_id: str
    key: str
    due_at: datetime
    nominal: date
    collapsed: tuple[str, ...] = field(default=())
    missed: tuple[str, ...] = field(default=())
