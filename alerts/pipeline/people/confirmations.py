"""Mail to a reader about the reader's own act: a confirmation, so that nobody is unsubscribed without knowing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from alerts.deliver import tokens
from alerts.model.bulletins import Subscription, Team
from alerts.pipeline.service import Service
from alerts.render import leave_address, mail_date, mail_domain, message_id
from alerts.store import Connection, deliveries, subscriptions

Act = Literal["left", "paused", "returned"]
MOST_A_DAY = 12
"""Whoever has a link may press its buttons all day long; the reader's mailbox is not to be filled by it."""


def confirm(
    service: Service,
    conn: Connection,
    act: Act,
    readers: Sequence[Subscription],
    now: datetime,
    *,
    until: date | None = None,
) -> None:
    """Queue one mail about what a reader did with these subscriptions, in the transaction that records it."""
    known = service.catalogue.bulletins
    told = [each for each in readers if each.bulletin_id in known]
    team = _team(service, told)
    if team is None or subscriptions.confirmations_since(conn, told[0].id, now - timedelta(days=1)) >= MOST_A_DAY:
        return  # the bulletins were given up and there is nobody left to write in the name of; or it is enough
    reader, public = told[0], service.settings.public_url
    token = tokens.make(reader.id, reader.generation, service.keys[0])
    moment = now.strftime("%Y%m%dT%H%M%S%f")
    identity = message_id(act, reader.id, reader.generation, moment, token, domain=mail_domain(public, team))
    fields = {
        "to_name": reader.name,
        "to_address": reader.address,
        "message_id": identity,
        "date": mail_date(now),
        "token": token,
        "why": "",
    }
    titles = [known[each.bulletin_id].title for each in told]
    way_back = leave_address(public, token) if public and reader.kind == "person" else ""
    values: dict[str, object] = {
        "bulletin_title": titles[0] if len(titles) == 1 else f"{len(titles)} bulletins",
        "until": f"{until.day} {until:%B %Y}" if until else "",
        "lines": [*(titles if len(titles) > 1 else []), BY_PAGE if way_back else BY_MAIL],
        "link": way_back,
        "link_text": "Change it",
    }
    deliveries.enqueue(
        conn,
        "confirmation",
        f"{act}/{reader.id}/{reader.generation}/{moment}",
        address=reader.address,
        envelope_from=team.sender_address,
        message_id=identity,
        body=service.signed(service.renderer.notice(act, team=team, fields=fields, values=values)),
        now=now,
        subscription_id=reader.id,
    )


BY_PAGE = "If this was not you, or if you change your mind, use the link below or reply to this message."
BY_MAIL = "If this was not you, or if you change your mind, reply to this message."


def _team(service: Service, readers: Sequence[Subscription]) -> Team | None:
    """Return in whose name the reader is written to: the team of the first bulletin, as its mails are sent."""
    for each in readers:
        team = service.catalogue.teams.get(service.catalogue.bulletins[each.bulletin_id].team)
        if team is not None:
            return service.as_sent(team)
    return None
