"""Why a record satisfies a strategy, or why not: the table a librarian knows, and where it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.model.records import Evidence
from alerts.search.evidence import evidence_of
from alerts.search.leaves import AnyLeaf, HeadingLeaf, Leaf, NearLeaf, TermLeaf, WindowLeaf
from alerts.search.plan import Plan
from alerts.search.text import ALL, FIELD_NAMES, SearchText

if TYPE_CHECKING:
    from alerts.search.strategy import Strategy


@dataclass(frozen=True, slots=True)
class LineCount:
    """One line for one record: whether it is met, and in how many places (with those of lines it refers to)."""

    number: int
    written: str
    met: bool
    count: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a record failed: the line, the part of it, and whether it was `missing` or `excluded`."""

    line: int
    part: str
    kind: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a term or heading also looks for; `left_out` are entry terms that are everyday phrases or very short."""

    line: int
    term: str
    also: tuple[str, ...]
    more: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one record and one strategy."""

    matched: bool
    used_line: int
    lines: tuple[LineCount, ...]
    evidence: Evidence | None = None
    failure: Failure | None = None
    nearest: str = ""


_LEAST_COMMON = 4
"""Letters at the beginning that a term and a word which comes near it share."""
MOST_SHOWN = 20
"""Phrases of a heading that are shown."""


def explain(strategy: Strategy, text: SearchText) -> Explanation:
    """Explain one record."""
    plan = strategy.plan
    root = plan.root(text)
    wanted = {at for _, at in plan.lines} | {root}
    values = plan.values(text, wanted)
    counts = _counts(plan, values, text)
    used = plan.brief_line if text.is_brief else plan.full_line
    at_line = dict(plan.lines)
    lines = tuple(
        LineCount(line.number, line.written, values[at_line[line.number]], counts[at_line[line.number]])
        for line in strategy.lines
        if line.number in at_line
    )
    if values[root]:
        return Explanation(True, used, lines, evidence_of(plan, values, text))
    failed, kind = _first_failure(plan, values, root)
    node = plan.nodes[failed]
    part = strategy.text[node.start : node.end] if node.start >= 0 else ""
    written = " ".join(part.split())
    nearest = "" if kind == "excluded" else _nearest(plan, failed, text)
    return Explanation(False, used, lines, failure=Failure(node.line, written, kind), nearest=nearest)


def _counts(plan: Plan, values: Sequence[bool], text: SearchText) -> list[int]:
    """Return for each node how many places of the record satisfy it; 0 where it is not met."""
    counts = [0] * len(plan.nodes)
    known: dict[Leaf, int] = {}
    for at, node in enumerate(plan.nodes):
        if not values[at]:
            continue
        if node.leaf is not None:
            if node.leaf not in known:
                known[node.leaf] = max(1, len({(mark.first, mark.last) for mark in node.leaf.marks(text)}))
            counts[at] = known[node.leaf]
        elif node.op == "not":
            counts[at] = counts[node.args[0]] or 1
        else:
            counts[at] = sum(counts[child] for child in node.args) or 1
    return counts


def _first_failure(plan: Plan, values: Sequence[bool], root: int) -> tuple[int, str]:
    """Follow the first requirement that failed down to where it is one part of a line."""
    at = root
    while True:
        node = plan.nodes[at]
        if node.op == "and":
            at = next(child for child in node.args if not values[child])
        elif node.op == "not":
            if values[node.args[0]]:
                return _excluding(plan, values, node.args[1]), "excluded"
            at = node.args[0]
        else:
            return at, "missing"


def _excluding(plan: Plan, values: Sequence[bool], at: int) -> int:
    """Return the part of an exclusion that the record satisfies."""
    while plan.nodes[at].op == "or":
        at = next(child for child in plan.nodes[at].args if values[child])
    return at


def _nearest(plan: Plan, at: int, text: SearchText) -> str:
    """Return the term below a node that the record comes nearest to, and what is wrong with it."""
    best, shown = 0.0, ""
    for below in plan.needed((at,)):
        leaf = plan.nodes[below].leaf
        if leaf is None:
            continue
        score, why = _nearness(leaf, text)
        if score > best:
            best, shown = score, why
    return shown


