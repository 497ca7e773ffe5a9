"""Two records that turn out to be one: an entry names both, or they share a title that nobody had compared.

Records become twins when one source gives only a DOI and another only a PMID, when titles were too unlike until one
was corrected, or when two replicas found one title at the same moment. The older record stays; the poll's own
transaction merges them (`store.merging`).
"""

from __future__ import annotations

from typing import NamedTuple

from alerts.identify.changes import enriched
from alerts.identify.comparing import same, titles
from alerts.identify.view import View
from alerts.identify.wanted import identifiers_of
from alerts.model.decisions import Decision
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry


class Twin(NamedTuple):
    """Another record that is the same publication, and why."""

    record: int
    reason: str


def united(view: View, made: Decision) -> Decision:
    """Return a decision with the records merged that its entry shows to be one; the decision is about the oldest."""
    if made.outcome == "new":
        return made
    keep, merges, reasons = made.record, [], []
    text = made.text
    while twin := _twin(view, made.entry, keep):
        ordered = sorted((keep, twin.record), key=lambda number: (number < 0, abs(number)))
        keep, drop = ordered
        kept, dropped = view.record(keep), view.record(drop)
        if kept is None or dropped is None:
            break
        text = enriched(kept.entry, dropped.entry)
        view.merge(keep, drop, text)
        merges.append((drop, twin.reason))
        reasons.append(f"{_name(keep)} and {_name(drop)} turned out to be one, since {twin.reason}")
    return _about(view, made, keep, tuple(merges), text, reasons) if merges else made


def _about(
    view: View, made: Decision, keep: int, merges: tuple[tuple[int, str], ...], text: Entry | None, reasons: list[str]
) -> Decision:
    record = view.record(keep)
    return Decision(
        made.entry,
        "changed" if made.outcome == "same" else made.outcome,
        keep,
        "; ".join((made.reason, *reasons)),
        text=text,
        evidence_type=record.evidence_type if record else made.evidence_type,
        evidence_type_rule=record.evidence_type_rule if record else made.evidence_type_rule,
        event=made.event,
        event_note=made.event_note,
        merges=merges,
    )


def _name(number: int) -> str:
    return f"record {number}" if number > 0 else "a new record"


def _twin(view: View, entry: Entry, number: int) -> Twin | None:
    """Return another record that is the same publication as the entry's record, if an entry can show one."""
    record = view.record(number)
    if record is None:
        return None
    for identifier in identifiers_of(entry):
        other = view.by_identifier(identifier)
        if other is not None and other != number and (reason := _by_identifier(view, entry, number, other, identifier)):
            return Twin(other, reason)
    for other in view.by_title(entry):
        if other != number and (reason := _by_title(view, number, other)):
            return Twin(other, reason)
    return None


def _by_identifier(view: View, entry: Entry, number: int, other: int, shared: Identifier) -> str:
    """Return why an entry of the one record shows another to be the same; both texts must agree with that."""
    mine, theirs = view.record(number), view.record(other)
    if mine is None or theirs is None or shared not in entry.identifiers:
        return ""
    elsewhere = mine.entry.identifier("link") not in ("", shared.value)
    if shared.scheme == "link" and elsewhere and titles.words(mine.title) != titles.words(theirs.title):
        return ""  # a link alone does not make one of two records that each had their own
    verdict = same.by_identifier(entry, theirs.entry, shared)
    agreed = same.by_identifier(mine.entry, theirs.entry, shared)
    return verdict.reason if verdict.answer == agreed.answer == "same" else ""


def _by_title(view: View, number: int, other: int) -> str:
    """Return why two records of one title are the same; never for two that stand in one source, which knows better."""
    mine, theirs = view.record(number), view.record(other)
    if mine is None or theirs is None or view.sources(number) & view.sources(other):
        return ""
    verdict = same.by_title(mine.entry, theirs.entry, seen_together=False)
    return verdict.reason if verdict.answer == "same" else ""
