"""The service as the public pages see it: issues, leaving, health. Every call is one short transaction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import __version__
from alerts.deliver import tokens
from alerts.errors import AlertsError
from alerts.model import addresses
from alerts.model.bulletins import Subscription
from alerts.model.text import one_line
from alerts.pipeline import timing
from alerts.pipeline.people import feedback, joining, readers
from alerts.pipeline.service import Service
from alerts.render.forms import MOST_NAME
from alerts.store import Connection, deliveries, drafts, issues, sources, subscriptions
from alerts.store import health as source_health
from alerts.web.service import BulletinListing, Health, IssueAsked, IssueListing, Joining, Leaving

LAST_NUMBER = 2**31 - 1
"""No issue has a greater number; databases refuse to compare much greater ones."""
BY_LINK = "by the link in a mail"
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
        signs_up = bulletin is not None and bulletin.sign_up is not None and bool(self.public_address)
        return BulletinListing(bulletin_id, bulletin.title if bulletin else bulletin_id, lines, signs_up)

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
        away = reader.state == "active" and reader.is_away(self.service.clock())
        until = ""
        if away and reader.paused_until:
            until = readers.in_words(reader.paused_until.astimezone(readers.zone_of(self.service, reader.bulletin_id)))
        return Leaving(addresses.mask(reader.address), title, "paused" if away else reader.state, self.contact, until)

    def today(self) -> date:
        """Return the day it is for readers."""
        return self.service.clock().astimezone(ZoneInfo("Europe/London")).date()

    def leave(self, token: str) -> bool:
        """End the token's subscription, and confirm it by mail when it was active."""

        def act(conn: Connection, reader: Subscription, now: datetime) -> None:
            readers.leave(self.service, conn, [reader], now, BY_LINK, via=reader.id)

        return self._act(token, act)

    def leave_all(self, token: str) -> bool:
        """End every subscription of the token's reader."""

        def act(conn: Connection, reader: Subscription, now: datetime) -> None:
            every = subscriptions.of_address(conn, reader.address)
            readers.leave(self.service, conn, every, now, BY_LINK, via=reader.id)

        return self._act(token, act)

    def pause(self, token: str, until: date, *, everything: bool) -> bool:
        """Send the token's reader nothing before `until`."""

        def act(conn: Connection, reader: Subscription, now: datetime) -> None:
            theirs = subscriptions.of_address(conn, reader.address) if everything else (reader,)
            readers.pause(self.service, conn, theirs, until, now, via=reader.id)

        return self._act(token, act)

    def undo(self, token: str) -> bool:
        """Take back what this token's link did."""

        def act(conn: Connection, reader: Subscription, now: datetime) -> None:
            readers.come_back(self.service, conn, readers.by_the_same_link(conn, reader), now)

        return self._act(token, act)

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

    def asked(self, bulletin_id: str, number: int) -> IssueAsked | None:
        """Return what the page about an issue's use asks about."""
        found = feedback.about(self.service, bulletin_id, number)
        return IssueAsked(found.bulletin_title, found.items) if found is not None else None

    def tell(self, bulletin_id: str, number: int, answer: Mapping[str, str]) -> str:
        """Keep what somebody told of use; return what is wrong with it, in words, or nothing."""
        item = answer.get("item", "")
        record_id = int(item) if re.fullmatch(r"[0-9]{1,18}", item) else None
        said = {name: answer.get(name, "") for name in ("use", "told", "name")}
        try:
            feedback.tell(self.service, bulletin_id, number, record_id=record_id, **said)
        except feedback.BadFeedback as wrong:
            return f"{wrong.sentence} {wrong.remedy}" if said["use"] else "Please say what you used it for."
        return ""

    def joining(self, bulletin_id: str) -> Joining | None:
        """Return a bulletin that can be joined."""
        bulletin = self.service.catalogue.bulletins.get(bulletin_id)
        if bulletin is None or bulletin.sign_up is None or not self.public_address:  # its link must lead somewhere
            return None
        return Joining(bulletin.title, bulletin.sign_up.domains)

    def ask_to_join(self, bulletin_id: str, address: str, name: str) -> str:
        """Write to somebody who would like to join; return what is wrong with the address, in words, or nothing."""
        bulletin = self.service.catalogue.bulletins[bulletin_id]
        try:
            checked = addresses.check(address.strip())
        except addresses.BadAddress:
            return "That is not an address that mail can be sent to."
        if bulletin.sign_up is None or not bulletin.sign_up.takes(checked):
            return "This bulletin is not for addresses there. Write to the library if you should have it."
        joining.ask(self.service, bulletin, checked, one_line(name)[:MOST_NAME])
        return ""

    def join_request(self, bulletin_id: str, token: str) -> Joining | None:
        """Return what a link that confirms joining is about, changing nothing."""
        with self.service.store.read() as conn:
            request = joining.request_of(self.service, conn, bulletin_id, token)
        if request is None:
            return None
        return Joining(self.service.catalogue.bulletins[bulletin_id].title, (), addresses.mask(request.address))

    def join(self, bulletin_id: str, token: str) -> bool:
        """Subscribe the reader whose link this is. Return whether it could still be used."""
        return joining.confirm(self.service, bulletin_id, token) is not None

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
