"""A second opinion on PubMed: `search-query`, a library for search strategies, sees the same tree as we do.

What is left out of the comparison because `search-query` is at fault or does not know it:

- untagged words side by side: it takes them as one phrase; PubMed and we require each of them;
- lower-case operators, smart quotation marks, tags with spaces inside and dates: its linter refuses or changes them;
- a tag after a bracket, and `[ab]`: it has no such thing;
- AND, OR and NOT mixed in an inner bracket: it fails there; mixed at the top it reads from left to right, as we do.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_query.parser import parse

from alerts.search import compile_text, words
from alerts.search.dialects.tags import PUBMED_HEADINGS, pubmed_tag
from alerts.search.tree import Group, Heading, LineRef, Node, Not, Scoped, Term

Tree: TypeAlias = tuple[Any, ...]
"""("term", words, tag), or an operator and its parts: equal for trees that mean the same."""


def combined(operator: str, parts: list[Tree]) -> Tree:
    """Join parts by AND or OR; brackets around the same operator do not count."""
    flat: list[Tree] = []
    for part in parts:
        flat.extend(part[1:] if part[0] == operator else [part])
    return (operator, *flat)


def without(left: Tree, removed: list[Tree]) -> Tree:
    """Take parts away; `a NOT b NOT c` is `a NOT (b OR c)`."""
    if left[0] == "not":
        left, removed = left[1], [*left[2:], *removed]
    flat: list[Tree] = []
    for part in removed:
        flat.extend(part[1:] if part[0] == "or" else [part])
    return ("not", left, *flat)


def term(written: str, tag: str) -> Tree:
    """Name a term by its words and a heading by its name, with the tag as we name it."""
    name = pubmed_tag(tag.strip("[]"))[0] if tag else ""
    if name in PUBMED_HEADINGS:
        return ("heading", tuple(words(written)), PUBMED_HEADINGS[name])
    return ("term", tuple(words(written.replace("*", "xx"))), name)


def ours(node: Node, tag: str = "") -> Tree:
    match node:
        case Term():
            return ("term", tuple(words(" ".join(node.words).replace("*", "xx"))), tag)
        case Heading():
            name = "/".join([node.name, *node.subheadings])
            return ("heading", tuple(words(name)), (node.explode, node.focus))
        case Scoped():
            return ours(node.child, node.fields.written.strip("[]"))
        case Group():
            return combined(node.op, [ours(child, tag) for child in node.children])
        case Not():
            assert node.left is not None
            return without(ours(node.left, tag), [ours(node.right, tag)])
        case LineRef():
            return ("line", node.number)
    raise AssertionError(node)


def theirs(query: Any) -> Tree:
    if not query.children:
        return term(query.value.strip('"'), query.field.value if query.field else "")
    parts = [theirs(child) for child in query.children]
    if query.value == "NOT":
        return without(parts[0], parts[1:])
    return combined(query.value.lower(), parts)


def our_tree(text: str) -> Tree:
    strategy = compile_text(text, dialect="pubmed").strategy
    assert strategy is not None
    node = strategy.lines[-1].node
    assert node is not None
    return ours(node)


def their_tree(text: str) -> Tree:
    with contextlib.redirect_stdout(io.StringIO()):
        return theirs(parse(text, platform="pubmed"))


SAMPLES = [
    '("Smoking Cessation"[Mesh] OR quit*[tiab]) AND pregnan*[tiab]',
    'asthma[ti] OR "bronchial hyperreactivity"[tiab] OR wheez*[tiab] OR "Asthma"[MeSH Terms]',
    'falls[ti] AND ("older people"[tiab] OR aged[mh]) NOT children[ti]',
    '("heart failure"[ti] NOT mice[ti]) NOT rats[ti]',
    "stroke[tw] OR tia[tw] AND rehabilitation[tw]",
    '((dementia[tiab] AND (carer*[tiab] OR caregiver*[tiab])) OR "Caregivers"[Mesh:NoExp]) AND respite[tiab]',
    '("Neoplasms"[majr] OR cancer[ti]) AND (screen*[tiab] OR "Mass Screening"[mh])',
    'influenza[all] AND vaccin*[Title/Abstract] AND "care home"[Title/Abstract]',
    '(((("sepsis"[ti]))) OR (septic[ti] AND shock[ti]))',
    "randomized controlled trial[pt] OR placebo[tiab] OR randomly[tiab] NOT (animals[mh] NOT humans[mh])",
    '"hand hygiene"[tiab]AND"nursing homes"[tiab]',
    "(obesity[ti]) AND (taxes[ti] OR levy[ti])",
    "smith[au] AND bmj[ta] AND english[la]",
]


@pytest.mark.parametrize("text", SAMPLES)
def test_a_written_query_has_the_same_tree(text: str) -> None:
    assert our_tree(text) == their_tree(text)


word = st.sampled_from(["smoking", "vaping", "schools", "cessation", "quit*", "child*", "nicotine", "asthma*"])
tag = st.sampled_from(["[ti]", "[tiab]", "[tw]", "[Title/Abstract]", "[all]", "[pt]", "[la]", "[au]"])
tagged = st.one_of(
    st.builds(lambda one, field: one + field, word, tag),
    st.builds(lambda one, two, field: f'"{one} {two}"{field}', word, word, tag),
    st.builds(lambda one, two, field: f"{one} {two}{field}", word, word, tag),
    st.builds(
        lambda name, field: f'"{name}"{field}',
        st.sampled_from(["Smoking", "Smoking Cessation", "Schools", "Diabetes Mellitus, Type 2"]),
        st.sampled_from(["[mh]", "[Mesh]", "[MeSH Terms]", "[mh:noexp]", "[majr]"]),
    ),
)
chain = st.recursive(
    tagged,
    lambda inner: st.one_of(
        st.builds(
            lambda op, parts: "(" + f" {op} ".join(parts) + ")",
            st.sampled_from(["AND", "OR"]),
            st.lists(inner, min_size=2, max_size=4),
        ),
        st.builds(lambda left, right: f"({left} NOT {right})", inner, inner),
    ),
    max_leaves=8,
)
mixed = st.builds(
    lambda first, rest: first + "".join(f" {op} {other}" for op, other in rest),
    tagged,
    st.lists(st.tuples(st.sampled_from(["AND", "OR", "NOT"]), tagged), min_size=1, max_size=5),
)


@settings(max_examples=60)
@given(st.one_of(chain, mixed))
def test_a_random_query_has_the_same_tree(text: str) -> None:
    assert our_tree(text) == their_tree(text)
