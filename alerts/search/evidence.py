"""Why a record satisfies a strategy: the lines satisfied, and the terms with their places in the stored text."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.model.records import Evidence, TermHit
from alerts.search.leaves import DateLeaf, FixedLeaf, Leaf, LimitLeaf, Mark, PlaceLeaf
from alerts.search.plan import Plan
from alerts.search.text import FIELD_NAMES, FIELDS, SearchText

MOST_HITS = 200
"""Hits kept per record: a long text full of a strategy's words needs no more to be explained."""

_FIELD_ORDER = {name: at for at, name in enumerate(FIELDS)}


def evidence_of(plan: Plan, values: Sequence[bool], text: SearchText) -> Evidence:
    """Return the evidence for a record that the strategy matches; `values` are those of the plan's nodes."""
    root = plan.root(text)
    used_line = plan.brief_line if text.is_brief else plan.full_line
    contributing = contributors(plan, values, root)
    hits: dict[tuple[int, str, int, int, int], TermHit] = {}
    by_place = False
    shown: set[tuple[int, Leaf]] = set()
    notes: dict[str, None] = {}
    for at in contributing:
        node = plan.nodes[at]
        leaf = node.leaf
        if leaf is None or isinstance(leaf, FixedLeaf):
            continue
        if isinstance(leaf, PlaceLeaf):
            by_place = True
        elif isinstance(leaf, LimitLeaf | DateLeaf):
            if isinstance(leaf, DateLeaf) and text.date is None:
                notes["no date: the date range counts as met"] = None
        elif len(hits) < MOST_HITS and (node.line, leaf) not in shown:
            shown.add((node.line, leaf))
            for mark in leaf.marks(text):
                hit = _hit(text, node.line, mark)
                hits.setdefault((hit.line, hit.field, hit.value, hit.start, hit.end), hit)
    satisfied = set(contributing)
    lines = {number for number, at in plan.lines if at in satisfied} | {used_line}
    if by_place:
        notes["met by the place of its source"] = None
    ordered = sorted(hits.values(), key=lambda hit: (_order(hit), hit.value, hit.start, hit.end, hit.line))
    return Evidence(tuple(sorted(lines)), tuple(ordered[:MOST_HITS]), tuple(notes), used_line, by_place)


def contributors(plan: Plan, values: Sequence[bool], root: int) -> list[int]:
    """Return the satisfied nodes that make `root` true, in order."""
    reached: set[int] = set()
    waiting = [root]
    while waiting:
        at = waiting.pop()
        if at in reached or not values[at]:
            continue
        reached.add(at)
        node = plan.nodes[at]
        waiting.extend(node.args[:1] if node.op == "not" else node.args)
    return sorted(reached)


_NAME_ORDER = {FIELD_NAMES[name]: at for name, at in _FIELD_ORDER.items()}


def _order(hit: TermHit) -> int:
    """Reading order of fields: title first."""
    return _NAME_ORDER.get(hit.field, len(_NAME_ORDER))


def _hit(text: SearchText, line: int, mark: Mark) -> TermHit:
    """Turn positions into a place in the stored text."""
    value, start, end = text.place(mark.first, mark.last)
    if value.field == "jn":
        name = "journal" if value.stored == text.entry.journal else "publisher"
        return TermHit(line, mark.term, name, start, end)
    return TermHit(line, mark.term, FIELD_NAMES[value.field], start, end, value.nth)
