"""Whether an entry and a record are one publication, two versions of one work, or two works; and why.

Identifiers are believed unless the titles speak against them, because publishers paste wrong DOIs and reuse links;
titles are believed only with a year and a person or journal beside them, because titles repeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from alerts.identify import titles
from alerts.identify.notices import mark_of, notice_of
from alerts.identify.preprints import is_preprint, without_version
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

Answer = Literal["same", "linked", "apart"]

_NEAR = 0.93
_VERSION_NEAR = 0.85
_NEWS_DAYS = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its plain reason, and for two versions how the entry stands to the record."""

    answer: Answer
    reason: str
    relation: str = ""


def date_of(entry: Entry) -> datetime | None:
    """Return the date that sorts an entry: when it was published, else updated."""
    return entry.published or entry.updated


def _family(name: str) -> str:
    """Return the family name of an author as a word, from "Judith Marshall", "Marshall, Judith" or "Marshall J"."""
    found = titles.words(name.partition(",")[0] if "," in name else name)
    if not found:
        return ""
    if "," in name:
        return found[-1]
    initials_last = len(found) > 1 and len(found[-1]) <= 3 and name.split()[-1].isupper()
    return found[-2] if initials_last else found[-1]


def same_first_author(one: Entry, other: Entry) -> bool | None:
    """Tell whether the first authors' family names agree; `None` when one of the two names none."""
    if not one.authors or not other.authors:
        return None
    first, second = _family(one.authors[0]), _family(other.authors[0])
    return first == second or first in titles.words(other.authors[0]) or second in titles.words(one.authors[0])


def same_journal(one: Entry, other: Entry) -> bool | None:
    """Tell whether the journals agree, by ISSN or name; `None` when one of the two names none."""
    if set(one.issn) & set(other.issn):
        return True
    if not one.journal or not other.journal:
        return None
    first, second = titles.words(one.journal), titles.words(other.journal)
    if first == second:
        return True
    initials = "".join(word[0] for word in first if word not in ("of", "the", "and", "in", "for"))
    others = "".join(word[0] for word in second if word not in ("of", "the", "and", "in", "for"))
    return initials == others and first[0][:3] == second[0][:3]


def _own_titles(entry: Entry) -> str:
    """Return the title without a mark of retraction, for comparing."""
    mark = mark_of(entry)
    return mark.title if mark else entry.title


def _kinds_differ(one: Entry, other: Entry) -> bool:
    """Tell whether one is a notice and the other is not, or they are notices of different kinds."""
    first, second = notice_of(one), notice_of(other)
    return (first.kind if first else "") != (second.kind if second else "")


def titles_agree(one: Entry, other: Entry) -> bool:
    """Tell whether two titles may be one publication's once an identifier says so: rewording is allowed."""
    first, second = titles.aligned(_own_titles(one), _own_titles(other))
    if titles.parts_differ(first, second):
        return False
    return titles.likeness(first, second) >= 0.6 or (
        min(len(titles.words(first)), len(titles.words(second))) >= 3 and titles.shares_words(first, second) >= 0.85
    )


def _named_otherwise(entry: Entry, record: Entry) -> bool:
    """Tell whether authors or page confirm an identifier although the titles do not (a translation, a new headline)."""
    return same_first_author(entry, record) is True or bool(
        entry.identifier("link") and entry.identifier("link") == record.identifier("link")
    )


def by_identifier(entry: Entry, record: Entry, shared: Identifier) -> Verdict:
    """Return the verdict on an entry and a record that share an identifier."""
    name = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "link": "link", "document": "document number"}[
        shared.scheme
    ]
    if _kinds_differ(entry, record):
        return Verdict(
            "apart", f"it has the {name} {shared.value} in common with a notice about it, which is a record of its own"
        )
    if is_preprint(entry) != is_preprint(record) and shared.scheme != "link":
        return _versions(entry, record, f"it shares the {name} {shared.value}")
    if conflict := _conflict(entry, record, shared):
        return Verdict("apart", conflict)
    first, second = titles.aligned(_own_titles(entry), _own_titles(record))
    if titles_agree(entry, record):
        return Verdict("same", f"it has the same {name}, {shared.value}")
    if shared.scheme != "link" and _named_otherwise(entry, record) and not titles.parts_differ(first, second):
        return Verdict(
            "same", f"it has the same {name}, {shared.value}, and the same first author or page under another title"
        )
    return Verdict("apart", f"the {name} {shared.value} is given for two different titles, so it is not believed")


