"""What a plan as a whole can never do, always does, or asks of feed items that they do not have."""

from __future__ import annotations

from alerts.search.leaves import AnyLeaf, DateLeaf, FixedLeaf, HeadingLeaf, Leaf, NearLeaf, TermLeaf, WindowLeaf
from alerts.search.patterns import letters
from alerts.search.plan import Plan, PlanNode
from alerts.search.problems import Findings
from alerts.search.text import BIT, OWN_WORDS

_CHECK_TAGS = frozenset({"human", "humans", "male", "female"})
"""Headings that indexers tick on every record they fit and that hardly any text spells out."""


def lint_plan(plan: Plan, findings: Findings) -> None:
    """Report results that can never match or nearly always do, and requirements that feed items cannot meet."""
    _check_tags(plan, findings)
    view = _View(plan)
    for root, name in dict.fromkeys(((plan.full, plan.full_line), (plan.brief, plan.brief_line))):
        place = _place(plan.nodes[root])
        if view.never[root]:
            findings.add(
                "S034",
                f"The result, line {name}, can never match a record.",
                "Check what is required and what is excluded.",
                start=place[0],
                end=place[1],
            )
        elif view.broad[root]:
            findings.add(
                "S035",
                f"The result, line {name}, matches nearly every record.",
                "Require at least one term.",
                start=place[0],
                end=place[1],
            )
        elif view.indexed[root]:
            _missing(plan, root, findings)
    for at in _required(plan):
        node = plan.nodes[at]
        if node.op == "and":
            for child in node.args:
                if view.indexed[child]:
                    _missing(plan, child, findings)


def _check_tags(plan: Plan, findings: Findings) -> None:
    """Warn of a requirement of indexing that hardly any text spells out: `AND humans[mh]`."""
    for at in _required(plan):
        node = plan.nodes[at]
        for child in (plan.nodes[arg] for arg in node.args if node.op == "and"):
            if isinstance(child.leaf, HeadingLeaf) and child.leaf.written.casefold() in _CHECK_TAGS:
                findings.add(
                    "S037",
                    f"Line {child.line} requires the heading “{child.leaf.written}”, which most feed items neither have"
                    " nor spell out: it will stop most of them.",
                    "Drop it, or use limits: in the profile.",
                    start=child.start,
                    end=child.end,
                )


def concepts(plan: Plan) -> int:
    """Return how many concepts a brief item must meet at once: what its result line joins by AND."""
    count = 0
    waiting = [plan.brief]
    while waiting:
        node = plan.nodes[waiting.pop()]
        if node.op == "and":
            waiting.extend(node.args)
        elif node.op == "not":
            waiting.append(node.args[0])
        else:
            count += 1
    return count


def _required(plan: Plan) -> list[int]:
    """Return the nodes that the results build on; what they exclude is left out."""
    reached: set[int] = set()
    waiting = [plan.full, plan.brief]
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            node = plan.nodes[at]
            waiting.extend(node.args[:1] if node.op == "not" else node.args)
    return sorted(reached)


def _missing(plan: Plan, at: int, findings: Findings) -> None:
    """Report a requirement that most feed items cannot meet; of several joined by AND each speaks for itself."""
    while plan.nodes[at].op == "not":
        at = plan.nodes[at].args[0]
    node = plan.nodes[at]
    if node.op == "and":
        return
    start, end = _place(node)
    findings.add(
        "S037",
        f"Line {node.line} requires what most feed items do not have (publication type, language, indexing):"
        " it will stop most of them.",
        "Drop it, add words in title and abstract, or use limits: in the profile.",
        start=start,
        end=end,
    )


def _place(node: PlanNode) -> tuple[int, int]:
    """Return a node's place in the strategy's text."""
    return node.start, node.end


