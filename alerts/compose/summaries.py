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

MAIL_SNIPPET = 230
MAIL_FULL = 330
WEB_SNIPPET = 480

ABSTRACT_TYPES = frozenset({"study", "review", "protocol", "preprint", "evaluation"})
"""Types of evidence whose summaries are abstracts, with the answer at the end."""

_STRICTNESS = {"full": 0, "snippet": 1, "none": 2}

_CONCLUSIONS = (
    "conclusions and relevance", "conclusions and implications", "conclusion and relevance",
    "discussion and conclusions", "summary and conclusions", "authors' conclusions",
    "authors’ conclusions", "author's conclusions", "conclusions", "conclusion", "interpretation", "key messages",
)  # fmt: skip
_FINDINGS = ("results and conclusions", "main results", "key findings", "results", "findings", "key results")
_OTHER_HEADINGS = """
    background and aims | background and objectives | background | introduction | context | rationale |
    importance | objectives | objective | aims and objectives | aims | aim | purpose | question | study design |
    design, setting, and participants | design, setting and participants | design | setting | settings |
    participants | patients | population | materials and methods | patients and methods | methods and findings |
    methods and analysis | methods | method | methodology | search methods | selection criteria | data sources |
    data extraction | data synthesis | data collection and analysis | eligibility criteria | intervention |
    interventions | exposures | exposure | main outcomes and measures | main outcome measures |
    main outcome measure | outcome measures | measurements | outcomes | discussion | strengths and limitations |
    limitations | limitation | implications | ethics and dissemination | ethics | funding | registration |
    trial registration number | trial registration | systematic review registration | keywords | significance |
    relevance | copyright
"""
_OTHERS = tuple(" ".join(label.split()) for label in _OTHER_HEADINGS.split("|"))
_LABELS = "|".join(re.escape(label) for label in sorted((*_CONCLUSIONS, *_FINDINGS, *_OTHERS), key=len, reverse=True))
_LABEL = re.compile(
    rf"(?:^|(?<=[\n.?!;)\]])\s{{0,4}})"
    rf"(?:(?P<marked>(?i:{_LABELS}))\s*(?::|\n)|(?P<capital>(?:{_LABELS.upper()}))\b[\s:.–-])\s*",
    re.MULTILINE,
)
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


def parts(text: str) -> dict[str, tuple[int, int]]:
    """Return the parts of a structured abstract by lower-case heading; empty when `text` has no such headings."""
    found = list(_LABEL.finditer(text))
    named: dict[str, tuple[int, int]] = {}
    for at, label in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        name = (label.group("marked") or label.group("capital") or "").casefold()
        named.setdefault(name, _trimmed(text, label.end(), end))
    if len(named) < 2 and not any(name in _CONCLUSIONS for name in named):
        return {}
    return named


def _telling_part(text: str) -> tuple[tuple[int, int], str] | None:
    """Return the conclusions of a structured abstract, else its findings, with a label; `None` if there are none."""
    named = parts(text)
    for names, label in ((_CONCLUSIONS, "Authors’ conclusion"), (_FINDINGS, "Findings")):
        for name in names:
            start, end = named.get(name, (0, 0))
            if end > start:
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


def excerpt(summary: str, *, use: str, snippet: int, full: int, abstract: bool) -> Excerpt:
    """Return what may be shown of `summary` under the rule `use`, in at most about `snippet` or `full` characters.

    `abstract` says that the text is an abstract (see the module's first paragraph). The text is a slice of `summary`,
    with "…" added where a single sentence was too long, so that offsets into `summary` carry over.
    """
    if use == "none" or not summary.strip():
        return Excerpt()
    limit = full if use == "full" else snippet
    start, end = _trimmed(summary, 0, len(summary))
    if end - start <= limit and not parts(summary):
        return Excerpt(summary[start:end], start)
    telling = _telling_part(summary)
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
