"""The decision on each entry of a poll: a pure function of the entries, what is known, the source and the moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.identify import about, changes, renamed, twins
from alerts.identify.comparing import editions, same, stated, titles
from alerts.identify.comparing.notices import mark_of, said_by
from alerts.identify.comparing.preprints import is_preprint
from alerts.identify.types import BY_SOURCE, evidence_type, rules_for, type_of
from alerts.identify.view import View
from alerts.identify.wanted import identifiers_of
from alerts.model.catalogue import TypeRule
from alerts.model.decisions import Decision, Known
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, EventKind, Record
from alerts.model.sources import NOT_READ, Source

UNDATED_FIRST = 10
"""How many undated entries of a source's first poll are offered (DESIGN, first run)."""


class Found(NamedTuple):
    """The record that an entry belongs to or stands beside; `untrusted` identifiers must not become a new record's."""

    record: Record | None
    reason: str
    relation: tuple[str, int] | None = None
    untrusted: frozenset[Identifier] = frozenset()


def _find(view: View, entry: Entry, *, moved: bool) -> Found:
    """Return the record that an entry without a sighting belongs to, with the reason, or why it belongs to none."""
    untrusted: set[Identifier] = set()
    relation: tuple[str, int] | None = None
    reasons: list[str] = []
    for identifier in identifiers_of(entry):
        number = view.by_identifier(identifier)
        record = view.record(number) if number is not None else None
        if record is None:
            continue
        verdict = same.by_identifier(entry, record.entry, identifier)
        if verdict.answer == "same":
            return Found(record, verdict.reason)
        untrusted.add(identifier)
        reasons.append(verdict.reason)
        if verdict.answer == "linked" and relation is None:
            relation = (verdict.relation, record.id)
    if relation is None and (stated_link := _stated_link(view, entry)) is not None:
        relation = stated_link
        reasons.append("the source says how it belongs to a record that is known")
    if relation is None and (edition := _edition_before(view, entry)) is not None:
        relation = ("update of", edition)
        reasons.append("it is a new edition of a review that is known")
    if relation is None:
        by_title = _find_by_title(view, entry, moved=moved)
        if by_title.record is not None:
            return by_title
        relation = by_title.relation
        reasons += [by_title.reason] if by_title.reason else []
    return Found(None, "; ".join(dict.fromkeys(reasons)), relation, frozenset(untrusted))


def _stated_link(view: View, entry: Entry) -> tuple[str, int] | None:
    """Return the known record of which a database says that it is a preprint, or another edition, of this work."""
    for name, other in stated.links(entry):
        number = view.by_identifier(other)
        record = view.record(number) if number is not None else None
        if number is None or record is None:
            continue
        if name == "update of" and is_preprint(record.entry) and not is_preprint(entry):
            name = "published version of"
        return name, number
    return None


def _edition_before(view: View, entry: Entry) -> int | None:
    return next((found for each in editions.earlier(entry) if (found := view.by_identifier(each)) is not None), None)


def _find_by_title(view: View, entry: Entry, *, moved: bool) -> Found:
    relation: tuple[str, int] | None = None
    reason = ""
    for number in view.by_title(entry):
        record = view.record(number)
        if record is None:
            continue
        together = view.stands_here(number, entry)
        own = renamed.verdict(entry, record.entry, moved=moved) if view.is_of_this(number) and not together else None
        verdict = own or same.by_title(entry, record.entry, seen_together=together)
        if verdict.answer == "same":
            return Found(record, verdict.reason)
        if verdict.answer == "linked" and relation is None:
            relation = (verdict.relation, number)
            reason = verdict.reason
        elif titles.likeness(entry.title, record.title) >= 0.9 and not reason:
            name = f"record {number}" if number > 0 else "another item of this poll"
            reason = f"it resembles {name}, but {verdict.reason}"
    return Found(None, reason, relation)


