"""The service as the public pages see it: issues, leaving, health. Every call is one short transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import __version__
from alerts.deliver import tokens
from alerts.errors import AlertsError
from alerts.model import addresses
from alerts.model.bulletins import Subscription
from alerts.pipeline import timing
from alerts.pipeline.confirmations import confirm_leaving
from alerts.pipeline.service import Service
from alerts.store import Connection, deliveries, drafts, issues, sources, subscriptions
from alerts.store import health as source_health
from alerts.web.service import BulletinListing, Health, IssueListing, Leaving

LAST_NUMBER = 2**31 - 1
"""No issue has a greater number; databases refuse to compare much greater ones."""
LATE = timedelta(hours=6)
"""A message that has waited longer than this makes the service's health "degraded"."""


@dataclass(frozen=True, slots=True)
class PublicPages:
    """The service as `alerts.web` sees it."""

    service: Service

    @property
    def public_address(self) -> str:
        """The configured public address, or an empty string."""
        return self.service.settings.public_url

    @property
    def contact(self) -> str:
        """The library's mail address."""
        return self.service.catalogue.service.contact_address

    def bulletins(self) -> Sequence[BulletinListing]:
        """Return every bulletin of the configuration with its issues, newest first."""
        with self.service.store.read() as conn:
            return tuple(self._listing(conn, each) for each in self.service.catalogue.bulletins)

    def bulletin(self, bulletin_id: str) -> BulletinListing | None:
        """Return one bulletin with its issues, newest first; a bulletin that was given up keeps its archive."""
        with self.service.store.read() as conn:
            listing = self._listing(conn, bulletin_id)
        return listing if listing.issues or bulletin_id in self.service.catalogue.bulletins else None

    def _listing(self, conn: Connection, bulletin_id: str) -> BulletinListing:
        bulletin = self.service.catalogue.bulletins.get(bulletin_id)
        zone = ZoneInfo(bulletin.schedule.zone) if bulletin else UTC
        lines = tuple(
            IssueListing(each.number, each.subject, f"{(day := each.published_at.astimezone(zone)).day} {day:%B %Y}")
            for each in issues.listing(conn, bulletin_id)
        )
        return BulletinListing(bulletin_id, bulletin.title if bulletin else bulletin_id, lines)

    def issue_page(self, bulletin_id: str, number: int) -> bytes | None:
        """Return the archive page of an issue as it was stored."""
        if number > LAST_NUMBER:
            return None
        with self.service.store.read() as conn:
            issue = issues.get(conn, bulletin_id, number)
        return issue.page_html.encode() if issue is not None else None

    def leaving(self, token: str) -> Leaving | None:
        """Return what the page of this token shows; changes nothing."""
        with self.service.store.read() as conn:
            reader = self._reader(conn, token)
        if reader is None:
            return None
        bulletin = self.service.catalogue.bulletins.get(reader.bulletin_id)
        title = bulletin.title if bulletin else reader.bulletin_id
        return Leaving(addresses.mask(reader.address), title, reader.state, self.contact)

    def leave(self, token: str) -> bool:
        """End the token's subscription, and confirm it by mail when it was active."""
        return self._act(token, self._leave_one)

    def leave_all(self, token: str) -> bool:
        """End every subscription of the token's reader."""

        def act(conn: Connection, reader: Subscription, now: datetime) -> None:
            for each in subscriptions.of_address(conn, reader.address):
                self._leave_one(conn, each, now)

        return self._act(token, act)

    def undo(self, token: str) -> bool:
        """Take back what this token's link did."""

        def act(conn: Connection, reader: Subscription, now: datetime) -> None:
            subscriptions.undo(conn, reader.id, now)

        return self._act(token, act)

    def _leave_one(self, conn: Connection, reader: Subscription, now: datetime) -> None:
        if reader.state == "left":
            return
        subscriptions.leave(conn, reader.id, now, "by the link in a mail")
        if reader.state == "active":
            confirm_leaving(self.service, conn, reader, now)

    def _act(self, token: str, act: Callable[[Connection, Subscription, datetime], None]) -> bool:
        if tokens.read(token, self.service.keys) is None:
            return False  # known without the database: whoever guesses must not keep its writers waiting
        now = self.service.clock()

        def unit(conn: Connection) -> bool:
            reader = self._reader(conn, token)
            if reader is not None:
                act(conn, reader, now)
            return reader is not None

        return self.service.store.replay(unit)

    def _reader(self, conn: Connection, token: str) -> Subscription | None:
        named = tokens.read(token, self.service.keys)
        if named is None:
            return None
        reader = subscriptions.get(conn, named[0])
        return reader if reader is not None and reader.generation == named[1] else None

    def health(self) -> Health:
        """Return how the service is: failing without its database, degraded when a person should look."""
        try:
            return self._health()
        except AlertsError as failure:
            return Health("failing", f"{failure.code} {failure.sentence}", version=__version__)

    def _health(self) -> Health:
        service, now = self.service, self.service.clock()
        service.store.probe(now)
        with service.store.read() as conn:
            states = sources.states(conn)
            oldest = deliveries.oldest_pending(conn)
            stopped = deliveries.stopped(conn)
            stands = {each.id: timing.standing(conn, each, now) for each in service.catalogue.bulletins.values()}
            troubles = source_health.open_events(conn)
            held = drafts.all_held(conn)
        polled = [each.last_attempt_at for each in states.values() if each.last_attempt_at is not None]
        warnings = [f"Sending is stopped: {stopped}"] if stopped else []
        errors = sum(each.severity == "error" for each in service.loaded.problems)
        if errors:
            warnings.append(f"The configuration has {errors} errors; the last good texts are in force.")
        every = [each for each in service.catalogue.sources.values() if each.enabled]
        failing = sum(each.id in states and states[each.id].failing_since is not None for each in every)
        if failing * 2 > len(every):
            warnings.append(f"{failing} of {len(every)} sources are failing.")
        for job, code in dict(service.failing).items():
            warnings.append(f"The service cannot {job}: {code}; the log says more.")
        if service.mail_waits_since is not None:  # no reason here: it names the server, and this page is public
            warnings.append(f"The mail server has taken nothing since {service.mail_waits_since:%d %B %H:%M} UTC.")
        if oldest is not None and now - oldest > LATE:
            warnings.append(f"The oldest message has waited since {oldest:%d %B %H:%M} UTC.")
        late = [each for each in held if each.deadline_at <= now]
        for each in late:
            if each.then == "warn":
                warnings.append(f"An issue of {each.bulletin_id} is held after its deadline, {each.deadline_at:%d %B}.")
        attention = bool(warnings)
        for each in late:
            if each.then != "warn":
                warnings.append(f"An issue of {each.bulletin_id} waits to be reviewed.")
        transport = "smtp" if service.settings.smtp_host else "folder"
        if transport == "folder":
            warnings.append("No mail server is set: mail goes to a folder.")
        next_id, next_at = self._next_issue(stands, now)
        return Health(
            "degraded" if attention else "ok",
            service.store.kind,
            max(polled, default=None),
            next_at,
            next_id,
            oldest,
            transport,
            tuple(warnings),
            __version__,
            {"followed": len(every), **Counter(each.kind for each in troubles)},
        )

    def _next_issue(self, stands: dict[str, timing.Standing], now: datetime) -> tuple[str, datetime | None]:
        planned: list[tuple[datetime, str]] = []
        for bulletin in self.service.catalogue.bulletins.values():
            soon = timing.coming(self.service, bulletin, stands[bulletin.id], now, 1)
            planned += [(each.period.due_at, bulletin.id) for each in soon]
        at, name = min(planned, default=(None, ""))
        return name, at


@dataclass(frozen=True, slots=True)
class WebPages:
    """The renderer as `alerts.web` sees it: always the one in force, also after a reload."""

    service: Service

    def small_page(self, name: str, **values: object) -> str:
        """Return a small page."""
        return self.service.renderer.small_page(name, **values)

    def archive(self, listings: Sequence[BulletinListing], **values: object) -> str:
        """Return the list of issues of these bulletins."""
        home, base = str(values.get("home", "")), str(values.get("base", ""))
        contact = self.service.catalogue.service.contact_address
        return self.service.renderer.index(listings, home=home, base=base, contact=contact)
