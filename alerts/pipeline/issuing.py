"""An issue and all that belongs to it, made ready to be written in one transaction: bytes, page, deliveries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from alerts.deliver import tokens
from alerts.model.bulletins import Bulletin, Composed, IssueContent, Period, Subscription
from alerts.pipeline.service import Service
from alerts.render import assemble, mail_date, mail_domain, message_id
from alerts.store import issues


def new_issue(
    service: Service,
    bulletin: Bulletin,
    composed: Composed,
    readers: Sequence[Subscription],
    period: Period | None,
    now: datetime,
) -> issues.NewIssue:
    """Return the issue with its frozen bytes and one delivery for each reader."""
    content = composed.content
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
            _delivery(service, content, skeletons[reader.kind], reader, domain, now) for reader in readers
        ),
    )


def _delivery(
    service: Service, content: IssueContent, skeleton: bytes, reader: Subscription, domain: str, now: datetime
) -> issues.NewDelivery:
    """Fix everything that is personal in one message, and the SHA-256 of the whole."""
    # The moment is in it because a number may come twice: after an older copy of the database was restored.
    named = (content.bulletin_id, content.number, now.isoformat(), reader.id, reader.generation)
    fields = {
        "to_name": reader.name,
        "to_address": reader.address,
        "message_id": message_id(*named, domain=domain),
        "date": mail_date(now),
        "token": tokens.make(reader.id, reader.generation, service.keys[0]),
        "why": _why(service, content, reader),
    }
    if service.signer is not None:
        fields["dkim"] = service.signer.signature(assemble(skeleton, fields))
    return issues.NewDelivery(
        subscription_id=reader.id,
        address=reader.address,
        envelope_from=content.team.sender_address,
        message_id=fields["message_id"],
        fields=(("variant", reader.kind), *fields.items()),
        sha256=hashlib.sha256(assemble(skeleton, fields)).hexdigest(),
    )


def _why(service: Service, content: IssueContent, reader: Subscription) -> str:
    """Return the line that tells a reader why this mail came."""
    team = service.catalogue.teams.get(reader.team)
    listed = f"{team.title} list" if team is not None else "reading list"
    if reader.kind == "list":
        return f"This goes to {reader.address}, a distribution list on the {listed} kept by {content.team.library}."
    return f"You get this because {reader.address} is on the {listed} kept by {content.team.library}."
