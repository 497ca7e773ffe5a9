"""Items that a librarian adds by hand: from behind a login, from paper, from a meeting. Nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.errors import AlertsError
from alerts.model.identifiers import Identifier, find_doi
from alerts.model.records import Entry
from alerts.parse import clean, dates, links
from alerts.pipeline.service import Service
from alerts.store import issues


class BadOwnItem(AlertsError):
    """An item added by hand lacks something, or has a date or link that cannot be read."""

    code = "B020"


@dataclass(frozen=True, slots=True)
class Added:
    """An item that will be in the next issue."""

    item_id: int
    record_id: int
    title: str
    bulletin_id: str
    bulletin_title: str


def add_own_item(
    service: Service,
    bulletin_id: str,
    *,
    title: str,
    link: str = "",
    publisher: str = "",
    published: str = "",
    kind: str = "news",
    note: str = "",
) -> Added:
    """Put an item into the next issue of a bulletin; the record is found again by DOI or link if it is known."""
    bulletin = service.bulletin(bulletin_id)
    now = service.clock()
    entry = _entry(clean.text(title).strip(), link.strip(), clean.text(publisher).strip(), published.strip(), now)
    own = service.store.replay(
        lambda conn: issues.add_own_item(
            conn, bulletin_id, entry, now=now, evidence_type=kind, note=clean.text(note).strip()
        )
    )
    return Added(own.id, own.record_id, entry.title, bulletin.id, bulletin.title)


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
    when = dates.read(published) if published else now
    if when is None:
        raise BadOwnItem(f"“{published}” is not a date.", remedy="Write it as 2026-11-02 or 2 November 2026.")
    identifiers = [Identifier("doi", doi)] if (doi := find_doi(address)) else []
    if address:
        identifiers.append(Identifier("link", address))
    return Entry(
        key="", title=title, link=address, publisher=publisher, published=when, date_kind="published",
        identifiers=tuple(identifiers),
    )  # fmt: skip
