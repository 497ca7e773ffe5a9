"""Lists of feeds in and out: the sources as OPML for a reader of feeds, and such a list as sources to look over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from alerts.config.written import Unusable, as_id, checked_address, new_id
from alerts.model.catalogue import Catalogue
from alerts.model.sources import Source
from alerts.parse.links import canonical, identity
from alerts.parse.opml import Subscribed, read_opml, write_opml


@dataclass(frozen=True, slots=True)
class Skipped:
    """A feed of a list that is not taken over, and why."""

    address: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list comes to: sources that are new, and what was skipped."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]


def imported(body: bytes, catalogue: Catalogue) -> Imported:
    """Return the feeds of an OPML list as sources; those that are configured already are skipped, which is said."""
    known = {same_place(each.address): each.id for each in catalogue.sources.values()}
    taken = set(catalogue.sources) | {old for each in catalogue.sources.values() for old in each.formerly}
    made: list[Source] = []
    skipped: list[Skipped] = []
    for feed in read_opml(body):
        address = checked_address(feed.address.removeprefix("feed:").replace("feed://", "http://"))
        if isinstance(address, Unusable):
            skipped.append(Skipped(feed.address, feed.title, address.reason))
            continue
        there = known.get(same_place(address))
        if there is not None:
            reason = (
                f"It is configured already, as “{there}”." if there in catalogue.sources else "It is twice in the list."
            )
            skipped.append(Skipped(address, feed.title, reason))
            continue
        source = _source(feed, address, taken)
        taken.add(source.id)
        known[same_place(address)] = source.id
        made.append(source)
    return Imported(tuple(made), tuple(skipped))


def _source(feed: Subscribed, address: str, taken: set[str]) -> Source:
    made = new_id(feed.title, address, taken)
    tags = frozenset(tag for folder in feed.folders if (tag := as_id(folder)))
    return Source(made, feed.title or made, address, evidence_type="news", tags=tags, sure="C")


def same_place(address: str) -> str:
    """Return what two spellings of one address have in common: scheme, `www.`, a last slash do not tell them apart."""
    link = canonical(address)
    return identity(link) or link or address


def exported(catalogue: Catalogue, now: datetime) -> bytes:
    """Return all feeds as OPML, each in the folder of its first tag; what is no feed, no other reader could follow."""
    feeds = (
        Subscribed(each.address, each.title, folders=tuple(sorted(each.tags)))
        for each in catalogue.sources.values()
        if each.kind == "feed"
    )
    return write_opml(catalogue.service.name, feeds, format_datetime(now))
