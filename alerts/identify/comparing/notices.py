"""Notices about something published before: corrections, retractions, expressions of concern, withdrawals.

Two shapes. A *notice* is a publication of its own ("Correction to: …", "Retraction: …"): it gets its own record and an
event on the record it is about. A *mark* is the publication itself under its old identifiers, with a new beginning of
the title ("RETRACTED: …", "[Withdrawn] …"): the event happens to that record. Retraction Watch and COPE describe both
customs; which one a title is can only be settled by whether the record is known under the same identifiers.

What a database states outright (`Entry.relations`: "retraction of" a PMID, "retracted by" a DOI) comes before anything
that a title lets guess; see `stated`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from alerts.identify.comparing import stated
from alerts.model.identifiers import Identifier, find_doi
from alerts.model.records import Entry

NoticeEvent = Literal["corrected", "withdrawn", "retracted"]

_BY = r"(?:(?:interim|temporary|partial|article|editorial|(?:editor|author|publisher)(?:['’]?s['’]?)?) )*"
_OF = r"(?:(?:notice|note|notification|statement) of (?:an? |the )?)?"
_SAYS = r"(?: notices?| notes?| statements?| announcements?| letters?)?"
_KINDS: tuple[tuple[str, NoticeEvent, str], ...] = (
    ("Expression of concern", "corrected",
     rf"{_BY}{_OF}(?:expressions? of (?:editorial )?concern|(?<=of )concern)"),
    ("Retraction", "retracted", rf"{_OF}{_BY}retraction{_SAYS}(?: (?:and|&) (?:republication|replacement))?"),
    ("Withdrawal", "withdrawn", rf"{_OF}(?:article )?(?:withdrawal|removal){_SAYS}"),
    ("Correction", "corrected",
     rf"{_OF}{_BY}corrections?{_SAYS}"
     rf"(?: (?:and|&) (?:clarifications?|republication|addend(?:um|a)|(?:author|publisher) correction))?"),
    ("Correction", "corrected", r"(?:department of error|publisher['’]s note|author amendment|korrektur|rectificatif)"),
    ("Erratum", "corrected", rf"{_BY}errat(?:um|a)(?: corrige)?|fe de err(?:atas|ores)|berichtigung"),
    ("Corrigendum", "corrected", rf"{_BY}corrigend(?:um|a)"),
    ("Addendum", "corrected", r"addend(?:um|a)"),
)  # fmt: skip
_NOTICES = tuple(
    (kind, event, re.compile(rf"^\W*(?:{words})\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL))
    for kind, event, words in _KINDS
)
_MAY_BE_ONE = re.compile(
    r"\W*(?:interim|tempor|editor|publisher|author|article|express|not[ei]|statement|partial|retract|withdraw|remov"
    r"|correct|depart|errat|corrig|addend|fe de err|bericht|korrekt|rectif)",
    re.IGNORECASE,
)
_SUBJECTS = frozenset({"Correction", "Retraction", "Withdrawal"})
"""Words that are also subjects of studies: what follows them must show that a notice is meant."""
_NOTICE_WORDS = re.compile(
    r"\b(?:article|paper|retract|withdr[ae]wn? by|correct(?:ed|s|ion)|errat|errors?\b|publish)", re.IGNORECASE
)
_ABSTRACT_WORDS = 120
_LONGEST_TITLE = 1000
_MARK = re.compile(
    r"^\W*(?:this (?:article|paper|preprint) (?:has been|was|is) )?"
    r"(?:(?P<retracted>retracted)|(?P<withdrawn>withdrawn|removed|temporary removal))"
    r"(?: and (?:republished|replaced))?(?:\s+(?:article|paper|chapter|preprint|publication|guidance))?"
    r"(?:\s*[\])}*:.—–]+|\s*-+(?!\w))\s*(?P<title>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_MARK_AT_END = re.compile(
    r"^(?P<title>.+?)(?:\s*[\[(]|\s+[–—-]\s*)"
    r"(?:(?P<retracted>retracted)|(?P<withdrawn>withdrawn))(?: article| paper)?(?:[.:,]? see vol[^\[\]()]*)?[\])]?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_RETRACTED_IN = re.compile(
    r"\s*[\[(](?:retraction|retracted|withdrawn) (?:in|by|on)\b[^\[\]()]*[\])]\s*$", re.IGNORECASE
)
_NOTICE_AT_END = re.compile(
    r"^(?P<title>.{20,}?)(?:\s*[\[(]vol\.? ?\d+[^\[\]()]*, ?(?:19|20)\d\d[\])]"
    r"|(?:\s*[:.–—]|\s-)\s+(?P<kind>KIND)|\s*[\[(](?P<bracketed>KIND)[\])])\W*$".replace(
        "KIND", "erratum|corrigendum|addendum|(?:author |publisher )?correction|retraction|expression of concern"
    ),
    re.IGNORECASE | re.DOTALL,
)
"""Web of Science names where the article stood, `Title (vol 12, pg 45, 2019)`; others end in the word."""
_END_WORDS = ("vol", "erratum", "corrigendum", "addendum", "correction", "retraction", "concern")
_QUOTED = re.compile(r"[“\"‘«](?P<title>.{8,}?)[”\"»](?!\w)|[‘'](?P<single>.{8,}?)[’'](?=[\s.,;:(\[]|$)", re.DOTALL)
_TAIL = re.compile(
    r"^\s*(?:[:.,—–>\])-]+\s*|(?P<word>to|for|on|in|of|regarding|concerning|re|zu|au|aux|à|al|ao|de|del)"
    r"\s*(?P<colon>:?)\s+)"
    r"(?P<title>\S.{7,})$",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(r"\s*[\[(](?=[^\[\]]*\d)[^\[\]()]*(?:\([^\[\]()]*\)[^\[\]()]*){0,6}[\])]\s*\.?$")
_BRACKETED = re.compile(r"^\s*[\[(](?P<title>[^\[\]]{8,})[\])]\s*\.?$")
_CITATION = re.compile(
    r"(?<=[.?!])\s+(?:[A-Z][A-Za-z]{0,15}\.\s+){0,6}[A-Z][^.?!]{2,80}[,;. ]\s*(?:19|20)\d\d\b[^A-Za-z]{0,40}$"
    r"|(?<=[.?!])\s+[A-Z][^.?!]{2,80}\.\s*(?:DOI|doi):?\s*10\.\S+$"
)
_BY_NAME = re.compile(r"^\s*(?:for|of|to|in)?\s*[:.]?\s*(?:[^\W\d_][\w’'-]*\s+){1,4}et al\.?,?\s*:?\s*[“\"‘]?(?=\S)")
_CITED_AUTHORS = re.compile(
    r"^(?:(?:[A-Z][\w’'-]+ [A-Z]{1,3}(?:, )?){1,6}(?:,? ?et al)?\."
    r"|(?:[^\W\d_][\w’'-]*(?: [^\W\d_][\w’'-]*){0,2}, (?:[A-Z]\.[ -]?)+(?:; ?)?){1,12}(?:et al\.)?)\s*(?=[A-Z])"
)
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
_GONE = re.compile(
    r"\W*this (?:[\w-]+ ){0,3}?(?:guidance|guideline|publication|page|document|paper|consultation|report|advice|article"
    r"|collection|release|item|statement|preprint|review) (?:was|is|has been) (?:now )?withdrawn\b",
    re.IGNORECASE,
)
"""The first words under which GOV.UK and others leave a withdrawn page standing."""
_GONE_NOTE = re.compile(r"\W*(?:(?:[\w-]+ ){0,4}(?:was |has been )?withdrawn\b)", re.IGNORECASE)
_NAMES_ITS_ARTICLE = re.compile(
    r"(?:correct|retract|withdraw|errat|corrig|concern|original|refers? to|relates? to|update of)[^.]{0,160}$",
    re.IGNORECASE,
)
_MARK_TYPES: dict[str, NoticeEvent] = {"retracted publication": "retracted", "retracted article": "retracted"}


@dataclass(frozen=True, slots=True)
class Notice:
    """A publication about another one: what kind, what it does to it, and its title and DOIs where given.

    `stated` are the identifiers of it that a database gives.
    """

    kind: str
    event: NoticeEvent
    about_title: str = ""
    about_dois: tuple[str, ...] = ()
    stated: tuple[Identifier, ...] = ()

    @property
    def about(self) -> tuple[Identifier, ...]:
        """Every identifier of what it is about, those that a database gives first."""
        return tuple(dict.fromkeys((*self.stated, *(Identifier("doi", each) for each in self.about_dois))))


@dataclass(frozen=True, slots=True)
class Mark:
    """A publication that says of itself that it was retracted or withdrawn; `title` is its title without that."""

    event: NoticeEvent
    title: str


def mark_of(entry: Entry) -> Mark | None:
    """Return how an entry is marked as retracted or withdrawn itself, if it is."""
    found = _mark_in(entry.title, entry.publication_types, entry.summary, entry.change_note)
    if found is None and (event := stated.mark(entry)):
        return Mark(event, entry.title)
    return found


@lru_cache(maxsize=2048)  # asked for several times of every entry of a poll
def _mark_in(title: str, types: tuple[str, ...], summary: str, change_note: str) -> Mark | None:
    lowered = title.lower()
    at_end = "retracted" in lowered or "withdrawn" in lowered
    for pattern in (_MARK, _MARK_AT_END) if at_end else (_MARK,):
        found = pattern.match(title)
        if found:
            bare = _RETRACTED_IN.sub("", found.group("title")).strip(' "“”')
            if cited := _BY_NAME.match(bare) or _CITED_AUTHORS.match(bare):  # MDPI's "Smith et al. Title. J 2026, 1"
                bare = _CITATION.sub("", bare[cited.end() :]).strip(' "“”.')
            return Mark("retracted" if found.group("retracted") else "withdrawn", bare)
    for each in types:
        event = _MARK_TYPES.get(each.casefold())
        if event:
            return Mark(event, title)
    if _GONE.match(summary) or _GONE_NOTE.match(change_note):
        return Mark("withdrawn", title)
    return None


def _about_title(rest: str, *, is_of: bool) -> str:
    """Return the title that a notice's own title names: quoted, or after a colon or preposition."""
    quoted = _QUOTED.search(rest)
    if quoted:
        return (quoted.group("title") or quoted.group("single")).strip(" ,.;")
    if bracketed := _BRACKETED.match(rest):
        return bracketed.group("title").strip(' "“”‘’.,')
    named = _BY_NAME.match(rest)
    tail = _TAIL.match(f": {rest[named.end() :]}" if named else rest)
    if tail is None or (
        is_of and (tail.group("word") or "").lower() in ("of", "in", "for") and not tail.group("colon")
    ):
        return ""
    title = _CITATION.sub("", _REFERENCE.sub("", _CITED_AUTHORS.sub("", tail.group("title"))))
    return _LEADS.sub("", title).strip(' "“”‘’.,')


