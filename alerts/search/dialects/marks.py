"""Marks that the dialects share: references to lines and blocks, proximities, numbers and quotation marks."""

from __future__ import annotations

import re

from alerts.search.problems import Findings
from alerts.search.tree import BlockRef, LineRef

REFERENCE = re.compile(r"#\s?(\d{1,4})(?=$|[\s)\]])")
"""`#4`."""
BLOCK = re.compile(r"#([A-Za-z][\w-]*)(?=$|[\s)\]])")
"""`#uk-filter`."""
ADJ = re.compile(r"adj(\d{0,3})$", re.IGNORECASE)
"""Ovid's `adj`, `adj3`."""
NEAR = re.compile(r"(near|next)/(\d{1,3})$", re.IGNORECASE)
"""`NEAR/3`, `NEXT/2`."""
ONLY_NUMBERS = re.compile(r"[\s()]*\d{1,3}[\s()]*(?:(?:and|or|not)[\s()]*\d{1,3}[\s()]*)+$", re.IGNORECASE)
"""`1 or 2`: a line of a PubMed or plain strategy that can only mean lines."""
_SINGLE_QUOTES = re.compile(r"'(?=\w)(?P<inside>(?:[^'\"()\[\]{}\n]|'(?=\w)){1,200})'(?=$|[\s)\[\],;.:])")


def reference_at(text: str, at: int, end: int) -> LineRef | BlockRef | None:
    """Read `#4` or `#uk-filter` at `at`."""
    found = REFERENCE.match(text, at, end)
    if found:
        return LineRef(int(found.group(1)), *found.span())
    found = BLOCK.match(text, at, end)
    return BlockRef(found.group(1), *found.span()) if found else None


def quoted_at(text: str, at: int, end: int, findings: Findings) -> int:
    """Return where the phrase in single quotation marks that begins at `at` ends, or -1 when there is none."""
    found = _SINGLE_QUOTES.match(text, at, end) if text[at] == "'" else None
    if found is None or " " not in found.group("inside").strip():
        return -1
    findings.add(
        "S077",
        "Single quotation marks are read as quotation marks: the words are a phrase.",
        "Write double ones.",
        start=at,
        end=found.end(),
    )
    return found.end("inside")


def line_meant(written: str, start: int, line: int, findings: Findings, *, said: bool) -> int:
    """Return the line that a number standing alone in line `line` means, outside Ovid; 0 when it is a word.

    `said` when the whole line is numbers, which was reported.
    """
    if not re.fullmatch(r"\d{1,4}", written) or not (said or 0 < int(written) < line):
        return 0
    if not said:
        findings.add(
            "S044",
            f"The number {written} is read as line {int(written)}.",
            f'Write #{int(written)}; for the number itself write "{written}".',
            start=start,
            end=start + len(written),
        )
    return int(written)
