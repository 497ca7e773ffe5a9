"""A batch of records, asked together: for every clause the records that meet it, as one integer, bit i for record i.

What a word leads to is then done once for all records that have the word. Phrases and proximities are kept pending,
with the records that have their words, and are settled only for the records that a strategy leaves undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

from alerts.search.stream.anchors import Check, holds
from alerts.search.stream.demands import Inner, Late, evaluate
from alerts.search.stream.entries import Entries
from alerts.search.stream.tables import NOTHING, OTHER, Table, Target
from alerts.search.text import SearchText

Records: TypeAlias = int
"""A set of records."""


def members(records: Records) -> Iterator[int]:
    """Yield the records of a set, in order."""
    while records:
        lowest = records & -records
        yield lowest.bit_length() - 1
        records ^= lowest


class _Holders(dict[str, "list[int] | None"]):
    """The records that have each word, `None` for words that nothing asks for."""

    __slots__ = ("_known",)

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._known = table.known

    def __missing__(self, word: str) -> list[int] | None:
        posting = self._known[word]
        holder = self[word] = None if posting is None else [-1]
        return holder


class Batch:
    """What the records of a batch meet."""

    __slots__ = ("_bits", "_brief", "_met", "_pending", "_texts", "every")

    def __init__(self, texts: Sequence[SearchText], entries: Entries) -> None:
        self._texts = texts
        self.every = (1 << len(texts)) - 1
        self._bits = [1 << at for at in range(len(texts))] + [0]
        self._brief: Records | None = None
        self._met: tuple[dict[int, Records], ...] = ({}, {}, {})
        self._pending: tuple[dict[int, list[tuple[Records, int, Check]]], ...] = ({}, {}, {})
        for table in entries.tables():
            self._gather(table)
        self._gather_headings(entries)

    def _gather(self, table: Table) -> None:
        """Find what the records' words in one set of fields lead to."""
        holders = _Holders(table)
        holder_of = holders.__getitem__
        for at, text in enumerate(self._texts):
            for holder in filter(None, map(holder_of, text.field_words(table.fields))):
                holder.append(at)
        having = {word: self._set_of(holder) for word, holder in holders.items() if holder is not None}
        pending, fields = self._pending, table.fields
        firsts, seconds, others = self._met
        for word, records in having.items():
            posting = table.known[word] or NOTHING
            for number in posting.firsts:
                firsts[number] = firsts.get(number, 0) | records
            for number in posting.seconds:
                seconds[number] = seconds.get(number, 0) | records
            for number in posting.others:
                others[number] = others.get(number, 0) | records
            for beside, (check, role, number) in zip(posting.beside, posting.probes, strict=True):
                both = records & having.get(beside, 0) if beside else records
                if both:
                    pending[role].setdefault(number, []).append((both, fields, check))

    def _set_of(self, holder: list[int]) -> Records:
        """Return a list of records, some perhaps named twice, as a set."""
        return reduce(or_, map(self._bits.__getitem__, holder))

    def _gather_headings(self, entries: Entries) -> None:
        """Find which of the headings that strategies share the records have."""
        others = self._met[OTHER]
        for at, text in enumerate(self._texts):
            for key in text.heading_keys:
                for number in entries.headings.get(key, NOTHING).others:
                    others[number] = others.get(number, 0) | 1 << at
        for number, targets in entries.targets.items():
            having = self.settled((OTHER, number), self.every)
            if having:
                for role, target in targets:
                    self._met[role][target] = self._met[role].get(target, 0) | having

    def touched(self, role: int) -> set[int]:
        """Return the numbers that some record meets, or may meet, in a role."""
        return self._met[role].keys() | self._pending[role].keys()

    def possible(self, target: Target) -> Records:
        """Return the records that may meet a clause: those that do, and those for which it is not settled."""
        found = self._met[target[0]].get(target[1], 0)
        for records, _, _ in self._pending[target[0]].get(target[1], ()):
            found |= records
        return found

    def settled(self, target: Target, among: Records) -> Records:
        """Return the records that meet a clause; which of those `among` the undecided ones do is found out."""
        met = self._met[target[0]]
        found = met.get(target[1], 0)
        waiting = self._pending[target[0]].get(target[1])
        if waiting is None:
            return found
        for nth, (records, fields, check) in enumerate(waiting):
            for at in members(records & among & ~found):
                if holds(check, fields, self._texts[at]):
                    found |= 1 << at
            waiting[nth] = (records & ~among, fields, check)
        met[target[1]] = found
        return found

    def brief_ones(self) -> Records:
        """Return the brief items."""
        if self._brief is None:
            self._brief = self._set_of([-1, *(at for at, text in enumerate(self._texts) if text.is_brief)])
        return self._brief

    def evaluated(self, inner: Inner, asked: Sequence[int | Late], among: Records) -> Records:
        """Return which of some records satisfy inner nodes."""

        def met_by(each: int | Late) -> Records:
            if isinstance(each, int):
                return self.settled((OTHER, each), among)
            return sum(1 << at for at in members(among) if each.found(self._texts[at]))

        return evaluate(inner, [met_by(each) for each in asked], among)
