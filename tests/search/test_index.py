"""Many strategies asked together answer exactly as each of them alone, whoever comes and goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.profiles import Block
from alerts.model.records import Entry
from alerts.search import Descriptor, Index, SearchText, Strategy, Vocabulary, compile_text, searchable
from alerts.search.packing import pack, unpack

SPELLING = (("colour*", "color*"), ("programme", "program"))
VOCABULARY = Vocabulary("a small one")
VOCABULARY.add(Descriptor("Smoking", ("Tobacco Use", "Smoking Behaviors"), ("F01.1",)))
VOCABULARY.add(Descriptor("Vaping", ("E-Cigarette Use",), ("F01.1.2",)))
VOCABULARY.add(Descriptor("Wards", ("Ward Care",), ("N02",)))
BLOCKS = {"uk": Block("uk", "(england or english or nhs).ti,ab.", met_by_places=frozenset({"England"}))}

WORDS = [
    "care",
    "carers",
    "ward",
    "wards",
    "home",
    "colour",
    "color",
    "nhs",
    "smoking",
    "vaping",
    "england",
    "use",
    "tobacco",
]
TERMS = [
    *WORDS, "car*", "ward$1", "*ing", "col?r", "co*r", "w#rd", "home care", "home car*", "colour ward", "virtual ward*",
    "(home adj3 care)", "(home adj care)", "(nhs adj2 (ward* or care))", "((home or care) adj4 (use or tobacco))",
    "(tobacco use adj2 ward)", "Smoking/", "exp Smoking/", "Wards/", "*Vaping/", "programme",
]  # fmt: skip
piece = st.builds(
    lambda words, tag: words if "/" in words else f"({words}){tag}",
    st.sampled_from(TERMS),
    st.sampled_from(["", ".ti.", ".ab.", ".ti,ab,kw.", ".mp.", ".sh.", ".pt."]),
)
alternatives = st.lists(piece, min_size=1, max_size=4).map(lambda each: f"({' or '.join(each)})")
lines = st.lists(alternatives, min_size=1, max_size=4)
ENDS = [
    "or/1-{n}",
    "and/1-{n}",
    "1 not {n}",
    "1 and ({n} or 1)",
    "limit 1 to english language",
    'limit {n} to yr="2020 -Current"',
    "1 and #uk",
    "#uk not {n}",
    "(1 and {n}) or (1 not {n})",
    "{n} not (1 not {n})",
    "1 and (care.ti. or ({n} and home))",
]


@st.composite
def strategies(draw: st.DrawFn) -> Strategy:
    written = draw(lines)
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=2))
    for end in ends:
        written.append(end.format(n=len(written)))
    brief = draw(st.integers(1, len(written)))
    compiled = compile_text(
        "\n".join(f"{n}. {line}" for n, line in enumerate(written, 1)),
        dialect="ovid",
        blocks=BLOCKS,
        spelling=SPELLING,
        vocabulary=draw(st.sampled_from([None, VOCABULARY])),
        brief=draw(st.sampled_from([0, brief])),
    )
    assert compiled.strategy is not None, compiled.problems
    return compiled.strategy


some_words = st.lists(st.sampled_from([*WORDS, "of", "virtual"]), max_size=10).map(" ".join)
entry = st.builds(
    Entry,
    key=st.just("1"),
    title=some_words,
    summary=st.one_of(some_words, some_words.map(lambda each: f"{each} {'filler ' * 60}{each}")),
    keywords=st.lists(some_words, max_size=2).map(tuple),
    headings=st.lists(st.sampled_from(["Smoking", "Vaping", "Wards/economics"]), max_size=2).map(tuple),
    publication_types=st.sampled_from([(), ("Review",)]),
    language=st.sampled_from(["", "en", "de"]),
    published=st.sampled_from([None, datetime(2019, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]),
)
text = st.builds(
    lambda each, places: searchable(each, source_places=places),
    entry,
    st.sampled_from([frozenset[str](), frozenset({"England"})]),
)


def alone(many: dict[str, Strategy], one: SearchText) -> list[str]:
    return [key for key, strategy in many.items() if strategy.matches(one)]


@settings(max_examples=50)
@given(st.lists(strategies(), min_size=1, max_size=8), st.lists(text, min_size=1, max_size=8))
def test_asked_together_in_ones_and_in_batches_they_answer_as_alone(
    given: list[Strategy], texts: list[SearchText]
) -> None:
    many = {str(nth): strategy for nth, strategy in enumerate(given)}
    index = Index(many)
    expected = [alone(many, each) for each in texts]
    assert [index.matching(each) for each in texts] == expected
    assert index.matching_many(texts * 16) == expected * 16


@settings(max_examples=50)
@given(st.lists(strategies(), min_size=2, max_size=8), st.lists(text, min_size=1, max_size=4), st.randoms())
def test_strategies_that_come_and_go_leave_nothing_behind(
    given: list[Strategy], texts: list[SearchText], chance: object
) -> None:
    index = Index({})
    kept: dict[str, Strategy] = {}
    for nth, strategy in enumerate([*given, *given]):
        key = str(nth % len(given) // 2)
        kept.pop(key, None)
        kept[key] = strategy
        index.add(key, strategy)
        assert [index.matching(each) for each in texts] == [alone(kept, each) for each in texts]
    for key in list(kept):
        index.remove(key)
    assert len(index) == 0
    assert [index.matching_many(texts * 16)] == [[[]] * len(texts) * 16]
    assert index.is_empty


@settings(max_examples=50)
@given(strategies())
def test_a_packed_plan_is_the_same_plan(strategy: Strategy) -> None:
    assert unpack(pack(strategy.plan)) == strategy.plan


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Home care for all", True),
        ("Care at home", False),
        ("Home: care", True),
        ("home carers", False),
        ("Home and care", False),
    ],
)
@pytest.mark.parametrize("records", [1, 40])
def test_a_phrase_is_its_words_side_by_side(title: str, found: bool, records: int) -> None:
    strategy = compile_text("home care.ti.", dialect="ovid").strategy
    assert strategy is not None
    index = Index({"profile": strategy})
    texts = [searchable(Entry(key="1", title=title, summary="care home care"))] * records
    assert index.matching_many(texts) == [["profile"] if found else []] * records


@pytest.mark.parametrize("records", [1, 40])
def test_one_word_is_not_near_itself(records: int) -> None:
    strategy = compile_text("(care adj3 care).ti,ab.", dialect="ovid").strategy
    assert strategy is not None
    index = Index({"profile": strategy})
    once, twice = (Entry(key="1", title=title, summary="care") for title in ("Care", "Care about care"))
    assert index.matching_many([searchable(once)] * records) == [[]] * records
    assert index.matching_many([searchable(twice)] * records) == [["profile"]] * records


def test_a_word_in_very_many_places_takes_no_time_out_of_proportion() -> None:
    strategy = compile_text("(care adj2 home).ab.", dialect="ovid").strategy
    assert strategy is not None
    text = searchable(Entry(key="1", title="", summary="care " * 50_000 + "of the " + "home " * 50_000))
    assert Index({"profile": strategy}).matching(text) == []


def test_a_strategy_with_no_word_to_go_by_is_always_evaluated() -> None:
    written = {
        "not": "NOT care[ti]",
        "dates": "2015:2030[dp]",
        "words": "care[ti] AND 2015:2030[dp]",
        "end": "*ing[ti]",
    }
    strategies = {key: compile_text(text, dialect="pubmed").strategy for key, text in written.items()}
    index = Index({key: strategy for key, strategy in strategies.items() if strategy is not None})
    assert index.always_evaluated == ("not", "dates")
    assert index.matching(searchable(Entry(key="1", title="Vaping"))) == ["not", "dates", "end"]
