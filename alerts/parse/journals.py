"""Where an item stands: its journal, volume, issue and pages, its publisher."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from alerts.parse import clean, html
from alerts.parse.labels import Labelled
from alerts.parse.raw import RawItem


class Place(NamedTuple):
    """A journal and a place in it, empty where nothing is said."""

    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""


# The title of a journal's feed says which list it is, too: "PLOS Medicine: New Articles", "tandf: Table of Contents".
_DECORATION = re.compile(
    r"^(?:tandf|wiley(?: online library)?|sage publications|karger publishers|thieme|sciencedirect publication"
    r"|latest (?:issue|articles|results) (?:of|from|for))\s*:?\s*"
    r"|\s*[:|–-]?\s*(?:current issue|(?:latest )?table of contents|latest (?:issue|articles|results)"
    r"|advance (?:access|articles)|early view|(?:articles )?ahead of print|online first|recent issues"
    r"|(?:new and |most )?recent articles|new articles|in press)\s*$",
    re.IGNORECASE,
)
# What publishers write into dc:source: JournalTOCs, BMC, Elsevier's RDF, Nature, Open Journal Systems.
_SOURCES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<journal>.{2,200}?)[,;]? Vol(?:ume|\.)? ?(?P<volume>\w+)"
        r"(?:,? (?:No\.?|Iss(?:ue|\.)?) ?(?P<issue>[\w/-]+))?"
        r"(?: ?\(\d{4}\))?"
        r"(?:[,;:]? ?(?:pp?\.?|Pages?) ?(?P<pages>\w+(?: ?[-–] ?\w+)?))?(?:[;:,. ].*)?$",
        r"(?P<journal>.{2,200}?) (?:19|20)\d\d, (?:(?P<volume>\d+)|null):(?P<pages>\w+)$",
        r"(?P<journal>.{2,200}?) (?P<volume>\d+), (?P<issue>\d+) \((?:19|20)\d\d\)$",
        r"(?P<journal>.{2,200}?), Published online:.*$",
    )
)
_NO_JOURNAL = ("urn:", "issn", "doi:", "pmid:")


def _said_in_source(item: RawItem) -> Place:
    """Return the parts of the first `dc:source` that is a citation and not only a name."""
    for text in item.texts("dc:source"):
        if said := _cited(clean.line(text, 400)):
            return said
    return Place()


@lru_cache(maxsize=256)  # often the same for all items of an issue
def _cited(line: str) -> Place | None:
    for shape in _SOURCES:
        found = shape.match(line)
        if found:
            parts = {name: (value or "").replace(" ", "") for name, value in found.groupdict().items()}
            return Place(**{**parts, "journal": found.group("journal")})
    return None


@lru_cache(maxsize=256)  # asked for every item of a feed
def undecorated(title: str) -> str:
    """Return the name of the journal in the title of its feed."""
    return _DECORATION.sub("", title).strip(" :|–-")


def _journal(
    item: RawItem, channel: RawItem, title: str, labelled: Labelled, source: Place, *, is_article: bool
) -> str:
    """Return the journal. Some publishers put the article's title there; some sources are addresses."""
    folded = title.casefold()
    for text in (
        *item.texts("prism:publicationname", "arxiv:journal_ref"),
        source.journal,
        *item.texts("dc:source", "x:journal", "dcterms:ispartof"),
        labelled.journal,
        *channel.texts("prism:publicationname"),
    ):
        name = html.to_line(text, clean.NAME_LIMIT) if text else ""
        if name and name.casefold() != folded and "://" not in name and not name.lower().startswith(_NO_JOURNAL):
            return name
    named = html.to_line(channel.first("title", "dc:title"), clean.NAME_LIMIT)
    bare = undecorated(named)
    if any(name.startswith("prism:") for name in (*item.values, *channel.values)):
        return bare
    is_journal = "open journal systems" in channel.first("generator").lower() or (is_article and bare != named)
    return bare if is_journal else ""


def _pages(item: RawItem) -> str:
    pages = item.first("prism:pagerange", "x:pages", "bibo:pages")
    first = item.first("prism:startingpage", "startpage", "bibo:pagestart")
    last = item.first("prism:endingpage", "endpage", "bibo:pageend")
    if not pages and first and first.lower() not in ("n/a", "null"):
        pages = f"{first}-{last}" if last and last != first and last.lower() not in ("n/a", "null") else first
    return pages


def place_of(item: RawItem, channel: RawItem, title: str, labelled: Labelled, *, is_article: bool) -> Place:
    """Return the item's journal and place in it. `is_article`: it has a DOI, so that its feed may be a journal's."""
    source = _said_in_source(item)
    issue = item.first("prism:number", "prism:issueidentifier", "prism:issue", "x:issue", "bibo:issue")
    return Place(
        _journal(item, channel, title, labelled, source, is_article=is_article),
        clean.line(item.first("prism:volume", "x:volume", "bibo:volume") or labelled.volume or source.volume, 40),
        clean.line(issue or labelled.issue or source.issue, 40),
        clean.line(_pages(item) or labelled.pages or source.pages, 40),
    )


def publisher_of(item: RawItem, channel: RawItem) -> str:
    """Return the publisher, from the item or else the feed; never an address."""
    for text in (*item.texts("dc:publisher"), *item.texts("source"), *channel.texts("dc:publisher")):
        name = html.to_line(text, clean.NAME_LIMIT)
        if name and "://" not in name:
            return name
    return ""
