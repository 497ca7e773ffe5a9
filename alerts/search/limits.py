"""Limits: `limit 5 to english language`, `limit 6 to yr="2015 -Current"`, `limit 7 to (humans and "all adult (19 plus
years)")`.
"""

from __future__ import annotations

import re

from alerts.search.dates import read_range
from alerts.search.languages import is_language
from alerts.search.problems import Findings
from alerts.search.tokens import words
from alerts.search.tree import Condition

_DATED = re.compile(r"(?:yr|ed|dt|dp|rd|up|ez|ep|da|dc|em|year)\s*=\s*(?P<range>\"[^\"]*\"|[\w/ :-]+)", re.IGNORECASE)
_LAST = re.compile(
    r"(?:yr\s*=\s*)?\"?\s*last\s+(?:\d+|one|two|three|five|ten)?\s*(?:year|month|week|day)s?\s*\"?"
    r"|latest update|ed\s*=\s*last",
    re.IGNORECASE,
)
MOST_TEXT = 5_000
"""Characters of a limit that are read."""

_HUMANS, _ANIMALS = ("humans", "human"), ("animals", "animal")
_HEADINGS: dict[str, tuple[str, ...]] = {"humans": _HUMANS, "human": _HUMANS, "animals": _ANIMALS, "animal": _ANIMALS}
_HEADINGS |= {"male": ("male",), "female": ("female",)}
_TRIALS = (
    "clinical trial",
    "controlled clinical trial",
    "randomized controlled trial",
    "pragmatic clinical trial",
    "adaptive clinical trial",
    "equivalence trial",
    "clinical trial phase i",
    "clinical trial phase ii",
    "clinical trial phase iii",
    "clinical trial phase iv",
)
_TYPES = {
    "review": ("review", "systematic review"),
    "review articles": ("review", "systematic review"),
    "systematic review": ("systematic review",),
    "systematic reviews": ("systematic review", "meta analysis"),
    "meta analysis": ("meta analysis",),
    "clinical trial all": _TRIALS,
    "randomised controlled trial": ("randomized controlled trial",),
    "guideline": ("guideline", "practice guideline"),
}
_TYPES |= {each: (each,) for each in (*_TRIALS, "practice guideline", "journal article", "letter", "editorial")}
_TYPES |= {each: (each,) for each in ("comment", "case reports", "comparative study", "evaluation study")}
"""Publication types that a limit asks for, as words, and those of a record that meet it."""


def read_limit(text: str, start: int, findings: Findings) -> tuple[tuple[Condition, ...], bool]:
    """Read what follows `limit … to`: its conditions, and whether any of them is enough. `start` is its place."""
    bare = " ".join(text.split())[:MOST_TEXT].rstrip(".")
    inner = bare[1:-1] if bare.startswith("(") and bare.endswith(")") and _one_bracket(bare) else bare
    if not inner.strip():
        findings.add("S018", "This limit says nothing.", "Write what it limits to.", start=start, end=start + len(text))
        return (), False
    any_of = _splits(inner, "or")
    parts = _split(inner, "or" if any_of else "and")
    conditions: list[Condition] = []
    for part in parts:
        sub = part[1:-1] if part.startswith("(") and part.endswith(")") and _one_bracket(part) else part
        conditions.extend(_condition(each) for each in _split(sub, "or" if _splits(sub, "or") else "and"))
    unknown = [each.written for each in conditions if each.kind == "other"]
    known = [each.written for each in conditions if each.kind != "other"]
    if known:
        message = f"The limit to {', '.join(known)} counts as met where a record does not say."
    else:
        message = "Feed items cannot answer this limit: it counts as met."
    if known and unknown:
        message += f" {', '.join(unknown)}: feed items cannot answer; counts as met."
    findings.add("S061", message, "Use limits: in the profile where that fits.", start=start, end=start + len(text))
    for each in conditions:
        if each.kind == "date" and each.last is not None:
            note_past(each.last.isoformat(), each.written, start, start + len(text), findings)
    return tuple(conditions), any_of


def note_past(last: str, written: str, start: int, end: int, findings: Findings) -> None:
    """Warn of a date range that ends: alerts look forward."""
    findings.add(
        "S036",
        f"The dates {written} end on {last}: alerts look forward, and nothing published later will be found.",
        "Leave the end open, or drop the dates.",
        start=start,
        end=end,
    )


def _one_bracket(text: str) -> bool:
    """Tell whether the first bracket of `text` is closed by its last character."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _split(text: str, word: str) -> list[str]:
    """Split at a word that stands outside brackets and quotation marks."""
    parts: list[str] = []
    depth, quoted, begin, at = 0, False, 0, 0
    pattern = re.compile(rf"(?<=[\s)\"]){word}(?=[\s(\"])", re.IGNORECASE)
    cuts = {found.start(): found.end() for found in pattern.finditer(text)}
    while at < len(text):
        char = text[at]
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0 and at in cuts:
                parts.append(text[begin:at])
                at = begin = cuts[at]
                continue
        at += 1
    parts.append(text[begin:])
    return [part.strip() for part in parts if part.strip()]


def _splits(text: str, word: str) -> bool:
    """Tell whether `word` joins conditions of `text`."""
    return len(_split(text, word)) > 1


def _condition(written: str) -> Condition:
    """Read one condition."""
    bare = " ".join(written.strip().strip('"').split())
    lower = bare.casefold()
    dated = _DATED.fullmatch(written.strip())
    if dated and not _LAST.fullmatch(written.strip()):
        span = read_range(dated.group("range"))
        if span is not None:
            return Condition("date", (), written, *span)
    if lower in _HEADINGS:
        return Condition("heading", _HEADINGS[lower], written)
    language = re.sub(r"\s+language$|^(?:la|lg)\s*=\s*", "", lower).strip('" ')
    if is_language(language):
        return Condition("language", (language,), written)
    if lower in {"abstracts", "has abstract", "abstract"}:
        return Condition("abstract", (), written)
    kinds = _TYPES.get(" ".join(words(bare)))
    if kinds is not None:
        return Condition("type", kinds, written)
    return Condition("other", (), written)
