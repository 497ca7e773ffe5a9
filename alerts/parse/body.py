"""A body as it came, to entries: the one function that the other rooms call.

Pure and picklable both ways, since it runs in a child process with limits: parsing hostile text is bounded there, not
here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import ParseError

from alerts.errors import Problem
from alerts.model.records import Entry
from alerts.parse import dates, encoding, html, keys, lenient, links, problems, salvage, strict
from alerts.parse.entry import Noticed, entry_of
from alerts.parse.problems import NotAFeed
from alerts.parse.raw import RawFeed, RawItem

ENTRY_LIMIT = 2_000
"""Entries taken from one body (SAFETY, limits)."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one of several bodies says of the whole: how to ask for the next (empty: it is the last), how many items it
    counts in all, and how many this one gave, readable or not.
    """

    next: str = ""
    counted: int = 0
    given: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one body said. `ttl_s`: how long it asks to be left alone (`None`: unsaid); hours are UTC, days English.

    `may_be_empty`: nothing in it means that nothing is new (a search), not that the source has lost its items. `past`
    are the keys of entries that the source had before it was followed, and gives only now: they are its backlog.
    """

    format: str
    title: str
    link: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    ttl_s: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    language: str = ""
    updated: datetime | None = None
    may_be_empty: bool = False
    past: frozenset[str] = frozenset()
    page: Page | None = None

    @property
    def is_malformed(self) -> bool:
        """True when the feed had to be mended or salvaged: its source is degraded."""
        return any(each.code in ("P005", "P006") for each in self.problems)


