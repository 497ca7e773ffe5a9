"""Mail to the staff: one message a run about the sources that began to need a look and those that no longer do.

Each goes to the source's own owner, else to the service's; where neither is set there is no mail, only the log and
`alerts sources`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from alerts.model.bulletins import Team
from alerts.model.sources import HealthKind
from alerts.pipeline.service import Service
from alerts.render import NoticeItem, NoticeSection, mail_date, mail_domain, message_id
from alerts.store import Connection, deliveries
from alerts.store.health import HealthEvent

MOST_SHOWN = 30

HEADINGS: dict[HealthKind, tuple[str, str]] = {
    "failing": ("cannot be read", "works again"),
    "gone": ("is gone", "is there again"),
    "moved": ("has moved", "has its new address"),
    "degraded": ("is not as it should be", "is as it should be again"),
    "flood": ("is held", "holds nothing any more"),
    "quiet": ("is quieter than usual", "has something new again"),
    "network": ("Most sources cannot be reached", "Most sources can be reached again"),
}
"""What is said of a source when a trouble begins, and when it is over."""


@dataclass(frozen=True, slots=True)
class Change:
    """One trouble that began, or is over."""

    event: HealthEvent
    is_over: bool


@dataclass(frozen=True, slots=True)
class _Owner:
    name: str
    address: str


def write_to_owners(conn: Connection, service: Service, changes: Sequence[Change], now: datetime) -> None:
    """Queue one message for each owner that these concern, in the transaction that marks them as told."""
    concerned: dict[_Owner, list[Change]] = {}
    for change in changes:
        for owner in _owners(service, change.event.source_id):
            concerned.setdefault(owner, []).append(change)
    for owner, theirs in concerned.items():
        _queue(conn, service, owner, theirs, now)


def _owners(service: Service, source_id: str) -> Iterable[_Owner]:
    general = service.catalogue.service
    source = service.sources.get(source_id)
    if source is not None and source.owner_address:
        return (_Owner(source.owner_name, source.owner_address),)
    if general.owner_address:
        return (_Owner(general.owner_name, general.owner_address),)
    if source_id:
        return ()
    every = service.catalogue.sources.values()  # the network concerns everybody
    return dict.fromkeys(_Owner(each.owner_name, each.owner_address) for each in every if each.owner_address)


def _queue(conn: Connection, service: Service, owner: _Owner, changes: Sequence[Change], now: datetime) -> None:
    team = _sender(service, owner)
    named = ",".join(f"{each.event.id}{'-' if each.is_over else '+'}" for each in changes)
    key = sha256(f"{owner.address.casefold()}\x1f{named}".encode()).hexdigest()[:32]
    identity = message_id("health", key, domain=mail_domain(service.settings.public_url, team))
    begun = [each for each in changes if not each.is_over]
    over = [each for each in changes if each.is_over]
    fields = {
        "to_name": owner.name, "to_address": owner.address, "message_id": identity, "date": mail_date(now),
        "token": "", "why": "",
    }  # fmt: skip
    values: dict[str, object] = {
        "message": _subject(service, begun, over),
        "lines": (
            "This is about the sources that the bulletins are made from. Nothing is lost: a source that fails is asked "
            "again, for as long as it takes.",
        ),
        "sections": _sections(service, begun, over),
    }
    deliveries.enqueue(
        conn,
        "staff",
        f"health/{key}",
        address=owner.address,
        envelope_from=team.sender_address,
        message_id=identity,
        body=service.signed(service.renderer.notice("staff", team=team, fields=fields, values=values)),
        now=now,
    )


def _sender(service: Service, owner: _Owner) -> Team:
    """Return in whose name the staff is written to: the address a team sends from, which the mail server knows."""
    general = service.catalogue.service
    known = next(iter(service.catalogue.teams.values()), None)
    answers = general.contact_address or owner.address
    team = Team(
        id="",
        title=general.name,
        library=general.name,
        owner_name=general.contact_name,
        owner_address=answers,
        sender_name=general.name,
        sender_address=known.sender_address if known else answers,
        reply_to=answers,
    )
    return service.as_sent(team)


def _subject(service: Service, begun: Sequence[Change], over: Sequence[Change]) -> str:
    if len(begun) + len(over) == 1:
        return _heading(service, (begun or over)[0])
    if any(each.event.kind == "network" for each in begun):
        return HEADINGS["network"][0]
    said = []
    if begun:
        said.append(f"{len(begun)} need a look" if len(begun) > 1 else "1 needs a look")
    if over:
        said.append(
            f"{len(over)} no longer {'do' if len(over) > 1 else 'does'}" if begun else f"{len(over)} troubles over"
        )
    return f"Sources: {', '.join(said)}"


def _heading(service: Service, change: Change) -> str:
    said = HEADINGS[change.event.kind][change.is_over]
    source = service.sources.get(change.event.source_id)
    return f"{source.title if source else change.event.source_id} {said}".strip()


def _sections(service: Service, begun: Sequence[Change], over: Sequence[Change]) -> tuple[NoticeSection, ...]:
    parts = (("Needs a look", begun), ("Over", over))
    return tuple(
        NoticeSection(title, tuple(_item(service, each) for each in some[:MOST_SHOWN]), _more(len(some)))
        for title, some in parts
        if some
    )


def _more(count: int) -> str:
    return f"And {count - MOST_SHOWN} more: “alerts sources” shows all." if count > MOST_SHOWN else ""


def _item(service: Service, change: Change) -> NoticeItem:
    event = change.event
    began = _moment(event.began_at)
    if change.is_over:
        return NoticeItem(_heading(service, change), (f"It had begun on {began}.",))
    source = service.sources.get(event.source_id)
    technical = " ".join(part for part in (event.code, event.cause) if part)
    lines = (
        f"Since {began}: {event.message}",
        event.remedy,
        f"Source “{source.id}”, {source.address}" if source else "",
        f"For the administrator: {technical}" if technical else "",
    )
    return NoticeItem(_heading(service, change), tuple(each for each in lines if each))


def _moment(when: datetime) -> str:
    at = when.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
