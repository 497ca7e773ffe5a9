"""An issue and all that belongs to it, made ready to be written in one transaction: bytes, page, deliveries."""

from __future__ import annotations

import hashlib
from datetime import datetime

from alerts.deliver import tokens
from alerts.model.bulletins import Bulletin, Composed, IssueContent, Period, Subscription
from alerts.pipeline.composing import Ledger
from alerts.pipeline.people.bounces import envelope_sender
from alerts.pipeline.people.readers import why
from alerts.pipeline.service import Service
from alerts.render import assemble, mail_date, mail_domain, message_id
from alerts.store import issues


def new_issue(
    service: Service,
    bulletin: Bulletin,
    composed: Composed,
    ledger: Ledger,
    period: Period | None,
    now: datetime,
) -> issues.NewIssue:
    """Return the issue with its frozen bytes and one delivery for each reader of the ledger."""
    content, readers = composed.content, ledger.readers
    skeletons: dict[str, bytes] = {"person": service.renderer.mail(content, "person").message}
    if any(reader.kind == "list" for reader in readers):
        skeletons["list"] = service.renderer.mail(content, "list").message
    domain = mail_domain(service.settings.public_url, content.team)
    return issues.NewIssue(
        bulletin_id=bulletin.id,
        number=content.number,
        period=period,
        published_at=now,
        content=content,
        skeleton=skeletons["person"],
        list_skeleton=skeletons.get("list", b""),
        page_html=service.renderer.page(content),
        dispositions=composed.dispositions,
        deliveries=tuple(
            _delivery(service, content, skeletons[reader.kind], reader, ledger.missed.get(reader.id, 0), domain, now)
            for reader in readers
        ),
    )


def _delivery(
    service: Service,
    content: IssueContent,
    skeleton: bytes,
    reader: Subscription,
    missed: int,
    domain: str,
    now: datetime,
) -> issues.NewDelivery:
    """Fix everything that is personal in one message, and the SHA-256 of the whole."""
    token = tokens.make(reader.id, reader.generation, service.keys[0])
    # The moment is in it because a number may come twice: after an older copy of the database was restored. The token
    # is in it because nobody may guess it: whoever reports that a message came back must have had it.
    named = (content.bulletin_id, content.number, now.isoformat(), reader.id, reader.generation, token)
    fields = {
        "to_name": reader.name,
        "to_address": reader.address,
        "message_id": message_id(*named, domain=domain),
        "date": mail_date(now),
        "token": token,
        "why": why(service, content, reader, missed),
    }
    if service.signer is not None:
        fields["dkim"] = service.signer.signature(assemble(skeleton, fields))
    return issues.NewDelivery(
        subscription_id=reader.id,
        address=reader.address,
        envelope_from=envelope_sender(service.settings, content.team, fields["message_id"]),
        message_id=fields["message_id"],
        fields=(("variant", reader.kind), *fields.items()),
        sha256=hashlib.sha256(assemble(skeleton, fields)).hexdigest(),
    )
