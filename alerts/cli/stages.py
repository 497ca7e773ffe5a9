"""The three stages of the main job as commands: collect, publish, deliver."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, counted, say, warn

if TYPE_CHECKING:
    from alerts.pipeline.collecting.collect import CollectReport, SourceReport
    from alerts.pipeline.publish import BulletinReport
    from alerts.pipeline.service import Service

json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")


@click.command()
@click.argument("source", nargs=-1)
@click.option("--all", "force", is_flag=True, help="Poll every source, due or not.")
@json_option
def collect(source: tuple[str, ...], force: bool, json_: bool) -> None:
    """Fetch the sources that are due (or the SOURCEs named), and match what is new."""
    from alerts.pipeline.collecting.collect import collect as run

    with service(adopting=True) as opened:
        unknown = [each for each in source if each not in opened.catalogue.sources]
        if unknown:
            raise click.UsageError(f"There is no source “{unknown[0]}” in the configuration.")
        report = asyncio.run(run(opened, only=source, force=force, progress=None if json_ else tell_progress))
    say(as_json(collected(report)) if json_ else account(report))
    if report.sources and len(report.of("failed")) == len(report.sources):
        sys.exit(1)


def tell_progress(report: SourceReport, done: int, count: int) -> None:
    """Print one line for a source that was polled."""
    entries = f"{report.entries} {'entry' if report.entries == 1 else 'entries'}, {report.new_records} new"
    matches = f"{report.matches} {'match' if report.matches == 1 else 'matches'}"
    said = {
        "changed": f"{entries}, {matches}",
        "unchanged": "nothing new",
        "failed": f"failed: {report.message}",
        "degraded": f"{entries}, {matches}; {report.message}",
    }[report.outcome]
    click.echo(f"[{done:>{len(str(count))}}/{count}] {report.title}: {said}")


def account(report: CollectReport) -> str:
    """Return the short account of one run of collect."""
    if not report.sources:
        return f"No source is due ({counted(report.not_due, 'is', 'are')} followed)."
    entries, new = (
        counted(report.total("entries"), "entry", "entries"),
        counted(report.total("new_records"), "new record"),
    )
    matches = counted(report.total("matches"), "match", "matches")
    lines = [
        f"{counted(len(report.sources), 'source')} polled: {entries}, {new}, {matches}, "
        f"{report.total('backlog'):,} put in the backlog."
    ]
    for each in report.of("failed"):
        cause = f"{each.code}: {each.cause}" if each.cause else each.code
        lines.append(f"  failed: {each.title} — {each.message} {each.remedy}".rstrip() + f" ({cause})")
    for each in report.of("degraded"):
        lines.append(f"  degraded: {each.title} — {each.message}")
    for each in report.sources:
        if each.held:
            lines.append(f"  held: {each.title} — {each.held} new items at once wait for “alerts source release”.")
    return "\n".join(lines)


def collected(report: CollectReport) -> dict[str, object]:
    """Return a run of collect as a mapping for `--json`."""
    return {
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "polled": len(report.sources),
        "not_due": report.not_due,
        "entries": report.total("entries"),
        "new_records": report.total("new_records"),
        "matches": report.total("matches"),
        "backlog": report.total("backlog"),
        "failed": len(report.of("failed")),
        "sources": [
            {
                "id": each.source_id, "title": each.title, "outcome": each.outcome, "entries": each.entries,
                "new_records": each.new_records, "matches": each.matches, "backlog": each.backlog, "held": each.held,
                "code": each.code, "message": each.message, "remedy": each.remedy,
                "cause": each.cause, "problems": [problem.as_json() for problem in each.problems],
            }
            for each in report.sources
        ],
    }  # fmt: skip


@click.command()
@click.argument("bulletin", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Compose and report, but write and send nothing.")
@click.option("--now", "extra", is_flag=True, help="Make an issue now, due or not; the period stays open.")
@json_option
def publish(bulletin: tuple[str, ...], dry_run: bool, extra: bool, json_: bool) -> None:
    """Compose the bulletins that are due (or the BULLETINs named), and queue their mail."""
    from alerts.pipeline.publish import publish as run

    with service(adopting=not dry_run) as opened:
        reports = run(opened, bulletin, extra=extra, dry_run=dry_run)
    if json_:
        say(as_json([published(each) for each in reports]))
    else:
        for each in reports:
            say(told(each))
    if any(each.outcome == "failed" for each in reports):
        sys.exit(1)


def told(report: BulletinReport) -> str:
    """Return one line that says what became of a bulletin."""
    if report.outcome in ("published", "would publish"):
        verb = "issue" if report.outcome == "published" else "would publish issue"
        more = f", {report.remainder} more listed" if report.remainder else ""
        late = " (late)" if report.late else ""
        subject = report.content.subject if report.content else ""
        return (
            f"{report.title}: {verb} {report.number}{late}, {counted(report.items, 'item')}{more}, "
            f"{counted(report.deliveries, 'reader')} — “{subject}”"
        )
    if report.outcome in ("held", "would hold"):
        items = f", {counted(report.items, 'item')}" if report.content else ""
        if report.deadline_at is None:
            return f"{report.title}: would be held for review{items}"
        rule = {"send": "then it is sent", "hold": "then it stays held"}.get(report.then, "then you are warned")
        return f"{report.title}: held for review{items}, until {report.deadline_at:%d %B %Y %H:%M} UTC, {rule}"
    if report.outcome == "failed":
        return f"{report.title}: failed: {report.code} {report.message} {report.remedy}".rstrip()
    if report.outcome == "not due" and report.next_due_at is not None:
        return f"{report.title}: not due before {report.next_due_at:%d %B %Y %H:%M} UTC (--now makes an extra issue)"
    return f"{report.title}: {report.outcome}"


def published(report: BulletinReport) -> dict[str, object]:
    """Return what became of a bulletin as a mapping for `--json`."""
    content = report.content
    return {
        "bulletin": report.bulletin_id, "title": report.title, "outcome": report.outcome, "number": report.number,
        "items": report.items, "remainder": report.remainder, "deliveries": report.deliveries, "late": report.late,
        "next_due_at": report.next_due_at, "deadline_at": report.deadline_at, "then": report.then,
        "code": report.code, "message": report.message, "remedy": report.remedy,
        "subject": content.subject if content else "",
        "sections": [
            {"title": section.title, "items": [{"title": item.title, "link": item.link} for item in section.items]}
            for section in (content.sections if content else ())
        ],
    }  # fmt: skip


@click.command()
@json_option
def deliver(json_: bool) -> None:
    """Send what is queued, to the mail server or, when none is named, into a folder."""
    with service() as opened:
        report = asyncio.run(_deliver(opened))
    if json_:
        say(as_json(report))
    else:
        _account_of_sending(report)
    if report["alarms"] or report["rest_reason"]:
        sys.exit(1)


def _account_of_sending(report: dict[str, Any]) -> None:
    say(
        f"{report['sent']} sent, {report['deferred']} put off, {report['failed']} refused, "
        f"{report['expired']} given up, {report['held']} held ({report['transport']})."
    )
    for alarm in report["alarms"]:
        say(f"  alarm: {alarm['code']} {alarm['message']} {alarm['remedy']}")
    if report["stopped_by"]:
        say(f"  All sending is stopped: {report['stopped_by']}")
    if report["rest_reason"]:
        warn(f"alerts: mail waits, none is lost: {report['rest_reason']}")


async def _deliver(opened: Service) -> dict[str, Any]:
    from alerts.pipeline.deliver import deliver as run
    from alerts.pipeline.deliver import mail_folder, transport_of
    from alerts.pipeline.people.persons import tidy

    transport = transport_of(opened.settings)
    stop = asyncio.Event()
    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    try:
        report = await run(opened, transport, stop=stop)
        tidy(opened)
    finally:
        await transport.close()
    where = mail_folder(opened.settings) if transport.name == "folder" else opened.settings.smtp_host
    return {**report.as_json(), "transport": f"{transport.name}: {where}"}
