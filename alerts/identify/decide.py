"""The decision on each entry of a poll: a pure function of the entries, what is known, the source and the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.identify import changes, same, titles
from alerts.identify.notices import Notice, mark_of, notice_of
from alerts.identify.types import BY_SOURCE, evidence_type
from alerts.identify.view import View
from alerts.identify.wanted import identifiers_of
from alerts.model.catalogue import TypeRule
from alerts.model.decisions import Decision, Known
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, EventKind, Record
from alerts.model.sources import Source

UNDATED_FIRST = 10
"""How many undated entries of a source's first poll are offered (DESIGN, first run)."""


class Found(NamedTuple):
    """The record that an entry belongs to or stands beside; `untrusted` identifiers must not become a new record's."""

    record: Record | None
    reason: str
    relation: tuple[str, int] | None = None
    untrusted: frozenset[Identifier] = frozenset()


def _by_sighting(view: View, entry: Entry) -> Record | None:
    """Return the record last seen under this key, unless the key was given to another work since.

    So it is when a DOI or PMID differs, or title and link both do: some feeds number their items by position.
    """
    seen = view.sighting(entry.key)
    record = view.record(seen.record_id) if seen else None
    if record is None:
        return None
    for scheme in ("doi", "pmid", "link"):
        mine, theirs = entry.identifier(scheme), record.entry.identifier(scheme)
        if mine and theirs and mine != theirs and not same.titles_agree(entry, record.entry):
            return None
    return record


def _find(view: View, entry: Entry) -> Found:
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
    if relation is None:
        by_title = _find_by_title(view, entry)
        if by_title.record is not None:
            return by_title
        relation = by_title.relation
        reasons += [by_title.reason] if by_title.reason else []
    return Found(None, "; ".join(dict.fromkeys(reasons)), relation, frozenset(untrusted))


def _find_by_title(view: View, entry: Entry) -> Found:
    relation: tuple[str, int] | None = None
    reason = ""
    for number in view.by_title(entry):
        record = view.record(number)
        if record is None:
            continue
        verdict = same.by_title(entry, record.entry, seen_together=view.stands_here(number, entry))
        if verdict.answer == "same":
            return Found(record, verdict.reason)
        if verdict.answer == "linked" and relation is None:
            relation = (verdict.relation, number)
            reason = verdict.reason
        elif titles.likeness(entry.title, record.title) >= 0.9 and not reason:
            reason = f"it resembles a known record, but {verdict.reason}"
    return Found(None, reason, relation)


def _about(view: View, entry: Entry, notice: Notice) -> int | None:
    """Return the record that a notice is about, when it is known: by a DOI it names, else by the title it names."""
    for doi in notice.about_dois:
        number = view.by_identifier(Identifier("doi", doi))
        if number is not None:
            return number
    if not notice.about_title or titles.is_generic(notice.about_title):
        return None
    best: tuple[float, int] | None = None
    for number in view.by_title(entry):
        record = view.record(number)
        if record is None or notice_of(record.entry) is not None:
            continue
        title = _unmarked(record.entry)
        alike = titles.likeness(notice.about_title, title)
        if alike >= 0.9 and not titles.numbers_differ(notice.about_title, title) and (best is None or alike > best[0]):
            best = (alike, number)
    return best[1] if best else None


def _unmarked(entry: Entry) -> str:
    mark = mark_of(entry)
    return mark.title if mark else entry.title


