"""The text of a strategy as given, and a copy of equal length that is easier to read.

Word processors and databases leave their marks on a strategy: smart quotation marks, several kinds of dashes and
spaces, a byte-order mark. `readable` replaces each by the plain character of the same length, so that every place
found in the copy is a place in the original. `decode` reads a strategy file whatever program saved it.
"""

from __future__ import annotations

import codecs

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


def decode(body: bytes) -> str:
    """Return the text of a strategy file: UTF-8 or UTF-16 with or without its mark, else Windows-1252.

    Notepad writes all of these. UTF-16 without a mark is told by its zero bytes.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    sample = body[:2000]
    if sample.count(0) > len(sample) // 4:
        return body.decode("utf-16-be" if sample[:1] == b"\x00" else "utf-16-le", errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")
