"""The words that matched, as they stand in the record: what a reader sees marked and is told.

Strategies hit word by word: both words of a phrase with a truncated stem, each word of a proximity. What the reader
should see is the piece of text that they make together ("virtual wards", "care closer to home"), once, however many
terms, lines and topics hit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from alerts.compose.stories import Story
from alerts.model.records import Entry, TermHit
from alerts.model.text import cut, one_line

Span = tuple[int, int]

TITLE_FIELDS = frozenset({"title", "ti"})
SUMMARY_FIELDS = frozenset({"summary", "abstract", "ab"})
_FIELD_WORDS = {
    "ti": "title", "ab": "summary", "abstract": "summary", "kw": "keywords", "sh": "headings",
    "publication_types": "publication type",
}  # fmt: skip
_MANY = {"keywords", "headings", "publication_types", "authors", "affiliations"}
_ONE = {"title", "summary", "journal", "language"}
_LONGEST = 80
_BESIDE = re.compile(r"[\s\-‐-–/’']{1,3}")
_NEAR = re.compile(
    r"[\s\-‐/’']{1,3}(?:[^\W_]+|(?!(?:and|or|for|with)\b)[^\W_]+ (?!(?:and|or|for|with)\b)[^\W_]+)[\s\-‐/’']{1,3}",
    re.IGNORECASE,
)
"""One word between two hits, or two that are no conjunction: "care closer to home", not "wards and for teams"."""


def spans(hits: Iterable[TermHit], text: str) -> tuple[Span, ...]:
    """Return the pieces of the stored `text` that `hits` make, in order, none overlapping.

    Hits that overlap or stand side by side are one piece; so are hits of one line of a strategy with a word or
    two and no punctuation between them.
    """
    found: list[tuple[int, int, set[int]]] = []
    for hit in sorted(hits, key=lambda each: (each.start, each.end)):
        if not 0 <= hit.start < hit.end <= len(text):
            continue
        if found:
            first, last, lines = found[-1]
            if _belong(text[last : hit.start], hit.start <= last, hit.line in lines):
                found[-1] = (first, max(last, hit.end), lines | {hit.line})
                continue
        found.append((hit.start, hit.end, {hit.line}))
    return tuple((first, last) for first, last, _ in found)


def _belong(between: str, overlap: bool, same_line: bool) -> bool:
    return overlap or bool(_BESIDE.fullmatch(between)) or (same_line and bool(_NEAR.fullmatch(between)))


def spans_of(story: Story, fields: frozenset[str], text: str) -> tuple[Span, ...]:
    """Return the pieces of one field of a story's record that its topics hit; `text` is the field as stored."""
    return spans((hit for reason in story.reasons for hit in reason.evidence.hits if hit.field in fields), text)


def within(found: Iterable[Span], start: int, text: str) -> tuple[Span, ...]:
    """Return the pieces that lie in `text`, which begins at code point `start` of the field, counted from there."""
    length = len(text) - text.endswith("…")
    return tuple((a - start, b - start) for a, b in found if a >= start and b - start <= length)


def words(story: Story) -> tuple[tuple[str, str], ...]:
    """Return the distinct (words, field) pairs that matched, in reading order, as they stand in the record."""
    groups: dict[tuple[str, int], list[TermHit]] = {}
    for reason in story.reasons:
        for hit in reason.evidence.hits:
            groups.setdefault((_FIELD_WORDS.get(hit.field, hit.field), hit.value), []).append(hit)
    order = {"title": 0, "summary": 1, "keywords": 2, "headings": 3}
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for (field, value), hits in sorted(groups.items(), key=lambda each: (order.get(each[0][0], 9), each[0])):
        text = _stored(story.record.entry, hits[0].field, value)
        pieces = [text[first:last] for first, last in spans(hits, text)] or [hit.term.strip('"*?$') for hit in hits]
        for piece in pieces:
            shown = cut(one_line(piece), _LONGEST)
            pairs.setdefault((shown.casefold(), field), (shown, field))
    return tuple(pairs.values())


def _stored(entry: Entry, field: str, value: int) -> str:
    """Return the stored text of one value of a field, or nothing where evidence names one that is not shown."""
    name = {"ti": "title", "ab": "summary", "abstract": "summary", "kw": "keywords", "sh": "headings"}.get(field, field)
    if name in _ONE:
        return str(getattr(entry, name))
    values: Sequence[str] = getattr(entry, name) if name in _MANY else ()
    return values[value] if value < len(values) else ""


def without(found: Iterable[Span], gone: Span) -> tuple[Span, ...]:
    """Return `found` as it stands once the piece `gone` has been taken out of the text."""
    first, last = gone
    kept = ((a, b) for a, b in found if b <= first or a >= last)
    return tuple((a, b) if b <= first else (a - (last - first), b - (last - first)) for a, b in kept)
