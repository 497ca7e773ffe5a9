"""A journal by its ISSN, asked of Crossref: `GET /journals/{issn}/works`.

The question is always for works that Crossref took up since the journal is followed (`from-created-date`) and has
touched since the last time (`from-index-date`): that are the new ones, and those of the last half year to which an
abstract, a notice of correction or a licence was added. Older works are touched by the thousand whenever somebody cites
them, and are no news. Days overlap, since records reach the index late.

When the list is longer than one poll may take, the end of the span is brought nearer until it fits, down to one hour,
and the next poll goes on from that very hour. Cursors are of no use for that: they last five minutes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeGuard

from alerts.errors import Problem
from alerts.fetch.crossref import SELECTED, Crossref
from alerts.fetch.failures import EndedEarly, JournalUnknown
from alerts.fetch.kinds import Answer
from alerts.fetch.memory import remembered
from alerts.model.records import Entry
from alerts.model.sources import Response, Source, SourceState
from alerts.parse import Parsed
from alerts.parse.body import Page
from alerts.parse.problems import continued, too_many_works

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool

ROWS = 100
MOST = 2_000
"""Works that one poll of a source takes (SAFETY, limits: entries from one body) …"""
MOST_IN_AN_HOUR = 5_000
"""… but for a single hour in which more were touched: a publisher sent a whole journal again."""
OVERLAP = timedelta(days=1)
FOLLOWED = timedelta(days=180)
"""How long after its DOI was made what becomes of a work is asked for."""
_LONGEST = timedelta(days=3650)
_HOUR = timedelta(hours=1)
_SURELY = 0.8
"""A span is made so much shorter than it would have to be if its works came evenly."""
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Memory:
    """Since when a journal is followed, up to when the works of each ISSN were read, and of which that was not all."""

    began: datetime | None = None
    read: Mapping[str, datetime] = field(default_factory=dict)
    short: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str, now: datetime) -> Memory:
        """Read what an earlier poll remembered; whatever cannot be a moment of the last ten years is forgotten."""
        told = remembered(text)
        read = told.get("read")
        moments = {name: _read(value, now) for name, value in read.items()} if isinstance(read, dict) else {}
        known = {name: each for name, each in moments.items() if each is not None}
        short = told.get("short")
        return cls(
            _read(told.get("began"), now), known, frozenset(short) & known.keys() if _is_texts(short) else frozenset()
        )

    def written(self) -> str:
        """Return it as text."""
        read = {issn: f"{moment:%Y-%m-%dT%H}" for issn, moment in sorted(self.read.items())}
        began = f"{self.began:%Y-%m-%dT%H}" if self.began else ""
        return json.dumps({"began": began, "read": read, **({"short": sorted(self.short)} if self.short else {})})


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _read(value: object, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else None
    except ValueError:
        return None
    return min(moment, now) if moment is not None and moment > now - _LONGEST else None


@dataclass(frozen=True, slots=True)
class _Span:
    """The question: touched from `since` until `until` (None: now), of works that were made known from `created` on."""

    created: datetime
    since: datetime
    until: datetime | None = None

    @property
    def filters(self) -> str:
        until = [f"until-index-date:{_said(self.until)}"] if self.until else []
        return ",".join([f"from-created-date:{_said(self.created)}", f"from-index-date:{_said(self.since)}", *until])

    def shorter(self, now: datetime, share: float) -> _Span | None:
        """Return the first part of the span, about that `share` of it; None when it is an hour already."""
        end = self.until or now
        hours = max(int((end - self.since) / _HOUR * share), 1)
        until = self.since.replace(minute=0, second=0, microsecond=0) + hours * _HOUR
        return replace(self, until=until) if until < end else None


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H}" if moment.hour else f"{moment:%Y-%m-%d}"


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


class Reader:
    """Asks for the works of a journal, page after page, and remembers up to when they were read."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._crossref = Crossref(fetcher, parsers)

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return the works that are new or were touched; see `SourceReader`."""
        now = self._crossref.fetcher.settings.clock().astimezone(UTC)
        before = Memory.of(state.memory, now)
        began = before.began or _day(now - timedelta(days=source.first_run_days))
        reading = _Reading(self._crossref, source, now, began, dict(before.read), set(before.short))
        for issn in source.issn:
            if MOST - len(reading.entries) < ROWS:
                reading.problems["later"] = continued(f"it was read up to the works of ISSN {issn}")
                break
            await reading.take(issn)
        told = tuple(reading.problems.values())[:_MOST_PROBLEMS]
        entries = tuple(reading.entries.values())
        parsed = Parsed("json", reading.title, "", entries, told, may_be_empty=True)
        read = {issn: reading.read[issn] for issn in source.issn if issn in reading.read}
        memory = Memory(began, read, frozenset(reading.short & read.keys()))
        assert reading.response is not None, "a source of this kind has an ISSN, and so was asked"
        return Answer(reading.response, parsed, memory.written())


@dataclass(slots=True)
class _Reading:
    """One poll of a source: what was read of it so far, and up to when, by ISSN."""

    crossref: Crossref
    source: Source
    now: datetime
    began: datetime
    read: dict[str, datetime]
    short: set[str]
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    response: Response | None = None
    title: str = ""

    async def take(self, issn: str) -> None:
        """Read the works of one ISSN from where the last poll stopped, up to now or as far as there is room."""
        last = self.read.get(issn)
        since = self.began if last is None else last if issn in self.short else _day(last - OVERLAP)
        span = _Span(min(since, max(self.began, _day(self.now - FOLLOWED))), since)
        room = MOST - len(self.entries)
        page = await self._ask(issn, span, "*")
        while (counted := _page(page).counted) > room:
            shorter = span.shorter(self.now, _SURELY * room / counted)
            if shorter is None:
                break
            span = shorter
            page = await self._ask(issn, span, "*")
        if counted > MOST_IN_AN_HOUR:
            self.problems["crowd"] = too_many_works(MOST_IN_AN_HOUR, counted)
        given = 0
        while True:
            self._keep(page)
            given += _page(page).given
            if given >= min(counted, MOST_IN_AN_HOUR):
                break
            if not _page(page).given or not _page(page).next:
                raise EndedEarly(
                    "Crossref gave fewer works than it counted.", cause=f"{given} of {counted}, ISSN {issn}"
                )
            page = await self._ask(issn, span, _page(page).next)
        self.read[issn] = span.until or self.now
        self.short.discard(issn)
        if span.until is not None:
            self.short.add(issn)
            self.problems["later"] = continued(f"it was read up to {span.until:%d %B %Y, %H:00} UTC")

    async def _ask(self, issn: str, span: _Span, cursor: str) -> Parsed:
        response, page = await self.crossref.ask(
            self.source.address,
            f"journals/{issn}/works",
            filter=span.filters,
            select=",".join(SELECTED),
            rows=str(ROWS),
            cursor=cursor,
        )
        if page is None:
            raise JournalUnknown(
                f"Crossref knows no journal with the ISSN {issn}.", cause="HTTP status 404", status=404
            )
        self.response = self.response or response
        return page

    def _keep(self, page: Parsed) -> None:
        self.title = self.title or page.title
        for entry in page.entries:
            self.entries.setdefault(entry.key, entry)
        for problem in page.problems:
            self.problems.setdefault(str(problem), problem)


def _page(parsed: Parsed) -> Page:
    return parsed.page or Page()