class _View:
    """What can be said of each node without a record.

    `never`: no record satisfies it. `broad`: nearly every record does. `indexed`: only fields that feed items lack
    could satisfy it. `key`: equal for nodes that ask the same.
    """

    __slots__ = ("broad", "indexed", "key", "never", "plan")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.never: list[bool] = []
        self.broad: list[bool] = []
        self.indexed: list[bool] = []
        self.key: list[int] = []
        known: dict[object, int] = {}
        for node in plan.nodes:
            args = tuple(self.key[at] for at in node.args)
            if node.op in {"and", "or"}:
                args = tuple(sorted(set(args)))
            shape = (node.op, args, node.leaf)
            self.key.append(known.setdefault(shape, len(known)))
            self._judge(node)

    def _judge(self, node: PlanNode) -> None:
        """Judge one node from those it depends on."""
        args = node.args
        if node.leaf is not None:
            never = _fields(node.leaf) == 0
            self.never.append(never)
            self.broad.append(_is_broad(node.leaf))
            self.indexed.append(never or _needs_indexing(node.leaf))
        elif node.op == "and":
            self.never.append(any(self.never[at] for at in args))
            self.broad.append(all(self.broad[at] for at in args))
            self.indexed.append(any(self.indexed[at] for at in args))
        elif node.op == "or":
            self.never.append(all(self.never[at] for at in args))
            self.broad.append(any(self.broad[at] for at in args))
            self.indexed.append(all(self.indexed[at] for at in args))
        elif node.op == "not":
            left, right = args
            self.never.append(self.never[left] or self._excludes(left, right))
            self.broad.append(self.broad[left])
            self.indexed.append(self.indexed[left])
        else:
            self.never.append(False)
            self.broad.append(True)
            self.indexed.append(False)

    def _excludes(self, left: int, right: int) -> bool:
        """Tell whether everything that satisfies `left` satisfies `right` too."""
        excluded = self._alternatives(right, "or")
        return (
            not excluded.isdisjoint(self._alternatives(left, "and"))
            or (self.plan.nodes[left].op == "or" and self._alternatives(left, "or") <= excluded)
            or self.plan.nodes[right].op == "all"
        )

    def _alternatives(self, at: int, op: str) -> set[int]:
        """Return the keys of a node and of its nearest children joined by `op`."""
        found: set[int] = set()
        waiting = [at]
        while waiting:
            current = waiting.pop()
            if self.key[current] in found:
                continue
            found.add(self.key[current])
            if self.plan.nodes[current].op == op:
                waiting.extend(self.plan.nodes[current].args)
        return found


def _is_broad(leaf: Leaf) -> bool:
    """Tell whether a leaf is satisfied by nearly every new item: one letter truncated, a date without an end."""
    if isinstance(leaf, TermLeaf):
        return len(leaf.places) == 1 and any("*" in word and letters(word) < 2 for word in leaf.places[0])
    if isinstance(leaf, FixedLeaf):
        return leaf.value
    return isinstance(leaf, DateLeaf) and leaf.last is None and leaf.unknown


def _needs_indexing(leaf: Leaf) -> bool:
    """Tell whether a leaf looks only at fields that most feed items do not have; journal, author and identifier are
    what they often have.
    """
    if isinstance(leaf, HeadingLeaf):
        return leaf.own_only
    fields = _fields(leaf)
    return fields is not None and not fields & (OWN_WORDS | BIT["jn"] | BIT["au"] | BIT["ui"])


def _fields(leaf: Leaf) -> int | None:
    """Return the fields in which a leaf can be met by words; none of them where no item can meet it."""
    match leaf:
        case TermLeaf() | WindowLeaf():
            return leaf.fields
        case AnyLeaf():
            return _either(leaf.options)
        case NearLeaf():
            return (_fields(leaf.left) or 0) & (_fields(leaf.right) or 0)
        case FixedLeaf(value=False):
            return 0
    return None


def _either(options: tuple[Leaf, ...]) -> int:
    """Return the fields in which one of the alternatives can be met."""
    fields = 0
    for option in options:
        fields |= _fields(option) or 0
    return fields
