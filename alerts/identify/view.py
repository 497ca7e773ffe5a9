"""What is known while one poll is decided: the store's answer, and what this very poll creates or revises."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.identify.comparing.titles import title_key
from alerts.identify.wanted import title_keys_of
from alerts.model.decisions import Known, KnownSighting
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, Record


@dataclass(slots=True)
class View:
    """A `Known` that grows: later entries of a poll see what earlier ones became."""

    known: Known
    source_id: str
    now: datetime
    records: dict[int, Record] = field(default_factory=dict)
    sightings: dict[str, KnownSighting] = field(default_factory=dict)
    identifiers: dict[Identifier, int] = field(default_factory=dict)
    titles: dict[str, list[int]] = field(default_factory=dict)
    links_here: dict[int, set[str]] = field(default_factory=dict)
    told: dict[int, list[Event]] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    created: int = 0

    def __post_init__(self) -> None:
        self.waiting.update(self.known.waiting)

    def final(self, number: int) -> int:
        """Return the record that a number stands for, after what this poll merged."""
        while number in self.merged:
            number = self.merged[number]
        return number

    def record(self, number: int) -> Record | None:
        """Return the record as this poll has it so far."""
        number = self.final(number)
        return self.records.get(number) or self.known.records.get(number)

    def sighting(self, key: str) -> KnownSighting | None:
        """Return what was last seen under an entry key, in this poll or before."""
        seen = self.sightings.get(key) or self.known.sightings.get(key)
        return replace(seen, record_id=self.final(seen.record_id)) if seen and self.merged else seen

    def by_identifier(self, identifier: Identifier) -> int | None:
        """Return the record that carries an identifier."""
        found = self.identifiers.get(identifier)
        found = self.known.by_identifier.get(identifier) if found is None else found
        return None if found is None else self.final(found)

    def by_title(self, entry: Entry) -> list[int]:
        """Return the records in the blocks of an entry's titles, each once."""
        found: dict[int, None] = {}
        for key in title_keys_of(entry):
            for number in (*self.titles.get(key, ()), *self.known.by_title.get(key, ())):
                found.setdefault(self.final(number))
        return list(found)

    def events(self, number: int) -> tuple[Event, ...]:
        """Return a record's events, those of this poll last."""
        mine = self._all(number)
        return tuple(each for one in (self.known.events_of, self.told) for n in mine for each in one.get(n, ()))

    def sources(self, number: int) -> frozenset[str]:
        """Return the sources in which a record was sighted."""
        mine = self._all(number)
        here = frozenset({self.source_id}) if any(each < 0 for each in mine) else frozenset()
        return here.union(*(self.known.sources_of.get(each, ()) for each in mine))

    def _all(self, number: int) -> list[int]:
        """Return a record's number, and those of the records that this poll merged into it."""
        return [number, *(each for each in self.merged if self.final(each) == number)] if self.merged else [number]

    def is_of_this(self, number: int) -> bool:
        """Tell whether a record was ever sighted in the polled source."""
        return self.source_id in self.sources(number)

    def stands_here(self, number: int, entry: Entry) -> bool:
        """Tell whether a record already came in this poll under another link than the entry's."""
        links = self.links_here.get(self.final(number))
        return bool(links) and entry.link not in (links or ())

    def create(self, text: Entry, evidence_type: str, rule: str) -> int:
        """Add a record that this poll creates; return its number (-1, -2 …)."""
        self.created += 1
        number = -self.created
        self.records[number] = Record(number, text, self.now, 1, evidence_type, rule)
        self.index(number, text)
        return number

    def revise(self, number: int, text: Entry, evidence_type: str, rule: str) -> None:
        """Give a record its new text."""
        record = self.record(number)
        if record is not None:
            self.records[number] = replace(record, entry=text, evidence_type=evidence_type, evidence_type_rule=rule)
            self.index(number, text)

    def index(self, number: int, text: Entry) -> None:
        """Let later entries find a record by its identifiers and title."""
        for identifier in text.identifiers:
            if self.by_identifier(identifier) is None:
                self.identifiers[identifier] = number
        key = title_key(text.title)
        if key and number not in self.titles.get(key, ()):
            self.titles.setdefault(key, []).append(number)

    def see(self, entry: Entry, number: int) -> None:
        """Note that an entry was seen as this record."""
        self.sightings[entry.key] = KnownSighting(number, entry.fingerprint)
        self.links_here.setdefault(number, set()).add(entry.link)

    def merge(self, keep: int, drop: int, text: Entry) -> None:
        """Let one record be another from now on, whose text is `text`."""
        kept = self.record(keep)
        self.links_here.setdefault(keep, set()).update(self.links_here.get(drop, ()))
        self.merged[drop] = keep
        if kept is not None:
            self.revise(keep, text, kept.evidence_type, kept.evidence_type_rule)

    def tell(self, number: int, event: Event) -> None:
        """Note an event of this poll."""
        self.told.setdefault(number, []).append(event)
