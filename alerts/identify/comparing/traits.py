"""What two entries are compared by, worked out once for each entry."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from alerts.identify.comparing import titles
from alerts.identify.comparing.notices import Notice, mark_of, notice_of
from alerts.identify.comparing.people import People, people_of
from alerts.identify.comparing.places import Pages, journal_words, pages_of, volume_of
from alerts.identify.comparing.preprints import is_preprint, without_version
from alerts.model.records import Entry

_DRESS = re.compile(
    r"^\W*(?:(?:short|brief|rapid|preliminary|original|case|technical|research|special|clinical|full length)\s+)?"
    r"(?:report|article|paper|communication|original|review(?: article)?|editorial|letter|commentary|correspondence"
    r"|viewpoint|perspective|invited review|case report|abstract|research)s?\s*[\]:.—–-]+\s+(?=\S{3,}(?:\s+\S+){2,})",
    re.IGNORECASE,
)
_WHOSE = r"(?:authors?['’]?s?['’]?\s+)"
_SAID = r"(?:reply|response|rejoinder)"
_KINDS = (
    ("reply", rf"^\W*(?:the\s+)?{_WHOSE}?{_SAID}\b(?=\W*$|\s*(?::|to\b|by\b|from\b|of the author))"
              rf"|^\W*in (?:reply|response)\b|(?:[.:(—–-]\s*{_WHOSE}?|\W{_WHOSE}){_SAID}\W*$"),
    ("comment", r"^\W*re\s*:|^\W*regarding\b\W|^\W*(?:a )?letter (?:to the editor )?(?:re|regarding|concerning|on)\b"
                r"|^\W*(?:invited |editorial |guest )?(?:comment(?:ary|s)?|discussion|remarks?)\s*(?::|\b(?:on|to)\b)"
                r"|[.:(—–-]\s*(?:invited )?(?:commentary|discussion|comment)\W*$"),
    ("protocol", r"\bprotocol\b"),
    ("summary", r"\b(?:plain|lay) language summar|\bvisual abstract\b|\binfographic\b|\bpodcast\b"
                r"|^\W*highlights? (?:of|from)\b"),
    ("update", r"\bupdated?\b"),
)  # fmt: skip
_KINDS_FOUND = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)
_BRACKETED = re.compile(r"^\W*\[(?P<inside>.+)\]\W*$", re.DOTALL)
_TWO_TITLES = re.compile(r"^(?P<one>[^\[\]]{12,}?)\W*\[(?P<two>[^\[\]]{12,})\]\W*$", re.DOTALL)
_MEETING = re.compile(r"\bsuppl|\babstract|\bmeeting|\bconference|\bcongress|\bproceedings", re.IGNORECASE)
_TRIAL = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|DRKS\d{8}|ChiCTR[-\w]{6,20}\d|CTRI/\d{4}/\d\d/\d{6}"
    r"|(?:EUCTR)?20\d\d-\d{6}-\d\d|UMIN\d{9}|jRCT\w?\d{9,10}|IRCT\w{10,20})\b",
    re.IGNORECASE,
)
"""The number of a trial in its register; two of one register are two trials."""
_LONGEST_TITLE = 1000
_LONGEST_JOURNAL = 300
"""Letters that are compared: what is longer is no title, but the text of a file that went astray."""


@dataclass(frozen=True, slots=True)
class Traits:
    """An entry as it is compared: its titles as words, its people, its place, its identifiers, its kind."""

    entry: Entry
    titles: tuple[tuple[str, ...], ...]
    is_generic: bool
    kind: str
    notice: Notice | None
    people: People
    year: int | None
    journal: str
    volume: str
    issue: str
    pages: Pages | None
    doi: str
    pmid: str
    pmcid: str
    is_preprint: bool
    is_meeting: bool
    trial: str
    """The trial's number, of an entry that stands in a register of trials."""

    @property
    def title(self) -> tuple[str, ...]:
        """The words of the title."""
        return self.titles[0]


def _titles(title: str) -> tuple[tuple[str, ...], ...]:
    """Return a title's words, and of "English title [Titre français]" each of the two as well."""
    plain = _DRESS.sub("", title)
    bracketed = _BRACKETED.match(plain)
    plain = bracketed["inside"] if bracketed else plain
    found = [titles.words(plain)]
    two = _TWO_TITLES.match(plain) if not bracketed else None
    if two:
        found += [titles.words(two["one"]), titles.words(two["two"])]
    elif " = " in plain:
        found += [titles.words(part) for part in plain.split(" = ")[:3] if len(part) > 12]
    return tuple(dict.fromkeys(found))


def _kind_of(title: str) -> str:
    return next((kind for kind, pattern in _KINDS_FOUND if pattern.search(title)), "")


def _trial_of(entry: Entry) -> str:
    """Return the number by which an entry stands in a register: its key, its link or its "journal" is that."""
    found = (_TRIAL.search(text[:300]) for text in (entry.key, entry.link, entry.journal))
    return next((each.group().upper() for each in found if each), "")


def traits_of(entry: Entry) -> Traits:
    """Work out what an entry is compared by."""
    if len(entry.title) > _LONGEST_TITLE or len(entry.journal) > _LONGEST_JOURNAL:
        entry = replace(entry, title=entry.title[:_LONGEST_TITLE], journal=entry.journal[:_LONGEST_JOURNAL])
    mark = mark_of(entry)
    title = mark.title if mark else entry.title
    date = entry.published or entry.updated
    types = " ".join(entry.publication_types)
    pages = pages_of(entry.pages[:60])
    letters = pages.letters if pages else ""
    return Traits(
        entry=entry,
        titles=_titles(title),
        is_generic=titles.is_generic(title) or titles.is_generic(_DRESS.sub("", title)),
        kind=_kind_of(_DRESS.sub("", title)),
        notice=notice_of(entry),
        people=people_of(entry.authors),
        year=date.year if date else None,
        journal=" ".join(journal_words(entry.journal)),
        volume=volume_of(entry.volume[:60]),
        issue=entry.issue.strip().casefold(),
        pages=pages,
        doi=without_version(entry.identifier("doi")),
        pmid=entry.identifier("pmid"),
        pmcid=entry.identifier("pmcid"),
        is_preprint=is_preprint(entry),
        is_meeting=letters in ("s", "a", "p") or _MEETING.search(f"{types} {entry.issue} {entry.volume}") is not None,
        trial=_trial_of(entry),
    )
