"""Errors have codes of their own, a remedy, and a line in the documentation."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

import alerts
from alerts.errors import AlertsError, Problem

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "errors.md"


def every_error() -> list[type[AlertsError]]:
    for module in pkgutil.walk_packages(alerts.__path__, "alerts."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            import_module(module.name)
    found: list[type[AlertsError]] = []
    waiting: list[type[AlertsError]] = [AlertsError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("alerts."):
            found.append(kind)
    return sorted(found, key=lambda kind: (kind.code, kind.__name__))


def documented() -> str:
    rows = ["| Code | What it means |", "|---|---|"]
    for kind in every_error():
        if "code" in vars(kind):
            rows.append(f"| {kind.code} | {(kind.__doc__ or '').strip().splitlines()[0]} |")
    return "\n".join(rows)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in every_error() if "code" in vars(kind)]
    twice = {each for each in codes if codes.count(each) > 1}
    assert not twice


def test_every_error_says_what_it_means() -> None:
    assert [kind.__name__ for kind in every_error() if not (kind.__doc__ or "").strip()] == []


def test_every_error_is_in_the_documentation() -> None:
    assert documented() in DOCUMENT.read_text(encoding="utf-8"), f"write this table into {DOCUMENT}:\n{documented()}"


def test_a_problem_in_an_indented_strategy_is_told_at_its_place_in_the_file() -> None:
    moved = Problem("S001", "error", "Unbalanced bracket.", line=3, column=5).at("tobacco.yaml", 7, 3)
    assert (moved.file, moved.line, moved.column) == ("tobacco.yaml", 9, 5)
    first = Problem("S001", "error", "Unbalanced bracket.", line=1, column=5).at("tobacco.yaml", 7, 3)
    assert (first.line, first.column) == (7, 7)
