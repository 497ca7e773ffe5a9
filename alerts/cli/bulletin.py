"""Commands about bulletins: the list of them, and a test mail of one."""

from __future__ import annotations

import sys

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, say, table

json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")


@click.group()
def bulletin() -> None:
    """List bulletins; send a test of one."""


@bulletin.command("list")
@json_option
def bulletin_list(json_: bool) -> None:
    """List bulletins: who reads them, the last issue and the next."""
    from alerts.pipeline.agenda import standings

    with service() as opened:
        found = standings(opened)
    if json_:
        say(as_json(found))
        return
    rows = [(e.bulletin_id, e.title, e.readers, e.last or "none yet", e.next or "") for e in found]
    say(
        table(rows, ("id", "bulletin", "readers", "last issue", "next issue"), right={2})
        if rows
        else "No bulletin yet."
    )


@bulletin.command("send-test")
@click.argument("bulletin_id", metavar="BULLETIN")
@click.argument("address")
@click.option("--issue", "number", type=click.IntRange(1, 2**31 - 1), help="Send this issue instead of the next one.")
@json_option
def bulletin_send_test(bulletin_id: str, address: str, number: int | None, json_: bool) -> None:
    """Send what the next issue of BULLETIN would be to ADDRESS, marked “Test:”, and say what the mail server answers.

    It uses nothing up and counts for nothing: no number, no item, no reader. Leaves with 1 when it was not sent.
    """
    from alerts.pipeline.send_test import send_test

    with service() as opened:
        done = send_test(opened, bulletin_id, address, number=number)
    if json_:
        say(as_json(done))
    else:
        said = f" It said: {done.words}" if done.words else ""
        match done.outcome:
            case "sent":
                say(f"“{done.subject}” was accepted by {done.where}.{said}")
            case "written":
                say(f"No mail server is set: “{done.subject}” is a file in {done.where} ({done.words}).")
            case "nothing new":
                say("Nothing was sent: there is nothing new, and this bulletin sends no notice of that.")
                say("Send an issue that was published with --issue NUMBER.")
            case "waits":
                say(f"“{done.subject}” is in the hands of another process: “alerts delivery show {done.delivery_id}”.")
            case "refused":
                say(f"“{done.subject}” was not sent, and is not tried again.{said}")
                say(f"See “alerts delivery show {done.delivery_id}”; “alerts doctor” looks for the cause.")
    if done.outcome not in ("sent", "written"):
        sys.exit(1)
