"""One record, asked of all strategies: which clauses its words meet."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, compress

from alerts.search.stream.anchors import Check, holds
from alerts.search.stream.entries import Entries
from alerts.search.stream.tables import FIRST, NOTHING, OTHER, SECOND, Posting
from alerts.search.text import SearchText


class Single:
    """What one record meets.

    Phrases and proximities whose words are there are kept pending, by role and number; they are settled for the
    strategies that the other clauses leave possible, which are few.
    """

    __slots__ = ("_met", "_pending", "text")

    def __init__(self, text: SearchText, entries: Entries) -> None:
        self.text = text
        self._met: tuple[set[int], set[int], set[int]] = (set(), set(), set())
        self._pending: tuple[dict[int, list[tuple[int, Check]]], ...] = ({}, {}, {})
        hits: list[Posting] = []
        for table in entries.tables():
            words = text.distinct(table.fields)
            found = list(filter(None, map(table.known.__getitem__, words)))
            if found:
                hits += found
                self._keep_pending(found, words, table.fields)
        hits += [entries.headings.get(key, NOTHING) for key in text.heading_keys]
        if hits:
            firsts, seconds, others, _, _ = zip(*hits, strict=True)
            self._met[FIRST].update(*firsts)
            self._met[OTHER].update(*others)
            self._meet_headings(entries)
            self._met[SECOND].update(self.possible(FIRST).intersection(chain.from_iterable(seconds)))

    def _keep_pending(self, hits: Collection[Posting], words: Collection[str], fields: int) -> None:
        """Keep the checks whose words are all there."""
        there = map(words.__contains__, chain.from_iterable(hit.beside for hit in hits))
        for check, role, number in compress(chain.from_iterable(hit.probes for hit in hits), there):
            self._pending[role].setdefault(number, []).append((fields, check))

    def _meet_headings(self, entries: Entries) -> None:
        """Add the clauses in which a heading stands that the record has or mentions."""
        for group in entries.targets.keys() & self.possible(OTHER):
            if self.meets(OTHER, group):
                for role, number in entries.targets[group]:
                    self._met[role].add(number)

    def possible(self, role: int) -> set[int]:
        """Return the numbers that the record meets in a role, and those that are not settled."""
        return self._met[role].union(self._pending[role])

    def meets(self, role: int, number: int) -> bool:
        """Tell whether the record meets a clause."""
        if number in self._met[role]:
            return True
        waiting = self._pending[role].pop(number, ())
        if any(holds(check, fields, self.text) for fields, check in waiting):
            self._met[role].add(number)
            return True
        return False
