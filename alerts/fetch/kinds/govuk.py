"""GOV.UK: the feeds of a search list pages by date, and the content API says what each page is and what changed in it.

A page is asked about when it is listed for the first time or under another date; which was listed under which date is
in the memory of the source. What one poll has no room for waits there for the next. Withdrawing a page does not bring
it back to the top of any list, so that pages which were told are looked at again, a few at a time, once a week.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from alerts.errors import AlertsError, Problem
from alerts.fetch import pace
from alerts.fetch.failures import FetchFailure
from alerts.fetch.kinds import Answer
from alerts.fetch.memory.pages import Known, Memory, Waiting
from alerts.model.records import Entry
from alerts.model.sources import Response, Source, SourceState
from alerts.parse import problems
from alerts.parse.databases.govuk import as_listed
from alerts.parse.problems import NotAFeed

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool
    from alerts.parse import Parsed

CALLS = 40
"""So many pages are asked about in one poll, those that are looked at again included."""
AGAIN = 10
"""So many pages are looked at again in one poll, where `CALLS` leaves room."""
PAGE = 10
"""A page of a list that shows fewer is its last: GOV.UK shows ten or twenty, by the list."""
LIST_PAGES = 5
"""So many pages of one list are gone through for what was not known."""
TRIES = 6
"""After so many polls a page that cannot be read is told by what its list says."""
_HOPS = 3
_WEEK = timedelta(days=7)
_SILENT = frozenset({"P008"})


class Reader:
    """Asks the feeds of a search, and the content API about what is new or re-dated in them."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._fetcher = fetcher
        self._parsers = parsers

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return the pages that are new or changed, or that nothing is; see `SourceReader`."""
        poll = _Poll(self._fetcher, self._parsers, source, state)
        response = await poll.go_through_lists()
        await poll.ask_about_pages()
        await poll.look_again()
        return Answer(response, poll.parsed(), poll.memory.text())


@dataclass(slots=True)
class _List:
    """One feed of the source, as far as it was read."""

    parsed: Parsed | None = None
    entries: list[Entry] = field(default_factory=list)


class _Poll:
    """One poll of one source."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool, source: Source, state: SourceState) -> None:
        self._fetcher, self._parsers = fetcher, parsers
        self._source, self._state = source, state
        self._feeds = source.feeds or (source.address,)
        parts = urlsplit(self._feeds[0])
        self._origin, self._host = f"{parts.scheme}://{parts.netloc}", _site(parts.netloc)
        self.memory = Memory.read(state.memory, state.last_attempt_at)
        self._is_first = not self.memory.known
        self._listed: dict[str, Entry] = {}
        self._lists: list[Parsed] = []
        self._entries: dict[str, Entry] = {}
        self._problems: list[Problem] = []
        self._calls = self._read = 0
        self._failed: list[tuple[str, AlertsError]] = []
        self._rests = False

    # --- the lists -----------------------------------------------------------------------------------------------

    async def go_through_lists(self) -> Response:
        """Note which pages are to be asked about, and return the answer of the first feed."""
        first = await self._fetcher.get(self._source, self._state)
        if not pace.is_unchanged(self._state, first):
            await self._go_through(self._feeds[0], first)
        for address in self._feeds[1:]:
            await self._go_through(address, await self._fetcher.ask(address))
        return first

    async def _go_through(self, address: str, response: Response) -> None:
        """Take one list, and its further pages as long as nothing in them is known."""
        entries = await self._entries_of(response)
        everything = list(entries)
        more = len(entries) >= PAGE
        for number in range(2, LIST_PAGES + 1):
            more = more and _has_pages(address) and not self._reaches_known(entries, everything)
            if not more:
                break
            before = {each.link for each in everything}
            entries = await self._entries_of(await self._fetcher.ask(f"{address}&page={number}"))
            more = len(entries) >= PAGE and any(each.link not in before for each in entries)
            everything += entries
        if everything and not self._is_first and not self._reaches_known(everything, everything):
            self._problems.append(problems.may_have_missed(len(everything)))
        self._take(everything)

    async def _entries_of(self, response: Response) -> tuple[Entry, ...]:
        try:
            parsed = await self._parsers.parse(response.body, response.address, response.content_type)
        except NotAFeed as refusal:
            called = response.content_type[:100] or "no Content-Type"
            refusal.cause = f"status {response.status}, {called}, {len(response.body):,} bytes"
            raise
        self._lists.append(parsed)
        return parsed.entries

    def _reaches_known(self, entries: Iterable[Entry], everything: list[Entry]) -> bool:
        """Tell whether a list was read as far as it had been read before; at first, to the days of the first run."""
        if self._is_first:
            return any(self._is_past(each, everything) for each in entries)
        return any(path in self.memory.known or path in self.memory.waiting for path in map(self._path, entries))

    def _is_past(self, entry: Entry, everything: list[Entry]) -> bool:
        """Tell whether an entry lies before the first run, counted from the newest of its list."""
        dates = [each.updated for each in everything if each.updated]
        days = timedelta(days=self._source.first_run_days)
        return bool(dates) and entry.updated is not None and entry.updated < max(dates) - days

    def _take(self, entries: list[Entry]) -> None:
        """Note what is to be asked about; what lies elsewhere is told as its list has it."""
        for each in entries:
            path, date = self._path(each), _date(each)
            if not path:
                self._entries.setdefault(each.key, each)
                continue
            self._listed.setdefault(path, each)
            known = self.memory.known.get(path)
            if known is not None and known.dated == date:
                continue
            if self._is_first and self._is_past(each, entries):
                self.memory.known[path] = Known(date)
                continue
            waits = self.memory.waiting.get(path)
            if waits is None or waits.date != date:
                self.memory.waiting[path] = Waiting(date, title=each.title)

    def _path(self, entry: Entry) -> str:
        """Return the path of a page of this site, empty for what lies elsewhere."""
        try:
            parts = urlsplit(entry.link)
        except ValueError:
            return ""
        return parts.path if _site(parts.netloc) == self._host and parts.path.strip("/") else ""

    # --- the pages -----------------------------------------------------------------------------------------------

    async def ask_about_pages(self) -> None:
        """Ask about the pages that are new or re-dated, as many as one poll may."""
        for path, waits in list(self.memory.waiting.items()):
            if self._calls >= CALLS or self._rests:
                break
            known = self.memory.known.get(path)
            try:
                found = await self._page(path, known.title if known else "")
            except AlertsError as failure:
                self._could_not(path, waits, failure)
                continue
            self._read += 1
            self.memory.now_known(path, waits.date, found.title if found else "")
            if found is not None:
                self._entries[found.key] = found
        if self._failed and not self._read and (self._rests or len(self._failed) > 2):
            raise self._failed[-1][1]

    def _could_not(self, path: str, waits: Waiting, failure: AlertsError) -> None:
        """Let a page wait that could not be read; after some polls tell it by what its list says."""
        self._failed.append((path, failure))
        if isinstance(failure, FetchFailure) and (not failure.counts or failure.status in (429, 503)):
            self._rests = True
            return
        self.memory.waiting[path] = replace(waits, tries=waits.tries + 1)
        listed = self._listed.get(path) or as_listed(path, waits.title, waits.date, self._origin)
        if waits.tries + 1 >= TRIES:
            self.memory.now_known(path, waits.date, listed.title)
            self._entries[listed.key] = listed

    async def _page(self, path: str, title: str) -> Entry | None:
        """Return what the content API says of a page, wherever it lives now; `None` when there is nothing to tell."""
        there = path
        for _ in range(_HOPS):
            self._calls += 1
            address = f"{self._origin}/api/content{quote(there, safe='/%.-_~')}"
            response = await self._fetcher.ask(address, accept="application/json", takes=(410,))
            parsed = await self._parsers.parse(
                response.body, self._origin + there, response.content_type,
                kind="govuk", language=self._source.language, title=title if there == path else "",
            )  # fmt: skip
            if parsed.entries or not parsed.link:
                return next(iter(parsed.entries), None)
            there = parsed.link
            if there in self.memory.known or there in self.memory.waiting:
                return None  # it is told, or will be, by itself
        return None

    async def look_again(self) -> None:
        """Look whether pages that were told before were withdrawn, or changed without being listed anew."""
        if self._state.last_attempt_at is None or self._rests:
            return
        today = self._state.last_attempt_at.date()
        due = [path for path, each in self.memory.known.items() if each.title and each.looked + _WEEK <= today]
        due.sort(key=lambda path: self.memory.known[path].looked)
        for path in due[: min(AGAIN, max(CALLS - self._calls, 0))]:
            known = self.memory.known[path]
            self.memory.known[path] = replace(known, looked=today)
            try:
                found = await self._page(path, known.title)
            except AlertsError:
                if self._failed:
                    break
                continue  # it was told; nothing is lost until the next week
            if found is not None:
                self._entries.setdefault(found.key, found)

    # --- the answer ----------------------------------------------------------------------------------------------

    def parsed(self) -> Parsed | None:
        """Return what there is to tell, `None` when that is nothing."""
        from alerts.parse import Parsed

        said = [each for parsed in self._lists for each in parsed.problems if each.code not in _SILENT]
        noticed = (*dict.fromkeys(said), *self._problems, *self._of_pages())
        is_empty = bool(self._lists) and not any(each.entries for each in self._lists)
        if not (self._entries or noticed or is_empty):
            return None
        first = self._lists[0] if self._lists else Parsed("atom", "", "", ())
        entries = tuple(self._entries.values())
        return replace(first, entries=entries, problems=noticed, may_be_empty=not is_empty)

    def _of_pages(self) -> list[Problem]:
        found = []
        if self._failed and not self._rests:
            path, failure = self._failed[0]
            found.append(problems.unread_pages(len(self._failed), path, failure.sentence))
        left = len(self.memory.waiting) - (0 if self._rests else len(self._failed))
        if left > 0:
            found.append(problems.pages_to_come(left))
        return found


def _site(host: str) -> str:
    return host.lower().removeprefix("www.")


def _has_pages(address: str) -> bool:
    """Tell whether a list goes on behind `page=2`: those of searches do, those of organisations do not."""
    return "/search/" in urlsplit(address).path and "?" in address


def _date(entry: Entry) -> str:
    when = entry.updated or entry.published
    return when.isoformat() if when else ""
