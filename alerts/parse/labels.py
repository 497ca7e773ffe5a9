"""Facts that publishers put into the description as text: "Author(s): …", "Source: …, Volume 295", "DOI: 10…",
PubMed's lines.

Each line of a description is compared with the shapes below. A line that is only such a fact is taken out of the
summary; one that is prose stays, whatever it mentions. The shapes were collected from real feeds: ScienceDirect,
Silverchair, Taylor & Francis, Pensoft, PubMed, RSC, Crossref and OpenAlex relays, CNKI relays, WordPress.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from alerts.model.identifiers import find_doi, normalise_pmcid, normalise_pmid


@dataclass(slots=True)
class Labelled:
    """Facts found in a description, and the lines that are left of it."""

    lines: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    date: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""


Taker = Callable[[Labelled, "re.Match[str]"], None]


def _authors(found: Labelled, match: re.Match[str]) -> None:
    found.authors.append(match.group("rest"))


def _journal(found: Labelled, match: re.Match[str]) -> None:
    """Read "Zoologischer Anzeiger, Volume 295", "AJPH; Volume: 116; Issue: 1; Pages: 57-61", "X, vol. 14, pp. 1-2"."""
    rest = match.group("rest")
    name = re.split(
        r"\s*[;,]\s*(?=(?:vol(?:ume)?|iss(?:ue)?|no|number|pp?|pages?|part)\b)", rest, maxsplit=1, flags=re.IGNORECASE
    )[0]
    found.journal = found.journal or name.rstrip(" .;,")
    for attribute, words in (
        ("volume", r"vol(?:ume)?\.?"),
        ("issue", r"(?:iss(?:ue)?|no|number)\.?"),
        ("pages", r"pp?(?:ages?)?\.?"),
    ):
        number = re.search(rf"\b{words}\s*:?\s*([\w.–-]+)", rest[len(name) :], re.IGNORECASE)
        if number and not getattr(found, attribute):
            setattr(found, attribute, number.group(1).strip(".–-").replace("–", "-"))


def _date(found: Labelled, match: re.Match[str]) -> None:
    found.date = found.date or match.group("rest")


def _identifiers(found: Labelled, match: re.Match[str]) -> None:
    text = match.group()
    doi = find_doi(text)
    pmid = re.search(r"PMID\s*:?\s*(\d{1,9})", text, re.IGNORECASE)
    found.doi = found.doi or doi or ""
    found.pmid = found.pmid or (normalise_pmid(pmid.group(1)) or "" if pmid else "")
    found.pmcid = found.pmcid or normalise_pmcid(text) or ""


_PUBMED_PLACE = re.compile(
    r"[^;:.]{0,30}(?:; ?(?P<volume>[\w /-]{1,20}?)?(?:\((?P<issue>[^()]{1,30})\))?)?"
    r"(?:: ?(?P<pages>[\w()., –-]{1,40}?))?\.(?: |$)"
)


def _pubmed_head(found: Labelled, match: re.Match[str]) -> None:
    """Read "J Public Health (Oxf). 2026 Nov 1;48(4):651-658. doi: 10.…", as PubMed writes it."""
    found.journal = found.journal or match.group("journal")
    place = _PUBMED_PLACE.match(match.group()[match.end("journal") + 2 :])
    if place:
        found.volume = found.volume or (place.group("volume") or "").strip()
        found.issue = found.issue or place.group("issue") or ""
        found.pages = found.pages or (place.group("pages") or "").replace("–", "-")
    _identifiers(found, match)


def _volume_line(found: Labelled, match: re.Match[str]) -> None:
    parts = match.groupdict()
    found.volume = found.volume or parts.get("volume") or ""
    found.issue = found.issue or parts.get("issue") or ""
    found.pages = found.pages or (parts.get("pages") or "").replace("–", "-")
    if parts.get("journal"):
        found.journal = found.journal or parts["journal"]


def _type_and_date(found: Labelled, match: re.Match[str]) -> None:
    found.types.append(match.group("type"))
    found.date = found.date or match.group("rest")


def _openalex(found: Labelled, match: re.Match[str]) -> None:
    found.journal = found.journal or match.group("journal").strip()
    volume = match.group("volume")
    found.volume = found.volume or ("" if volume == "None" else volume)


def _nothing(found: Labelled, match: re.Match[str]) -> None:
    """The line says nothing that a reader needs."""


_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_SHAPES: tuple[tuple[re.Pattern[str], Taker], ...] = tuple(
    (re.compile(shape, re.IGNORECASE), taker)
    for shape, taker in (
        (r"^(?:Authors?|Author\(s\)|Autor(?:en|es)?|作者)\s*[:：]\s*(?P<rest>.+)$", _authors),
        (
            r"^(?:Journal|Source|Published in|期刊)\s*[:：]\s*(?P<rest>[^:：]{2,150}"
            r"(?:[;,]\s*(?:vol|iss|no|pp?|pages).*)?)$",
            _journal,
        ),
        (
            r"^(?:(?:Publication date|(?:First )?Published(?: online| on)?|Date published|Available online)"
            r"\s*:?\s*){1,2}"
            r"(?P<rest>(?=[^0-9]{0,12}\d)[\w ,–-]{4,40})$",
            _date,
        ),
        (r"^\W*(?:article\s+)?DOI\s*[:：]?\s*(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+$", _identifiers),
        (r"^\W*https?://(?:dx\.)?doi\.org/10\.\d{4,9}/\S+$", _identifiers),
        (r"^PMID\s*:?\s*\d{1,9}\s*(?:\|.*)?$", _identifiers),
        (r"^DOI\s*:\s*\S+\s*\|\s*PMID.*$", _identifiers),
        (
            rf"^(?P<journal>[^.]{{2,120}}(?:\.[^.]{{1,30}})?)\. (?:19|20)\d\d(?: (?:{_MONTHS})\b[^.]{{0,20}})?"
            r"[;:.].{0,160}?(?:\bdoi: ?10\.\S+|\be?Collection\b|\bEpub\b|\bprint\.)[^a-z]{0,3}.{0,120}$",
            _pubmed_head,
        ),
        (
            r"^Volume (?P<volume>\w+)(?:, (?:Issue|Number|No\.?) (?P<issue>[\w-]+))?(?:, [A-Z][\w/ -]{2,30} \d{4})?"
            r"(?:, Pages? (?P<pages>[\w–-]+))?[\s.,]*$",
            _volume_line,
        ),
        (
            r"^(?P<journal>[A-Z][^.]{2,100}?), Volume (?P<volume>\w+)(?:, Issue (?P<issue>[\w-]+))?"
            r"(?:, Pages? (?P<pages>[\w–-]+))?(?:, [A-Z][\w/ -]{2,30} \d{4})?[\s.,]*$",
            _volume_line,
        ),
        (
            r"^(?P<journal>[A-Z][^.]{2,100}?), "
            r"(?:Early ?View|Ahead of Print|Online ?First|Accepted Articles?|Just Accepted)\.?$",
            _volume_line,
        ),
        (
            r"^(?P<journal>[A-Z][\w&.,' -]{2,80}) (?P<volume>\d+)(?:\((?P<issue>[\w-]+)\))?"
            r": ?(?P<pages>e?\d+(?:[-–]e?\d+)?)\.?$",
            _volume_line,
        ),
        (r"^(?P<journal>[A-Z][^;:]{2,100}?), vol\.? (?P<volume>[\w-]+)(?:, (?:issue|no\.?|iss\.?) (?P<issue>[\w-]+))?"
         r"(?:, pp?\.? (?P<pages>[\w–-]+))?\.?$", _volume_line),
        (r"^[A-Z][\w&.,' -]{1,60}, Vol\. (?P<volume>\w+), Pages? (?P<pages>[\w–-]+): .{1,600}$", _volume_line),
        (r"^(?!Comment|Correct|Errat|Repl|See |Respon|Relat|Retract)[A-Z][\w&,:()' -]{2,120} doi: ?10\.3390/\S+$",
         _identifiers),
        (rf"^(?P<type>[A-Z][\w &/-]{{2,40}}) [—–-] (?P<rest>\d{{1,2}} (?:{_MONTHS})\w* \d{{4}})$", _type_and_date),
        (r"^.*, (?P<journal>[^,]*)\. (?P<volume>\w*)\([^)]*\)\] \d{4}\. https?://openalex\.org/W\d+$", _openalex),
        (r"^(?:abstract|summary|graphical abstract|highlights)\s*[:.]?$", _nothing),
        (r"^(?:N/?A|No abstract(?: is)?(?: available)?|None|Not available|-+|\.+)\.?$", _nothing),
        (r"^(?:HTML|XML|PDF|Full text|EPUB)(?:\s*[|,/]?\s*(?:HTML|XML|PDF|Full text|EPUB))*$", _nothing),
        (r"^(?:read|continue|view|see) (?:more|reading|full|article|the full)\b.{0,80}$", _nothing),
        (r"^The post .{1,400} (?:appeared first on|first appeared on) .{1,200}$", _nothing),
        (r"^(?:等级|链接)\s*[:：].*$", _nothing),
    )
)  # fmt: skip
_PREFIXES = re.compile(
    r"^(?:arXiv:\S+\s+Announce Type:\s*\S+\s*)?(?:(?:Abstract|ABSTRACT|Summary)\s*[:.]\s*(?:Abstract\s+(?=[A-Z]))?)",
    re.IGNORECASE,
)
_BARE_PREFIX = re.compile(r"^(?:ABSTRACT|Abstract) (?=[A-Z])")
_ENDS = re.compile(r"\s*(?:\[?(?:…|\.\.\.)\]?\s*)?(?:(?:Read|Continue) (?:more|reading)\b[^.]{0,80})$", re.IGNORECASE)
_END_LENGTH = 100
"""`_ENDS` has its words within so many characters from the end."""
# What a short line with a DOI is about when the DOI is not the item's own.
_ELSEWHERE = re.compile(
    r"correct|errat|corrig|retract|concern|comment|repl(?:y|ies)|respon|cite|citation|referenc|related|original|preprint"
    r"|update|see |data|dryad|zenodo|figshare|osf|supplement|available|protocol|regist|previous|earlier|version|linked"
    r"|associated|review of|\bpaper\b|\bnotice\b|published in\b|\bread\b|\bstudy\b|reported|\bnews\b",
    re.IGNORECASE,
)
# What stands before an own DOI in its line: nothing, or the word itself. "The notice is at https://doi.org/…" cites.
_DOI_LABEL = re.compile(r"(?:^|[^\w]|\barticle )doi\s*[:：]?\s*(?:https?://(?:dx\.|www\.)?doi\.org/)?$"
                        r"|^\W*(?:https?://(?:dx\.|www\.)?doi\.org/)?$", re.IGNORECASE)  # fmt: skip
_NOT_PAPERS = ("10.5061/", "10.5281/", "10.6084/", "10.17605/", "10.17632/", "10.25504/")


def own_doi_in(lines: list[str]) -> tuple[str, list[str]]:
    """Return the DOI that short lines give as the item's own, and the lines that are only that; else an empty string.

    Only when all such lines agree. A DOI in prose, in a reference, or beside words like "corrects" or "data", is about
    another work.
    """
    found: dict[str, list[str]] = {}
    for line in dict.fromkeys((*lines[:4], *lines[-4:])):
        if len(line) > 220 or line.count("10.") != 1 or _ELSEWHERE.search(line):
            continue
        before = line[: line.index("10.")]
        if not _DOI_LABEL.search(before) or not re.search(r"\bdoi\b|doi\.org", before, re.IGNORECASE):
            continue
        if len(before.split()) > 8 or re.search(r"\((?:19|20)\d\d\w?\)|[A-Z]\.,", before):
            continue  # a reference in full
        doi = find_doi(line)
        if doi and not doi.startswith(_NOT_PAPERS):
            found.setdefault(doi, []).append(line)
    if len(found) != 1:
        return "", []
    doi, places = found.popitem()
    return doi, [line for line in places if line.rstrip(" .").lower().endswith(doi)]


_LONG = 300
"""A line longer than this is prose but for a few shapes, which begin with or hold one of these words."""
_LONG_STARTS = ("author", "autor", "journal", "source", "published in", "pmid", "doi", "article", "http", "the post")
_LONG_WORDS = ("doi:", "collection", "epub", "print.", ", vol. ", "openalex.org/w")


def _may_be_fact(line: str) -> bool:
    """Tell at a glance whether a line may have one of the shapes: most long lines are prose."""
    if len(line) <= _LONG:
        return True
    lowered = line.lower()
    return (
        not line[0].isascii()
        or not line[0].isalnum()
        or lowered.startswith(_LONG_STARTS)
        or any(each in lowered for each in _LONG_WORDS)
    )


def _take(found: Labelled, line: str) -> bool:
    """Take a line that is only a labelled fact; tell whether it was one."""
    if len(line) > 2_500 or not _may_be_fact(line):
        return False
    for shape, taker in _SHAPES:
        match = shape.match(line)
        if match:
            taker(found, match)
            return True
    return False


def _looks_like_names(line: str) -> bool:
    """Tell whether a line is a list of people's names and nothing else."""
    if len(line) > 1_500 or re.search(r"[.!?:]\s+[a-z]|\b(?:the|of|and|in|for|with|to)\b", line):
        return False
    parts = [part.strip() for part in re.split(r"[;,]", line) if part.strip()]
    return len(parts) >= 2 and all(
        len(part.split()) in (2, 3, 4, 5) and part[0].isupper() and not any(char.isdigit() for char in part)
        for part in parts
        if not part.lower().startswith("et al")
    )


