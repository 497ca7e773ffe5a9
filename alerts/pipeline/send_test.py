"""A test mail: the next issue of a bulletin, or one that was published, to one address and at once.

It goes through the outbox as a message of its own kind, with the same bytes, transport, limits and switches as mail in
earnest, and uses nothing up: no number, no period, no event. Its links for leaving belong to nobody. What the mail
server does not take at once is stopped, so that no test arrives a day later.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Literal

from alerts.deliver import tokens
from alerts.errors import AlertsError
from alerts.model import addresses
from alerts.model.bulletins import IssueContent
from alerts.model.deliveries import Delivery
from alerts.model.text import cut
from alerts.pipeline.deliver import deliver, mail_folder, transport_of
from alerts.pipeline.publish import upcoming
from alerts.pipeline.restored import ask_first
from alerts.pipeline.service import Service
from alerts.render import assemble, mail_date, mail_domain, message_id
from alerts.store import deliveries, issues

MARK = "Test: "
NOBODY = (0, 1)
"""Subscription and generation of no reader: a link made of them is known to nobody, and does nothing."""
PATIENCE_S = 60.0
"""How long another process that took the message is given to send it."""


class NoSuchIssue(AlertsError):
    """A command named an issue that the bulletin does not have."""

    code = "A030"


class SendingStopped(AlertsError):
    """A message cannot be sent at once, since all sending is stopped."""

    code = "D130"
    remedy = "Run “alerts delivery resume” when it may go on."


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test mail; `words` are the mail server's, or why it was not offered."""

    outcome: Literal["sent", "written", "refused", "waits", "nothing new"]
    subject: str = ""
    words: str = ""
    where: str = ""
    delivery_id: int = 0


def send_test(service: Service, bulletin_id: str, address: str, *, number: int | None = None) -> Tested:
    """Send a test mail and wait for what the mail server says of it.

    Raises `BadAddress`, `NoSuchBulletin`, `NoSuchIssue`, `SendingStopped` or `RestoredDatabase` before anything is
    queued.
    """
    to = addresses.check(address.strip())
    content = _content(service, bulletin_id, number)
    if content is None:
        return Tested("nothing new")
    with service.store.read() as conn:
        stopped = deliveries.stopped(conn)
    if stopped is not None:
        raise SendingStopped(f"All sending is stopped: {stopped}")
    ask_first(service)
    queued = _queue(service, content, to)
    words, found = asyncio.run(_send(service, queued))
    return _told(service, content, found, words)


def _content(service: Service, bulletin_id: str, number: int | None) -> IssueContent | None:
    bulletin = service.bulletin(bulletin_id)
    if number is None:
        content = upcoming(service, bulletin_id)
    else:
        with service.store.read() as conn:
            issue = issues.get(conn, bulletin.id, number)
            last = issues.next_number(conn, bulletin.id) - 1
        if issue is None:
            remedy = f"The last one is {last}." if last else "None has been published yet."
            raise NoSuchIssue(f"“{bulletin.title}” has no issue {number}.", remedy=remedy)
        content = issue.content
    return replace(content, subject=cut(MARK + content.subject, 150)) if content else None


def _queue(service: Service, content: IssueContent, to: str) -> int:
    now = service.clock()
    sender = service.settings.mail_from or content.team.sender_address
    content = replace(content, team=replace(content.team, sender_address=sender))
    domain = mail_domain(service.settings.public_url, content.team)
    identity = message_id("test", content.bulletin_id, now.isoformat(), to, domain=domain)
    fields = {
        "to_name": "", "to_address": to, "message_id": identity, "date": mail_date(now),
        "token": tokens.make(*NOBODY, service.keys[0]),
        "why": f"This is a test of the mail that readers of “{content.bulletin_title}” get. Its links for leaving do "
        "nothing.",
    }  # fmt: skip
    skeleton = service.renderer.mail(content, "person").message
    if service.signer is not None:
        fields["dkim"] = service.signer.signature(assemble(skeleton, fields))
    body = assemble(skeleton, fields)
    made = service.store.replay(
        lambda conn: deliveries.enqueue(
            conn, "test", identity, address=to, envelope_from=sender, message_id=identity, body=body, now=now
        )
    )
    assert made is not None, "the moment is in its key"
    return made


async def _send(service: Service, queued: int) -> tuple[str, Delivery]:
    """Send one message, wait while another process has it, and see that it does not linger; return what was said."""
    transport = transport_of(service.settings)
    try:
        report = await deliver(service, transport, only=queued)
    finally:
        await transport.close()
    words = " ".join(each.sentence for each in report.alarms) or report.rest_reason or report.stopped_by
    found = _now(service, queued)
    for _ in range(int(PATIENCE_S * 2)):
        if found.state not in ("claimed", "in_data"):
            break
        await asyncio.sleep(0.5)
        found = _now(service, queued)
    reason = f"a test is not tried again: {found.state_reason or words}"
    service.store.replay(lambda conn: deliveries.give_up(conn, queued, reason))
    return words, found


def _now(service: Service, queued: int) -> Delivery:
    with service.store.read() as conn:
        found = deliveries.get(conn, queued)
    assert found is not None
    return found


def _told(service: Service, content: IssueContent, found: Delivery, words: str) -> Tested:
    by_folder = found.transport == "folder"
    where = str(mail_folder(service.settings)) if by_folder else service.settings.smtp_host
    if found.state == "sent":
        return Tested("written" if by_folder else "sent", content.subject, found.state_reason, where, found.id)
    outcome: Literal["waits", "refused"] = "waits" if found.state in ("claimed", "in_data") else "refused"
    return Tested(outcome, content.subject, found.state_reason or words, where or service.settings.smtp_host, found.id)
