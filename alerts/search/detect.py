"""Which dialect a strategy is written in, from its own marks."""

from __future__ import annotations

import re
from typing import Literal

from alerts.search.tags import PUBMED_HEADINGS, is_ovid_tag, pubmed_fields

Dialect = Literal["ovid", "pubmed", "plain"]

_TAG = re.compile(r"\[([^\[\]]{1,60})\]")
_SUFFIX = re.compile(r"(?<=[\w)\"*$?])\s?\.([a-z]{2}(?:\s?,\s?[a-z]{2})*)(?:\.|(?=[\s)]|$))", re.IGNORECASE)
_OVID = {
    "suffix": _SUFFIX,
    "adj": re.compile(r"\badj\d*\b", re.IGNORECASE),
    "list": re.compile(r"\b(?:or|and)\s?/\s?\d", re.IGNORECASE),
    "slash": re.compile(r"[a-z)\"]/(?:[a-z]{2})?(?=\s|\)|$)", re.IGNORECASE | re.MULTILINE),
    "exp": re.compile(r"\bexp \*?[A-Z\"]", re.IGNORECASE),
    "limit": re.compile(r"^[ \t]{0,80}(?:#?\d{1,3}[.)]?[ \t]{1,80})?limit #?\d+ to\b", re.IGNORECASE | re.MULTILINE),
}
_NUMBERS = re.compile(
    r"^[ \t]{0,80}(?:\d{1,3}[.)][ \t]{1,80})?\(?\d{1,3}(?:\s+(?:and|or|not)\s+\(?\d{1,3}\)?)+\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN = re.compile(
    r"(?<![\w\]])(?:ti|ab|kw|title|abstract|mesh\+?|la|dp|jn|au|pt)(?:,[a-z]{2})*:(?=[\"(\w])", re.IGNORECASE
)
_PLAIN_NEAR = re.compile(r"\b(?:NEAR|NEXT)/\d+\b")
_HASHES = re.compile(r"#\d+\s+(?:AND|OR|NOT)\s+#\d+", re.IGNORECASE)


def detect(text: str) -> tuple[Dialect, bool]:
    """Return the dialect of a strategy, and whether that is sure rather than a guess."""
    ovid = sum(len(pattern.findall(text)) for name, pattern in _OVID.items() if name != "suffix")
    ovid += sum(
        1 for found in _SUFFIX.finditer(text) if all(is_ovid_tag(tag.strip()) for tag in found.group(1).split(","))
    )
    pubmed = sum(1 for found in _TAG.finditer(text) if _is_pubmed_tag(found.group(1)))
    plain = len(_PLAIN.findall(text)) + len(_PLAIN_NEAR.findall(text))
    best = max(ovid, pubmed, plain)
    if best == 0:
        return _without_marks(text)
    if pubmed == best and pubmed > ovid:
        return "pubmed", pubmed >= 2 * ovid
    if plain == best and plain > ovid and not pubmed:
        return "plain", ovid == 0
    return "ovid", ovid >= 2 * max(pubmed, plain)


def _is_pubmed_tag(written: str) -> bool:
    """Tell whether a square bracket holds one of PubMed's tags."""
    name = " ".join(written.casefold().split()).split(":~", 1)[0].strip()
    return name in PUBMED_HEADINGS or pubmed_fields(name) is not None


def _without_marks(text: str) -> tuple[Dialect, bool]:
    """Guess for a strategy that has no field tag, heading or proximity at all."""
    if _HASHES.search(text):
        return "pubmed", False
    if _NUMBERS.search(text) or re.search(r"\w[$]|\w#\w|\w\?\w", text):
        return "ovid", False
    if re.search(r"\b(?:AND|OR|NOT)\b|\"", text) or "\n" not in text.strip():
        mixes = re.search(r"\bOR\b", text) and re.search(r"\bAND\b", text)
        return ("pubmed" if mixes else "plain"), False
    return "ovid", False
