"""The tree that all three dialects build.

A strategy is a list of lines; a line is one expression. Nodes are compared by identity and know their place: code
points [start, end) of the strategy's text. Field tags stay where they were written (`Scoped`): what they mean for the
terms below is decided when the tree is bound to what a record can answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

Operator = Literal["and", "or", "not", "near"]


@dataclass(frozen=True, slots=True)
class FieldSet:
    """What a field tag asks for: `mask` of fields (`text.BIT`), whole headings, a date, or what no feed item can
    answer.
    """

    mask: int = 0
    heading: bool = False
    is_date: bool = False
    unanswerable: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A word or a phrase: one pattern per word (`patterns`), looked for side by side in this order.

    `quoted` phrases were written in quotation marks. `window` is PubMed's `:~N`: all words, any order, with at most
    that many others among them. `bare_number` marks digits that could have been a line.
    """

    words: tuple[str, ...]
    written: str
    start: int
    end: int
    quoted: bool = False
    window: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Heading:
    """A subject heading. Focus and subheadings are kept for printing back; matching drops them."""

    name: str
    explode: bool
    start: int
    end: int
    focus: bool = False
    subheadings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Alternatives (`or`) or requirements (`and`), two or more. `spread` is how PubMed reads words side by side."""

    op: Literal["and", "or"]
    children: tuple[Node, ...]
    start: int
    end: int
    spread: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """The left without the right; no left means everything."""

    left: Node | None
    right: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Two sides at most `gap` words apart; `ordered` when the left must come first."""

    left: Node
    right: Node
    gap: int
    ordered: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Scoped:
    """A bracket, a phrase or lines with a field tag; an inner tag wins over an outer one."""

    child: Node
    fields: FieldSet
    start: int
    end: int
    lines: tuple[LineRef, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LineRef:
    """The result of another line. `bare` digits are a word where a line makes no sense (proximity, tagged bracket)."""

    number: int
    start: int
    end: int
    bare: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class BlockRef:
    """A shared search block by its id."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """A date between `first` and `last`, either of which may be open. As a field search or as a limit it means the
    same.
    """

    first: date | None
    last: date | None
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a limit.

    `kind` says how it is answered: by language, date, publication type or heading, or not at all (`other`).
    """

    kind: Literal["language", "date", "type", "heading", "abstract", "other"]
    values: tuple[str, ...]
    written: str
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """A line's result, limited; what a record does not say counts as met."""

    child: Node
    conditions: tuple[Condition, ...]
    any_of: bool
    start: int
    end: int


Node: TypeAlias = Term | Heading | Group | Not | Near | Scoped | LineRef | BlockRef | Dates | Limit


def only_lines(node: Node) -> bool:
    """Tell whether a node combines lines, and nothing else (nor very many, which nobody writes)."""
    waiting = [node]
    while len(waiting) < 1_000:
        if not waiting:
            return True
        match waiting.pop():
            case LineRef():
                continue
            case Group(children=children):
                waiting.extend(children)
            case _:
                return False
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of a strategy: its number, its expression (None when it could not be read) and its text as written."""

    number: int
    node: Node | None
    written: str
    start: int
    end: int


@dataclass(slots=True)
class Syntax:
    """A strategy as read: its dialect, its lines in order, and whether line numbers are the author's."""

    dialect: Literal["ovid", "pubmed", "plain"]
    lines: list[Line] = field(default_factory=list)
    numbered: bool = False
    database: str = ""