def _cited_dois(title: str, summary: str, own: str) -> tuple[str, ...]:
    """Return the DOIs that a notice's text names other than its own, those that it says it is about first."""
    found: dict[str, bool] = {}
    for text in (title, summary):
        for piece in re.finditer(r"10\.\d{4,9}/\S+", text):
            doi = find_doi(piece.group())
            if doi and doi != own:
                before = text[max(piece.start() - 200, 0) : piece.start()]
                found[doi] = found.get(doi, False) or _NAMES_ITS_ARTICLE.search(before) is not None
    return tuple(sorted(found, key=lambda doi: not found[doi]))[:5]


def _plainly_not(kind: str, rest: str) -> bool:
    """Tell whether the words after "Correction" or "Retraction" make it a subject ("Correction of hyponatraemia")."""
    if re.match(r"\s*(?:$|[:.,—–\[(“\"‘'«>\])*]|-(?!\w))", rest):
        return False
    word = re.match(r"\s*(?P<word>\w+)\b\s*(?P<colon>:?)", rest)
    preposition = word.group("word").lower() if word else ""
    if preposition == "to" or (word and word.group("colon") and preposition in _PREPOSITIONS):
        return kind == "Withdrawal" and not (word and word.group("colon")) and not _names_at_once(rest)
    if kind not in _SUBJECTS:
        return preposition not in (*_PREPOSITIONS, "notice")
    return not (preposition in _PREPOSITIONS and _names_at_once(rest))


