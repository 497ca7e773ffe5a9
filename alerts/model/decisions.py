"""What a poll decided before it wrote anything: a decision per entry, and the knowledge each decision relied on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, EventKind, Match, Record
from alerts.model.sources import SourceState


@dataclass(frozen=True, slots=True)
class KnownSighting:
    """What was last seen of one entry key of this source: its record and the fingerprint then."""

    record_id: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Known:
    """The part of the store that the entries of one poll touch: read first, re-read and compared before writing.

    `sightings` is by entry key of the polled source; `by_identifier` and `by_title` (title key → record ids) point into
    `records`; `sources_of` tells in which sources a record was sighted; `events_of` its events, oldest first. `waiting`
    are the notices, in `records` too, that came before the publication they are about, and may be about one of these.
    """

    sightings: Mapping[str, KnownSighting] = field(default_factory=dict)
    by_identifier: Mapping[Identifier, int] = field(default_factory=dict)
    by_title: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    records: Mapping[int, Record] = field(default_factory=dict)
    sources_of: Mapping[int, frozenset[str]] = field(default_factory=dict)
    events_of: Mapping[int, tuple[Event, ...]] = field(default_factory=dict)
    waiting: frozenset[int] = frozenset()


Outcome = Literal["new", "same", "changed", "duplicate"]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice (a correction, a retraction) and the record that it is about: the event on that record, and why."""

    notice: int
    about: int
    event: EventKind
    relation: str
    note: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of one entry, and why.

    `record` is a record's id, or a negative number that stands for a record this poll creates (-1, -2 …). `text` is the
    record's text after this entry when it differs from before (a new revision, always set for `new`); `event` is what
    is worth telling, if anything. `noticed` pairs notices with what they are about, whichever of the two the entry is;
    a notice about nothing known yet waits for it: `awaits` are the scheme ("doi", "title") and value it will be known
    by. `relation` links two records without merging them ("preprint of", "update of"). `merges` are the records that
    turned out to be this one, each with the reason.
    """

    entry: Entry
    outcome: Outcome
    record: int
    reason: str
    text: Entry | None = None
    evidence_type: str = ""
    evidence_type_rule: str = ""
    event: EventKind | None = None
    event_note: str = ""
    noticed: tuple[Noticed, ...] = ()
    awaits: tuple[tuple[str, str], ...] = ()
    relation: tuple[str, int] | None = None
    merges: tuple[tuple[int, str], ...] = ()
    backlog: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """Everything that one poll of one source writes, in one transaction.

    `matches` use the records' numbers as the decisions do (negative for new ones). `held` marks every new event of this
    poll as waiting for the librarian (flood). The store re-reads `known` and refuses as stale when it has changed.
    `profiles` says with which revision of each profile the records were matched (empty: with none): where the catalogue
    changed meanwhile, the store notes that those profiles must be run over the stored records once more.
    """

    source_id: str
    at: datetime
    state: SourceState
    known: Known
    decisions: tuple[Decision, ...] = ()
    matches: tuple[Match, ...] = ()
    unmatched: tuple[tuple[int, str], ...] = ()
    held: bool = False
    profiles: Mapping[str, str] = field(default_factory=dict)
