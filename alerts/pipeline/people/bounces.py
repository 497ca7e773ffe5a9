"""Messages that come back: from a file or a pipe, or out of the mailbox that the settings name."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from alerts.config import Settings
from alerts.deliver.bounces import Report, own_sender, read_report
from alerts.fetch.mail import imap
from alerts.model.bulletins import Team
from alerts.model.mail_servers import PRESETS
from alerts.pipeline.deliver import token_of
from alerts.pipeline.logs import log
from alerts.pipeline.people.mailbox import read_new
from alerts.pipeline.service import Service
from alerts.store import bounces
from alerts.store.bounces import Result

Taken = Literal[Result, "no report"]


@dataclass(frozen=True, slots=True)
class BouncesRead:
    """What a mailbox held: how many messages ended in which way."""

    counts: dict[str, int]


def take(service: Service, body: bytes) -> Taken:
    """Take one message; say what became of it. An automatic reply, or anything else, is "no report"."""
    report = read_report(body)
    if report is None:
        return "no report"
    return _note(service, report)


def _note(service: Service, report: Report) -> Result:
    now = service.clock()
    result = service.store.replay(
        lambda conn: bounces.take(conn, report.marks, report.kind, report.status, report.words, now)
    )
    if result == "suspended":
        log.warning("a subscription was suspended: three issues in a row came back", status=report.status)
    return result


def read_mailbox(service: Service) -> BouncesRead:
    """Read what is new in the mailbox. A report about nothing of ours stays unread, as everything else does."""
    counts: Counter[str] = Counter()

    def one(body: bytes) -> bool:
        result = take(service, body)
        counts[result] += 1
        return result not in ("no report", "unknown")

    settings = service.settings
    read_new(bounce_mailbox(service), settings.bounce_imap_folder, one, ca_file=settings.ca_bundle)
    if counts.total() != counts["no report"]:
        log.info("mail came back", **{name.replace(" ", "_"): count for name, count in counts.items()})
    return BouncesRead(dict(counts))


def bounce_mailbox(service: Service) -> imap.Server:
    """Return where the mailbox is; without a password it is entered as the mail server is, by OAuth."""
    settings = service.settings
    password, token = settings.bounce_imap_password.get_secret_value(), token_of(settings)
    return imap.Server(
        settings.bounce_imap_host,
        settings.bounce_imap_port,
        settings.bounce_imap_user or settings.smtp_user,
        password,
        "" if password or token is None else asyncio.run(_await(token())),
    )


def envelope_sender(settings: Settings, team: Team, message_id: str) -> str:
    """Return where reports about one message go: to an address of its own, where the mail server allows it."""
    if settings.bounce_address and PRESETS[settings.mail_preset].own_envelope_sender:
        return own_sender(settings.bounce_address, message_id)
    return team.sender_address


async def _await(waiting: object) -> str:
    return str(await waiting)  # type: ignore[misc]
