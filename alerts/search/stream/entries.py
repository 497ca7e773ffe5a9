"""Where the clauses of all strategies are entered, under the words and headings that meet them.

Words are entered in a `Table` for each set of fields. A heading is entered once, however many strategies name it: its
words and the records' own headings lead to its group, and the group to the clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from alerts.search.leaves import HeadingLeaf, Key
from alerts.search.stream.anchors import anchors_of, phrase_anchor
from alerts.search.stream.demands import Clause
from alerts.search.stream.tables import NOTHING, OTHER, Posting, Table, Target
from alerts.search.text import OWN_WORDS


class _Group(NamedTuple):
    """A heading that strategies share, and the clauses in which it stands."""

    number: int
    targets: list[Target]


class Entries:
    """All clauses, by what meets them."""

    __slots__ = ("_groups", "_tables", "headings", "targets")

    def __init__(self) -> None:
        self._tables: dict[int, Table] = {}
        self.headings: dict[Key, Posting] = {}
        self._groups: dict[HeadingLeaf, _Group] = {}
        self.targets: dict[int, list[Target]] = {}

    def enter(self, clause: Clause, target: Target, new_number: Callable[[], int]) -> None:
        """Enter the alternatives of a clause; `new_number` gives the numbers of headings not met before."""
        for leaf in clause:
            if not isinstance(leaf, HeadingLeaf):
                for anchor in anchors_of(leaf):
                    self._table(anchor.fields).enter(anchor, target)
                continue
            group = self._groups.get(leaf)
            if group is None:
                group = self._groups[leaf] = _Group(new_number(), [])
                self.targets[group.number] = group.targets
                self._change_heading(leaf, Table.enter, Posting.entered, (OTHER, group.number))
            group.targets.append(target)

    def take_out(self, clause: Clause, target: Target) -> None:
        """Take out what was entered so."""
        for leaf in clause:
            if not isinstance(leaf, HeadingLeaf):
                for anchor in anchors_of(leaf):
                    self._table(anchor.fields).take_out(anchor, target)
                continue
            group = self._groups[leaf]
            group.targets.remove(target)
            if not group.targets:
                self._change_heading(leaf, Table.take_out, Posting.without, (OTHER, group.number))
                del self._groups[leaf], self.targets[group.number]
        for fields in [fields for fields, table in self._tables.items() if not table]:
            del self._tables[fields]

    @property
    def is_empty(self) -> bool:
        """True when nothing is entered."""
        return not (self._tables or self.headings or self._groups or self.targets)

    def tables(self) -> Collection[Table]:
        """Return the tables of all sets of fields."""
        return self._tables.values()

    def _table(self, fields: int) -> Table:
        """Return the table of a set of fields."""
        table = self._tables.get(fields)
        if table is None:
            table = self._tables[fields] = Table(fields)
        return table

    def _change_heading(
        self,
        leaf: HeadingLeaf,
        change_word: Callable[..., None],
        change_own: Callable[[Posting, Target], Posting],
        target: Target,
    ) -> None:
        """Enter a heading's own names and its words, or take them out."""
        for key in leaf.keys:
            after = change_own(self.headings.get(key, NOTHING), target)
            self.headings[key] = after
            if after == NOTHING:
                del self.headings[key]
        if not leaf.own_only and leaf.phrases is not None:
            table = self._table(OWN_WORDS)
            for group in leaf.phrases.by_first.values():
                for phrase in group:
                    change_word(table, phrase_anchor(phrase, OWN_WORDS), target)
