"""The text of a strategy as given, and a copy of equal length that is easier to read.

Word processors and databases leave their marks on a strategy: smart quotation marks, several kinds of dashes and
spaces, a byte-order mark. `readable` replaces each by the plain character of the same length, so that every place
found in the copy is a place in the original.
"""

from __future__ import annotations

_PLAIN = {
    '"': "“”„‟«»″＂〝〞❝❞",
    "'": "‘’‚‛′´＇",
    "-": "‐‑‒–—―−－﹣",
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\ufeff\x0b\x0c\x00",
    "\n": "\u2028\u2029\x85",
    "(": "（",
    ")": "）",
    "[": "［",
    "]": "］",
    "*": "＊∗",
    "#": "＃",
    ":": "：",
    "/": "／⁄∕",
    ",": "，",
    "$": "＄",
    "?": "？",
}
_TABLE = {ord(odd): plain for plain, odds in _PLAIN.items() for odd in odds}

MOST_CHARACTERS = 200_000
MOST_LINES = 500
MOST_LINES_OF_TEXT = 10_000
"""Lines of text that have anything in them: the lines of a strategy, however they are wrapped."""


def readable(text: str) -> str:
    """Return `text` with typographic characters replaced one by one; the length stays the same."""
    return text.replace("\r\n", " \n").replace("\r", "\n").translate(_TABLE)
