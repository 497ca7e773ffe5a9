"""The matcher against a plain, slow, obviously correct reading of the specification, on random trees and records."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.records import Entry
from alerts.search import Index, Strategy, compile_text, searchable, words
from alerts.search.tree import Term
from tests.search.reference import Reference, accepts, plain_words

WORDS = ["care", "cares", "caring", "home", "homes", "team", "ward", "bed", "beds", "colour", "color", "nhs"]
PATTERNS = [*WORDS, "car*", "home?", "be#", "colo?r", "c*", "t##m", "war$", "bed*1", "*ward"]

term = st.sampled_from(PATTERNS)
phrase = st.lists(term, min_size=1, max_size=3).map(" ".join)
side = st.one_of(phrase, st.lists(phrase, min_size=2, max_size=3).map(lambda each: f"({' or '.join(each)})"))


def joined(left: str, right: str, number: int) -> str:
    return f"({left} adj{number or ''} {right})"


near = st.recursive(
    st.builds(joined, side, side, st.integers(0, 4)),
    lambda inner: st.builds(joined, inner, st.one_of(side, inner), st.integers(1, 5)),
    max_leaves=3,
)
tag = st.sampled_from(["", "", ".ti.", ".ab.", ".ti,ab.", ".kw.", ".mp.", ".hw.", ".af."])
heading = st.sampled_from(["Care/", "exp Home/", "*Team/", "Home Care/", "exp Beds/"])
leaf = st.one_of(
    heading,
    st.builds(lambda body, fields: f"({body}){fields}", st.one_of(phrase, near), tag),
)
operator = st.sampled_from(["and", "or", "not"])
tree = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(
            lambda a, op, b, fields: f"({a} {op} {b}){fields}", inner, st.sampled_from(["and", "or", "not"]), inner, tag
        ),
        st.builds(lambda a, b, c: f"({a} or {b} or {c})", inner, inner, inner),
    ),
    max_leaves=6,
)
text_value = st.lists(st.sampled_from([*WORDS, "of", "the", "-", ";"]), max_size=14).map(" ".join)
entry = st.builds(
    lambda title, summary, keywords, headings: Entry(
        key="1", title=title, summary=summary, keywords=tuple(keywords), headings=tuple(headings)
    ),
    text_value,
    text_value,
    st.lists(text_value, max_size=2),
    st.lists(st.sampled_from(["Care", "Home Care", "Beds", "Home/economics"]), max_size=2),
)


def strategy_of(lines: list[str]) -> Strategy:
    compiled = compile_text("\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)), dialect="ovid")
    assert compiled.strategy is not None, compiled.problems
    return compiled.strategy


@st.composite
def strategies(draw: st.DrawFn) -> Strategy:
    lines = draw(st.lists(tree, min_size=1, max_size=3))
    last = draw(st.sampled_from(["or/", "and/", "not"]))
    if len(lines) > 1:
        lines.append(f"1 not {len(lines)}" if last == "not" else f"{last}1-{len(lines)}")
    return strategy_of(lines)


@settings(max_examples=60)
@given(strategies(), st.lists(entry, min_size=1, max_size=4))
def test_the_matcher_agrees_with_the_reference(strategy: Strategy, entries: list[Entry]) -> None:
    last = strategy.lines[-1].number
    for each in entries:
        assert strategy.matches(searchable(each)) is Reference(strategy.syntax, each).result(last)


@settings(max_examples=60)
@given(strategies(), entry)
def test_find_explain_and_matches_agree(strategy: Strategy, one: Entry) -> None:
    text = searchable(one)
    found = strategy.find(text)
    explanation = strategy.explain(text)
    assert (found is not None) is strategy.matches(text) is explanation.matched
    assert explanation.evidence == found
    assert explanation.matched or explanation.failure is not None
    reference = Reference(strategy.syntax, one)
    assert [count.met for count in explanation.lines] == [reference.result(count.number) for count in explanation.lines]


@settings(max_examples=60)
@given(strategies(), entry)
def test_marked_text_satisfies_its_term(strategy: Strategy, one: Entry) -> None:
    evidence = strategy.find(searchable(one))
    for hit in evidence.hits if evidence is not None else ():
        stored = getattr(one, hit.field)
        value = stored if isinstance(stored, str) else stored[hit.value]
        marked = words(value[hit.start : hit.end])
        wanted = next(node.words for node in map(term_node, [hit.term]) if node is not None)
        assert len(marked) >= len(wanted)
        assert all(accepts(pattern, word) for pattern, word in zip(wanted, marked, strict=False))
        assert value[hit.start].isalnum()
        assert value[hit.end - 1].isalnum()


def term_node(written: str) -> Term | None:
    node = strategy_of([written]).lines[0].node
    return node if isinstance(node, Term) else None


@settings(max_examples=60)
@given(st.lists(strategies(), min_size=1, max_size=6), st.lists(entry, min_size=1, max_size=6))
def test_the_index_gives_exactly_the_answers_of_each_strategy(many: list[Strategy], entries: list[Entry]) -> None:
    index = Index({str(nth): strategy for nth, strategy in enumerate(many)})
    together = index.find_many([searchable(each) for each in entries])
    for each, in_batch in zip(entries, together, strict=True):
        text = searchable(each)
        alone = {str(nth): found for nth, strategy in enumerate(many) if (found := strategy.find(text)) is not None}
        assert index.find(text) == alone == in_batch
    for nth in range(len(many) - 1):
        index.remove(str(nth))
    last = str(len(many) - 1)
    index.add(last, many[-1])
    for each in entries:
        text = searchable(each)
        assert index.matching(text) == ([last] if many[-1].matches(text) else [])


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_words_are_those_of_the_book(text: str) -> None:
    if not re.search(r"[<&]", text):
        assert words(text) == plain_words(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Alzheimer\u2019s e\u2011cigarette", "alzheimer s e cigarette"),
        ("CO<sub>2</sub> and 10\u2076 cells", "co2 and 106 cells"),
        ("<p>one</p><p>two</p>", "one two"),
        ("p<0.05 and n>30", "p 0 05 and n 30"),
        ("<jats:p>The <jats:italic>BRCA</jats:italic>1 gene</jats:p><jats:p>is", "the brca1 gene is"),
        ("\ufb01rst Stra\u00dfe na\u00efve \u0130stanbul \u00b5g", "first strasse naive istanbul \u03bcg"),
        ("\u5065\u5eb7 care", "\u5065\u5eb7 care"),
        ("caf&eacute; R&amp;D &lt;b&gt;", "cafe r d b"),
    ],
)
def test_a_text_is_read_as_these_words(text: str, read: str) -> None:
    assert words(text) == read.split()


@settings(max_examples=80)
@given(st.text(max_size=200), st.sampled_from(["ovid", "pubmed", "plain", None]))
def test_no_text_makes_the_reader_fail(text: str, dialect: str | None) -> None:
    compiled = compile_text(text, dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
    assert (compiled.strategy is None) is any(problem.severity == "error" for problem in compiled.problems)
    lines = re.split(r"\r\n|\r|\n", text)
    for problem in compiled.problems:
        assert problem.line <= len(lines)
        if problem.line:
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


def test_dates_and_limits_count_as_met_where_a_record_does_not_say() -> None:
    strategy = strategy_of(
        ["care.ti.", 'limit 1 to yr="2020 -Current"', "limit 2 to english language", "limit 1 to german", "3 not 4"]
    )
    dated = datetime(2019, 5, 1, tzinfo=UTC)
    found = [
        strategy.matches(searchable(Entry(key="1", title="Care"))),
        strategy.matches(searchable(Entry(key="1", title="Care", published=dated))),
        strategy.matches(searchable(Entry(key="1", title="Care", published=dated.replace(year=2021), language="en"))),
        strategy.matches(searchable(Entry(key="1", title="Care", language="de"))),
    ]
    assert found == [True, False, True, False]


@settings(max_examples=80)
@given(strategies(), st.sampled_from(["ovid", "pubmed", "plain"]), st.lists(entry, min_size=1, max_size=4))
def test_a_strategy_printed_and_read_again_matches_alike_unless_a_note_says_so(
    strategy: Strategy, to: str, entries: list[Entry]
) -> None:
    printed = strategy.translate(to)  # type: ignore[arg-type]  # one of the dialects
    again = compile_text(printed.text, dialect=printed.dialect)
    assert again.strategy is not None, (printed.text, again.problems)
    if printed.notes:
        return
    for each in entries:
        text = searchable(each)
        assert again.strategy.matches(text) is strategy.matches(text), printed.text


def test_a_proximity_in_a_field_that_pubmed_cannot_search_so_is_printed_with_a_note() -> None:
    printed = strategy_of(["(care adj2 home).hw."]).translate("pubmed")
    assert compile_text(printed.text, dialect="pubmed").strategy is not None
    assert printed.notes
