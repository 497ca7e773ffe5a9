"""Many strategies, one stream: the same answers as asking each strategy alone, without asking each.

What a strategy demands (`demands`) is a few clauses: alternatives of which one must be met. Every alternative is
entered under a word of its own (`anchors`, `tables`, `entries`), so that the words of a record lead to exactly the
clauses that it meets: phrases and proximities are settled on the way. A strategy is looked at only when its two rarest
clauses are met; what it demands besides is then a matter of looking up which other clauses are.

Strategies come and go one by one; nothing else is recompiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from alerts.model.records import Evidence
from alerts.search.packing import unpack
from alerts.search.strategy import Strategy
from alerts.search.stream.batch import Batch, Records, members
from alerts.search.stream.demands import Clause, Demands, Inner, Late, demands_of, evaluate
from alerts.search.stream.entries import Entries
from alerts.search.stream.single import Single
from alerts.search.stream.tables import FIRST, OTHER, SECOND, Target
from alerts.search.text import SearchText

_FULL, _BRIEF = False, True
_SMALL_BATCH = 16
"""Records up to which each is asked by itself."""


class Program(NamedTuple):
    """One result of a strategy: numbers of the clauses that must (not) be met, beyond the first two.

    `brief` says of which items it decides: of brief ones, of the others, or of all (`None`).
    """

    key: str
    brief: bool | None
    need: Sequence[int]
    ban: Sequence[int]
    inner: tuple[Inner, tuple[int | Late, ...]] | None

    def holds(self, one: Single, number: int, needed: int) -> bool:
        """Tell whether one record satisfies the program; `needed` clauses must be met."""
        return (
            (needed == 0 or one.meets(FIRST, number))
            and (needed < 2 or one.meets(SECOND, number))
            and all(one.meets(OTHER, each) for each in self.need)
            and not any(one.meets(OTHER, each) for each in self.ban)
            and (self.brief is None or self.brief is one.text.is_brief)
            and (self.inner is None or self._inner_holds(*self.inner, one))
        )

    @staticmethod
    def _inner_holds(inner: Inner, asked: Sequence[int | Late], one: Single) -> bool:
        """Tell whether a record satisfies the inner nodes."""
        answers = [one.meets(OTHER, each) if isinstance(each, int) else each.found(one.text) for each in asked]
        return bool(evaluate(inner, answers, 1))

    def found_in(self, batch: Batch, number: int, needed: int) -> Records:
        """Return the records of a batch that satisfy the program; `needed` clauses must be met."""
        targets = [(FIRST, number), (SECOND, number)][:needed] + [(OTHER, each) for each in self.need]
        possible = batch.every
        for target in targets:
            possible &= batch.possible(target)
            if not possible:
                return 0
        if self.brief is not None:
            possible &= batch.brief_ones() if self.brief else ~batch.brief_ones()
        for target in targets:
            possible &= batch.settled(target, possible)
        for each in self.ban:
            possible &= ~batch.settled((OTHER, each), possible)
        return batch.evaluated(*self.inner, possible) if self.inner is not None and possible else possible


class _Compiled(NamedTuple):
    """A program, its number, and its clauses with the numbers that they are entered with."""

    number: int
    program: Program
    clauses: tuple[tuple[Clause, Target], ...]
    needed: int


class Index:
    """Strategies by key, asked together."""

    __slots__ = ("_alone", "_always", "_entries", "_next", "_programs", "_strategies")

    def __init__(self, strategies: Mapping[str, Strategy]) -> None:
        self._strategies: dict[str, tuple[Strategy, int]] = {}
        self._programs: dict[int, Program] = {}
        self._entries = Entries()
        self._next = 0
        self._always: dict[int, None] = {}
        self._alone: set[int] = set()
        for key, strategy in strategies.items():
            self.add(key, strategy)

    def __len__(self) -> int:
        return len(self._strategies)

    def __contains__(self, key: object) -> bool:
        return key in self._strategies

    @property
    def always_evaluated(self) -> tuple[str, ...]:
        """Strategies without a word to go by."""
        return tuple(dict.fromkeys(self._programs[number].key for number in self._always))

    @property
    def is_empty(self) -> bool:
        """True when nothing is entered under any word or heading."""
        return not (self._programs or self._always or self._alone) and self._entries.is_empty

    def _new_number(self) -> int:
        """Return a number that nothing has."""
        self._next += 1
        return self._next - 1

    def add(self, key: str, strategy: Strategy) -> None:
        """Add or replace one strategy."""
        before = self._strategies.pop(key, None)
        self._strategies[key] = (strategy, self._next)
        compiled = list(_compiled(key, strategy, self._next))
        self._next = 1 + max(
            number for each in compiled for number in (each.number, *(n for _, (_, n) in each.clauses))
        )
        for number, program, clauses, needed in compiled:
            self._programs[number] = program
            if needed == 0:
                self._always[number] = None
            elif needed == 1:
                self._alone.add(number)
            for clause, target in clauses:
                self._entries.enter(clause, target, self._new_number)
        if before is not None:  # taken out last: the headings that both name stay where they are
            self._take_out(key, *before)

    def remove(self, key: str) -> None:
        """Remove one strategy, if it is there."""
        before = self._strategies.pop(key, None)
        if before is not None:
            self._take_out(key, *before)

    def _take_out(self, key: str, strategy: Strategy, first: int) -> None:
        """Take out what was entered for a strategy; its numbers began at `first`."""
        for number, _, clauses, _ in _compiled(key, strategy, first):
            del self._programs[number]
            self._always.pop(number, None)
            self._alone.discard(number)
            for clause, target in clauses:
                self._entries.take_out(clause, target)

    def matching(self, text: SearchText) -> list[str]:
        """Return the keys of the strategies that match one record, in the order of the strategies."""
        one = Single(text, self._entries)
        numbers = self._possible(one.possible(FIRST), one.possible(SECOND))
        return [
            self._programs[each].key for each in numbers if self._programs[each].holds(one, each, self._needed(each))
        ]

    def _needed(self, number: int) -> int:
        """Return how many clauses a program has of which the first two are looked up: 0, 1 or 2."""
        return 1 if number in self._alone else 0 if number in self._always else 2

    def find(self, text: SearchText) -> dict[str, Evidence]:
        """Return the evidence of every strategy that matches one record."""
        evidence = {key: self._strategies[key][0].find(text) for key in self.matching(text)}
        return {key: each for key, each in evidence.items() if each is not None}

    def matching_many(self, texts: Sequence[SearchText]) -> list[list[str]]:
        """Return, for each record of a batch, the keys of the strategies that match it."""
        if len(texts) < _SMALL_BATCH:
            return [self.matching(text) for text in texts]
        found: list[list[str]] = [[] for _ in texts]
        batch = Batch(texts, self._entries)
        for number in self._possible(batch.touched(FIRST), batch.touched(SECOND)):
            program = self._programs[number]
            for at in members(program.found_in(batch, number, self._needed(number))):
                found[at].append(program.key)
        return found

    def _possible(self, firsts: set[int], seconds: set[int]) -> list[int]:
        """Return the programs that may hold where these first and second clauses are met, in order."""
        possible = firsts & seconds
        possible |= firsts & self._alone
        possible.update(self._always)
        return sorted(possible)

    def find_many(self, texts: Sequence[SearchText]) -> list[dict[str, Evidence]]:
        """Return, for each record of a batch, the evidence of every strategy that matches it."""
        many: list[dict[str, Evidence]] = []
        for text, keys in zip(texts, self.matching_many(texts), strict=True):
            evidence = {key: self._strategies[key][0].find(text) for key in keys}
            many.append({key: each for key, each in evidence.items() if each is not None})
        return many


def _compiled(key: str, strategy: Strategy, first: int) -> Iterator[_Compiled]:
    """Yield the programs of a strategy; its numbers begin at `first`, and are the same each time."""
    plan = unpack(strategy.packed)  # not kept: thousands of strategies are compiled one after the other
    roots = [(plan.full, None)] if plan.full == plan.brief else [(plan.full, _FULL), (plan.brief, _BRIEF)]
    for root, brief in roots:
        demands = demands_of(plan, root)
        others = _others(demands)
        numbers = dict(zip(others, range(first + 1, first + 1 + len(others)), strict=True))
        inner = None
        if demands.inner is not None:
            asked = (numbers[each] if isinstance(each, frozenset) else each for each in demands.inner.asked)
            inner = (demands.inner, tuple(asked))
        program = Program(
            key,
            brief,
            tuple(numbers[each] for each in demands.need[2:]),
            tuple(numbers[each] for each in demands.ban),
            inner,
        )
        targets = [(clause, (role, first)) for role, clause in zip((FIRST, SECOND), demands.need, strict=False)]
        targets += [(clause, (OTHER, number)) for clause, number in numbers.items()]
        yield _Compiled(first, program, tuple(targets), len(demands.need))
        first += 1 + len(others)


def _others(demands: Demands) -> tuple[Clause, ...]:
    """Return the clauses beyond the first two, each once."""
    asked = demands.inner.asked if demands.inner is not None else ()
    clauses = (each for each in asked if isinstance(each, frozenset))
    return tuple(dict.fromkeys((*demands.need[2:], *demands.ban, *clauses)))
