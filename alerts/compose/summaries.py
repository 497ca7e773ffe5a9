"""How much of a publisher's own words an item may show, and which of them: two lines that tell what was found.

Abstracts are other people's. Each source says per channel (mail, web) whether its summary may be shown in full, as a
snippet or not at all; where several sources carry a record the strictest of their rules holds, since its text may
have come from any of them. Of a structured abstract (the headings of PubMed, JAMA, BMJ, Cochrane) we show the
conclusions, else the findings; of an unstructured one its last two sentences, where authors say what they found; of a
news item or a guideline's description the first ones, where web editors put the point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from alerts.compose import words

MAIL_SNIPPET = 230
MAIL_FULL = 330
WEB_SNIPPET = 480

ABSTRACT_TYPES = frozenset({"study", "review", "protocol", "preprint", "evaluation"})
"""Types of evidence whose summaries are abstracts, with the answer at the end."""

_STRICTNESS = {"full": 0, "snippet": 1, "none": 2}

_CONCLUSION = re.compile(
    r"(?:(?:authors?|reviewers?)['’]?s?['’]?\s)?(?:main\s|overall\s)?conclusions?(?:\s(?:and|&)\s[a-z ]+)?"
    r"|(?:discussion|summary|interpretation|results)\s(?:and|&)\sconclusions?|summary|interpretation"
    r"|key messages?|main messages?|implications for practice"
)
_FINDINGS = re.compile(
    r"(?:main|key|principal|recent)?\s?(?:results?|findings)(?:\sand\s[a-z ]+)?"
    r"|(?:methods|measurements)\sand\s(?:main\s)?(?:results|findings)"
)
_OTHER_HEADINGS = """
    background and aims | background and objectives | background and purpose | background | introduction | context |
    rationale | importance | objectives | objective | aims and objectives | aims | aim | purpose of review | purpose |
    question | hypothesis | study design | design, setting, and participants | design, setting and participants |
    design and setting | design | settings | setting | subjects | participants | patients | population |
    materials and methods | material and methods | patients and methods | methods and findings | methods and results |
    methods and analysis | review methods | methods | method | methodology | search methods | search strategy |
    study selection | selection criteria | data sources | data extraction | data synthesis | evidence synthesis |
    data collection and analysis | eligibility criteria | interventions | intervention | exposures | exposure |
    main outcomes and measures | main outcome measures | main outcome measure | outcome measures | measurements |
    outcomes | strengths and limitations | limitations | limitation | implications | clinical relevance |
    recommendations | ethics and dissemination | ethics | funding | registration | trial registration number |
    trial registration | systematic review registration | keywords | significance | relevance | copyright
