"""Text on one line, harmless wherever a line is wanted: a heading, a header (SAFETY 21 and 29); and words."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNWANTED = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_STACKED = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_JOINERS = "\u200d\ufe0e\ufe0f"
_BETWEEN = {code: " " for code in range(128) if not chr(code).isalnum()}


def unstacked(text: str) -> str:
    """Return `text` with at most four accents on a letter: no language has more, and a pile of them breaks a page."""
    return _STACKED.sub(r"\1", text)


def one_line(text: str) -> str:
    """Return `text` on one line: no control characters, no marks that turn its direction, no unpaired
    surrogates, no piles of accents.
    """
    return unstacked(_BREAKS.sub(" ", _UNWANTED.sub("", text)).strip())


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, cut between words where there are any, and marked "…"."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if " " in head[limit // 2 :] and not text[limit - 1].isspace():
        head = head[: head.rindex(" ")]
    return head.rstrip(f" ,;:.-–—({_JOINERS}") + "…"


def ascii_words(text: str) -> list[str]:
    """Return the words of ASCII text, letters and digits in lower case; a third of the time that `[^\\W_]+` takes."""
    return text.lower().translate(_BETWEEN).split()