class _Poll:
    """One run of `decide`: the view that grows, and what all entries share."""

    def __init__(self, view: View, source: Source, rules: Sequence[TypeRule], now: datetime, *, moved: bool) -> None:
        self.view = view
        self.moved = moved
        self.source = source
        self.rules = rules
        self.own_rules = rules_for(tuple(rules), source.evidence_type)
        self.now = now

    def decision(self, entry: Entry) -> Decision:
        """Return the decision on one entry, and let the next ones know of it."""
        seen = self.view.sighting(entry.key)
        record = renamed.by_key(self.view, entry)
        if record is not None and seen is not None:
            if seen.fingerprint == entry.fingerprint and not self._is_redated(entry, record):
                made = Decision(entry, "same", record.id, "nothing in it changed")
            else:
                made = self._changed(entry, record, "")
        else:
            found = _find(self.view, entry, moved=self.moved)
            made = self._new(entry, found) if found.record is None else self._again(entry, found.record, found.reason)
        made = twins.united(self.view, made)
        self.view.see(entry, made.record)
        made = self._with_notices(made)
        self._tell(made)
        return made

    def _is_redated(self, entry: Entry, record: Record) -> bool:
        """Tell whether only the date changed, where the date is the signal."""
        before = record.entry.updated or record.entry.published
        return (
            self.source.updates == "date" and entry.updated is not None and (before is None or entry.updated > before)
        )

    def _is_own(self, entry: Entry, record: Record) -> bool:
        """Tell whether the record's text came from this source, so that a difference is the publisher's change."""
        telling = record.entry.key == entry.key and not renamed.is_weak(entry.key)
        return telling or self.view.sources(record.id) - NOT_READ <= {self.source.id}

    def _again(self, entry: Entry, record: Record, reason: str) -> Decision:
        """Decide on a known record under a new key: here before (the source renamed it) or in another source."""
        if self.source.id in self.view.sources(record.id) and record.id > 0:
            return self._changed(entry, record, f"known here under another name, since {reason}; ")
        return self._changed(entry, record, f"{reason}; ", duplicate=True)

    def _changed(self, entry: Entry, record: Record, prefix: str, *, duplicate: bool = False) -> Decision:
        own = self._is_own(entry, record) and not duplicate
        policy = "never" if duplicate else self.source.updates
        change = changes.change(
            record.entry,
            entry,
            own=own,
            evidence_type=record.evidence_type,
            policy=policy,
            events=self.view.events(record.id),
            now=self.now,
            settled=about.settled(self.view, record.id, entry),
        )
        type_, rule = self._type_after(entry, record, change.text)
        if change.text is not None:
            self.view.revise(record.id, change.text, type_, rule)
        known_nothing = duplicate or (change.text is None and change.event is None)
        return Decision(
            entry,
            "duplicate" if known_nothing and (duplicate or prefix) else "changed",
            record.id,
            f"{prefix}{change.reason}",
            text=change.text,
            evidence_type=type_,
            evidence_type_rule=rule,
            event=change.event,
            event_note=change.note,
        )

    def _type_after(self, entry: Entry, record: Record, text: Entry | None) -> tuple[str, str]:
        """Return the record's type of evidence: a rule that now holds is better than none held before.

        What was decided by a rule stands, unless the source itself now calls it another type of publication: a
        consultation has become its outcome.
        """
        if text is None or (
            record.evidence_type_rule not in ("", BY_SOURCE) and not _is_called_otherwise(record.entry, entry)
        ):
            return record.evidence_type, record.evidence_type_rule
        decided = evidence_type(text, replace(self.source, evidence_type=record.evidence_type), self.rules)
        return decided.type, decided.rule

    def _new(self, entry: Entry, found: Found) -> Decision:
        kept = tuple(each for each in entry.identifiers if each not in found.untrusted)
        text = entry if len(kept) == len(entry.identifiers) else replace(entry, identifiers=kept)
        decided = type_of(entry, self.source, self.own_rules)
        number = self.view.create(text, decided.type, decided.rule)
        return Decision(
            entry,
            "new",
            number,
            f"new: {found.reason}" if found.reason else "new: nothing known has its identifiers or title",
            text=text,
            evidence_type=decided.type,
            evidence_type_rule=decided.rule,
            event="new",
            relation=found.relation,
        )

    def _with_notices(self, made: Decision) -> Decision:
        """Add what a notice is about, or the notices that waited for this publication."""
        text = made.text
        if text is None:
            return made
        notice = said_by(text)
        if notice is None:
            found = tuple(about.notices_about(self.view, made.record, text))
            self.view.waiting.difference_update(each.notice for each in found)
            return replace(made, noticed=found) if found else made
        if made.outcome != "new" and (mark_of(text) is not None or self._was_told(made, text)):
            return made
        known = about.record_of(self.view, made.entry, notice, made.record)
        if known is None:
            self.view.waiting.add(made.record)
            return replace(made, awaits=about.awaits(notice))
        number, how = known
        if any(each.notice_record_id == made.record for each in self.view.events(number)):
            return made
        reason = f"it is a notice ({notice.kind.lower()}) about a record that is known: {how}"
        if about.is_told(self.view, made.entry, notice, number):
            linked = (f"{notice.kind.lower()} of", number)
            return replace(made, relation=linked, reason=f"{made.reason.partition(':')[0]}: {reason}, told already")
        pair = about.noticed(notice, made.record, number, reason)
        return replace(made, noticed=(pair,), relation=None, reason=f"{made.reason.partition(':')[0]}: {reason}")

    def _was_told(self, made: Decision, text: Entry) -> bool:
        """Tell whether a known notice has nothing new to say of what it is about."""
        before = self.view.known.records.get(made.record)
        if before is None:
            return True
        return said_by(before.entry) == said_by(text)

    def _tell(self, made: Decision) -> None:
        if made.event is not None:
            self.view.tell(made.record, self._event(made.record, made.event, made.event_note))
        for each in made.noticed:
            self.view.tell(each.about, self._event(each.about, each.event, each.note, each.notice))

    def _event(self, number: int, kind: EventKind, note: str, notice: int | None = None) -> Event:
        count = len(self.view.events(number))
        return Event(number, count + 1, kind, self.now, note, source_id=self.source.id, notice_record_id=notice)


