"""The mailbox that reports of failed mail come back to: what is understood is marked as read, the rest is a person's.

Nothing is moved or deleted.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from alerts.deliver.bounces import LONGEST
from alerts.errors import AlertsError
from alerts.fetch.mail import imap

MOST = 500
"""So many unread messages are looked at in one go, the newest first."""


class MailboxUnreadable(AlertsError):
    """The mailbox that reports come back to cannot be read."""

    code: ClassVar[str] = "D140"
    remedy = (
        "Check ALERTS_BOUNCE_IMAP_HOST, the user, the password and the folder; the server must offer IMAP over TLS."
    )


def read_new(server: imap.Server, folder: str, take: Callable[[bytes], bool], *, ca_file: Path | None = None) -> int:
    """Give each unread message to `take`, and mark those as read that it understood; return how many those were.

    Raises `MailboxUnreadable`.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    try:
        with imap.session(server, context) as box:
            box.open_folder(folder, to_read_only=False)
            return sum(_take_one(box, uid, take) for uid in box.search("UNSEEN")[-MOST:][::-1])
    except imap.TROUBLES as failure:
        shown = str(failure).replace(server.user, "<user>")[:300]
        raise MailboxUnreadable(f"The mailbox at {server.host} cannot be read: {shown}.") from failure


def _take_one(box: imap.Session, uid: int, take: Callable[[bytes], bool]) -> bool:
    body = next((each for _, each in box.fetch([uid], f"BODY.PEEK[]<0.{LONGEST}>")), b"")
    if not take(body):
        return False
    box.mark_read(uid)
    return True
