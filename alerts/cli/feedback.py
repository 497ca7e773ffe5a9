"""Commands about what readers told of use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from alerts.cli.days import Day
from alerts.cli.opening import service
from alerts.cli.output import as_json, say, table
from alerts.render.forms import USES

if TYPE_CHECKING:
    from datetime import datetime


@click.group()
def feedback() -> None:
    """Keep, list and export what readers told of use."""


@feedback.command("add")
@click.argument("bulletin")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--use", required=True, type=click.Choice(list(USES)), help="What it was used for.")
@click.option("--item", "record", type=click.IntRange(1), help="The item, by the number of its record; else the issue.")
@click.option("--told", default="", help="In the reader's own words.")
@click.option("--name", default="", help="Who told it, if they may be named.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def feedback_add(bulletin: str, number: int, use: str, record: int | None, told: str, name: str, json_: bool) -> None:
    """Keep what a reader told by mail or in person about issue NUMBER of BULLETIN."""
    from alerts.pipeline.people.feedback import tell

    with service() as opened:
        kept = tell(opened, bulletin, number, use=use, record_id=record, told=told, name=name, came_by="librarian")
    say(as_json({"id": kept}) if json_ else f"Kept as number {kept}.")


@feedback.command("list")
@click.argument("bulletin", required=False)
@click.option("--since", type=Day(), help="Only from this day on.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def feedback_list(bulletin: str | None, since: datetime | None, json_: bool) -> None:
    """List what readers of BULLETIN (or of all) told, oldest first."""
    from alerts.store import feedback as rows

    with service() as opened, opened.store.read() as conn:
        answers = rows.listing(conn, bulletin, since)
        if bulletin and not answers:
            opened.bulletin(bulletin)
    if json_:
        say(as_json(answers))
    elif not answers:
        say("Nobody has told anything yet.")
    else:
        lines = [
            (f"{each.given_at:%Y-%m-%d}", f"{each.bulletin_id} {each.issue_number}", USES.get(each.used_for, ""),
             each.title or "the issue", " ".join(each.told.split()), each.name)
            for each in answers
        ]  # fmt: skip
        say(table(lines, ("day", "issue", "used", "item", "told", "name"), wide=4))


@feedback.command("export")
@click.argument("bulletin", required=False)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--since", type=Day(), help="Only from this day on.")
def feedback_export(bulletin: str | None, form: str, since: datetime | None) -> None:
    """Print what readers told as CSV for a spreadsheet, or as JSON."""
    from alerts.pipeline.people.feedback import as_csv
    from alerts.store import feedback as rows

    with service() as opened, opened.store.read() as conn:
        answers = rows.listing(conn, bulletin, since)
        if bulletin and not answers:
            opened.bulletin(bulletin)
    if form == "json":
        say(as_json(answers))
    else:
        sys.stdout.write(as_csv(answers))