def _conflict(entry: Entry, record: Entry, shared: Identifier) -> str:
    """Return why a weaker identifier in common does not count: a stronger one differs."""
    for scheme in ("doi", "pmid"):
        if scheme == shared.scheme:
            return ""
        mine, theirs = entry.identifier(scheme), record.identifier(scheme)
        if mine and theirs and without_version(mine) != without_version(theirs):
            return f"the {shared.scheme} is the same but the {scheme.upper()}s differ ({mine}, {theirs})"
    return ""


def _versions(entry: Entry, record: Entry, how: str) -> Verdict:
    if is_preprint(entry):
        return Verdict("linked", f"it is a preprint of a publication that is known already ({how})", "preprint of")
    return Verdict(
        "linked", f"it is the publication of a preprint that is known already ({how})", "published version of"
    )


def _dates_near(entry: Entry, record: Entry, *, scholarly: bool) -> bool | None:
    mine, theirs = date_of(entry), date_of(record)
    if mine is None or theirs is None:
        return None
    if scholarly:
        return abs(mine.year - theirs.year) <= 1
    return abs(mine - theirs) <= timedelta(days=_NEWS_DAYS)


def _scholarly(entry: Entry) -> bool:
    return bool(entry.identifier("doi") or entry.identifier("pmid") or (entry.authors and entry.journal))


def by_title(entry: Entry, record: Entry, *, seen_together: bool) -> Verdict:
    """Return the verdict on an entry and a record with no identifier in common, of the same block of titles.

    `seen_together`: both stand in one source's feed at the same time, which publishers do with different items.
    """
    first, second = titles.aligned(_own_titles(entry), _own_titles(record))
    if titles.is_generic(first) or titles.is_generic(second):
        return Verdict("apart", "the title is a general one")
    if _kinds_differ(entry, record):
        return Verdict("apart", "one of the two is a notice about the other")
    if titles.numbers_differ(first, second):
        return Verdict("apart", "the titles differ in a number (another year, part or edition)")
    alike = titles.likeness(first, second)
    author, journal = same_first_author(entry, record), same_journal(entry, record)
    if is_preprint(entry) != is_preprint(record):
        if alike >= _VERSION_NEAR and author is not False:
            return _versions(entry, record, f"titles {alike:.0%} alike")
        return Verdict("apart", f"a preprint and a publication with titles only {alike:.0%} alike")
    if alike < _NEAR:
        return Verdict("apart", f"the titles are only {alike:.0%} alike")
    return _with_witness(entry, record, alike, author, journal, seen_together=seen_together)


def _with_witness(
    entry: Entry, record: Entry, alike: float, author: bool | None, journal: bool | None, *, seen_together: bool
) -> Verdict:
    """Return the verdict on two like titles, by what stands beside them."""
    for scheme in ("doi", "pmid", "pmcid"):
        mine, theirs = entry.identifier(scheme), record.identifier(scheme)
        if mine and theirs and without_version(mine) != without_version(theirs):
            return Verdict("apart", f"the titles are alike but the {scheme.upper()}s differ ({mine}, {theirs})")
    if author is False:
        return Verdict("apart", "the titles are alike but the first authors differ")
    if journal is False and author is None:
        return Verdict("apart", "the titles are alike but the journals differ")
    same_words = bool(entry.summary) and titles.words(entry.summary) == titles.words(record.summary)
    if seen_together and not same_words and not (author and journal):
        return Verdict("apart", "both stand in the source at the same time under different links")
    scholarly = _scholarly(entry) or _scholarly(record)
    near = _dates_near(entry, record, scholarly=scholarly)
    if near is False:
        return Verdict("apart", "the titles are alike but the dates are too far apart")
    if author or journal:
        witness = "first author" if author else "journal"
        return Verdict(
            "same", f"its title is {alike:.0%} the same, with the same {witness}" + (" and year" if near else "")
        )
    if titles.is_short(entry.title):
        return Verdict("apart", "the title is too short to go by alone")
    if near:
        return Verdict("same", f"its title is {alike:.0%} the same and it is dated within {_NEWS_DAYS} days")
    if same_words or alike == 1.0:
        return Verdict("same", "its title is the same and nothing speaks against it")
    return Verdict("apart", "the titles are alike but neither date, author nor journal confirms it")
