"""Files of records that strategies are tried on, read one record after the other; what is wrong in them is told."""

from __future__ import annotations

from collections import Counter
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
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for path in paths:
        for record in _each_of(path):
            if record.id in seen:
                twice.setdefault(record.id)
            seen.add(record.id)
            yield record
    if twice:
        shown = ", ".join([*islice(twice, 10), *(["…"] if len(twice) > 10 else [])])
        warn(f"alerts: several records have the same id ({counted(len(twice), 'id')}): {shown}")


def named_records(paths: Sequence[Path]) -> list[tuple[str | int, Reference]]:
    """Return the records of reference files, each with a name that no other has.

    That is its id in the file (`id`, `record_id`, `pmid` …), else the line where it begins. An id that is there twice
    gets its line too; with several files, all get the name of their file as soon as two files use one id.
    """
    files = [(path, _named(list(_each_of(path)))) for path in paths]
    several = Counter(str(name) for _, named in files for name in {name for name, _ in named})
    if all(times == 1 for times in several.values()):
        return [pair for _, named in files for pair in named]
    short = Counter(path.name for path, _ in files)
    found: list[tuple[str | int, Reference]] = []
    for nth, (path, named) in enumerate(files, 1):
        file = path.name if short[path.name] == 1 else str(path) if len(set(paths)) == len(paths) else f"{nth}:{path}"
        found += [(f"{file}:{name}", record) for name, record in named]
    return found


def _named(records: list[Reference]) -> list[tuple[str | int, Reference]]:
    """Return the records of one file by the first kind of id of which no two are alike."""
    kinds = [kind for kind in _kinds_of_ids() if any(kind in record.own_ids for record in records)]
    kind = next((each for each in kinds if _all_differ(records, each)), kinds[0] if kinds else "")
    named = [(record.own_ids.get(kind), record.line or nth, record) for nth, record in enumerate(records, 1)]
    times = Counter(str(name) for name, _, _ in named if name is not None)
    return [
        (
            line
            if not kind
            else f"line {line}"
            if name is None
            else name
            if times[str(name)] == 1
            else f"{name} (line {line})",
            record,
        )
        for name, line, record in named
    ]


def _kinds_of_ids() -> Sequence[str]:
    from alerts.parse.references.fields import IDS

    return IDS


def _all_differ(records: Sequence[Reference], kind: str) -> bool:
    values = [str(record.own_ids[kind]) for record in records if kind in record.own_ids]
    return len(values) == len(set(values))


def _each_of(path: Path) -> Iterator[Reference]:
    from alerts.parse.problems import NotReferences
    from alerts.parse.references import each_reference

    problems: list[Problem] = []
    try:
        yield from each_reference(read_bytes(path), problems)[1]
    except NotReferences as failure:
        for problem in problems[:3]:
            _tell(problem, path)
        raise NotReferences(f"{path}: {failure.sentence}", remedy=failure.remedy) from failure
    for problem in problems:
        _tell(problem, path)


def _tell(problem: Problem, path: Path) -> None:
    place = f"{path}:{problem.line}" if problem.line else str(path)
    warn(f"alerts: {place}: {problem.severity}: {problem.code} {problem.message}")


def in_batches(records: Iterator[Reference]) -> Iterator[list[tuple[Reference, SearchText]]]:
    """Yield the records with their words, some at a time."""
    from alerts.search import searchable

    while batch := list(islice(records, BATCH)):
        yield [(each, searchable(each.entry, source_places=each.source_places)) for each in batch]
