"""deliver = send what is queued: the outbox over the store, and the transport that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from alerts.config import Settings
from alerts.deliver import DeliverReport, FolderTransport, SmtpSettings, SmtpTransport, Transport, deliver_pending
from alerts.model.deliveries import Delivery, Outcome, Step
from alerts.model.mail_servers import PRESETS
from alerts.pipeline.oauth import token_source
from alerts.pipeline.restored import ask_first, note
from alerts.pipeline.service import Service
from alerts.render import assemble
from alerts.store import Connection, Store, deliveries, issues

DAY = timedelta(days=1)
CONNECT_S = 30.0
"""Longest wait for a connection to the mail server, where ALERTS_SMTP_TIMEOUT_S is not shorter."""


@dataclass(slots=True)
class StoredOutbox:
    """The outbox that `alerts.deliver` asks for, over the store: every method one short committed transaction."""

    store: Store
    before_claim: Callable[[], None] = lambda: None
    per_day: int = 0
    only: int | None = None
    is_day_full: bool = False
    skeletons: dict[tuple[int, bool], bytes] = field(default_factory=dict)

    def stopped(self) -> str:
        """Return why all sending is stopped, or an empty text."""
        with self.store.read() as conn:
            return deliveries.stopped(conn) or ""

    def claim(self, owner: str, now: datetime, *, lease_s: float, limit: int, transport: str) -> Sequence[Delivery]:
        """Claim the oldest messages that may go now, once it is written down how far sending has come."""
        self.before_claim()

        def unit(conn: Connection) -> Sequence[Delivery]:
            most = limit
            if self.per_day:
                most = min(limit, self.per_day - deliveries.sent_since(conn, now - DAY, "smtp"))
                self.is_day_full = most <= 0
            return () if most <= 0 else deliveries.claim(conn, owner, now, lease_s, most, transport, self.only)

        return self.store.replay(unit)

    def message(self, delivery: Delivery) -> bytes:
        """Return the bytes of a message, the same at every attempt."""
        if delivery.issue_id is None:
            with self.store.read() as conn:
                return deliveries.body(conn, delivery.id)
        fields = dict(delivery.fields)
        key = (delivery.issue_id, fields.pop("variant") == "list")
        if key not in self.skeletons:
            with self.store.read() as conn:
                found = issues.skeleton(conn, key[0], for_list=key[1])
            self.skeletons.clear()  # deliveries come issue by issue: one skeleton at a time is enough
            self.skeletons[key] = found
        return assemble(self.skeletons[key], fields)

    def enter_data(self, delivery_id: int, owner: str, now: datetime) -> bool:
        """Commit that DATA is about to be said; False when the message is not ours to send any more."""
        return self.store.replay(lambda conn: deliveries.enter_data(conn, delivery_id, owner, now))

    def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
        """Commit what an attempt came to."""
        return self.store.replay(lambda conn: deliveries.settle(conn, delivery_id, owner, outcome, now))

    def together(self, owner: str, steps: Sequence[Step]) -> Sequence[bool]:
        """Commit what several sessions have come to, in one transaction."""
        return self.store.replay(lambda conn: deliveries.record(conn, owner, steps))

    def release(self, owner: str, now: datetime) -> int:
        """Give back what was claimed and not begun."""
        return self.store.replay(lambda conn: deliveries.release(conn, owner, now))


def transport_of(settings: Settings) -> Transport:
    """Return the mail server's transport, or the folder's when no server is named."""
    if not settings.smtp_host:
        return FolderTransport(mail_folder(settings))
    return SmtpTransport(mail_server_of(settings))


def mail_server_of(settings: Settings) -> SmtpSettings:
    """Return how the mail server that the settings name is spoken to; raises `BadMailSettings`."""
    tls = settings.smtp_tls
    if tls == "required":  # verified in both forms; clear text has to be spelled out
        tls = "implicit" if settings.smtp_port == 465 else "starttls"
    chosen: dict[str, object] = {
        "port": settings.smtp_port,
        "username": settings.smtp_user,
        "password": settings.smtp_password.get_secret_value(),
        "token": token_of(settings),
        "helo": settings.smtp_local_hostname,
        "sessions": settings.smtp_sessions,
        "per_minute": settings.mail_rate_per_minute,
        "before_s": settings.smtp_timeout_s,
        "connect_s": min(settings.smtp_timeout_s, CONNECT_S),
        "ca_file": settings.ca_bundle,
    }
    changes = {"host": settings.smtp_host, "tls": tls, **{name: value for name, value in chosen.items() if value}}
    return SmtpSettings.from_preset(settings.mail_preset, **changes)


def token_of(settings: Settings) -> Callable[[], Awaitable[str]] | None:
    """Return what asks the sign-in service for tokens, where the settings name one."""
    if not settings.smtp_oauth_token_url:
        return None
    return token_source(
        settings.smtp_oauth_token_url,
        settings.smtp_oauth_client_id,
        settings.smtp_oauth_client_secret.get_secret_value(),
        settings.smtp_oauth_scope,
        proxy=settings.proxy.get_secret_value(),
        ca_file=settings.ca_bundle,
    )


def mail_folder(settings: Settings) -> Path:
    """Return the folder that mail goes to when no server is named."""
    return settings.mail_directory


async def deliver(
    service: Service,
    transport: Transport,
    *,
    stop: asyncio.Event | None = None,
    on_settled: Callable[[Delivery, Outcome], None] | None = None,
    only: int | None = None,
) -> DeliverReport:
    """Send everything that may go now (or the one message named), and return what came of it.

    Leases that ran out are swept first.

    Raises `RestoredDatabase` when the database is older than what was sent from it.
    """
    ask_first(service)
    service.store.probe(service.clock())  # a full disk shows before anything is claimed
    service.store.replay(lambda conn: deliveries.sweep(conn, service.clock()))

    def before_claim() -> None:
        note(service)
        with service.store.read() as conn:
            transport.pace.share(deliveries.others(conn, service.owner, service.clock(), transport.name))

    per_day = PRESETS[service.settings.mail_preset].per_day if transport.name == "smtp" else 0
    outbox = StoredOutbox(service.store, before_claim, per_day, only)
    try:
        report = await deliver_pending(
            outbox,
            transport,
            clock=service.clock,
            stop=stop or asyncio.Event(),
            owner=service.owner,
            on_settled=on_settled,
        )
        return replace(report, rest_reason=_day_is_full(service)) if outbox.is_day_full else report
    finally:
        note(service)


def _day_is_full(service: Service) -> str:
    """Return why mail waits though the server takes it; nothing when none waits."""
    with service.store.read() as conn:
        if deliveries.oldest_pending(conn) is None:
            return ""
    preset = PRESETS[service.settings.mail_preset]
    return (
        f"{preset.name} takes {preset.per_day:,} recipients in 24 hours, and so many have had mail: "
        "the rest waits, and goes out as the day passes."
    )
