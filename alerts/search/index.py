"""Many strategies, one stream: the same answers as asking each strategy alone, without asking each.

Equal leaves of all strategies are one leaf here. For a single record, an index of anchor words (`anchors`) names the
strategies that could match, and what one of them asked is remembered for the next. For a batch, each leaf is a set of
records as one long integer, a bit a record: words exactly, phrases and proximities first as "all words there", an upper
bound. Only the records that the bounds leave undecided are looked at position by position.

Strategies come and go one by one; nothing else is recompiled.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alerts.model.records import Evidence
from alerts.search.anchors import Anchors, anchors_of, leaf_anchors
from alerts.search.batch import Batch
from alerts.search.leaves import Leaf
from alerts.search.plan import Plan
from alerts.search.postings import Postings
from alerts.search.strategy import Strategy
from alerts.search.text import SearchText

AND, OR, NOT, ALL = range(4)
_OPS = {"and": AND, "or": OR, "not": NOT, "all": ALL, "leaf": OR}


class Program(NamedTuple):
    """A strategy's result as inner nodes: what each does, and its arguments.

    An argument from 0 up is an earlier inner node; a negative one is `~` the number of a leaf. The last node of `full`
    and of `brief` decides.
    """

    ops: bytes
    args: tuple[array[int], ...]


class Index:
    """Strategies by key, asked together."""

    __slots__ = (
        "_leaf_ids",
        "_leaf_words",
        "_leaves",
        "_next",
        "_order",
        "_programs",
        "_strategies",
        "_uses",
        "_words",
    )

    def __init__(self, strategies: Mapping[str, Strategy]) -> None:
        self._strategies: dict[str, Strategy] = {}
        self._order: dict[str, int] = {}
        self._next = 0
        self._programs: dict[str, tuple[Program, Program]] = {}
        self._leaf_ids: dict[Leaf, int] = {}
        self._leaves: dict[int, Leaf] = {}
        self._uses: dict[int, int] = {}
        self._words: Postings[str] = Postings()
        self._leaf_words: Postings[int] = Postings()
        for key, strategy in strategies.items():
            self.add(key, strategy)

    def __len__(self) -> int:
        return len(self._strategies)

    def __contains__(self, key: object) -> bool:
        return key in self._strategies

    def add(self, key: str, strategy: Strategy) -> None:
        """Add or replace one strategy."""
        if key in self._strategies:
            self.remove(key)
        self._strategies[key] = strategy
        self._order[key] = self._next = self._next + 1
        plan = strategy.plan
        full = self._program(plan, plan.full)
        brief = full if plan.brief == plan.full else self._program(plan, plan.brief)
        self._programs[key] = (full, brief)
        self._words.add(key, _anchors(plan))

    def remove(self, key: str) -> None:
        """Remove one strategy, if it is there."""
        strategy = self._strategies.pop(key, None)
        if strategy is None:
            return
        del self._order[key]
        full, brief = self._programs.pop(key)
        for program in (full,) if full is brief else (full, brief):
            for leaf_id in _leaves_of(program):
                self._uses[leaf_id] -= 1
                if not self._uses[leaf_id]:
                    del self._uses[leaf_id]
                    leaf = self._leaves.pop(leaf_id)
                    del self._leaf_ids[leaf]
                    self._leaf_words.remove(~leaf_id, leaf_anchors(leaf))
        self._words.remove(key, _anchors(strategy.plan))

    def _program(self, plan: Plan, root: int) -> Program:
        """Compile the nodes that `root` depends on."""
        number: dict[int, int] = {}
        ops = bytearray()
        args: list[array[int]] = []
        for at in plan.needed((root,)):
            node = plan.nodes[at]
            if node.leaf is not None:
                number[at] = ~self._leaf_id(node.leaf)
                if at != root:
                    continue
                arguments = array("i", [number[at]])
            else:
                arguments = array(
                    "i",
                    dict.fromkeys(number[child] for child in node.args)
                    if node.op != "not"
                    else [number[child] for child in node.args],
                )
            number[at] = len(args)
            ops.append(_OPS[node.op])
            args.append(arguments)
        program = Program(bytes(ops), tuple(args))
        for leaf in _leaves_of(program):
            self._uses[leaf] = self._uses.get(leaf, 0) + 1
        return program

    def _leaf_id(self, leaf: Leaf) -> int:
        """Return the number of a leaf, the same for equal leaves."""
        known = self._leaf_ids.get(leaf)
        if known is None:
            known = self._leaf_ids[leaf] = next(reversed(self._leaves), -1) + 1
            self._leaves[known] = leaf
            self._leaf_words.add(~known, leaf_anchors(leaf))
        return known

    @property
    def always_evaluated(self) -> tuple[str, ...]:
        """Strategies without a word to go by."""
        return tuple(self._words.always)

    def matching(self, text: SearchText) -> list[str]:
        """Return the keys of the strategies that match one record, in the order of the strategies."""
        answers: dict[int, bool] = {}
        brief = text.is_brief
        possible = self._leaf_words.concerned(text)
        found = {
            key
            for key in self._words.concerned(text)
            if self._holds(self._programs[key][brief], text, answers, possible)
        }
        return sorted(found, key=self._order.__getitem__)

    def find(self, text: SearchText) -> dict[str, Evidence]:
        """Return the evidence of every strategy that matches one record."""
        evidence = {key: self._strategies[key].find(text) for key in self.matching(text)}
        return {key: each for key, each in evidence.items() if each is not None}

    def _holds(self, program: Program, text: SearchText, answers: dict[int, bool], possible: set[int]) -> bool:
        """Evaluate one program on one record.

        `answers` remembers what leaves answered; only `possible` leaves have an anchor in the record.
        """
        values: list[bool] = []
        ops, last = program.ops, len(program.ops) - 1
        required = program.args[last] if ops[last] == AND else ()
        for at, args in enumerate(program.args):
            op = ops[at]
            if op == OR:
                if possible.isdisjoint(args) and max(args) < 0:
                    value = False
                else:
                    value = any(values[arg] if arg >= 0 else self._asked(arg, text, answers, possible) for arg in args)
            elif op == AND:
                value = all(values[arg] if arg >= 0 else self._asked(arg, text, answers, possible) for arg in args)
            elif op == NOT:
                left, right = (values[arg] if arg >= 0 else self._asked(arg, text, answers, possible) for arg in args)
                value = left and not right
            else:
                value = True
            if not value and at in required:
                return False
            values.append(value)
        return values[last]

    def _asked(self, arg: int, text: SearchText, answers: dict[int, bool], possible: set[int]) -> bool:
        """Ask a leaf, once per record, and only if it is possible."""
        if arg not in possible:
            return False
        known = answers.get(arg)
        if known is None:
            known = answers[arg] = self._leaves[~arg].found(text)
        return known

    def matching_many(self, texts: Sequence[SearchText]) -> list[list[str]]:
        """Return, for each record of a batch, the keys of the strategies that match it."""
        found: list[list[str]] = [[] for _ in texts]
        if not texts:
            return found
        batch = Batch(texts, self._leaves)
        answers: list[dict[int, bool]] = [{} for _ in texts]
        for key, (full, brief) in self._programs.items():
            if full is brief:
                self._ask_batch(key, full, batch, batch.every, answers, found)
            else:
                self._ask_batch(key, full, batch, batch.every & ~batch.brief, answers, found)
                self._ask_batch(key, brief, batch, batch.brief, answers, found)
        return found

    def _ask_batch(
        self,
        key: str,
        program: Program,
        batch: Batch,
        wanted: int,
        answers: list[dict[int, bool]],
        found: list[list[str]],
    ) -> None:
        """Add `key` to what was found for those of the `wanted` records that one program matches."""
        lowers, uppers = _bounds(program, batch)
        for record in batch.records(lowers[-1] & wanted):
            found[record].append(key)
        for record in batch.records(uppers[-1] & ~lowers[-1] & wanted):
            if self._settles(program, batch, record, lowers, uppers, answers[record]):
                found[record].append(key)

    def _settles(
        self,
        program: Program,
        batch: Batch,
        record: int,
        lowers: list[int],
        uppers: list[int],
        answers: dict[int, bool],
    ) -> bool:
        """Evaluate one program on one record of a batch: only what the bounds leave undecided is looked at."""
        text, bit = batch.texts[record], 1 << record
        lower_of, upper_of, leaves = batch.lower, batch.upper, self._leaves

        def ask(arg: int) -> bool:
            if arg >= 0:
                return values[arg]
            if not upper_of[~arg] & bit:
                return False
            known = answers.get(arg)
            if known is None:
                known = answers[arg] = bool(lower_of[~arg] & bit) or leaves[~arg].found(text)
            return known

        values: list[bool] = []
        for at, args in enumerate(program.args):
            op = program.ops[at]
            if lowers[at] & bit or not uppers[at] & bit:
                values.append(bool(lowers[at] & bit))
            elif op == OR:
                values.append(any(map(ask, args)))
            elif op == AND:
                values.append(all(map(ask, args)))
            else:
                values.append(ask(args[0]) and not ask(args[1]))
        return values[-1]

    def find_many(self, texts: Sequence[SearchText]) -> list[dict[str, Evidence]]:
        """Return, for each record of a batch, the evidence of every strategy that matches it."""
        many: list[dict[str, Evidence]] = []
        for text, keys in zip(texts, self.matching_many(texts), strict=True):
            evidence = {key: self._strategies[key].find(text) for key in keys}
            many.append({key: each for key, each in evidence.items() if each is not None})
        return many


def _anchors(plan: Plan) -> Anchors:
    """Return the words without which neither result of a strategy can match."""
    words: set[str] = set()
    for root in {plan.full, plan.brief}:
        anchors = anchors_of(plan.nodes, plan.needed((root,)), root)
        if anchors is None:
            return None
        words |= anchors
    return frozenset(words)


def _leaves_of(program: Program) -> set[int]:
    """Return the numbers of the leaves of a program."""
    return {~arg for args in program.args for arg in args if arg < 0}


def _bounds(program: Program, batch: Batch) -> tuple[list[int], list[int]]:
    """Return for each node of a program the records that certainly satisfy it, and those that may."""
    lowers: list[int] = []
    uppers: list[int] = []
    lower_of, upper_of = batch.lower, batch.upper
    for at, args in enumerate(program.args):
        op = program.ops[at]
        if op == OR:
            low = high = 0
            for arg in args:
                if arg < 0:
                    low |= lower_of[~arg]
                    high |= upper_of[~arg]
                else:
                    low |= lowers[arg]
                    high |= uppers[arg]
        elif op == AND:
            low = high = batch.every
            for arg in args:
                if arg < 0:
                    low &= lower_of[~arg]
                    high &= upper_of[~arg]
                else:
                    low &= lowers[arg]
                    high &= uppers[arg]
        elif op == NOT:
            left, right = args
            left_low, left_high = (lower_of[~left], upper_of[~left]) if left < 0 else (lowers[left], uppers[left])
            right_low, right_high = (
                (lower_of[~right], upper_of[~right]) if right < 0 else (lowers[right], uppers[right])
            )
            low, high = left_low & ~right_high, left_high & ~right_low
        else:
            low = high = batch.every
        lowers.append(low)
        uppers.append(high)
    return lowers, uppers
