"""Entries as sources gave them, and the records behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from alerts.model.identifiers import Identifier

BRIEF_WORDS = 60
"""An item with fewer words of title and summary than this is *brief* (profile `result: {full, brief}`)."""


RelationKind = Literal[
    "retraction of", "retracted by", "withdrawal of", "withdrawn by", "correction of", "corrected by",
    "concern about", "concern told by", "update of", "updated by",
    "preprint of", "published version of", "published as",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """What a database says outright of an entry and another publication: "retraction of" this DOI or PMID."""

    kind: RelationKind
    other: Identifier


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a source gave it, cleaned once on the way in; it never changes afterwards.

    `title` and `summary` are plain text, the very strings that evidence offsets (code points) point into;
    `summary_html` is the allow-listed mark-up of the same summary. `relations` are those that a database states, never
    those that a text lets guess. `key` is the source's own name for the item (guid,
    else link, else a hash); `fingerprint` covers the text that a reader would see as changed.
    """

    key: str
    title: str
    link: str = ""
    summary: str = ""
    summary_html: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    publisher: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    date_kind: Literal["published", "updated", "issue", ""] = ""
    language: str = ""
    keywords: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    evidence_type: str = ""
    evidence_type_rule: str = ""
    identifiers: tuple[Identifier, ...] = ()
    issn: tuple[str, ...] = ()
    licence: str = ""
    open_access: bool | None = None
    closes: datetime | None = None
    change_note: str = ""
    relations: tuple[Relation, ...] = ()
    fingerprint: str = ""

    def __hash__(self) -> int:
        """Name and text are enough to tell entries apart, and quicker than all the fields."""
        return hash((self.key, self.fingerprint))

    def identifier(self, scheme: str) -> str:
        """Return the entry's value for `scheme` ("doi", "pmid", "pmcid", "link", "document"), or an empty string."""
        return next((each.value for each in self.identifiers if each.scheme == scheme), "")


@dataclass(frozen=True, slots=True)
class Record:
    """The publication behind entries, identified once however many sources list it.

    `revision` counts changes of the searchable text from 1. `text` fields are those of the best entry so far: the one
    with the longest summary, enriched with identifiers, headings and keywords of the others.
    """

    id: int
    entry: Entry
    first_seen_at: datetime
    revision: int = 1
    evidence_type: str = "news"
    evidence_type_rule: str = ""
    merged_into: int | None = None

    @property
    def title(self) -> str:
        """The title of the record's text."""
        return self.entry.title

    @property
    def is_brief(self) -> bool:
        """True when title and summary together have fewer than 60 words."""
        return len(self.entry.title.split()) + len(self.entry.summary.split()) < BRIEF_WORDS


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry of a source was this record, first seen then."""

    source_id: str
    entry_key: str
    record_id: int
    first_seen_at: datetime
    link: str = ""


EventKind = Literal["new", "updated", "corrected", "withdrawn", "retracted", "closing"]
"""What can be told of a record; *closing*: what readers had before can soon no longer be answered."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell about a record: `new` once, as number 1; `backlog` means: settled in every bulletin."""

    record_id: int
    n: int
    kind: EventKind
    happened_at: datetime
    note: str = ""
    source_id: str = ""
    notice_record_id: int | None = None
    backlog: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class TermHit:
    """One term of a strategy found in one field: code points [start, end) of the stored text of that field.

    `line` is the strategy line the term stands in, from 1; `value` is which value of a field with several, from 0.
    """

    line: int
    term: str
    field: str
    start: int
    end: int
    value: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a record satisfies a strategy: the lines satisfied and what hit in them, in reading order."""

    lines: tuple[int, ...]
    hits: tuple[TermHit, ...]
    notes: tuple[str, ...] = ()
    used_line: int = 0
    by_place: bool = False

    def words(self) -> tuple[tuple[str, str], ...]:
        """Return distinct (term, field) pairs in reading order, for "matched: *quit smoking* (title)"."""
        return tuple(dict.fromkeys((hit.term, hit.field) for hit in self.hits))


@dataclass(frozen=True, slots=True)
class Match:
    """A record satisfies a profile, and why."""

    record_id: int
    profile_id: str
    evidence: Evidence = field(repr=False)
    record_revision: int = 1
    strategy_revision: str = ""