"""
_OTHERS = tuple(re.escape(" ".join(label.split())) for label in _OTHER_HEADINGS.split("|"))
_HEADINGS = "|".join((_CONCLUSION.pattern, _FINDINGS.pattern, *_OTHERS))
_LABEL = re.compile(
    r"(?:^|(?<=[\n.?!;)\],])\s{0,4})(?:abstract\s{0,4})?"
    rf"(?:(?P<marked>(?i:{_HEADINGS}))\s{{0,4}}(?::|\n)"
    r"|(?P<own>(?i:(?:authors?|reviewers?)['’]s?\sconclusions?)),"
    r"|(?P<bare>Background|Introduction|Context|Objectives?|Aims?|Methods?|Results|Findings|Conclusions?|Interpretation|Discussion"
    r"|Public Health Implications|Trial Registration|Importance|Conclusions? and Relevance|Exposures?|Interventions?"
    r"|Design, Setting,? and Participants|Main Outcomes? and Measures?)\.?(?=\s(?:[A-Z][a-z]|[A-Z0-9]\s))"
    r"|(?P<capital>[A-Z][A-Z&/'’-]{2,30}(?:[ ,]{1,2}[A-Z&/'’-]{2,30}){0,5})(?::|\.?\s(?=[A-Z][a-z]|[A-Z]\s)))\s{0,4}",
    re.MULTILINE,
)
"""A heading of a structured abstract: a known one with a colon or on a line of its own, a plain one before a capital
(Crossref's feeds lose the mark-up that set it apart), or any in capitals."""
_CAPITALS = frozenset(" ".join(label.split()) for label in _OTHER_HEADINGS.split("|"))
_TAIL = re.compile(
    r"(?:\[References: ?\d+\]|\(ABSTRACT TRUNCATED[^)]{0,40}\)|\[ABSTRACT FROM AUTHOR\]"
    r"|(?:Copyright|©|\(c\))\s?(?:©\s?)?(?:\d{4}|The Authors?|by)[^\n]{0,200}"
    r"|(?<=[.!?)]\s)(?:PROSPERO|ClinicalTrials?\.gov|ISRCTN ?\d|(?:Systematic [Rr]eview|Trial|Study) [Rr]egistration)"
    r"(?=[^\n]{0,240}\d{3})[^\n]{0,240}|This article is protected by copyright[^\n]{0,60}|(?<=[.!?])\n[^\n.!?\d]{2,40}"
    r"|The post [^\n]{1,300} appeared first on [^\n]{1,100}|Continue reading[^\n]{0,60}|Read more[^\n]{0,20}"
    r"|\(\s?[A-Z][A-Za-z .]{3,60}\. \d{4};[^\n]{0,120}\))\s{0,9}$"
)
_CITATION = re.compile(
    r"(?:NA|N/A|No abstract(?: is)? available\.?)$|Publication date:|Source: |Author\(s\):"
    r"|[^.\n]{3,90}, (?:Volume|Vol\.?) \d+[^\n]{0,120}$"
)
"""Some publishers' feeds put where an article appeared in place of its summary (ScienceDirect, Taylor & Francis)."""
_FIELD = (
    r"(?:journal|source|publication|article (?:number|id)|vol(?:ume|\.)?|issue|pages?|pp\.?|doi|issn|pmid|publisher"
    r"|year|date|published(?: online)?|publication date)\s?:[^\n;]{0,200}|authors?(?:\(s\))?\s?:[^\n]{0,2000}"
)
_FIELDS = re.compile(rf"(?:(?:{_FIELD})(?:[;\n]\s*|$)){{1,12}}$", re.IGNORECASE)
"""Nothing but fields of a reference: "Journal: Annals of Samples; Article number: 10.5555/1" (Crossref relays)."""
_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9])|\n\s*")
_NOT_AN_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|Dr|Mr|Mrs|Ms|Prof|Fig|Figs|No|Nos|Vol|St|approx|ca|incl|Ref|Eq|Inc|Ltd|Co|[A-Z]|U\.[KS]))\.$"
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a summary: its text, where it starts in the stored summary (code points), and what it is."""

    text: str = ""
    start: int = 0
    label: str = ""


def strictest(uses: Iterable[str]) -> str:
    """Return the strictest of several abstract rules ("full", "snippet", "none"); "snippet" where none is given."""
    return max(uses, key=lambda use: _STRICTNESS.get(use, 1), default="snippet")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences of `text` as code point spans, blank ones left out. Line breaks end a sentence."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(text):
        if "\n" not in found.group() and _NOT_AN_END.search(text, max(start, found.start() - 12), found.start() + 1):
            continue
        spans.append((start, found.end()))
        start = found.end()
    spans.append((start, len(text)))
    return [trimmed for first, last in spans if (trimmed := _trimmed(text, first, last))[0] < trimmed[1]]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without white space at either end."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


_CLOSING = re.compile(
    r"(?:(?:the|this|our|your|public|online|draft|open|current) ){0,3}"
    r"(?:(?:consultation|engagement|call|calls|for|evidence|views|comments|survey|inquiry|review|fund|funding|grant"
    r"|applications?|bids?|bidding|competition|expressions? of interest|submissions?|nominations?|registration"
    r"|responses?|feedback|the|to|this|which|and|it|will) ){0,6}"
    r"(?:clos(?:es?|ing)|deadline|ends?|open until|runs? until|respond by|responses? by|reply by|apply by)"
    r"(?: date| is| on| at| for| by| responses?| submissions?| applications?| bids?| views?"
    r"| \d{1,2}[:.]\d\d| \d{1,2} ?[ap]m| midnight| noon| midday| \w+day,?){0,5}:? "
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>{'|'.join(words.MONTHS)}),?(?: (?P<year>\d{{4}}))?"
    r"(?:,? at [\w:. ]{1,12})?[.!]?",
    re.IGNORECASE,
)
"""A sentence that only gives the day on which something closes: "The consultation closes at 5pm on 9 January 2027"."""


def closing_sentence(text: str, closes: date) -> tuple[int, int]:
    """Return the span of the sentence of `text` that only says when something closes, (0, 0) where there is none.

    The span takes the white space before the sentence with it, or that after it at the beginning of the text.
    """
    for first, last in sentences(text):
        found = _CLOSING.fullmatch(text, first, last)
        if found and _is_day(found, closes):
            begin = len(text[:first].rstrip())
            return (begin, last) if begin else (0, len(text) - len(text[last:].lstrip()))
    return 0, 0


def _is_day(found: re.Match[str], closes: date) -> bool:
    month = [each.casefold() for each in words.MONTHS].index(found.group("month").casefold()) + 1
    return (int(found.group("day")), month) == (closes.day, closes.month) and (
        found.group("year") in {None, str(closes.year)}
    )


def parts(text: str) -> dict[str, tuple[int, int]]:
    """Return the parts of a structured abstract by lower-case heading; empty when `text` has no such headings."""
    found = [(label, name) for label in _LABEL.finditer(text) if (name := _heading(label))]
    named: dict[str, tuple[int, int]] = {}
    for at, (label, name) in enumerate(found):
        end = found[at + 1][0].start() if at + 1 < len(found) else len(text)
        named.setdefault(name, _trimmed(text, label.end(), end))
    if len(named) < 2 and not any(_CONCLUSION.fullmatch(name) for name in named):
        return {}
    return named


def _heading(label: re.Match[str]) -> str:
    """Return the lower-case heading that was found, or nothing: capitals without a colon must be a heading we know."""
    name = (
        (label.group("marked") or label.group("own") or label.group("bare") or label.group("capital"))
        .strip()
        .casefold()
    )
    if label.group("capital") and ":" not in label.group():
        known = _CONCLUSION.fullmatch(name) or _FINDINGS.fullmatch(name) or name in _CAPITALS
        return name if known else ""
    return name


def _telling_part(text: str) -> tuple[tuple[int, int], str] | None:
    """Return the conclusions of a structured abstract, else its findings, with a label; `None` if there are none."""
    named = parts(text)
    for heading, label in ((_CONCLUSION, "Authors’ conclusion"), (_FINDINGS, "Findings")):
        for name, (start, end) in reversed(named.items()):
            if end > start and heading.fullmatch(name):
                return (start, end), label
    return None


def _within(text: str, start: int, end: int, limit: int, *, from_the_end: bool = False) -> tuple[int, int, bool]:
    """Return whole sentences of [start, end) that fit `limit`, and whether the last had to be cut inside."""
    spans = [(start + first, start + last) for first, last in sentences(text[start:end])]
    if not spans:
        return start, start, False
    if from_the_end:
        spans = spans[-2:]
        if spans[-1][1] - spans[0][0] > limit:
            spans = spans[-1:]
    first, last = spans[0][0], spans[0][1]
    for _, stop in spans[1:]:
        if stop - first > limit:
            break
        last = stop
    if last - first <= limit + limit // 2:
        return first, last, False
    stop = text.rfind(" ", first, first + limit)
    return first, stop if stop > first else first + limit, True


def _told(summary: str) -> tuple[int, int]:
    """Return the span of a summary that tells something: no notice of copyright, no citation, no advertisement."""
    start, end = _trimmed(summary, 0, len(summary))
    if _CITATION.match(summary, start, end) or _FIELDS.match(summary, start, end):
        return start, start
    tail = _TAIL.search(summary, max(start, end - 500), end)
    return _trimmed(summary, start, tail.start()) if tail else (start, end)


def excerpt(summary: str, *, use: str, snippet: int, full: int, abstract: bool) -> Excerpt:
    """Return what may be shown of `summary` under the rule `use`, in at most about `snippet` or `full` characters.

    `abstract` says that the text is an abstract (see the module's first paragraph). The text is a slice of `summary`,
    with "…" added where a single sentence was too long, so that offsets into `summary` carry over.
    """
    if use == "none" or not summary.strip():
        return Excerpt()
    limit = full if use == "full" else snippet
    start, end = _told(summary)
    if end - start <= limit and not parts(summary):
        return Excerpt(summary[start:end], start)
    telling = _telling_part(summary[:end])
    label = ""
    if telling:
        (start, end), label = telling
    first, last, is_cut = _within(summary, start, end, limit, from_the_end=abstract and not telling)
    text = summary[first:last].rstrip(" ,;:–-") + "…" if is_cut else summary[first:last]
    return Excerpt(text, first, label)


def for_mail(summary: str, use: str, *, abstract: bool) -> Excerpt:
    """Return the two lines that the mail shows."""
    return excerpt(summary, use=use, snippet=MAIL_SNIPPET, full=MAIL_FULL, abstract=abstract)


def for_web(summary: str, use: str, *, abstract: bool) -> Excerpt:
    """Return what the page shows: everything where the source allows it, else a somewhat longer snippet."""
    if use == "full" and summary.strip():
        start, end = _trimmed(summary, 0, len(summary))
        return Excerpt(summary[start:end], start)
    return excerpt(summary, use=use, snippet=WEB_SNIPPET, full=WEB_SNIPPET, abstract=abstract)
