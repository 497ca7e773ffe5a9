"""Letters in a mailbox: found by UID, read without being marked, in a thread that is cut off when time is over."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from alerts.fetch import troubles
from alerts.fetch.failures import (
    CannotConnect,
    FetchFailure,
    NoConnectionInTime,
    Silent,
    TlsFailure,
    TooSlow,
)
from alerts.fetch.mail import imap
from alerts.fetch.mail.folder import LONGEST, MOST_BYTES, MOST_LETTERS, Found, Letter, NoSuchPlace
from alerts.fetch.memory.letters import Memory
from alerts.fetch.trust import trusting
from alerts.model.mailboxes import Box, box_of
from alerts.model.sources import Source
from alerts.parse import problems
from alerts.parse.letters.heads import HEAD_LIMIT, head_of, is_wanted

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher

T = TypeVar("T")

MOST_HEADS = 1_000
"""So many letters are looked at in one poll, whosever they are."""
_HEAD = "BODY.PEEK[HEADER.FIELDS (FROM SENDER LIST-ID SUBJECT DATE MESSAGE-ID)]"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMES = 5
"""A mailbox may take so many times as long as a web address: it gives many letters in one conversation."""


class SignInRefused(FetchFailure):
    """The mailbox does not let this service in: user, password or token are not right, or IMAP is switched off."""

    code = "F650"
    remedy = (
        "Check the line of the mailbox in ALERTS_MAILBOXES, and that IMAP is allowed for it. Exchange Online and Gmail "
        "take no usual password: write oauth, or an app password."
    )


class LettersWithoutItems(FetchFailure):
    """A letter of the newsletter gave no items, and no other letter of this poll gave any."""

    code = "F652"
    remedy = (
        "Look at the letter in the mailbox. If it is none of the newsletter's, narrow the source (letters: senders, "
        "subject); if it is, tell the project how it is made. It is over with the next letter that gives items."
    )


class MailboxNotSet(FetchFailure):
    """The settings hold no password for the mailbox that a source names; it was not asked."""

    code = "F653"
    remedy = "Add a line to ALERTS_MAILBOXES (or to the file that ALERTS_MAILBOXES_FILE names): user@host password."


class NotImap(FetchFailure):
    """What answered at the mailbox's address does not speak IMAP as it should, or sends more than any mailbox would."""

    code = "F654"


async def look(fetcher: Fetcher, source: Source, memory: Memory, since: datetime) -> Found:
    """Return the letters of a source that it has not given yet; raises a FetchFailure."""
    return await _talk(fetcher, source, partial(_look, source=source, memory=memory, since=since))


async def mark_read(fetcher: Fetcher, source: Source, uids: Sequence[int]) -> None:
    """Mark letters as read."""

    def mark(session: imap.Session, box: Box) -> None:
        session.open_folder(box.folder, to_read_only=False)
        for uid in uids:
            session.mark_read(uid)

    if uids:
        await _talk(fetcher, source, mark)


async def _talk(fetcher: Fetcher, source: Source, what: Callable[[imap.Session, Box], T]) -> T:
    """Hold a conversation with the mailbox of a source, in the turn of its host and within its time."""
    settings, box = fetcher.settings, box_of(source.address)
    secret = settings.mailboxes.get(box.account)
    if secret is None:
        raise MailboxNotSet(f"The settings hold no password for the mailbox {box.account}.")
    token = ""
    if secret == "oauth":  # noqa: S105 - the word that stands for no password
        if settings.token is None:
            raise MailboxNotSet(
                f"The mailbox {box.account} is to be entered by OAuth, but no sign-in service is set.",
                remedy="Set ALERTS_SMTP_OAUTH_TOKEN_URL, its client and its secret, or give a password.",
            )
        secret, token = "", await settings.token()
    context, wire = trusting(settings), imap.Wire()
    timeout_s, total_s = settings.read_timeout_s, settings.total_timeout_s * _TIMES
    async with fetcher.door(box.host, box.port) as machines:
        server = imap.Server(box.host, box.port, box.user, secret, token, machines)

        def talk() -> T:
            with imap.session(server, context, timeout_s=timeout_s, wire=wire) as session:
                return what(session, box)

        task = asyncio.ensure_future(asyncio.to_thread(talk))
        try:
            async with asyncio.timeout(total_s):
                return await asyncio.shield(task)
        except TimeoutError as late:
            wire.cut()
            if not task.done():
                await asyncio.wait([task], timeout=timeout_s)
                task.done() and task.exception()
                raise TooSlow(f"{box.host} took too long to give its letters.", cause="total deadline") from late
            raise _told(box, late, wire) from None
        except asyncio.CancelledError:
            wire.cut()
            raise
        except imap.TROUBLES as trouble:
            raise _told(box, trouble, wire) from None


def _told(box: Box, trouble: Exception, wire: imap.Wire) -> FetchFailure:
    """Return the failure for what the client or the system raised; neither user nor secret is in it."""
    shown = str(trouble).replace(box.user, "<user>")[:200]
    cause = f"{type(trouble).__name__}: {shown}"
    match trouble:
        case imap.Refused():
            return SignInRefused(f"The mailbox at {box.host} did not let this service in: {shown}.", cause=cause)
        case imap.NoFolder():
            return NoSuchPlace(f"The mailbox at {box.host} has no folder “{box.folder}” to open.", cause=cause)
        case ssl.SSLError():  # before ValueError, which a refused certificate is as well
            return TlsFailure(troubles.unproved(box.host, trouble), cause=cause)
        case imaplib.IMAP4.error() | ValueError():
            return NotImap(f"What {box.host} answered is not what a mailbox answers.", cause=cause)
        case TimeoutError() if wire.socket is None:
            return NoConnectionInTime(f"{box.host} could not be connected to in time.", cause=cause)
        case TimeoutError():
            return Silent(f"{box.host} stopped talking in the middle.", cause=cause)
    return CannotConnect(
        f"{box.host} did not accept the connection, or dropped it.",
        cause=cause,
        remedy="Check the host. IMAP goes to its port directly, not by the web proxy: a firewall must let it through.",
    )


def _look(session: imap.Session, box: Box, *, source: Source, memory: Memory, since: datetime) -> Found:
    """Look through what is new in the folder, and read the letters that are the source's."""
    validity = session.open_folder(box.folder, to_read_only=True)
    if memory.validity != validity or not memory.uid:  # begun anew: by date, since the numbers mean nothing
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        uids, memory = session.search("SINCE", day), replace(memory, validity=validity, uid=0)
    else:
        uids = [each for each in session.search("UID", f"{memory.uid + 1}:*") if each > memory.uid]
    looked, waiting = uids[:MOST_HEADS], len(uids) - len(uids[:MOST_HEADS])
    heads = {uid: head_of(raw[:HEAD_LIMIT]) for uid, raw in session.fetch(looked, _HEAD)}
    mine = [uid for uid in looked if uid in heads and is_wanted(heads[uid], source.letters)]
    taken: list[Letter] = []
    size = 0
    for uid in mine:
        if len(taken) == MOST_LETTERS or size > MOST_BYTES:
            waiting += len(mine) - len(taken)
            looked = [each for each in looked if each < uid]
            break
        body = next((raw for _, raw in session.fetch([uid], f"BODY.PEEK[]<0.{LONGEST}>")), b"")
        taken.append(Letter(uid, body))
        size += len(body)
    said = (problems.more_letters(waiting),) if waiting else ()
    return Found(tuple(taken), replace(memory, uid=max([memory.uid, *looked])), waiting, said)
