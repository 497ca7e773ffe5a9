"""Many strategies, one stream: the same answers as asking each strategy alone, without asking each.

Equal leaves of all strategies are one leaf here. For a single record, an index of anchor words (`anchors`) names the
strategies that could match, and what one of them asked is remembered for the next. For a batch, each leaf is a set of
records as one long integer, a bit a record: words exactly, phrases and proximities first as "all words there", an upper
bound. Only the records that the bounds leave undecided are looked at position by position.

Strategies come and go one by one; nothing else is recompiled.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alerts.model.records import Evidence
from alerts.search.anchors import anchors_of
from alerts.search.batch import Batch
from alerts.search.leaves import Leaf
from alerts.search.plan import Plan
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
        "_always",
        "_anchors",
        "_by_prefix",
        "_by_word",
        "_keys",
        "_leaf_ids",
        "_leaves",
        "_longest",
        "_programs",
        "_strategies",
        "_uses",
    )

    def __init__(self, strategies: Mapping[str, Strategy]) -> None:
        self._strategies: dict[str, Strategy] = {}
        self._programs: dict[str, tuple[Program, Program]] = {}
        self._leaf_ids: dict[Leaf, int] = {}
        self._leaves: dict[int, Leaf] = {}
        self._uses: dict[int, int] = {}
        self._anchors: dict[str, tuple[str, ...]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._by_prefix: dict[str, list[str]] = {}
        self._always: dict[str, None] = {}
        self._longest = 0
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
        plan = strategy.plan
        full = self._program(plan, plan.full)
        brief = full if plan.brief == plan.full else self._program(plan, plan.brief)
        self._programs[key] = (full, brief)
        self._anchor(key, plan)

    def remove(self, key: str) -> None:
        """Remove one strategy, if it is there."""
        if self._strategies.pop(key, None) is None:
            return
        full, brief = self._programs.pop(key)
        for program in (full,) if full is brief else (full, brief):
            for leaf in _leaves_of(program):
                self._uses[leaf] -= 1
                if not self._uses[leaf]:
                    del self._uses[leaf]
                    del self._leaf_ids[self._leaves.pop(leaf)]
        self._always.pop(key, None)
        for word in self._anchors.pop(key, ()):
            table, name = (self._by_prefix, word[:-1]) if word.endswith("*") else (self._by_word, word)
            table[name].remove(key)
            if not table[name]:
                del table[name]

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
        return known

    def _anchor(self, key: str, plan: Plan) -> None:
        """Enter a strategy under its anchor words, or among those that are always evaluated."""
        words: set[str] = set()
        for root in {plan.full, plan.brief}:
            anchors = anchors_of(plan.nodes, plan.needed((root,)), root)
            if anchors is None:
                self._always[key] = None
                return
            words |= anchors
        self._anchors[key] = tuple(words)
        for word in words:
            if word.endswith("*"):
                self._by_prefix.setdefault(word[:-1], []).append(key)
                self._longest = max(self._longest, len(word) - 1)
            else:
                self._by_word.setdefault(word, []).append(key)

    @property
    def always_evaluated(self) -> tuple[str, ...]:
        """Strategies without a word to go by."""
        return tuple(self._always)

    def candidates(self, text: SearchText) -> Iterable[str]:
        """Return the strategies that could match a record: those with an anchor in it, and those without any."""
        found: dict[str, None] = dict(self._always)
        by_word, by_prefix, longest = self._by_word, self._by_prefix, self._longest
        for word in text.positions:
            keys = by_word.get(word)
            if keys is not None:
                found.update(dict.fromkeys(keys))
            for end in range(1, min(len(word), longest) + 1):
                keys = by_prefix.get(word[:end])
                if keys is not None:
                    found.update(dict.fromkeys(keys))
        return found

    def matching(self, text: SearchText) -> list[str]:
        """Return the keys of the strategies that match one record, in the order of the strategies."""
        answers: dict[int, bool] = {}
        brief = text.is_brief
        found = {key for key in self.candidates(text) if self._holds(self._programs[key][brief], text, answers)}
        return [key for key in self._strategies if key in found] if found else []

    def find(self, text: SearchText) -> dict[str, Evidence]:
        """Return the evidence of every strategy that matches one record."""
        evidence = {key: self._strategies[key].find(text) for key in self.matching(text)}
        return {key: each for key, each in evidence.items() if each is not None}

    def _holds(self, program: Program, text: SearchText, answers: dict[int, bool]) -> bool:
        """Evaluate one program on one record; `answers` remembers what leaves answered."""
        values: list[bool | None] = [None] * len(program.ops)
        leaves = self._leaves

        def value(arg: int) -> bool:
            if arg >= 0:
                return bool(values[arg])
            known = answers.get(arg)
            if known is None:
                known = answers[arg] = leaves[~arg].found(text)
            return known

        ops, last = program.ops, len(program.ops) - 1
        for at, args in enumerate(program.args):
            op = ops[at]
            if op == OR:
                values[at] = any(value(arg) for arg in args)
            elif op == AND:
                values[at] = all(value(arg) for arg in args)
            elif op == NOT:
                values[at] = value(args[0]) and not value(args[1])
            else:
                values[at] = True
            if not values[at] and ops[last] == AND and at in program.args[last]:
                return False
        return bool(values[last])

    def matching_many(self, texts: Sequence[SearchText]) -> list[list[str]]:
        """Return, for each record of a batch, the keys of the strategies that match it."""
        found: list[list[str]] = [[] for _ in texts]
        if not texts:
            return found
        batch = Batch(texts, self._leaves)
        answers: list[dict[int, bool]] = [{} for _ in texts]
        for key, (full, brief) in self._programs.items():
            if full is brief:
                lower, upper = _bounds(full, batch)
            else:
                one, other = _bounds(full, batch), _bounds(brief, batch)
                lower = (one[0] & ~batch.brief) | (other[0] & batch.brief)
                upper = (one[1] & ~batch.brief) | (other[1] & batch.brief)
            for at in batch.records(upper):
                if lower >> at & 1 or self._holds(brief if texts[at].is_brief else full, texts[at], answers[at]):
                    found[at].append(key)
        return found

    def find_many(self, texts: Sequence[SearchText]) -> list[dict[str, Evidence]]:
        """Return, for each record of a batch, the evidence of every strategy that matches it."""
        many: list[dict[str, Evidence]] = []
        for text, keys in zip(texts, self.matching_many(texts), strict=True):
            evidence = {key: self._strategies[key].find(text) for key in keys}
            many.append({key: each for key, each in evidence.items() if each is not None})
        return many


def _leaves_of(program: Program) -> set[int]:
    """Return the numbers of the leaves of a program."""
    return {~arg for args in program.args for arg in args if arg < 0}


def _bounds(program: Program, batch: Batch) -> tuple[int, int]:
    """Return the records that certainly match a program, and those that may."""
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
    return lowers[-1], uppers[-1]
