"""What became of the publications that readers have had: looked up every night at Crossref.

A bulletin that carried a paper must tell when the paper is corrected or retracted, and that is often registered long
after it has left every feed, and by Retraction Watch alone. So the DOIs of all records that were in an issue of the
last two years are asked for what updated them (`updated-by`). Each notice that is new is fetched too, and both go the
way of every poll, as entries of a source of its own (`crossref-corrections`): `identify.decide` knows the publication
by its DOI and the notice too, if a feed or PubMed has brought it before, and says what is news.

Nothing of that source is ever matched: no profile listens to it. It has its state, so that it is told when it fails;
how far a night has come stands in its memory, written with what was found. Only DOIs leave the machine.
"""

from __future__ import annotations

import asyncio
import json
import random
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from alerts.config import Settings
from alerts.errors import AlertsError
from alerts.fetch import pace
from alerts.fetch.crossref import SELECTED, UPDATED, Crossref
from alerts.fetch.kinds import Answer
from alerts.fetch.memory import remembered
from alerts.identify import Wanted
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Relation, RelationKind
from alerts.model.sources import LOOKED_UP, Response, Source, SourceState
from alerts.parse import Parsed, fingerprint
from alerts.pipeline.built_in import corrections_source
from alerts.pipeline.collecting import health
from alerts.pipeline.collecting.collect import settle
from alerts.pipeline.collecting.tools import Tools
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service, stage
from alerts.store import corrections as rows
from alerts.store import sources

LOOKED_BACK = timedelta(days=731)
TOGETHER = 50
"""Records whose DOIs are asked for, decided and written together."""
MOST_A_NIGHT = 10_000
"""Records looked up in one night; the next goes on with the others."""
MOST_S = 1_800.0
NIGHT_BEGINS = timedelta(hours=1)
NIGHT_LASTS_S = 4 * 3600
_ACTIVE: Mapping[RelationKind, RelationKind] = {
    "retracted by": "retraction of",
    "withdrawn by": "withdrawal of",
    "concern told by": "concern about",
    "corrected by": "correction of",
}
"""What a notice says of the publication, by what the publication says of the notice."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up came to: DOIs that were asked for, notices that are new, and whether all DOIs had their turn."""

    asked: int = 0
    notices: int = 0
    is_done: bool = False
    refused: int = 0
    failure: AlertsError | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    """Crossref says that a notice did something to a publication that readers had."""

    about: Entry
    kind: RelationKind
    notice: str

    @property
    def key(self) -> str:
        """The key of the entry that tells it: each statement is told once, whatever else becomes of its works."""
        return f"{self.about.identifier('doi')} {self.kind} {self.notice}"

    def by(self, notice: Entry) -> Entry:
        """Return it as the notice tells it, which becomes a record of its own."""
        doi = Identifier("doi", self.about.identifier("doi"))
        others = tuple(each for each in notice.relations if each.other != doi)
        return _named(replace(notice, relations=(Relation(_ACTIVE[self.kind], doi), *others)), self.key)

    def said(self, *, quietly: Collection[str] = ()) -> Entry:
        """Return it as the publication tells it, with all that updated it but for the notices to pass over."""
        kept = tuple(each for each in self.about.relations if each.kind in _ACTIVE and each.other.value not in quietly)
        return _named(replace(self.about, relations=kept), self.key)


def _named(entry: Entry, key: str) -> Entry:
    told = replace(entry, key=key)
    return replace(told, fingerprint=fingerprint(told))


def is_due(source: Source, state: SourceState, now: datetime, settings: Settings) -> bool:
    """Tell whether this night's look-up is still to come; a failed one is repeated as a failed source is."""
    if state.failures or state.last_success_at is None or state.asked != source.asks:
        return pace.is_due(source, state, now)
    return state.last_success_at < _night(now, settings) or state.last_success_at > now


def _night(now: datetime, settings: Settings) -> datetime:
    """Return when the last night's look-up was to begin: not at the same minute in all installations."""
    later = timedelta(seconds=zlib.crc32(f"{settings.contact} {settings.public_address}".encode()) % NIGHT_LASTS_S)
    begins = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + NIGHT_BEGINS + later
    return begins if begins <= now else begins - timedelta(days=1)


async def look_up(service: Service, tools: Tools, *, force: bool = False) -> LookedUp | None:
    """Look up what became of the DOIs that were issued; None when it is switched off, or not due and not forced.

    Raises `StageBusy` while another process does it. That Crossref fails is kept as the failure of the source.
    """
    source = corrections_source(service.settings)
    if source is None:
        return None
    state = await asyncio.to_thread(_state, service)
    if not force and not is_due(source, state, service.clock(), service.settings):
        return None
    if not await asyncio.to_thread(_next, service, 0):
        return LookedUp(is_done=True) if force else None
    with stage(service, "look up corrections"):
        done = await _Night(service, tools, source).look_up()
    await asyncio.to_thread(health.settle, service, ())
    if done.failure is not None:
        log.info("corrections not looked up", code=done.failure.code, message=done.failure.sentence)
    else:
        log.info("corrections looked up", dois=done.asked, new_notices=done.notices, done=done.is_done)
    return done


