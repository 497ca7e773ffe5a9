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


def tell_problems(problems: Iterable[Problem]) -> tuple[int, int]:
    """Print every problem with its place and remedy, one that stands in several files once; return errors, warnings."""
    errors = warnings = 0
    alike: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        errors += problem.severity == "error"
        warnings += problem.severity == "warning"
        alike.setdefault((problem.code, problem.message), []).append(problem)
    for group in alike.values():
        first = group[0]
        place = ":".join(str(part) for part in (first.file, first.line, first.column) if part) or "configuration"
        more = f" and {len(group) - 1} more places" if len(group) > 1 else ""
        say(f"{place}{more}: {first.severity}: {first.code} {first.message}")
        if first.remedy:
            say(f"    {first.remedy}")
    return errors, warnings
