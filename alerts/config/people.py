"""people.csv: who reads what, as a spreadsheet leaves it.

Columns are found by their headings in any order and case; commas, semicolons or tabs part them; UTF-8 with or without a
byte-order mark, UTF-16 and Windows-1252 are read. Empty rows, rows of `;;;` and spaces round values are the debris of
spreadsheets and pass unsaid. Everything else that cannot be used is said with its line, and costs only its row.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from alerts.config.files import read_text
from alerts.config.mailboxes import read_mailbox
from alerts.config.nearest import did_you_mean
from alerts.errors import Problem
from alerts.model import addresses
from alerts.model.bulletins import Person

MAX_BYTES = 10_000_000
"""Largest list of people, in bytes."""

State = Literal["read", "missing", "broken", "empty", "none"]

_COLUMNS = {
    "address": {"address", "email", "e-mail", "mail", "email address", "e-mail address"},
    "name": {"name", "full name"},
    "teams": {"teams", "team"},
    "kind": {"kind"},
}


@dataclass(frozen=True, slots=True)
class PeopleRead:
    """The list as read; `people` is empty unless `state` is "read"."""

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]
    state: State


def read_people(path: Path) -> PeopleRead:
    """Read the list of people at `path`."""
    shown = str(path)
    if not os.path.lexists(path):
        remedy = "Put people.csv there: a heading address,name,teams,kind and a line for each reader."
        return _unread("missing", "C050", "warning", "The list of people is not there.", remedy, shown)
    text, problem = read_text(path, shown, MAX_BYTES)
    if text is None:
        return PeopleRead((), (problem,) if problem else (), "broken")
    # Excel saves CSV as Windows-1252 unless told otherwise; names read that way are right, so nothing is said.
    return read_rows(text, shown)


def _unread(
    state: State, code: str, severity: Literal["error", "warning"], sentence: str, remedy: str, shown: str
) -> PeopleRead:
    return PeopleRead((), (Problem(code, severity, sentence, remedy, file=shown),), state)


def read_rows(text: str, shown: str) -> PeopleRead:
    """Read the text of a list of people."""
    try:
        rows = list(_rows(text))
    except _Swallowed as swallowed:
        sentence = "A quotation mark is opened here and not closed: lines after it cannot be told apart."
        remedy = "Close it, or take it away. Until then the list stays as it last was."
        return PeopleRead((), (Problem("C057", "error", sentence, remedy, shown, swallowed.line, 1),), "broken")
    if not rows:
        return _unread("empty", "C056", "warning", "The list of people is empty.", "Add a line for each reader.", shown)
    heading, *listed = rows
    columns = {name: at for at, cell in enumerate(heading[1]) if (name := _column(cell))}
    if "address" not in columns or "teams" not in columns:
        missing = "address" if "address" not in columns else "teams"
        remedy = "The first line should be: address,name,teams,kind."
        problem = Problem(
            "C051", "error", f"The column “{missing}” is missing.", remedy, file=shown, line=heading[0], column=1
        )
        return PeopleRead((), (problem,), "broken")
    return _read_people(listed, columns, shown)


class _Swallowed(Exception):
    """A quotation mark swallows lines from `line` on; never leaves this module."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every row that has something in it; the separator is that of the first such row."""
    first = next((line for line in text.split("\n") if line.strip(" \t,;\ufeff")), "")
    if not first:
        return
    separator = max(",;\t", key=lambda each: _outside_quotes(first, each))
    if first.lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        separator = first.strip()[4]
        text = text.replace(first, "", 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _Swallowed(line) from None
        # A stray quote that a later one closes would take whole lines, readers and all, into one cell.
        if any("@" in cell.partition("\n")[2] for cell in cells):
            raise _Swallowed(line)
        if any(cell.strip() for cell in cells):
            yield line, [_clean(cell) for cell in cells]
        line = reader.line_num + 1


def _outside_quotes(line: str, separator: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(separator)


def _clean(cell: str) -> str:
    """Return a cell without the spaces, quotes and invisible characters that spreadsheets and mail programs leave."""
    return re.sub(r"[\ufeff\u200b-\u200d\u2060\u00ad]", "", cell.replace("\u00a0", " ")).strip().strip("'").strip()


def _column(cell: str) -> str:
    wanted = cell.strip().casefold()
    return next((name for name, names in _COLUMNS.items() if wanted in names), "")


def _read_people(rows: Iterable[tuple[int, list[str]]], columns: dict[str, int], shown: str) -> PeopleRead:
    people: dict[str, Person] = {}
    problems: list[Problem] = []
    for line, cells in rows:
        cell = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        read = _person(cell, line)
        if isinstance(read, Problem):
            problems.append(replace(read, file=shown, line=line, column=1))
            continue
        key = addresses.key(read.address)
        if key in people:
            first = people[key]
            sentence = f"This address is also in line {first.line}; the two lines were taken together."
            problems.append(
                Problem("C053", "warning", sentence, "Keep one line with all teams.", file=shown, line=line, column=1)
            )
            read = replace(first, name=first.name or read.name, teams=tuple(dict.fromkeys((*first.teams, *read.teams))))
        people[key] = read
    if not people and not problems:
        return _unread("empty", "C056", "warning", "The list of people is empty.", "Add a line for each reader.", shown)
    return PeopleRead(tuple(people.values()), tuple(problems), "read" if people else "broken")


def _person(cell: dict[str, str], line: int) -> Person | Problem:
    """Return the reader of one row, or why there is none. Problems name the line, never the address (logs carry
    them).
    """
    mailbox = read_mailbox(cell["address"].removeprefix("mailto:"))
    if mailbox is None:
        return Problem("C052", "error", "The address cannot be used.", _address_remedy(cell["address"]))
    kind = cell.get("kind", "").casefold() or "person"
    if kind not in {"person", "list"}:
        return Problem(
            "C055", "error", f"“{kind}” is neither person nor list.", "Write person, or list for a distribution list."
        )
    teams = tuple(dict.fromkeys(each.strip() for each in re.split(r"[;,|]", cell["teams"]) if each.strip()))
    if not teams:
        return Problem("C054", "error", "The person is in no team.", "Write the ids of teams, with ; between them.")
    name = cell.get("name", "") or mailbox.name
    return Person(mailbox.address, _plain_name(name), teams, "list" if kind == "list" else "person", line)


def _plain_name(name: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", " ", name).split())[:200]


def _address_remedy(written: str) -> str:
    if not written:
        return "Write an address in the first column, or delete the line."
    if re.search(r"[;,\s]", written):
        return "Write one address on each line."
    return "Write one plain address, such as reader@example.nhs.uk."


def check_teams(
    listed: PeopleRead, known: Collection[str], broken: Collection[str], shown: str
) -> tuple[tuple[Person, ...], list[Problem]]:
    """Return the people with the teams that exist, and what is said of the others.

    A team whose file cannot be used at present is kept: the person is not to lose a subscription by a slip elsewhere.
    """
    people: list[Person] = []
    problems: list[Problem] = []
    for person in listed.people:
        teams = []
        for name in person.teams:
            if name in known or name in broken:
                teams.append(name)
                continue
            remedy = did_you_mean(name, known, "Use the name of a file of teams/, without .yaml.")
            problems.append(
                Problem("C054", "error", f"There is no team “{name}”.", remedy, file=shown, line=person.line, column=1)
            )
        people.append(replace(person, teams=tuple(teams)))
    return tuple(people), problems
