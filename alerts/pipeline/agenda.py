"""What goes out when: the issues to come of every bulletin, what moves them, and what each will cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from alerts.compose import calendar
from alerts.model.bulletins import Bulletin, Period
from alerts.pipeline import timing
from alerts.pipeline.service import Service
from alerts.store import Connection, catalogue, issues, subscriptions

LOOKED_BY_NOW = timedelta(minutes=10)
"""A running service has looked long before: what is still due then is late."""


@dataclass(frozen=True, slots=True)
class Outing:
    """One issue to come. Days are those of the bulletin's own zone.

    `moved` is what keeps it from going out on its `nominal` day; `covers_from` the day of the issue before it (`None`:
    it will be the first); `stands_for` the nominal days of other issues that it takes in; `is_late`: it should have
    gone out already, and will when the service next looks.
    """

    bulletin_id: str
    title: str
    period: str
    due_at: datetime
    zone: str
    day: date
    nominal: date
    moved: str
    covers_from: date | None
    stands_for: tuple[date, ...]
    is_late: bool
    readers: int


def agenda(service: Service, bulletin_ids: Sequence[str] = (), *, days: int) -> tuple[Outing, ...]:
    """Return what goes out in the next `days` days, of all bulletins or those named, earliest first.

    Raises `NoSuchBulletin` for one that the configuration does not have.
    """
    now = service.clock()
    chosen = [service.bulletin(each) for each in dict.fromkeys(bulletin_ids)]
    found = [
        outing
        for bulletin in chosen or service.catalogue.bulletins.values()
        for outing in _of(service, bulletin, now, now + timedelta(days=days))
    ]
    return tuple(sorted(found, key=lambda each: (each.due_at, each.title)))


def unannounced(service: Service, bulletin_ids: Sequence[str], until: date) -> str:
    """Return a sentence when bank holidays up to `until` are not all known, for these bulletins or all, else ""."""
    chosen = [service.bulletin(each) for each in bulletin_ids] or service.catalogue.bulletins.values()
    concerned = [each.schedule.calendar for each in chosen if each.schedule.working_days_only]
    if not any(calendar.reaches_beyond(each, until) for each in concerned):
        return ""
    last = calendar.KNOWN_UNTIL
    return (
        f"Bank holidays after {last.day} {last:%B %Y} follow from the rules: a day that is proclaimed only once, or "
        "moved, is not among them."
    )


def _listed(service: Service, bulletin: Bulletin, conn: Connection) -> int:
    """Return how many the list of people has for a bulletin that no process has taken into force yet."""
    if catalogue.begun(conn, bulletin.id) is not None:
        return 0
    return sum(bool(set(each.teams) & set(bulletin.teams)) for each in service.catalogue.people)


def _of(service: Service, bulletin: Bulletin, now: datetime, until: datetime) -> Iterator[Outing]:
    with service.store.read() as conn:
        stands = timing.standing(conn, bulletin, now)
        listing = issues.listing(conn, bulletin.id)
        readers = len(subscriptions.active(conn, bulletin.id, now)) or _listed(service, bulletin, conn)
    zone = ZoneInfo(bulletin.schedule.zone)
    before = max((each.published_at for each in listing if each.published_at <= now), default=None)
    covers_from = before.astimezone(zone).date() if before else None
    late = timing.due(service, bulletin, stands, now)
    planned = timing.coming(service, bulletin, stands, now, (until - now).days + 2)
    expected: list[tuple[Period, str, bool]] = [(late, "", True)] if late is not None else []
    expected += [(each.period, each.moved, False) for each in takewhile(lambda e: e.period.due_at <= until, planned)]
    for period, moved, is_late in expected:
        day = (now if is_late else period.due_at).astimezone(zone).date()
        yield Outing(
            bulletin.id, bulletin.title, period.key, period.due_at, bulletin.schedule.zone, day, period.nominal, moved,
            covers_from, tuple(date.fromisoformat(each) for each in period.collapsed), is_late, readers,
        )  # fmt: skip
        covers_from = day


@dataclass(frozen=True, slots=True)
class BulletinLine:
    """One bulletin in the list of them; `last` and `next` say number, day and time in the bulletin's own zone."""

    bulletin_id: str
    title: str
    teams: tuple[str, ...]
    profiles: tuple[str, ...]
    readers: int
    last: str
    next: str
    is_late: bool = False


def standings(service: Service) -> tuple[BulletinLine, ...]:
    """Return every bulletin with its readers, its last issue and its next, in the catalogue's order."""
    now = service.clock()
    found = []
    for bulletin in service.catalogue.bulletins.values():
        zone = ZoneInfo(bulletin.schedule.zone)
        with service.store.read() as conn:
            stands = timing.standing(conn, bulletin, now)
            last = next(iter(issues.listing(conn, bulletin.id)), None)
            readers = len(subscriptions.active(conn, bulletin.id, now)) or _listed(service, bulletin, conn)
        late = timing.due(service, bulletin, stands, now)
        soon = [each.period for each in timing.coming(service, bulletin, stands, now, 1)]
        found.append(
            BulletinLine(
                bulletin.id, bulletin.title, bulletin.teams, bulletin.profiles, readers,
                f"{last.number}, {last.published_at.astimezone(zone):%Y-%m-%d %H:%M}" if last else "",
                "now (late)" if late else f"{soon[0].due_at.astimezone(zone):%Y-%m-%d %H:%M}" if soon else "",
                late is not None and now - late.due_at > LOOKED_BY_NOW,
            )
        )  # fmt: skip
    return tuple(found)