def _names_at_once(rest: str) -> bool:
    """Tell whether a preposition is followed by a quoted title or by authors ("of “…”", "for Smith et al., …")."""
    return re.match(r"\s*\w+\s*:?\s*(?:the\s+)?(?:(?:article|paper|study)\b)?\W{0,3}[“\"‘'«]", rest) is not None or (
        re.search(r"\bet al\b", rest) is not None
    )


_LONGEST_FAULT = 200
_PLACE = (
    r"(?:(?:the|an?) )?(?:(?:visual |graphical )?abstract|(?:body )?text|(?:sub)?title|by-?line|box|appendix|methods?"
    r"|e?(?:figures?|tables?)|supplement(?:al|ary)?(?: (?:content|materials?|tables?|figures?|appendix))?"
    r"|key points?|results?|discussion|introduction|conclusions?|(?:figure |table )?(?:legend|caption|footnote)s?"
    r"|(?:reported |numerical |outcome )?(?:data|values?|numbers?|percentages?)(?: analysis| availability| sharing)?"
    r"(?: statement)?|references?(?: list)?|citations?|equations?|(?:axis )?labels?|study population|sample size"
    r"|(?:co)?authors?(?:['’]s|s['’])?(?: (?:names?|affiliations?|contributions?|order|list|degrees?|disclosures?"
    r"|information|surnames?|initials?|email address))?"
    r"|(?:names?|surnames?|affiliations?|degrees?|(?:middle )?initials?)(?: of (?:an? |the )?(?:co)?authors?)?"
    r"|(?:nonauthor )?collaborators?(?: list)?|group information"
    r"|funding(?:/support)?(?: information| source| statement)?"
    r"|(?:conflicts? of interest|financial|competing interests?)(?: disclosures?)?|disclosures?|acknowledge?ments?"
    r"|article information|open access(?: status)?|licen[cs]e|corresponding author(?: address)?|email address"
    r"|trial registration(?: numbers?)?|confidence intervals?|p values?|(?:hazard|odds|risk) ratios?|wording|units?)"
    r"(?: ?\d{1,2}[A-Z]?)?"
)
_PLACES = rf"{_PLACE}(?:(?:,? and |,? & |, | of | in ){_PLACE}){{0,8}}"
_FAULT = re.compile(
    rf"(?:(?:data(?: entry)?|typographical|reporting|calculation|coding|label+ing) )?errors? in {_PLACES}\W*"
    rf"|(?:incorrect|missing|omitted|omission of|misspell?ed|misspelling of|inaccurate|incomplete|unreported)"
    rf" (?!data\W*$){_PLACES}\W*|change to open access(?: status)?\W*",
    re.IGNORECASE,
)
"""JAMA Network names a correction by what was wrong: the whole title is that and where it stood."""
_PREPOSITIONS = (
    "to", "for", "on", "in", "of", "regarding", "concerning", "re", "zu", "au", "aux", "à", "al", "ao", "de", "del",
)  # fmt: skip


