"""The problem codes and their documentation are the same list, and every documented example gives its code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts.search import CODES, Descriptor, Vocabulary, compile_text
from alerts.search.dialects.source import MOST_CHARACTERS, MOST_LINES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "search-problems.md"
SECTIONS = dict(
    re.findall(r"^## (S\d{3}) .*?\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
)
EXAMPLES = [
    (code, *found)
    for code, body in SECTIONS.items()
    for found in re.findall(r"^```(\w+)( with vocabulary)?\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
]
SHOWN_ELSEWHERE = {"S010", "S011", "S016", "S043"}


def small_vocabulary() -> Vocabulary:
    vocabulary = Vocabulary("a few headings")
    vocabulary.add(Descriptor("Smoking Cessation", ("Stopping Smoking",), ("F01.1",)))
    vocabulary.add(Descriptor("United Kingdom", (), ("Z01.1",)))
    vocabulary.add(
        Descriptor("Social Support", ("Social Care", "Support, Social", "Social Networks in Need"), ("I01.1",))
    )
    vocabulary.rename("Great Britain", "United Kingdom")
    return vocabulary


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    assert list(SECTIONS) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_section_is_headed_and_rated_as_the_code_is(code: str) -> None:
    severity, title = CODES[code]
    assert f"## {code} {title}\n" in PAGE.read_text(encoding="utf-8")
    assert re.match(rf"\s*{severity}\b", SECTIONS[code], re.IGNORECASE)


def test_every_code_has_an_example_or_a_test_of_its_own() -> None:
    assert {code for code, *_ in EXAMPLES} | SHOWN_ELSEWHERE == set(CODES)


@pytest.mark.parametrize(("code", "dialect", "with_vocabulary", "text"), EXAMPLES, ids=[each[0] for each in EXAMPLES])
def test_a_documented_example_gives_its_code(code: str, dialect: str, with_vocabulary: str, text: str) -> None:
    compiled = compile_text(
        text,
        dialect=None if dialect == "any" else dialect,  # type: ignore[arg-type]  # the fences name dialects
        vocabulary=small_vocabulary() if with_vocabulary else None,
    )
    found = {problem.code: problem for problem in compiled.problems}
    assert code in found
    assert (compiled.strategy is None) is any(problem.severity == "error" for problem in compiled.problems)
    assert found[code].severity == CODES[code][0]
    assert (compiled.strategy is None) is (CODES[code][0] == "error")


def test_a_strategy_may_have_so_many_characters_and_lines() -> None:
    too_long = compile_text("a " * (MOST_CHARACTERS // 2 + 1))
    too_many = compile_text("\n".join(f"{n}. smok*.ti." for n in range(1, MOST_LINES + 3)))
    assert [problem.code for problem in too_long.problems] == ["S010"]
    assert "S010" in {problem.code for problem in too_many.problems}


@pytest.mark.parametrize(
    "text", ["(" * 201 + "smoking" + ")" * 201, "(a adj2 " * 300 + "b" + ")" * 300, " adj2 ".join(["ab"] * 500)]
)
def test_nesting_deeper_than_200_is_refused(text: str) -> None:
    compiled = compile_text(text, dialect="ovid")
    assert compiled.strategy is None
    assert "S011" in {problem.code for problem in compiled.problems}


def test_nesting_200_deep_is_read() -> None:
    compiled = compile_text("(" * 200 + "smoking" + ").ti." * 200, dialect="ovid")
    assert compiled.strategy is not None


def test_a_result_line_must_exist() -> None:
    compiled = compile_text("1. smok*.ti.\n2. vap*.ti.\n3. 1 or 2", result=9)
    assert [problem.code for problem in compiled.problems] == ["S016"]


def test_three_concepts_and_brief_items_are_warned_of() -> None:
    compiled = compile_text("1. smok*.ti,ab.\n2. school*.ti,ab.\n3. (uk or nhs).mp.\n4. 1 and 2 and 3")
    assert compiled.strategy is not None
    assert compiled.strategy.concepts == 3
    problem = compiled.strategy.problem_with_brief_items(0.8)
    assert problem is not None
    assert problem.code == "S043"
    assert compiled.strategy.problem_with_brief_items(0.2) is None


def test_all_findings_are_reported_at_once_in_reading_order() -> None:
    compiled = compile_text('1. (smok* or vap*.tj.\n2. 1 and 9\n3. "open\n', dialect="ovid")
    assert [problem.code for problem in compiled.problems if problem.severity == "error"] == [
        "S001",
        "S005",
        "S006",
        "S002",
    ]
    places = [(problem.line, problem.column) for problem in compiled.problems]
    assert places == sorted(places)


def test_a_line_without_anything_to_search_for_cannot_be_referred_to() -> None:
    compiled = compile_text("1. smok*.ti.\n2. ~\n3. 1 or 2", dialect="ovid")
    assert [problem.code for problem in compiled.problems if problem.severity == "error"] == ["S006"]
