"""PubMed, by NCBI's E-utilities: ESearch keeps what it found on the history server, EFetch gives it in batches.

Three searches make a poll, each by windows of days that overlap (`days`):

- *new*: the query, by the day on which PubMed had a record (`edat`, of day resolution).
- *changed*: what came to PubMed since this source was first asked, by the day of its last change (`mdat`). Headings
  (MeSH) arrive weeks after a record, and so do the abstracts of some: a record that satisfies a line of headings only
  now is new then, and one that is known is matched again. Citations of old papers that come late, which `edat` dates
  back, are found here too (`crdt`).
- *corrected*: older records, by `mdat`, that now have a retraction, an erratum, an expression of concern or an update.
  They tell something of records that are known; others are of the past, and no news (`Parsed.past`).

The first poll asks for what is new in `first_run_days` only. A window that finds more than one poll may take is cut and
gone on with next time, which is said. The days move on only with what was read whole.

Sources: NLM, "A General Introduction to the E-utilities" (NBK25497: three requests a second, ten with a key; `tool` and
`email`), "The E-utilities In-Depth" (NBK25499: at most 9,999 records of one search of PubMed), PubMed Help (`crdt`,
`edat`, `hasretractionin` …).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from alerts.errors import Problem
from alerts.fetch.failures import FetchFailure, TooLarge
from alerts.fetch.kinds import Answer
from alerts.fetch.memory.days import DaysRead, Window
from alerts.model.records import Entry
from alerts.model.sources import Response, Source, SourceState
from alerts.parse import Parsed
from alerts.parse.databases import pubmed_findings
from alerts.parse.databases.pubmed import SearchAnswer, SearchGone
from alerts.parse.problems import NotAsDocumented, continued

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher
    from alerts.fetch.parser_pool import ParserPool

MOST = 2_000
"""Records of one search that one poll takes, unless a single day has more."""
LAST_PAGE = 9_999
"""PubMed gives no record of a search beyond this one."""
BATCH = 100
"""Records of one answer: of some 20 kB each, with their reference lists."""
_MISSING = 10
"""PubMed may give a tenth less than it counted: records are merged and deleted while they are read."""
OVERLAP_DAYS = {"new": 7, "changed": 3, "corrected": 7}
CORRECTIONS = (
    '"retracted publication"[pt] OR hasretractionin OR haspartialretractionin OR haserratumin'
    " OR hascorrectedrepublishedin OR hasexpressionofconcernin OR hasupdatein OR hasrepublishedin"
)
_FOREVER = '"3000"'


class SearchRefused(FetchFailure):
    """PubMed did not carry out a search, and says why."""

    code = "F610"
    remedy = (
        "Try the query at pubmed.ncbi.nlm.nih.gov, and mend it in config/sources/ if it does not work there either."
    )


class KeyRefused(FetchFailure):
    """NCBI does not know the API key that it was given."""

    code = "F611"
    remedy = "Correct ALERTS_NCBI_KEY: the key is shown in the settings of the NCBI account; or leave it out."


class RecordsMissing(FetchFailure):
    """PubMed found records and did not give them."""

    code = "F612"


class TooManyInADay(FetchFailure):
    """A search finds more records of a single day than PubMed gives of one search."""

    code = "F613"
    remedy = "Narrow the query, or divide it over several sources."


@dataclass(slots=True)
class _Found:
    """What one search gave: the window that was read whole, and what was noticed."""

    window: Window
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Reader:
    """Asks PubMed what is new, what has changed and what was corrected since the days that are remembered."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool) -> None:
        self._fetcher = fetcher
        self._parsers = parsers

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Return the records of the windows that are due; see `SourceReader`."""
        now = self._fetcher.settings.clock()
        today = now.astimezone(UTC).date()
        days = DaysRead.from_memory(state.memory)
        is_first = days.begun is None
        begun = days.begun or today - timedelta(days=source.first_run_days)
        days = replace(days, begun=begun)
        poll = _Poll(self._fetcher, self._parsers, source)
        since = days.window("new", today, overlap=OVERLAP_DAYS["new"], first=begun)
        new = await poll.records(source.query, "edat", since, "new")
        days = days.after("new", new.window, today)
        found = [new]
        changed, corrected = Window(today, today), Window(today, today)
        if not is_first:
            changed = days.window("changed", today, overlap=OVERLAP_DAYS["changed"], first=begun)
            term = f"({source.query}) AND {_since(begun, 'crdt')} NOT {_since(since.first, 'edat')}"
            found.append(await poll.records(term, "mdat", changed, "changed"))
            corrected = days.window("corrected", today, overlap=OVERLAP_DAYS["corrected"], first=begun)
            term = f"({source.query}) AND ({CORRECTIONS})"
            found.append(await poll.records(term, "mdat", corrected, "corrected"))
            changed, corrected = found[1].window, found[2].window
        days = days.after("changed", changed, today).after("corrected", corrected, today)
        assert poll.first is not None, "a poll asks at least once"
        return Answer(poll.first, _together(found, source, behind=bool(days.behind)), days.as_memory())


def _since(day: Any, field_tag: str) -> str:
    return f'("{day:%Y/%m/%d}"[{field_tag}] : {_FOREVER}[{field_tag}])'


def _together(found: Sequence[_Found], source: Source, *, behind: bool) -> Parsed:
    """Return all that was found, each record once; those only found as corrected are the past where nobody had them."""
    entries: dict[str, Entry] = {}
    for each in found:
        entries.update(each.entries)
    news = {key for each in found[:2] for key in each.entries}
    problems = list(dict.fromkeys(problem for each in found for problem in each.problems))
    if behind:
        problems.append(continued(f"about {MOST:,} records are read"))
    return Parsed(
        "pubmed",
        source.title,
        "https://pubmed.ncbi.nlm.nih.gov/",
        tuple(entries.values()),
        tuple(problems),
        may_be_empty=True,
        past=frozenset(entries.keys() - news),
    )


class _Poll:
    """The requests of one poll. `first` is the first answer, whose wishes are remembered."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool, source: Source) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._base = source.address if source.address.endswith("/") else f"{source.address}/"
        self._translated = bool(source.strategy)
        self.first: Response | None = None

    async def records(self, term: str, by: str, window: Window, search: str) -> _Found:
        """Return the records of a search in a window, or in the first part of it that one poll can take."""
        answer = await self._search(term, by, window)
        found = _Found(window, problems=_said(answer, self._translated) if search == "new" else [])
        while answer.count > MOST and found.window.days > 1:
            found.window = found.window.halved()
            answer = await self._search(term, by, found.window)
        if answer.count > (LAST_PAGE if search == "new" else MOST):
            many = f"{answer.count:,} records of {found.window.first:%d %B %Y}".replace(" 0", " ")
            if search == "new":
                raise TooManyInADay(f"PubMed has {many} for this search; it gives {LAST_PAGE:,} at most.")
            found.problems.append(pubmed_findings.not_looked_at(many))
            return found
        if answer.count:
            try:
                await self._fetch(answer, found)
            except SearchGone:  # the history server forgets: once more from the search
                answer = await self._search(term, by, found.window)
                await self._fetch(answer, found)
        return found

    async def _search(self, term: str, by: str, window: Window) -> SearchAnswer:
        form = {
            "term": term,
            "datetype": by,
            "mindate": f"{window.first:%Y/%m/%d}",
            "maxdate": f"{window.last:%Y/%m/%d}",
            "usehistory": "y",
            "retmax": "0",
        }
        response = await self._ask("esearch.fcgi", form)
        answer = cast("SearchAnswer", await self._parsed(response, answer="search"))
        if answer.refusal:
            raise SearchRefused(f"PubMed did not carry out the search: {answer.refusal.rstrip('.')}.")
        if answer.count and not (answer.query_key and answer.history):
            raise NotAsDocumented("PubMed’s answer to the search does not say where what it found is kept.")
        return answer

    async def _fetch(self, answer: SearchAnswer, found: _Found) -> None:
        """Take the records from the history server, in ever smaller batches where one is too large."""
        start, size, given = 0, BATCH, 0
        while start < answer.count:
            form = {"query_key": answer.query_key, "WebEnv": answer.history, "retstart": str(start),
                    "retmax": str(min(size, answer.count - start))}  # fmt: skip
            try:
                parsed: Parsed = await self._parsed(await self._ask("efetch.fcgi", form), answer="articles")
            except TooLarge:
                if size > 1:
                    size //= 5
                    size = max(size, 1)
                    continue
                found.problems.append(pubmed_findings.too_large())
                start, given = start + 1, given + 1
                continue
            given += parsed.page.given if parsed.page else 0
            found.problems += parsed.problems
            found.entries.update((each.key, each) for each in parsed.entries)
            start += size
        if given * _MISSING < answer.count * (_MISSING - 1):
            gave = f"gave {given:,}" if given else "gave none of them"
            raise RecordsMissing(f"PubMed found {answer.count:,} records and {gave}.")
        if given < answer.count:
            found.problems.append(pubmed_findings.not_given(answer.count, given))

    async def _ask(self, utility: str, form: Mapping[str, str]) -> Response:
        """Ask one utility by POST, so that neither query nor key is ever part of an address."""
        settings = self._fetcher.settings
        more = {"email": settings.contact, "api_key": settings.ncbi_key}
        said = {
            "db": "pubmed",
            "retmode": "xml",
            "tool": "alerts",
            **{name: each for name, each in more.items() if each},
        }
        response = await self._fetcher.ask(
            urljoin(self._base, utility), form={**said, **form}, accept="application/xml, text/xml", takes=(400,)
        )
        if response.status == 400 and b"API key invalid" in response.body[:2_000]:
            raise KeyRefused("NCBI does not accept the API key.", status=400)
        self.first = self.first or response
        return response

    async def _parsed(self, response: Response, *, answer: str) -> Any:
        try:
            return await self._parsers.parse(
                response.body, response.address, response.content_type, kind="pubmed", answer=answer
            )
        except (NotAsDocumented, SearchGone) as refusal:
            called = response.content_type[:100] or "no Content-Type"
            refusal.cause = f"status {response.status}, {called}, {len(response.body):,} bytes"
            raise


def _said(answer: SearchAnswer, translated: bool) -> list[Problem]:
    """Return what PubMed says of the words of the query."""
    found = [pubmed_findings.not_known(answer.not_found, translated=translated)] if answer.not_found else []
    return [*found, pubmed_findings.taken_apart(answer.ignored)] if answer.ignored else found
