"""Mail to a real server: connections that are reused, never trusted after trouble, and always within a deadline."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from alerts.deliver.errors import BadMailSettings, RelayUnreachable
from alerts.deliver.pace import Pace
from alerts.deliver.session import Refused, Session
from alerts.deliver.settings import SmtpSettings
from alerts.deliver.transport import Accepted, Answer, BeforeData, Refusal, Silence, Withdrawn
from alerts.model import addresses
from alerts.model.deliveries import Delivery


@dataclass(slots=True)
class Counters:
    """What a transport has done since it was made."""

    connections: int = 0
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0


class SmtpTransport:
    """A transport to one mail server.

    At most `settings.sessions` messages should be under way at once (the worker sees to it); each has a connection of
    its own. A connection carries up to `per_connection` messages and is closed after anything but an acceptance.
    """

    name = "smtp"

    def __init__(self, settings: SmtpSettings, *, pace: Pace | None = None) -> None:
        self.settings = settings
        self.pace = pace or Pace(sessions=settings.sessions, per_minute=settings.per_minute)
        self.counters = Counters()
        self._idle: list[Session] = []
        self._context: ssl.SSLContext | None = None

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        """Offer one message; see `Transport.send`. Up to 120 s before the text's end, 600 s for its answer."""
        unusable = _unusable(delivery)
        if unusable is not None:
            return unusable
        deadline = asyncio.get_running_loop().time() + self.settings.before_s
        named = await self._named(delivery, message, deadline)
        if isinstance(named, Refusal):
            self.counters.refused += 1
            return named
        try:
            return await self._hand_over(named, message, before_data, deadline)
        except BaseException:
            named.drop()
            raise

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(each.leave() for each in idle))

    async def _named(self, delivery: Delivery, message: bytes, deadline: float) -> Session | Refusal:
        """Return a connection on which sender and recipient were accepted.

        A server may have closed a connection that waited; that says nothing of the message, so it is offered once
        more on a fresh one.
        """
        while True:
            session = await self._session(deadline)
            used_before = session.messages > 0
            try:
                async with asyncio.timeout_at(deadline):
                    await session.envelope(delivery.envelope_from, delivery.address, message)
                return session
            except Refused as refused:
                await self._part(session, politely=_is_in_step(refused.refusal))
                if refused.refusal.code == 0 and used_before:
                    continue
                return refused.refusal
            except TimeoutError:
                session.drop()
                return Refusal("mail", 0, "The mail server took too long over sender and recipient.")
            except BaseException:
                session.drop()
                raise

    async def _hand_over(self, session: Session, message: bytes, before_data: BeforeData, deadline: float) -> Answer:
        if not await before_data():
            await self._part(session, politely=True)
            return Withdrawn()
        now = asyncio.get_running_loop().time()
        remaining_s = max(deadline - now, 0) + self.settings.answer_s
        try:
            async with asyncio.timeout(remaining_s):
                answer = await session.text(message, self.settings.answer_s)
        except TimeoutError:
            answer = Silence("The mail server took too long over the text.")
        await self._note(session, answer)
        return answer

    async def _note(self, session: Session, answer: Accepted | Refusal | Silence) -> None:
        if isinstance(answer, Accepted):
            self.counters.accepted += 1
            await self._keep(session)
        elif isinstance(answer, Refusal):
            self.counters.refused += 1
            await self._part(session, politely=_is_in_step(answer))
        else:
            self.counters.unanswered += 1
            session.drop()

    async def _session(self, deadline: float) -> Session:
        while self._idle:
            session = self._idle.pop()
            if session.is_open:
                return session
        context = await self._tls_context()
        try:
            async with asyncio.timeout_at(deadline):
                session = await Session.open(self.settings, context)
        except TimeoutError as late:
            place = f"{self.settings.host}:{self.settings.effective_port}"
            raise RelayUnreachable(f"The mail server {place} took too long to greet us.") from late
        self.counters.connections += 1
        return session

    async def _keep(self, session: Session) -> None:
        if session.messages >= self.settings.per_connection:
            await session.leave()
        else:
            self._idle.append(session)

    async def _part(self, session: Session, *, politely: bool) -> None:
        if politely and session.is_open:
            await session.leave()
        else:
            session.drop()

    async def _tls_context(self) -> ssl.SSLContext | None:
        if self._context is None and self.settings.tls != "none":
            self._context = await asyncio.to_thread(trusting, self.settings)
        return self._context


def _is_in_step(refusal: Refusal) -> bool:
    """True when the server answered and waits for the next command: a goodbye will be understood."""
    return refusal.code not in (0, 421)


def trusting(settings: SmtpSettings) -> ssl.SSLContext:
    """Return a context that verifies certificate and name against the system's authorities and `ca_file`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except OSError as failed:
            raise BadMailSettings(f"The certificate file {settings.ca_file} cannot be used: {failed}.") from failed
    return context


def _unusable(delivery: Delivery) -> Refusal | None:
    """Return a refusal for an envelope unfit for a command line; the null sender (RFC 5321 4.5.5) is fine."""
    try:
        addresses.check(delivery.address)
    except addresses.BadAddress as bad:
        return Refusal("rcpt", 553, f"5.1.3 {bad.sentence}")
    try:
        if delivery.envelope_from:
            addresses.check(delivery.envelope_from)
    except addresses.BadAddress as bad:
        return Refusal("mail", 553, f"5.1.7 {bad.sentence}")
    return None
