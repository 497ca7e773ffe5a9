"""Notices about a publication, editions and preprints of it: linked with their reason, never merged."""

from __future__ import annotations

from alerts.identify.comparing import titles
from alerts.identify.comparing.beside import beside, same_abstract, wording_of
from alerts.identify.comparing.editions import edition_of
from alerts.identify.comparing.traits import Traits
from alerts.identify.comparing.verdict import Verdict

_VERSION_NEAR = 0.85
_VERSION_FAR = 0.6
_DIRECTIONS = {"preprint of": "published version of", "update of": "earlier version of"}
READ_BACKWARDS = {there: here for here, there in _DIRECTIONS.items()}
"""Relations that are told from the other side: "published version of" is what "preprint of" is read backwards."""


def by_notice(one: Traits, other: Traits) -> Verdict | None:
    """Return the verdict where one of the two, and not the other, is a notice (an erratum, a retraction)."""
    mine, theirs = (each.notice.kind if each.notice else "" for each in (one, other))
    if mine == theirs:
        return None
    if mine and theirs:
        return Verdict("apart", "they are notices of different kinds", is_firm=True)
    notice, about = (one, other) if one.notice else (other, one)
    assert notice.notice is not None
    found = notice.notice
    named = bool(about.doi) and about.doi in found.about_dois
    alike = titles.alike(titles.words(found.about_title), about.title) if found.about_title else 0.0
    if named or (alike >= 0.9 and len(about.title) >= 4 and beside(one, other).author is not False):
        why = "names its DOI" if named else "names its title"
        return Verdict(
            "linked", f"a notice ({found.kind.lower()}) that {why}", towards(one, notice, f"{found.kind.lower()} of")
        )
    return Verdict("apart", "one of the two is a notice (an erratum, a retraction)", is_firm=True)


def by_edition(one: Traits, other: Traits) -> Verdict | None:
    """Return the verdict on two editions of one review, however it was retitled and whoever updated it."""
    mine, theirs = edition_of(one.doi), edition_of(other.doi)
    if mine is None or theirs is None or mine[0] != theirs[0] or mine == theirs:
        return None
    newer = one if mine[1] > theirs[1] else other
    return Verdict("linked", "two versions of one Cochrane review", towards(one, newer, "update of"), is_firm=True)


def towards(one: Traits, subject: Traits, relation: str) -> str:
    """Return a relation as it reads from the first of a pair: `subject` has it to the other."""
    return relation if one is subject else _DIRECTIONS.get(relation, f"has {relation.removesuffix(' of')}")


def by_version(one: Traits, other: Traits, shared: str) -> Verdict:
    """Return the verdict on a preprint and a publication: linked, or two works; never merged."""
    worded, by = wording_of(one, other), beside(one, other)
    preprint, paper = (one, other) if one.is_preprint else (other, one)
    alike = max(worded.alike, _content_alike(one.title, other.title))
    early = preprint.year - paper.year if preprint.year and paper.year else 0
    how = ""
    if shared:
        how = f"the same {shared}"
    elif (
        one.is_generic
        or other.is_generic
        or one.kind != other.kind
        or not -5 <= early <= 1
        or (worded.difference.numbers_exchanged and worded.alike >= 0.85)
    ):
        pass
    elif worded.is_equal and by.author is not False:
        how = "the same title"
    elif alike >= _VERSION_NEAR and by.author is not False and (by.author or worded.alike >= _VERSION_NEAR):
        how = f"titles {alike:.0%} alike"
    elif by.author and -3 <= early <= 1 and (_is_reworded(alike, by.shared) or same_abstract(one, other)):
        how = f"titles {alike:.0%} alike and the same authors"
    if not how:
        return Verdict("apart", f"a preprint and a publication with titles only {alike:.0%} alike", is_firm=True)
    return Verdict("linked", how, towards(one, preprint, "preprint of"), strength=round(alike * 100))


def _is_reworded(alike: float, shared: float) -> bool:
    """Tell whether two titles may be one work's before and after review: the less alike, the more people they share."""
    return (alike >= 0.7 and shared >= 0.5) or (alike >= _VERSION_FAR and shared >= 0.75)


def by_server(one: Traits, other: Traits) -> Verdict | None:
    """Return the verdict on two preprints with two DOIs: the same text on two servers is linked."""
    if not one.doi or not other.doi or one.doi == other.doi or one.is_generic or other.is_generic:
        return None
    worded, by = wording_of(one, other), beside(one, other)
    if by.author and worded.alike >= _VERSION_NEAR and not any(worded.difference.numbers):
        return Verdict("linked", f"titles {worded.alike:.0%} alike on two servers", "another preprint of", is_firm=True)
    return None


def _content_alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return how many of their telling words two titles share, 0 to 1, whatever their order."""
    first, second = (frozenset(word for word in words if len(word) > 3) for words in (one, other))
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0
