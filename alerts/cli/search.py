"""Commands about search strategies: check them, run them over known records, explain, translate, count."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from alerts.cli.output import as_json, say, table
from alerts.cli.strategy_files import StrategyText, read_records, read_shared, read_strategies

if TYPE_CHECKING:
    from alerts.errors import Problem
    from alerts.search import Compiled, Strategy

F = TypeVar("F", bound=Callable[..., Any])
BATCH = 2000
"""Records matched at a time."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _strategy_options(command: F) -> F:
    """Add the options that every command about strategies takes."""
    for option in (
        click.option(
            "--dialect", type=click.Choice(["ovid", "pubmed", "plain"]), help="How to read it; else it is told."
        ),
        click.option(
            "--vocabulary", type=_FILE, multiple=True, help="MeSH (XML or table) or a CSV; several may be given."
        ),
        click.option(
            "--config",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Configuration folder whose blocks and spelling apply.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def search() -> None:
    """Check search strategies, and try them on known records."""


@search.command("check")
@click.argument("file", nargs=-1, required=True, type=_FILE)
@_strategy_options
@click.option("--json", "json_", is_flag=True, help="Print one JSON line per strategy.")
def check(
    file: tuple[Path, ...], dialect: str | None, vocabulary: tuple[Path, ...], config: Path | None, json_: bool
) -> None:
    """Check every strategy of each FILE: text, YAML profile, or JSON Lines of {"id", "text", "syntax"}.

    Exits with 1 when a strategy is refused.
    """
    shared = read_shared(file, config, vocabulary)
    refused = 0
    for path in file:
        for each in read_strategies(path):
            compiled = each.compile(shared, dialect)
            refused += compiled.strategy is None
            if json_:
                say(as_json(as_mapping(each, compiled), indent=None))
            else:
                _tell(each, compiled)
    if refused:
        sys.exit(1)


@search.command("run")
@click.argument("strategies", type=_FILE)
@click.option(
    "--records", type=_FILE, multiple=True, required=True, help="RIS, NBIB, PubMed XML, CSV or JSON Lines; .gz too."
)
@_strategy_options
@click.option("--explain", "explain_", is_flag=True, help="Show the words that matched.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON line per strategy.")
def run(
    strategies: Path,
    records: tuple[Path, ...],
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    explain_: bool,
    json_: bool,
) -> None:
    """Run each strategy of the file STRATEGIES over the records, and show which it matches."""
    from alerts.search import Index, searchable

    shared = read_shared([strategies], config, vocabulary)
    known = read_records(records)
    texts = [searchable(each.entry) for each in known]
    all_compiled = [(each, each.compile(shared, dialect)) for each in read_strategies(strategies)]
    index = Index({str(nth): made.strategy for nth, (_, made) in enumerate(all_compiled) if made.strategy is not None})
    matching: dict[str, list[int]] = {}
    for first in range(0, len(texts), BATCH):
        for nth, keys in enumerate(index.matching_many(texts[first : first + BATCH]), first):
            for key in keys:
                matching.setdefault(key, []).append(nth)
    for number, (each, compiled) in enumerate(all_compiled):
        found = matching.get(str(number), [])
        if json_:
            mapping = as_mapping(each, compiled, [known[nth].id for nth in found])
            if explain_ and compiled.strategy is not None:
                mapping["evidence"] = {known[nth].id: _evidence(compiled.strategy, texts[nth]) for nth in found}
            say(as_json(mapping, indent=None))
            continue
        _tell(each, compiled)
        say(f"  {len(found)} of {len(known)} records")
        for nth in found:
            say(f"  {known[nth].id}  {known[nth].entry.title}")
            if explain_ and compiled.strategy is not None:
                marked = "; ".join(
                    f"{hit['text']} ({hit['field']})" for hit in _evidence(compiled.strategy, texts[nth])
                )
                say(f"      matched: {marked or 'by what is not in its words'}")


@search.command("explain")
@click.argument("strategy", type=_FILE)
@click.option(
    "--records", type=_FILE, multiple=True, help="Records to explain; without, only what the terms expand to."
)
@click.option("--id", "wanted", multiple=True, help="Explain only these records.")
@_strategy_options
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def explain(
    strategy: Path,
    records: tuple[Path, ...],
    wanted: tuple[str, ...],
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    json_: bool,
) -> None:
    """Explain why records match or do not, and what the terms and headings of STRATEGY also look for."""
    from alerts.search import searchable

    shared = read_shared([strategy], config, vocabulary)
    known = [each for each in read_records(records) if not wanted or each.id in wanted]
    for each in read_strategies(strategy):
        compiled = each.compile(shared, dialect)
        if compiled.strategy is None:
            _tell(each, compiled)
            sys.exit(1)
        explained = [(record, compiled.strategy.explain(searchable(record.entry))) for record in known]
        if json_:
            say(
                as_json(
                    {
                        "id": each.id,
                        "vocabulary": compiled.strategy.vocabulary,
                        "expansions": compiled.strategy.expansions(),
                        "records": [{"id": record.id, "explanation": answer} for record, answer in explained],
                    }
                )
            )
            continue
        _tell_expansions(compiled.strategy)
        for record, answer in explained:
            say()
            say(f"{record.id}  {record.entry.title}")
            say(
                table(
                    [(line.number, line.count if line.met else 0, line.written[:90]) for line in answer.lines],
                    ("#", "count", "line"),
                )
            )
            if answer.matched:
                say(f"matched (line {answer.used_line})")
            elif answer.failure is not None:
                why = "is required and not there" if answer.failure.kind == "missing" else "is there and excluded"
                say(f"did not match: in line {answer.failure.line}, {answer.failure.part[:120] or 'a block'} {why}")
                if answer.nearest:
                    say(f"nearest: {answer.nearest}")


@search.command("translate")
@click.argument("file", nargs=-1, required=True, type=_FILE)
@click.option(
    "--to", "target", type=click.Choice(["ovid", "pubmed", "plain"]), required=True, help="The dialect wanted."
)
@_strategy_options
@click.option("--json", "json_", is_flag=True, help="Print one JSON line per strategy.")
def translate(
    file: tuple[Path, ...],
    target: str,
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    json_: bool,
) -> None:
    """Print each strategy in another dialect, with notes where the meaning is not exactly the same."""
    shared = read_shared(file, config, vocabulary)
    refused = 0
    for path in file:
        for each in read_strategies(path):
            compiled = each.compile(shared, dialect)
            if compiled.strategy is None:
                refused += 1
                if json_:
                    say(as_json(as_mapping(each, compiled), indent=None))
                else:
                    _tell(each, compiled)
                continue
            printed = compiled.strategy.translate(target)  # type: ignore[arg-type]  # click has checked it
            if json_:
                mapping = {
                    "id": each.id,
                    "accepted": True,
                    "dialect": target,
                    "text": printed.text,
                    "notes": printed.notes,
                }
                say(as_json(mapping, indent=None))
                continue
            say(printed.text)
            for note in printed.notes:
                click.echo(f"note: {note}", err=True)
    if refused:
        sys.exit(1)


@search.command("count")
@click.argument("strategy", type=_FILE)
@click.option(
    "--records", type=_FILE, multiple=True, required=True, help="RIS, NBIB, PubMed XML, CSV or JSON Lines; .gz too."
)
@_strategy_options
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def count(
    strategy: Path,
    records: tuple[Path, ...],
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    json_: bool,
) -> None:
    """Count for each line of STRATEGY the records that satisfy it, as Ovid shows them."""
    from alerts.search import searchable

    shared = read_shared([strategy], config, vocabulary)
    texts = [searchable(each.entry) for each in read_records(records)]
    for each in read_strategies(strategy):
        compiled = each.compile(shared, dialect)
        if compiled.strategy is None:
            _tell(each, compiled)
            sys.exit(1)
        plan = compiled.strategy.plan
        counts = dict.fromkeys((number for number, _ in plan.lines), 0)
        for text in texts:
            values = plan.values(text, [at for _, at in plan.lines])
            for number, at in plan.lines:
                counts[number] += values[at]
        rows = [
            (line.number, line.written, counts[line.number])
            for line in compiled.strategy.lines
            if line.number in counts
        ]
        if json_:
            say(
                as_json(
                    {"id": each.id, "lines": [{"number": n, "line": text, "count": c} for n, text, c in rows]},
                    indent=None,
                )
            )
        else:
            say(
                table(
                    [(number, written[:90], amount) for number, written, amount in rows], ("#", "Searches", "Results")
                )
            )


def as_mapping(each: StrategyText, compiled: Compiled, matched: Sequence[str] | None = None) -> dict[str, object]:
    """Return one strategy as `--json` prints it."""
    mapping: dict[str, object] = {
        "id": each.id,
        "accepted": compiled.strategy is not None,
        "dialect": compiled.dialect,
    }
    if compiled.strategy is not None and compiled.strategy.vocabulary:
        mapping["vocabulary"] = compiled.strategy.vocabulary
    if matched is not None:
        mapping["matched"] = list(matched)
    mapping["problems"] = [_problem(problem) for problem in compiled.problems]
    return mapping


def _problem(problem: Problem) -> dict[str, object]:
    """Return a finding without its file: strategies of one file are told apart by id."""
    mapping: dict[str, object] = dict(problem.as_json())
    mapping.pop("file", None)
    return mapping


def _tell(each: StrategyText, compiled: Compiled) -> None:
    """Print one strategy's findings for a person."""
    verdict = "accepted" if compiled.strategy is not None else "refused"
    say(f"{each.id}: {verdict}, read as {compiled.dialect}")
    for problem in compiled.problems:
        place = f"{problem.line}:{problem.column} " if problem.line else ""
        say(f"  {place}{problem.severity}: {problem.code} {problem.message}")
        if problem.remedy:
            say(f"      {problem.remedy}")


def _evidence(strategy: Strategy, text: Any) -> list[dict[str, object]]:
    """Return the hits of a match, with the words of the record."""
    found = strategy.find(text)
    hits: list[dict[str, object]] = []
    for hit in found.hits if found is not None else ():
        stored = getattr(text.entry, hit.field, "")
        value = stored if isinstance(stored, str) else stored[hit.value] if hit.value < len(stored) else ""
        hits.append(
            {
                "line": hit.line,
                "term": hit.term,
                "field": hit.field,
                "start": hit.start,
                "end": hit.end,
                "text": str(value)[hit.start : hit.end],
            }
        )
    return hits


def _tell_expansions(strategy: Strategy) -> None:
    """Print what terms and headings also look for."""
    for each in strategy.expansions():
        more = f" and {each.more} more" if each.more else ""
        say(f"line {each.line}, {each.term}: also {', '.join(each.also)}{more}")
        if each.left_out:
            say(f"      not as words: {', '.join(each.left_out[:20])}")
