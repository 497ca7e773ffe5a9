"""A list on a web page, found by the librarian's selectors, and a few pages deep where it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from alerts.fetch import pace, robots
from alerts.fetch.failures import NothingLikeBefore, NotThere, ParserExhausted
from alerts.fetch.kinds import Answer
from alerts.fetch.memory.likeness import Seen, is_shrunken, unlike
from alerts.model.sources import PageItems, Response, Source, SourceState
from alerts.parse import ENTRY_LIMIT
from alerts.parse.pages import findings
from alerts.parse.pages.instead import NoList
from alerts.parse.pages.page import together

if TYPE_CHECKING:
    from alerts.errors import Problem
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool
    from alerts.parse import Parsed

ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"


class Reader:
    """Asks a page with its validators, and where it has changed, the pages that it leads on to.

    The first page unchanged means nothing new: lists grow at their top. That one of the further pages cannot be read
    fails the whole reading, since the first page's validators would else hide what stood there for ever.
    """

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._fetcher = fetcher
        self._parsers = parsers

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return the items of the page, or that nothing is new; see `SourceReader`."""
        items = source.items or PageItems("")
        await robots.must_allow(self._fetcher, source.address)
        response = await self._fetcher.get(source, state, accept=ACCEPT)
        if pace.is_unchanged(state, response):
            return Answer(response)
        if response.address != source.address:
            await robots.must_allow(self._fetcher, response.address)
        pages, further = await self._pages(items, response)
        before = Seen.read(state.memory)
        listed = together(pages, ENTRY_LIMIT, [*further, *_fewer(before, pages, items)])
        if not items.turnover:
            wrong = unlike(before, listed.entries)
            if wrong:
                raise NothingLikeBefore(wrong, cause=f"{len(response.body):,} bytes, {len(listed.entries)} items")
        return Answer(response, listed, Seen.of(listed.entries, len(pages)).written())

    async def _pages(self, items: PageItems, response: Response) -> tuple[list[Parsed], list[Problem]]:
        """Read the first page and those it leads to, until one brings nothing more."""
        pages = [await self._parse(response, items)]
        known = {each.key for each in pages[0].entries}
        asked = {response.address}
        while len(pages) < items.pages:
            address = _next(items, pages[-1], len(pages) + 1, response.address)
            if not address or address in asked:
                break
            asked.add(address)
            page = await self._further(address, items)
            if page is None:
                break
            if known.issuperset(each.key for each in page.entries):
                return pages, [findings.same_page_again(address)]
            known.update(each.key for each in page.entries)
            pages.append(page)
        return pages, []

    async def _further(self, address: str, items: PageItems) -> Parsed | None:
        """Read a further page; nothing where a pattern leads beyond the last one."""
        await robots.must_allow(self._fetcher, address)
        try:
            return await self._parse(await self._fetcher.ask(address, accept=ACCEPT), items)
        except (NotThere, NoList):
            if "{" in items.next:
                return None
            raise

    async def _parse(self, response: Response, items: PageItems) -> Parsed:
        try:
            return await self._parsers.parse(
                response.body, response.address, response.content_type, kind="page", items=items
            )
        except NoList as refusal:
            called = response.content_type[:100] or "no Content-Type"
            refusal.cause = f"status {response.status}, {called}, {len(response.body):,} bytes"
            raise
        except ParserExhausted as failure:
            failure.remedy = (
                "Simplify the selectors below items: of this source (an id and a class or two are enough); if they are "
                "simple, the page is too large to be watched."
            )
            raise


def _next(items: PageItems, page: Parsed, number: int, first: str) -> str:
    """Return the address of page `number`: by the pattern, else where the last page leads; on the host of the first."""
    if "{" not in items.next:
        return page.page.next if page.page is not None else ""
    address = urljoin(first, items.next.replace("{page}", str(number)).replace("{page-1}", str(number - 1)))
    return address if urlsplit(address).netloc.lower() == urlsplit(first).netloc.lower() else ""


def _fewer(before: Seen, pages: list[Parsed], items: PageItems) -> list[Problem]:
    found: list[Problem] = []
    if len(pages) < min(before.pages, items.pages):
        found.append(findings.no_next_page(len(pages), before.pages))
    count = len({each.key for page in pages for each in page.entries})
    if is_shrunken(before, count):
        found.append(findings.shrunken(count, before.count))
    return found
