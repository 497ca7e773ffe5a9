"""A search of Europe PMC: its REST search, in JSON, page by page, for what is new or changed in a span of days.

Asked for are records first published, or last changed, in the span: the second brings corrections, retractions and the
published versions of preprints to records that were given before. Synonyms are looked for as on europepmc.org, so that
a query finds what it finds there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from alerts.errors import AlertsError, Problem
from alerts.fetch.failures import EndedEarly, TooLarge
from alerts.fetch.kinds import Answer
from alerts.fetch.memory import windows
from alerts.fetch.memory.windows import Window
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.sources import Response, Source, SourceState
from alerts.parse import ENTRY_LIMIT, problems
from alerts.parse.problems import NotAsDocumented, QuestionRefused

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool
    from alerts.parse import Parsed

PAGE = 100
MOST_PAGES = ENTRY_LIMIT // PAGE
"""So many requests at a poll, at most: as many records as are taken from one body."""
LONGEST_ADDRESS = 2_000
"""A longer question goes by POST."""
_SMALLER = 5
_MISSING = 10
"""A search may give a tenth less than it counted: records move while they are read."""
_START = "*"


@dataclass(slots=True)
class _Gathered:
    """What the pages of one poll gave; `place` is where the next one goes on, empty when all was read."""

    place: str
    taken: int
    responses: list[Response] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    past: set[str] = field(default_factory=set)
    problems: dict[str, Problem] = field(default_factory=dict)
    last: Parsed | None = None


class Reader:
    """Asks for the span of days that is due, and remembers up to where everything was read."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._fetcher = fetcher
        self._parsers = parsers

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return what the search found in the span, or that nothing is new; see `SourceReader`."""
        today = self._fetcher.settings.clock().date()
        memory = windows.recalled(state.memory, today)
        window = memory.next(today, source.first_run_days)
        since = (memory.since or window.first).isoformat()
        try:
            found = await self._gather(source, window, since)
        except QuestionRefused:
            if not window.place:
                raise
            window = replace(window, place="", taken=0)  # it no longer knows the place: from the start
            found = await self._gather(source, window, since)
        assert found.last is not None
        said = list(found.problems.values())
        counted = found.last.page.counted if found.last.page else 0
        if found.place:
            said.append(problems.continued(f"{found.taken:,} of {counted:,} records are read"))
        seen = _digest(found)
        kept = windows.written(memory.after(window, found.place, found.taken, seen))
        if seen == memory.seen and not said and not state.degraded:
            return Answer(found.responses[0], None, kept)
        parsed = replace(
            found.last,
            entries=tuple(found.entries.values()),
            past=frozenset(found.past),
            problems=tuple(said),
            page=None,
        )
        return Answer(found.responses[0], parsed, kept)

    async def _gather(self, source: Source, window: Window, since: str) -> _Gathered:
        """Ask for page after page, until there is none or the poll has taken enough."""
        found = _Gathered(window.place or _START, window.taken)
        size = PAGE
        for _ in range(MOST_PAGES):
            try:
                response = await self._ask(source, window, found.place, size)
            except TooLarge:
                if size == 1:
                    raise
                size = max(size // _SMALLER, 1)
                continue
            parsed = await _parsed(self._parsers, response, since)
            page = parsed.page
            assert page is not None, "Europe PMC answers in pages"
            found.responses.append(response)
            found.last = parsed
            found.taken += page.given
            found.entries.update((entry.key, entry) for entry in parsed.entries)
            found.past |= parsed.past
            for problem in parsed.problems:
                found.problems.setdefault(problem.code, problem)
            if not page.given or page.next in ("", found.place) or found.taken >= page.counted:
                if found.taken * _MISSING < page.counted * (_MISSING - 1):
                    raise EndedEarly(
                        f"Europe PMC counted {page.counted:,} records and gave {found.taken:,}.",
                        cause=f"no further page after {found.taken} of {page.counted}",
                    )
                found.place = ""
                break
            found.place = page.next
        if found.last is None:
            raise TooLarge("The answer is too large even in small pages.", cause=f"{MOST_PAGES} requests")
        return found

    async def _ask(self, source: Source, window: Window, place: str, size: int) -> Response:
        days = f"[{window.first.isoformat()} TO {window.last.isoformat()}]"
        question = {
            "query": f"({source.query}) AND (FIRST_PDATE:{days} OR UPDATE_DATE:{days})",
            "resultType": "core",
            "format": "json",
            "synonym": "true",
            "sort": "P_PDATE_D desc",
            "pageSize": str(size),
            "cursorMark": place,
        }
        address = f"{source.address}?{urlencode(question)}"
        if len(address) <= LONGEST_ADDRESS:
            return await self._fetcher.ask(address, accept="application/json", takes=(400, 404))
        return await self._fetcher.ask(
            f"{source.address}POST", form=question, accept="application/json", takes=(400, 404)
        )


async def look_up(
    fetcher: Fetcher, parsers: ParserPool, address: str, wanted: Iterable[Identifier]
) -> tuple[Entry, ...]:
    """Return what Europe PMC has under these DOIs and PMIDs, preprints and versions among it; raises AlertsError."""
    asked = [
        f"(EXT_ID:{each.value} AND SRC:MED)" if each.scheme == "pmid" else f'DOI:"{_in_quotes(each.value)}"'
        for each in wanted
    ]
    question = {"query": " OR ".join(asked), "resultType": "core", "format": "json", "pageSize": str(PAGE)}
    response = await fetcher.ask(f"{address}POST", form=question, accept="application/json", takes=(400, 404))
    return (await _parsed(parsers, response, "")).entries


def _in_quotes(text: str) -> str:
    """Return text that stands between quotation marks of a query, where a backslash would take away their meaning."""
    return re.sub(r'(["\\])', r"\\\1", text)


async def _parsed(parsers: ParserPool, response: Response, since: str) -> Parsed:
    called = response.content_type[:100] or "no Content-Type"
    try:
        return await parsers.parse(
            response.body, response.address.partition("?")[0], response.content_type, kind="europepmc", since=since
        )
    except NotAsDocumented as refusal:
        refusal.cause = f"status {response.status}, {called}, {len(response.body):,} bytes"
        raise
    except AlertsError as refusal:
        refusal.cause = refusal.cause or f"status {response.status}"
        raise


def _digest(found: _Gathered) -> str:
    """Return a name for all that the pages said."""
    said = sorted(repr(entry) for entry in found.entries.values())
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]
