"""`alerts demo`: the whole service once on bundled sample sources."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.cli.output import as_json, say

if TYPE_CHECKING:
    from alerts.demo.job import DemoReport
    from alerts.pipeline.service import Service


@click.command()
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True,
              help="Where the demo keeps its configuration, database and mail.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Begin afresh: remove what an earlier demo left in the folder.")
@click.option("--serve", is_flag=True, help="Go on serving the archive until Ctrl-C.")
@click.option("--port", default=8000, show_default=True, help="Port of the archive, with --serve.")
@click.option("--json", "json_", is_flag=True, help="Print the account as JSON.")
def demo(folder: Path, fresh: bool, serve: bool, port: int, json_: bool) -> None:
    """Run the whole service once on bundled sample sources: SQLite, mail into a folder, nothing leaves the machine.

    A second run finds nothing new and mails nothing.
    """
    from alerts.cli.stages import tell_progress
    from alerts.demo.job import open_demo, run_demo
    from alerts.pipeline.logs import configure

    configure(level="error")
    with open_demo(folder, port=port, fresh=fresh) as service:
        if not json_:
            say(f"Collecting {len(service.catalogue.sources)} sample sources …")
        report = asyncio.run(run_demo(service, folder, None if json_ else tell_progress))
        say(as_json(mapping(report)) if json_ else "\n".join(["", *account(report)]))
        if serve:
            say(f"\nServing the archive at http://127.0.0.1:{port}/ until Ctrl-C …")
            asyncio.run(_serve(service, port))


def mapping(report: DemoReport) -> dict[str, object]:
    """Return the account as a mapping for `--json`."""
    from alerts.cli.stages import collected, published

    return {
        "collected": collected(report.collected),
        "published": [published(each) for each in report.published],
        "delivered": report.delivered.as_json(),
        "records": report.records,
        "mails": report.mails,
        "pages": report.pages,
        "took_s": round(report.took_s, 2),
    }


def account(report: DemoReport) -> list[str]:
    """Return the short account of a demo: figures, what failed and why, and what to open."""
    from alerts.cli.stages import told

    collected, delivered = report.collected, report.delivered
    lines = [
        f"Sources polled   {len(collected.sources)}  ({len(collected.of('failed'))} failed, "
        f"{len(collected.of('degraded'))} degraded, {len(collected.of('unchanged'))} unchanged)",
        f"Entries read     {collected.total('entries')}",
        f"New records      {collected.total('new_records')}  ({report.records} known in all; "
        f"{collected.total('backlog')} older ones put in the backlog)",
        f"Matches          {collected.total('matches')}",
        f"Issues           {sum(each.outcome == 'published' for each in report.published)}",
        f"Mails            {delivered.sent}",
        f"Took             {report.took_s:.1f} s",
        "",
    ]
    lines += [told(each) for each in report.published]
    troubles = [*collected.of("failed"), *collected.of("degraded")]
    if troubles:
        lines += ["", "What failed, and why (two of the samples are meant to):"]
        lines += [f"  {each.title}: {each.message} {each.remedy}".rstrip() for each in troubles]
    lines.append("")
    if report.mails:
        lines.append(f"Open a mail:  {report.mails[0]}")
    lines.append(f"Open a page:  {report.pages[-1]}")
    if not delivered.sent:
        lines.append("Nothing new, so nothing was mailed. KEEP=0 (alerts demo --fresh) begins afresh.")
    return lines


async def _serve(service: Service, port: int) -> None:
    from alerts.web import app, serve
    from alerts.web.pages import PublicPages, WebPages

    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await serve(app(PublicPages(service), WebPages(service)), host="127.0.0.1", port=port, stop=stop)
