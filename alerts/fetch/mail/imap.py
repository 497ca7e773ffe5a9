"""Mailboxes over IMAP with verified TLS (RFC 9051), with the standard library's client, within bounds.

Blocking: it is called in a thread. Nothing is moved, deleted or sent; a letter is marked as read only by `mark_read`.
What a server may send altogether is bounded here, since the client itself believes whatever length a server announces;
how long it may take is bounded by whoever holds the `Wire`, which can be cut from outside. Every failure is one of
`imaplib.IMAP4.error`, `OSError` and `ValueError`: callers tell it in their own words.
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 60.0
TROUBLES = (imaplib.IMAP4.error, OSError, ValueError)
"""What a conversation may raise."""
_MOST_BYTES = 64_000_000
_TOGETHER = 100
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_FLOOD = 200_000
"""Lines that a server may say in one conversation."""


class Refused(imaplib.IMAP4.error):
    """The server did not take the user with this password or token."""


class NoFolder(imaplib.IMAP4.error):
    """The mailbox has no such folder, or it may not be opened."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mailbox is, and how to sign in: a password, or an OAuth2 access token.

    `machines` are the addresses to connect to, where they were looked up and judged before; else the name is.
    """

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    machines: tuple[str, ...] = ()


class Wire:
    """The connection of a conversation, to be cut from another thread when its time is over."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.is_cut = False

    def cut(self) -> None:
        """End the conversation: whoever waits for the server gets an OSError."""
        self.is_cut = True
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)


class _Client(imaplib.IMAP4_SSL):
    """The standard client, counting what it is sent, and connecting where it is told to."""

    def __init__(self, server: Server, context: ssl.SSLContext, timeout_s: float, wire: Wire) -> None:
        self._machines = server.machines
        self._left = _MOST_BYTES
        self._lines_left = _FLOOD
        self._wire = wire
        super().__init__(server.host, server.port, ssl_context=context, timeout=timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = self._connected(timeout)
        try:
            made: ssl.SSLSocket = self.ssl_context.wrap_socket(
                plain, server_hostname=self.host, do_handshake_on_connect=False
            )
        except BaseException:
            plain.close()
            raise
        self._wire.socket = made
        try:
            if self._wire.is_cut:
                raise TimeoutError("the conversation was cut")
            made.do_handshake()
        except BaseException:
            made.close()
            raise
        return made

    def _connected(self, timeout: float | None) -> socket.socket:
        trouble: OSError | None = None
        for machine in self._machines or (self.host,):
            try:
                return socket.create_connection((machine, self.port), timeout)
            except OSError as error:
                trouble = trouble or error
        assert trouble is not None
        raise trouble

    def read(self, size: int) -> bytes:
        """Read a literal of the length that the server announced, unless that is out of reason."""
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line."""
        line = super().readline()
        self._take(len(line))
        self._lines_left -= 1
        return line

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0 or self._lines_left < 0:
            raise self.abort("the server sends more than any mailbox would")


class Session:
    """A conversation with a mailbox, signed in."""

    def __init__(self, client: imaplib.IMAP4_SSL) -> None:
        self._client = client

    def open_folder(self, folder: str, *, to_read_only: bool) -> int:
        """Open a folder, by EXAMINE where nothing is to be marked; return its UIDVALIDITY (0: it has none)."""
        try:
            said(self._client.select(_quoted(folder), readonly=to_read_only))
        except imaplib.IMAP4.error as refused:
            raise NoFolder(str(refused)) from None
        found = self._client.response("UIDVALIDITY")[1]
        first = found[0] if found else None
        return int(first) if isinstance(first, bytes) and first.isdigit() else 0

    def search(self, *what: str) -> list[int]:
        """Return the UIDs that a search finds, oldest first."""
        found = said(self._client.uid("SEARCH", *what))
        numbers = found[0].split() if found and isinstance(found[0], bytes) else []
        return sorted({int(each) for each in numbers if each.isdigit() and len(each) <= 10})

    def fetch(self, uids: Sequence[int], what: str) -> Iterator[tuple[int, bytes]]:
        """Yield (UID, what was asked for) of letters, without marking them as read."""
        for at in range(0, len(uids), _TOGETHER):
            some = uids[at : at + _TOGETHER]
            wanted = set(some)
            parts = said(self._client.uid("FETCH", ",".join(map(str, some)), f"(UID {what})"))
            for part, then in zip(parts, [*parts[1:], b""], strict=True):
                if isinstance(part, tuple) and len(part) > 1 and isinstance(part[1], bytes):
                    # servers name the UID before the text or behind it
                    number = _UID.search(part[0]) or (_UID.search(then) if isinstance(then, bytes) else None)
                    if number and int(number[1]) in wanted:
                        yield int(number[1]), part[1]

    def mark_read(self, uid: int) -> None:
        """Mark one letter as read."""
        said(self._client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)"))


@contextmanager
def session(
    server: Server, context: ssl.SSLContext, *, timeout_s: float = TIMEOUT_S, wire: Wire | None = None
) -> Iterator[Session]:
    """Connect, sign in and, at the end of the block, take leave."""
    client = _Client(server, context, timeout_s, wire or Wire())
    try:
        _sign_in(client, server)
        yield Session(client)
    finally:
        with suppress(*TROUBLES):
            client.logout()
        with suppress(OSError):
            client.shutdown()


def _sign_in(client: imaplib.IMAP4_SSL, server: Server) -> None:
    try:
        if server.token:
            told = f"user={server.user}\x01auth=Bearer {server.token}\x01\x01"
            said(client.authenticate("XOAUTH2", _once(told.encode())))
        else:
            said(client.login(_as_text(server.user), _sendable(server.password)))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as refused:
        raise Refused(str(refused)) from None


def _once(told: bytes) -> Any:
    """Answer the first question with the token, and the server's explanation of a refusal with nothing (RFC 7628)."""
    answers = iter((told,))
    return lambda _: next(answers, b"")


def _sendable(password: str) -> str:
    """Return a password as it is given to `login`, which quotes it itself; letters beyond ASCII cannot be."""
    if not password.isascii():
        raise Refused("the password has letters beyond ASCII, which cannot be sent")
    return password


def said(answer: tuple[str, Any]) -> list[Any]:
    """Return what the server answered; anything but OK is an error, in its words."""
    kind, found = answer
    if kind != "OK":
        words = found[0].decode("utf-8", "replace") if found and isinstance(found[0], bytes) else kind
        raise imaplib.IMAP4.error(words)
    return list(found)


def _quoted(folder: str) -> str:
    """Return the name of a folder as IMAP writes it: letters beyond ASCII in a base64 of its own (RFC 3501 5.1.3)."""

    def packed(found: re.Match[str]) -> str:
        if found.group() == "&":
            return "&-"
        spelt = base64.b64encode(found.group().encode("utf-16-be")).decode("ascii").rstrip("=")
        return f"&{spelt.replace('/', ',')}-"

    return _as_text(re.sub(r"&|[^\x20-\x7e]+", packed, folder))


def _as_text(plain: str) -> str:
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
