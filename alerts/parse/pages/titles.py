"""Titles of items on web pages, without what is said about their links and files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alerts.parse import dates, html

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_NEW_WINDOW = re.compile(
    r"[\s–—-]*[(\[]?\s*(?:this )?(?:link )?(?:will )?opens? in (?:a |your )?new (?:tab|window)(?: or window)?"
    r"\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"""\s*[–—,-]?\s*(?:
      [(\[]\s*(?:opens\ )?(?:an?\ )?(?:adobe\ |ms\ |microsoft\ )?(?:pdf|word|excel|powerpoint|docx?|xlsx?|pptx?|
        odt|ods|csv|html)\b[^()\[\]]{0,60}[)\]](?:\s*[\d.,]+\s?[kmg]b)?
    | [(\[]\s*[\d.,]+\s?[kmg]b\b[^()\[\]]{0,40}[)\]]
    | \b(?:pdf|word|excel|docx?|xlsx?|pptx?|odt|ods|csv)\b,?\s*[\d.,]+\s?[kmg]b
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_AT = re.compile(
    r"\d{1,2}(?:[:.]\d\d){1,2}\s*(?:[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|\b(?:mon|tue|wednes|wed|thurs|thu|fri|satur|sat|sun)"
    r"(?:s?day)?\b|\b(?:noon|midday|at|from|to|on|gmt|bst)\b",
    re.IGNORECASE,
)
_LINK_TO = re.compile(
    r"^(?:(?:link to|go to|open|view|read|see|show)\s+)?(?:(?:the\s+)?(?:meeting\s+)?details\s+(?:for|of|about)\s+)?"
    r"(?:the\s+)?",
    re.IGNORECASE,
)
_FEW_LETTERS = 8


def as_title(node: LexborNode) -> str:
    """Return the text of an element as one line, without remarks on the new window or the file that its link opens."""
    line = _NEW_WINDOW.sub("", html.to_line(node.html or "")).strip()
    return _FILE.sub("", line).strip() or (node.attributes.get("aria-label") or "").strip()


def is_only_a_day(title: str) -> bool:
    """Tell whether a title is a date and a time of day and nothing else, as meetings are listed."""
    day = dates.found_in(title[:80]) if len(title) <= 80 else ""
    return bool(day) and not any(each.isalpha() for each in _AT.sub(" ", title.replace(day, " ", 1)))


def with_subject(day: str, anchor: LexborNode | None, subject: str) -> str:
    """Return a title that says what the day is of: by what the link says of itself, else by what the page is about."""
    told = html.to_line((anchor.attributes.get("title") or "") if anchor is not None else "", 300)
    said = _LINK_TO.sub("", told)
    if not is_only_a_day(said) and sum(each.isalpha() for each in said) >= _FEW_LETTERS and dates.found_in(said):
        return said[0].upper() + said[1:]
    return f"{subject}: {day}" if subject else day
