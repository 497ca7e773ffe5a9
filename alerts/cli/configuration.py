"""Commands about the configuration: check, init, config show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.cli.kept import kept_by
from alerts.cli.opening import settings
from alerts.cli.output import as_json, counted, say, table, tell_problems
from alerts.errors import AlertsError, Problem

if TYPE_CHECKING:
    from alerts.config import Loaded, Settings


NO_VOCABULARY = "S064"
"""The finding that a strategy uses headings and no vocabulary is loaded."""


@click.command()
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
def check(json_: bool, strict: bool) -> None:
    """Check everything in the configuration folder: all findings at once, each with its place and remedy.

    Reads every file, compiles every search strategy and runs every profile's examples; needs no database and no
    network. Where there is a database, it is asked, without being changed, which last good texts stay in force when
    there is an error, and for the vocabulary when headings are used. Exits with 78 when there is an error.
    """
    from alerts.config import check_joining, check_reach, check_senders, check_tracked
    from alerts.pipeline.clock import clock_from

    loaded_settings = settings()
    s = loaded_settings.settings
    loaded, unread = _as_in_force(s)
    problems = [*loaded_settings.problems, *unread, *loaded.problems, *_examples(s.config_dir, loaded)]
    problems += check_tracked(s.config_dir, s.people_file, loaded.catalogue)
    problems += [*check_senders(s, loaded.catalogue), *check_joining(s, loaded.catalogue)]
    problems += check_reach(loaded.catalogue, clock_from(s.clock)().date())
    problems += _templates(s.config_dir)
    bad = any(each.severity == "error" or (strict and each.severity == "warning") for each in problems)
    catalogue = loaded.catalogue
    counts = {
        "sources": len(catalogue.sources),
        "profiles": len(catalogue.profiles),
        "bulletins": len(catalogue.bulletins),
        "teams": len(catalogue.teams),
        "people": len(catalogue.people),
    }
    if json_:
        say(as_json({"ok": not bad, **counts, "problems": [each.as_json() for each in problems]}))
    else:
        errors, warnings = tell_problems(problems)
        notes = len(problems) - errors - warnings
        say(", ".join(counted(count, _ONE[nouns], nouns) for nouns, count in counts.items()) + ".")
        say(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}, {counted(notes, 'note')}.")
    if bad:
        sys.exit(78)


_ONE = {"sources": "source", "profiles": "profile", "bulletins": "bulletin", "teams": "team", "people": "person"}


def _as_in_force(s: Settings) -> tuple[Loaded, tuple[Problem, ...]]:
    """Load the configuration as the service does; the database is asked only where it could change the answer.

    That is where something is wrong (a last good text may be in force), and where headings are used and no vocabulary
    is at hand (the service may have one).
    """
    from alerts.config import last_good_unknown, load_catalogue

    loaded = load_catalogue(s.config_dir, s.people_file)
    if not loaded.errors and not any(each.code == NO_VOCABULARY for each in loaded.problems):
        return loaded, ()
    try:
        kept = kept_by(s.database)
    except AlertsError as failure:
        return loaded, (last_good_unknown(failure.sentence),)
    except OSError as failure:
        return loaded, (last_good_unknown(f"The database cannot be read: {(failure.strerror or '').lower()}."),)
    if kept is None:
        return loaded, ()
    return load_catalogue(s.config_dir, s.people_file, last_good=kept[0], vocabulary=kept[1]), ()


def _templates(config_dir: Path) -> tuple[Problem, ...]:
    """Draw a sample with the operator's own templates, where there are any."""
    from alerts.config import template_loader
    from alerts.render import Renderer

    shipped, own = template_loader(config_dir)
    return Renderer(shipped, own).problems() if own else ()


def _examples(config_dir: Path, loaded: Loaded) -> list[Problem]:
    """Run the profiles' examples, but not those of a last good text: the file has other lines by now."""
    from alerts.config import check_examples

    old = {str(config_dir / path) for path in loaded.held_back}
    profiles = [(loaded.catalogue.profiles[id], compiled) for id, compiled in loaded.compiled.items()]
    return [found for each, compiled in profiles if each.file not in old for found in check_examples(each, compiled)]


@click.command()
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def init(directory: Path | None, json_: bool) -> None:
    """Write a commented starting configuration: DIRECTORY/config, and DIRECTORY/data/people.csv with sample readers.

    Without DIRECTORY it goes where the settings say (ALERTS_CONFIG_DIR, ALERTS_DATA_DIR). Nothing that is there is
    overwritten.
    """
    from alerts.config import write_starter

    if directory is None:
        s = settings().settings
        config_dir, people = s.config_dir, s.data_dir / "people.csv"
        starter = write_starter(config_dir, config_dir=config_dir, data_dir=s.data_dir)
    else:
        config_dir, people = directory / "config", directory / "data" / "people.csv"
        starter = write_starter(directory)
    if json_:
        say(as_json({"written": starter.written, "kept": starter.kept}))
        return
    for path in starter.kept:
        say(f"kept     {path}")
    say(f"{counted(len(starter.written), 'file')} written, {len(starter.kept)} kept as they were.")
    say(f"Next: edit {config_dir / 'teams'} and {people}, then run “alerts check”.")


@click.group()
def config() -> None:
    """Show the settings in force."""


@config.command("show")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def config_show(json_: bool) -> None:
    """Show every setting, its value and where it comes from; secrets are masked."""
    from alerts.config import show_settings

    shown = show_settings(settings())
    if json_:
        say(as_json([{"name": e.name, "variable": e.variable, "value": e.value, "origin": e.origin} for e in shown]))
    else:
        say(table([(each.variable, each.value, each.origin) for each in shown], ("setting", "value", "from")))