def _without(start: re.Pattern[str], line: str) -> str:
    found = start.match(line)
    return line[found.end() :] if found else line


def read_labels(text: str, *, has_authors: bool) -> Labelled:
    """Return the facts in a description's lines and the lines left over; prose is never taken."""
    found = Labelled()
    lines = text.split("\n") if text else []
    for number, line in enumerate(lines):
        if number == 0 and len(lines) > 1 and line.startswith("by ") and _looks_like_names(line[3:]):  # PLOS
            if not has_authors:
                found.authors.append(line[3:])
            found.dropped.append(line)
            continue
        is_names = number <= 1 and len(lines) > 1 and not has_authors and not found.authors and _looks_like_names(line)
        if is_names:
            found.authors.append(line)
            found.dropped.append(line)
        elif _take(found, line):
            found.dropped.append(line)
        else:
            found.lines.append(line)
    if not found.doi:
        found.doi, only_that = own_doi_in(found.lines)
        found.dropped += only_that
        found.lines = [line for line in found.lines if line not in only_that]
    if found.lines:
        found.lines[0] = _without(_BARE_PREFIX, _without(_PREFIXES, found.lines[0]))
        if any(word in found.lines[-1][-_END_LENGTH:].lower() for word in ("more", "reading")):
            found.lines[-1] = _ENDS.sub("", found.lines[-1]) or found.lines[-1]
        found.lines = [line for line in found.lines if line]
    return found
