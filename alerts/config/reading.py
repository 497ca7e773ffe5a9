"""YAML text → tree."""

from __future__ import annotations

from alerts.config.tree import Node
from alerts.errors import Problem


def read_tree(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read `text`; return its tree (None when empty or unreadable) and the problems found."""
    from alerts.config.composed import compose

    return compose(text)
