"""Mail to a reader about the reader's own act: a confirmation, so that nobody is unsubscribed without knowing."""

from __future__ import annotations

from datetime import datetime

from alerts.deliver import tokens
from alerts.model.bulletins import Subscription
from alerts.pipeline.service import Service
from alerts.render import leave_address, mail_date, mail_domain, message_id
from alerts.store import Connection, deliveries


def confirm_leaving(service: Service, conn: Connection, reader: Subscription, now: datetime) -> None:
    """Queue the confirmation that a reader has left a bulletin, in the transaction that records it."""
    bulletin = service.catalogue.bulletins.get(reader.bulletin_id)
    team = service.catalogue.teams.get(bulletin.team if bulletin else reader.team)
    if bulletin is None or team is None:
        return  # the bulletin was given up: there is nobody left to write in the name of
    public = service.settings.public_url
    token = tokens.make(reader.id, reader.generation, service.keys[0])
    moment = now.strftime("%Y%m%dT%H%M%S")
    identity = message_id("left", reader.id, reader.generation, moment, domain=mail_domain(public, team))
    fields = {
        "to_name": reader.name,
        "to_address": reader.address,
        "message_id": identity,
        "date": mail_date(now),
        "token": token,
        "why": "",
    }
    values: dict[str, object] = {
        "bulletin_title": bulletin.title,
        "undo_address": leave_address(public, token) if public else "",
    }
    deliveries.enqueue(
        conn,
        "confirmation",
        f"left/{reader.id}/{reader.generation}/{moment}",
        address=reader.address,
        envelope_from=team.sender_address,
        message_id=identity,
        body=service.signed(service.renderer.notice("left", team=team, fields=fields, values=values)),
        now=now,
    )
