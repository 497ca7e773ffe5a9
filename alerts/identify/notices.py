"""Notices about something published before: corrections, retractions, expressions of concern, withdrawals.

Two shapes. A *notice* is a publication of its own ("Correction to: …", "Retraction: …"): it gets its own record and an
event on the record it is about. A *mark* is the publication itself under its old identifiers, with a new beginning of
the title ("RETRACTED: …", "[Withdrawn] …"): the event happens to that record. Retraction Watch and COPE describe both
customs; which one a title is can only be settled by whether the record is known under the same identifiers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from alerts.model.identifiers import find_doi
from alerts.model.records import Entry

NoticeEvent = Literal["corrected", "withdrawn", "retracted"]

_KINDS: tuple[tuple[str, NoticeEvent, str], ...] = (
    ("Expression of concern", "corrected", r"(?:editorial )?expressions? of concern"),
    ("Retraction", "retracted",
     r"(?:notice of retraction|retraction(?: notice| note| and republication)?|partial retraction)"),
    ("Withdrawal", "withdrawn", r"(?:notice of withdrawal|withdrawal(?: notice| note)?)"),
    ("Correction", "corrected",
     r"(?:(?:author|authors['’]?|publisher|publisher['’]s|editorial|notice of) )?corrections?(?: notice| note)?"),
    ("Erratum", "corrected", r"(?:publisher['’]?s? )?errat(?:um|a)"),
    ("Corrigendum", "corrected", r"corrigend(?:um|a)"),
    ("Addendum", "corrected", r"addend(?:um|a)"),
)  # fmt: skip
_NOTICES = tuple(
    (kind, event, re.compile(rf"^\W*(?:{words})\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL))
    for kind, event, words in _KINDS
)
_MARK = re.compile(
    r"^\W*(?:(?P<retracted>retracted)|(?P<withdrawn>withdrawn|removed|temporary removal))"
    r"(?:\s+(?:article|paper|chapter))?"
    r"\s*[\])}:.—–-]+\s*(?P<title>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_MARK_AT_END = re.compile(
    r"^(?P<title>.+?)\s*[\[(](?:(?P<retracted>retracted)|(?P<withdrawn>withdrawn))(?: article)?[\])]\s*$", re.IGNORECASE
)
_QUOTED = re.compile(r"[“\"‘«](?P<title>.{8,}?)[”\"»](?!\w)|[‘'](?P<single>.{8,}?)[’'](?=[\s.,;:(\[]|$)", re.DOTALL)
_TAIL = re.compile(
    r"^\s*(?:[:.—–-]+\s*|(?P<word>to|for|on|in|of|regarding|concerning)\s*:?\s+)(?P<title>\S.{7,})$",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(r"\s*[\[(][^\[\]()]*(?:\d{4}|\d+)[^\[\]()]*[\])]\s*\.?$")
_CITED_AUTHORS = re.compile(r"^(?:[A-Z][\w’'-]+ [A-Z]{1,3}(?:, )?){1,6}(?:,? ?et al)?\.\s+(?=[A-Z])")
_LEADS = re.compile(r"^(?:the\s+)?(?:article|paper|study)\s*[:“\"]\s*", re.IGNORECASE)
_TYPES: dict[str, tuple[str, NoticeEvent]] = {
    "published erratum": ("Erratum", "corrected"),
    "erratum": ("Erratum", "corrected"),
    "corrigendum": ("Corrigendum", "corrected"),
    "correction": ("Correction", "corrected"),
    "expression of concern": ("Expression of concern", "corrected"),
    "retraction of publication": ("Retraction", "retracted"),
    "retraction notice": ("Retraction", "retracted"),
    "retraction": ("Retraction", "retracted"),
}
_MARK_TYPES: dict[str, NoticeEvent] = {"retracted publication": "retracted", "retracted article": "retracted"}


@dataclass(frozen=True, slots=True)
class Notice:
    """A publication about another one: what kind, what it does to it, and its title and DOIs where given."""

    kind: str
    event: NoticeEvent
    about_title: str = ""
    about_dois: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A publication that says of itself that it was retracted or withdrawn; `title` is its title without that."""

    event: NoticeEvent
    title: str


def mark_of(entry: Entry) -> Mark | None:
    """Return how an entry is marked as retracted or withdrawn itself, if it is."""
    for pattern in (_MARK, _MARK_AT_END):
        found = pattern.match(entry.title)
        if found:
            return Mark("retracted" if found.group("retracted") else "withdrawn", found.group("title").strip(' "“”'))
    for each in entry.publication_types:
        event = _MARK_TYPES.get(each.casefold())
        if event:
            return Mark(event, entry.title)
    return None


def _about_title(rest: str, *, is_of: bool) -> str:
    """Return the title that a notice's own title names: quoted, or after a colon or preposition."""
    quoted = _QUOTED.search(rest)
    if quoted:
        return (quoted.group("title") or quoted.group("single")).strip(" ,.;")
    tail = _TAIL.match(rest)
    if tail is None or (is_of and (tail.group("word") or "").lower() in ("of", "in", "for")):
        return ""
    return _LEADS.sub("", _REFERENCE.sub("", _CITED_AUTHORS.sub("", tail.group("title")))).strip(' "“”‘’.')


def _cited_dois(entry: Entry) -> tuple[str, ...]:
    """Return the DOIs that a notice's text names other than its own."""
    found: dict[str, None] = {}
    for piece in re.findall(r"10\.\d{4,9}/\S+", f"{entry.title} {entry.summary}"):
        doi = find_doi(piece)
        if doi and doi != entry.identifier("doi"):
            found.setdefault(doi)
    return tuple(found)[:5]


def _plainly_not(rest: str) -> bool:
    """Tell whether the words after "Correction" or "Retraction" make it a subject ("Correction of hyponatraemia")."""
    return re.match(r"\s*(?:$|[:.—–\-\[(“\"‘']|(?:to|for|notice|in)\b)", rest, re.IGNORECASE) is None


def notice_of(entry: Entry) -> Notice | None:
    """Return what an entry is a notice of, or `None` when it is none."""
    for kind, event, pattern in _NOTICES:
        found = pattern.match(entry.title)
        if found is None:
            continue
        rest = found.group("rest")
        if _plainly_not(rest) and not (re.match(r"\s*(?:of|on|regarding|concerning)\b", rest) and _QUOTED.search(rest)):
            return None
        bare = kind in ("Correction", "Retraction", "Withdrawal")
        return Notice(kind, event, _about_title(rest, is_of=bare), _cited_dois(entry))
    for each in entry.publication_types:
        typed = _TYPES.get(each.casefold())
        if typed:
            return Notice(*typed, _about_title(f": {entry.title}", is_of=False), _cited_dois(entry))
    return None
