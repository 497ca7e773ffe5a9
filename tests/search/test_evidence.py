"""Evidence: what is marked in a stored text, with its mark-up and Unicode, is the term that hit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.records import Entry, Evidence
from alerts.search import compile_text, searchable
from tests.search.reference import accepts, plain_words

WAYS = {
    "care": ["care", "CARE", "<b>ca</b>re", "c\u00adare", "c\u200bare", "ｃａｒｅ", "cáre", "ca\u0301re", "caré"],
    "first": ["first", "ﬁrst", "<i>fir</i>st", "FIRST"],
    "co2": ["CO<sub>2</sub>", "CO₂", "co2"],
    "strasse": ["Straße", "STRASSE", "stra\u00dfe"],
    "wards": ["wards", "ward\u00ads", "Wards", "W\u200dards"],
    "home": ["home", "HOME", "ho<sup>m</sup>e", "h\u00f6me"],
}
"""How a word may stand in a feed."""
TERMS = [
    "care",
    "car*",
    "care home",
    "first",
    "f#rst",
    "co2",
    "strasse",
    "ward?",
    "home adj2 care",
    "(co2 or care) adj3 home",
]

spelt = st.sampled_from(sorted(WAYS)).flatmap(lambda word: st.sampled_from(WAYS[word]))
between = st.sampled_from([" ", "-", " – ", "</p><p>", "&nbsp;", " &amp; ", "\n", "/", "’ "])
stored = st.lists(st.tuples(spelt, between), max_size=8).map(lambda parts: "".join(a + b for a, b in parts))


def evidence(text: str, entry: Entry) -> Evidence | None:
    strategy = compile_text(text, dialect="ovid").strategy
    assert strategy is not None
    return strategy.find(searchable(entry))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(TERMS), min_size=1, max_size=3), stored, stored, st.lists(stored, max_size=2))
def test_what_is_marked_is_the_term(terms: list[str], title: str, summary: str, keywords: list[str]) -> None:
    entry = Entry("1", title, summary=summary, keywords=tuple(keywords))
    lines = [f"{nth}. ({term}).ti,ab,kw." for nth, term in enumerate(terms, 1)]
    if len(lines) > 1:
        lines.append(f"{len(lines) + 1}. or/1-{len(lines)}")
    found = evidence("\n".join(lines), entry)
    for hit in found.hits if found is not None else ():
        value = keywords[hit.value] if hit.field == "keywords" else {"title": title, "summary": summary}[hit.field]
        marked, patterns = (
            plain_words(value[hit.start : hit.end].replace("&nbsp;", " ").replace("&amp;", " ")),
            hit.term.split(),
        )
        assert len(marked) == len(patterns)
        assert all(accepts(pattern, word) for pattern, word in zip(patterns, marked, strict=True))
        assert hit.term in terms[hit.line - 1]


@settings(max_examples=60)
@given(st.sampled_from(TERMS), stored)
def test_a_line_that_is_satisfied_names_its_terms(term: str, title: str) -> None:
    found = evidence(f"1. ({term}).ti.\n2. nowhere.ab.\n3. 1 or 2", Entry("1", title))
    if found is not None:
        assert found.lines == (1, 3)
        assert {hit.line for hit in found.hits} == {1}


@pytest.mark.parametrize(
    ("title", "marked"),
    [
        ("The <i>quit</i> smok\u00ading line", "quit</i> smok\u00ading"),
        ("Quit\u2011smoking", "Quit\u2011smoking"),
        ("QUIT&nbsp;SMOKING", "QUIT&nbsp;SMOKING"),
        ("\U0001f6ad quit smokin\u0301g\u0301!", "quit smokin\u0301g\u0301"),
        ("<p>Quit</p><p>smoking</p>", "Quit</p><p>smoking"),
    ],
)
def test_offsets_are_characters_of_the_stored_text(title: str, marked: str) -> None:
    found = evidence('"quit smoking".ti.', Entry("1", title))
    assert found is not None
    assert [title[hit.start : hit.end] for hit in found.hits] == [marked]
