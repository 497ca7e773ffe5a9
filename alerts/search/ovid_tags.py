"""Ovid's field tags where they stand: `.ti,ab.` after a term, told from a full stop inside one."""

from __future__ import annotations

import re

from alerts.search.tags import is_ovid_tag

_SUFFIX = re.compile(r"\.([A-Za-z]{2,9}(?:\s{0,3},\s{0,3}[A-Za-z]{2,9}){0,40})(\.?)")
_MORE_TAGS = re.compile(r"\s{0,3}([A-Za-z]{2})\s{0,3}\.?(?=$|[\s)\]])")
_AFTER_SUFFIX = re.compile(r"$|[\s)\]\[},;/(]")
_WORDS = frozenset({"or", "is", "in", "do", "as"})
"""Tags that are words as well: after a complete tag they are taken as words."""


def suffix_at(text: str, at: int, end: int) -> tuple[list[str], int] | None:
    """Return the tags of a field suffix at `at` and where it ends, or `None` when the full stop is just that."""
    found = _SUFFIX.match(text, at, end)
    if found is None:
        return None
    tags = [tag.strip() for tag in found.group(1).split(",")]
    known = [is_ovid_tag(tag) for tag in tags]
    bounded = found.end() >= end or _AFTER_SUFFIX.match(text[found.end()]) is not None
    if all(known) and (bounded or found.group(2)):
        return tags, found.end()
    if not bounded:
        return None
    short = all(len(tag) == 2 for tag in tags)
    if any(known) or (found.group(2) and (short or len(tags) == 1)) or (short and found.end() >= end):
        return tags, found.end()
    return None


def more_tags(text: str, tags: list[str], at: int, end: int) -> tuple[list[str], int]:
    """Take in the rest of `.ti. ab .`, which is `.ti,ab.` badly written; return all tags and where they end."""
    while text[at - 1] == "." and at < end:
        more = _MORE_TAGS.match(text, at, end)
        if more is None or not is_ovid_tag(more.group(1)) or more.group(1).casefold() in _WORDS:
            break
        tags, at = [*tags, more.group(1)], more.end()
        if text[at - 1] != ".":
            after = at
            while after < end and text[after] == " ":
                after += 1
            at = after + 1 if after < end and text[after] == "." else at
    return tags, at
