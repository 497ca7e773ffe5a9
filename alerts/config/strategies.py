"""A strategy in its file: where its text stands, what the search room finds in it, and whether its examples hold."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.config.tree import Text
from alerts.errors import Problem
from alerts.model.records import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from alerts.model.profiles import Block, Example, Profile
    from alerts.search import Compiled
    from alerts.search.explain import Explanation


def where_text_begins(node: Text) -> tuple[tuple[int, int], str]:
    """Return (line, column) of the first character of a strategy, and a remedy when lines cannot be told apart there.

    Below `|` every line stands at the same indentation, so that line n, column c of the strategy is line
    `line + n - 1`, column `column + c - 1` of the file. A folded or quoted text of several lines has lost its lines.
    """
    at = (node.text_line or node.line, node.text_column or node.column)
    several = node.style == "folded" or (node.style != "literal" and node.end_line > node.line)
    return at, "Write search: | and the strategy below it, indented." if several else ""


def in_file(problem: Problem, at: Profile | Block) -> Problem:
    """Move a finding from its place in the strategy to its place in the file."""
    file = at.search_file or at.file
    if not problem.line:
        return replace(problem, file=file, line=at.search_line, column=at.search_column)
    column = problem.column + at.search_column - 1 if problem.column else 0
    return replace(problem, file=file, line=problem.line + at.search_line - 1, column=column)


def check_examples(
    profile: Profile, compiled: Compiled, *, find: Callable[[Example], Entry | None] | None = None
) -> tuple[Problem, ...]:
    """Run a profile's own tests and return what they show; nothing when all hold.

    An example with a title is matched as an item with that title (and summary, where given). One with only a DOI or
    PMID is looked up by `find`; where that answers None it is reported as not tested, never as passed. An example that
    must not match and has no word that any line names is a warning: nothing could ever make it match.
    """
    if compiled.strategy is None:
        return ()
    problems: list[Problem] = []
    for wanted, examples in ((True, profile.must_match), (False, profile.must_not_match)):
        for example in examples:
            entry = _entry(example, find)
            found = _untested(example) if entry is None else _tested(example, entry, compiled, wanted=wanted)
            if found is not None:
                problems.append(replace(found, file=profile.file, line=example.line))
    return tuple(problems)


def _entry(example: Example, find: Callable[[Example], Entry | None] | None) -> Entry | None:
    if example.title:
        return Entry(key="example", title=example.title, summary=example.summary)
    return find(example) if find is not None else None


def _shown(example: Example) -> str:
    return example.title or (f"DOI {example.doi}" if example.doi else f"PMID {example.pmid}")


def _untested(example: Example) -> Problem:
    return Problem(
        "C062",
        "note",
        f"“{_shown(example)}” was not tested: it is not in the store.",
        "Give its title as well to test it.",
    )


def _tested(example: Example, entry: Entry, compiled: Compiled, *, wanted: bool) -> Problem | None:
    from alerts.search import searchable

    strategy = compiled.strategy
    if strategy is None:
        return None
    text = searchable(entry)
    evidence = strategy.find(text)
    if wanted:
        return None if evidence is not None else _not_found(example, strategy.explain(text))
    if evidence is not None:
        words = ", ".join(dict.fromkeys(hit.term for hit in evidence.hits)) or "everything does"
        sentence = f"“{_shown(example)}” must not match, but does: {words}."
        return Problem("C061", "error", sentence, "Narrow the strategy, or mend the example.")
    if not touched(strategy.text, f"{entry.title} {entry.summary}"):
        sentence = f"“{_shown(example)}” proves nothing: no line of the strategy has a word of it."
        return Problem("C063", "warning", sentence, "Choose noise with a word that the strategy looks for.")
    return None


_SYNTAX = frozenset({"and", "or", "not", "adj", "near", "next", "exp", "the", "for", "with", "mesh", "tiab"})


def touched(strategy: str, text: str) -> bool:
    """Tell whether a text has a word like one that the strategy names: the same first four letters, or it within.

    Near misses count (*immunity* beside `immunis*`): they are what a careless truncation would let in.
    """
    from alerts.search import words

    named = set(re.findall(r"[^\W\d_]{3,}", strategy.casefold())) - _SYNTAX
    begun = tuple({word[:4] for word in named})
    inside = tuple(word for word in named if len(word) >= 5)
    return any(word.startswith(begun) or any(each in word for each in inside) for word in words(text))


def _not_found(example: Example, explained: Explanation) -> Problem:
    found = [line.number for line in explained.lines if line.met]
    missed = [line.number for line in explained.lines if not line.met]
    reason = f"line {explained.used_line} is the result; found by {_numbered(found)}, not by {_numbered(missed)}"
    if explained.failure is not None and explained.failure.kind == "excluded":
        reason += f"; line {explained.failure.line} excludes it"
    if explained.nearest:
        reason += f"; nearest: {explained.nearest}"
    return Problem(
        "C060",
        "error",
        f"“{_shown(example)}” must match, but does not: {reason}.",
        "Widen the strategy, or mend the example; “alerts search explain” shows more.",
    )


def _numbered(lines: list[int]) -> str:
    return f"line{'' if len(lines) == 1 else 's'} {', '.join(map(str, lines))}" if lines else "no line"
