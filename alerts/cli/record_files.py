"""Files of records that strategies are tried on, read one record after the other; what is wrong in them is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.cli.output import counted, warn
from alerts.cli.strategy_files import read_bytes

if TYPE_CHECKING:
    from alerts.errors import Problem
    from alerts.parse.references import Reference
    from alerts.search import SearchText

BATCH = 2000
"""Records matched at a time: of a large file no more is held as words."""


def each_record(paths: Sequence[Path]) -> Iterator[Reference]:
    """Yield the records of reference files one after the other; what is wrong in them is said on standard error.

    Raises `NotReferences` for a file that holds none. An id that two records have is told: the answer names both by it.
    """
    from alerts.parse.problems import NotReferences
    from alerts.parse.references import each_reference

    seen: set[str] = set()
    twice: dict[str, None] = {}
    for path in paths:
        problems: list[Problem] = []
        try:
            for record in each_reference(read_bytes(path), problems)[1]:
                if record.id in seen:
                    twice.setdefault(record.id)
                seen.add(record.id)
                yield record
        except NotReferences as failure:
            for problem in problems[:3]:
                _tell(problem, path)
            raise NotReferences(f"{path}: {failure.sentence}", remedy=failure.remedy) from failure
        for problem in problems:
            _tell(problem, path)
    if twice:
        shown = ", ".join([*islice(twice, 10), *(["…"] if len(twice) > 10 else [])])
        warn(f"alerts: several records have the same id ({counted(len(twice), 'id')}): {shown}")


def _tell(problem: Problem, path: Path) -> None:
    place = f"{path}:{problem.line}" if problem.line else str(path)
    warn(f"alerts: {place}: {problem.severity}: {problem.code} {problem.message}")


def in_batches(records: Iterator[Reference]) -> Iterator[list[tuple[Reference, SearchText]]]:
    """Yield the records with their words, some at a time."""
    from alerts.search import searchable

    while batch := list(islice(records, BATCH)):
        yield [(each, searchable(each.entry, source_places=each.source_places)) for each in batch]
