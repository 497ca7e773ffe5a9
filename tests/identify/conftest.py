"""A shelf: what the store does with decisions, in memory, so that polls can follow one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.identify import decide, looks_up, title_key
from alerts.identify.wanted import Wanted
from alerts.model.catalogue import TypeRule
from alerts.model.decisions import Decision, Known, KnownSighting
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, Record
from alerts.model.sources import Source


class Shelf:
    """Known records, kept as the store keeps them; `poll` decides and keeps, a day later each time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        self.sightings: dict[tuple[str, str], KnownSighting] = {}
        self.records: dict[int, Record] = {}
        self.owners: dict[Identifier, int] = {}
        self.sources: dict[int, set[str]] = {}
        self.events: dict[int, list[Event]] = {}
        self.awaited: dict[int, set[tuple[str, str]]] = {}
        self.gone: dict[int, int] = {}

    def known(self, source_id: str, wanted: Wanted) -> Known:
        seen = {key: self.sightings[source_id, key] for key in wanted.keys if (source_id, key) in self.sightings}
        owned = {each: self.owners[each] for each in wanted.identifiers if each in self.owners}
        titled: dict[str, tuple[int, ...]] = {}
        for number, record in self.records.items():
            key = title_key(record.title)
            if key in wanted.title_keys:
                titled[key] = (*titled.get(key, ()), number)
        asked = {("title", key) for key in wanted.title_keys} | {
            (each.scheme, each.value) for each in wanted.identifiers
        }
        waiting = {number for number, those in self.awaited.items() if those & asked}
        numbers = (
            waiting
            | {each.record_id for each in seen.values()}
            | set(owned.values())
            | {n for those in titled.values() for n in those}
        )
        records = {n: self.records[n] for n in numbers}
        sources = {n: frozenset(self.sources[n]) for n in numbers}
        events = {n: tuple(self.events.get(n, ())) for n in numbers}
        return Known(seen, owned, titled, records, sources, events, frozenset(waiting))

    def keep(self, source_id: str, decisions: Sequence[Decision]) -> None:
        numbers: dict[int, int] = {}
        for each in decisions:
            if each.outcome == "new":
                assert each.text is not None
                numbers[each.record] = len(self.records) + len(self.gone) + 1
                self.records[numbers[each.record]] = Record(numbers[each.record], each.text, self.now)
            number = numbers.get(each.record, each.record)
            if each.text is not None:
                self.records[number] = replace(
                    self.records[number], entry=each.text, evidence_type=each.evidence_type,
                    evidence_type_rule=each.evidence_type_rule,
                )  # fmt: skip
                for identifier in each.text.identifiers:
                    self.owners.setdefault(identifier, number)
            self.sightings[source_id, each.entry.key] = KnownSighting(number, each.entry.fingerprint)
            self.sources.setdefault(number, set()).add(source_id)
            if each.event:
                self._tell(number, each.event, note=each.event_note)
            for found in each.noticed:
                notice = numbers.get(found.notice, found.notice)
                self.awaited.pop(notice, None)
                self._tell(numbers.get(found.about, found.about), found.event, notice, found.note)
            if each.awaits:
                self.awaited[number] = set(each.awaits)
            for drop, _ in each.merges:
                self._merge(number, numbers.get(drop, drop))

    def _tell(self, number: int, kind: str, notice: int | None = None, note: str = "") -> None:
        told = self.events.setdefault(number, [])
        event = Event(number, len(told) + 1, kind, self.now, note, notice_record_id=notice)  # type: ignore[arg-type]
        told.append(event)

    def _merge(self, keep: int, drop: int) -> None:
        del self.records[drop]
        self.gone[drop] = keep
        self.sources[keep] |= self.sources.pop(drop)
        self.owners = {each: keep if number == drop else number for each, number in self.owners.items()}
        self.sightings = {
            key: replace(seen, record_id=keep) if seen.record_id == drop else seen
            for key, seen in self.sightings.items()
        }

    def poll(
        self, source: Source, *entries: Entry, first_run: bool = False, rules: Sequence[TypeRule] = (), days: float = 1
    ) -> tuple[Decision, ...]:
        known = self.known(source.id, looks_up(entries))
        decisions = decide(entries, source=source, known=known, first_run=first_run, now=self.now, rules=rules)
        self.keep(source.id, decisions)
        self.now += timedelta(days=days)
        return decisions


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()
