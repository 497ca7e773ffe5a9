"""Items that a librarian adds by hand: from behind a login, from paper, from a meeting. Nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.errors import AlertsError
from alerts.model.bulletins import Bulletin
from alerts.model.identifiers import Identifier, find_doi
from alerts.model.records import Entry
from alerts.parse import clean, dates, links
from alerts.pipeline.reviewing import review
from alerts.pipeline.service import Service
from alerts.store import Connection, drafts, issues
from alerts.store.issues import OwnItem


class BadOwnItem(AlertsError):
    """An item added by hand lacks something, or has a date or link that cannot be read."""

    code = "B030"


@dataclass(frozen=True, slots=True)
class Added:
    """An item that will be in the next issue; in the draft, where one is held."""

    item_id: int
    record_id: int
    title: str
    bulletin_id: str
    bulletin_title: str
    in_draft: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """An item of the librarian's own as it was typed, dates and type of evidence in words."""

    title: str
    publisher: str
    published: str
    kind: str
    link: str = ""
    note: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An item of the librarian's own, looked through and ready to be stored."""

    entry: Entry
    kind: str
    note: str

    def store(self, conn: Connection, bulletin_id: str, now: datetime) -> OwnItem:
        """Put it into the next issue of a bulletin. Raises `AlreadyIssued` when readers have had it."""
        return issues.add_own_item(conn, bulletin_id, self.entry, now=now, evidence_type=self.kind, note=self.note)


def add_own_item(service: Service, bulletin_id: str, said: Typed) -> Added:
    """Put an item into the next issue of a bulletin; the record is found again by DOI or link if it is known.

    The same title, publisher, day and link is the same item. Where a draft is held it comes into that. Raises
    `BadOwnItem` for a date or link that cannot be read, and for a type that no section of the bulletin takes.
    """
    bulletin = service.bulletin(bulletin_id)
    item = given(service, bulletin, said)
    with service.store.read() as conn:
        is_held = drafts.held(conn, bulletin.id) is not None
    if is_held:
        (own,) = review.add_own(service, bulletin, [item.store])
    else:
        now = service.clock()
        own = service.store.replay(lambda conn: item.store(conn, bulletin.id, now))
    return Added(own.id, own.record_id, item.entry.title, bulletin.id, bulletin.title, is_held)


def given(service: Service, bulletin: Bulletin, said: Typed) -> Given:
    """Return an item of the librarian's own, looked through. Raises `BadOwnItem`."""
    now = service.clock()
    _refuse_homeless(service, bulletin, said.kind)
    title, publisher = clean.text(said.title).strip(), clean.text(said.publisher).strip()
    entry = _entry(title, said.link.strip(), publisher, said.published.strip(), now)
    if said.closes:
        entry = replace(entry, closes=_closing_day(said.closes, now))
    return Given(entry, said.kind, clean.text(said.note).strip())


def _refuse_homeless(service: Service, bulletin: Bulletin, kind: str) -> None:
    """Refuse a type that no section of the bulletin takes, naming those that have one."""
    taken = [each for section in bulletin.sections for each in sorted(section.types)]
    if any(section.lens == "dated" for section in bulletin.sections):
        taken.append("consultation")
    if bulletin.group_by == "type" and kind not in taken:
        label = service.catalogue.type_labels.get(kind, kind)
        raise BadOwnItem(
            f"No section of “{bulletin.title}” takes items of the type “{label}”.",
            remedy=f"Give one of these with --type: {', '.join(dict.fromkeys(taken))}.",
        )


def _closing_day(text: str, now: datetime) -> datetime:
    """Return the last day to answer; one that is over or far away is a slip."""
    day = _day(text)
    if day.date() < now.date():
        raise BadOwnItem(f"{text} is over: nobody could answer any more.", remedy="Mend --closes, or leave it out.")
    if day > now + timedelta(days=3650):
        raise BadOwnItem(f"{text} is more than ten years away.", remedy="Mend --closes, or leave it out.")
    return day


def _day(text: str) -> datetime:
    when = dates.read(text)
    if when is None:
        raise BadOwnItem(f"“{text}” is not a date.", remedy="Write it as 2026-11-02 or 2 November 2026.")
    return when


def _entry(title: str, link: str, publisher: str, published: str, now: datetime) -> Entry:
    if not title:
        raise BadOwnItem("An item needs a title.", remedy="Give one with --title.")
    address = ""
    if link:
        address = links.canonical(link)
        if not address:
            raise BadOwnItem(
                f"“{link}” is not a web address that readers could open.",
                remedy="Give an address that begins with https://, or leave --link out.",
            )
    when = _day(published)
    if when > now + timedelta(days=1):
        raise BadOwnItem(
            f"{published} is in the future.", remedy="Give the day it was published; a closing date goes into --closes."
        )
    identifiers = [Identifier("doi", doi)] if (doi := find_doi(address)) else []
    if address:
        identifiers.append(Identifier("link", address))
    return Entry(
        key="\n".join((title, publisher, f"{when:%Y-%m-%d}", address)).casefold(),
        title=title,
        link=address,
        publisher=publisher,
        published=when,
        date_kind="published",
        identifiers=tuple(identifiers),
    )