def _state(service: Service) -> SourceState:
    with service.store.read() as conn:
        return sources.state(conn, LOOKED_UP)


def _next(service: Service, after: int) -> tuple[tuple[int, str], ...]:
    since = service.clock() - LOOKED_BACK
    with service.store.read() as conn:
        return rows.issued_dois(conn, since, after, TOGETHER)


def _unsaid(service: Service, statements: Sequence[_Statement]) -> tuple[list[_Statement], frozenset[str]]:
    """Return the statements that were not told before, and which of their notices are records already."""
    dois = frozenset(Identifier("doi", each.notice) for each in statements)
    with service.store.read() as conn:
        known = sources.known(conn, LOOKED_UP, Wanted(frozenset(each.key for each in statements), dois))
    fresh = [each for each in statements if each.key not in known.sightings]
    return fresh, frozenset(each.value for each in known.by_identifier)


class _Night:
    """One look-up, from where the last one stopped to the last record, or as far as one night may go."""

    def __init__(self, service: Service, tools: Tools, source: Source) -> None:
        self._service = service
        self._source = source
        self._crossref = Crossref(tools.fetcher, tools.parsers)
        self._rng = random.Random()  # noqa: S311 - spreads questions over time, hides nothing

    async def look_up(self) -> LookedUp:
        ends = asyncio.get_running_loop().time() + MOST_S
        done = LookedUp()
        try:
            while not done.is_done and done.asked < MOST_A_NIGHT and asyncio.get_running_loop().time() < ends:
                done = await self._go_on(done)
        except AlertsError as failure:
            await asyncio.to_thread(self._fail, failure)
            return replace(done, failure=failure)
        return done

    async def _go_on(self, done: LookedUp) -> LookedUp:
        """Look some records up, and write what was found together with how far the night has come."""
        state = await asyncio.to_thread(_state, self._service)
        after, is_first = _place(state, self._source)
        some = await asyncio.to_thread(_next, self._service, after)
        found, refused = await self._found([doi for _, doi in some], is_first=is_first)
        is_end = len({record for record, _ in some}) < TOGETHER
        place = {"after": 0 if is_end else some[-1][0], "was_through": is_end or not is_first}
        await asyncio.to_thread(self._write, state, found, json.dumps(place))
        return LookedUp(done.asked + len(some), done.notices + len(found), is_end, done.refused + refused)

    async def _found(self, dois: Sequence[str], *, is_first: bool) -> tuple[list[Entry], int]:
        """Return the statements about these DOIs that are new, as entries, and how many DOIs were refused.

        A notice that is no record yet becomes one, once; of every other the publication itself tells, so that what was
        told already is known by both.
        When all records are looked up for the first time, corrections that are old news are taken down without a word:
        readers would else get those of two years in one issue. Retractions and concerns are told however old.
        """
        base = self._source.address
        works, refused = await self._crossref.works(base, dois, UPDATED)
        stated = [
            _Statement(work, each.kind, each.other.value)
            for work in works
            for each in work.relations
            if each.kind in _ACTIVE and each.other.scheme == "doi"
        ]
        fresh, known = await asyncio.to_thread(_unsaid, self._service, stated)
        wanted = [
            each for each in dict.fromkeys(each.notice for each in fresh)
            if each not in known and each not in dois
        ]  # fmt: skip
        notices, also_refused = await self._crossref.works(base, wanted, SELECTED)
        new = {each.identifier("doi"): each for each in notices}
        quietly = {
            each.notice for each in fresh
            if is_first and each.kind == "corrected by" and self._is_old(new.get(each.notice))
        }  # fmt: skip
        entries = []
        for each in fresh:
            notice = new.pop(each.notice, None) if each.notice not in quietly else None
            entries.append(each.by(notice) if notice else each.said(quietly=quietly))
        return entries, len(refused) + len(also_refused)

    def _is_old(self, notice: Entry | None) -> bool:
        published = notice.published if notice is not None else None
        earliest = self._service.clock() - timedelta(days=self._source.first_run_days)
        return published is not None and published < earliest

    def _write(self, state: SourceState, entries: Sequence[Entry], memory: str) -> None:
        parsed = Parsed("json", "", "", tuple(entries), may_be_empty=True)
        answer = Answer(Response(self._source.address), parsed, memory)
        settle(self._service, self._source, state, answer, parsed, self._rng)

    def _fail(self, failure: AlertsError) -> None:
        failed = pace.after_failure(self._source, _state(self._service), failure, self._service.clock(), self._rng)
        self._service.store.replay(partial(sources.save_state, new=failed))


def _place(state: SourceState, source: Source) -> tuple[int, bool]:
    """Return the record after which to go on, and whether all records have never had their turn yet."""
    told = remembered(state.memory if state.asked == source.asks else "")
    after = told.get("after")
    is_first = told.get("was_through") is not True
    return (after if isinstance(after, int) and 0 <= after < 2**62 else 0), is_first
