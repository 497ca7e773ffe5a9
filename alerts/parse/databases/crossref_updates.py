"""What Crossref says outright of two works: notices of correction and retraction, preprints, versions.

A notice carries `update-to`, which names what it is about; the work that it is about carries `updated-by`. Both come
from the publisher or from Retraction Watch (`source`), and often from both, so that the same pair is given twice. A
work retracted where it stands names itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.model.identifiers import Identifier, normalise_doi
from alerts.model.records import Relation, RelationKind
from alerts.parse import clean
from alerts.parse.databases import api

_RETRACTION: tuple[RelationKind, RelationKind] = ("retraction of", "retracted by")
_WITHDRAWAL: tuple[RelationKind, RelationKind] = ("withdrawal of", "withdrawn by")
_CONCERN: tuple[RelationKind, RelationKind] = ("concern about", "concern told by")
_CORRECTION: tuple[RelationKind, RelationKind] = ("correction of", "corrected by")
_VERSION: tuple[RelationKind, RelationKind] = ("update of", "updated by")
_GRAVEST = (_RETRACTION, _WITHDRAWAL, _CONCERN, _CORRECTION, _VERSION)
_UPDATES = {
    "retraction": _RETRACTION, "partial-retraction": _RETRACTION, "retraction-and-replacement": _RETRACTION,
    "withdrawal": _WITHDRAWAL, "removal": _WITHDRAWAL,
    "expression-of-concern": _CONCERN,
    "correction": _CORRECTION, "corrigendum": _CORRECTION, "erratum": _CORRECTION, "addendum": _CORRECTION,
    "clarification": _CORRECTION, "reinstatement": _CORRECTION,
    "new-version": _VERSION, "new-edition": _VERSION, "version-of-record": _VERSION, "major-revision": _VERSION,
    "minor-revision": _VERSION, "interim-revision": _VERSION,
}  # fmt: skip
"""Types of update (Crossmark's vocabulary and Retraction Watch's), as the relation of a notice and its other side."""
_RELATIONS: Mapping[str, RelationKind] = {
    "is-preprint-of": "preprint of",
    "has-preprint": "published version of",
    "is-version-of": "update of",
    "is-new-version-of": "update of",
}
_TYPES: Mapping[RelationKind, str] = {
    "retraction of": "Retraction",
    "concern about": "Expression of concern",
    "correction of": "Correction",
}
_MOST = 200


@dataclass(slots=True)
class Updates:
    """What was noticed of updates: types that nothing here knows."""

    unknown: set[str] = field(default_factory=set)


def relations_of(work: Mapping[str, Any], doi: str, noticed: Updates) -> tuple[Relation, ...]:
    """Return what a work says of others by their DOI, the gravest first; of each other work one thing only."""
    found: dict[str, RelationKind] = {}
    stated = sorted(_stated(work, doi, noticed), key=lambda each: _rank(each[0]))
    for kind, other in stated:
        found.setdefault(other, kind)
    return tuple(Relation(kind, Identifier("doi", other)) for other, kind in found.items())[:_MOST]


def notice_types(relations: tuple[Relation, ...]) -> Iterator[str]:
    """Yield the publication types that make a work a notice."""
    for each in relations:
        if each.kind in _TYPES:
            yield _TYPES[each.kind]


def _stated(work: Mapping[str, Any], doi: str, noticed: Updates) -> Iterator[tuple[RelationKind, str]]:
    for name, passive in (("update-to", False), ("updated-by", True)):
        for each in api.many(work, name)[:_MOST]:
            other = normalise_doi(api.text(each, "DOI"))
            if other:
                notice, about = _kinds(each, noticed)
                yield (about if passive or other == doi else notice), other
    for name, kind in _RELATIONS.items():
        for each in api.many(work, "relation", name)[:_MOST]:
            other = normalise_doi(api.text(each, "id")) if api.text(each, "id-type") == "doi" else None
            if other and other != doi:
                yield kind, other


def _kinds(update: object, noticed: Updates) -> tuple[RelationKind, RelationKind]:
    """Return the relation of an update's notice and its other side; one of no known type changes nothing."""
    word = clean.line(api.text(update, "type"), 60)
    known = _UPDATES.get(word.lower().replace("_", "-").replace(" ", "-"))
    if known is None:
        noticed.unknown.add(word or "without a name")
    return known or _VERSION


def _rank(kind: RelationKind) -> int:
    return next((place for place, kinds in enumerate(_GRAVEST) if kind in kinds), len(_GRAVEST))
