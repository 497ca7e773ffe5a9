"""Operands and operators in, a tree out: what the three dialects share of parsing.

A dialect's reader walks a line from left to right and says what it meets. Brackets are kept on an explicit stack, lists
of operands are folded by precedence in loops, and the depth of every node is counted as it is made: nothing here grows
with the nesting of hostile input.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from alerts.search.dialects.mixing import check_mixing, takes_tag
from alerts.search.problems import Findings
from alerts.search.tree import FieldSet, Group, LineRef, Near, Node, Not, Scoped, Term, only_lines

MOST_BRACKETS = 200
MOST_DEPTH = 400
"""A bracket can add two levels to the tree (itself and its field tag)."""

Precedence = Literal["ovid", "pubmed", "plain"]


@dataclass(slots=True)
class Op:
    """An operator as met: its name, for proximities how many words may lie between and whether order counts."""

    name: Literal["and", "or", "not", "near"]
    start: int
    end: int
    gap: int = 0
    ordered: bool = False


@dataclass(slots=True)
class Operand:
    """An operand as met. `closed` ones (tagged, bracketed and tagged, headings, lines) cannot take a neighbour as a
    phrase.
    """

    node: Node
    closed: bool
    bracket: bool = False
    loose: bool = False
    beside: list[Node] | None = None
    start: int = -1


@dataclass(slots=True)
class _Frame:
    """What stands in one bracket so far."""

    start: int
    items: list[Operand | Op]
    fields: FieldSet | None = None


class Builder:
    """Builds the expression of one line."""

    __slots__ = ("_depths", "_frames", "_overflow", "_precedence", "findings", "too_deep")

    def __init__(self, precedence: Precedence, findings: Findings) -> None:
        self._precedence = precedence
        self.findings = findings
        self._frames: list[_Frame] = [_Frame(0, [])]
        self._depths: dict[int, tuple[int, Node]] = {}
        self.too_deep = False
        self._overflow = 0

    @property
    def items(self) -> list[Operand | Op]:
        """What stands in the innermost bracket so far."""
        return self._frames[-1].items

    @property
    def expects_operand(self) -> bool:
        """True at the start of a bracket and after an operator."""
        return not self.items or isinstance(self.items[-1], Op)

    @property
    def last(self) -> Operand | None:
        """The operand just met, if the last thing met was one."""
        item = self.items[-1] if self.items else None
        return item if isinstance(item, Operand) else None

    def _made(self, node: Node, *children: Node) -> Node:
        """Count the depth of a node that was just made."""
        depth = 1 + max(
            (self._depths[id(child)][0] if id(child) in self._depths else 1 for child in children), default=0
        )
        self._depths[id(node)] = depth, node
        if depth > MOST_DEPTH:
            self._deep(node.start, node.end)
        return node

    def instead(self, old: Node, new: Node) -> Node:
        """Let a node take another's place: it counts as deep as that."""
        self._depths[id(new)] = self._depths[id(old)][0] if id(old) in self._depths else 1, new
        return new

    def _scoped(self, child: Node, fields: FieldSet, start: int, end: int, tag: tuple[int, int]) -> Node:
        """Apply a field tag, which stands at `tag`, to what it belongs to, if there are words that it can apply to."""
        if takes_tag(child):
            return self._made(Scoped(child, fields, start, end), child)
        self.findings.add(
            "S051",
            f"The field tag {fields.written} has no words to apply to: what it belongs to has a tag of its own, or is a"
            " heading, a date or a line.",
            "Give the tag to the words themselves, or remove it.",
            start=tag[0],
            end=tag[1],
        )
        return child

    def _deep(self, start: int, end: int) -> None:
        """Report too deep a nesting, once."""
        if not self.too_deep:
            self.too_deep = True
            self.findings.add(
                "S011",
                f"The nesting is deeper than {MOST_BRACKETS} levels.",
                "Spread the search over several lines.",
                start=start,
                end=end,
            )

    def open(self, start: int, fields: FieldSet | None = None) -> None:
        """Meet an opening bracket."""
        if len(self._frames) > MOST_BRACKETS:
            self._deep(start, start + 1)
            self._overflow += 1
            return
        self._frames.append(_Frame(start, [], fields))

    def close(self, end: int) -> None:
        """Meet a closing bracket."""
        if self._overflow:
            self._overflow -= 1
            return
        if len(self._frames) == 1:
            self.findings.add(
                "S001",
                "This bracket closes nothing.",
                "Remove it, or open a bracket before it.",
                start=end - 1,
                end=end,
            )
            return
        frame = self._frames.pop()
        node = self._fold(frame)
        if node is None:
            if not frame.items:
                self.findings.add(
                    "S003", "There is nothing in these brackets.", "Remove them.", start=frame.start, end=end
                )
            return
        if frame.fields is not None:
            tag = frame.start - len(frame.fields.written), frame.start
            node = self._scoped(node, frame.fields, frame.start, end, tag)
        self.operand(node, closed=frame.fields is not None, bracket=True)
        if self.last is not None and self.last.node is node:
            self.last.start = frame.start

    def operand(self, node: Node, *, closed: bool = False, bracket: bool = False, loose: bool = False) -> None:
        """Meet an operand. `loose`: words without a tag (PubMed, plain), which may stand side by side."""
        met = Operand(node, closed, bracket, loose)
        before = self.last
        if before is None:
            self.items.append(met)
        elif self._precedence == "ovid":
            self._beside_in_ovid(before, met)
        else:
            self._beside(before, met)

    def _beside_in_ovid(self, before: Operand, met: Operand) -> None:
        """Two operands side by side in Ovid: a phrase if both are untagged, else a missing operator."""
        count = isinstance(met.node, Term) and all(word.isdecimal() for word in met.node.words)
        if before.closed or met.closed or (only_lines(before.node) and (count or only_lines(met.node))):
            remedy = "Put AND, OR or ADJ between them."
            if count:
                remedy = "If this is a number of hits, remove it; else put AND, OR or ADJ between them."
            if self.findings.has_at("S070", met.node.start):
                remedy = "If this is a line of its own, give it its number; else put AND, OR or ADJ before it."
            self.findings.add(
                "S004",
                "There is no operator between this and what stands before it.",
                remedy,
                start=met.node.start,
                end=met.node.end,
            )
            self.items.append(Op("and", met.node.start, met.node.start))
        else:
            self.findings.add(
                "S047",
                "There is no operator between a bracket and a word: read as ADJ, side by side in this order.",
                "Write adj or adj3 between them if that is meant, else AND or OR.",
                start=met.node.start,
                end=met.node.end,
            )
            self.items.append(Op("near", met.node.start, met.node.start, 0, True))
        self.items.append(met)

    def _beside(self, before: Operand, met: Operand) -> None:
        """Two operands side by side elsewhere: both are required."""
        if not (before.loose and met.loose):
            self.findings.add(
                "S071",
                "There is no operator between this and what stands before it: both are required, as with AND.",
                "Write AND, OR or NOT between them.",
                start=met.node.start,
                end=met.node.end,
            )
        if before.beside is None:
            before.beside = [before.node]
        before.beside.append(met.node)
        before.loose = before.loose and met.loose
        before.closed = before.bracket = False

    def _settle(self, operand: Operand) -> Node:
        """Return an operand's node, words side by side made into one group."""
        if operand.beside is not None:
            nodes = operand.beside
            operand.beside = None
            operand.node = self._made(Group("and", tuple(nodes), nodes[0].start, nodes[-1].end, spread=True), *nodes)
        return operand.node

    def operator(self, op: Op) -> None:
        """Meet an operator."""
        items = self.items
        before = items[-1] if items else None
        if isinstance(before, Operand) or (op.name == "not" and before is None):
            items.append(op)
        elif op.name == "not" and isinstance(before, Op) and before.name == "and":
            self.findings.add("S078", "“and not” is read as NOT.", start=before.start, end=op.end)
            items[-1] = Op("not", before.start, op.end)
        else:
            self.findings.add(
                "S003",
                f"The operator {_shown(op)} has nothing before it.",
                "Put a term before it, or remove it.",
                start=op.start,
                end=op.end,
            )

    def scope(
        self, fields: FieldSet, start: int, end: int, lines: tuple[Node, tuple[LineRef, ...]] | None = None
    ) -> None:
        """Meet a field tag after an operand: of `lines`, where the operand names lines, the words of those."""
        before = self.last
        if before is None:
            self.findings.add(
                "S003",
                f"The field tag {fields.written} stands after nothing.",
                "Put a term before it.",
                start=start,
                end=end,
            )
            return
        child = self._settle(before)
        begins = before.start if before.start >= 0 else child.start
        if lines is not None:
            child = self.instead(child, lines[0])
        scoped = self._scoped(child, fields, begins, end, (start, end))
        if lines and isinstance(scoped, Scoped):
            scoped = self.instead(scoped, replace(scoped, lines=lines[1]))
        self.items[-1] = Operand(scoped, True, before.bracket)

    def finish(self, end: int) -> Node | None:
        """End the line and return its expression, or `None` when nothing readable was met."""
        if self.too_deep:
            return None
        while len(self._frames) > 1:
            frame = self._frames[-1]
            self.findings.add(
                "S001",
                "This bracket is never closed.",
                "Close it, or remove it.",
                start=frame.start,
                end=frame.start + 1,
            )
            self._frames.pop()
            node = self._fold(frame)
            if node is not None:
                self.operand(node, bracket=True)
        node = self._fold(self._frames[0])
        return None if self.too_deep else node

    def _fold(self, frame: _Frame) -> Node | None:
        """Turn the operands and operators of one bracket into one node."""
        items = frame.items
        if items and isinstance(items[-1], Op):
            op = items.pop()
            assert isinstance(op, Op)
            self.findings.add(
                "S003",
                f"The operator {_shown(op)} has nothing after it.",
                "Put a term after it, or remove it.",
                start=op.start,
                end=op.end,
            )
            return self._fold(frame) if items else None
        if not items:
            return None
        for item in items:
            if isinstance(item, Operand):
                self._settle(item)
        if len(items) == 1 and isinstance(items[0], Operand):
            return items[0].node
        ops = [each for each in items if isinstance(each, Op) and each.name != "near" and each.start < each.end]
        check_mixing([(each.name, each.start, each.end) for each in ops], self._precedence, self.findings)
        items = self._fold_near(items)
        if self._precedence == "pubmed":
            return self._fold_left(items)
        return self._fold_or(items)

    def _fold_near(self, items: list[Operand | Op]) -> list[Operand | Op]:
        """Fold proximities, which bind first, from left to right."""
        folded: list[Operand | Op] = []
        at = 0
        while at < len(items):
            item = items[at]
            if isinstance(item, Op) and item.name == "near" and folded:
                left, right = folded[-1], items[at + 1]
                assert isinstance(left, Operand)
                assert isinstance(right, Operand)
                sides = _as_words(left.node), _as_words(right.node)
                node = Near(*sides, item.gap, item.ordered, sides[0].start, sides[1].end)
                folded[-1] = Operand(self._made(node, *sides), True)
                at += 2
            else:
                folded.append(item)
                at += 1
        return folded

    def _fold_or(self, items: list[Operand | Op]) -> Node:
        """Fold what OR separates: AND and NOT bind before it."""
        parts: list[list[Operand | Op]] = [[]]
        for item in items:
            if isinstance(item, Op) and item.name == "or":
                parts.append([])
            else:
                parts[-1].append(item)
        return self._group("or", [self._fold_left(part) for part in parts])

    def _fold_left(self, items: list[Operand | Op]) -> Node:
        """Fold from left to right; equal neighbours make one group."""
        at = 0
        current: list[Node] = []
        name: Literal["and", "or"] = "and"
        first = items[0]
        if isinstance(first, Op):
            right = items[1]
            assert isinstance(right, Operand)
            current = [self._made(Not(None, right.node, first.start, right.node.end), right.node)]
            at = 2
        else:
            current = [first.node]
            at = 1
        while at < len(items):
            op, right = items[at], items[at + 1]
            assert isinstance(op, Op)
            assert isinstance(right, Operand)
            if op.name == "not":
                removed = [right.node]
                while at + 2 < len(items) and isinstance(following := items[at + 2], Op) and following.name == "not":
                    more = items[at + 3]
                    assert isinstance(more, Operand)
                    removed.append(more.node)
                    at += 2
                left, without = self._group(name, current), self._group("or", removed)
                current = [self._made(Not(left, without, left.start, without.end), left, without)]
            elif op.name == name or len(current) == 1:
                name = "or" if op.name == "or" else "and"
                current.append(right.node)
            else:
                current = [self._group(name, current), right.node]
                name = "or" if op.name == "or" else "and"
            at += 2
        return self._group(name, current)

    def _group(self, name: Literal["and", "or"], nodes: list[Node]) -> Node:
        """Return one group, or the node itself when there is only one."""
        if len(nodes) == 1:
            return nodes[0]
        return self._made(Group(name, tuple(nodes), nodes[0].start, nodes[-1].end), *nodes)


def _as_words(node: Node) -> Node:
    """In a proximity digits are a word, not a line."""
    if isinstance(node, LineRef) and node.bare:
        return Term((str(node.number),), str(node.number), node.start, node.end)
    return node


def _shown(op: Op) -> str:
    """Name an operator as librarians write it."""
    return "ADJ" if op.name == "near" else op.name.upper()
