"""One connection to a mail server, opened stage by stage so that every failure has a name.

Built on aiosmtplib's single commands: its `send_message()` would serialise the message anew and break the `List-*`
lines, its `connect()` sends in the clear without a word where STARTTLS is absent, and its `sendmail()` cannot tell
"surely not sent" from "perhaps sent". Its exceptions end here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Mapping

import aiosmtplib

from alerts.deliver.errors import (
    AccountRefused,
    CertificateRefused,
    NoTls,
    RelayBusy,
    RelayRefuses,
    RelayUnreachable,
    TransportDown,
)
from alerts.deliver.settings import SmtpSettings
from alerts.deliver.transport import Accepted, Refusal, Silence, Stage
from alerts.deliver.words import kept_words, without_addresses

GOODBYE_S = 5.0

_WAY_UNKNOWN = (500, 502, 504, 534)
"""Answers to a way of signing in that a server offers and does not have (RFC 4954 6)."""
_LOST = (aiosmtplib.SMTPException, OSError, TimeoutError)


class _Client(aiosmtplib.SMTP):
    """aiosmtplib's client, trying first the ways of signing in that every server behind TLS has."""

    AUTH_METHODS: tuple[str, ...] = ("plain", "login", "cram-md5")


class Refused(Exception):
    """The server answered a command with a refusal, or the connection was lost before the text was offered."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


class Session:
    """An open, signed-in connection that takes one message at a time."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self.messages = 0
        self._codes = _noted(client)

    @property
    def is_open(self) -> bool:
        """False once either side has closed the connection."""
        return self._client.is_connected

    @classmethod
    async def open(cls, settings: SmtpSettings, context: ssl.SSLContext | None) -> Session:
        """Connect, encrypt and sign in, or raise the `TransportDown` that says which of these failed."""
        client = _Client(
            hostname=settings.host,
            port=settings.effective_port,
            use_tls=settings.tls == "implicit",
            start_tls=False,
            tls_context=context,
            local_hostname=settings.helo or None,
            timeout=settings.connect_s,
        )
        try:
            await _connect(client, settings)
            await _encrypt(client, settings)
            await _sign_in(client, settings)
        except BaseException:
            client.close()
            raise
        return cls(client)

    async def envelope(self, sender: str, recipient: str, message: bytes) -> None:
        """Name sender and recipient; raise `Refused` when either is not taken or the connection is lost."""
        stage: Stage = "mail"
        try:
            await self._client.mail(sender, options=self._mail_options(message))
            stage = "rcpt"
            await self._client.rcpt(recipient)
        except aiosmtplib.SMTPResponseException as refused:
            refusal = Refusal(stage, max(refused.code, 0), kept_words(refused.message))
            raise Refused(refusal) from refused
        except _LOST as lost:
            raise Refused(Refusal(stage, 0, f"Connection lost: {_said(lost)}")) from lost

    async def text(self, message: bytes, answer_s: float) -> Accepted | Refusal | Silence:
        """Hand over the text and wait for the answer. DATA and the text go in one step, so any loss here is silence."""
        try:
            response = await self._client.data(message, timeout=answer_s)
        except aiosmtplib.SMTPDataError as refused:
            if 400 <= refused.code < 600:
                return Refusal("data", refused.code, kept_words(refused.message))
            if 200 <= refused.code < 300 and self._codes[0] == aiosmtplib.SMTPStatus.start_input:
                self.messages += 1  # RFC 5321 4.2.1: the first digit decides; aiosmtplib knows only 250
                return Accepted(kept_words(refused.message), refused.code)
            return Silence(f"The answer was not one: {refused.code} {kept_words(refused.message)}")
        except _LOST as lost:
            return Silence(_said(lost))
        self.messages += 1
        return Accepted(kept_words(response.message))

    def encryption(self) -> tuple[str, Mapping[str, object] | None]:
        """Return the version of TLS in use and the server's verified certificate; nothing in clear text."""
        tls = self._client.get_transport_info("ssl_object")
        return ("", None) if tls is None else (str(tls.version()), tls.getpeercert())

    def offers(self) -> Mapping[str, str]:
        """Return what the server said it can do (EHLO), by its words in capitals."""
        return {name.upper(): value for name, value in self._client.esmtp_extensions.items()}

    async def leave(self) -> None:
        """Say goodbye and close, within five seconds."""
        try:
            with contextlib.suppress(*_LOST):
                async with asyncio.timeout(GOODBYE_S):
                    await self._client.quit()
        finally:
            self._client.close()

    def drop(self) -> None:
        """Close at once: an answer may still be in the pipe, and would be taken for that of the next command."""
        self._client.close()

    def _mail_options(self, message: bytes) -> list[str]:
        options = []
        if self._client.supports_extension("size"):
            options.append(f"SIZE={len(message)}")
        if not message.isascii() and self._client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        return options


def _noted(client: _Client) -> deque[int]:
    """Return where the codes of the last two answers will be: that of DATA tells whether the text was sent at all."""
    codes: deque[int] = deque((0, 0), maxlen=2)
    assert client.protocol is not None
    read = client.protocol.read_response

    async def noting(timeout: float | None = None) -> aiosmtplib.SMTPResponse:
        response = await read(timeout=timeout)
        codes.append(response.code)
        return response

    client.protocol.read_response = noting  # type: ignore[method-assign]
    return codes


