"""`alerts profile evaluate`: recall and precision of a strategy on records whose relevance is known."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import service, settings
from alerts.cli.output import as_json, counted, folded, say, tell_problems, warn
from alerts.cli.record_files import each_record, in_batches
from alerts.cli.strategy_files import UnreadableFile, read_shared, read_strategies
from alerts.cli.strategy_output import why_not
from alerts.errors import AlertsError, Problem

if TYPE_CHECKING:
    from alerts.cli.relevant import Relevant
    from alerts.config import Loaded
    from alerts.parse.references import Reference
    from alerts.search import Compiled, SearchText, Strategy

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class RefusedStrategy(AlertsError):
    """A strategy with errors cannot be judged."""

    code = "A026"
    remedy = "Mend it first: alerts search check FILE shows its findings."


@dataclass(frozen=True, slots=True)
class Missed:
    """A relevant record that was not found, and why not."""

    id: str | int
    title: str
    why: str
    line: int = 0
    part: str = ""
    nearest: str = ""
    is_brief: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a strategy does on records whose relevance is known. Rates are None where they would divide by nothing."""

    records: int
    relevant: int
    found: int
    found_relevant: int
    recall: float
    precision: float | None
    number_needed_to_read: float | None
    missed: tuple[Missed, ...]
    found_ids: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged: a strategy, the languages that its profile is limited to, and what was found in its text."""

    id: str | int
    strategy: Strategy
    problems: tuple[Problem, ...]
    languages: frozenset[str] = frozenset()
    is_of_catalogue: bool = False


@click.group()
def profile() -> None:
    """Try a profile on records whose relevance is known."""


@profile.command("evaluate")
@click.argument("profile_", metavar="PROFILE")
@click.option("--records", type=_FILE, multiple=True, required=True,
              help="RIS, NBIB, PubMed XML, CSV or JSON Lines; .gz too.")  # fmt: skip
@click.option("--relevant", "wanted", required=True,
              help="Which records are relevant: a field that says so (included, label=1), ids between commas, or a "
              "file of ids.")  # fmt: skip
@click.option("--dialect", type=click.Choice(["ovid", "pubmed", "plain"]), help="How to read a file; else it is told.")
@click.option("--vocabulary", "vocabularies", type=_FILE, multiple=True,
              help="MeSH (XML or table) or a CSV, in the place of the loaded one; several may be given.")  # fmt: skip
@click.option("--config", type=_FOLDER, help="Configuration folder; its profiles, blocks and spelling apply.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def evaluate(
    profile_: str,
    records: tuple[Path, ...],
    wanted: str,
    dialect: str | None,
    vocabularies: tuple[Path, ...],
    config: Path | None,
    json_: bool,
) -> None:
    """Judge PROFILE (an id of the configuration, or a file with a strategy) on records whose relevance is known.

    Says recall (how much of what is relevant it finds), precision (how much of what it finds is relevant), the number
    needed to read for each relevant one, and why it missed the others. Headings mean what the loaded vocabulary says,
    or that of --vocabulary.
    """
    from alerts.cli.relevant import relevant

    judged = _judged(profile_, dialect, vocabularies, config)
    known = list(each_record(records))
    told = relevant(known, wanted)
    result = judge(judged, known, told.places)
    if json_:
        say(as_json(_as_mapping(judged, told, result)))
        return
    if told.unknown:
        shown = ", ".join(told.unknown[:10])
        warn(f"alerts: no record has these of the relevant ids, which count neither way: {shown}")
    _tell(judged, told, result)


def _judged(name: str, dialect: str | None, vocabularies: tuple[Path, ...], config: Path | None) -> Judged:
    """Return the strategy of a file, of a folder's profile, or of the service's profile."""
    if Path(name).is_file():
        path = Path(name)
        texts = read_strategies(path)
        if len(texts) != 1:
            raise UnreadableFile(f"{path} holds {len(texts)} strategies.", remedy="Name a file that holds one.")
        compiled = texts[0].compile(read_shared([path], texts, config, vocabularies), dialect)
        return Judged(texts[0].id, _accepted(name, compiled), compiled.problems, texts[0].languages)
    if config is not None or vocabularies:
        from alerts.cli.vocabulary_files import read_streams
        from alerts.config import load_catalogue

        words = read_streams(vocabularies) if vocabularies else None
        loaded = load_catalogue(config or settings().settings.config_dir, None, vocabulary=words)
    else:
        with service() as opened:
            loaded = opened.loaded
    return _of_catalogue(name, loaded)


def _of_catalogue(name: str, loaded: Loaded) -> Judged:
    """Return a profile of the configuration; raises `NoSuchProfile` naming the ones there are."""
    from alerts.pipeline.matching import NoSuchProfile

    found, compiled = loaded.catalogue.profiles.get(name), loaded.compiled.get(name)
    if found is None or compiled is None:
        known = ", ".join(sorted(loaded.catalogue.profiles)) or "none"
        raise NoSuchProfile(
            f"“{name}” is no file, and no profile that can be used.",
            remedy=f"The profiles are: {known}. Run “alerts check” to see what is wrong with the others.",
        )
    return Judged(name, _accepted(name, compiled), compiled.problems, found.languages, is_of_catalogue=True)


def _accepted(name: str, compiled: Compiled) -> Strategy:
    """Return the strategy of what was compiled; raises with its findings told when it was refused."""
    if compiled.strategy is None:
        tell_problems(each for each in compiled.problems if each.severity == "error")
        raise RefusedStrategy(f"The strategy of {name} has errors.")
    return compiled.strategy


def judge(judged: Judged, known: Sequence[Reference], places: frozenset[int]) -> Evaluation:
    """Ask a strategy about every record; `places` are those of the relevant ones."""
    from alerts.pipeline.matching import meets_languages

    found: list[int] = []
    missed: list[Missed] = []
    with_words = (pair for batch in in_batches(iter(known)) for pair in batch)
    for nth, (record, text) in enumerate(with_words):
        allowed = meets_languages(judged.languages, record.entry)
        if allowed and judged.strategy.matches(text):
            found.append(nth)
        elif nth in places:
            missed.append(_missed(judged.strategy, record, text, allowed=allowed))
    right = len(places.intersection(found))
    return Evaluation(
        len(known),
        len(places),
        len(found),
        right,
        right / len(places),
        right / len(found) if found else None,
        len(found) / right if right else None,
        tuple(missed),
        tuple(known[nth].said for nth in found),
    )


def _missed(strategy: Strategy, record: Reference, text: SearchText, *, allowed: bool) -> Missed:
    """Say why a relevant record was not found."""
    title, brief = record.entry.title, text.is_brief
    if not allowed:
        why = f"its language ({record.entry.language}) is not one of the profile's limits"
        return Missed(record.said, title, why, is_brief=brief)
    answer = strategy.explain(text)
    part, why = why_not(answer)
    line = answer.failure.line if answer.failure is not None else answer.used_line
    return Missed(record.said, title, why, line, part, answer.nearest, brief)


def _as_mapping(judged: Judged, told: Relevant, result: Evaluation) -> dict[str, object]:
    return {
        "profile": judged.id,
        "dialect": judged.strategy.dialect,
        "vocabulary": judged.strategy.vocabulary or None,
        "records": result.records,
        "relevant": result.relevant,
        "found": result.found,
        "found_relevant": result.found_relevant,
        "recall": round(result.recall, 4),
        "precision": None if result.precision is None else round(result.precision, 4),
        "number_needed_to_read": (
            None if result.number_needed_to_read is None else round(result.number_needed_to_read, 2)
        ),
        "missed": result.missed,
        "matched": result.found_ids,
        "unknown_ids": told.unknown,
        "problems": [each.as_json() for each in judged.problems],
    }


def _tell(judged: Judged, told: Relevant, result: Evaluation) -> None:
    """Print an evaluation for a person."""
    words = judged.strategy.vocabulary or "none, so a heading means its own words"
    say(f"{judged.id}: {counted(result.records, 'record')}, {result.relevant:,} relevant by {told.told_by}")
    say(f"  vocabulary: {words}")
    if judged.problems:
        kinds = Counter(each.severity for each in judged.problems)
        amounts = " and ".join(counted(kinds[kind], kind) for kind in ("warning", "note") if kinds[kind])
        where = "alerts check" if judged.is_of_catalogue else "alerts search check"
        text = f"findings:   {amounts} about the strategy: {where} shows them"
        say(folded(text, "              ", first="  "))
    say()
    say(f"  recall     {result.recall:6.1%}   {result.found_relevant:,} of the {result.relevant:,} relevant were found")
    if result.precision is None:
        say("  precision       -   nothing was found")
    else:
        say(f"  precision  {result.precision:6.1%}   of {counted(result.found, 'record')} found")
    if result.number_needed_to_read is not None:
        say(f"  to read    {result.number_needed_to_read:6.1f}   found records for each relevant one")
    if not result.missed:
        say("\nNothing relevant was missed.")
        return
    say(f"\nMissed ({len(result.missed):,}), by what kept them out:")
    groups: dict[tuple[int, str, str], list[Missed]] = {}
    for each in result.missed:
        groups.setdefault((each.line, each.part, each.why), []).append(each)
    for (line, part, why), several in sorted(groups.items(), key=lambda group: -len(group[1])):
        where = f"line {line}: " if line else ""
        written = textwrap.shorten(part, 70, placeholder=" …")
        say(folded(f"{where}{f'{written} ' if part else ''}{why} ({len(several)})", "    ", first="\n  "))
        for each in several:
            brief = " (brief)" if each.is_brief else ""
            say(folded(f"{each.id}{brief}: {each.title}", "        ", first="    "))
            if each.nearest:
                say(folded(f"nearest: {each.nearest}", "            ", first="        "))
