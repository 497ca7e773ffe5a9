"""Trying an address for a source: is it a feed, does its page name one, and what would the service make of it?

Where no feed is found, the page itself may hold a list that can be watched: selectors are proposed, with what they
find.

The one place that fetches what no source is made of (SAFETY 27), since a person asked for it: the page, and at most
`MOST_ASKED` addresses that may be feeds, through the same guard and manners as every poll. What a page names is asked
first; where feeds usually lie is guessed only when nothing named could be read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from alerts.config import Settings, load_catalogue, shipped
from alerts.config.written import new_id
from alerts.errors import AlertsError, Problem
from alerts.fetch import rhythm, robots
from alerts.identify import evidence_type
from alerts.model.catalogue import Catalogue
from alerts.model.records import Entry
from alerts.model.sources import Response, Source, SourceState
from alerts.parse import NotAFeed, Parsed
from alerts.parse.discover import Candidate, named_feeds, usual_places
from alerts.parse.pages.propose import Proposal, Proposed
from alerts.pipeline.collecting.subscriptions import same_place
from alerts.pipeline.collecting.tools import Tools, open_tools

MOST_NAMED = 8
MOST_GUESSED = 6
MOST_ASKED = 1 + MOST_NAMED + MOST_GUESSED


@dataclass(frozen=True, slots=True)
class Tried:
    """One feed that could be read, judged. Shares are of its entries, from 0 to 1; `source` is what to configure."""

    source: Source
    how: str
    format: str
    entries: int
    with_date: float
    with_doi: float
    with_summary: float
    newest: datetime | None
    every_days: float | None
    problems: tuple[Problem, ...]
    configured_as: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of an address: the feeds found, best first, and what was asked in vain and why.

    `names_more`: the page names more feeds than the `MOST_NAMED` that are asked.
    """

    address: str
    feeds: tuple[Tried, ...]
    failed: tuple[tuple[str, AlertsError], ...]
    names_more: bool = False
    lists: tuple[WatchedList, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchedList:
    """A list that was recognised on the page itself: the source to configure, and what its selectors find."""

    source: Source
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    configured_as: str = ""


async def try_address(
    settings: Settings, address: str, now: datetime, asking: Callable[[str], None] = lambda _: None
) -> Trial:
    """Find and judge the feeds at or behind an address; `asking` is told of each address before it is asked."""
    config_dir = settings.config_dir if settings.config_dir.is_dir() else shipped("config")
    catalogue = load_catalogue(config_dir, None).catalogue
    whole = address if "://" in address else f"https://{address}"
    async with open_tools(settings, catalogue) as tools:
        return await _Trying(tools, catalogue, now, asking).run(whole)


class _Trying:
    """One trial: what was asked already is asked once."""

    def __init__(self, tools: Tools, catalogue: Catalogue, now: datetime, asking: Callable[[str], None]) -> None:
        self.tools = tools
        self.catalogue = catalogue
        self.now = now
        self.asking = asking
        self.asked: set[str] = set()
        self.found: dict[str, Tried] = {}
        self.failed: list[tuple[str, AlertsError]] = []
        self.names_more = False

    async def run(self, address: str) -> Trial:
        page = await self._ask(Candidate(address, "", "given"))
        if page is not None and not self.found:
            named = named_feeds(page.body, page.address, page.content_type)
            self.names_more = len(named) > MOST_NAMED
            await self._ask_all(named[:MOST_NAMED])
        if page is not None and not any(each.entries for each in self.found.values()):
            await self._ask_all(list(usual_places(page.address))[:MOST_GUESSED], until_found=True)
        feeds = sorted(self.found.values(), key=lambda each: _rank(each, self.now))
        is_fed = any(each.entries for each in feeds)
        lists = await self._lists(page) if page is not None and not is_fed else ()
        return Trial(address, tuple(feeds), tuple(self.failed), self.names_more, lists)

    async def _lists(self, page: Response) -> tuple[WatchedList, ...]:
        """Return the lists recognised on a page, if its site lets programs read it; else why not is told."""
        try:
            await robots.must_allow(self.tools.fetcher, page.address)
            found = await self.tools.parsers.parse(page.body, page.address, page.content_type, kind="proposals")
        except AlertsError as failure:
            self.failed.append((page.address, failure))
            return ()
        proposals = found.proposals if isinstance(found, Proposal) else ()
        there = {same_place(each.address): each.id for each in self.catalogue.sources.values()}
        return tuple(
            _watched(each, page, self.catalogue, there.get(same_place(page.address), "")) for each in proposals
        )

    async def _ask_all(self, candidates: Iterable[Candidate], *, until_found: bool = False) -> None:
        for each in candidates:
            await self._ask(each)
            if until_found and any(tried.entries for tried in self.found.values()):
                return

    async def _ask(self, candidate: Candidate) -> Response | None:
        """Fetch one address and judge it if it is a feed; return the answer, which may be a page that names some."""
        if candidate.address in self.asked:
            return None
        self.asked.add(candidate.address)
        self.asking(candidate.address)
        source = Source("tried", candidate.title, candidate.address)
        response: Response | None = None
        try:
            response = await self.tools.fetcher.get(source, SourceState(source.id))
            parsed = await self.tools.parsers.parse(response.body, response.address, response.content_type)
        except AlertsError as failure:
            self.failed.append((candidate.address, failure))
            return response if isinstance(failure, NotAFeed) else None
        here = response.permanent_address or candidate.address
        if same_place(here) not in self.found:
            self.found[same_place(here)] = judged(parsed, here, candidate, self.catalogue, self.now)
        return response


def _watched(proposed: Proposed, page: Response, catalogue: Catalogue, configured_as: str) -> WatchedList:
    """Return a proposal as a source that a librarian could configure."""
    found, host = proposed.found, urlsplit(page.address).hostname or ""
    title = found.title or host
    language = found.language[:2].lower() if re.fullmatch(r"[A-Za-z]{2}(?:-.*)?", found.language) else "en"
    draft = Source(
        new_id(title, page.address, set(catalogue.sources)), title, page.address, kind="page", language=language,
        items=proposed.items, sure="A",
    )  # fmt: skip
    return WatchedList(_typed(draft, found.entries, catalogue, host), found.entries, found.problems, configured_as)


def judged(parsed: Parsed, address: str, candidate: Candidate, catalogue: Catalogue, now: datetime) -> Tried:
    """Return what the service makes of a feed, with the source that a librarian could configure."""
    entries = parsed.entries
    title = parsed.title or candidate.title or (urlsplit(address).hostname or "")
    host = urlsplit(address).hostname or ""
    language = parsed.language[:2].lower() if parsed.language[:2].isalpha() and len(parsed.language) > 1 else "en"
    publisher = Counter(each.publisher for each in entries if each.publisher).most_common(1)
    draft = Source(
        new_id(title, address, set(catalogue.sources)), title, address, publisher[0][0] if publisher else "",
        evidence_type="news", language=language, sure="A" if entries else "C",
    )  # fmt: skip
    there = {same_place(each.address): each.id for each in catalogue.sources.values()}
    dates = [date for each in entries if (date := _date(each)) is not None]
    past = [date for date in dates if date <= now]
    days = sorted({date.date() for date in past})
    gaps = [(after - before).days for before, after in pairwise(days)]
    known = rhythm.learnt(days)
    return Tried(
        source=_typed(draft, entries, catalogue, host),
        how=candidate.how,
        format=parsed.format,
        entries=len(entries),
        with_date=_share(entries, lambda each: _date(each) is not None),
        with_doi=_share(entries, lambda each: bool(each.identifier("doi"))),
        with_summary=_share(entries, lambda each: bool(each.summary)),
        newest=max(past, default=None),
        every_days=known.every_days if known else (float(median(gaps)) if len(gaps) > 1 else None),
        problems=parsed.problems,
        configured_as=there.get(same_place(address), there.get(same_place(candidate.address), "")),
    )


def _date(entry: Entry) -> datetime | None:
    """Return when an item was published, else when it was last updated: all that GOV.UK's feeds, as many, say."""
    return entry.published or entry.updated


def _share(entries: tuple[Entry, ...], has: Callable[[Entry], bool]) -> float:
    return sum(map(has, entries)) / len(entries) if entries else 0.0


def _typed(draft: Source, entries: tuple[Entry, ...], catalogue: Catalogue, host: str) -> Source:
    """Return the source with the type of evidence that most of its items are, as far as rules can tell."""
    from dataclasses import replace

    decided = Counter(evidence_type(each, draft, catalogue.type_rules).type for each in entries)
    kind, count = decided.most_common(1)[0] if decided else ("news", 0)
    if kind == "news" and _share(entries, lambda each: bool(each.identifier("doi"))) > 0.5:
        kind = "study"
    elif count * 2 <= len(entries):
        kind = "news"
    return replace(draft, evidence_type=kind)


def _rank(tried: Tried, now: datetime) -> tuple[object, ...]:
    """Order feeds: those with items, in use, not of comments, more telling, as the page has them."""
    stale = tried.newest is not None and (now - tried.newest).days > 365
    comments = "comment" in f"{tried.source.title} {tried.source.address}".lower()
    telling = tried.with_date + tried.with_doi + tried.with_summary
    return (not tried.entries, stale, comments, -round(telling, 1), -min(tried.entries, 50))
