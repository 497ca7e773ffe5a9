"""Asking a mail server how it is: connect, encrypt, sign in, say goodbye. No sender and no recipient is ever named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from alerts.deliver.errors import RelayUnreachable
from alerts.deliver.session import Session
from alerts.deliver.settings import SmtpSettings
from alerts.deliver.smtp import trusting


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whom a verified certificate names, and until when it is good (UTC)."""

    names: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a mail server said: `tls` is the version in use, empty in clear text; `offers` are the words of its EHLO."""

    tls: str = ""
    certificate: Certificate | None = None
    offers: Mapping[str, str] = field(default_factory=dict)
    signed_in: bool = False


async def probe(settings: SmtpSettings, *, within_s: float) -> ServerFacts:
    """Return what the mail server says of itself; raise the `TransportDown` that says what failed."""
    context = await asyncio.to_thread(trusting, settings)
    try:
        async with asyncio.timeout(within_s):
            session = await Session.open(settings, context)
            try:
                return _facts(session, settings)
            finally:
                await session.leave()
    except TimeoutError as late:
        place = f"{settings.host}:{settings.effective_port}"
        raise RelayUnreachable(f"The mail server {place} did not answer within {within_s:g} seconds.") from late


def _facts(session: Session, settings: SmtpSettings) -> ServerFacts:
    tls, certificate = session.encryption()
    return ServerFacts(tls, certificate_of(certificate), session.offers(), bool(settings.username))


def certificate_of(found: Mapping[str, object] | None) -> Certificate | None:
    """Return a certificate as Python's ssl module tells it (`getpeercert`)."""
    if not found:
        return None
    alternatives = found.get("subjectAltName")
    names = [str(pair[1]) for pair in alternatives] if isinstance(alternatives, tuple) else []
    return Certificate(tuple(dict.fromkeys(names)), _moment(str(found.get("notAfter", ""))))


def _moment(text: str) -> datetime | None:
    """Read "Jan  5 09:34:43 2028 GMT"."""
    words = text.split()
    if len(words) != 5:
        return None
    month, day, time, year, zone = words
    try:
        return parsedate_to_datetime(f"{day} {month} {year} {time} {zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