class _Poll:
    """One run of `decide`: the view that grows, and what all entries share."""

    def __init__(self, view: View, source: Source, rules: Sequence[TypeRule], now: datetime) -> None:
        self.view = view
        self.source = source
        self.rules = rules
        self.now = now

    def decision(self, entry: Entry) -> Decision:
        """Return the decision on one entry, and let the next ones know of it."""
        seen = self.view.sighting(entry.key)
        record = _by_sighting(self.view, entry)
        if record is not None and seen is not None:
            if seen.fingerprint == entry.fingerprint and not self._is_redated(entry, record):
                made = Decision(entry, "same", record.id, "nothing in it changed")
            else:
                made = self._changed(entry, record, "")
        else:
            found = _find(self.view, entry)
            made = self._new(entry, found) if found.record is None else self._again(entry, found.record, found.reason)
        self.view.see(entry, made.record)
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
        return record.entry.key == entry.key or self.view.sources(record.id) <= {self.source.id}

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
        """Return the record's type of evidence: a rule that now holds is better than none held before."""
        if text is None or record.evidence_type_rule not in ("", BY_SOURCE):
            return record.evidence_type, record.evidence_type_rule
        decided = evidence_type(text, replace(self.source, evidence_type=record.evidence_type), self.rules)
        return decided.type, decided.rule

    def _new(self, entry: Entry, found: Found) -> Decision:
        notice = notice_of(entry)
        about = _about(self.view, entry, notice) if notice else None
        mark = mark_of(entry)
        if notice is None and mark is not None:
            about = _about(self.view, entry, Notice(mark.event.capitalize(), mark.event, mark.title))
        kept = tuple(each for each in entry.identifiers if each not in found.untrusted)
        text = entry if len(kept) == len(entry.identifiers) else replace(entry, identifiers=kept)
        decided = evidence_type(entry, self.source, self.rules)
        number = self.view.create(text, decided.type, decided.rule)
        reason = f"new: {found.reason}" if found.reason else "new: nothing known has its identifiers or title"
        relation, about_event, note = found.relation, None, ""
        if about is not None:
            kind = notice.kind if notice else ("Retraction" if mark and mark.event == "retracted" else "Withdrawal")
            about_event = notice.event if notice else mark.event if mark else None
            relation = (f"{kind.lower()} of", about)
            note = f"{kind} published"
            reason = f"new: a notice ({kind.lower()}) about a record that is known"
        return Decision(
            entry,
            "new",
            number,
            reason,
            text=text,
            evidence_type=decided.type,
            evidence_type_rule=decided.rule,
            event="new",
            event_note=note,
            about=about,
            about_event=about_event,
            relation=relation,
        )

    def _tell(self, made: Decision) -> None:
        if made.event is not None:
            self.view.tell(made.record, self._event(made.record, made.event))
        if made.about is not None and made.about_event is not None:
            self.view.tell(made.about, self._event(made.about, made.about_event))

    def _event(self, number: int, kind: EventKind) -> Event:
        return Event(number, len(self.view.events(number)) + 1, kind, self.now, source_id=self.source.id)


def _with_backlog(decisions: list[Decision], source: Source, now: datetime) -> tuple[Decision, ...]:
    """Mark what a source's first poll brings of its past: DESIGN, "First run"."""
    earliest = now - timedelta(days=source.first_run_days)
    undated = 0
    result = []
    for each in decisions:
        entry = each.entry
        dated = (entry.updated or entry.published) if source.updates == "date" else same.date_of(entry)
        if dated is None:
            undated += 1
            is_backlog = undated > UNDATED_FIRST
        else:
            is_backlog = dated < earliest
        # A notice about a record that is known is told, however old: a bulletin may have carried that record.
        is_backlog = is_backlog and not (each.about is not None and each.about > 0)
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
) -> tuple[Decision, ...]:
    """Return the decision on each entry, in order; later entries see what earlier ones became.

    `known` must have been read for `looks_up(entries)`. Records that the poll creates are numbered -1, -2 …; a record
    that two entries create is created by the first and found by the second. On `first_run` what lies before the
    source's `first_run_days`, and undated entries after the first ten, are marked as backlog.
    """
    poll = _Poll(View(known, source.id, now), source, rules, now)
    decisions = [poll.decision(entry) for entry in entries]
    return _with_backlog(decisions, source, now) if first_run else tuple(decisions)
