"""A whole strategy as one PubMed query, for a service that takes one question and not lines.

Lines and blocks that a line names are printed in its place, and words in every spelling that the library's table gives
them, since PubMed does not know the table. What is not the same there is noted; PubMed's own rule that truncation needs
four letters (PubMed Help, "Truncating search terms") too, since nothing could be found behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

from alerts.search.dialects.printing import Translated, lines_in
from alerts.search.dialects.pubmed_wildcards import LEAST_LETTERS
from alerts.search.patterns import is_wild, literal_prefix
from alerts.search.tree import Group, Limit, Line, Near, Node, Not, Scoped, Syntax, Term

MOST_CHARACTERS = 100_000
"""A longer query is none: lines that name lines can double it with each line."""
_MOST_SPELLINGS = 16
_REFERENCE = re.compile(r"#([a-z0-9-]+)")

Spellings = Callable[[str], tuple[str, ...]]
"""Gives a word and every other way of spelling it."""


class TooLong(ValueError):
    """The query would have more than `MOST_CHARACTERS`."""


def one_query(
    syntax: Syntax, line: int, blocks: Mapping[str, Syntax] | None = None, spellings: Spellings | None = None
) -> Translated:
    """Print what the line of this number asks for as one PubMed query; raises TooLong."""
    asked = _Query(blocks or {}, spellings or (lambda word: (word,)))
    text = asked.line("", syntax, line)
    return Translated(text, "pubmed", tuple(dict.fromkeys(asked.notes)))


class _Query:
    """The lines printed so far, of the strategy ("") and of the blocks that it names."""

    def __init__(self, blocks: Mapping[str, Syntax], spellings: Spellings) -> None:
        self._blocks = blocks
        self._spellings = spellings
        self._lines: dict[tuple[str, int], str] = {}
        self.notes: list[str] = []

    def line(self, block: str, syntax: Syntax, number: int) -> str:
        """Return one line with everything that it names in its place; lines name earlier ones, blocks no circle."""
        known = self._lines.get((block, number))
        if known is not None:
            return known
        spelt = [self._spelt(each) for each in syntax.lines if each.number == number]
        printed, notes = lines_in(replace(syntax, lines=spelt), "pubmed")
        self.notes += [f"block #{block}, {each}" if block else each for each in notes]
        parts = (printed[0][1] if printed else "").split('"')
        length = 0
        for at, part in enumerate(parts):
            if at % 2 == 0 and "#" in part:
                parts[at] = _REFERENCE.sub(lambda found: self._named(block, syntax, found.group(1)), part)
            length += len(parts[at])
            if length > MOST_CHARACTERS:
                raise TooLong(f"more than {MOST_CHARACTERS:,} characters")
        text = self._lines[block, number] = '"'.join(parts)
        return text

    def _named(self, block: str, syntax: Syntax, name: str) -> str:
        """Return a line or block that is named, in brackets."""
        if name.isdigit():
            return f"({self.line(block, syntax, int(name))})"
        other = self._blocks[name]
        last = next(each.number for each in reversed(other.lines) if each.node is not None)
        return f"({self.line(name, other, last)})"

    def _spelt(self, line: Line) -> Line:
        """Return a line with its words in every spelling, but for those under a NOT: they take records away."""
        return line if line.node is None else replace(line, node=self._node(line.node, line.number))

    def _node(self, node: Node, line: int) -> Node:
        match node:
            case Term():
                return self._term(node, line)
            case Group():
                return replace(node, children=tuple(self._node(each, line) for each in node.children))
            case Not():
                return node if node.left is None else replace(node, left=self._node(node.left, line))
            case Near():
                return replace(node, left=self._node(node.left, line), right=self._node(node.right, line))
            case Scoped():
                return node if node.fields.heading else replace(node, child=self._node(node.child, line))
            case Limit():
                return replace(node, child=self._node(node.child, line))
            case _:
                return node

    def _term(self, node: Term, line: int) -> Node:
        for word in node.words:
            if is_wild(word) and 0 < len(literal_prefix(word)) < LEAST_LETTERS:
                self.notes.append(
                    f"line {line}: PubMed truncates after four letters at least, and would not truncate {word}, "
                    "which is narrower: write the words out"
                )
        ways = list(product(*(self._spellings(word) for word in node.words)))[:_MOST_SPELLINGS]
        if len(ways) < 2 or node.window is not None:
            return node
        terms = tuple(replace(node, words=way, written=" ".join(way)) for way in ways)
        return Group("or", terms, node.start, node.end)
