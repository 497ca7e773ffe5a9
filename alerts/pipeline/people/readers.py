"""What readers do about their bulletins, by the link in a mail or through the librarian: leave, pause, come back.

Every act is written in one transaction together with the mail that confirms it, so that nobody is unsubscribed without
knowing: the mail with the link may have been forwarded. "All" means every bulletin that goes to the address. Coming
back by a link takes back all that was done by that link.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.errors import AlertsError
from alerts.model.bulletins import IssueContent, Subscription
from alerts.pipeline.people.confirmations import confirm
from alerts.pipeline.service import Service
from alerts.render import bulletin_address
from alerts.store import Connection, subscriptions

LONGEST_PAUSE = timedelta(days=366)


class BadPause(AlertsError):
    """A pause ends before it begins, or much too late."""

    code = "R001"
    remedy = "Name a day after today and within a year, such as 2026-12-24."


def leave(
    service: Service,
    conn: Connection,
    readers: Sequence[Subscription],
    now: datetime,
    reason: str,
    *,
    via: int | None = None,
    tell: bool = True,
) -> tuple[Subscription, ...]:
    """End these subscriptions of one reader; return those that went to somebody until now."""
    for each in readers:
        if each.state != "left":
            subscriptions.leave(conn, each.id, now, reason, via=via)
    ended = tuple(each for each in readers if each.state == "active")
    if ended and tell:
        confirm(service, conn, "left", ended, now)
    return ended


def pause(
    service: Service,
    conn: Connection,
    readers: Sequence[Subscription],
    until: date,
    now: datetime,
    *,
    via: int | None = None,
    tell: bool = True,
) -> tuple[Subscription, ...]:
    """Send one reader nothing of these before the day `until`; return those that were paused."""
    paused: list[Subscription] = []
    for each in readers:
        if each.state == "active":
            moment = datetime.combine(until, time(), zone_of(service, each.bulletin_id))
            after = subscriptions.pause(conn, each.id, moment, now, via=via)
            if after is not None and after.paused_until != each.paused_until:
                paused.append(after)
    if paused and tell:
        confirm(service, conn, "paused", paused, now, until=until)
    return tuple(paused)


def come_back(
    service: Service, conn: Connection, readers: Sequence[Subscription], now: datetime, *, tell: bool = True
) -> tuple[Subscription, ...]:
    """Take back leaving, pausing and suspension of these; return those that go to their reader again."""
    again: list[Subscription] = []
    for each in readers:
        after = subscriptions.undo(conn, each.id, now)
        if after is not None and after.state == "suspended":
            after = subscriptions.resume(conn, each.id, now)
        if after is not None and after.state == "active" and (each.state != "active" or each.is_away(now)):
            again.append(after)
    if again and tell:
        confirm(service, conn, "returned", again, now)
    return tuple(again)


def by_the_same_link(conn: Connection, reader: Subscription) -> tuple[Subscription, ...]:
    """Return what coming back by a reader's link is about: its own bulletin, and all that this link ended or paused."""
    every = subscriptions.of_address(conn, reader.address)
    return tuple(each for each in every if each.id == reader.id or each.via == reader.id)


def check_pause(until: date, today: date) -> None:
    """Raise `BadPause` for a day that no pause can end on."""
    if until <= today:
        raise BadPause(f"{in_words(until)} is not after today: there would be no pause.")
    if until - today > LONGEST_PAUSE:
        raise BadPause(f"{in_words(until)} is more than a year away.")


def zone_of(service: Service, bulletin_id: str) -> ZoneInfo:
    """Return the time zone that the days of a bulletin are told in."""
    bulletin = service.catalogue.bulletins.get(bulletin_id)
    return ZoneInfo(bulletin.schedule.zone if bulletin else "Europe/London")


def in_words(day: date) -> str:
    """Return a day as readers see it: 24 December 2026."""
    return f"{day.day} {day:%B %Y}"


def why(service: Service, content: IssueContent, reader: Subscription, missed: int) -> str:
    """Return the line that tells a reader why this mail came and, after a pause, what did not come."""
    return " ".join(part for part in (_because(service, content, reader), _while_away(content, missed)) if part)


def _because(service: Service, content: IssueContent, reader: Subscription) -> str:
    library = content.team.library
    if reader.signed_up and not reader.listed:
        return f"You get this because you asked for it: {reader.address} was signed up and confirmed."
    team = service.catalogue.teams.get(reader.team)
    listed = f"{team.title} list" if team is not None else "reading list"
    if reader.kind == "list":
        return f"This goes to {reader.address}, a distribution list on the {listed} kept by {library}."
    return f"You get this because {reader.address} is on the {listed} kept by {library}."


def _while_away(content: IssueContent, missed: int) -> str:
    if not missed:
        return ""
    said = "one issue came out and was" if missed == 1 else f"{missed} issues came out and were"
    if content.public_address:
        where = bulletin_address(content.public_address, content.bulletin_id)
        return f"While you were away {said} not sent to you: {where}"
    return f"While you were away {said} not sent to you; ask us if you would like to see more."
