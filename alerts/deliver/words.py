"""A server's own words, made safe to keep and to show."""

from __future__ import annotations

import re

from alerts.model.text import cut, one_line

LONGEST_WORDS = 300

_ADDRESS = re.compile(r"[^\s<>@:;,()\"']+@[^\s<>@:;,()\"']+")


def kept_words(words: str) -> str:
    """Return `words` on one line, at most 300 characters; they may hold the recipient's address."""
    return cut(one_line(words[: 4 * LONGEST_WORDS]), LONGEST_WORDS)


def without_addresses(words: str) -> str:
    """Return `words` as they may stand in a log or an alarm: every address replaced by an ellipsis."""
    return _ADDRESS.sub("…", words)
