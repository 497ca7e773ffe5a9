"""Which dialect a strategy is written in, from its own marks."""

from __future__ import annotations

import re
from typing import Literal

from alerts.search.dialects.subheadings import CODES as SUBHEADINGS
from alerts.search.dialects.tags import is_ovid_tag, is_pubmed_tag, pubmed_tag

Dialect = Literal["ovid", "pubmed", "plain"]

_TAG = re.compile(r"\[([^\[\]]{1,60})\]")
_SUFFIX = re.compile(r"(?<=[\w)\"*$?])\s?\.([a-z]{2}(?:\s?,\s?[a-z]{2})*)(?:\.|(?=[\s)]|$))", re.IGNORECASE)
_OVID = (
    re.compile(r"\badj\d*\b", re.IGNORECASE),
    re.compile(r"\b(?:or|and)\s?/\s?\d", re.IGNORECASE),
    re.compile(r"\bexp \*?[A-Z\"]", re.IGNORECASE),
    re.compile(r"^[ \t]{0,80}(?:#?\d{1,3}[.)]?[ \t]{1,80})?limit #?\d+ to\b", re.IGNORECASE | re.MULTILINE),
)
_SLASH = re.compile(r"[a-z)\"]/([a-z]{2})?(?=\s|\)|$)(?!\s{0,3}\[)", re.IGNORECASE | re.MULTILINE)
_NUMBERS = re.compile(
    r"^[ \t]{0,80}(?:\d{1,3}[.)][ \t]{1,80})?\(?\d{1,3}(?:\s+(?:and|or|not)\s+\(?\d{1,3}\)?)+\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN = re.compile(
    r"(?<![\w\[\]])(?:(?:ti|ab|kw|mesh\+?|mh\+?)(?:,[a-z]{2}){0,9}:[ \t]{0,3}"
    r"|(?:tiab|title|abstract|keyword|sh|la|dp|jn|au|pt):)(?=[\"(\w*])",
    re.IGNORECASE,
)
_PLAIN_NEAR = re.compile(r"\b(?:NEAR|NEXT)/\d{1,3}\b")
_COCHRANE = re.compile(r"(?<=[\w*\")]):(?:ti|ab|kw)(?:,(?:ti|ab|kw)){0,9}(?=$|[\s)])", re.IGNORECASE | re.MULTILINE)
_HASHES = re.compile(r"(?:^|[\s(])#\d{1,3}(?=$|[\s)])", re.MULTILINE)
_LIKE_A_TAG = re.compile(r"(?<=[\w\")*?$])\[[\w /:,~-]{1,40}\]")


def detect(text: str) -> tuple[Dialect, bool]:
    """Return the dialect of a strategy, and whether that is sure rather than a guess."""
    found: dict[Dialect, int] = {"ovid": _ovid_marks(text)}
    found["pubmed"] = sum(1 for tag in _TAG.finditer(text) if is_pubmed_tag(pubmed_tag(tag.group(1))[0]))
    found["plain"] = len(_PLAIN.findall(text)) + len(_PLAIN_NEAR.findall(text)) + len(_COCHRANE.findall(text))
    best = max(found, key=lambda dialect: found[dialect])
    others = sum(found.values()) - found[best]
    if not found[best]:
        return _without_marks(text)
    return best, (others == 0 if best == "plain" else found[best] >= 2 * others)


def _ovid_marks(text: str) -> int:
    """Count what only Ovid writes: field tags with full stops, adj, headings with a slash, lists of lines, limits."""
    count = sum(len(pattern.findall(text)) for pattern in _OVID)
    count += sum(1 for tag in _SUFFIX.finditer(text) if all(is_ovid_tag(each.strip()) for each in tag[1].split(",")))
    return count + sum(1 for slash in _SLASH.finditer(text) if slash[1] is None or slash[1].casefold() in SUBHEADINGS)


def _without_marks(text: str) -> tuple[Dialect, bool]:
    """Guess for a strategy that has no field tag, heading or proximity at all."""
    if _LIKE_A_TAG.search(text) or len(_HASHES.findall(text)) > 1:
        return "pubmed", False
    if _NUMBERS.search(text) or re.search(r"\w[$]|\w#\w|\w\?\w", text):
        return "ovid", False
    if re.search(r"\b(?:AND|OR|NOT)\b|\"", text) or "\n" not in text.strip():
        mixes = re.search(r"\bOR\b", text) and re.search(r"\bAND\b", text)
        return ("pubmed" if mixes else "plain"), False
    return "ovid", False
