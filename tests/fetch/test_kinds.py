"""Kinds of source: one module and one line each."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import cast, get_args

import pytest

from alerts.fetch import Fetcher, ParserPool, kinds
from alerts.fetch.kinds.feed import Reader
from alerts.model.sources import KINDS, Response, Source, SourceKind, SourceState
from alerts.parse import Parsed

SOURCE = Source("example", "Example", "https://feeds.example.org/rss")


def test_every_kind_that_the_configuration_takes_has_its_module_and_every_module_its_line() -> None:
    there = {each.name for each in pkgutil.iter_modules([str(Path(kinds.__file__).parent)])}
    assert there == set(KINDS) == set(get_args(SourceKind))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_reader(kind: SourceKind) -> None:
    assert callable(kinds.reader(kind, cast("Fetcher", None), cast("ParserPool", None)).read)


class _Asked:
    """A fetcher and a parser that answer from memory and count the bodies that are parsed."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.parsed = 0

    async def get(self, source: Source, state: SourceState) -> Response:
        return self.response

    async def parse(self, body: bytes, address: str, content_type: str = "") -> Parsed:
        self.parsed += 1
        return Parsed("rss", "", "", ())


@pytest.mark.asyncio
@pytest.mark.parametrize("what", ["not modified", "the same bytes", "other bytes"])
async def test_a_feed_is_parsed_only_when_its_bytes_are_others_than_last_time(what: str) -> None:
    from alerts.fetch import pace

    asked = _Asked(Response(SOURCE.address, not_modified=what == "not modified", body=b"<rss/>"))
    last = b"<rss/>" if what == "the same bytes" else b"<rss></rss>"
    state = SourceState(SOURCE.id, body_hash=pace.body_hash(last))
    answer = await Reader(cast("Fetcher", asked), cast("ParserPool", asked)).read(SOURCE, state)
    assert (answer.parsed is not None, asked.parsed) == ((True, 1) if what == "other bytes" else (False, 0))
