"""Terms: what a dialect's reader gathered, as patterns, with what was wrong with it."""

from __future__ import annotations

from typing import TypeAlias

from alerts.search.patterns import letters, patterns_in
from alerts.search.problems import Findings
from alerts.search.tokens import fold_char
from alerts.search.tree import Term

Run: TypeAlias = list[tuple[int, int, bool]]
"""Words and quoted phrases side by side: code points [start, end) of each, and whether quotation marks stand around."""

_COMMON = frozenset(" \t\n-'\",.&+/:;!%@_*$#?()")


def term_of(text: str, run: Run, wildcards: dict[str, str], findings: Findings) -> Term | None:
    """Make one phrase of the words and quoted phrases of `run`; `None` when there is not a letter in it."""
    start, end = run[0][0] - run[0][2], run[-1][1] + run[-1][2]
    words: list[str] = []
    for first, last, _ in run:
        words.extend(patterns_in(text[first:last], wildcards))
    written = " ".join(text[start:end].split())
    for first, last, quoted in run:
        stray = {
            char
            for char in text[first:last]
            if not quoted and not char.isalnum() and char not in _COMMON and ord(char) < 0x2000
        }
        stray = {char for char in stray if char.isprintable() and not _joins(char)}
        if stray:
            findings.add(
                "S075", f"{' '.join(sorted(stray))} is not part of a word and is passed over.", start=first, end=last
            )
    if not words:
        if any(char in wildcards for char in written):
            findings.add(
                "S019",
                f"“{written}” is a wildcard without letters.",
                "Write at least one letter.",
                start=start,
                end=end,
            )
        elif written.strip('"'):
            findings.add("S075", f"“{written}” holds no letter or digit and is passed over.", start=start, end=end)
        else:
            findings.add(
                "S003", "There is nothing between these quotation marks.", "Remove them.", start=start, end=end
            )
        return None
    if any(not letters(word) for word in words):
        findings.add(
            "S019", f"“{written}” has a wildcard without letters.", "Write at least one letter.", start=start, end=end
        )
        words = [word for word in words if letters(word)]
        if not words:
            return None
    return Term(tuple(words), written, start, end, quoted=len(run) == 1 and run[0][2])


def _joins(char: str) -> bool:
    """Tell whether a character is an accent or a format character, which belong to words."""
    return fold_char(char) == ""
