"""What real strategies carry beside the search must read, and is said in a note."""

from __future__ import annotations

import pytest

from alerts.model.records import Entry
from alerts.search import Compiled, compile_text, searchable
from alerts.search.dialects.reading import read_strategy

EXPORT = """\
Database: Ovid MEDLINE(R) ALL <1946 to May 10, 2026>
Search Strategy:
--------------------------------------------------------------------------------
1     exp Smoking/ (150,000)
2     (smok* or tobacco).ti,ab. [words] (200,000)
3     1 or 2 (300,000)
4     limit 3 to english language (250,000)
***************************
"""
TABLE = (
    "# \u25b2\tSearches\tResults\tType\tActions\tAnnotations\n"
    "1\texp Smoking/\t150000\tAdvanced\tDisplay Results\t\n"
    "2\t(smok* or tobacco).ti,ab.\t200000\tAdvanced\tDisplay Results\t\n"
    "3\t1 or 2\t300000\tAdvanced\tDisplay Results\t\n"
)
WORD = "1.\t\u201cquit smoking\u201d.ti,ab.\r\n2.\tsmok*.ti,ab.\u00a0\r\n3.\t1 or 2\r\n"
REMARKS = """\
-- ours, 2026
Population
1. smok*.ti. -- the old line
// not used
2. (vap* or
   e-cig*).ti.

Combined:
3. 1 or 2 or
 1
"""
USED = "1. smok*.ti.\n2. vap*.ti.\n3. 1 or 2\n4. 3 use medall\n5. remove duplicates from 4\n"
NUMBERS = {
    "dots": "1. smok*.ti.\n2. vap*.ti.\n3. or/1-2",
    "bare": "1 smok*.ti.\n2 vap*.ti.\n3 or/1-2",
    "hashes": "#1 smok*.ti.\n#2 vap*.ti.\n#3 #1 or #2",
    "spaced hashes": "# 1 smok*.ti.\n# 2 vap*.ti.\n# 3 #1 or #2",
    "brackets": "1) smok*.ti.\n2) vap*.ti.\n3) 1 or 2",
    "position": "smok*.ti.\nvap*.ti.\nor/1-2",
    "position with hashes": "smok*.ti.\nvap*.ti.\n#1 or #2",
    "blank lines": "1. smok*.ti.\n\n2. vap*.ti.\n\n\n3. 1 or 2",
    "no space": "1.smok*.ti.\n2.vap*.ti.\n3.1 or 2",
    "hashes with a list": "#1 smok*.ti.\n#2 vap*.ti.\n#3 or/1-2",
    "hashes with lists at both ends": "#1 smok*.ti.\n#2 vap*.ti.\n#3 or/1,2\n#4 and/3",
    "list of two": "1. smok*.ti.\n2. vap*.ti.\n3. or/1,2",
    "reversed list": "1. smok*.ti.\n2. vap*.ti.\n3. 1-2/or",
    "mixed": "1. smok*.ti.\n2. vap*.ti.\n3 1 or 2",
    "letters": "S1 smok*.ti.\nS2 vap*.ti.\nS3 S1 or S2",
    "operators between": "1. smok*.ti.\nor\n2. vap*.ti.",
}


