"""Reference files as tables: JSON Lines, a JSON list, and CSV however its columns are separated.

Readers yield (line of the file, named values).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alerts.errors import Problem
from alerts.parse.problems import MOST_LEFT_OUT, NotReferences, left_out
from alerts.parse.references.fields import ABSTRACTS, TITLES, plain_name

_TITLES = {*TITLES, *ABSTRACTS} - {"summary", "t1", "n2"}
_MOST_FIELD = 10_000_000
MOST_LINE = 20_000_000
"""Characters of one line of JSON Lines: a record of more is none."""
_MOST_READINGS = 5
"""How often a table may be read again, as a whole, behind quotation marks that are never closed."""
_UNENDING = "A quotation mark or a cell of this row does not end; the row was left out."


def json_objects(text: str, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the objects of JSON Lines, of one JSON list, or of the list that one object holds."""
    whole = _whole(text)
    if whole is not None:
        for number, each in enumerate(whole, 1):
            if isinstance(each, dict):
                yield number, each
            else:
                left_out(problems, f"Item {number} of the list is no JSON object and was left out.")
        return
    at = number = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line, at, number = text[at:end], end + 1, number + 1
        if not line.strip():
            continue
        if len(line) > MOST_LINE:
            left_out(problems, f"This line has more than {MOST_LINE:,} characters and was left out.", number)
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield number, value
        else:
            left_out(problems, "This line is no JSON object and was left out.", number)


def _whole(text: str) -> Sequence[Any] | None:
    """Return the objects of a text that is one JSON value; None when it is one a line."""
    first = text.lstrip().split("\n", 1)[0].strip()
    if len(first) > MOST_LINE and not first.startswith("["):
        return None
    if not first.startswith("["):
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            if first not in {"{", "{}"} and not first.endswith(("[", ",")):
                return None  # the first line of many, and a bad one
        else:
            return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if first.startswith("["):
            raise NotReferences(f"The JSON cannot be read: {error}.") from error
        return None
    if isinstance(value, dict):
        lists = [each for each in value.values() if isinstance(each, list) and each and isinstance(each[0], dict)]
        return lists[0] if len(lists) == 1 and "title" not in value else [value]
    return value if isinstance(value, list) else None


def csv_rows(text: str, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows of a table with a row of names; comma, semicolon or tab between its columns.

    Excel may put `sep=;` above. A quotation mark that is never closed costs its own line, not the rest of the table.
    """
    lines = list(io.StringIO(text, newline=""))
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].strip().casefold().startswith("sep="):
        first += 1
    head = lines[first] if first < len(lines) else ""
    separator = max(",;\t", key=head.count)
    csv.field_size_limit(_MOST_FIELD)
    rows = _rows(lines, first, separator, problems)
    _, names = next(rows, (0, []))
    if not {plain_name(name) for name in names} & _TITLES:
        raise NotReferences("The file is no reference file, and its first line names no column called title.")
    for line, row in rows:
        if any(cell.strip() for cell in row):
            yield line, dict(zip(names, row, strict=False))


def _rows(lines: list[str], first: int, separator: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of each row.

    Behind a quotation mark that is never closed reading begins anew. Each time may read to the end: beyond a bound each
    line that is left is a row of its own.
    """
    at, spent, restarts = first, 0, 0
    while at < len(lines) and spent <= _MOST_READINGS * len(lines) and restarts < MOST_LEFT_OUT:
        reader = csv.reader((lines[nth] for nth in range(at, len(lines))), delimiter=separator, strict=True)
        begun = at
        while True:
            line = begun + reader.line_num
            try:
                row = next(reader, None)
            except csv.Error as error:
                spent += reader.line_num
                restarts += 1
                at = line + 1
                alone = _alone(lines[line], separator) if "end of data" not in str(error) else None
                if alone is not None:
                    yield line + 1, alone
                else:
                    left_out(problems, _UNENDING, line + 1)
                break
            if row is None:
                return
            if row:
                yield line + 1, row
    for line in range(at, len(lines)):
        if lines[line].count('"') % 2:
            left_out(problems, "A quotation mark of this row does not end; the row was read as it stands.", line + 1)
        yield from ((line + 1, row) for row in csv.reader([lines[line]], delimiter=separator))


def _alone(line: str, separator: str) -> list[str] | None:
    """Return the cells of a row with a stray quotation mark, read leniently; None when it goes on in the next line."""
    if line.count('"') % 2:
        return None
    try:
        return next(csv.reader([line], delimiter=separator), None)
    except csv.Error:
        return None
