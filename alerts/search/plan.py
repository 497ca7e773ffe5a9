"""A strategy as it is evaluated: a flat list of nodes, each after what it depends on.

Line references, blocks, field tags, spelling and headings are resolved; what stands under a NOT has nodes of its own,
since headings and limits are read more strictly there. Nothing recurses: a value per node, from first to last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from alerts.search.leaves import Leaf
from alerts.search.text import SearchText


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node: a leaf, everything (`all`), or `and`, `or`, `not` (the first argument without the second) of others.

    `line` is the strategy's line it stands in; [start, end) its place in the strategy's text, -1 in a block.
    """

    op: Literal["leaf", "and", "or", "not", "all"]
    args: tuple[int, ...]
    leaf: Leaf | None
    line: int
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """The nodes of a strategy, the node of each line as it stands, and the nodes of its results."""

    nodes: tuple[PlanNode, ...]
    lines: tuple[tuple[int, int], ...]
    full: int
    brief: int
    full_line: int
    brief_line: int

    def root(self, text: SearchText) -> int:
        """Return the node that decides for this record: the brief line's for a brief item."""
        return self.brief if text.is_brief else self.full

    def values(self, text: SearchText, wanted: Iterable[int]) -> list[bool]:
        """Return the value of every node that the `wanted` ones depend on; the others are False."""
        needed = self.needed(wanted)
        values = [False] * len(self.nodes)
        answers: dict[Leaf, bool] = {}
        for at in needed:
            node = self.nodes[at]
            if node.leaf is None:
                values[at] = value_of(node, values)
                continue
            answer = answers.get(node.leaf)
            if answer is None:
                answer = answers[node.leaf] = node.leaf.found(text)
            values[at] = answer
        return values

    def needed(self, wanted: Iterable[int]) -> list[int]:
        """Return the nodes that `wanted` depend on, in order."""
        reached: set[int] = set()
        waiting = list(wanted)
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting.extend(self.nodes[at].args)
        return sorted(reached)


def value_of(node: PlanNode, values: Sequence[bool]) -> bool:
    """Return the value of a node that is not a leaf, given the values of those before it."""
    if node.op == "and":
        return all(values[at] for at in node.args)
    if node.op == "or":
        return any(values[at] for at in node.args)
    if node.op == "not":
        return values[node.args[0]] and not values[node.args[1]]
    return True