def _is_called_otherwise(old: Entry, new: Entry) -> bool:
    """Tell whether an entry under the same key has a type of publication that it did not have."""
    return old.key == new.key and not set(new.publication_types) <= set(old.publication_types)


def _with_backlog(
    decisions: list[Decision], source: Source, now: datetime, *, first_run: bool, past: Collection[str]
) -> tuple[Decision, ...]:
    """Mark what a poll brings of a source's past: DESIGN, "First run"; what is in `past` is of it whenever it comes."""
    earliest = now - timedelta(days=source.first_run_days)
    undated = 0
    result = []
    for each in decisions:
        entry = each.entry
        if each.outcome != "new" or not (first_run or entry.key in past):
            result.append(each)  # what is known already is settled, or its event is one for those who had it
            continue
        dated = (entry.updated or entry.published) if source.updates == "date" else same.date_of(entry)
        if entry.key in past:
            is_backlog = True
        elif dated is None:
            undated += 1
            is_backlog = undated > UNDATED_FIRST
        else:
            is_backlog = dated < earliest
        # A notice about a record that is known is told, however old: a bulletin may have carried that record.
        is_backlog = is_backlog and not any(one.notice == each.record and one.about > 0 for one in each.noticed)
        result.append(replace(each, backlog=True) if is_backlog else each)
    return tuple(result)


def decide(
    entries: Sequence[Entry],
    *,
    source: Source,
    known: Known,
    first_run: bool,
    now: datetime,
    rules: Sequence[TypeRule],
    past: Collection[str] = (),
) -> tuple[Decision, ...]:
    """Return the decision on each entry, in order; later entries see what earlier ones became.

    `known` must have been read for `looks_up(entries)`. Records that the poll creates are numbered -1, -2 …; a record
    that two entries create is created by the first and found by the second. On `first_run` what lies before the
    source's `first_run_days`, and undated entries after the first ten, are marked as backlog; at any poll, so is what
    is new of the entries whose keys are in `past`: the source had them before it was followed.
    """
    view = View(known, source.id, now)
    poll = _Poll(view, source, rules, now, moved=renamed.has_moved(view, entries))
    decisions = [poll.decision(entry) for entry in entries]
    if not (first_run or past):
        return tuple(decisions)
    return _with_backlog(decisions, source, now, first_run=first_run, past=past)
