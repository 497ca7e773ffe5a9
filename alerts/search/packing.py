"""A plan as a few hundred bytes: ten thousand strategies are kept, and few of them are looked at closely.

Terms and proximities are packed by value (with `marshal`, in memory only); other leaves, which may share the sets of a
whole vocabulary, are kept as they are.
"""

from __future__ import annotations

import marshal
from array import array
from typing import Any, NamedTuple, TypeAlias

from alerts.search.leaves import AnyLeaf, Leaf, NearLeaf, SpanLeaf, TermLeaf, WindowLeaf
from alerts.search.plan import Plan, PlanNode

_OPS = ("leaf", "and", "or", "not", "all")

_Places: TypeAlias = tuple["str | tuple[str, ...]", ...]


class PackedPlan(NamedTuple):
    """A packed plan: its bytes, and the leaves that are kept as they are."""

    code: bytes
    kept: tuple[Leaf, ...]


def pack(plan: Plan) -> PackedPlan:
    """Return a plan as bytes."""
    kept: dict[Leaf, int] = {}
    ops = bytes(_OPS.index(node.op) for node in plan.nodes)
    places = array("i", (number for node in plan.nodes for number in (node.line, node.start, node.end)))
    counts = array("i", (len(node.args) for node in plan.nodes if node.op != "leaf"))
    args = array("i", (arg for node in plan.nodes for arg in node.args))
    leaves = tuple(_packed(node.leaf, kept) for node in plan.nodes if node.leaf is not None)
    results = (plan.full, plan.brief, plan.full_line, plan.brief_line)
    parts = (ops, places.tobytes(), counts.tobytes(), args.tobytes(), leaves, plan.lines, results)
    return PackedPlan(marshal.dumps(parts), tuple(kept))


def unpack(packed: PackedPlan) -> Plan:
    """Return the plan that was packed."""
    ops, places, counts, args, leaves, lines, results = marshal.loads(packed.code)  # noqa: S302  # our own bytes
    place, count, arg, leaf = iter(array("i", places)), iter(array("i", counts)), iter(array("i", args)), iter(leaves)
    nodes: list[PlanNode] = []
    for code in ops:
        op = _OPS[code]
        made = _unpacked(next(leaf), packed.kept) if op == "leaf" else None
        arguments = tuple(next(arg) for _ in range(next(count))) if made is None else ()
        nodes.append(PlanNode(op, arguments, made, next(place), next(place), next(place)))  # type: ignore[arg-type]
    return Plan(tuple(nodes), lines, *results)


def _packed(leaf: Leaf, kept: dict[Leaf, int]) -> Any:
    """Return a leaf as plain values, or its place among those that are kept."""
    match leaf:
        case TermLeaf():
            return (_places(leaf.places), leaf.fields, _written(leaf))
        case WindowLeaf():
            return (_places(leaf.places), leaf.fields, _written(leaf), leaf.slack)
        case AnyLeaf():
            return [_packed(option, kept) for option in leaf.options]
        case NearLeaf():
            return (_packed(leaf.left, kept), _packed(leaf.right, kept), leaf.gap, leaf.ordered, None)
        case _:
            return kept.setdefault(leaf, len(kept))


def _unpacked(packed: Any, kept: tuple[Leaf, ...]) -> Leaf:
    """Return the leaf that was packed so."""
    match packed:
        case int():
            return kept[packed]
        case list():
            return AnyLeaf(tuple(_span(option) for option in packed))
        case (places, fields, written):
            return TermLeaf(_unpacked_places(places), fields, _unpacked_written(places, written))
        case (places, fields, written, slack):
            return WindowLeaf(_unpacked_places(places), slack, fields, _unpacked_written(places, written))
        case (left, right, gap, ordered, None):
            return NearLeaf(_span(left), _span(right), gap, ordered)
    raise TypeError(packed)


def _span(packed: Any) -> SpanLeaf:
    """Return one side of a proximity, or one alternative of it."""
    return _unpacked(packed, ())  # type: ignore[return-value]  # what stands in a proximity is never kept


def _places(places: tuple[tuple[str, ...], ...]) -> _Places:
    """Return places with a place of one pattern as that pattern."""
    return tuple(place[0] if len(place) == 1 else place for place in places)


def _unpacked_places(places: _Places) -> tuple[tuple[str, ...], ...]:
    """Return every place as the patterns that may stand there."""
    return tuple((place,) if isinstance(place, str) else place for place in places)


def _plain(places: _Places) -> str:
    """Return how a term is most often written: its patterns one after the other."""
    return " ".join(place if isinstance(place, str) else place[0] for place in places)


def _written(leaf: TermLeaf | WindowLeaf) -> str | None:
    """Return how a term is written, `None` for the usual way."""
    return None if leaf.written == _plain(_places(leaf.places)) else leaf.written


def _unpacked_written(places: _Places, written: str | None) -> str:
    """Return how a term is written."""
    return _plain(places) if written is None else written
