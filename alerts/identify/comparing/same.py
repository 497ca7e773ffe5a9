"""Whether two entries are one publication, two versions of one work, or two works; and why.

Identifiers are believed unless the titles speak against them, because publishers paste wrong DOIs and reuse links;
titles are believed only with what stands beside them (`beside`), because titles repeat. The stream of feeds asks
`by_identifier` and `by_title`, a file of references `compare`; both go by the same rules: `sharing`, `versions` and
`title_rules`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.identify.comparing import titles
from alerts.identify.comparing.beside import beside, wording_of
from alerts.identify.comparing.notices import mark_of
from alerts.identify.comparing.sharing import conflict, shared_identifier
from alerts.identify.comparing.title_rules import by_titles
from alerts.identify.comparing.traits import Traits, traits_of
from alerts.identify.comparing.verdict import Verdict
from alerts.identify.comparing.versions import by_edition, by_notice, by_server, by_version
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

_NEWS_DAYS = 60
_NAMES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "link": "link", "document": "document number"}


def date_of(entry: Entry) -> datetime | None:
    """Return the date that sorts an entry: when it was published, else updated."""
    return entry.published or entry.updated


def titles_agree(one: Entry, other: Entry) -> bool:
    """Tell whether two titles may be one publication's once an identifier says so: rewording is allowed."""
    first, second = titles.aligned(*(mark.title if (mark := mark_of(each)) else each.title for each in (one, other)))
    if titles.parts_differ(first, second):
        return False
    return _may_be_reworded(titles.likeness(first, second), titles.words(first), titles.words(second))


def _may_be_reworded(alike: float, first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    return alike >= 0.6 or (
        min(len(first), len(second)) >= 3 and titles.shares_words(" ".join(first), " ".join(second)) >= 0.85
    )


def compare(one: Traits, other: Traits) -> Verdict:
    """Return the verdict on two references: what they share and lack decides which rule is asked."""
    if linked := by_notice(one, other) or by_edition(one, other):
        return linked
    shared = shared_identifier(one, other)
    if one.is_preprint != other.is_preprint:
        return by_version(one, other, shared)
    if one.is_preprint and other.is_preprint and not shared and (again := by_server(one, other)):
        return again
    return _by_shared(one, other, shared) if shared else by_titles(one, other)


def _by_shared(one: Traits, other: Traits, shared: str) -> Verdict:
    """Return the verdict on two entries that have `shared` in common."""
    worded, by = wording_of(one, other), beside(one, other)
    kinds = {one.kind, other.kind}
    if len(kinds) > 1 and kinds & {"reply", "comment"} and not worded.is_misspelt:
        return Verdict("apart", f"one of the two that give the {shared} is a reply or comment", is_firm=True)
    if worded.is_equal and not (one.is_generic and by.pages is False):
        return Verdict("same", f"the same {shared} and title", strength=3)
    if worded.difference.numbers_exchanged and not worded.is_broken_off and worded.alike >= 0.85 and not by.same_place:
        return Verdict("apart", f"the {shared} is given for titles that differ in a number", is_firm=True)
    if worded.begins_alike and by.author:
        return Verdict("same", f"the same {shared} and first author; one title is cut short", strength=3)
    if _may_be_reworded(worded.alike, one.title, other.title):
        if worded.difference.is_exchanged and (by.pages is False or by.author is False):
            return Verdict(
                "apart", f"the {shared} is given for two titles on different pages or by others", is_firm=True
            )
        return Verdict("same", f"the same {shared}, titles {worded.alike:.0%} alike", strength=3)
    if by.author and by.pages is not False and by.volume is not False:
        if one.is_meeting and other.is_meeting and not by.same_place:
            return Verdict("unsure", f"the {shared} is given for two titles by the same author, at a meeting")
        return Verdict("same", f"the same {shared} and first author under another title", strength=2)
    return Verdict("apart", f"the {shared} is given for two different titles, so it is not believed", is_firm=True)


def by_identifier(entry: Entry, record: Entry, shared: Identifier) -> Verdict:
    """Return the verdict on an entry and a record that share an identifier."""
    name = f"{_NAMES[shared.scheme]} {shared.value}"
    one, other = traits_of(entry), traits_of(record)
    if (one.notice.kind if one.notice else "") != (other.notice.kind if other.notice else ""):
        reason = f"it has the {name} in common with a notice about it, which is a record of its own"
        return Verdict("apart", reason)
    if one.is_preprint != other.is_preprint and shared.scheme != "link":
        return _told(by_version(one, other, name))
    if shared.scheme != "doi" and (differing := conflict(one, other)):
        return Verdict("apart", f"the {shared.scheme} is the same but {differing}")
    if shared.scheme == "doi" and one.pmid and other.pmid and one.pmid != other.pmid and one.title != other.title:
        return Verdict("apart", f"it has the {name} in common with a record that PubMed has beside it")
    return _by_shared(one, other, name)


def by_title(entry: Entry, record: Entry, *, seen_together: bool) -> Verdict:
    """Return the verdict on an entry and a record with no identifier in common, of the same block of titles.

    `seen_together`: both stand in one source's feed at the same time, which publishers do with different items.
    """
    one, other = traits_of(entry), traits_of(record)
    if (one.notice.kind if one.notice else "") != (other.notice.kind if other.notice else ""):
        return Verdict("apart", "one of the two is a notice about the other")
    if one.is_preprint != other.is_preprint:
        return _told(by_version(one, other, ""))
    verdict = by_edition(one, other) or by_titles(one, other)
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
