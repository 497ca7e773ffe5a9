"""A server's own words, made safe to keep and to show."""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORDS = 300

_ADDRESS = re.compile(r"[^\s<>@:;,()\"']+@[^\s<>@:;,()\"']+")
_UNPRINTABLE = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")


def one_line(words: str) -> str:
    """Return `words` on one line of printable text, at most 300 characters; they may hold the recipient's address."""
    kept = "".join(" " if unicodedata.category(each) in _UNPRINTABLE else each for each in words[: 4 * LONGEST_WORDS])
    return re.sub(r"\s+", " ", kept).strip()[:LONGEST_WORDS]


def without_addresses(words: str) -> str:
    """Return `words` as they may stand in a log or an alarm: every address replaced by an ellipsis."""
    return _ADDRESS.sub("…", words)
