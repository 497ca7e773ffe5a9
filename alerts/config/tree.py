"""What a YAML file says, with the place of everything: texts, lists and mappings, and nothing else.

Scalars stay the text that was written (`NO`, `on`, `07:30`, `2026-11-01`): what a value means is decided by the form it
is read into, never guessed from its looks. Lines and columns count from 1, columns in code points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "single", "double", "literal", "folded"]


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar. `text_line` and `text_column` say where its first character stands: after the quote or the `|` line."""

    value: str
    line: int
    column: int
    style: Style = "plain"
    text_line: int = 0
    text_column: int = 0
    end_line: int = 0

    @property
    def is_null(self) -> bool:
        """True for a key with nothing after it (YAML 1.2: empty, `~` or `null`, unquoted)."""
        return self.style == "plain" and self.value in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the order written; no key twice."""

    pairs: tuple[tuple[Text, Node], ...]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, if it is there."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def key(self, key: str) -> Text | None:
        """Return the key itself, for its place."""
        return next((name for name, _ in self.pairs if name.value == key), None)


Node = Text | Sequence | Mapping
Path = tuple[str | int, ...]
"""Keys and positions (from 0) that lead from the top of a file to a value in it."""


def find(node: Node, path: Path) -> tuple[Node, Text | None]:
    """Follow `path` as far as it goes; return the deepest node and, when its step was a key, that key."""
    key: Text | None = None
    for step in path:
        below: Node | None = None
        name: Text | None = None
        if isinstance(node, Mapping) and isinstance(step, str):
            below, name = node.get(step), node.key(step)
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            below = node.items[step]
        if below is None:
            break
        node, key = below, name
    return node, key
