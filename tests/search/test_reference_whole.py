"""The matcher against the reference where fields, a vocabulary, limits, dates, blocks and spelling decide."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.profiles import Block
from alerts.model.records import Entry
from alerts.search import Descriptor, Index, compile_text, searchable
from alerts.search.headings.vocabulary import vocabulary_of
from tests.search.reference import Reference, Rows

HEADINGS = (
    Descriptor("Care", ("Caring", "Home Help"), ("N02",)),
    Descriptor("Home Care", ("Care, Home", "Care at Home", "Domiciliary Care"), ("N02.100",)),
    Descriptor("Wards", ("Ward", "Bed"), ("N02.100.5", "Z01.3")),
    Descriptor("Places", (), ("Z01",)),
    Descriptor("Animals", ("Animal",), ("B01",)),
    Descriptor("Humans", (), ("B01.7",)),
    Descriptor("Team", ("TM", "Teams"), ("B01.9",)),
)
VOCABULARY, ROWS = vocabulary_of(HEADINGS, "seven headings"), Rows(HEADINGS)
SPELLING = (("colour*", "color*"), ("paediatr*", "pediatr*"), ("oedema", "edema"), ("labour", "labor"))
SPELLINGS = {
    "colour": ["color"],
    "color": ["colour"],
    "colours": ["colors"],
    "colou*": ["colo*"],
    "colour*": ["color*"],
    "paediatric": ["pediatric"],
    "pediatric*": ["paediatric*"],
    "paedi*": ["pedi*"],
    "oedema": ["edema"],
    "labour": ["labor"],
    "labour*": ["labor"],
}
"""What each of these may also be, worked out by hand: no `oed*` for `ed*`, no laboratory for `labour*`."""

BLOCKS = {
    "uk": Block("uk", "nhs or exp Care/", dialect="ovid", met_by_places=frozenset({"England"})),
    "old": Block("old", "1. ward*.ti.\n2. 1 not exp Team/", dialect="ovid"),
}

WORDS = ["care", "caring", "home", "ward", "bed", "team", "tm", "nhs", "animals", "color", "colours", "pediatric"]
WORDS += ["paediatrics", "edema", "eden", "labor", "laboratory", "domiciliary", "at"]
TERMS = [*WORDS, *SPELLINGS, "oed*", "colo?r", "hom#", "care home", "home care", "ward*", "car$1", "*"]
TAGS = [
    "",
    ".ti.",
    ".ab.",
    ".kw,kf.",
    ".tw.",
    ".mp.",
    ".hw.",
    ".sh.",
    ".pt.",
    ".fs.",
    ".ti,fs.",
    ".in.",
    ".af.",
    ".au.",
]

word = st.sampled_from([each for each in TERMS if each != "*"])
sides = st.one_of(word, st.builds("({} or {})".format, word, word))
near = st.recursive(
    st.builds("({} adj{} {})".format, sides, st.integers(1, 4), sides),
    lambda inner: st.builds("({} adj{} {})".format, inner, st.integers(1, 4), st.one_of(sides, inner)),
    max_leaves=3,
)
leaf = st.one_of(
    st.builds("({}){}".format, st.one_of(word, near), st.sampled_from(TAGS)),
    st.sampled_from(["Care/", "exp Care/", "exp Home Care/", "*Wards/", "exp Places/", "exp Animals/", "Humans/"]),
    st.sampled_from(["exp domiciliary care/", "exp Team/", "2019.yr.", '"2019".dp.', "Wards.sh.", "exp Nowhere/"]),
)
tree = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "not", "not"]), inner),
        st.builds("({} or {} or {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
limit = st.sampled_from(
    [
        "english language",
        "german",
        'yr="2018 -Current"',
        "humans",
        "review",
        "abstracts",
        "(english or german)",
        "full text",
    ]
)
value = st.lists(st.sampled_from([*WORDS, "of", ";"]), max_size=8).map(" ".join)
entry = st.builds(
    Entry,
    key=st.just("1"),
    title=value,
    summary=value,
    keywords=st.lists(value, max_size=2).map(tuple),
    headings=st.lists(
        st.sampled_from(["Care", "Home Care/trends", "Ward", "Animals", "Humans", "Bed"]), max_size=2
    ).map(tuple),
    publication_types=st.sampled_from([(), ("Review",), ("Letter", "Care Home")]),
    affiliations=st.sampled_from([(), ("Home Ward, NHS",)]),
    authors=st.sampled_from([(), ("Ward, A",)]),
    language=st.sampled_from(["", "en", "de"]),
    published=st.sampled_from([None, datetime(2017, 5, 1, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)]),
)


@st.composite
def strategy_lines(draw: st.DrawFn) -> str:
    lines = draw(st.lists(tree, min_size=1, max_size=3))
    if draw(st.booleans()):
        lines.append(f"limit {len(lines)} to {draw(limit)}")
    if len(lines) > 1:
        lines.append(
            draw(st.sampled_from(["1 not {}", "or/1-{}", "and/1-{}", "{} not 1", "{} not (1 not {})"])).replace(
                "{}", str(len(lines))
            )
        )
    if draw(st.booleans()):
        lines.append(
            f"{len(lines)} {draw(st.sampled_from(['and', 'or', 'not']))} {draw(st.sampled_from(['#uk', '#old']))}"
        )
    return "\n".join(f"{nth}. {line}" for nth, line in enumerate(lines, 1))


@settings(max_examples=80)
@given(strategy_lines(), st.lists(entry, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_the_matcher_agrees_with_the_reference_in_everything(
    text: str, entries: list[Entry], with_vocabulary: bool, in_england: bool
) -> None:
    compiled = compile_text(
        text,
        dialect="ovid",
        blocks=BLOCKS,
        spelling=SPELLING,
        vocabulary=VOCABULARY if with_vocabulary else None,
    )
    assert compiled.strategy is not None, (text, compiled.problems)
    strategy = compiled.strategy
    blocks = {}
    for name, block in BLOCKS.items():
        read = compile_text(block.search, dialect=block.dialect).strategy
        assert read is not None
        blocks[name] = (block, read.syntax)
    places = frozenset({"England"} if in_england else ())
    index = Index({"one": strategy})
    for each in entries:
        reference = Reference(strategy.syntax, each, ROWS if with_vocabulary else Rows([]), blocks, places, SPELLINGS)
        wanted = reference.result(strategy.lines[-1].number)
        asked = searchable(each, source_places=places)
        assert strategy.matches(asked) is wanted
        assert index.matching(asked) == (["one"] if wanted else [])


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["care", "home", "ward", "labour"]), min_size=2, max_size=4),
    st.integers(0, 3),
    st.sampled_from(["ti", "tiab", "tw"]),
    st.lists(st.sampled_from(["care", "home", "ward", "labor", "of", "the"]), max_size=10).map(" ".join),
    st.lists(st.sampled_from(["care home", "ward", "home of care ward"]), max_size=2).map(tuple),
)
def test_a_pubmed_proximity_needs_all_its_words_in_a_window(
    needed: list[str], slack: int, tag: str, title: str, keywords: tuple[str, ...]
) -> None:
    strategy = compile_text(
        f'"{" ".join(needed)}"[{tag}:~{slack}]', dialect="pubmed", spelling=[("labour", "labor")]
    ).strategy
    assert strategy is not None
    one = Entry("1", title, keywords=keywords)
    wanted = Reference(strategy.syntax, one, spellings={"labour": ["labor"]}).result(1)
    assert strategy.matches(searchable(one)) is wanted
    assert Index({"one": strategy}).matching(searchable(one)) == (["one"] if wanted else [])


def found(text: str, entry: Entry) -> bool:
    strategy = compile_text(text, dialect="ovid").strategy
    assert strategy is not None
    return strategy.matches(searchable(entry))


@pytest.mark.parametrize(
    ("limit", "types", "met"),
    [
        ("meta analysis", ("Meta-Analysis",), True),
        ('"systematic reviews"', ("Journal Article", "Systematic Review"), True),
        ("review", ("Systematic Review",), True),
        ("clinical trial, all", ("Randomized Controlled Trial",), True),
        ("clinical trial", ("Letter",), False),
        ('"reviews (maximizes sensitivity)"', ("Letter",), True),
        ("meta analysis", (), True),
    ],
)
def test_a_limit_to_a_publication_type_is_met_by_its_kinds_and_where_an_item_has_none(
    limit: str, types: tuple[str, ...], met: bool
) -> None:
    assert found(f"1. care.ti.\n2. limit 1 to {limit}", Entry("1", "Care", publication_types=types)) is met


def test_a_limit_to_abstracts_loses_no_item_that_is_only_a_title() -> None:
    assert found("1. care.ti.\n2. limit 1 to abstracts", Entry("1", "Care"))


def test_a_limit_to_humans_is_met_by_embase_and_by_mesh() -> None:
    lines = "1. care.ti.\n2. limit 1 to humans"
    assert [found(lines, Entry("1", "Care", headings=(each,))) for each in ("Human", "Humans", "Rats")] == [
        True,
        True,
        False,
    ]


def test_a_truncated_heading_is_looked_for_in_the_words_of_headings_and_text_but_not_under_not() -> None:
    in_text, indexed = Entry("1", "Smokers at work"), Entry("2", "Work", headings=("Smoking Cessation",))
    assert [found("smok*.sh.", each) for each in (in_text, indexed)] == [True, True]
    assert [found("work.ti. not smok*.sh.", each) for each in (in_text, indexed)] == [True, False]


def test_a_proximity_in_a_field_that_items_do_not_have_is_never_met() -> None:
    assert not found("(insulin adj2 resist*).nm.", Entry("1", "Insulin resistance", "Resistance to insulin"))


def test_a_truncated_mesh_term_in_pubmed_is_looked_for_too() -> None:
    strategy = compile_text("smok*[mh] AND work[ti]", dialect="pubmed").strategy
    assert strategy is not None
    titles = ["Smokers at work", "Work"]
    indexed = Entry("3", "Work", headings=("Smoking Cessation",))
    assert [strategy.matches(searchable(Entry("1", each))) for each in titles] == [True, False]
    assert strategy.matches(searchable(indexed))
    assert strategy.translate("ovid").text == "smok*.sh. and work.ti."
    assert strategy.translate("pubmed").text == "smok*[mh] AND work[ti]"
    assert strategy.translate("plain").notes


def test_not_hasabstract_excludes_nothing() -> None:
    strategy = compile_text("work[ti] NOT hasabstract[text]", dialect="pubmed").strategy
    assert strategy is not None
    dated = datetime(2026, 1, 1, tzinfo=UTC)
    assert all(strategy.matches(searchable(Entry("1", "Work", published=day))) for day in (None, dated))
