"""Commands about messages that came back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, say, table
from alerts.errors import AlertsError

EX_TEMPFAIL = 75
"""sysexits.h: whoever piped the message in should try again later."""
json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")


@click.group()
def bounce() -> None:
    """Read reports of messages that came back; list them."""


@bounce.command("read")
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--mailbox", is_flag=True, help="Read the mailbox of ALERTS_BOUNCE_IMAP_HOST.")
@json_option
def bounce_read(files: tuple[str, ...], mailbox: bool, json_: bool) -> None:
    """Read reports from FILE... (one message each; “-” is what a mail server pipes in), or from the mailbox."""
    from alerts.deliver.bounces import LONGEST
    from alerts.pipeline.people.bounces import read_mailbox, take

    if mailbox == bool(files):
        raise click.UsageError("Name files, or “-” for standard input, or --mailbox.")
    try:
        with service() as opened:
            if mailbox:
                if not opened.settings.bounce_imap_host:
                    raise click.UsageError("There is no mailbox: set ALERTS_BOUNCE_IMAP_HOST.")
                counts = read_mailbox(opened).counts
                say(as_json(counts) if json_ else _sentence(counts))
                return
            results = {name: take(opened, _body(name, LONGEST)) for name in files}
    except AlertsError:
        if "-" in files:  # a mail server keeps the message and comes again; any other code would bounce it
            sys.exit(EX_TEMPFAIL)
        raise
    if json_:
        say(as_json(results))
    else:
        for name, result in results.items():
            say(f"{name}: {_WORDS[result]}")


@bounce.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many, newest first.")
@json_option
def bounce_list(limit: int, json_: bool) -> None:
    """List what came back, newest first, with the server's words. Addresses are masked."""
    from alerts.cli.delivery import masked
    from alerts.store import bounces

    with service() as opened, opened.store.read() as conn:
        found = bounces.listing(conn, limit)
    if json_:
        say(as_json([{**_mapping(each), "to": masked(each.address)} for each in found]))
    elif not found:
        say("Nothing has come back.")
    else:
        rows = [
            (f"{each.came_at:%Y-%m-%d}", each.delivery_id, masked(each.address), each.kind, each.status, each.words)
            for each in found
        ]
        say(table(rows, ("day", "message", "to", "kind", "status", "words"), wide=5))


_WORDS = {
    "no report": "no report of a message that came back; left alone",
    "unknown": "a report, but of no message that was sent from here",
    "known": "reported before",
    "noted": "noted",
    "counted": "noted; three issues in a row would suspend the subscription",
    "suspended": "noted; three issues in a row came back, so the subscription is suspended",
}


def _sentence(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "Nothing new."


def _body(name: str, most: int) -> bytes:
    if name == "-":
        body = sys.stdin.buffer.read(most)
        while sys.stdin.buffer.read(1 << 16):
            pass  # read to the end: the mail server would take a closed pipe for a failure
        return body
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except OSError as failure:
        raise click.UsageError(f"{name} cannot be read: {failure.strerror}.") from failure


def _mapping(each: object) -> dict[str, object]:
    names = ("delivery_id", "kind", "status", "words", "came_at")
    return {name: getattr(each, name) for name in names}
