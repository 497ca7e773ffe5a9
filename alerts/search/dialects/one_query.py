"""A whole strategy as one PubMed query, for a service that takes one question and not lines.

Lines and blocks that a line names are printed in its place, and words in every spelling that the library's table gives
them, since PubMed does not know the table. What is not the same there is noted. PubMed's own rules (PubMed Help,
"Truncating search terms": four letters at least, and of a phrase the last word only) are kept to, since nothing could
be found behind what it does not take.
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
_NARROWER = "which is narrower: write the words out"
_LAST_WORD = (
    "PubMed truncates the last word of a phrase only: its parts are required, wherever they stand, which is broader"
)
_TAKE_AN_S = "bcdfgklmnprt"
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
        printed, notes = lines_in(replace(syntax, lines=spelt), "pubmed", asked=True)
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
                return self._near(
                    replace(node, left=self._node(node.left, line), right=self._node(node.right, line)), line
                )
            case Scoped():
                return node if node.fields.heading else replace(node, child=self._node(node.child, line))
            case Limit():
                return replace(node, child=self._node(node.child, line))
            case _:
                return node

    def _near(self, node: Near, line: int) -> Node:
        """Return words that stand side by side: no phrase for PubMed where the first of them is truncated."""
        if node.gap or not (_ends_wild(node.left) or (_ends_wild(node.right) and not node.ordered)):
            return node
        self._said(line, _LAST_WORD)
        return Group("and", (node.left, node.right), node.start, node.end)

    def _term(self, node: Term, line: int) -> Node:
        ways = list(product(*(self._word(word, line, alone=len(node.words) == 1) for word in node.words)))[
            :_MOST_SPELLINGS
        ]
        if node.window is not None:
            return node
        terms = tuple(node if way == node.words else replace(node, words=way, written=" ".join(way)) for way in ways)
        pieces = tuple(self._pieces(each, line) for each in terms)
        return pieces[0] if len(pieces) == 1 else Group("or", pieces, node.start, node.end)

    def _word(self, word: str, line: int, *, alone: bool) -> tuple[str, ...]:
        """Return a word in every spelling; one truncated too early for PubMed as the words that are meant most likely.

        In a phrase ("e-cig*") it is left as it is, since it is not told whether PubMed counts the letters of the whole.
        """
        stem = literal_prefix(word)
        if not is_wild(word) or not 0 < len(stem) < LEAST_LETTERS:
            return self._spellings(word)
        wild = re.sub(r"[^*#?]", "", word)
        if wild == "#":
            words: tuple[str, ...] = (word.replace("#", "a"), word.replace("#", "e"))
        elif wild == "?":
            words = self._spellings(word.replace("?", ""))
        elif alone and word == f"{stem}*":
            words = (stem, f"{stem}s") if len(stem) == 3 and stem[-1] in _TAKE_AN_S else (stem,)
        else:
            self._said(
                line, f"PubMed truncates after four letters at least, and would not truncate {word}, {_NARROWER}"
            )
            return (word,)
        said = f"PubMed truncates after four letters at least: {word} is asked as {' or '.join(words)}, {_NARROWER}"
        self._said(line, said)
        return words

    def _pieces(self, node: Term, line: int) -> Node:
        """Return a phrase as PubMed takes it: cut behind each truncated word but the last, all pieces required."""
        pieces: list[list[str]] = [[]]
        for word in node.words:
            if pieces[-1] and is_wild(pieces[-1][-1]):
                pieces.append([])
            pieces[-1].append(word)
        if len(pieces) == 1:
            return node
        self._said(line, _LAST_WORD)
        terms = tuple(replace(node, words=tuple(each), written=" ".join(each)) for each in pieces)
        return Group("and", terms, node.start, node.end)

    def _said(self, line: int, note: str) -> None:
        self.notes.append(f"line {line}: {note}")


def _ends_wild(node: Node) -> bool:
    """Tell whether a side of a proximity ends in a truncated word, in one of its alternatives at least."""
    if isinstance(node, Group):
        return any(_ends_wild(each) for each in node.children)
    return isinstance(node, Term) and is_wild(node.words[-1])
