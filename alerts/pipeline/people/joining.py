"""Joining a bulletin by oneself, where it allows that: asked for on a page, confirmed by a link in a mail.

Two steps, so that nobody can be signed up by somebody else. The page answers the same whoever asks: it tells nobody
which addresses read what. A subscription that a reader made is the reader's: the list of people does not take it away,
and leaving ends it until the reader signs up anew.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.deliver import tokens
from alerts.model import addresses
from alerts.model.bulletins import Bulletin, Subscription
from alerts.model.text import one_line
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service
from alerts.render import mail_date, mail_domain, message_id
from alerts.render.addresses import join_address
from alerts.store import Connection, deliveries, sign_ups, subscriptions
from alerts.store.sign_ups import Request

JOIN = b"alerts: join a bulletin, 1\x00"
"""What tokens for joining are signed for: none of them can be used for leaving, nor the other way round."""
VALID = timedelta(days=7)
MOST_FOR_ONE = 5
"""So many bulletins may be asked for to one address in a day."""
MOST_A_DAY = 500
"""So many requests in a day altogether."""


def ask(service: Service, bulletin: Bulletin, address: str, name: str) -> bool:
    """Write to an address that asked to join; return whether a message was queued, which the page does not tell.

    `address` is checked and allowed by the bulletin.
    """
    now = service.clock()

    def unit(conn: Connection) -> bool:
        key, yesterday = addresses.key(address), now - timedelta(days=1)
        is_list = any(each.kind == "list" for each in subscriptions.of_address(conn, address))
        if is_list or sign_ups.asked_since(conn, yesterday, key) >= MOST_FOR_ONE:
            return False
        if sign_ups.asked_since(conn, yesterday) >= MOST_A_DAY:
            log.warning("too many requests to join today; no more are answered", bulletin=bulletin.id)
            return False
        return _write(service, conn, bulletin, sign_ups.ask(conn, bulletin.id, address, key, name, now), now)

    return service.store.replay(unit)


def _write(service: Service, conn: Connection, bulletin: Bulletin, request: Request, now: datetime) -> bool:
    """Queue the mail with the link: at most one a day for each address and bulletin.

    The name that was given is not in it: until it is confirmed, those may be anybody's words to anybody.
    """
    team = service.as_sent(service.catalogue.teams[bulletin.team])
    public = service.settings.public_url
    token = tokens.make(request.id, 1, service.keys[0], purpose=JOIN)
    day = now.astimezone(UTC).date().isoformat()
    identity = message_id("join", request.id, day, token, domain=mail_domain(public, team))
    fields = {
        "to_name": "", "to_address": request.address, "message_id": identity, "date": mail_date(now),
        "token": "", "why": "",
    }  # fmt: skip
    link = join_address(public, bulletin.id, token)
    values: dict[str, object] = {"bulletin_title": bulletin.title, "link": link, "link_text": "Confirm it"}
    queued = deliveries.enqueue(
        conn,
        "confirmation",
        f"join/{request.id}/{day}",
        address=request.address,
        envelope_from=team.sender_address,
        message_id=identity,
        body=service.signed(service.renderer.notice("sign_up", team=team, fields=fields, values=values)),
        now=now,
    )
    return queued is not None


def request_of(service: Service, conn: Connection, bulletin_id: str, token: str) -> Request | None:
    """Return the request that a link is about, if it still waits."""
    named = tokens.read(token, service.keys, purpose=JOIN)
    request = sign_ups.get(conn, named[0]) if named is not None else None
    if request is None or request.bulletin_id != bulletin_id or request.asked_at < service.clock() - VALID:
        return None
    bulletin = service.catalogue.bulletins.get(bulletin_id)
    allowed = bulletin is not None and bulletin.sign_up is not None and bulletin.sign_up.takes(request.address)
    return request if allowed else None


def confirm(service: Service, bulletin_id: str, token: str) -> Subscription | None:
    """Subscribe the reader whose link this is; None when it has been used, or is too old."""
    now = service.clock()

    def unit(conn: Connection) -> Subscription | None:
        request = request_of(service, conn, bulletin_id, token)
        if request is None or not sign_ups.settle(conn, request.id):
            return None
        team = service.catalogue.bulletins[bulletin_id].team
        name = one_line(request.name)
        return subscriptions.sign_up(conn, bulletin_id, team, request.address, name, now, service.seal)

    return service.store.replay(unit)
