"""Strategies: compiled once, then asked of many records."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, lru_cache
from hashlib import blake2b

from alerts.errors import Problem
from alerts.model.profiles import Block, Profile
from alerts.model.records import Evidence
from alerts.search.bind import Binder
from alerts.search.dialects.detect import Dialect
from alerts.search.dialects.one_query import TooLong, one_query
from alerts.search.dialects.printing import Translated, translate
from alerts.search.dialects.reading import Read, block_references, read_strategy
from alerts.search.evidence import evidence_of
from alerts.search.explain import Expansion, Explanation, expansions, explain
from alerts.search.headings.meanings import HeadingReader
from alerts.search.headings.vocabulary import Vocabulary
from alerts.search.lint import check_lines, lint
from alerts.search.lint_plan import concepts
from alerts.search.packing import PackedPlan, pack, unpack
from alerts.search.plan import Plan
from alerts.search.problems import Findings
from alerts.search.spelling import Spelling
from alerts.search.text import SearchText
from alerts.search.tree import Line, Syntax

_MEANING = "2"
"""Raised whenever the same strategy would match differently: part of every revision."""


@dataclass(frozen=True, slots=True, eq=False)
class Strategy:
    """A search strategy that can be asked of records.

    `revision` is a hash of everything that decides its matches: two strategies with the same revision match alike.
    `vocabulary` is the label of the one it was compiled with, `headings` that vocabulary.
    """

    text: str
    dialect: Dialect
    packed: PackedPlan = field(repr=False)
    revision: str
    vocabulary: str = ""
    headings: Vocabulary | None = field(default=None, repr=False)

    @property
    def plan(self) -> Plan:
        """The plan: unpacked when it is asked for, and kept while the strategy is in use."""
        return _plan_of(self)

    @property
    def syntax(self) -> Syntax:
        """The tree of the strategy, read again when it is asked for: thousands of strategies stay small that way."""
        return _read_again(self.text, self.dialect, self.headings).syntax

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines as read, with their numbers."""
        return tuple(self.syntax.lines)

    @property
    def result_lines(self) -> tuple[int, int]:
        """The lines whose results are used: for full and for brief items."""
        return self.plan.full_line, self.plan.brief_line

    def of_line(self, number: int) -> Strategy:
        """Return the strategy as if the line of this number were its result."""
        at = dict(self.plan.lines)[number]
        plan = replace(self.plan, full=at, brief=at, full_line=number, brief_line=number)
        return replace(self, packed=pack(plan), revision=_revision(plan))

    @property
    def concepts(self) -> int:
        """How many concepts a brief item must meet at once."""
        return concepts(self.plan)

    def problem_with_brief_items(self, brief_share: float) -> Problem | None:
        """Warn when most items of a profile's sources are brief (their share, 0 to 1) and must meet three concepts."""
        if brief_share <= 0.5 or self.concepts < 3:
            return None
        return Problem(
            "S043",
            "warning",
            f"The strategy requires {self.concepts} concepts at once, and most items of its sources have a title and"
            " about twenty words: hardly any will meet them all.",
            "Say a shorter line for brief items: result: {full: 8, brief: 7}.",
        )

    def matches(self, text: SearchText) -> bool:
        """Tell whether a record satisfies the strategy."""
        root = self.plan.root(text)
        return self.plan.values(text, (root,))[root]

    def find(self, text: SearchText) -> Evidence | None:
        """Return why a record satisfies the strategy, or `None` when it does not."""
        root = self.plan.root(text)
        values = self.plan.values(text, (root,))
        return evidence_of(self.plan, values, text) if values[root] else None

    def explain(self, text: SearchText) -> Explanation:
        """Return why a record satisfies the strategy or does not: each line, and the first requirement that failed."""
        return explain(self, text)

    def translate(self, to: Dialect) -> Translated:
        """Print the strategy in the dialect `to`, with notes where the meaning is not exactly the same."""
        return translate(self.syntax, to)

    def pubmed_query(
        self, *, blocks: Mapping[str, Block] | None = None, spelling: Sequence[Sequence[str]] = ()
    ) -> Translated | None:
        """Return what the strategy asks of full records as one PubMed query, its blocks in it, each spelling beside
        the other, and notes where the meaning is not the same; `None` when that would be too long for a query.
        """
        full, brief = self.result_lines
        read = {name: _read_block(each.search, each.dialect).syntax for name, each in (blocks or {}).items()}
        spellings = _spelling(tuple(tuple(group) for group in spelling)).variants
        try:
            printed = one_query(self.syntax, full, read, spellings)
        except TooLong:
            return None
        if brief == full:
            return printed
        said = f"line {brief} is the result for items with little text; PubMed is asked for line {full} alone"
        return replace(printed, notes=(*printed.notes, said))

    def expansions(self) -> tuple[Expansion, ...]:
        """Return what its terms and headings look for beyond what is written."""
        return expansions(self)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What compiling gave: a strategy, or `None` when any problem is an error; and everything that was found."""

    strategy: Strategy | None
    problems: tuple[Problem, ...]
    dialect: Dialect = "ovid"


@lru_cache(maxsize=32)
def _spelling(groups: tuple[tuple[str, ...], ...]) -> Spelling:
    """Return the spelling table of these groups, made once."""
    return Spelling(groups)


def compile(
    profile: Profile,
    *,
    blocks: Mapping[str, Block] | None = None,
    spelling: Sequence[Sequence[str]] = (),
    vocabulary: Vocabulary | None = None,
) -> Compiled:
    """Compile a profile's strategy. Lines and columns of the problems are those of the strategy's text."""
    return compile_text(
        profile.search,
        dialect=profile.dialect,
        blocks=blocks,
        spelling=() if profile.spelling == "exact" else spelling,
        vocabulary=vocabulary,
        result=profile.result_full,
        brief=profile.result_brief,
        database=profile.database,
    )


def compile_text(
    text: str,
    *,
    dialect: Dialect | None = None,
    blocks: Mapping[str, Block] | None = None,
    spelling: Sequence[Sequence[str]] = (),
    vocabulary: Vocabulary | None = None,
    result: int = 0,
    brief: int = 0,
    database: str = "",
) -> Compiled:
    """Compile the text of a strategy.

    `result` and `brief` are line numbers (0: the last line); `database` names the database it was written for, where
    its text does not say.
    """
    read = read_strategy(text, dialect, vocabulary)
    syntax, findings = read.syntax, read.findings
    syntax.database = database or syntax.database
    check_lines(syntax, findings)
    ordered = _blocks_in_order(syntax, blocks or {}, findings, vocabulary)
    results = _result_lines(syntax, result, brief, findings)
    if findings.is_refused() or results is None:
        lint(syntax, findings, vocabulary)
        return Compiled(None, findings.as_problems(text), syntax.dialect)
    headings = HeadingReader(vocabulary)
    binder = Binder(findings, headings, _spelling(tuple(tuple(group) for group in spelling)))
    for noun, block_syntax, line in ordered:
        binder.bind_block(noun, block_syntax, line)
    line_nodes = binder.bind(syntax)
    plan = Plan(
        tuple(binder.nodes),
        tuple(sorted(line_nodes.items())),
        line_nodes[results[0]],
        line_nodes[results[1]],
        *results,
    )
    lint(syntax, findings, vocabulary, plan, headings)
    problems = findings.as_problems(text)
    if findings.is_refused():
        return Compiled(None, problems, syntax.dialect)
    label = vocabulary.label if vocabulary is not None else ""
    return Compiled(
        Strategy(text, syntax.dialect, pack(plan), _revision(plan), label, vocabulary), problems, syntax.dialect
    )


def _revision(plan: Plan) -> str:
    """Hash what decides matches."""
    digest = blake2b(_MEANING.encode(), digest_size=12)
    for node in plan.nodes:
        digest.update(_stable((node.op, node.args, node.leaf)).encode())
    digest.update(_stable((plan.full, plan.brief)).encode())
    return digest.hexdigest()


def _stable(value: object) -> str:
    """Return a text that is the same in every process: sets in order, of a leaf only what it is compared by."""
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(_stable(each) for each in value)) + "}"
    if isinstance(value, tuple | list):
        return "(" + ",".join(_stable(each) for each in value) + ")"
    if is_dataclass(value) and not isinstance(value, type):
        parts = [_stable(getattr(value, name)) for name in _compared(type(value))]
        return f"{type(value).__name__}({','.join(parts)})"
    return repr(value)


@cache
def _compared(kind: type) -> tuple[str, ...]:
    """Return the names of the fields that two values of a dataclass are compared by."""
    return tuple(each.name for each in fields(kind) if each.compare)


def _result_lines(syntax: Syntax, result: int, brief: int, findings: Findings) -> tuple[int, int] | None:
    """Return the numbers of the lines whose results are used, full and brief."""
    readable = [line.number for line in syntax.lines if line.node is not None]
    chosen: list[int] = []
    for wanted, name in ((result, "full"), (brief or result, "brief")):
        if wanted and wanted not in readable:
            findings.add(
                "S016",
                f"The result line {wanted} ({name}) does not exist.",
                f"The strategy has the lines {readable[0]} to {readable[-1]}."
                if readable
                else "Write the strategy first.",
            )
        chosen.append(wanted or (readable[-1] if readable else 0))
    return None if not readable or any(each not in readable for each in chosen) else (chosen[0], chosen[1])


@lru_cache(maxsize=512)
def _plan_of(strategy: Strategy) -> Plan:
    """Return the plan of a strategy that is in use."""
    return unpack(strategy.packed)


@lru_cache(maxsize=32)
def _read_again(text: str, dialect: Dialect, vocabulary: Vocabulary | None) -> Read:
    """Read a strategy that was accepted before."""
    return read_strategy(text, dialect, vocabulary)


@lru_cache(maxsize=64)
def _read_block(search: str, dialect: Dialect | None) -> Read:
    """Read a shared block, once for all strategies that name it."""
    read = read_strategy(search, dialect)
    check_lines(read.syntax, read.findings)
    return read


def _blocks_in_order(
    syntax: Syntax, blocks: Mapping[str, Block], findings: Findings, vocabulary: Vocabulary | None
) -> list[tuple[Block, Syntax, int]]:
    """Return the blocks that a strategy needs, each after those it names itself, with the line that needs it first."""
    ordered: list[tuple[Block, Syntax, int]] = []
    done: set[str] = set()
    for reference, line in block_references(syntax):
        place = {"start": reference.start, "end": reference.end}
        open_blocks: list[tuple[str, list[str]]] = []
        waiting = [reference.id]
        while waiting or open_blocks:
            if not waiting:
                name, pending = open_blocks[-1]
                if pending:
                    waiting.append(pending.pop())
                    continue
                open_blocks.pop()
                if name not in done:
                    done.add(name)
                    ordered.append((blocks[name], _read_block(blocks[name].search, blocks[name].dialect).syntax, line))
                continue
            name = waiting.pop()
            if name in done:
                continue
            if any(name == each for each, _ in open_blocks):
                findings.add(
                    "S008", f"The block #{name} refers to itself.", "Remove the reference from the block.", **place
                )
                continue
            if name not in blocks:
                close = difflib.get_close_matches(name, blocks, n=1)
                remedy = f"Did you mean #{close[0]}?" if close else "Write the block in config/blocks/ first."
                findings.add("S012", f"There is no block #{name}.", remedy, **place)
                continue
            read = _read_block(blocks[name].search, blocks[name].dialect)
            if read.findings.is_refused():
                findings.add(
                    "S012", f"The block #{name} cannot be read.", "Mend it: it has problems of its own.", **place
                )
                continue
            open_blocks.append((name, [each.id for each, _ in block_references(read.syntax)]))
    return ordered