def read(text: str, dialect: str | None = None) -> Compiled:
    compiled = compile_text(text, dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
    assert compiled.strategy is not None, compiled.problems
    return compiled


def finds(compiled: Compiled, title: str) -> bool:
    assert compiled.strategy is not None
    return compiled.strategy.matches(searchable(Entry(key="1", title=title)))


@pytest.mark.parametrize(
    "text", [EXPORT, TABLE, WORD, REMARKS, USED], ids=["export", "table", "word", "remarks", "used"]
)
def test_a_strategy_with_debris_is_read_as_the_strategy(text: str) -> None:
    compiled = read(text)
    assert compiled.dialect == "ovid"
    assert finds(compiled, "Smoking at home")
    assert not finds(compiled, "Drinking at home")


def test_what_is_passed_over_is_said() -> None:
    assert {"S065", "S066", "S067", "S061", "S064"} == {problem.code for problem in read(EXPORT).problems}
    assert {"S065", "S066"} <= {problem.code for problem in read(TABLE).problems}
    assert {"S068", "S069"} <= {problem.code for problem in read(USED).problems}
    assert {"S065", "S070"} <= {problem.code for problem in read(REMARKS).problems}


@pytest.mark.parametrize("text", NUMBERS.values(), ids=NUMBERS)
def test_lines_are_numbered_in_many_ways(text: str) -> None:
    compiled = read(text, "ovid")
    assert finds(compiled, "smokers")
    assert finds(compiled, "vaping")
    assert not finds(compiled, "drinking")


@pytest.mark.parametrize("text", ["1\t(smok* or vap*).ti.", "1 (smok* or vap*).ti.", "1\tvap*.ti.", "1 exp Vaping/"])
def test_a_single_line_may_have_its_number(text: str) -> None:
    assert finds(read(text, "ovid"), "vaping")


def test_a_number_before_words_on_a_single_line_is_one_of_them() -> None:
    assert not finds(read("1 alpha hydroxylase.ti.", "ovid"), "alpha hydroxylase")


def test_pubmed_lines() -> None:
    compiled = read("#1 Search smok*[tiab]\n\n#2 Search vap*[tiab]\n\n#3 #1 OR #2", "pubmed")
    assert finds(compiled, "vaping")
    wrapped = read("(smok*[tiab]\nOR vap*[tiab])\nAND school[tiab]", "pubmed")
    assert finds(wrapped, "vaping at school")
    assert not finds(wrapped, "vaping")


def test_counts_are_passed_over_only_when_every_line_has_one() -> None:
    compiled = read("1. smok*.ti. (12)\n2. covid 19.ti. (7)\n3. 1 or 2 [1,200]")
    assert finds(compiled, "covid 19")
    kept = compile_text("1. smok*.ti. (12)\n2. covid 19.ti.\n3. 1 or 2", dialect="ovid")
    assert "S004" in {problem.code for problem in kept.problems}


def test_a_comment_needs_a_space_before_it_and_quotation_marks_protect() -> None:
    assert finds(read('"a -- b".ti. or http://x.ti.', "ovid"), "a b")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("(and/or decisions or non--smokers).ti.", "non smokers"),
        ("http://example.org/a or smokers.ti.", "smokers"),
        ('"quit -- smoking".ti.', "quit smoking"),
        ("smoking \u2013 cessation.ti.", "smoking cessation"),
        ("smoking\u2014cessation.ti.", "smoking cessation"),
        ("smoking/cessation.ti.", "smoking cessation"),
    ],
)
def test_what_only_looks_like_a_comment_is_searched(text: str, title: str) -> None:
    assert finds(read(text, "ovid"), title)


def test_a_comment_that_holds_a_search_is_said() -> None:
    said = compile_text("smok*.ti. -- or vap*.ti,ab.", dialect="ovid").problems
    assert [(each.code, each.column, each.length) for each in said] == [("S065", 11, 17)]
    for comment in ("smok*.ti. -- added in May", "smok*.ti. // see the review", "-- vap*.ti,ab. was here\nsmok*.ti."):
        assert compile_text(comment, dialect="ovid").problems == ()


def test_places_are_those_of_the_text_as_given() -> None:
    compiled = compile_text("Database: Ovid MEDLINE(R)\r\n\r\n1.\t\u201cquit\u201d.tj.\r\n", dialect="ovid")
    problem = next(each for each in compiled.problems if each.code == "S005")
    assert (problem.line, problem.column, problem.length) == (3, 10, 4)


@pytest.mark.parametrize(
    "text",
    [
        "'smoking cessation'/exp OR smok*",
        '(MH "Smoking+") OR TI smok*',
        "((TI smoking) N3 (TI quit*))",
        "TS=(smok* NEAR/3 quit*)",
        "TITLE-ABS-KEY(smoking)",
        'SU.EXACT("Smoking")',
    ],
)
def test_another_databases_syntax_is_refused_and_named(text: str) -> None:
    compiled = compile_text(text)
    assert compiled.strategy is None
    assert "S017" in {problem.code for problem in compiled.problems}


