"""Ovid's constructs as librarians type them: each means what was meant, and what cannot work is said at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.errors import Problem
from alerts.model.records import Entry
from alerts.search import compile_text, searchable
from alerts.search.dialects.subheadings import NAMES, code_of
from alerts.search.tree import Group, Heading, Scoped, Term


def problems(search: str) -> dict[str, Problem]:
    return {problem.code: problem for problem in reversed(compile_text(search, dialect="ovid").problems)}


def finds(search: str, title: str, **fields: Any) -> bool:
    compiled = compile_text(search, dialect="ovid")
    assert compiled.strategy is not None, compiled.problems
    return compiled.strategy.matches(searchable(Entry(key="1", title=title, **fields)))


def test_every_subheading_of_mesh_is_known_by_code_and_name() -> None:
    assert all(len(code) == 2 and code.islower() and name for code, name in NAMES.items())
    known = {"ah": "anatomy & histology", "pd": "pharmacology", "sn": "statistics & numerical data", "vi": "virology"}
    assert known.items() <= NAMES.items()
    assert code_of("drug therapy") == "dt"
    assert code_of("prevention and control") == "pc"
    assert "or" not in NAMES


@pytest.mark.parametrize(
    ("search", "name", "codes"),
    [
        ("Vesico-Ureteral Reflux/ri", "Vesico-Ureteral Reflux", ("ri",)),
        ("Bacteria/ip, vi", "Bacteria", ("ip", "vi")),
        ("exp *Heart Failure/dt, th [Drug Therapy, Therapy]", "Heart Failure", ("dt", "th")),
        ('"Wounds and Injuries"/dg', "Wounds and Injuries", ("dg",)),
        ("Heart Failure/zz", "Heart Failure", ("zz",)),
        ("exp *Heart Failure/ dt, th", "Heart Failure", ("dt", "th")),
        ("Heart Failure/ dt [Drug Therapy]", "Heart Failure", ("dt",)),
        ("*exp Smoking/", "Smoking", ()),
        ("Tumor Necrosis Factor-alpha/", "Tumor Necrosis Factor-alpha", ()),
        ("Delivery of Health Care, Integrated/", "Delivery of Health Care, Integrated", ()),
        ("Costs and Cost Analysis/", "Costs and Cost Analysis", ()),
        ("Alzheimer's disease/", "Alzheimer's disease", ()),
        ('"Injuries (not MeSH)"/', "Injuries (not MeSH)", ()),
    ],
)
def test_a_heading_has_its_whole_name_and_its_subheadings(search: str, name: str, codes: tuple[str, ...]) -> None:
    strategy = compile_text(search, dialect="ovid").strategy
    assert strategy is not None
    (line,) = strategy.lines
    assert isinstance(line.node, Heading)
    assert (line.node.name, line.node.subheadings) == (name, codes)


def test_a_tag_with_an_underscore_is_a_tag_and_not_words() -> None:
    assert problems("smok*.m_xyzq.")["S005"].column == 6


def test_a_subheading_that_nobody_has_is_said() -> None:
    assert "zz" in problems("Heart Failure/zz")["S063"].remedy
    assert not problems("Heart Failure/dt")["S063"].remedy


@pytest.mark.parametrize(
    ("search", "title"),
    [
        ("(pet/ct or mri).ti.", "PET-CT in lung cancer"),
        ("IV/IM.ti.", "IV IM injections"),
        ("HIV/AIDS.ti.", "HIV/AIDS care"),
        ("(mg/kg or kg/m2).ti.", "Doses in mg/kg"),
        ("and/or.ti.", "Diet and or exercise"),
        ("24/7.ti.", "Care 24/7"),
        ("1:2.ti.", "A ratio of 1:2"),
        ("smok*25.ti.", "Smokers"),
        ("beh*vi*3.ti.", "Behaviour"),
        ("smok*. ti,ab.", "Smokers"),
        ("smok*.m_titl.", "Smokers"),
        ("smok*.ti;ab.", "Smokers"),
        ("smok*.ti ab.", "Smokers"),
        ("smok*.ti. ab. kf.", "Smokers"),
        ("smok* near3 quit*.ti.", "Smokers who will not quit"),
        ("trial.ti. /freq=2", "A trial"),
        ("smoking.ti,de.", "Smoking"),
    ],
)
def test_what_is_typed_oddly_is_read_as_meant(search: str, title: str) -> None:
    assert finds(search, title)


def test_key_concepts_are_keywords_and_descriptors_are_heading_words() -> None:
    assert finds("smoking.id.", "Tobacco", keywords=("Smoking",))
    assert finds("smoking.de.", "Tobacco", headings=("Smoking Cessation",))


@pytest.mark.parametrize(
    ("search", "code", "column", "length"),
    [
        ("smok*. ti,ab.", "S046", 6, 8),
        ("smok*.ti;ab.", "S046", 6, 7),
        ("smok* near3 quit*.ti.", "S046", 7, 5),
        ("exp Smoking/.ti. or vap*.ti.", "S046", 13, 4),
        ("(smok* adj 3 quit*).ti.", "S048", 8, 5),
        ("trial.ab. /freq=2", "S081", 11, 7),
        ("smok*.ti,fx.", "S060", 1, 12),
        ("2022.ti,yr.", "S060", 1, 11),
        ("smok*.id.", "S080", 1, 9),
        (", smok*.ti.", "S075", 1, 1),
        ("2019:2020.(sa_year). or smok*.ti.", "S036", 1, 9),
    ],
)
def test_what_is_odd_is_said_at_its_place(search: str, code: str, column: int, length: int) -> None:
    found = problems(search)[code]
    assert (found.line, found.column, found.length) == (1, column, length)


@pytest.mark.parametrize(
    ("search", "code", "column"),
    [
        ("smok* or.ti.", "S003", 9),
        ("exp / or smok*.ti.", "S003", 1),
        ("1 adj3 2", "S013", 1),
        ("smok*.ti. and limit 1 to english", "S018", 15),
        ("20191301*.dt.", "S018", 1),
    ],
)
def test_what_would_be_misread_is_refused_at_its_place(search: str, code: str, column: int) -> None:
    compiled = compile_text(search, dialect="ovid")
    assert compiled.strategy is None
    assert (code, column) in {(problem.code, problem.column) for problem in compiled.problems}


@pytest.mark.parametrize(
    ("dates", "day", "found"),
    [
        ("20191*.dt.", "2019-11-05", True),
        ("20191*.dt.", "2019-01-05", False),
        ("202*.yr.", "2026-05-01", True),
        ("(201905* or 201906*).ed.", "2019-06-30", True),
        ("(201905* or 201906*).ed.", "2019-07-01", False),
        ("20190101:20191231.(ed).", "2019-07-01", True),
        ("20190101:20191231.dt,ez,da.", "2020-07-01", False),
        ("2019:Current.(sa_year).", "2026-07-01", True),
        ("2019:2020.(sa_year).", "2021-01-01", False),
    ],
)
def test_dates_are_read_however_much_of_them_is_written(dates: str, day: str, found: bool) -> None:
    published = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert finds(f"smoking.ti. and {dates}", "Smoking", published=published) is found
    assert finds(f"smoking.ti. and {dates}", "Smoking")


@pytest.mark.parametrize(
    ("limit", "fields", "found"),
    [
        ("(humans and (english or french))", {"language": "fr"}, True),
        ("(humans and (english or french))", {"language": "de"}, False),
        ("(english or french)", {"language": "fr"}, True),
        ("english [no others read]", {"language": "de"}, False),
        ("meta analysis", {"publication_types": ("Meta-Analysis",)}, True),
        ("systematic reviews", {"publication_types": ("Journal Article", "Systematic Review")}, True),
        ("systematic reviews", {"publication_types": ("Letter",)}, False),
        ('"review articles"', {"publication_types": ("Review",)}, True),
        ("clinical trial, all", {"publication_types": ("Randomized Controlled Trial",)}, True),
        ('("all infant (birth to 23 months)" or "all child (0 to 18 years)")', {"language": "de"}, True),
        ("(english or (french and humans))", {"language": "de"}, True),
        ("2015-2020", {"published": datetime(2021, 1, 1, tzinfo=UTC)}, False),
        ("yr=2010-", {"published": datetime(2021, 1, 1, tzinfo=UTC)}, True),
    ],
)
def test_limits_with_alternatives_and_types(limit: str, fields: dict[str, Any], found: bool) -> None:
    assert finds(f"1. smoking.ti.\n2. limit 1 to {limit}", "Smoking", **fields) is found


def test_records_kept_by_hand_are_all_kept_with_a_note() -> None:
    search = "1. smoking.ti.\n2. from 1 keep 1-20, 24"
    assert finds(search, "Smoking")
    assert "S061" in problems(search)


def test_a_tag_after_a_bracket_holds_for_all_of_it_and_after_a_word_for_that_word() -> None:
    strategy = compile_text("(smok* or vap*).ti. or tobacco or quit*.ab.", dialect="ovid").strategy
    assert strategy is not None
    node = strategy.lines[0].node
    assert isinstance(node, Group)
    assert [type(child) for child in node.children] == [Scoped, Term, Scoped]


LINES_WITH_A_TAG = """1. asthma
2. wheez*.ab.
3. 1 or 2
4. {line}
"""


@pytest.mark.parametrize(
    ("line", "title", "abstract", "found"),
    [
        ("1.ti.", "Asthma at school", "x", True),
        ("1.ti.", "x", "Asthma at school", False),
        ("#1.ti.", "Asthma at school", "x", True),
        ("#1.ti.", "1 in 10", "x", False),
        ("3.ti.", "Asthma at school", "x", True),
        ("3.ti.", "x", "Asthma at school", False),
        ("3.ti.", "x", "wheezing", True),
        ("(1 or 2).ti.", "x", "wheezing", True),
        ("or/1-2", "x", "Asthma at school", True),
        ("(school and 1.ti.).mp.", "School", "Asthma", False),
        ("(school and 1.ti.).mp.", "Asthma", "School", True),
        ("2.ti.", "x", "wheezing", True),
        ('"1".ti.', "Asthma at school", "x", False),
        ('"1".ti.', "Type 1 diabetes", "x", True),
        ("2019.ti.", "Report of 2019", "x", True),
        ("5.ti.", "The 5 a day campaign", "x", True),
        ("(1 or one).ti.", "Type 1 diabetes", "x", True),
    ],
)
def test_a_line_takes_a_field_tag(line: str, title: str, abstract: str, found: bool) -> None:
    assert finds(LINES_WITH_A_TAG.format(line=line), title, summary=abstract) is found


def test_a_line_with_a_field_tag_is_said_and_counts_as_used() -> None:
    problems = compile_text(LINES_WITH_A_TAG.format(line="3.ti,ab."), dialect="ovid").problems
    assert [(each.code, each.line, each.column, each.length) for each in problems] == [("S044", 4, 4, 8)]
    problems = compile_text(LINES_WITH_A_TAG.format(line="(4 or asthma).ti. or 4.ti. or 3"), dialect="ovid").problems
    assert [(each.code, each.column) for each in problems] == [("S044", 25)]
    assert "number to search for" in problems[0].message


def test_lines_with_tags_of_lines_with_tags_stay_small() -> None:
    doubled = "\n".join(f"{n}. {n - 1} or {n - 1}" for n in range(2, 400))
    compiled = compile_text(f"1. asthma\n{doubled}\n400. 399.ti.", dialect="ovid")
    assert compiled.strategy is None
    assert "S010" in {each.code for each in compiled.problems}
