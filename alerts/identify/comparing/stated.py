"""What a database states of a publication and others (`Entry.relations`): notices, what was told of it, preprints.

PubMed, Europe PMC and Crossref say the same thing by different names: one gives a PMID, another a DOI, and seldom both.
So statements are counted: of two that name no identifier of one scheme nobody can say that they mean two notices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, RelationKind

StatedEvent = Literal["corrected", "withdrawn", "retracted"]

_NOTICES: Mapping[RelationKind, tuple[str, StatedEvent]] = {
    "retraction of": ("Retraction", "retracted"),
    "withdrawal of": ("Withdrawal", "withdrawn"),
    "concern about": ("Expression of concern", "corrected"),
    "correction of": ("Correction", "corrected"),
}
"""What a notice says of itself, the gravest first."""
TOLD_BY: Mapping[RelationKind, tuple[str, StatedEvent]] = {
    "retracted by": ("Retraction", "retracted"),
    "withdrawn by": ("Withdrawal", "withdrawn"),
    "concern told by": ("Expression of concern", "corrected"),
    "corrected by": ("Correction", "corrected"),
}
"""What a publication says of notices about it, the gravest first."""
_CONCERN = "Expression of concern"
_LINKS: Mapping[RelationKind, str] = {
    "preprint of": "preprint of",
    "published as": "preprint of",
    "published version of": "published version of",
    "update of": "update of",
    "updated by": "earlier version of",
}


def others(entry: Entry, kinds: Collection[RelationKind]) -> tuple[Identifier, ...]:
    """Return the identifiers of the publications to which an entry has a relation of one of `kinds`."""
    return tuple(dict.fromkeys(each.other for each in entry.relations if each.kind in kinds))


def notice(entry: Entry) -> tuple[str, StatedEvent, tuple[Identifier, ...]] | None:
    """Return what a database says that an entry is a notice of: its kind, its event, what it is about."""
    for kind, (named, event) in _NOTICES.items():
        if about := others(entry, (kind,)):
            return named, event, about
    return None


def mark(entry: Entry) -> Literal["withdrawn", "retracted", ""]:
    """Return whether a database says that an entry was retracted, or withdrawn."""
    kinds = {each.kind for each in entry.relations}
    return "retracted" if "retracted by" in kinds else "withdrawn" if "withdrawn by" in kinds else ""


def links(entry: Entry) -> Iterable[tuple[str, Identifier]]:
    """Yield what is linked and never merged: preprints and what they became, editions."""
    for each in entry.relations:
        if each.kind in _LINKS:
            yield _LINKS[each.kind], each.other


def count(identifiers: Iterable[Identifier]) -> int:
    """Return how many publications these identifiers must be of, since each has one of a scheme at most."""
    by_scheme: dict[str, set[str]] = {}
    for each in identifiers:
        by_scheme.setdefault(each.scheme, set()).add(each.value)
    return max((len(values) for values in by_scheme.values()), default=0)


def are_alike(note: str, named: str) -> bool:
    """Tell whether what was told of a publication ("Erratum published") is of a kind: a concern is no correction."""
    return note.startswith(_CONCERN) is named.startswith(_CONCERN)


def told_anew(
    old: Entry, new: Entry, settled: Collection[Identifier], notes: Collection[str]
) -> tuple[str, StatedEvent] | None:
    """Return what a database newly says was done to a publication by a notice; `None` when it says nothing new.

    `settled` are the notices that were told already as records of their own, `notes` those of all corrections that were
    told of the publication. A retraction or withdrawal is left to the mark that it is.
    """
    for kind, (named, event) in TOLD_BY.items():
        before, after = set(others(old, (kind,))), set(others(new, (kind,)))
        if event == "corrected" and not after <= before | set(settled):
            known = before | set(settled)
            told = 0 if before else sum(are_alike(each, named) for each in notes)
            if count(known | after) > max(count(known), told):
                return named, event
    return None
