"""How the commands about strategies print: JSON of a fixed form for scripts, plain words for a librarian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alerts.cli.output import counted, folded, is_terminal, say
from alerts.errors import Problem

if TYPE_CHECKING:
    from alerts.cli.strategy_files import StrategyText
    from alerts.search import Compiled, SearchText, Strategy
    from alerts.search.explain import Explanation

SHOWN_ALIKE = 5
"""Notes of one code that are printed one by one; JSON has all."""


def prints_json(asked: bool | None) -> bool:
    """Tell whether JSON is printed: as asked, else wherever no terminal is."""
    return not is_terminal() if asked is None else asked


def as_mapping(each: StrategyText, compiled: Compiled, matched: Sequence[str | int] | None = None) -> dict[str, object]:
    """Return one strategy as JSON has it."""
    strategy = compiled.strategy
    mapping: dict[str, object] = {
        "id": each.id,
        "accepted": strategy is not None,
        "dialect": None if each.is_unreadable else compiled.dialect,
        "vocabulary": (strategy.vocabulary or None) if strategy is not None else None,
    }
    if matched is not None:
        mapping["matched"] = list(matched)
    mapping["problems"] = [_problem(problem) for problem in compiled.problems]
    return mapping


def _problem(problem: Problem) -> dict[str, object]:
    """Return a finding without its file: strategies of one file are told apart by id."""
    mapping: dict[str, object] = dict(problem.as_json())
    mapping.pop("file", None)
    return mapping


def tell(each: StrategyText, compiled: Compiled, *, notes: bool = True) -> None:
    """Print one strategy's verdict and findings for a person; with `notes` false, notes are only counted."""
    read_as = "" if each.is_unreadable else f", read as {compiled.dialect}"
    verdict = "accepted" if compiled.strategy is not None else "refused"
    vocabulary = compiled.strategy.vocabulary if compiled.strategy is not None else ""
    say(f"{each.id}: {verdict}{read_as}{f', headings of {vocabulary}' if vocabulary else ''}")
    alike: dict[str, list[Problem]] = {}
    for problem in compiled.problems:
        alike.setdefault(problem.code, []).append(problem)
    left: dict[str, list[Problem]] = {}
    remedies: set[tuple[str, str]] = set()
    for problem in compiled.problems:
        if problem.severity == "note":
            nth = next(n for n, other in enumerate(alike[problem.code]) if other is problem)
            if not notes or nth >= SHOWN_ALIKE:
                left.setdefault(problem.code, []).append(problem)
                continue
        _tell_problem(problem, said=(problem.code, problem.remedy) in remedies)
        remedies.add((problem.code, problem.remedy))
    if left and not notes:
        say(f"  {counted(sum(map(len, left.values())), 'note')}: alerts search check and --json show them")
        return
    for code, several in left.items():
        lines = ", ".join(str(line) for line in dict.fromkeys(each.line for each in several))
        text = f"{counted(len(several), 'note')} more of {code} on line {lines}: --json shows them"
        say(folded(text, "      ", first="  "))


def _tell_problem(problem: Problem, *, said: bool) -> None:
    """Print one finding; its remedy unless it has just been `said`."""
    place = f"line {problem.line}, column {problem.column}: " if problem.line else ""
    say(folded(f"{place}{problem.severity}: {problem.code} {problem.message}", "      ", first="  "))
    if problem.remedy and not said:
        say(folded(problem.remedy, "      "))


def evidence(strategy: Strategy, text: SearchText) -> list[dict[str, object]]:
    """Return the hits of a match, with the words of the record."""
    found = strategy.find(text)
    return _hits(found.hits if found is not None else (), text)


def _hits(found: Sequence[Any], text: SearchText) -> list[dict[str, object]]:
    hits: list[dict[str, object]] = []
    for hit in found:
        stored = getattr(text.entry, hit.field, "")
        value = stored if isinstance(stored, str) else stored[hit.value] if hit.value < len(stored) else ""
        hits.append(
            {
                "line": hit.line,
                "term": hit.term,
                "field": hit.field,
                "value": hit.value,
                "start": hit.start,
                "end": hit.end,
                "text": str(value)[hit.start : hit.end],
            }
        )
    return hits


def tell_evidence(hits: Sequence[dict[str, object]], indent: str) -> None:
    """Print the words that matched, each once."""
    marked = dict.fromkeys(f"{hit['text']} ({hit['field']})" for hit in hits)
    say(folded(f"matched: {'; '.join(marked) or 'by what is not in its words'}", indent + "  ", first=indent))


def tell_expansions(strategy: Strategy) -> None:
    """Print what terms and headings also look for."""
    expansions = sorted(strategy.expansions(), key=lambda each: each.line)
    if not expansions:
        say("No term or heading is looked for in more forms than are written.")
    for each in expansions:
        more = f" and {each.more} more" if each.more else ""
        say(folded(f"line {each.line}, {each.term}: also {', '.join(each.also)}{more}", "    ", first=""))
        if each.left_out:
            beyond = f" and {len(each.left_out) - 20} more" if len(each.left_out) > 20 else ""
            say(folded(f"not as words: {', '.join(each.left_out[:20])}{beyond}", "        ", first="    "))


def why_not(answer: Explanation) -> tuple[str, str]:
    """Return what kept a record out (a part of the strategy, as written) and how: required or excluded."""
    failure = answer.failure
    if failure is None:
        return "", "is not met"
    part = failure.part
    if not any(letter.isalpha() for letter in part):  # `1-5` of `or/1-5` says little: then the whole line
        part = next((each.written for each in answer.lines if each.number == failure.line), part)
    return part, "is required and not there" if failure.kind == "missing" else "is there and excluded"