_ROOTS = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_ITEM = re.compile(r"<(?:item|entry)[\s>]", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_SIGN_IN = re.compile(
    r"""type\s*=\s*["']?password|\b(?:sign|log)[ -]?in\b|\bauthenticat|\bcaptcha\b|shibboleth|openathens""",
    re.IGNORECASE,
)
_PAGE_FEED = re.compile(r"<link\b[^<>]{0,400}application/(?:rss|atom|feed)\+?(?:xml|json)[^<>]{0,400}>", re.IGNORECASE)
_PROLOG = re.compile(r"\s*(?:<\?xml\b[^<>]{0,1000}\?>|<!--.*?-->|/\*.*?\*/)\s*", re.DOTALL)
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _not_a_feed(text: str, address: str) -> NotAFeed:
    """Return the error that says what the address answered with instead."""
    head = text[:200_000]
    if not _PAGE.search(head[:5_000]):
        return NotAFeed("The address answered with something that is neither a feed nor a web page.")
    heading = re.search(r"<title[^<>]*>([^<]{1,200})", head, re.IGNORECASE)
    named = f" (“{html.to_line(heading.group(1), 80)}”)" if heading else ""
    if _SIGN_IN.search(head):
        return NotAFeed(f"The address answered with a sign-in or blocking page{named}, not with a feed.")
    offered = _PAGE_FEED.search(head)
    href = re.search(r"""href\s*=\s*["']?([^"'\s>]+)""", offered.group(), re.IGNORECASE) if offered else None
    feed = links.canonical(href.group(1), address) if href else ""
    return NotAFeed(
        f"The address answered with a web page{named}, not with a feed.",
        remedy=f"The page names this feed: {feed}" if feed else None,
    )


def _is_page(text: str) -> bool:
    root = _ROOTS.search(text[:20_000])
    page = _PAGE.search(text[:20_000])
    if page is None or root is None:
        return page is not None
    return page.start() < root.start() and not _ITEM.search(text, root.end())  # a stray tag before a feed is no page


def _json_of(text: str) -> str:
    """Return the JSON that `text` is, without a server's warning before a JSON Feed; empty when it is none."""
    if text[0] in "{[":
        return text
    at = text.find("{")
    before = text[: max(at, 0)]
    is_feed = at > 0 and "jsonfeed.org/version" in text[at : at + 2_000] and '"items"' in text
    return text[at:] if is_feed and not _ROOTS.search(before) and not _PAGE.search(before) else ""


def _read_json(text: str, address: str, limit: int) -> tuple[RawFeed, list[Problem]]:
    from alerts.parse import jsonfeed

    return jsonfeed.read(text, address, limit)


def _read_xml(text: str, address: str, limit: int) -> tuple[RawFeed, list[Problem]]:
    """Return the feed in `text`, mended or salvaged when it is not well-formed."""
    text, had_subset = encoding.without_doctype(text)
    found = [problems.doctype_removed()] if had_subset else []
    try:
        feed = strict.read(text, address, limit)
        if not salvage.swallowed(text, len(feed.items)):
            return feed, found
        why = "a part that never ends"
    except strict.NotRecognised as other:
        if other.root == "html":
            raise _not_a_feed("<html>" + text, address) from None
        raise NotAFeed(
            f"The address answered with XML of another kind (its root is “{other.root[:40]}”), not a feed."
        ) from None
    except (ParseError, ValueError, RecursionError) as error:
        why = str(error).partition(":")[0][:80] or "unreadable"
    if _is_page(text):
        raise _not_a_feed(text, address)
    return _read_broken(text, address, limit, why, found)


def _read_broken(text: str, address: str, limit: int, why: str, found: list[Problem]) -> tuple[RawFeed, list[Problem]]:
    text = salvage.unescaped_once(text)
    root = _ROOTS.search(text)
    if root is None and not re.search(r"<(?:item|entry)[\s>]", text):
        raise _not_a_feed(text, address)
    mended = salvage.mended(text[root.start() :] if root else text)
    whole = salvage.mended_whole(mended, address, limit)
    if whole is not None and not salvage.swallowed(mended, len(whole.items)):
        return whole, [*found, problems.repaired(why)]
    salvaged = salvage.item_by_item(mended, address, limit)
    if salvaged is not None:
        return salvaged.feed, [*found, problems.salvaged(salvaged.whole, salvaged.broken)]
    return lenient.read(mended[: salvage.DAMAGED_LIMIT], address, limit), [*found, problems.salvaged(0, 0)]


def _after_prolog(text: str) -> str:
    """Return `text` without XML declaration and comments before its root, in whatever wrong order."""
    at = 0
    while (found := _PROLOG.match(text, at)) is not None:
        at = found.end()
    return text[at:]


def _seconds_to_live(channel: RawItem) -> int | None:
    ttl = channel.first("ttl")
    if ttl.isdigit() and len(ttl) < 7 and int(ttl) > 0:
        return int(ttl) * 60
    period = _PERIODS.get(channel.first("sy:updateperiod").lower())
    if period is None:
        return None
    frequency = channel.first("sy:updatefrequency")
    return period // max(1, int(frequency) if frequency.isdigit() and len(frequency) < 5 else 1)


def _built(raw: RawFeed, limit: int) -> tuple[list[Entry], list[Problem]]:
    """Return the entries of a raw feed and what was noticed while building them."""
    title = html.to_line(raw.channel.first("title", "dc:title"))
    dull = {title.casefold(), "", "uncategorized", "uncategorised"}
    noticed = Noticed()
    entries: list[Entry] = []
    failures: list[str] = []
    for item in raw.items[:limit]:
        if not item.values and not item.about:
            continue
        try:
            entries.append(entry_of(item, raw.channel, dull, noticed))
        except Exception as error:  # noqa: BLE001  one bad item costs only itself, whatever is wrong with it
            failures.append(type(error).__name__)
    found: list[Problem] = []
    if len(raw.items) > limit:
        found.append(problems.too_many(limit))
    if noticed.bad_dates:
        found.append(problems.unreadable_dates(len(noticed.bad_dates), noticed.bad_dates[0]))
    if noticed.cut:
        found.append(problems.shortened(noticed.cut))
    if failures:
        found.append(problems.failed_item(len(failures), failures[0]))
    return entries, found


def parse_body(body: bytes, *, address: str, content_type: str = "", limit: int = ENTRY_LIMIT) -> Parsed:
    """Return what `body` says; raises `NotAFeed` when it is no feed at all.

    `address` is where the body came from, the base of its relative links; `content_type` the header's value. At most
    `limit` entries are taken. Nothing is fetched and no clock is read.
    """
    decoded = encoding.decode(body, content_type)
    text = _after_prolog(decoded.text.lstrip("\ufeff\x00 \t\r\n"))
    if not text:
        raise NotAFeed("The address answered with nothing at all.")
    as_json = _json_of(text)
    if as_json:
        raw, found = _read_json(as_json, address, limit)
    else:
        raw, found = _read_xml(text, address, limit)
    entries, noticed = _built(raw, limit)
    entries, renamed = keys.told_apart(entries)
    link = links.canonical(_channel_link(raw.channel), address)
    entries = keys.without_shared_links(entries, links.identity(link))
    found = [*decoded.problems, *found, *noticed]
    if renamed:
        found.append(problems.same_names(renamed))
    if not entries:
        found.append(problems.no_entries())
    skip_days = tuple(day for day in _DAYS if day in raw.channel.first("skipdays").lower())
    hours = (int(hour) for hour in re.findall(r"\d{1,2}", raw.channel.first("skiphours")))
    return Parsed(
        format=raw.format,
        title=html.to_line(raw.channel.first("title", "dc:title")),
        link=link,
        entries=tuple(entries),
        problems=tuple(found),
        ttl_s=_seconds_to_live(raw.channel),
        skip_hours=tuple(sorted({hour % 24 for hour in hours if hour <= 24})),
        skip_days=skip_days,
        language=raw.channel.language or raw.channel.first("language", "dc:language"),
        updated=dates.read(raw.channel.first("lastbuilddate", "updated", "pubdate", "dc:date", "modified")),
    )


def _channel_link(channel: RawItem) -> str:
    for value in (*channel.values.get("link", ()), *channel.values.get("atom:link", ())):
        href = value.attributes.get("href")
        if href is None and value.text.strip():
            return str(value.text)
        if href and value.attributes.get("rel", "alternate") == "alternate":
            return str(href)
    return ""
