"""What somebody really did where YAML can only say that it stumbled: the commonest slips, recognised from the lines."""

from __future__ import annotations

import re

from alerts.errors import Problem

_HEADER = re.compile(r"( *)(?:- +)*([A-Za-z_]+): *([|>][+-]?\d?)? *(?:#.*)?$")
_KEY = re.compile(r"( *)([A-Za-z_][\w -]*):(?: |$)")
_NOT_TEXT = ("#", "- ", "---", "...", "%", "?")


def unindented(lines: list[str], stumbled: int) -> Problem | None:
    """Return a finding when a text below `key: |` loses its indentation on or before line `stumbled` (from 1).

    A strategy is looked for below a bare `search:` too. The line pointed at is the first one that is not indented.
    """
    for number, line in enumerate(lines[:stumbled], start=1):
        header = _HEADER.match(line)
        if header is None or not (header[3] or header[2] == "search"):
            continue
        depth = len(header[1])
        below = range(number, min(len(lines), stumbled))
        outside = next((n for n in below if lines[n].strip() and _indent(lines[n]) <= depth), None)
        if outside is None:
            continue
        text = lines[outside]
        if _indent(text) == depth and not _KEY.match(text) and not text.lstrip().startswith(_NOT_TEXT):
            return _unindented(header[2], outside + 1, depth + 1, len(text) - depth)
    return None


def _unindented(key: str, line: int, column: int, length: int) -> Problem:
    what = "strategy" if key == "search" else "text"
    remedy = f"Write “{key}: |” and put two spaces before every line below it"
    if key == "search":
        remedy += "; or save the strategy as a text file beside this one and write search_file: and its name"
    sentence = f"The {what} below “{key}:” is not indented here."
    return Problem("C014", "error", sentence, f"{remedy}.", line=line, column=column, length=length)


def too_deep(lines: list[str], line: int, column: int) -> Problem | None:
    """Return a finding when YAML stumbled over a key (or its colon) that is deeper than a key with a value above it."""
    found = _KEY.match(lines[line - 1]) if line <= len(lines) else None
    above = next((n for n in range(line - 2, -1, -1) if _says_something(lines[n])), None)
    if found is None or above is None or column not in (found.start(2) + 1, found.end(2) + 1):
        return None
    wanted = len(lines[above]) - len(lines[above].lstrip(" -"))
    if found.start(2) <= wanted:
        return None
    if not _KEY.match(lines[above][wanted:]):
        sentence = f"“{found[2]}” cannot be a key here: by its indentation it belongs to the text of line {above + 1}."
        remedy = "Begin it below the key it goes with: keys of one level begin in the same column."
        return Problem("C014", "error", sentence, remedy, line=line, column=found.start(2) + 1, length=len(found[2]))
    sentence = f"“{found[2]}” is indented deeper than line {above + 1}, which has a value already."
    remedy = f"Begin it in column {wanted + 1}, below the key of line {above + 1}."
    return Problem("C014", "error", sentence, remedy, line=line, column=found.start(2) + 1, length=len(found[2]))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
