"""A line before a field tag, `3.ti,ab.` or `(1 or 2).ti.`: its words that have no tag of their own, in these fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.search.dialects.line_lists import MOST_REFERENCES
from alerts.search.dialects.mixing import takes_tag
from alerts.search.problems import Findings
from alerts.search.tree import Group, LineRef, Near, Node, Not, Scoped, Term, only_lines

_NUMBER = re.compile(r"(#?)\s?(\d{1,3})")
_MOST_LINES_DEEP = 20
_MOST_LEVELS = 100


@dataclass(slots=True)
class EarlierLines:
    """The lines that stand before the one that is read, by their numbers, and how many there are in all."""

    nodes: Mapping[int, Node | None] = field(default_factory=dict)
    total: int = 1

    def in_fields(self, node: Node, tag: str, end: int, findings: Findings) -> tuple[Node, tuple[LineRef, ...]] | None:
        """Return the words of the lines that stand before a field tag, and the lines; None where numbers are words."""
        references = _references(node)
        if not references:
            return None
        one = len(references) == 1
        written = ", ".join(str(each.number) for each in references[:5]) + (" …" if len(references) > 5 else "")
        place = {"start": node.start, "end": end}
        if not all(each.number in self.nodes or not each.bare for each in references):
            if self.total > 1 and all(each.number <= self.total for each in references):
                findings.add(
                    "S044",
                    f"{written} before {tag} is a number to search for, since no earlier line is called so.",
                    "If a line is meant, name an earlier one.",
                    **place,
                )
            return None
        named = references[0] if one else node
        words = self.expanded(named, findings)
        if not takes_tag(words):  # said by the tag that has nothing to apply to
            return self.expanded(named, findings, _MOST_LINES_DEEP), references
        findings.add(
            "S044",
            f"{'Line' if one else 'The lines'} {written} before {tag}: read as the words there that have no field tag"
            " of their own, in these fields.",
            f'If the number itself is meant, write "{references[0].number}"{tag}',
            **place,
        )
        return words, references

    def expanded(self, node: Node, findings: Findings, deep: int = 0) -> Node:
        """Return a node with the lines it names put in their places."""
        match node:
            case LineRef():
                line = self.nodes.get(node.number)
                if line is None or deep >= _MOST_LINES_DEEP or not self._fits(line, findings):
                    return replace(node, bare=False)
                return self.expanded(line, findings, deep + 1)
            case Group() if _has_lines(node):
                return replace(node, children=tuple(self.expanded(each, findings, deep) for each in node.children))
            case Not() if _has_lines(node):
                left = None if node.left is None else self.expanded(node.left, findings, deep)
                return replace(node, left=left, right=self.expanded(node.right, findings, deep))
        return node

    def _fits(self, line: Node, findings: Findings) -> bool:
        """Tell whether a line can be written once more; hostile strategies would grow without bounds."""
        size, levels = _size(line)
        findings.line_references += size
        if findings.line_references > MOST_REFERENCES or levels > _MOST_LEVELS:
            findings.add("S010", "The strategy refers to lines too often.", "Use fewer field tags after lines.")
            return False
        return True


def _references(node: Node) -> tuple[LineRef, ...]:
    """Return the lines that a node may name: `1`, `#1`, `1 or 2`; none when there is anything else in it."""
    if isinstance(node, Term):
        found = _NUMBER.fullmatch(node.written)
        return (LineRef(int(found.group(2)), node.start, node.end, not found.group(1)),) if found else ()
    if not only_lines(node):
        return ()
    waiting: list[Node] = [node]
    lines: list[LineRef] = []
    while waiting:
        current = waiting.pop()
        if isinstance(current, LineRef):
            lines.append(current)
        elif isinstance(current, Group):
            waiting.extend(reversed(current.children))
    return tuple(lines)


def _has_lines(node: Node) -> bool:
    """Tell whether a line is named in AND, OR or NOT below a node."""
    waiting: list[Node | None] = [node]
    while waiting:
        match waiting.pop():
            case LineRef():
                return True
            case Group(children=children):
                waiting.extend(children)
            case Not(left=left, right=right):
                waiting.extend((left, right))
    return False


def _size(node: Node) -> tuple[int, int]:
    """Return how many nodes there are in a node, and on how many levels."""
    waiting: list[tuple[Node | None, int]] = [(node, 1)]
    size = levels = 0
    while waiting:
        current, level = waiting.pop()
        size, levels = size + 1, max(levels, level)
        match current:
            case Group(children=children):
                waiting.extend((each, level + 1) for each in children)
            case Not(left=left, right=right) | Near(left=left, right=right):
                waiting.extend(((left, level + 1), (right, level + 1)))
            case Scoped(child=child):
                waiting.append((child, level + 1))
    return size, levels
