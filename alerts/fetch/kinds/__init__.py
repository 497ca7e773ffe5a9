"""Kinds of source: each one module here, with a class `Reader`, and one line in `alerts.model.sources.KINDS`.

A reader asks its source by the shared fetcher (manners, guard and limits come with it), lets what it got be parsed in
the shared children, and answers with entries. Everything before and after is the same for all kinds: when a source is
due, what is remembered of it, who its entries are, whom they are for.

To add a kind `example`: write `example.py` beside `feed.py`, and its line in `KINDS`, which is what the configuration
accepts as `kind:` and what its documentation says. Nothing else names kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from alerts.model.sources import Response, Source, SourceKind, SourceState

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool
    from alerts.parse import Parsed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered: `parsed` is `None` when there is nothing new to read (not modified, the same bytes).

    `response` is the answer whose validators and wishes (freshness, a new address) are remembered: the only one, or for
    a kind that asks several times the first. `memory` is what the kind wants to find again in the state next time
    (`None`: as it was); it is written with the entries, or not at all.
    """

    response: Response
    parsed: Parsed | None = None
    memory: str | None = None


class SourceReader(Protocol):
    """How one kind of source is read."""

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Ask `source`, remembering `state` of it, and return its entries or that nothing is new.

        Raises an AlertsError whose sentence a librarian understands; nothing is kept by the reader itself.
        """
        ...


def reader(kind: SourceKind, fetcher: Fetcher, parsers: ParserPool) -> SourceReader:
    """Return the reader of a kind, on the fetcher and the parsing children that all kinds share."""
    made: SourceReader = _module(kind).Reader(fetcher, parsers)
    return made


@cache
def _module(kind: SourceKind) -> Any:
    return import_module(f"{__name__}.{kind}")