async def _connect(client: _Client, settings: SmtpSettings) -> None:
    place = f"{settings.host}:{settings.effective_port}"
    try:
        await client.connect()
    except aiosmtplib.SMTPConnectResponseError as refused:
        raise _turned_away(place, refused.code, refused.message) from refused
    except _LOST as lost:
        certificate = _certificate_failure(lost)
        if certificate is not None:
            raise _bad_certificate(settings.host, certificate) from lost
        raise RelayUnreachable(f"The mail server {place} cannot be reached: {_said(lost)}") from lost
    await _greet(client, settings, place)


async def _greet(client: _Client, settings: SmtpSettings, place: str) -> None:
    try:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError as refused:
            if settings.tls == "starttls" or settings.username or not client.is_connected or refused.code < 500:
                raise
            await client.helo()
    except aiosmtplib.SMTPResponseException as refused:
        raise _turned_away(place, refused.code, refused.message) from refused
    except _LOST as lost:
        raise RelayUnreachable(f"The mail server {place} was lost while greeting: {_said(lost)}") from lost


async def _encrypt(client: _Client, settings: SmtpSettings) -> None:
    if settings.tls != "starttls":
        return
    place = f"{settings.host}:{settings.effective_port}"
    if not client.supports_extension("starttls"):
        raise NoTls(f"The mail server {place} offers no STARTTLS, so nothing was sent to it.")
    try:
        await client.starttls()
        await client.ehlo()
    except ssl.SSLError as failed:
        raise _bad_certificate(settings.host, failed) from failed
    except aiosmtplib.SMTPResponseException as refused:
        raise _turned_away(place, refused.code, refused.message) from refused
    except _LOST as lost:
        raise RelayUnreachable(f"The mail server {place} was lost while encrypting: {_said(lost)}") from lost


async def _sign_in(client: _Client, settings: SmtpSettings) -> None:
    if not settings.username:
        return
    place = f"{settings.host}:{settings.effective_port}"
    if client.get_transport_info("sslcontext") is None:
        raise NoTls(f"The connection to {place} is not encrypted, so the account was not named.")
    try:
        if settings.token is None:
            await _log_in(client, settings)
            return
        if "xoauth2" not in client.server_auth_methods:
            raise AccountRefused(f"The mail server {place} does not offer XOAUTH2, which the account needs.")
        await client.auth_xoauth2(settings.username, await _token(settings))
    except aiosmtplib.SMTPResponseException as refused:
        words = f"{refused.code} {_loggable(refused.message)}"
        if 500 <= refused.code < 600:
            raise AccountRefused(f"The mail server {place} refused the account: {words}") from refused
        raise RelayBusy(f"The mail server {place} cannot sign us in now: {words}") from refused
    except aiosmtplib.SMTPServerDisconnected as lost:
        raise RelayUnreachable(f"The mail server {place} was lost while signing in: {_said(lost)}") from lost
    except aiosmtplib.SMTPTimeoutError as lost:
        raise RelayUnreachable(f"The mail server {place} did not answer while signing in: {_said(lost)}") from lost
    except aiosmtplib.SMTPException as refused:
        raise AccountRefused(f"The mail server {place} offers no way to sign in: {_said(refused)}") from refused
    except OSError as lost:
        raise RelayUnreachable(f"The mail server {place} was lost while signing in: {_said(lost)}") from lost


async def _log_in(client: _Client, settings: SmtpSettings) -> None:
    """Show the password once, in another way only where the server does not know the first: failures lock accounts."""
    unknown: aiosmtplib.SMTPAuthenticationError | None = None
    for name in client.supported_auth_methods:
        sign_in = getattr(client, f"auth_{name.replace('-', '')}")
        try:
            await sign_in(settings.username, settings.password)
        except aiosmtplib.SMTPAuthenticationError as refused:
            if refused.code not in _WAY_UNKNOWN:
                raise
            unknown = refused
        else:
            return
    raise unknown or aiosmtplib.SMTPException("No suitable authentication method found.")


async def _token(settings: SmtpSettings) -> str:
    assert settings.token is not None
    try:
        return await settings.token()
    except TransportDown:
        raise
    except Exception as failed:
        raise RelayBusy(f"No token could be had for the sending account: {type(failed).__name__}.") from failed


def _turned_away(place: str, code: int, message: str) -> TransportDown:
    words = f"{code} {_loggable(message)}"
    if 500 <= code < 600:
        return RelayRefuses(f"The mail server {place} turns us away: {words}")
    if 400 <= code < 500:
        return RelayBusy(f"The mail server {place} is busy: {words}")
    return RelayUnreachable(f"What answers at {place} is not a mail server: {words}")


def _certificate_failure(failure: BaseException) -> ssl.SSLError | None:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return cause
        cause = cause.__cause__
    return None


def _bad_certificate(host: str, failed: ssl.SSLError) -> TransportDown:
    if isinstance(failed, ssl.SSLCertVerificationError):
        return CertificateRefused(f"The certificate of {host} could not be verified: {failed.verify_message}.")
    return CertificateRefused(f"No encrypted connection to {host} could be made: {failed.reason or 'TLS failed'}.")


def _loggable(message: str) -> str:
    return without_addresses(kept_words(message))


def _said(failure: BaseException) -> str:
    """Return what a foreign exception says, on one line, or its name when it says nothing."""
    text = failure.message if isinstance(failure, aiosmtplib.SMTPException) else str(failure)
    return _loggable(str(text)) or type(failure).__name__
