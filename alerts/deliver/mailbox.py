"""The mailbox that reports come back to, over IMAP with verified TLS (RFC 9051), with the standard library's client.

Only what is understood is marked as read; everything else is a person's to read. Nothing is moved or deleted.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from alerts.deliver.bounces import LONGEST
from alerts.errors import AlertsError

TIMEOUT_S = 60.0
MOST = 500
"""So many unread messages are looked at in one go, the newest first."""


class MailboxUnreadable(AlertsError):
    """The mailbox that reports come back to cannot be read."""

    code: ClassVar[str] = "D140"
    remedy = (
        "Check ALERTS_BOUNCE_IMAP_HOST, the user, the password and the folder; the server must offer IMAP over TLS."
    )


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """Where the mailbox is, and how to sign in: a password, or an OAuth2 access token."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    folder: str = "INBOX"
    ca_file: Path | None = None


def read_new(settings: MailboxSettings, take: Callable[[bytes], bool]) -> int:
    """Give each unread message to `take`, and mark those as read that it understood; return how many those were.

    Raises `MailboxUnreadable`.
    """
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        context.load_verify_locations(settings.ca_file)
    try:
        with imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=TIMEOUT_S) as box:
            _sign_in(box, settings)
            _said(box.select(f'"{settings.folder}"'))
            return sum(_take_one(box, number, take) for number in _unread(box))
    except (imaplib.IMAP4.error, OSError, ValueError) as failure:
        shown = str(failure).replace(settings.user, "<user>")[:300]
        raise MailboxUnreadable(f"The mailbox at {settings.host} cannot be read: {shown}.") from failure


def _sign_in(box: imaplib.IMAP4_SSL, settings: MailboxSettings) -> None:
    if settings.token:
        said = f"user={settings.user}\x01auth=Bearer {settings.token}\x01\x01".encode()
        # A server that refuses says why in a second question, and gives its answer after an empty line.
        _said(box.authenticate("XOAUTH2", lambda why: b"" if why else said))
    else:
        _said(box.login(settings.user, settings.password))


def _unread(box: imaplib.IMAP4_SSL) -> list[str]:
    found = _said(box.uid("SEARCH", "UNSEEN"))
    numbers = found[0].split() if found and isinstance(found[0], bytes) else []
    return [each.decode("ascii") for each in numbers[-MOST:][::-1]]


def _take_one(box: imaplib.IMAP4_SSL, number: str, take: Callable[[bytes], bool]) -> bool:
    parts = _said(box.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)"))
    body = next((part[1] for part in parts if isinstance(part, tuple)), b"")
    if not take(body):
        return False
    _said(box.uid("STORE", number, "+FLAGS.SILENT", "(\\Seen)"))
    return True


def _said(answer: tuple[str, Any]) -> list[Any]:
    """Return what the server answered; anything but OK is an error, in its words."""
    kind, found = answer
    if kind != "OK":
        words = found[0].decode("utf-8", "replace") if found and isinstance(found[0], bytes) else kind
        raise imaplib.IMAP4.error(words)
    return list(found)