def test_a_limit_in_capitals_or_a_blood_group_is_no_other_databases_syntax() -> None:
    assert read("1. (AB or A).ti.\n2. limit 1 to ED=20200101-20301231", "ovid").strategy is not None


@pytest.mark.parametrize(
    ("header", "database"),
    [
        (
            "Ovid MEDLINE(R) and Epub Ahead of Print, In-Process & Other Non-Indexed Citations <1946 to May 01, 2026>",
            "",
        ),
        ("Embase Classic+Embase <1947 to 2026 Week 20>", ""),
        ("Social Policy and Practice <202604>", ""),
        ("MEDLINE (Ovid)", ""),
        ("Database(s): APA PsycInfo 1806 to April 2026", "APA PsycInfo 1806 to April 2026"),
    ],
)
def test_the_database_of_an_export_is_known_and_is_no_line(header: str, database: str) -> None:
    read = read_strategy(f"{header}\nsmok*.ti.\nexp Schools/\n1 and 2", None)
    assert read.syntax.database == (database or header)
    assert [line.number for line in read.syntax.lines] == [1, 2, 3]
    assert not read.findings.is_refused()


@pytest.mark.parametrize(
    "text",
    [
        "global health",
        "central nervous system infection",
        "tobacco use children",
        "cochrane reviews",
        "search strategies",
        "L1 vertebra.ti.",
        "line 1 therapy.ti.",
    ],
)
def test_what_only_resembles_debris_is_searched_for(text: str) -> None:
    compiled = compile_text(text)
    assert compiled.strategy is not None
    assert not {"S065", "S068"} & {problem.code for problem in compiled.problems}
    assert compiled.strategy.matches(searchable(Entry(key="1", title=text.removesuffix(".ti."))))


def test_a_number_with_nothing_after_it_is_warned_of() -> None:
    compiled = compile_text("1. smok*.ti.\n2.\n3. vap*.ti.\n4. 1 or 3")
    assert compiled.strategy is not None
    assert [(each.code, each.line) for each in compiled.problems if each.code == "S042"] == [("S042", 2)]


def test_a_heading_between_numbered_lines_is_passed_over_and_a_combination_is_not() -> None:
    headed = compile_text("1 smok*.ti,ab.\nSchools and pupils\n2 exp Schools/\n3 1 and 2")
    combined = compile_text("1. smok*.ti,ab.\n2. exp Schools/\n1 and 2")
    assert headed.strategy is not None
    assert "S065" in {problem.code for problem in headed.problems}
    assert combined.strategy is None


HISTORIES = {
    "no numbers": "Search terms\tResults\nexp Asthma/\t152,345\nasthma*.ti,ab.\t180,000\n1 or 2\t200,111\n",
    "no heading": "exp Asthma/\t152,345\nasthma*.ti,ab.\t180,000\n1 or 2\t200,111\n",
    "spaces": "Search terms   Results\nexp Asthma/   152,345\nasthma*.ti,ab.  180,000\n1 or 2   200,111\n",
    "numbers": "No\tSearch terms\tResults\n1\texp Asthma/\t152,345\n2\tasthma*.ti,ab.\t18\n3\t1 or 2\t200,111\n",
    "commas": '#,Searches,Results,Type\n1,exp Asthma/,15,Basic\n2,"asthma*.ti,ab.","1,800",Basic\n3,1 or 2,9,Basic',
    "quoted": '"#","Searches","Results"\n"1","exp Asthma/","5"\n"2","asthma*.ti,ab.","8"\n"3","1 or 2","9"\n',
    "only quoted": 'Search terms,Results\n"exp Asthma/","1,345"\n"asthma*.ti,ab.","180,000"\n"1 or 2","200,111"\n',
    "bars": "| # | Searches | Results |\n|---|---|---|\n"
    "| 1 | exp Asthma/ | 5 |\n| 2 | asthma*.ti,ab. | 8 |\n| 3 | 1 or 2 | 9 |",
}


@pytest.mark.parametrize("text", HISTORIES.values(), ids=HISTORIES)
def test_a_history_is_read_whatever_separates_its_columns(text: str) -> None:
    compiled = read(text)
    assert compiled.strategy is not None, compiled.problems
    assert [line.written.strip() for line in compiled.strategy.lines] == [
        "exp Asthma/",
        "asthma*.ti,ab.",
        "1 or 2",
    ]
    assert {"S066"} <= {each.code for each in compiled.problems} <= {"S064", "S065", "S066"}