def _is_abstract(kind: str, summary: str) -> bool:
    """Tell whether a study's abstract follows a title like "Withdrawal: the experience of…": notices have none."""
    if kind not in _SUBJECTS:
        return False
    return len(summary.split()) >= _ABSTRACT_WORDS and _NOTICE_WORDS.search(summary) is None


def notice_of(entry: Entry) -> Notice | None:
    """Return what an entry is a notice of, or `None` when it is none."""
    guessed = _notice_in(entry.title, entry.publication_types, entry.summary, entry.identifier("doi"))
    said = stated.notice(entry)
    if said is None:
        return guessed
    kind, event, about = said
    if guessed is None or guessed.event != event:
        return Notice(kind, event, stated=about)
    return replace(guessed, stated=about)


@lru_cache(maxsize=2048)
def _notice_in(title: str, types: tuple[str, ...], summary: str, doi: str) -> Notice | None:
    for kind, event, pattern in _NOTICES if _MAY_BE_ONE.match(title) else ():
        found = pattern.match(title)
        if found is None:
            continue
        rest = found.group("rest")
        if _plainly_not(kind, rest) or _is_abstract(kind, summary):
            return None
        about = _about_title(rest, is_of=kind in _SUBJECTS) if rest.strip(" .:") else _titled(summary)
        return Notice(kind, event, about, _cited_dois(title, summary, doi))
    for each in types:
        typed = _TYPES.get(each.casefold())
        if typed:
            return Notice(*typed, _about_title(f": {title}", is_of=False), _cited_dois(title, summary, doi))
    if len(title) <= _LONGEST_FAULT and _FAULT.fullmatch(title):
        return Notice("Correction", "corrected", _titled(summary), _cited_dois(title, summary, doi))
    return _told_at_end(title, summary, doi)


def _titled(summary: str) -> str:
    """Return the title that the text of a notice quotes: "In the Original Investigation titled “…”"."""
    quoted = _QUOTED.search(summary[:_LONGEST_TITLE])
    title = (quoted.group("title") or quoted.group("single")).strip(" ,.;") if quoted else ""
    return title if len(title.split()) > 2 else ""  # not a mere word that should read otherwise


def _told_at_end(title: str, summary: str, doi: str) -> Notice | None:
    """Return the notice that an entry is by the end of its title; one with a study's abstract is none."""
    lowered = title.lower()
    may_be_one = len(title) <= _LONGEST_TITLE and any(each in lowered for each in _END_WORDS)
    found = _NOTICE_AT_END.match(title) if may_be_one else None
    if found is None:
        return None
    word = found.group("kind") or found.group("bracketed") or ""
    if word and _is_abstract("Correction", summary):
        return None
    kind = "Correction" if word.lower().endswith("correction") else (word or "Correction").capitalize()
    event: NoticeEvent = "retracted" if kind == "Retraction" else "corrected"
    return Notice(kind, event, found.group("title").strip(' "“”‘’.,'), _cited_dois(title, summary, doi))


def said_by(entry: Entry) -> Notice | None:
    """Return what an entry says of a publication: a notice of another, or the mark that it carries itself."""
    notice = notice_of(entry)
    mark = mark_of(entry) if notice is None else None
    if mark is None:
        return notice
    return Notice("Retraction" if mark.event == "retracted" else "Withdrawal", mark.event, mark.title)
