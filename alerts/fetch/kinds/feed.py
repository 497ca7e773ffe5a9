"""Feeds: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.x. One address, one body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.fetch import pace
from alerts.fetch.kinds import Answer
from alerts.model.sources import Source, SourceState

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool


class Reader:
    """Asks a feed's address with its validators, and parses the body unless it is the very one of last time."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._fetcher = fetcher
        self._parsers = parsers

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return the entries of the feed, or that nothing is new; see `SourceReader`."""
        response = await self._fetcher.get(source, state)
        if pace.is_unchanged(state, response):
            return Answer(response)
        return Answer(response, await self._parsers.parse(response.body, response.address, response.content_type))
