"""Printing back: printed in any dialect and read again, a strategy matches alike, or a note says what differs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.records import Entry
from alerts.search import Strategy, compile_text, searchable

DIALECTS = ["ovid", "pubmed", "plain"]
WORDS = ["care", "cares", "home", "homes", "team", "ward", "bed", "colour", "color", "nhs", "and", "2019", "care2"]
OTHER_TAGS = ["[tw]", "[all]", "[ot]", "[pt]", "[au]", "[ta]", "[la]", "[nm]", "[sb]", "[Text Word]", "[ad]"]


def strategy_of(text: str, dialect: str) -> Strategy:
    compiled = compile_text(text, dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
    assert compiled.strategy is not None, (text, compiled.problems)
    return compiled.strategy


def joined(left: str, operator: str, right: str) -> str:
    return f"({left} {operator} {right})"


def numbered(lines: list[str], last: str, reference: str) -> str:
    if len(lines) == 1:
        return lines[0]
    numbers = [f"{reference}{n}" for n in range(1, len(lines) + 1)]
    return "\n".join(f"{n}. {line}" for n, line in enumerate([*lines, f" {last} ".join(numbers)], 1))


plain_word = st.sampled_from([word for word in WORDS if word not in {"and", "2019"}])
pattern = st.one_of(plain_word, st.sampled_from(["car*", "hom*", "bed*", "nh*"]))
phrase = st.lists(st.one_of(pattern, st.sampled_from(WORDS)), min_size=2, max_size=3).map(
    lambda words: f'"{" ".join(words)}"'
)
operator = st.sampled_from(["AND", "OR", "NOT"])

pubmed_tag = st.sampled_from(["[ti]", "[ab]", "[tiab]", "[Title/Abstract]", *OTHER_TAGS])
pubmed_leaf = st.one_of(
    st.builds(lambda words, tag: words + tag, st.one_of(pattern, phrase), pubmed_tag),
    st.builds(lambda words, tag: " ".join(words) + tag, st.lists(pattern, min_size=1, max_size=3), pubmed_tag),
    phrase,
    st.lists(pattern, min_size=1, max_size=2).map(" ".join),
    st.builds(
        lambda words, tag, gap: f'"{" ".join(words)}"[{tag}:~{gap}]',
        st.lists(plain_word, min_size=2, max_size=3),
        st.sampled_from(["ti", "tiab", "ad"]),
        st.integers(0, 4),
    ),
    st.builds(
        lambda name, tag: f'"{name}"[{tag}]',
        st.sampled_from(["Care", "Home", "Home Care", "Beds/economics"]),
        st.sampled_from(["Mesh", "mh:noexp", "majr", "MeSH Terms"]),
    ),
    st.sampled_from(
        ["2015:2020[dp]", "2016[dp]", '"2018/03"[crdt]:"3000"[crdt]', '"last 5 years"[dp]', "hasabstract[text]"]
    ),
)
pubmed_tree = st.recursive(
    pubmed_leaf,
    lambda inner: st.one_of(
        st.builds(joined, inner, operator, inner),
        st.builds(lambda a, op, b, other, c: f"({a} {op} {b} {other} {c})", inner, operator, inner, operator, inner),
        st.builds(
            lambda a, op, b, tag: f"({a} {op} {b}){tag}",
            st.one_of(pattern, phrase),
            operator,
            st.one_of(phrase, inner),
            st.sampled_from(["[ti]", "[tiab]", "[tw]", "[nm]"]),
        ),
    ),
    max_leaves=6,
)
pubmed = st.builds(
    lambda lines, last: numbered(lines, last, "#"), st.lists(pubmed_tree, min_size=1, max_size=3), operator
)

plain_field = st.sampled_from(["ti:", "ab:", "kw:", "ti,ab:", "all:", "pt:", "tiab:", "la:", "ad:", ""])
plain_pattern = st.one_of(pattern, st.sampled_from(["colo?r", "care?"]))
plain_side = st.one_of(
    plain_pattern, phrase, st.builds(lambda a, b: f"({a} OR {b})", plain_pattern, st.one_of(plain_pattern, phrase))
)
plain_near = st.builds(
    lambda a, name, gap, b: f"({a} {name}/{gap} {b})",
    plain_side,
    st.sampled_from(["NEAR", "NEXT"]),
    st.integers(0, 3),
    plain_side,
)
plain_leaf = st.one_of(
    st.builds(lambda field, words: field + words, plain_field, st.one_of(plain_pattern, phrase, plain_near)),
    st.lists(plain_pattern, min_size=1, max_size=2).map(" ".join),
    st.sampled_from(['mesh:"Care"', 'mesh+:"Home Care"', "dp:2015-2020", "dp:2016-"]),
)
plain_tree = st.recursive(
    plain_leaf,
    lambda inner: st.one_of(
        st.builds(joined, inner, operator, inner),
        st.builds(
            lambda field, a, op, b: f"{field}({a} {op} {b})",
            st.sampled_from(["ti:", "ti,ab:", "kw:"]),
            plain_pattern,
            operator,
            inner,
        ),
    ),
    max_leaves=6,
)
plain = st.builds(
    lambda lines, last: numbered(lines, last, "#"), st.lists(plain_tree, min_size=1, max_size=3), operator
)
strategies = st.one_of(
    pubmed.map(lambda text: strategy_of(text, "pubmed")), plain.map(lambda text: strategy_of(text, "plain"))
)

text_value = st.lists(st.sampled_from([*WORDS, "of", "the", "-"]), max_size=12).map(" ".join)
entries = st.lists(
    st.builds(
        lambda title, summary, keywords, headings, more, published: Entry(
            key="1",
            title=title,
            summary=summary,
            keywords=tuple(keywords),
            headings=tuple(headings),
            published=published,
            **more,
        ),
        text_value,
        text_value,
        st.lists(text_value, max_size=2),
        st.lists(st.sampled_from(["Care", "Home Care", "Beds", "Home/economics"]), max_size=2),
        st.sampled_from(
            [{}, {"language": "en"}, {"publication_types": ("Care",), "affiliations": ("Home care team, home",)}]
        ),
        st.sampled_from([None, datetime(2014, 1, 1, tzinfo=UTC), datetime(2019, 6, 1, tzinfo=UTC)]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60)
@given(strategies, st.sampled_from(DIALECTS), entries)
def test_a_strategy_printed_and_read_again_matches_alike_unless_a_note_says_so(
    strategy: Strategy, to: Any, records: list[Entry]
) -> None:
    printed = strategy.translate(to)
    again = strategy_of(printed.text, to)
    if printed.notes:
        return
    for record in records:
        text = searchable(record)
        assert again.matches(text) is strategy.matches(text), printed.text


@settings(max_examples=80)
@given(strategies, entries)
def test_a_strategy_printed_in_its_own_dialect_needs_no_note(strategy: Strategy, records: list[Entry]) -> None:
    printed = strategy.translate(strategy.dialect)
    assert [each for each in printed.notes if "dates without bounds" not in each] == []
    again = strategy_of(printed.text, strategy.dialect)
    assert again.translate(strategy.dialect).text == printed.text
    for record in records:
        text = searchable(record)
        assert again.matches(text) is strategy.matches(text), printed.text


@settings(max_examples=80)
@given(strategies, st.sampled_from(DIALECTS), entries)
def test_what_a_note_calls_broader_finds_everything_that_the_strategy_finds(
    strategy: Strategy, to: Any, records: list[Entry]
) -> None:
    printed = strategy.translate(to)
    if " NOT " in strategy.text or any(re.search("nearly the same|narrower", note) for note in printed.notes):
        return
    again = strategy_of(printed.text, to)
    for record in records:
        text = searchable(record)
        assert again.matches(text) or not strategy.matches(text), printed


@pytest.mark.parametrize(
    ("text", "dialect", "to", "printed", "note"),
    [
        ("(smok* adj3 quit*).ti.", "ovid", "pubmed", "smok*[ti] AND quit*[ti]", "broader"),
        ("(smoking adj3 quit).ti.", "ovid", "pubmed", '"smoking quit"[ti:~2]', ""),
        ("(smok* adj quit*).ti.", "ovid", "pubmed", '"smok* quit*"[ti]', ""),
        ("(smoking adj3 quit).ti,ab.", "ovid", "pubmed", '"smoking quit"[tiab:~2]', "broader"),
        ("(smoking adj3 quit).mp.", "ovid", "pubmed", '"smoking quit"[tiab:~2]', "narrower"),
        ("(smoking adj3 quit).fs.", "ovid", "pubmed", '"smoking quit"[nm]', ""),
        ("(smoking or vaping) adj2 quit", "ovid", "pubmed", "", "narrower"),
        ("wom#n.ti.", "ovid", "pubmed", "wom*[ti]", "broader"),
        ("wom#n.ti.", "ovid", "plain", "ti:wom?n", "becomes ?"),
        ("smok*3.ti.", "ovid", "plain", "ti:smok???", ""),
        ("school.hw.", "ovid", "pubmed", "school[tw]", "broader"),
        ("smoking NEXT/2 school", "plain", "ovid", "smoking adj3 school", "either order"),
        ('"quit smoking now"[ti:~2]', "pubmed", "ovid", "((quit adj3 smoking) adj3 now).ti.", "nearly the same"),
        ('"quit smoking"[ti:~2]', "pubmed", "plain", "ti:(quit NEAR/2 smoking)", ""),
        ("*Smoking/pc", "ovid", "pubmed", '"Smoking/prevention & control"[majr:noexp]', ""),
        ("exp Smoking/", "ovid", "plain", 'mesh+:"Smoking"', ""),
        ("smoking[tiab] AND 2015:2020[dp]", "pubmed", "plain", 'ti,ab,kw:smoking AND dp:"2015/01/01:2020/12/31"', ""),
        ("smoking[nm]", "pubmed", "plain", "", "no record has"),
        ("smoking cessation", "pubmed", "ovid", "smoking and cessation", ""),
        ("smoking cessation", "ovid", "pubmed", '"smoking cessation"', ""),
    ],
)
def test_what_a_dialect_cannot_say_is_said_as_nearly_as_possible(
    text: str, dialect: str, to: Any, printed: str, note: str
) -> None:
    translated = strategy_of(text, dialect).translate(to)
    if printed:
        assert translated.text == printed
    assert bool(translated.notes) is bool(note)
    assert note in " ".join(translated.notes)


def test_a_limit_that_a_dialect_does_not_have_is_left_out_with_a_note() -> None:
    strategy = strategy_of('1. smok*.ti.\n2. limit 1 to (english language and yr="2015 -Current")', "ovid")
    printed = strategy.translate("pubmed")
    assert printed.text == "1. smok*[ti]\n2. #1 AND 2015/01/01:3000[dp]"
    assert re.search(r"line 2: .*english language.* left out", " ".join(printed.notes))


def test_words_that_a_dialect_would_read_otherwise_are_quoted() -> None:
    for word in ("and", "or", "not", "adj3", "exp", "near", "2019", "search", "hasabstract", "medline"):
        strategy = strategy_of(f'"{word}" or "quit"', "ovid")
        for to in ("ovid", "pubmed", "plain"):
            again = strategy_of(strategy.translate(to).text, to)
            for title in (word, "quit", "other"):
                record = searchable(Entry(key="1", title=title))
                assert again.matches(record) is strategy.matches(record), (word, to)
