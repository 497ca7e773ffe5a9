"""Strategies of our own, typed and pasted in every way that librarians do, and broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.search import compile_text

FOLDER = Path(__file__).parent / "samples"


def samples(name: str) -> dict[str, tuple[str, str]]:
    """Return what each sample of a file expects and its text."""
    found: dict[str, tuple[str, str]] = {}
    for block in (FOLDER / name).read_text(encoding="utf-8").split(">> ")[1:]:
        head, text = block.split("\n", 1)
        title, expected = head.split(" | ")
        found[title] = expected, text.rstrip("\n")
    return found


WHOLE = samples("ovid.txt")
BROKEN = samples("ovid_broken.txt")


@pytest.mark.parametrize(("lines", "text"), WHOLE.values(), ids=WHOLE)
def test_a_strategy_is_accepted_with_all_its_lines_and_known_as_ovids(lines: str, text: str) -> None:
    compiled = compile_text(text)
    assert compiled.strategy is not None, [each for each in compiled.problems if each.severity == "error"]
    assert len(compiled.strategy.lines) == int(lines)
    assert compiled.dialect == "ovid"
    assert "S041" not in {problem.code for problem in compiled.problems}


@pytest.mark.parametrize("text", [text for _, text in WHOLE.values()], ids=WHOLE)
def test_printed_and_read_again_a_strategy_means_the_same(text: str) -> None:
    strategy = compile_text(text).strategy
    assert strategy is not None
    again = compile_text(strategy.translate("ovid").text, dialect="ovid").strategy
    assert again is not None
    assert again.revision == strategy.revision


@pytest.mark.parametrize(("expected", "text"), BROKEN.values(), ids=BROKEN)
def test_a_broken_strategy_is_refused_with_every_place_and_a_remedy(expected: str, text: str) -> None:
    compiled = compile_text(text, dialect="ovid")
    errors = [problem for problem in compiled.problems if problem.severity == "error"]
    assert compiled.strategy is None
    assert " ".join(f"{each.code}@{each.line}:{each.column}+{each.length}" for each in errors) == expected
    assert all(each.remedy for each in errors)
