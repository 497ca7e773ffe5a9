"""What somebody really did where YAML can only say that it stumbled: the commonest slips, recognised from the lines."""

from __future__ import annotations

import re

from alerts.errors import Problem

_HEADER = re.compile(r"( *)(?:- +)*([A-Za-z_]+): *([|>][+-]?\d?)? *(?:#.*)?$")
_KEY = re.compile(r"( *)([A-Za-z_][\w -]*):(?: |$)")
_MARKED = re.compile(r" *(?:- +)*([A-Za-z_]+): +([\"'\[{])")
_DOUBLE = re.compile(r'(?:[^"\\]|\\.)*"')
_SINGLE = re.compile(r"(?:[^']|'')*'")
_NO_BLANK = re.compile(r" *(?:- +)*([A-Za-z_]+):((?!//)[^\s:].*)")
_NOT_TEXT = ("#", "- ", "---", "...", "%", "?")


def unindented(lines: list[str], stumbled: int) -> Problem | None:
    """Return a finding when a text below `key: |` loses its indentation on or before line `stumbled` (from 1).

    A strategy is looked for below a bare `search:` too. The line pointed at is the first one that is not indented.
    """
    for number, line in enumerate(lines[:stumbled], start=1):
        header = _HEADER.match(line)
        if header is None or not (header[3] or header[2] in ("search", "note")):
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


def begun_with_a_mark(lines: list[str], stumbled: int) -> Problem | None:
    """Return a finding when a text begins with a quotation mark or bracket, and goes on after its counterpart.

    `note: "Labels" are what it is about`, `note: 'Tis the season` and `note: [Update] see page 4` are slips of people
    who write, not of people who write YAML; it stumbles over them many lines further down.
    """
    at = 0
    while at < min(len(lines), stumbled):
        found = _MARKED.match(lines[at])
        if found is None:
            at += 1
            continue
        opens, begins = found[2], found.end(2)
        last, rest = _after(lines, at, begins, opens)
        if rest is None or (rest.strip() and not rest.lstrip().startswith("#")):
            other = '"' if opens == "'" or '"' not in lines[at] else "'"
            sentence = f"The text of “{found[1]}:” begins with {opens}, and does not end with its counterpart."
            remedy = f"Put the whole text into quotes: {found[1]}: {other}…{other}"
            return Problem("C014", "error", sentence, remedy, line=at + 1, column=begins, length=1)
        at = last + 1
    return None


def _after(lines: list[str], at: int, begins: int, opens: str) -> tuple[int, str | None]:
    """Return the line on which what was opened is closed, and what follows there; `None` where it never is."""
    if opens in "[{":
        closed = lines[at].find({"[": "]", "{": "}"}[opens], begins)
        return at, lines[at][closed + 1 :] if closed >= 0 else ""  # a list over several lines has findings of its own
    inside = _DOUBLE if opens == '"' else _SINGLE
    for number in range(at, len(lines)):
        end = inside.match(lines[number], begins if number == at else 0)
        if end is not None:
            return number, lines[number][end.end() :]
    return len(lines), None


def without_blank(lines: list[str], stumbled: int) -> Problem | None:
    """Return a finding when the line that YAML stumbled over, or the one before, is a key without a blank after it."""
    for number in [n for n in range(stumbled - 1, -1, -1) if n < len(lines) and _says_something(lines[n])][:2]:
        found = _NO_BLANK.match(lines[number])
        if found is not None:
            sentence = f"There is no blank after “{found[1]}:”."
            remedy = f"Write “{found[1]}: {found[2][:40]}”."
            return Problem("C014", "error", sentence, remedy, line=number + 1, column=found.end(1) + 1, length=1)
    return None


def without_key(lines: list[str], stumbled: int) -> Problem | None:
    """Return a finding when the last words before YAML stumbled are no key, but the end of a text above them."""
    said = [n for n in range(min(stumbled, len(lines))) if _says_something(lines[n])]
    alone = next((n for n in reversed(said[-2:]) if not _KEY.match(lines[n].replace("- ", "  "))), None)
    if alone is None or alone == said[0] or lines[alone].lstrip().startswith(_NOT_TEXT):
        return None
    sentence = "This line should have a key and a colon."
    remedy = "If its words go on with the text of the line above, put more spaces before it than that line has."
    column = _indent(lines[alone]) + 1
    return Problem("C014", "error", sentence, remedy, line=alone + 1, column=column, length=len(lines[alone].strip()))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
