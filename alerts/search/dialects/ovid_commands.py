"""Ovid's commands, each a line of its own: limits, the removal of duplicates, records kept by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

from alerts.search.dialects.limits import read_limit
from alerts.search.problems import Findings
from alerts.search.tree import Limit, LineRef, Node

_LIMIT = re.compile(
    r"\s*limit\s+(?P<what>#?\d{1,4}(?:\s+(?:and|or|not)\s+#?\d{1,4}){0,100}|\([\s#\d()andort]{1,2000}\))\s+to\b\s*"
    r"(?P<conditions>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_LIMIT_INSIDE = re.compile(r"limit\s{1,9}[(#\s]{0,9}\d{1,4}\b[\s#\d()andort]{0,200}\bto\b", re.IGNORECASE)
_DUPLICATES = re.compile(
    r"\s*(?:remove duplicates from|dedup(?:licate)?(?: from)?|rem dup from)\s+#?(\d{1,4})\s*\.?\s*$", re.IGNORECASE
)
_KEEP = re.compile(r"\s*from\s+#?(\d{1,4})\s+keep\s+[\d\s,-]+$", re.IGNORECASE)


def read_command(
    text: str, start: int, end: int, findings: Findings, read: Callable[[int, int], Node | None]
) -> Node | None:
    """Read the line [start, end) of `text` if it is a command, else return `None`. `read` reads an expression."""
    line = text[start:end]
    begin, end = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
    found = _DUPLICATES.match(line)
    if found:
        findings.add("S069", "Duplicates are removed by the service anyway.", start=begin, end=end)
        return LineRef(int(found.group(1)), start + found.start(1), start + found.end(1))
    found = _KEEP.match(line)
    if found:
        findings.add(
            "S061",
            "Records picked by hand cannot be told on feed items: all of the line are kept.",
            start=begin,
            end=end,
        )
        return LineRef(int(found.group(1)), start + found.start(1), start + found.end(1))
    found = _LIMIT.match(line)
    if not found:
        return None
    child = read(start + found.start("what"), start + found.end("what"))
    if child is None:
        return None
    if not found.group("conditions").strip():
        findings.add("S018", "This limit says nothing.", "Write what it limits to.", start=begin, end=end)
        return child
    conditions, any_of = read_limit(found.group("conditions"), start + found.start("conditions"), findings)
    return Limit(child, conditions, any_of, begin, end) if conditions else child


def limit_inside(text: str, at: int, end: int, findings: Findings) -> None:
    """Report `limit 1 to …` at `at` inside an expression, where it would be read as words."""
    found = _LIMIT_INSIDE.match(text, at, end)
    if found:
        findings.add(
            "S018",
            "A limit cannot be part of a line.",
            "Write the limit as a line of its own, and refer to it by its number.",
            start=at,
            end=found.end(),
        )
