"""YAML text → tree."""

from __future__ import annotations

from alerts.config import quick
from alerts.config.tree import Node
from alerts.errors import Problem


def read_tree(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read `text`; return its tree (None when empty or unreadable) and the problems found."""
    try:
        return quick.read(text), ()
    except quick.Unusual:
        from alerts.config.composed import compose  # a tenth of a second that most folders never need

        return compose(text)
