"""What a strategy's result demands of a record, taken out of its plan: alternatives of which one must be met.

Most strategies are, when their lines are put together, a few requirements of many alternatives each, and perhaps an
exclusion: these are decided by which requirements a record's words meet. Where more is needed (a limit, alternatives
that have requirements of their own), an *inner* program is evaluated as well, over the same answers.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from alerts.search.leaves import DateLeaf, FixedLeaf, Leaf, LimitLeaf, PlaceLeaf
from alerts.search.plan import Plan, PlanNode
from alerts.search.stream.anchors import leaf_frequency

Late: TypeAlias = DateLeaf | LimitLeaf | PlaceLeaf
"""Leaves that no word leads to: they are asked when everything else is known."""

Clause: TypeAlias = frozenset[Leaf]
"""Alternatives, of which one must be met."""

_SMALL = 8
"""Alternatives so few that they may be repeated wherever a node names them."""
_LARGEST_COVER = 1000
"""Alternatives that may be asked for only to rule a strategy out."""

_AND, _OR, _NOT, _ALL = range(4)
_OPS = {"and": _AND, "or": _OR, "not": _NOT, "all": _ALL}


class Inner(NamedTuple):
    """Inner nodes, each after those it depends on; the last decides.

    An argument from 0 up is an earlier node; a negative one is `~` the place of what is `asked`: a clause or a leaf.
    """

    ops: bytes
    args: tuple[array[int], ...]
    asked: tuple[Clause | Late, ...]


@dataclass(frozen=True, slots=True)
class Demands:
    """What must be met (`need`, what seems rarest first), what must not be (`ban`), and what else decides."""

    need: tuple[Clause, ...]
    ban: tuple[Clause, ...]
    inner: Inner | None


def evaluate(inner: Inner, asked: Sequence[int], every: int) -> int:
    """Evaluate inner nodes on a set of records: bit i of each of the `asked` says whether record i meets it."""
    values: list[int] = []
    for op, args in zip(inner.ops, inner.args, strict=True):
        parts = [values[arg] if arg >= 0 else asked[~arg] for arg in args]
        if op == _NOT:
            value = parts[0] & ~parts[1]
        elif op == _OR:
            value = 0
            for part in parts:
                value |= part
        else:
            value = every
            for part in parts:
                value &= part
        values.append(value)
    return values[-1] & every


def demands_of(plan: Plan, root: int) -> Demands:
    """Return what the node `root` of a plan demands."""
    order = plan.needed((root,))
    clauses = _clauses(plan.nodes, order)
    required, excluded = _conjuncts(plan.nodes, root, clauses)
    exact = all(at in clauses for at in (*required, *excluded))
    covers = clauses if exact else _covers(plan.nodes, order, clauses)
    need = dict.fromkeys(cover for at in required if (cover := covers.get(at)) is not None)
    ban = dict.fromkeys(clauses[at] for at in excluded if at in clauses)
    rarest_first = sorted(need, key=_frequency) if len(need) > 1 else need
    return Demands(tuple(rarest_first), tuple(ban), None if exact else _inner(plan.nodes, order, clauses))


def _frequency(clause: Clause) -> float:
    """Estimate how often a clause is met."""
    return sum(map(leaf_frequency, clause))


def _clauses(nodes: Sequence[PlanNode], order: Sequence[int]) -> dict[int, Clause]:
    """Return the nodes that are nothing but alternatives, with these.

    What several nodes refer to is not taken into each of them: a strategy may have one line of ten thousand words and
    name it five hundred times.
    """
    parents: Counter[int] = Counter(child for at in order for child in nodes[at].args)
    found: dict[int, Clause] = {}
    for at in order:
        node = nodes[at]
        if isinstance(node.leaf, FixedLeaf):
            if not node.leaf.value:
                found[at] = frozenset()
        elif node.leaf is not None:
            if not isinstance(node.leaf, Late):
                found[at] = frozenset((node.leaf,))
        elif node.op == "or" and all(
            child in found and (parents[child] == 1 or len(found[child]) <= _SMALL) for child in node.args
        ):
            found[at] = frozenset().union(*(found[child] for child in node.args))
    return found


def _conjuncts(nodes: Sequence[PlanNode], root: int, clauses: Collection[int]) -> tuple[list[int], list[int]]:
    """Return the nodes that must hold for `root` to hold, and those that must not."""
    required: dict[int, None] = {}
    excluded: dict[int, None] = {}
    waiting = [root]
    while waiting:
        at = waiting.pop()
        node = nodes[at]
        if at in clauses or node.op not in {"and", "not"}:
            if node.op != "all":
                required[at] = None
        elif node.op == "and":
            waiting.extend(node.args)
        else:
            waiting.append(node.args[0])
            excluded[node.args[1]] = None
    return list(required), list(excluded)


def _covers(nodes: Sequence[PlanNode], order: Sequence[int], clauses: Mapping[int, Clause]) -> dict[int, Clause]:
    """Return alternatives one of which is met whenever a node holds, for the nodes that have such.

    How often they are met is estimated once for each node, however many name it.
    """
    found: dict[int, Clause] = {}
    often: dict[int, float] = {}
    for at in order:
        node = nodes[at]
        known = [child for child in node.args if child in found]
        if at in clauses:
            found[at] = clauses[at]
            often[at] = _frequency(clauses[at])
        elif known and (node.op == "and" or (node.op == "not" and known[0] == node.args[0])):
            rarest = min(known, key=often.__getitem__) if node.op == "and" else node.args[0]
            found[at], often[at] = found[rarest], often[rarest]
        elif (
            node.op == "or"
            and len(known) == len(node.args)
            and sum(len(found[child]) for child in known) <= _LARGEST_COVER
        ):
            found[at] = frozenset().union(*(found[child] for child in known))
            often[at] = _frequency(found[at])
    return found


def _inner(nodes: Sequence[PlanNode], order: Sequence[int], clauses: Mapping[int, Clause]) -> Inner:
    """Return the nodes above the clauses as a program."""
    wanted = {order[-1]}
    for at in reversed(order):
        if at in wanted and at not in clauses:
            wanted.update(nodes[at].args)
    number: dict[int, int] = {}
    asked: dict[Clause | Late, int] = {}
    ops = bytearray()
    args: list[array[int]] = []
    for at in order:
        node = nodes[at]
        leaf = node.leaf
        if at not in wanted:
            continue
        if at in clauses or isinstance(leaf, Late):
            each = leaf if isinstance(leaf, Late) else clauses[at]
            number[at] = ~asked.setdefault(each, len(asked))
            if at != order[-1]:
                continue
            ops.append(_OR)
            args.append(array("i", [number[at]]))
        else:
            ops.append(_ALL if leaf is not None else _OPS[node.op])
            args.append(array("i", [number[child] for child in node.args]))
        number[at] = len(args) - 1
    return Inner(bytes(ops), tuple(args), tuple(asked))
