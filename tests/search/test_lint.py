"""Findings that need the strategy as a whole: each once, at the place where something can be done about it."""

from __future__ import annotations

import pytest

from alerts.search import Descriptor, Vocabulary, compile_text
from alerts.search.headings.vocabulary import vocabulary_of


def places(text: str, code: str, vocabulary: Vocabulary | None = None, dialect: str = "ovid") -> list[tuple[int, str]]:
    """Return line and marked text of each finding of one code."""
    problems = compile_text(text, dialect=dialect, vocabulary=vocabulary).problems  # type: ignore[arg-type]  # a dialect
    lines = text.split("\n")
    return [
        (each.line, lines[each.line - 1][each.column - 1 :][: each.length]) for each in problems if each.code == code
    ]


def test_of_lines_that_use_each_other_only_the_one_that_nothing_uses_is_named() -> None:
    text = "1. smok*.ti.\n2. vap*.ti.\n3. 1 or 2\n4. school*.ti.\n5. 3 and 4\n6. 1 or 4"
    assert places(text, "S033") == [(5, "3 and 4")]
    assert places("1. smok*.ti.\n2. vap*.ti.\n3. tobacco.ti.\n4. 2 or 3", "S033") == [(1, "smok*.ti.")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1. care.ti.\n2. exp animals/ not humans/\n3. 1 not 2", (3, "2")),
        ("1. care.ti.\n2. exp animals/\n3. 2 not (2 and humans/)\n4. 1 not 3", (4, "3")),
        ("care.ti. not (animals not (humans and animals)).sh.", (1, "(animals not (humans and animals)).sh.")),
        ("care.ti. not exp Animals/", (1, "exp Animals/")),
    ],
)
def test_an_animal_filter_is_noted_once_where_it_excludes(text: str, place: tuple[int, str]) -> None:
    assert places(text, "S072") == [place]


def test_no_animal_filter_is_seen_where_animals_are_what_is_looked_for() -> None:
    assert places("exp animals/ not (dogs or cats).ti.", "S072") == []


def test_a_heading_in_a_line_that_is_excluded_is_noted_like_one_under_not() -> None:
    assert places("1. insipidus.ti.\n2. exp Diabetes Mellitus/\n3. 1 not 2", "S079") == [(2, "exp Diabetes Mellitus/")]
    assert places("1. exp Diabetes Mellitus/\n2. child.ti.\n3. 1 not (1 not 2)", "S079") == []


def test_everyday_entry_terms_are_noted_only_where_words_are_looked_for_and_once() -> None:
    vocabulary = vocabulary_of([Descriptor("Social Support", ("Social Care",), ("I01",))])
    assert places("1. care.ti.\n2. Social Support/\n3. 1 not 2", "S076", vocabulary) == []
    text = "1. Social Support/\n2. Social Support/ and care.ti.\n3. 1 or 2"
    assert places(text, "S076", vocabulary) == [(1, "Social Support/")]


def test_a_date_without_an_end_alone_matches_nearly_everything() -> None:
    assert places("2015:3000[dp]", "S035", dialect="pubmed") == [(1, "2015:3000[dp]")]
    assert places("smok*[ti] AND 2015:3000[dp]", "S035", dialect="pubmed") == []


@pytest.mark.parametrize("text", ["(insulin adj2 resist*).nm.", "insulin.ti. and (drug adj2 therapy).fs.", "x.fs."])
def test_a_field_that_no_item_has_makes_a_strategy_that_can_never_match(text: str) -> None:
    assert len(places(text, "S034")) == 1


def test_a_proximity_in_publication_types_stops_most_items() -> None:
    assert places("care.ti. and (clinical adj2 trial).pt.", "S037") == [(1, "clinical adj2 trial")]
    assert places("care.ti. and (clinical adj2 trial).pt,ab.", "S037") == []


def test_a_requirement_that_stops_most_items_is_named_once_however_many_lines_build_on_it() -> None:
    text = "1. care.ti.\n2. 1 and english.la.\n3. 2 and home.ti.\n4. 3 not exp animals/"
    assert places(text, "S037") == [(2, "english")]


def test_hit_counts_are_noted_once() -> None:
    assert places("1. smok*.ti. (1,204)\n2. vap*.ti. (88)\n3. 1 or 2 (1,250)", "S066") == [(1, " (1,204)")]


def test_an_error_brings_no_finding_about_the_whole_with_it() -> None:
    codes = {each.code for each in compile_text("(home adj3 (care and team)).ti.", dialect="ovid").problems}
    assert codes == {"S013"}
