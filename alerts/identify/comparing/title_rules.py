"""The rules for two entries with no identifier in common: their titles, and what stands beside them."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz.distance import OSA

from alerts.identify.comparing import titles
from alerts.identify.comparing.beside import Beside, Wording, beside, same_abstract, wording_of
from alerts.identify.comparing.places import same_pages
from alerts.identify.comparing.sharing import conflict
from alerts.identify.comparing.traits import Traits
from alerts.identify.comparing.verdict import Verdict

_ANSWERS = {"reply", "comment"}
_OTHER = 0.6
_NEARLY = 0.95


def by_titles(one: Traits, other: Traits) -> Verdict:
    """Return the verdict on two entries with no identifier in common."""
    if _plainly_two(one, other):
        return Verdict("apart", "the titles are not alike", is_firm=not (one.is_generic or other.is_generic))
    worded = wording_of(one, other)
    exchanged = worded.difference.is_exchanged and not (worded.is_misspelt or worded.is_longer)
    if exchanged and not same_pages(one.pages, other.pages):
        like = "differ in a word" if worded.alike >= _NEARLY else f"are only {worded.alike:.0%} alike"
        return Verdict("apart", f"the titles {like}", is_firm=not (one.is_generic or other.is_generic))
    by = beside(one, other)
    verdict = _judged(one, other, worded, by)
    if verdict.answer != "same":
        return verdict
    support = by.support - (0.2 if one.is_meeting != other.is_meeting else 0)
    return replace(verdict, strength=verdict.strength + support)


def _plainly_two(one: Traits, other: Traits) -> bool:
    """Tell at a glance whether two titles have nothing to do with each other, and neither have their places."""
    if len(one.titles) > 1 or len(other.titles) > 1 or titles.alike(one.title, other.title) >= _OTHER:
        return False
    shorter, longer = sorted((one.title, other.title), key=len)
    is_part = set(shorter) <= set(longer) or "".join(longer).startswith("".join(shorter))
    return not is_part and not same_pages(one.pages, other.pages)


def _judged(one: Traits, other: Traits, worded: Wording, by: Beside) -> Verdict:
    if one.is_generic or other.is_generic:
        if worded.is_equal and by.same_place and (by.journal or by.author) and not conflict(one, other):
            return Verdict("same", "the same general title on the same pages", strength=2)
        where = one.issue == other.issue != "" and by.volume and by.pages is None
        if worded.is_equal and where and by.journal and by.author and by.years == 0 and not conflict(one, other):
            return Verdict("same", "the same general title by the same author in the same issue", strength=1)
        return Verdict("apart", "the title is a general one", is_firm=by.pages is False or bool(conflict(one, other)))
    if worded.difference.numbers_exchanged and not worded.is_broken_off:
        if by.same_place and by.author and worded.alike >= 0.9:
            return Verdict("unsure", "the same author and pages, but the titles differ in a number")
        return Verdict("apart", "the titles differ in a number (another year, part or edition)", is_firm=True)
    if differing := conflict(one, other):
        return _despite(one, other, worded, by, differing)
    alike = worded.is_misspelt or worded.is_equal or worded.is_broken_off
    if one.kind != other.kind and not alike and not (by.same_place and not {one.kind, other.kind} & _ANSWERS):
        kind = one.kind or other.kind
        return Verdict("apart", f"one of the two is a {kind}", is_firm=True)
    if worded.is_equal:
        return _equal(one, other, worded, by)
    if worded.is_longer:
        return _longer(one, other, worded, by)
    return _otherwise(one, other, worded, by)


def _despite(one: Traits, other: Traits, worded: Wording, by: Beside, differing: str) -> Verdict:
    """Return the verdict on two entries whose identifiers differ: two publications, unless all else is one."""
    misspelt = worded.is_misspelt and worded.is_long_slip and worded.alike >= 0.95 and by.author and by.journal
    like = (worded.is_equal or worded.is_cut or misspelt) and one.kind == other.kind
    if like and by.same_place and by.author is not False:
        if one.pmid and other.pmid and one.pmid != other.pmid and differing.startswith("the DOIs"):
            return Verdict("unsure", f"the same title and pages, but {differing} and so do the PMIDs")
        return Verdict("same", f"the same title, volume and pages, though {differing}", strength=2)
    if worded.is_equal and by.author and by.journal and by.is_near and by.pages is not False and by.volume is not False:
        if differing.startswith("the DOIs") and OSA.distance(one.doi, other.doi, score_cutoff=2) <= 2 and by.volume:
            return Verdict(
                "same", f"the same title, author, journal and volume, and nearly the same DOI: {differing}", strength=1
            )
        if same_abstract(one, other):
            return Verdict("same", f"the same title, author, journal and abstract, though {differing}", strength=1)
        return Verdict("unsure", f"the same title, author and journal, but {differing}", is_firm=True)
    return Verdict("apart", f"the titles are alike but {differing}", is_firm=True)


def _equal(one: Traits, other: Traits, worded: Wording, by: Beside) -> Verdict:
    """Return the verdict on two equal titles."""
    if by.same_place and (by.author is not False or by.is_near):
        return Verdict("same", "the same title, volume and pages", strength=2)
    long = worded.telling >= 5
    if by.author is False:
        if long and by.journal and by.years == 0 and by.pages is not False:
            return Verdict("unsure", "the same title, journal and year, but the first authors differ", is_firm=True)
        return Verdict("apart", "the titles are alike but the first authors differ", is_firm=True)
    if not by.is_near:
        if by.author and by.journal and by.pages and by.volume is not False and one.pages and one.pages.is_range:
            return Verdict(
                "same", f"the same title, author, journal and pages, though {by.years} years apart", strength=1
            )
        if by.author and by.journal and by.volume is not False and by.pages is not False:
            return Verdict("unsure", f"the same title, author and journal, but {by.years} years apart", is_firm=True)
        return Verdict("apart", "the titles are alike but the dates are too far apart", is_firm=True)
    if by.journal is False:
        return _in_two_journals(one, other, by)
    if by.pages is False or by.volume is False:
        return _in_two_places(one, other, by)
    if one.is_meeting != other.is_meeting and not (by.journal and by.volume and not by.years) and by.pages is None:
        return Verdict("unsure", "the same title and author, but one is an abstract of a meeting")
    if by.volume and worded.telling < 4 and one.issue and other.issue and one.issue != other.issue:
        return Verdict("unsure", "the same short title and volume, but another issue", is_firm=True)
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
        return Verdict("same", "the same title and pages; one of the volumes is wrong")
    where = "on other pages" if by.volume is not False else "in another volume"
    if by.other_place and (by.volume is False or one.is_meeting or other.is_meeting):
        if by.author and same_abstract(one, other) and by.years == 0:
            return Verdict("unsure", f"the same title, author and abstract, but {where}", is_firm=True)
        return Verdict("apart", f"the titles are alike but they stand {where}", is_firm=True)
    if by.author and by.journal is not False:
        alike = same_abstract(one, other)
        if alike:
            return Verdict("same", f"the same title, author and abstract, though {where}", strength=1)
        if alike is None and by.volume and by.journal and by.years == 0 and by.shared >= 0.8 and _one_issue(one, other):
            return Verdict("same", "the same title, author, journal and volume; one of the pages is wrong")
        if alike is None:
            return Verdict("unsure", f"the same title and author, but {where}")
    return Verdict("apart", f"the titles are alike but they stand {where}", is_firm=True)


def _one_issue(one: Traits, other: Traits) -> bool:
    """Tell whether two entries may stand in one issue, and neither is an abstract of a meeting or a short title."""
    apart = one.issue and other.issue and one.issue != other.issue
    return not (apart or one.is_meeting or other.is_meeting) and min(len(one.title), len(other.title)) >= 6


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
        return Verdict(
            "same", "the same title, one of the two cut short, with the same first author or journal", strength=1
        )
    if by.author and by.journal:
        if by.pages:
            return Verdict("same", "the same author, journal and pages; one title is longer", strength=1)
        return Verdict("unsure", "the same author and journal; one title has more words")
    return Verdict("apart", "one title has more words, and too little confirms it")


def _otherwise(one: Traits, other: Traits, worded: Wording, by: Beside) -> Verdict:
    """Return the verdict on two titles with other words in each."""
    misspelt = worded.alike >= 0.9 and worded.is_misspelt
    if misspelt and by.same_place and by.author is not False:
        return Verdict("same", "the same volume and pages; the titles differ in spelling", strength=2)
    if (
        misspelt
        and worded.is_long_slip
        and by.is_near
        and by.author
        and by.journal
        and by.pages is not False
        and by.volume is not False
    ):
        return Verdict("same", "the same author and journal; the titles differ in spelling", strength=1)
    if by.same_place and by.author and by.shared >= 0.6 and one.kind == other.kind:
        alone = one.is_meeting or other.is_meeting or not _is_article(one, other)
        if worded.alike >= 0.8 and not alone:
            return Verdict("same", f"the same author, volume and pages, titles {worded.alike:.0%} alike", strength=2)
        if not alone and by.journal and len(one.people.families) > 1:
            return Verdict("same", "the same authors, journal, volume and pages under another title", strength=2)
        if worded.alike >= 0.6:
            return Verdict("unsure", f"the same author, volume and first page, titles {worded.alike:.0%} alike")
    return Verdict(
        "apart",
        f"the titles are only {worded.alike:.0%} alike" if worded.alike < 0.95 else "the titles differ in a word",
    )


def _is_article(one: Traits, other: Traits) -> bool:
    """Tell whether both stand on the same several pages, which two short pieces do not."""
    first, second = one.pages, other.pages
    return bool(
        first and second and first.last == second.last and (first.last - first.first >= 2 or first.first >= 10_000)
    )
