"""Many strategies, one stream."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.model.records import Evidence
from alerts.search.strategy import Strategy
from alerts.search.text import SearchText


class Index:
    """Strategies by key, asked together; the answers are those of each strategy asked alone."""

    def __init__(self, strategies: Mapping[str, Strategy]) -> None:
        self._strategies = dict(strategies)

    def add(self, key: str, strategy: Strategy) -> None:
        """Add or replace one strategy."""
        self._strategies[key] = strategy

    def remove(self, key: str) -> None:
        """Remove one strategy, if it is there."""
        self._strategies.pop(key, None)

    def find(self, text: SearchText) -> dict[str, Evidence]:
        """Return the evidence of every strategy that matches."""
        found: dict[str, Evidence] = {}
        for key, strategy in self._strategies.items():
            evidence = strategy.find(text)
            if evidence is not None:
                found[key] = evidence
        return found
