"""The `alerts` command: one file per group of commands, each imported only when it is asked for.

`main` is the entry point. It turns an `AlertsError` into a plain sentence on standard error and an exit code: 0 done,
1 it failed, 2 the command was used wrongly, 78 configuration or settings are bad (`EX_CONFIG` of sysexits.h). Every
command that reports takes `--json`. Commands open what they need through `alerts.cli.opening` and print through
`alerts.cli.output`; they hold no logic of their own beyond that.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

EX_CONFIG = 78

COMMANDS: Mapping[str, tuple[str, str]] = {
    "backup": ("alerts.cli.operate", "Write a consistent copy of the database while the service runs."),
    "bounce": ("alerts.cli.bounce", "Read reports of mail that came back; list them."),
    "bulletin": ("alerts.cli.bulletin", "List bulletins; send a test of one."),
    "calendar": ("alerts.cli.calendar", "Show what goes out when, and what moves a day."),
    "check": ("alerts.cli.configuration", "Check everything in the configuration folder, all findings at once."),
    "collect": ("alerts.cli.stages", "Fetch the sources that are due, and match what is new."),
    "config": ("alerts.cli.configuration", "Show the settings in force."),
    "deliver": ("alerts.cli.stages", "Send what is queued."),
    "corrections": ("alerts.cli.corrections", "Look up now what became of what was sent, as every night."),
    "delivery": ("alerts.cli.delivery", "Show mail on its way; retry it; stop and resume all sending."),
    "demo": ("alerts.cli.demo", "Run the whole service once on bundled sample sources."),
    "doctor": ("alerts.cli.doctor", "Look at everything that mail needs to reach its readers."),
    "feedback": ("alerts.cli.feedback", "Keep, list and export what readers told of use."),
    "healthcheck": ("alerts.cli.operate", "Ask the running service whether it is well."),
    "init": ("alerts.cli.configuration", "Write a commented starting configuration into a folder."),
    "issue": ("alerts.cli.issue", "List issues; decide about what is held for review; add items of your own."),
    "person": ("alerts.cli.person", "Show readers; leave, pause and come back for them; export and erase."),
    "preview": ("alerts.cli.preview", "Show what a profile finds in the stored records, mailing nothing."),
    "profile": ("alerts.cli.profile", "Try a profile on records whose relevance is known."),
    "publish": ("alerts.cli.stages", "Compose the bulletins that are due, and queue their mail."),
    "records": ("alerts.cli.records", "Show what is stored of a publication; find duplicates in reference files."),
    "run": ("alerts.cli.operate", "Run the service: schedule, delivery and web pages, until stopped."),
    "search": ("alerts.cli.search", "Check search strategies, try them on records, explain and translate them."),
    "source": ("alerts.cli.source", "Read or try one source; release what it holds; take over a list of feeds."),
    "sources": ("alerts.cli.sources", "Show how every source is, those with a trouble first."),
    "vocabulary": ("alerts.cli.vocabulary", "Load MeSH, and look up a heading."),
}
"""Every command: the module that holds it, and its line in `alerts --help` (so that help imports none of them)."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and only then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and suggest the nearest one when there is none of that name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            nearest = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean “{nearest[0]}”?" if nearest else ""
            ctx.fail(f"There is no command “{name}”.{hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from alerts import __version__

        click.echo(f"alerts {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def alerts() -> None:
    """Current-awareness alerting for health libraries.

    Journal and guideline feeds are matched against saved topic profiles, and bulletins of what is new are mailed.
    Settings are ALERTS_… environment variables (docs/settings.md); profiles, sources and bulletins are YAML files in
    the configuration folder (docs/configuration.md).
    """


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if (stream.encoding or "").lower() != "utf-8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        alerts.main(standalone_mode=False, prog_name="alerts")
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as wrong_use:
        wrong_use.show()
        sys.exit(wrong_use.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last place where an error can be told in plain words
        if isinstance(error.__cause__, SystemExit):  # told to stop while a class was made: Python 3.11 wraps that
            sys.exit(error.__cause__.code)
        sys.exit(_told(error))
    sys.exit(0)


def _told(error: Exception) -> int:
    """Tell the person what went wrong, without a traceback unless they asked for one; return the exit code."""
    from alerts.errors import AlertsError

    if os.environ.get("ALERTS_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, AlertsError):
        click.echo(f"alerts: {error.code} {error.sentence}", err=True)
        if error.remedy:
            click.echo(f"        {error.remedy}", err=True)
        return EX_CONFIG if error.code.startswith("C") else 2 if error.code.startswith("A02") else error.exit_code
    click.echo(f"alerts: an error that nobody foresaw: {type(error).__name__}: {error}", err=True)
    click.echo("        Set ALERTS_TRACEBACK=1 and run it again to see where, and report it.", err=True)
    return 1
