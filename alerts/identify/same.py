"""Whether two entries are one publication, two versions of one work, or two works; and why.

Identifiers are believed unless the titles speak against them, because publishers paste wrong DOIs and reuse links;
titles are believed only with what stands beside them (`beside`), because titles repeat. The stream of feeds asks
`by_identifier` and `by_title`, a file of references `compare`; both go by the same rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from rapidfuzz.distance import OSA

from alerts.identify import titles
from alerts.identify.beside import Beside, Wording, beside, same_abstract, wording_of
from alerts.identify.notices import mark_of
from alerts.identify.preprints import is_preprint
from alerts.identify.traits import Traits, traits_of
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

Answer = Literal["same", "linked", "apart", "unsure"]

_VERSION_NEAR = 0.85
_VERSION_FAR = 0.6
_NEWS_DAYS = 60
_NAMES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "link": "link", "document": "document number"}
_COCHRANE = re.compile(r"(10\.1002/14651858\.\w+?)(?:\.pub\d+)?$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its plain reason, and for two versions how the first stands to the second.

    `strength` orders what is the same: 3 by an identifier, 2 by the place, 1 by title and witness. `is_firm`: this
    "apart" forbids that others bring the two together.
    """

    answer: Answer
    reason: str
    relation: str = ""
    strength: int = 0
    is_firm: bool = False


def date_of(entry: Entry) -> datetime | None:
    """Return the date that sorts an entry: when it was published, else updated."""
    return entry.published or entry.updated


def titles_agree(one: Entry, other: Entry) -> bool:
    """Tell whether two titles may be one publication's once an identifier says so: rewording is allowed."""
    first, second = ((mark.title if (mark := mark_of(each)) else each.title) for each in (one, other))
    if titles.parts_differ(first, second):
        return False
    return _may_be_reworded(titles.likeness(first, second), titles.words(first), titles.words(second))


