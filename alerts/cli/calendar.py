"""`alerts calendar`: what goes out when."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, counted, say, warn

if TYPE_CHECKING:
    from datetime import date

    from alerts.pipeline.agenda import Outing
    from alerts.pipeline.service import Service


@click.command()
@click.argument("bulletin", nargs=-1)
@click.option("--days", type=click.IntRange(1, 1100), default=60, show_default=True, help="How many days ahead.")
@click.option("--ics", is_flag=True, help="Print an iCalendar file, to import into Outlook or another calendar.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def calendar(bulletin: tuple[str, ...], days: int, ics: bool, json_: bool) -> None:
    """Show what goes out when, of all bulletins or those named: what moves a day, and what each issue will cover."""
    from alerts.pipeline.agenda import agenda, unannounced

    if ics and json_:
        raise click.UsageError("Choose one of --ics and --json.")
    with service() as opened:
        found = agenda(opened, bulletin, days=days)
        note = unannounced(opened, bulletin, (opened.clock() + timedelta(days=days)).date())
        file = _file(opened, found) if ics else b""
    if json_:
        say(as_json({"days": days, "note": note, "issues": [_mapping(each) for each in found]}))
        return
    if note:
        warn(f"alerts: {note} Add such days to calendar.yaml.")
    if ics:
        sys.stdout.buffer.write(file)
        sys.stdout.flush()
        return
    for each in found:
        say("\n    ".join((_heading(each), *_details(each))))
    if not found:
        say(f"Nothing goes out in the next {counted(days, 'day')}.")


def _heading(each: Outing) -> str:
    at = each.due_at.astimezone(ZoneInfo(each.zone))
    when = f"{_day(at.date())} {at:%Y, %H:%M}{'' if each.zone == 'Europe/London' else f' ({each.zone})'}"
    return f"Late, was due on {when}: {each.title}" if each.is_late else f"{when}: {each.title}"


def _details(each: Outing) -> list[str]:
    """Return the lines about one issue: whatever a reader or librarian would wonder about."""
    lines = []
    if each.is_late:
        lines.append("goes out when the service next looks, and says that it is late")
    elif each.day != each.nominal:
        lines.append(f"{_day(each.day)} instead of {_day(each.nominal)}: {each.moved}")
    if each.stands_for:
        lines.append(f"one issue with what {_listed(each.stands_for)} would have had")
    if not each.readers:
        lines.append("nobody reads it yet: no issue is made")
    elif each.covers_from is None:
        lines.append("covers what is new by then: it is the first issue")
    else:
        lines.append(f"covers what is new since {each.covers_from.day} {each.covers_from:%B}")
    return lines


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _listed(days: Sequence[date]) -> str:
    if len(days) > 3:
        return f"{len(days)} days from {_day(days[0])} to {_day(days[-1])}"
    return " and ".join(map(_day, days))


def _mapping(each: Outing) -> dict[str, object]:
    return {
        "bulletin": each.bulletin_id, "title": each.title, "period": each.period, "due_at": each.due_at,
        "local": each.due_at.astimezone(ZoneInfo(each.zone)), "zone": each.zone, "day": each.day,
        "nominal": each.nominal, "moved": each.moved, "covers_from": each.covers_from,
        "stands_for": each.stands_for, "late": each.is_late, "readers": each.readers,
    }  # fmt: skip


def _file(opened: Service, found: Sequence[Outing]) -> bytes:
    from alerts.render import CalendarEvent, calendar_file, mail_domain

    catalogue, public = opened.catalogue, opened.settings.public_url
    events = [
        CalendarEvent(
            # The sender's domain, not the public address: that may change, and every event would come twice.
            uid=f"{each.bulletin_id}-{each.period}@"
            + mail_domain("", catalogue.teams[catalogue.bulletins[each.bulletin_id].team]),
            at=opened.clock() if each.is_late else each.due_at,
            summary=each.title,
            description="\n".join(line[:1].upper() + line[1:] + "." for line in _details(each)),
            url=public,
        )
        for each in found
    ]
    return calendar_file(catalogue.service.name, events, opened.clock())
