"""Commands about search strategies: check them, run them over known records, explain, translate, count.

`check` and `run` print JSON lines wherever no terminal is, so that a script gets what it can read, and words for the
librarian who watches. A refused strategy never stops the others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from alerts.cli.output import as_json, counted, folded, say, table
from alerts.cli.record_files import each_record, in_batches
from alerts.cli.strategy_files import StrategyText, read_shared, read_strategies
from alerts.cli.strategy_output import (
    as_mapping,
    evidence,
    prints_json,
    tell,
    tell_evidence,
    tell_expansions,
    why_not,
)

if TYPE_CHECKING:
    from alerts.parse.references import Reference
    from alerts.search import Compiled, SearchText, Strategy

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_RECORDS_HELP = "RIS, NBIB, PubMed XML, CSV or JSON Lines; .gz too."


def _strategy_options(command: F) -> F:
    """Add the options that every command about strategies takes."""
    for option in (
        click.option(
            "--dialect", type=click.Choice(["ovid", "pubmed", "plain"]), help="How to read it; else it is told."
        ),
        click.option(
            "--vocabulary", type=_FILE, multiple=True,
            help="MeSH (XML or table) or a CSV, in the place of the loaded one; several may be given.",
        ),
        click.option(
            "--config",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Configuration folder whose blocks and spelling apply; else the service's.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def _either_json(command: F) -> F:
    return click.option(
        "--json/--no-json", "json_", default=None,
        help="One JSON line per strategy, or words; left out: words on a terminal, else JSON.",
    )(command)  # fmt: skip


def _compiled(
    files: Sequence[Path], dialect: str | None, vocabulary: Sequence[Path], config: Path | None
) -> list[tuple[StrategyText, Compiled]]:
    """Read and compile every strategy of the files."""
    texts = [each for path in files for each in read_strategies(path)]
    shared = read_shared(files, texts, config, vocabulary)
    return [(each, each.compile(shared, dialect)) for each in texts]


@click.group()
def search() -> None:
    """Check search strategies, and try them on known records."""


@search.command("check")
@click.argument("file", nargs=-1, required=True, type=_FILE)
@_strategy_options
@_either_json
def check(
    file: tuple[Path, ...], dialect: str | None, vocabulary: tuple[Path, ...], config: Path | None, json_: bool | None
) -> None:
    """Check every strategy of each FILE: text, Word, YAML profile, or JSON Lines of {"id", "text", "syntax"}.

    Exits with 1 when a strategy is refused.
    """
    refused = 0
    for each, compiled in _compiled(file, dialect, vocabulary, config):
        refused += compiled.strategy is None
        if prints_json(json_):
            say(as_json(as_mapping(each, compiled), indent=None))
        else:
            tell(each, compiled)
    if refused:
        sys.exit(1)


@search.command("run")
@click.argument("strategies", type=_FILE)
@click.option("--records", type=_FILE, multiple=True, required=True, help=_RECORDS_HELP)
@_strategy_options
@click.option("--explain", "explain_", is_flag=True, help="Show the words that matched.")
@_either_json
def run(
    strategies: Path,
    records: tuple[Path, ...],
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    explain_: bool,
    json_: bool | None,
) -> None:
    """Run each strategy of the file STRATEGIES over the records, and show which it matches.

    Exits with 1 when every strategy is refused.
    """
    compiled = _compiled((strategies,), dialect, vocabulary, config)
    total, found = _matched(compiled, records, with_evidence=explain_)
    for (each, made), hits in zip(compiled, found, strict=True):
        if prints_json(json_):
            mapping = as_mapping(each, made, [id for id, _, _ in hits])
            if explain_:
                mapping["evidence"] = {str(id): shown for id, _, shown in hits}
            say(as_json(mapping, indent=None))
            continue
        tell(each, made, notes=False)
        if made.strategy is not None:
            say(f"  {len(hits):,} of {counted(total, 'record')}")
        for id, title, shown in hits:
            say(folded(f"{id}  {title}", "      ", first="  "))
            if explain_:
                tell_evidence(shown, "      ")
        say()
    if all(made.strategy is None for _, made in compiled):
        sys.exit(1)


_Hit = tuple[str | int, str, list[dict[str, object]]]
"""A record that matched: its id, its title and, where asked for, the words that did it."""


def _matched(
    compiled: Sequence[tuple[StrategyText, Compiled]], paths: Sequence[Path], *, with_evidence: bool
) -> tuple[int, list[list[_Hit]]]:
    """Ask all strategies of all records; return how many records there are and, for each strategy, what it matches."""
    from alerts.pipeline.matching import meets_languages
    from alerts.search import Index

    index = Index({str(nth): made.strategy for nth, (_, made) in enumerate(compiled) if made.strategy is not None})
    found: list[list[_Hit]] = [[] for _ in compiled]
    total = 0
    for batch in in_batches(each_record(paths)):
        total += len(batch)
        for (record, text), keys in zip(batch, index.matching_many([text for _, text in batch]), strict=True):
            for key in keys:
                each, made = compiled[int(key)]
                if made.strategy is None or not meets_languages(each.languages, record.entry):
                    continue
                shown = evidence(made.strategy, text) if with_evidence else []
                found[int(key)].append((record.said, record.entry.title, shown))
    return total, found


@search.command("explain")
@click.argument("strategy", type=_FILE)
@click.option(
    "--records", type=_FILE, multiple=True, help="Records to explain; without, only what the terms expand to."
)
@click.option("--id", "wanted", multiple=True, help="Explain only these records.")
@_strategy_options
@click.option("--json", "json_", is_flag=True, help="Print one JSON line per strategy.")
def explain(
    strategy: Path,
    records: tuple[Path, ...],
    wanted: tuple[str, ...],
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    json_: bool,
) -> None:
    """Explain why records match or do not, and what the terms and headings of STRATEGY also look for.

    For each record: every line with its count, and the words that matched, or the first requirement that failed and the
    term that came nearest. Exits with 1 when a strategy is refused.
    """
    compiled = _compiled((strategy,), dialect, vocabulary, config)
    asked = (each for each in each_record(records) if not wanted or each.id in wanted)
    known = [pair for batch in in_batches(asked) for pair in batch]
    for id in sorted(set(wanted) - {record.id for record, _ in known}):
        click.echo(f"alerts: no record has the id {id}", err=True)
    for each, made in compiled:
        if json_:
            say(as_json(_explained(each, made, known), indent=None))
        elif made.strategy is None:
            tell(each, made)
        else:
            if not records:
                tell_expansions(made.strategy)
            for record, text in known:
                _tell_explained(made.strategy, record, text)
    if any(made.strategy is None for _, made in compiled):
        sys.exit(1)


def _explained(each: StrategyText, made: Compiled, known: Sequence[tuple[Reference, SearchText]]) -> dict[str, object]:
    """Return an explanation as JSON has it."""
    mapping = as_mapping(each, made)
    if made.strategy is not None:
        mapping["expansions"] = made.strategy.expansions()
        mapping["records"] = [{"id": record.said, "explanation": made.strategy.explain(text)} for record, text in known]
    return mapping


def _tell_explained(strategy: Strategy, record: Reference, text: SearchText) -> None:
    answer = strategy.explain(text)
    say(folded(f"{record.id}  {record.entry.title}", "    ", first=""))
    rows = [(line.number, line.written, line.count if line.met else 0) for line in answer.lines]
    say(table(rows, ("#", "Line", "Count"), wide=1, right={2}))
    brief = ", the one for brief items" if text.is_brief and len(set(strategy.result_lines)) > 1 else ""
    if answer.matched:
        say(f"It matches: line {answer.used_line}{brief}.")
        tell_evidence(evidence(strategy, text), "  ")
    elif answer.failure is not None:
        part, why = why_not(answer)
        shown = part if len(part) <= 200 else f"{part[:199]}…"
        where = f"in line {answer.failure.line}, " if answer.failure.line else ""
        say(folded(f"It does not match (line {answer.used_line}{brief}): {where}{shown} {why}.", "  ", first=""))
        if answer.nearest:
            say(folded(f"nearest: {answer.nearest}", "    ", first="  "))
    say()


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
    """Print each strategy in another dialect, with notes where the meaning is not exactly the same.

    Exits with 1 when a strategy is refused.
    """
    compiled = _compiled(file, dialect, vocabulary, config)
    for each, made in compiled:
        printed = made.strategy.translate(target) if made.strategy is not None else None  # type: ignore[arg-type]  # click has checked it
        if json_:
            mapping = as_mapping(each, made)
            if printed is not None:
                mapping |= {"dialect": target, "text": printed.text, "notes": printed.notes}
            say(as_json(mapping, indent=None))
        elif printed is None:
            tell(each, made)
        else:
            if len(compiled) > 1:
                say(f"-- {each.id}")
            say(printed.text)
            for note in printed.notes:
                click.echo(folded(f"note: {note}", "  ", first=""), err=True)
    if any(made.strategy is None for _, made in compiled):
        sys.exit(1)


@search.command("count")
@click.argument("strategy", type=_FILE)
@click.option("--records", type=_FILE, multiple=True, required=True, help=_RECORDS_HELP)
@_strategy_options
@click.option("--json", "json_", is_flag=True, help="Print one JSON line per strategy.")
def count(
    strategy: Path,
    records: tuple[Path, ...],
    dialect: str | None,
    vocabulary: tuple[Path, ...],
    config: Path | None,
    json_: bool,
) -> None:
    """Count for each line of STRATEGY the records that satisfy it, as Ovid shows them.

    Exits with 1 when a strategy is refused.
    """
    compiled = _compiled((strategy,), dialect, vocabulary, config)
    for (each, made), amounts in zip(compiled, _counts([made.strategy for _, made in compiled], records), strict=True):
        if made.strategy is None:
            say(as_json(as_mapping(each, made), indent=None)) if json_ else tell(each, made)
            continue
        lines = [line for line in made.strategy.lines if line.number in amounts]
        rows = [(line.number, line.written, amounts[line.number]) for line in lines]
        if json_:
            mapping = as_mapping(each, made)
            mapping["lines"] = [{"number": n, "line": text, "count": amount} for n, text, amount in rows]
            say(as_json(mapping, indent=None))
            continue
        if len(compiled) > 1:
            say(f"{each.id}:")
        shown = [(n, text, f"{amount:,}") for n, text, amount in rows]
        say(table(shown, ("#", "Searches", "Results"), wide=1, right={2}))
    if any(made.strategy is None for _, made in compiled):
        sys.exit(1)


def _counts(strategies: Sequence[Strategy | None], paths: Sequence[Path]) -> list[dict[int, int]]:
    """Count the records that satisfy each line of each strategy: a line is asked as a strategy is."""
    from alerts.search import Index

    counts: list[dict[int, int]] = [{} for _ in strategies]
    lines: dict[str, Strategy] = {}
    for nth, strategy in enumerate(strategies):
        for number, _ in strategy.plan.lines if strategy is not None else ():
            counts[nth][number] = 0
            lines[f"{nth} {number}"] = strategy.of_line(number)  # type: ignore[union-attr]  # there are lines
    index = Index(lines)
    for batch in in_batches(each_record(paths)):
        for keys in index.matching_many([text for _, text in batch]):
            for key in keys:
                nth, number = map(int, key.split())
                counts[nth][number] += 1
    return counts
