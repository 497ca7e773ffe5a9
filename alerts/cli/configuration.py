"""Commands about the configuration: check, init, config show."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from alerts.cli.opening import settings
from alerts.cli.output import as_json, say, table, tell_problems


@click.command()
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
def check(json_: bool, strict: bool) -> None:
    """Check everything in the configuration folder: all findings at once, each with its place and remedy.

    Reads every file, compiles every search strategy and runs every profile's examples; needs no database and no
    network. Exits with 78 when there is an error.
    """
    from alerts.config import check_examples, check_tracked, load_catalogue

    loaded_settings = settings()
    s = loaded_settings.settings
    loaded = load_catalogue(s.config_dir, s.people_file)
    problems = [*loaded_settings.problems, *loaded.problems]
    for profile_id, compiled in loaded.compiled.items():
        problems += check_examples(loaded.catalogue.profiles[profile_id], compiled)
    problems += check_tracked(s.config_dir, s.people_file, loaded.catalogue)
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
        say(", ".join(f"{count} {noun}" for noun, count in counts.items()) + ".")
        say(f"{errors} errors, {warnings} warnings, {notes} notes.")
    if bad:
        sys.exit(78)


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
    say(f"{len(starter.written)} files written, {len(starter.kept)} kept as they were.")
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
