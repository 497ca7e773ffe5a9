"""Ovid's field tags where they stand: `.ti,ab.` after a term, told from a full stop inside one."""

from __future__ import annotations

import re

from alerts.search.dialects.tags import is_ovid_tag
from alerts.search.problems import Findings

_TAG = "(?:[A-Za-z]_)?[A-Za-z]{2,9}"
_TAGS = rf"({_TAG}(?:\s{{0,3}}[,;]\s{{0,3}}{_TAG}){{0,40}})"
_SUFFIX = re.compile(rf"\.{_TAGS}(\.?)")
_APART = re.compile(rf"\.\s{{1,2}}{_TAGS}(\.?)")
_IN_BRACKETS = re.compile(r"\.\(([A-Za-z]{2}(?:,[A-Za-z]{2}){0,40}|sa_year)\)(\.?)")
_MORE_TAGS = re.compile(r"\s{0,3}([A-Za-z]{2})\s{0,3}\.?(?=$|[\s)\]])")
_LAST_TAG = re.compile(r"\s{1,3}([A-Za-z]{2})\.(?=$|[\s)\]])")
_AFTER_SUFFIX = re.compile(r"$|[\s)\]\[},;/(]")
_FREQUENCY = re.compile(r"\s{0,3}/\s?freq\s?=\s?\d{1,3}", re.IGNORECASE)
MOST_TAGS = 60
_WORDS = frozenset({"or", "is", "in", "do", "as", "an", "no", "so", "be", "go", "if", "on", "id"})
"""Tags that are words as well: without a full stop of their own they are taken as words."""


def suffix_at(text: str, at: int, end: int) -> tuple[list[str], int] | None:
    """Return the tags of a field suffix at `at` and where it ends, or `None` when the full stop is just that."""
    found = _SUFFIX.match(text, at, end)
    if found is None:
        return _odd_suffix(text, at, end)
    tags = _names(found.group(1))
    known = [is_ovid_tag(tag) for tag in tags]
    bounded = _is_bounded(text, found.end(), end)
    if all(known) and (bounded or found.group(2)):
        return tags, found.end()
    if not bounded:
        return None
    short = all(len(tag) == 2 for tag in tags)
    if any(known) or (found.group(2) and (short or len(tags) == 1)) or (short and found.end() >= end):
        return tags, found.end()
    return None


def _odd_suffix(text: str, at: int, end: int) -> tuple[list[str], int] | None:
    """Read `. ti,ab.`, with a space that does not belong there, and `.(ed).`, as Ovid shows some limits."""
    found = _APART.match(text, at, end) or _IN_BRACKETS.match(text, at, end)
    if found is None or not _is_bounded(text, found.end(), end):
        return None
    tags = _names(found.group(1))
    if not all(is_ovid_tag(tag) for tag in tags):
        return None
    if not found.group(2) and text[at + 1] != "(" and any(tag.casefold() in _WORDS for tag in tags):
        return None
    return tags, found.end()


def _names(written: str) -> list[str]:
    """Return the single tags of `ti, ab`."""
    return [tag.strip() for tag in re.split("[,;]", written)]


def _is_bounded(text: str, at: int, end: int) -> bool:
    """Tell whether what ends at `at` is followed by nothing that belongs to it."""
    return at >= end or _AFTER_SUFFIX.match(text[at]) is not None


def more_tags(text: str, tags: list[str], at: int, end: int) -> tuple[list[str], int]:
    """Take in the rest of `.ti. ab .` and `.ti ab.`, which are `.ti,ab.` badly written; return all tags and where they
    end.
    """
    while at < end and len(tags) < MOST_TAGS:
        more = (_MORE_TAGS if text[at - 1] == "." else _LAST_TAG).match(text, at, end)
        if more is None or not is_ovid_tag(more.group(1)) or more.group(1).casefold() in _WORDS:
            break
        tags, at = [*tags, more.group(1)], more.end()
        if text[at - 1] != ".":
            after = at
            while after < end and text[after] == " ":
                after += 1
            at = after + 1 if after < end and text[after] == "." else at
    return tags, at


def read_suffix(text: str, at: int, end: int, findings: Findings) -> tuple[list[str], int] | None:
    """Return the tags of a field suffix at `at` and where it ends, however it is written; say what was odd."""
    found = suffix_at(text, at, end)
    if found is None:
        return None
    tags, after = more_tags(text, found[0], found[1], end)
    if after > found[1] or ";" in text[at:after] or text[at + 1].isspace():
        findings.add("S046", f"Read as .{','.join(tags)}.", f"Write .{','.join(tags)}.", start=at, end=after)
    return tags, after


def skip_frequency(text: str, at: int, end: int, findings: Findings) -> int:
    """Return where the text goes on after `/freq=2`, which is passed over."""
    found = _FREQUENCY.match(text, at, end)
    if found is None:
        return at
    findings.add(
        "S081",
        "How often a word occurs is not counted: searched without it, which is broader.",
        start=found.end() - len(found.group().lstrip()),
        end=found.end(),
    )
    return found.end()
