"""Lists of lines: the `1-5,7` of `or/1-5,7`."""

from __future__ import annotations

import re

from alerts.search.dialects.source import MOST_LINES
from alerts.search.problems import Findings
from alerts.search.tree import LineRef

MOST_REFERENCES = 20_000
"""References in and/or lists of one strategy: a bound on memory, far above what anyone writes."""


def read_list(ranges: str, start: int, findings: Findings) -> tuple[LineRef, ...]:
    """Return the lines of `1-5,7`, each once; `start` is the place of the list in the strategy."""
    numbers: dict[int, LineRef] = {}
    for found in re.finditer(r"#?(\d+)(?:\s?-\s?#?(\d+))?", ranges):
        first = int(found.group(1))
        last = int(found.group(2) or first)
        place = start + found.start(), start + found.end()
        if last < first or last - first > MOST_LINES:
            findings.add(
                "S020",
                f"The range {found.group()} has no lines.",
                "Write the smaller number first.",
                start=place[0],
                end=place[1],
            )
            continue
        findings.line_references += last - first + 1
        if findings.line_references > MOST_REFERENCES:
            findings.add("S010", "The strategy refers to lines too often.", "Use fewer and/or lists.")
            break
        for number in range(first, last + 1):
            numbers.setdefault(number, LineRef(number, *place))
    return tuple(numbers.values())