def _may_be_reworded(alike: float, first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    return alike >= 0.6 or (
        min(len(first), len(second)) >= 3 and titles.shares_words(" ".join(first), " ".join(second)) >= 0.85
    )


def compare(one: Traits, other: Traits) -> Verdict:
    """Return the verdict on two references: what they share and lack decides which rule is asked."""
    if notices := _notices(one, other):
        return notices
    shared = _shared(one, other)
    if one.is_preprint != other.is_preprint:
        return _versions(one, other, shared)
    if shared:
        return _by_shared(one, other, shared)
    return _by_titles(one, other)


# --- by identifier ----------------------------------------------------------------------------------------------------


def _shared(one: Traits, other: Traits) -> str:
    """Return the identifier that two entries have in common, as "DOI 10.…"."""
    if one.doi and one.doi == other.doi:
        return f"DOI {one.doi}"
    if one.pmid and one.pmid == other.pmid and not _differ(one.doi, other.doi):
        return f"PMID {one.pmid}"
    if one.pmcid and one.pmcid == other.pmcid and not _differ(one.doi, other.doi):
        return f"PMCID {one.pmcid}"
    return ""


def _differ(one: str, other: str) -> bool:
    """Tell whether two DOIs are two; one that is cut off, or has something stuck to it, is not another."""
    if not one or not other or one == other:
        return False
    shorter, longer = sorted((one, other), key=len)
    return not (len(shorter) >= 12 and longer.startswith(shorter) and longer[len(shorter)] in "<;(,/&?# ")


def _conflict(one: Traits, other: Traits) -> str:
    """Return which identifier of the two differs, as "the DOIs differ (…, …)"."""
    if _differ(one.doi, other.doi):
        return f"the DOIs differ ({one.doi}, {other.doi})"
    if one.pmid and other.pmid and one.pmid != other.pmid and not (one.doi and one.doi == other.doi):
        return f"the PMIDs differ ({one.pmid}, {other.pmid})"
    if one.pmcid and other.pmcid and one.pmcid != other.pmcid and not (one.doi and one.doi == other.doi):
        return f"the PMCIDs differ ({one.pmcid}, {other.pmcid})"
    return ""


def _by_shared(one: Traits, other: Traits, shared: str) -> Verdict:
    """Return the verdict on two entries that have `shared` in common."""
    worded, by = wording_of(one, other), beside(one, other)
    if one.kind != other.kind and {one.kind, other.kind} & {"reply", "comment"} and not by.same_place:
        return Verdict("apart", f"one of the two that give the {shared} is a reply or comment", is_firm=True)
    if worded.is_equal and not (one.is_generic and by.pages is False):
        return Verdict("same", f"the same {shared} and title", strength=3)
    if worded.difference.numbers_exchanged and worded.alike >= 0.85 and not by.same_place:
        return Verdict("apart", f"the {shared} is given for titles that differ in a number", is_firm=True)
    if _may_be_reworded(worded.alike, one.title, other.title):
        if worded.difference.is_exchanged and (by.pages is False or by.author is False):
            return Verdict("apart", f"the {shared} is given for two titles on different pages or by others", is_firm=True)
        return Verdict("same", f"the same {shared}, titles {worded.alike:.0%} alike", strength=3)
    if by.author and by.pages is not False and by.volume is not False:
        if one.is_meeting and other.is_meeting and not by.same_place:
            return Verdict("unsure", f"the {shared} is given for two titles by the same author, at a meeting")
        return Verdict("same", f"the same {shared} and first author under another title", strength=2)
    return Verdict("apart", f"the {shared} is given for two different titles, so it is not believed", is_firm=True)


# --- notices and versions ---------------------------------------------------------------------------------------------


def _notices(one: Traits, other: Traits) -> Verdict | None:
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
        return Verdict("linked", f"a notice ({found.kind.lower()}) that {why}", _towards(one, notice, f"{found.kind.lower()} of"))
    return Verdict("apart", "one of the two is a notice (an erratum, a retraction)", is_firm=True)


def _towards(one: Traits, subject: Traits, relation: str) -> str:
    """Return a relation as it reads from the first of a pair: `subject` has it to the other."""
    return relation if one is subject else _TURNED.get(relation, f"has {relation.removesuffix(' of')}")


_TURNED = {"preprint of": "published version of", "update of": "earlier version of"}


def _versions(one: Traits, other: Traits, shared: str) -> Verdict:
    """Return the verdict on a preprint and a publication: linked, or two works; never merged."""
    worded, by = wording_of(one, other), beside(one, other)
    preprint, paper = (one, other) if one.is_preprint else (other, one)
    alike = max(worded.alike, _content_alike(one.title, other.title))
    early = preprint.year - paper.year if preprint.year and paper.year else 0
    how = ""
    if shared:
        how = f"the same {shared}"
    elif one.is_generic or other.is_generic or one.kind != other.kind or not -5 <= early <= 1:
        pass
    elif worded.difference.numbers_exchanged and worded.alike >= 0.85:
        pass
    elif worded.is_equal and by.author is not False:
        how = "the same title"
    elif alike >= _VERSION_NEAR and by.author is not False and (by.author or worded.alike >= _VERSION_NEAR):
        how = f"titles {alike:.0%} alike"
    elif by.author and -3 <= early <= 1 and (
        (alike >= _VERSION_FAR and by.shared >= 0.5) or same_abstract(one, other)
    ):  # fmt: skip
        how = f"titles {alike:.0%} alike and the same authors"
    if not how:
        return Verdict("apart", f"a preprint and a publication with titles only {alike:.0%} alike", is_firm=True)
    return Verdict("linked", how, _towards(one, preprint, "preprint of"), strength=round(alike * 100))


def _content_alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return how many of their telling words two titles share, 0 to 1, whatever their order."""
    first, second = (frozenset(word for word in words if len(word) > 3) for words in (one, other))
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


# --- by title ---------------------------------------------------------------------------------------------------------


def _by_titles(one: Traits, other: Traits) -> Verdict:
    """Return the verdict on two entries with no identifier in common."""
    worded, by = wording_of(one, other), beside(one, other)
    if one.is_generic or other.is_generic:
        if worded.is_equal and by.same_place and (by.journal or by.author) and not _conflict(one, other):
            return Verdict("same", "the same general title on the same pages", strength=2)
        return Verdict("apart", "the title is a general one", is_firm=True)
    if worded.difference.numbers_exchanged:
        if by.same_place and by.author and worded.alike >= 0.9:
            return Verdict("unsure", "the same author and pages, but the titles differ in a number")
        return Verdict("apart", "the titles differ in a number (another year, part or edition)", is_firm=True)
    if conflict := _conflict(one, other):
        return _despite(one, other, worded, by, conflict)
    if one.kind != other.kind and not by.same_place:
        kind = one.kind or other.kind
        return Verdict("apart", f"one of the two is a {kind}", is_firm=True)
    if worded.is_equal:
        return _equal(one, other, worded, by)
    if worded.is_longer:
        return _longer(one, other, worded, by)
    return _otherwise(one, other, worded, by)


def _despite(one: Traits, other: Traits, worded: Wording, by: Beside, conflict: str) -> Verdict:
    """Return the verdict on two entries whose identifiers differ: two publications, unless all else is one."""
    first, second = _COCHRANE.match(one.doi), _COCHRANE.match(other.doi)
    if first and second and first[1] == second[1]:
        newer = one if (len(one.doi), one.doi) > (len(other.doi), other.doi) else other
        return Verdict("linked", "two versions of one Cochrane review", _towards(one, newer, "update of"), is_firm=True)
    like = (worded.is_equal or worded.is_cut) and one.kind == other.kind
    if like and by.same_place and by.author is not False:
        if one.pmid and other.pmid and one.pmid != other.pmid and conflict.startswith("the DOIs"):
            return Verdict("unsure", f"the same title and pages, but {conflict} and so do the PMIDs")
        return Verdict("same", f"the same title, volume and pages, though {conflict}", strength=2)
    if worded.is_equal and by.author and by.journal and by.is_near and by.pages is not False and by.volume is not False:
        if conflict.startswith("the DOIs") and OSA.distance(one.doi, other.doi, score_cutoff=2) <= 2 and by.volume:
            return Verdict("same", f"the same title, author, journal and volume, and nearly the same DOI: {conflict}", strength=1)
        if same_abstract(one, other):
            return Verdict("same", f"the same title, author, journal and abstract, though {conflict}", strength=1)
        return Verdict("unsure", f"the same title, author and journal, but {conflict}", is_firm=True)
    return Verdict("apart", f"the titles are alike but {conflict}", is_firm=True)


def _equal(one: Traits, other: Traits, worded: Wording, by: Beside) -> Verdict:
    """Return the verdict on two equal titles."""
    if by.same_place:
        return Verdict("same", "the same title, volume and pages", strength=2)
    long = worded.telling >= 5
    if by.author is False:
        if long and by.journal and by.years == 0 and by.pages is not False:
            return Verdict("unsure", "the same title, journal and year, but the first authors differ", is_firm=True)
        return Verdict("apart", "the titles are alike but the first authors differ", is_firm=True)
    if not by.is_near:
        if by.author and by.journal and not by.other_place:
            return Verdict("unsure", f"the same title, author and journal, but {by.years} years apart", is_firm=True)
        return Verdict("apart", "the titles are alike but the dates are too far apart", is_firm=True)
    if by.journal is False:
        return _in_two_journals(one, other, by)
    if by.pages is False or by.volume is False:
        return _in_two_places(one, other, by)
    return _witnessed(worded, by)


def _in_two_journals(one: Traits, other: Traits, by: Beside) -> Verdict:
    if by.author and by.pages and by.volume is not False:
        return Verdict("same", "the same title, author and pages; the journal is named otherwise", strength=1)
    if by.author is None or by.pages is False or by.volume is False:
        return Verdict("apart", "the titles are alike but the journals differ", is_firm=True)
    if same_abstract(one, other) and one.is_meeting == other.is_meeting:
        return Verdict("same", "the same title, author and abstract; the journal is named otherwise", strength=1)
    return Verdict("unsure", "the same title and author, but in different journals", is_firm=True)


def _in_two_places(one: Traits, other: Traits, by: Beside) -> Verdict:
    """Return the verdict on equal titles that stand on other pages or in another volume of a journal."""
    if by.pages and (by.author or by.journal):
        return Verdict("same", "the same title and pages; one of the volumes is wrong", strength=1)
    where = "on other pages" if by.volume is not False else "in another volume"
    if by.other_place and (by.volume is False or one.is_meeting or other.is_meeting):
        if by.author and same_abstract(one, other) and by.years == 0:
            return Verdict("unsure", f"the same title, author and abstract, but {where}", is_firm=True)
        return Verdict("apart", f"the titles are alike but they stand {where}", is_firm=True)
    if by.author and by.journal is not False:
        alike = same_abstract(one, other)
        if alike:
            return Verdict("same", f"the same title, author and abstract, though {where}", strength=1)
        if alike is None:
            return Verdict("unsure", f"the same title and author, but {where}")
    return Verdict("apart", f"the titles are alike but they stand {where}", is_firm=True)


def _witnessed(worded: Wording, by: Beside) -> Verdict:
    """Return the verdict on equal titles that nothing speaks against: what speaks for them?"""
    dated = " and year" if by.years is not None else ""
    if by.author and (worded.telling >= 2 or by.journal):
        return Verdict("same", f"the same title, with the same first author{dated}", strength=1)
    if by.journal and worded.telling >= 3:
        return Verdict("same", f"the same title, with the same journal{dated}", strength=1)
    if worded.telling >= 5 or (worded.telling >= 3 and by.years == 0):
        return Verdict("same", "the same title, and nothing speaks against it", strength=1)
    return Verdict("apart", "the title is too short to go by alone")


def _longer(one: Traits, other: Traits, worded: Wording, by: Beside) -> Verdict:
    """Return the verdict on two titles of which one has all that the other has, and more."""
    if by.same_place and by.author is not False:
        return Verdict("same", "the same volume and pages; one title is longer", strength=2)
    if by.author is False or not by.is_near or by.journal is False or by.pages is False or by.volume is False:
        return Verdict("apart", "one title is longer, and what stands beside it differs", is_firm=True)
    cut = worded.is_cut and worded.telling >= 4
    if any(worded.difference.numbers) and not cut:
        return Verdict("apart", "the titles differ in a number (another year, part or edition)")
    if cut and (by.author or (by.journal and by.volume)):
        return Verdict("same", "the same title, one of the two cut short, with the same first author or journal", strength=1)
    if by.author and by.journal:
        if by.volume and (by.pages or worded.alike >= 0.8):
            return Verdict("same", "the same author, journal and volume; one title is longer", strength=1)
        return Verdict("unsure", "the same author and journal; one title has more words")
    return Verdict("apart", "one title has more words, and too little confirms it")


def _otherwise(one: Traits, other: Traits, worded: Wording, by: Beside) -> Verdict:
    """Return the verdict on two titles with other words in each."""
    if by.same_place and by.author and by.shared >= 0.6 and one.kind == other.kind:
        alone = one.is_meeting or other.is_meeting or not _is_article(one, other)
        if worded.alike >= 0.8 and not alone:
            return Verdict("same", f"the same author, volume and pages, titles {worded.alike:.0%} alike", strength=2)
        if not alone and by.journal and len(one.people.families) > 1:
            return Verdict("same", "the same authors, journal, volume and pages under another title", strength=2)
        if worded.alike >= 0.6:
            return Verdict("unsure", f"the same author, volume and first page, titles {worded.alike:.0%} alike")
    misspelt = worded.alike >= 0.93 and _is_misspelt(worded)
    if misspelt and by.is_near and by.author and by.journal and by.pages is not False and by.volume is not False:
        return Verdict("same", "the same author and journal; the titles differ in spelling", strength=1)
    return Verdict("apart", f"the titles are only {worded.alike:.0%} alike" if worded.alike < 0.95 else "the titles differ in a word")


def _is_article(one: Traits, other: Traits) -> bool:
    """Tell whether both stand on the same several pages, which two short pieces do not."""
    first, second = one.pages, other.pages
    return bool(first and second and first.last == second.last and (first.last - first.first >= 2 or first.first >= 10_000))


def _is_misspelt(worded: Wording) -> bool:
    """Tell whether each exchanged word is the other with a slip of the pen at its beginning."""
    first, second = worded.difference.first, worded.difference.second
    return (
        len(first) == len(second) <= 2
        and not any(worded.difference.numbers)
        and all(
            min(len(a), len(b)) >= 6 and a[-3:] == b[-3:] and len(a) == len(b) and OSA.distance(a, b, score_cutoff=2) <= 2
            for a, b in zip(first, second, strict=True)
        )
    )


# --- the stream -------------------------------------------------------------------------------------------------------


def by_identifier(entry: Entry, record: Entry, shared: Identifier) -> Verdict:
    """Return the verdict on an entry and a record that share an identifier."""
    name = f"{_NAMES[shared.scheme]} {shared.value}"
    one, other = traits_of(entry), traits_of(record)
    if (one.notice.kind if one.notice else "") != (other.notice.kind if other.notice else ""):
        reason = f"it has the {name} in common with a notice about it, which is a record of its own"
        return Verdict("apart", reason)
    if one.is_preprint != other.is_preprint and shared.scheme != "link":
        return _told(_versions(one, other, name))
    if shared.scheme != "doi" and (conflict := _conflict(one, other)):
        return Verdict("apart", f"the {shared.scheme} is the same but {conflict}")
    return _by_shared(one, other, name)


def by_title(entry: Entry, record: Entry, *, seen_together: bool) -> Verdict:
    """Return the verdict on an entry and a record with no identifier in common, of the same block of titles.

    `seen_together`: both stand in one source's feed at the same time, which publishers do with different items.
    """
    one, other = traits_of(entry), traits_of(record)
    if (one.notice.kind if one.notice else "") != (other.notice.kind if other.notice else ""):
        return Verdict("apart", "one of the two is a notice about the other")
    if one.is_preprint != other.is_preprint:
        return _told(_versions(one, other, ""))
    verdict = _by_titles(one, other)
    return _in_feeds(entry, record, verdict, seen_together=seen_together) if verdict.answer == "same" else verdict


def _told(verdict: Verdict) -> Verdict:
    """Say of a preprint and its publication which of the two was known already."""
    if verdict.relation == "preprint of":
        return replace(verdict, reason=f"it is a preprint of a publication that is known already ({verdict.reason})")
    if verdict.relation:
        return replace(verdict, reason=f"it is the publication of a preprint that is known already ({verdict.reason})")
    return verdict


def _is_scholarly(entry: Entry) -> bool:
    return bool(entry.identifier("doi") or entry.identifier("pmid") or (entry.authors and entry.journal))


def _in_feeds(entry: Entry, record: Entry, verdict: Verdict, *, seen_together: bool) -> Verdict:
    """Return the verdict on two items of feeds whose titles are the same: news repeats its titles within weeks."""
    by = beside(traits_of(entry), traits_of(record))
    same_words = bool(entry.summary) and titles.words(entry.summary) == titles.words(record.summary)
    if seen_together and not same_words and not (by.author and by.journal):
        return Verdict("apart", "both stand in the source at the same time under different links")
    mine, theirs = date_of(entry), date_of(record)
    days = abs(mine - theirs) if mine and theirs else None
    if not (_is_scholarly(entry) or _is_scholarly(record)) and days is not None and days > timedelta(days=_NEWS_DAYS):
        return Verdict("apart", "the titles are alike but the dates are too far apart")
    if by.author or by.journal:
        return verdict
    if titles.is_short(entry.title):
        return Verdict("apart", "the title is too short to go by alone")
    if days is not None and days <= timedelta(days=_NEWS_DAYS):
        return replace(verdict, reason=f"its title is the same and it is dated within {_NEWS_DAYS} days")
    return verdict