def _nearness(leaf: Leaf, text: SearchText) -> tuple[float, str]:
    """Say how near a record comes to a leaf that it does not satisfy, from 0 to 1."""
    match leaf:
        case TermLeaf():
            elsewhere = TermLeaf(leaf.places, ALL).spans(text)
            if elsewhere:
                names = dict.fromkeys(FIELD_NAMES[text.place(*span)[0].field].replace("_", " ") for span in elsewhere)
                return 0.95, f"{leaf.written}: found, but in another field ({', '.join(names)})"
            present = [any(text.words_like(pattern) for pattern in place) for place in leaf.places]
            if len(present) > 1:
                share = sum(present) / len(present)
                return 0.8 * share, f"{leaf.written}: " + (
                    "the words are there, but not side by side" if share == 1 else "some words are there"
                )
            return _similar(leaf, text)
        case NearLeaf():
            left, right = leaf.left.found(text), leaf.right.found(text)
            if left and right:
                return 0.9, f"{shown_leaf(leaf)}: both sides are there, but too far apart"
            return (0.5, f"{shown_leaf(leaf)}: one side is there") if left or right else (0.0, "")
        case WindowLeaf():
            present = [any(text.words_like(pattern) for pattern in place) for place in leaf.places]
            return 0.8 * sum(present) / len(present), f"{leaf.written}: the words are too far apart or not all there"
        case HeadingLeaf():
            firsts = leaf.phrases.by_first if leaf.phrases is not None else {}
            return (
                (0.4, f"{leaf.written}: some of its words are there")
                if any(word in text.vocabulary for word in firsts)
                else (0.0, "")
            )
        case _:
            return 0.0, ""


def _similar(leaf: TermLeaf, text: SearchText) -> tuple[float, str]:
    """Look for a word of the record that is spelt nearly as the term."""
    from rapidfuzz import fuzz, process  # only for an explanation: it takes time to load

    bare = leaf.places[0][0].rstrip("*?#")
    beginning = bare[: max(_LEAST_COMMON, round(len(bare) * 0.7))]
    if len(bare) < _LEAST_COMMON:
        return 0.0, ""
    alike = [word for word in text.sorted_words() if word.startswith(beginning)]
    close = process.extractOne(bare, alike, scorer=fuzz.ratio)
    return (0.6, f"{leaf.written}: the record has “{close[0]}”") if close else (0.0, "")


def shown_leaf(leaf: Leaf) -> str:
    """Return a leaf as a reader would recognise it."""
    match leaf:
        case TermLeaf() | WindowLeaf() | HeadingLeaf():
            return leaf.written
        case AnyLeaf():
            options = [shown_leaf(option) for option in leaf.options[:4]]
            return " or ".join(options) + (" …" if len(leaf.options) > 4 else "")
        case NearLeaf():
            return f"({shown_leaf(leaf.left)}) near ({shown_leaf(leaf.right)})"
        case _:
            return ""


def expansions(strategy: Strategy) -> tuple[Expansion, ...]:
    """Return what the terms and headings of a strategy look for beyond what is written: spelling, entry terms."""
    found: dict[tuple[int, str], Expansion] = {}
    for node in strategy.plan.nodes:
        waiting: list[Leaf] = [] if node.leaf is None else [node.leaf]
        while waiting:
            leaf = waiting.pop()
            match leaf:
                case NearLeaf():
                    waiting.extend((leaf.right, leaf.left))
                case AnyLeaf():
                    waiting.extend(leaf.options)
                case TermLeaf() | WindowLeaf():
                    also = tuple(variant for place in leaf.places for variant in place[1:])
                    if also:
                        found.setdefault((node.line, leaf.written), Expansion(node.line, leaf.written, also))
                case HeadingLeaf() if not leaf.own_only and leaf.phrases is not None:
                    phrases = sorted(" ".join(phrase) for group in leaf.phrases.by_first.values() for phrase in group)
                    found.setdefault(
                        (node.line, leaf.written),
                        Expansion(
                            node.line,
                            leaf.written,
                            tuple(phrases[:MOST_SHOWN]),
                            max(0, len(phrases) - MOST_SHOWN),
                            leaf.left_out,
                        ),
                    )
                case _:
                    pass
    return tuple(found.values())
