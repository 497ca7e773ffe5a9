"""How commands print: plain lines, JSON on request, progress only where a person is watching."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any

import click

from alerts.errors import Problem


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def as_json(value: object, *, indent: int | None = 2) -> str:
    """Return `value` as JSON text; dates as ISO 8601, dataclasses as objects, halves of letters as `\\ud800`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return _HALF.sub(lambda half: f"\\u{ord(half.group()):04x}", text)


_HALF = re.compile("[\ud800-\udfff]")
"""Halves of letters, which JSON can spell (`\\ud800`) and no encoding can write."""


def say(text: str = "") -> None:
    """Print one line for the person."""
    click.echo(_HALF.sub("\ufffd", text))


def warn(text: str) -> None:
    """Print one line on standard error."""
    click.echo(_HALF.sub("\ufffd", text), err=True)


def is_terminal() -> bool:
    """Tell whether a person watches the output."""
    return sys.stdout.isatty()


def folded(text: str, indent: str = "", *, first: str | None = None) -> str:
    """Return a sentence in lines that fit the terminal, each indented; in one line where no terminal is."""
    first = indent if first is None else first
    if not is_terminal():
        return first + text
    wide = max(shutil.get_terminal_size().columns, 40)
    return textwrap.fill(text, wide, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False) or first


def table(
    rows: Sequence[Sequence[Any]], heads: Sequence[str], *, wide: int | None = None, right: Collection[int] = ()
) -> str:
    """Return rows as an aligned plain table, one line each.

    On a terminal the column `wide` is folded until a row fits; the columns `right` are aligned to the right.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max([len(head), *(len(row[n]) for row in cells)]) for n, head in enumerate(heads)]
    lines = [list(heads), *cells]
    if wide is not None and is_terminal():
        room = shutil.get_terminal_size().columns - sum(widths) - 2 * (len(widths) - 1) + widths[wide]
        widths[wide] = min(widths[wide], max(room, 20))
        lines = [part for line in lines for part in _folded_row(line, wide, widths[wide])]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if n in right else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _folded_row(row: list[str], wide: int, width: int) -> list[list[str]]:
    """Return a row as several, with its wide cell folded."""
    parts = textwrap.wrap(row[wide], width, break_on_hyphens=False) or [""]
    return [
        [part if n == wide else cell if nth == 0 else "" for n, cell in enumerate(row)]
        for nth, part in enumerate(parts)
    ]


def counted(number: int, one: str, several: str = "") -> str:
    """Return `1 error`, `2 errors`; `several` where an s does not do."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def tell_problems(problems: Iterable[Problem]) -> tuple[int, int]:
    """Print every problem with its place and remedy; return how many errors and warnings there are.

    Each error and warning has a line of its own; those that say the same stand together, with one remedy. A note that
    stands in several files is printed once.
    """
    errors = warnings = 0
    alike: dict[tuple[str, str, str, str], list[Problem]] = {}
    for problem in problems:
        errors += problem.severity == "error"
        warnings += problem.severity == "warning"
        alike.setdefault((problem.severity, problem.code, problem.message, problem.remedy), []).append(problem)
    for group in alike.values():
        first = group[0]
        more = ""
        if first.severity == "note" and len(group) > 1:
            more = f" and {counted(len(group) - 1, 'more place')}"
            group = group[:1]
        for problem in group:
            say(f"{_place(problem)}{more}: {problem.severity}: {problem.code} {problem.message}")
        if first.remedy:
            say(f"    {first.remedy}")
    return errors, warnings


def _place(problem: Problem) -> str:
    return ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part) or "configuration"
