"""Commands about issues: what went out, and items that a librarian adds by hand."""

from __future__ import annotations

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, say, table
from alerts.model.sources import EVIDENCE_TYPES


@click.group()
def issue() -> None:
    """List issues, and add items of your own to the next one."""


@issue.command("list")
@click.argument("bulletin", required=False)
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def issue_list(bulletin: str | None, json_: bool) -> None:
    """List the issues of BULLETIN (or of all), newest first."""
    from alerts.store import issues

    with service() as opened:
        if bulletin:
            opened.bulletin(bulletin)
        with opened.store.read() as conn:
            lines = issues.listing(conn, bulletin)
    if json_:
        say(as_json(lines))
    elif not lines:
        say("No issue has been published yet.")
    else:
        rows = [
            (each.bulletin_id, each.number, f"{each.published_at:%Y-%m-%d %H:%M}", each.item_count, each.subject)
            for each in lines
        ]
        say(table(rows, ("bulletin", "number", "published (UTC)", "items", "subject")))


@issue.command("add")
@click.argument("bulletin")
@click.option("--title", required=True, help="Title of the item.")
@click.option("--link", default="", help="Address of the item; leave it out for paper or a login.")
@click.option("--publisher", required=True, help="Who published it.")
@click.option("--date", "published", required=True, help="Date of publication: 2026-11-02 or 2 November 2026.")
@click.option(
    "--type",
    "kind",
    required=True,
    type=click.Choice(EVIDENCE_TYPES),
    metavar="TYPE",
    help=f"Type of evidence, decides the section: {', '.join(EVIDENCE_TYPES)}.",
)
@click.option("--closes", default="", help="Last day to answer, for a consultation or a call.")
@click.option("--note", default="", help="Your own line about it, shown in place of a summary.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def issue_add(
    bulletin: str, title: str, link: str, publisher: str, published: str, kind: str, closes: str, note: str, json_: bool
) -> None:
    """Add an item of your own to the next issue of BULLETIN. Nothing is fetched."""
    from alerts.pipeline.own_items import add_own_item

    with service(adopting=True) as opened:
        added = add_own_item(
            opened,
            bulletin,
            title=title,
            link=link,
            publisher=publisher,
            published=published,
            kind=kind,
            closes=closes,
            note=note,
        )
    if json_:
        say(as_json(added))
    else:
        say(f"“{added.title}” will be in the next issue of {added.bulletin_title}, as item {added.item_id}.")
