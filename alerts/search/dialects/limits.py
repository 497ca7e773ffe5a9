"""Limits: `limit 5 to english language`, `limit 6 to yr="2015 -Current"`, `limit 7 to (humans and "all adult (19 plus
years)")`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from alerts.search.dialects.dates import read_range
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
_TYPES: dict[str, tuple[str, ...]] = {
    name: (name,)
    for name in str.split(
        "adaptive clinical trial|case reports|clinical conference|clinical study|clinical trial"
        "|clinical trial phase i|clinical trial phase ii|clinical trial phase iii|clinical trial phase iv"
        "|clinical trial protocol|comment|comparative study|controlled clinical trial|dataset|editorial"
        "|equivalence trial|evaluation study|guideline|historical article|interview|journal article|lecture"
        "|letter|meta analysis|multicenter study|news|newspaper article|observational study"
        "|practice guideline|pragmatic clinical trial|preprint|randomized controlled trial|review"
        "|systematic review|validation study|video audio media",
        "|",
    )
}
_TYPES |= {
    "article": ("journal article",),
    "clinical trial all": tuple(name for name in _TYPES if "trial" in name and not name.endswith("protocol")),
    "randomised controlled trial": ("randomized controlled trial",),
    "guideline": ("guideline", "practice guideline"),
    "review": ("review", "systematic review"),
    "review articles": ("review", "systematic review"),
    "reviews": ("review", "systematic review"),
    "systematic reviews": ("systematic review", "meta analysis"),
}
"""Publication types as limits name them, words only, and as records do."""
_REMARK = re.compile(r"\[[^\[\]]{0,500}\]")


def read_limit(text: str, start: int, findings: Findings) -> tuple[tuple[Condition, ...], bool]:
    """Read what follows `limit … to`: its conditions, and whether any of them is enough. `start` is its place."""
    for remark in _REMARK.finditer(text):
        place = start + remark.start(), start + remark.end()
        findings.add("S067", "A remark in brackets is passed over.", start=place[0], end=place[1])
    text = _REMARK.sub(lambda found: " " * len(found.group()), text).rstrip()
    _check_balance(text, start, findings)
    bare = " ".join(text.split())[:MOST_TEXT].rstrip(".")
    inner = bare[1:-1] if bare.startswith("(") and bare.endswith(")") and _one_bracket(bare) else bare
    if not inner.strip():
        findings.add("S018", "This limit says nothing.", "Write what it limits to.", start=start, end=start + len(text))
        return (), False
    if _splits(inner, "or"):
        conditions, any_of = _alternatives(inner)
    else:
        any_of, conditions = False, []
        for part in _split(inner, "and"):
            conditions.extend(_requirements(part))
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


def _requirements(part: str) -> list[Condition]:
    """Read one of several requirements, which may be a bracket of alternatives or of requirements."""
    if not (part.startswith("(") and part.endswith(")") and _one_bracket(part)):
        return [_condition(part)]
    inner = part[1:-1]
    if not _splits(inner, "or"):
        return [_condition(each) for each in _split(inner, "and")]
    conditions, any_of = _alternatives(inner)
    return [replace(conditions[0], written=part)] if not any_of else [Condition("other", (), part)]


def _alternatives(inner: str) -> tuple[list[Condition], bool]:
    """Read alternatives: as one condition with several values where they are alike, else as several; tell which."""
    conditions = [
        Condition("other", (), part) if _splits(part.strip("()"), "and") else _condition(part)
        for part in _split(inner, "or")
    ]
    kinds = {each.kind for each in conditions}
    if len(kinds) == 1 and kinds <= {"language", "type", "heading", "other"}:
        values = tuple(dict.fromkeys(value for each in conditions for value in each.values))
        return [replace(conditions[0], values=values, written=inner.strip())], False
    return conditions, True


def note_past(last: str, written: str, start: int, end: int, findings: Findings) -> None:
    """Warn of a date range that ends: alerts look forward."""
    findings.add(
        "S036",
        f"The dates {written} end on {last}: alerts look forward, and nothing published later will be found.",
        "Leave the end open, or drop the dates.",
        start=start,
        end=end,
    )


def _check_balance(text: str, start: int, findings: Findings) -> None:
    """Report brackets and quotation marks of a limit that are not balanced."""
    opened: list[int] = []
    quote = -1
    for at, char in enumerate(text):
        if char == '"':
            quote = at if quote < 0 else -1
        elif quote < 0 and char == "(":
            opened.append(at)
        elif quote < 0 and char == ")":
            if opened:
                opened.pop()
            else:
                findings.add("S001", "This bracket closes nothing.", "Remove it.", start=start + at, end=start + at + 1)
    for at in opened[:1]:
        findings.add(
            "S001", "This bracket is never closed.", "Close it, or remove it.", start=start + at, end=start + at + 1
        )
    if quote >= 0:
        findings.add(
            "S002",
            "This quotation mark is never closed.",
            "Close it, or remove it.",
            start=start + quote,
            end=start + quote + 1,
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
    bare = " ".join(written.strip().replace('"', " ").split())
    lower = bare.casefold()
    dated = _DATED.fullmatch(written.strip())
    if dated and not _LAST.fullmatch(written.strip()):
        span = read_range(dated.group("range"))
        if span is not None:
            return Condition("date", (), written, *span)
    span = read_range(bare) if bare[:1].isdigit() else None
    if span is not None:
        return Condition("date", (), written, *span)
    if lower in _HEADINGS:
        return Condition("heading", _HEADINGS[lower], written)
    language = re.sub(r"\s+language$|^(?:la|lg)\s*=\s*", "", lower).strip('" ')
    if is_language(language):
        return Condition("language", (language,), written)
    if lower in {"abstracts", "has abstract", "abstract"}:
        return Condition("abstract", (), written)
    publication_type = _TYPES.get(" ".join(words(re.sub(r"^(?:pt|pub(?:lication)? types?)\s*[=:]?", "", lower))))
    if publication_type:
        return Condition("type", publication_type, written)
    return Condition("other", (), written)
