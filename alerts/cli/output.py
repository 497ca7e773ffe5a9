"""How commands print: plain lines, JSON on request, progress only where a person is watching."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
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
    """Return `value` as JSON text; dates as ISO 8601, dataclasses as objects."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def say(text: str = "") -> None:
    """Print one line for the person."""
    click.echo(text)


def warn(text: str) -> None:
    """Print one line on standard error."""
    click.echo(text, err=True)


def table(rows: Sequence[Sequence[Any]], heads: Sequence[str]) -> str:
    """Return rows as an aligned plain table, one line each."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max([len(head), *(len(row[n]) for row in cells)]) for n, head in enumerate(heads)]
    lines = [heads, *cells]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


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