@pytest.mark.parametrize(
    "text",
    [
        "smok* adj3 cessation.ti,ab.\nquit*.ti.\n1 or 2",
        "asthma*.ti.\t\nwheez* 12.ti.\n1 or 2",
        '"a,b".ti.\n"c,d".ti.\n1 or 2',
    ],
)
def test_what_is_no_table_keeps_all_it_has(text: str) -> None:
    compiled = read(text, "ovid")
    assert "S066" not in {each.code for each in compiled.problems}


def test_quotation_marks_in_a_saved_table_are_undoubled() -> None:
    compiled = read('Search terms,Results\n"""quit smoking"".ti.","1,345"\n"smok*.ab.","180"\n"1 or 2","200"\n')
    assert finds(compiled, "Ready to quit smoking")
    assert not finds(compiled, "Smoking: ready to quit")


COCHRANE = """#1 MeSH descriptor: [Asthma] this term only
#2 MeSH descriptor: [Child] explode all trees and with qualifier(s): [Psychology - PX]
#3 [mh "Respiratory Sounds"]
#4 [mh ^Lung]
#5 MeSH descriptor Smoking explode tree 1
#6 (wheez* near/3 child*):ti,ab
#7 {or #1-#6}
#8 #7 with Cochrane Library publication date Between Jan 2015 and Jan 2022, in Trials
"""


def test_a_strategy_for_the_cochrane_library_is_read_as_plain() -> None:
    compiled = read(COCHRANE)
    assert compiled.dialect == "plain"
    printed = compiled.strategy.translate("ovid").text if compiled.strategy else ""
    assert printed.splitlines()[:5] == [
        "1. Asthma/",
        "2. exp Child/px",
        "3. exp Respiratory Sounds/",
        "4. Lung/",
        "5. exp Smoking/",
    ]
    assert printed.splitlines()[-2:] == ["7. 1 or 2 or 3 or 4 or 5 or 6", "8. 7"]
    assert finds(compiled, "A wheezing child")
    assert finds(compiled, "Asthma in adults")
    assert not finds(compiled, "MeSH descriptor explode all trees")
    assert {each.code for each in compiled.problems} == {"S046", "S061", "S063", "S064"}


@pytest.mark.parametrize("dialect", ["ovid", "pubmed"])
def test_elsewhere_it_is_refused(dialect: str) -> None:
    compiled = compile_text(COCHRANE, dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
    assert compiled.strategy is None
    assert "S017" in {each.code for each in compiled.problems}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("1. smok*.ti.\n2. vap*.ti.\n3. 1 or 2 (4,321)", "If this is a number of hits, remove it"),
        ("1. smok*.ti.\n2. vap*.ti.\n1 or 2", "If this is a line of its own, give it its number"),
        ("1. smok*.ti. vap*.ti.", "Put AND, OR or ADJ between them."),
    ],
)
def test_a_missing_operator_is_mended_by_what_it_comes_from(text: str, remedy: str) -> None:
    problems = compile_text(text, dialect="ovid").problems
    assert next(each.remedy for each in problems if each.code == "S004").startswith(remedy)


def test_the_columns_of_pubmeds_history_are_noted_once() -> None:
    rows = "3\t#1 AND #2\t\tx\t55\t05:01\n2\tschool*[tiab]\t\tx\t99\t05:00\n1\tasthma[tiab]\t\tx\t99\t05:00"
    problems = compile_text(f"Search Number\tQuery\tFilters\tSearch Details\tResults\tTime\n{rows}").problems
    assert [each.code for each in problems] == ["S065", "S066"]


def test_what_ovids_basic_search_says_of_related_terms_is_passed_over_with_a_note() -> None:
    compiled = compile_text("smok* quitting {No Related Terms}", dialect="ovid")
    assert [(each.code, each.column, each.length) for each in compiled.problems] == [("S067", 16, 18)]
    assert finds(compiled, "Smokers quitting")
    assert not finds(compiled, "Related terms")
