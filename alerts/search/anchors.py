"""Words to go by: without one of its anchors in a record, a strategy cannot match it.

The anchors of a term are one of its words, of alternatives those of each, of requirements those of the one that is
rarest. What has none (a date, everything, a wildcard at the beginning of a word) makes the strategy one that is always
evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.search.leaves import AnyLeaf, FixedLeaf, HeadingLeaf, Leaf, NearLeaf, TermLeaf, WindowLeaf
from alerts.search.patterns import is_wild, literal_prefix
from alerts.search.plan import PlanNode

LONGEST = 20
"""Letters of a beginning that are looked at: `SearchText.beginnings` has no longer ones."""

Anchors = frozenset[str] | None
"""Words, and beginnings of words with a trailing `*`; `None` when there is nothing to go by."""


def anchors_of(nodes: Sequence[PlanNode], order: Sequence[int], root: int) -> Anchors:
    """Return the anchors of node `root`; `order` lists the nodes it depends on, in order."""
    found: dict[int, Anchors] = {}
    for at in order:
        node = nodes[at]
        if node.leaf is not None:
            found[at] = leaf_anchors(node.leaf)
        elif node.op == "and":
            found[at] = _best([found[child] for child in node.args])
        elif node.op == "or":
            found[at] = _union([found[child] for child in node.args])
        else:
            found[at] = found[node.args[0]] if node.op == "not" else None
    return found[root]


def leaf_anchors(leaf: Leaf) -> Anchors:
    """Return the anchors of one leaf."""
    match leaf:
        case TermLeaf() | WindowLeaf():
            return _best([_place_anchors(place) for place in leaf.places])
        case AnyLeaf():
            return _union([leaf_anchors(option) for option in leaf.options])
        case NearLeaf():
            return _best([leaf_anchors(leaf.left), leaf_anchors(leaf.right)])
        case HeadingLeaf():
            own = {key[0] for key in leaf.keys if key}
            if leaf.own_only or leaf.phrases is None:
                return frozenset(own)
            return frozenset(own | leaf.phrases.by_first.keys())
        case FixedLeaf():
            return None if leaf.value else frozenset()
        case _:
            return None


def _place_anchors(place: tuple[str, ...]) -> Anchors:
    """Return the anchors of one word of a term and its variants."""
    found: set[str] = set()
    for pattern in place:
        if not is_wild(pattern):
            found.add(pattern)
            continue
        prefix = literal_prefix(pattern)
        if not prefix:
            return None
        found.add(prefix[:LONGEST] + "*")
    return frozenset(found)


def _union(parts: list[Anchors]) -> Anchors:
    """Return the anchors of alternatives."""
    known = [part for part in parts if part is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None


def _best(parts: list[Anchors]) -> Anchors:
    """Return the anchors that seem rarest: short words and short beginnings count as frequent."""
    known = [part for part in parts if part is not None]
    return min(known, key=_frequency) if known else None


def _frequency(anchors: frozenset[str]) -> float:
    """Estimate how often one of these words is met: a word of n letters half as often as one of n - 1."""
    total = 0.0
    for word in anchors:
        letters = len(word) - 2 if word.endswith("*") else len(word)
        total += 0.65 ** max(letters, 0)
    return total
