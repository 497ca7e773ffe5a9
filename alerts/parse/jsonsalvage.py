"""A broken JSON Feed, read item by item: a damaged item costs at most itself, a cut-off one keeps what came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_DECODER = json.JSONDecoder(strict=False)
_STRING = r'"(?:[^"\\]|\\.)*"'
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_START = re.compile(r'\{\s*("(?:[^"\\]|\\.){1,60}")\s*:')
_MEMBER = re.compile(
    r'"(id|url|external_url|title|content_html|content_text|summary|date_published|date_modified|language|home_page_url)"'
    rf"\s*:\s*({_STRING}|\d{{1,20}}(?=\s*[,}}]))",
    re.DOTALL,
)
_OF_AN_ITEM = ("id", "content_html", "content_text", "date_published")
"""Members that an item has and no author or attachment inside one."""
_ATTEMPTS = 2_000
"""Failed readings of one body, so that none takes without end."""


class Salvaged(NamedTuple):
    """A JSON Feed put together again, and how many of its items were whole and how many damaged."""

    document: dict[str, Any]
    whole: int
    broken: int


def first_value(text: str) -> Any:
    """Return the JSON value that `text` begins with, whatever follows it; raises `ValueError`."""
    return _DECODER.raw_decode(text)[0]


def _members(piece: str) -> dict[str, Any]:
    """Return the texts that can be read in a damaged piece, the first of each name."""
    found: dict[str, Any] = {}
    for name, raw in _MEMBER.findall(piece):
        try:
            found.setdefault(name, _DECODER.decode(raw))
        except ValueError:
            continue
    return found


def _pieces(text: str, at: int) -> Iterator[dict[str, Any] | str]:
    """Yield each item from `at` on: read whole, or as the text of a damaged one."""
    opening = ""
    damaged = -1
    attempts = 0
    while (start := _START.search(text, at)) is not None and attempts < _ATTEMPTS:
        opening = opening or start.group(1)
        try:
            value, end = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            attempts += 1
            if damaged >= 0 and start.group(1) == opening:
                yield text[damaged : start.start()]
                damaged = start.start()
            damaged = start.start() if damaged < 0 else damaged
            at = start.end()
            continue
        at = end
        if any(name in value for name in _OF_AN_ITEM) or (damaged < 0 and "title" in value):
            if damaged >= 0:
                yield text[damaged : start.start()]
            damaged = -1
            yield value
    if damaged >= 0:
        yield text[damaged:]


def item_by_item(text: str, limit: int) -> Salvaged | None:
    """Return what can be read of a broken JSON Feed, or `None` when it shows no items or is no such feed."""
    begun = _ITEMS.search(text)
    if begun is None and "jsonfeed.org/version" not in text[:2_000]:
        return None
    items: list[dict[str, Any]] = []
    whole = 0
    for piece in _pieces(text, begun.end() if begun else 1):
        read = piece if isinstance(piece, dict) else _members(piece)
        if read:
            items.append(read)
            whole += isinstance(piece, dict)
        if len(items) > limit:
            break
    if not items:
        return None
    return Salvaged({**_members(text[: begun.start()] if begun else ""), "items": items}, whole, len(items) - whole)
