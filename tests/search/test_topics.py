"""The profile of the design, word for word, and what it must find and leave."""

from __future__ import annotations

import pytest

from alerts.model.profiles import Block, Profile
from alerts.model.records import Entry
from alerts.search import Index, Strategy, compile, compile_text, searchable

TOBACCO = """\
1. Smoking Cessation/ or Vaping/
2. ((tobacco or cigarette* or smoking) adj3 (control* or cessation or quit* or service* or illicit)).ti,ab,kf.
3. (vape or vapes or vaper* or vaping or e-cig* or electronic cigarette* or nicotine pouch*).ti,ab,kf.
4. (smokefree or smoke-free or tobacco dependen* or swap to stop).ti,ab,kf.
5. or/1-4
6. (rat or rats or mouse or mice or murine).ti.
7. 5 not 6
8. 7 and #uk-filter
"""
UK = Block(id="uk-filter", search="(uk or england or nhs).mp.", met_by_places=frozenset({"England"}))
LONG = "Services for people who want to stop. " * 12


def tobacco() -> Strategy:
    profile = Profile(id="tobacco", title="Tobacco", search=TOBACCO, result_full=8, result_brief=7)
    compiled = compile(profile, blocks={"uk-filter": UK})
    assert compiled.strategy is not None
    return compiled.strategy


def entry(title: str, summary: str = "") -> Entry:
    return Entry(key="1", title=title, summary=summary)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Swap to Stop: interim evaluation", True),
        ("Smoke-free hospitals", True),
        ("Smoke free hospitals", True),
        ("E‑cigarettes and young people", True),
        ("Quitting smoking after surgery", True),
        ("Nicotine vaping in adolescent rats", False),
        ("Medical education", False),
        ("Tobacco and alcohol use and control", False),
    ],
)
def test_the_tobacco_profile_finds_what_a_librarian_would_expect(title: str, found: bool) -> None:
    assert tobacco().matches(searchable(entry(title))) is found


def test_a_long_item_must_meet_the_uk_filter_and_a_brief_one_need_not() -> None:
    brief = searchable(entry("Vaping in schools"))
    full = searchable(entry("Vaping in schools", LONG))
    full_uk = searchable(entry("Vaping in schools", LONG + "in the NHS"))
    assert tobacco().matches(brief)
    assert not tobacco().matches(full)
    assert tobacco().matches(full_uk)


def test_an_english_source_meets_the_uk_filter_without_words() -> None:
    text = searchable(entry("Vaping in schools", LONG), source_places=frozenset({"england"}))
    evidence = tobacco().find(text)
    assert evidence is not None
    assert evidence.by_place
    assert evidence.used_line == 8


def test_evidence_marks_the_words_in_the_stored_text() -> None:
    stored = entry("Caf\u00e9s: smoking services quit", "Tobacco control.")
    evidence = tobacco().find(searchable(stored))
    assert evidence is not None
    marked = [(hit.field, getattr(stored, hit.field)[hit.start : hit.end]) for hit in evidence.hits]
    assert marked == [
        ("title", "smoking"),
        ("title", "services"),
        ("title", "quit"),
        ("summary", "Tobacco"),
        ("summary", "control"),
    ]
    assert evidence.lines == (2, 5, 7)


def test_under_not_a_heading_looks_at_indexing_only() -> None:
    compiled = compile_text("1. walking.ti,ab.\n2. exp animals/ not humans/\n3. 1 not 2\n")
    assert compiled.strategy is not None
    dog = Entry(key="1", title="Dog walking with animals", summary="Physical activity in adults and animals.")
    indexed = Entry(key="2", title="Dog walking", headings=("Animals", "Dogs"))
    both = Entry(key="3", title="Dog walking", headings=("Animals", "Humans"))
    found = [compiled.strategy.matches(searchable(each)) for each in (dog, indexed, both)]
    assert found == [True, False, True]


def test_an_unknown_block_is_an_error_with_its_place() -> None:
    compiled = compile_text("1. smoking.ti.\n2. 1 and #uk-filtre\n", blocks={"uk-filter": UK})
    assert compiled.strategy is None
    problem = next(each for each in compiled.problems if each.code == "S012")
    assert (problem.line, problem.column, problem.length) == (2, 10, 10)
    assert "#uk-filter" in problem.remedy


def test_the_index_answers_as_each_strategy_does() -> None:
    index = Index({"tobacco": tobacco()})
    text = searchable(entry("Vaping in schools"))
    assert index.find(text) == {"tobacco": tobacco().find(text)}
    index.remove("tobacco")
    assert index.find(text) == {}
