"""collect = fetch, parse, identify, store, match: one transaction per source, and one bad source costs only itself.

Everything is fetched, parsed, decided and matched outside any lock; then one short transaction writes entries, records,
matches, validators and state. That transaction reads again what the decisions relied on; when it has changed meanwhile
(`Stale`), the source is decided again with what is known now.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal, TypeVar

from alerts.errors import AlertsError, Problem
from alerts.fetch import pace
from alerts.fetch.kinds import Answer
from alerts.identify import Wanted, decide, looks_up
from alerts.model.decisions import Decision, Poll
from alerts.model.sources import Source, SourceState
from alerts.parse import Parsed
from alerts.pipeline.collecting import health, looking_up
from alerts.pipeline.collecting.tools import Tools, open_tools
from alerts.pipeline.logs import log
from alerts.pipeline.matching import match_decisions
from alerts.pipeline.service import Service, stage
from alerts.store import Connection, Stale, polls, sources

T = TypeVar("T")

STALE_TRIES = 8
TOGETHER = 200
"""So many sources that had nothing new are written in one transaction (SAFETY 15) …"""
TOGETHER_S = 1.0
"""… or as many as there are when so many seconds have gone by."""

PollOutcome = Literal["changed", "unchanged", "failed", "degraded"]


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What polling one source came to.

    `message` and `remedy` are for the librarian when it failed or is degraded, `cause` for the technician.
    """

    source_id: str
    title: str
    outcome: PollOutcome
    entries: int = 0
    new_records: int = 0
    matches: int = 0
    backlog: int = 0
    held: int = 0
    code: str = ""
    message: str = ""
    remedy: str = ""
    cause: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What one run of `collect` came to."""

    started_at: datetime
    finished_at: datetime
    sources: tuple[SourceReport, ...] = ()
    not_due: int = 0

    def total(self, what: Literal["entries", "new_records", "matches", "backlog", "held"]) -> int:
        """Return the sum of one figure over all sources."""
        return sum(int(getattr(each, what)) for each in self.sources)

    def of(self, outcome: PollOutcome) -> tuple[SourceReport, ...]:
        """Return the sources that came to `outcome`."""
        return tuple(each for each in self.sources if each.outcome == outcome)


Progress = Callable[[SourceReport, int, int], None]
"""Called after each source with its report, how many are done and how many there are."""


@dataclass(slots=True)
class _Collecting:
    """One run: the service, the tools it shares, and one thread that the store's work is done in.

    `unchanged` are the states of sources that had nothing new and are to be written together: a source whose state is
    lost with the process is merely asked again.
    """

    service: Service
    tools: Tools
    states: dict[str, SourceState]
    writer: ThreadPoolExecutor
    tell: Callable[[SourceReport], None]
    rng: random.Random = field(default_factory=random.Random)
    unchanged: list[tuple[Source, SourceState]] = field(default_factory=list)

    async def in_store(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.writer, work)

    async def settle_unchanged(self) -> None:
        """Write the states of the sources that had nothing new so far, and tell of them."""
        ready, self.unchanged = self.unchanged, []
        if not ready:
            return
        write = partial(sources.save_states, new=[state for _, state in ready])
        await self.in_store(lambda: self.service.store.replay(write))
        for source, _ in ready:
            self.tell(SourceReport(source.id, source.title, "unchanged"))

    async def settle_now_and_then(self, over: asyncio.Event) -> None:
        """Let no source wait long for others that have nothing new either; settle the last ones when all is over."""
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), TOGETHER_S)
            await self.settle_unchanged()


async def collect(
    service: Service,
    *,
    only: Collection[str] = (),
    force: bool = False,
    progress: Progress | None = None,
    tools: Tools | None = None,
) -> CollectReport:
    """Poll the sources that are due (or those of `only`, or all with `force`), and return what came of each.

    `tools` are those of the running service; without them a set is opened for this run alone.
    """
    started = service.clock()
    with stage(service, "collect"):
        with service.store.read() as conn:
            states = sources.states(conn)
        wanted = [
            each
            for each in service.catalogue.sources.values()
            if each.is_followed(started) and (not only or each.id in only)
        ]
        due = [
            each
            for each in wanted
            if force or only or pace.is_due(each, states.get(each.id) or SourceState(each.id), started)
        ]
        reports: list[SourceReport] = []
        if due and tools is not None:
            reports = await _poll_and_look_up(service, tools, due, states, progress)
        elif due:
            async with open_tools(service.settings, service.catalogue) as own:
                reports = await _poll_and_look_up(service, own, due, states, progress)
        if reports:
            await asyncio.to_thread(health.settle, service, {each.source_id for each in reports})
    return CollectReport(started, service.clock(), tuple(reports), len(wanted) - len(due))


async def _poll_and_look_up(
    service: Service, tools: Tools, due: list[Source], states: dict[str, SourceState], progress: Progress | None
) -> list[SourceReport]:
    reports = await _poll_all(service, tools, due, states, progress)
    await looking_up.look_up(service, tools, {each.source_id for each in reports if each.outcome != "failed"})
    return reports


async def _poll_all(
    service: Service, tools: Tools, due: list[Source], states: dict[str, SourceState], progress: Progress | None
) -> list[SourceReport]:
    reports: list[SourceReport] = []

    def tell(report: SourceReport) -> None:
        reports.append(report)
        if progress is not None:
            progress(report, len(reports), len(due))

    tools.recall(states.values(), service.clock())
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as writer:
        run = _Collecting(service, tools, states, writer, tell)

        async def one(source: Source) -> None:
            async with tools.fetcher.slot():
                report = await _poll(run, source)
            if report is not None:
                tell(report)
            elif len(run.unchanged) >= TOGETHER:
                await run.settle_unchanged()

        over = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(run.settle_now_and_then(over))
                await asyncio.wait([tasks.create_task(one(source)) for source in due])
                over.set()
        except ExceptionGroup as failures:  # of the store: nothing can be written, whatever the sources answer
            raise failures.exceptions[0] from None
    return reports


async def _poll(run: _Collecting, source: Source) -> SourceReport | None:
    """Poll one source; whatever goes wrong is this source's failure, said in its report and kept in its state.

    Returns None for a source that has nothing new: it is written and told of together with others.
    """
    state = run.states.get(source.id) or SourceState(source.id)
    try:
        answer = await run.tools.read(source, state)
        if answer.parsed is None:
            now = run.service.clock()
            kept = pace.after_not_modified(source, state, answer.response, now, run.rng)
            run.unchanged.append((source, _remembering(kept, answer)))
            return None
        return await run.in_store(partial(settle, run.service, source, state, answer, answer.parsed, run.rng))
    except AlertsError as failure:
        return await _failed(run, source, state, failure)
    except Exception as error:  # noqa: BLE001 - any surprise is this source's failure, never the run's
        log.exception("source failed unexpectedly", source=source.id)
        surprise = AlertsError(f"{source.title}: {type(error).__name__}: {error}", remedy="Report it to the project.")
        return await _failed(run, source, state, surprise)


def _remembering(state: SourceState, answer: Answer) -> SourceState:
    return state if answer.memory is None else state._replace(memory=answer.memory)


async def _failed(run: _Collecting, source: Source, state: SourceState, failure: AlertsError) -> SourceReport:
    now = run.service.clock()
    kept = pace.after_failure(source, state, failure, now, run.rng)
    await run.in_store(lambda: run.service.store.replay(lambda conn: sources.save_state(conn, kept)))
    log.info("source failed", source=source.id, code=failure.code, message=failure.sentence, failures=kept.failures)
    return SourceReport(
        source.id,
        source.title,
        "failed",
        code=failure.code,
        message=failure.sentence,
        remedy=failure.remedy,
        cause=kept.failure_cause,
    )


def settle(
    service: Service,
    source: Source,
    state: SourceState,
    answer: Answer,
    parsed: Parsed,
    rng: random.Random,
) -> SourceReport:
    """Decide and write one body, again from the start when what the decisions relied on has changed meanwhile."""
    now = service.clock()
    first_run = state.first_success_at is None
    wanted = looks_up(parsed.entries)
    kept = pace.after_success(
        source,
        state,
        answer.response,
        now,
        rng,
        entry_count=len(parsed.entries),
        ttl_s=parsed.ttl_s,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        may_be_empty=parsed.may_be_empty,
    )
    kept = health.judged(_remembering(kept, answer), parsed, state)
    for _ in range(STALE_TRIES):
        poll = _decided(service, source, parsed, kept, wanted, first_run)
        try:
            written = service.store.replay(partial(_write, poll=poll, wanted=wanted, first_run=first_run))
        except Stale:
            continue
        return SourceReport(
            source.id,
            source.title,
            "degraded" if kept.degraded else "changed",
            entries=len(parsed.entries),
            new_records=written.new_records,
            matches=written.matches,
            backlog=sum(each.backlog for each in poll.decisions),
            held=_news(poll.decisions) if poll.held else 0,
            message=kept.degraded,
            problems=parsed.problems,
        )
    raise Stale(f"{source.title}: other processes kept changing the same records; it is tried again at the next poll.")


def _decided(
    service: Service, source: Source, parsed: Parsed, kept: SourceState, wanted: Wanted, first_run: bool
) -> Poll:
    """Read what is known now, decide about every entry, and ask the profiles; nothing is written yet."""
    now = service.clock()
    with service.store.read() as conn:
        known = sources.known(conn, source.id, wanted)
    rules = service.catalogue.type_rules
    decisions = decide(
        parsed.entries, source=source, known=known, first_run=first_run, now=now, rules=rules, past=parsed.past
    )
    found = match_decisions(service.searches, source, decisions, known)
    return Poll(
        source.id,
        now,
        health.noted(kept, decisions, known, now, first_run=first_run),
        known,
        decisions,
        tuple(found.matches),
        tuple(found.unmatched),
        held=_news(decisions) > source.flood,
        profiles=service.profile_revisions,
    )


def _write(conn: Connection, poll: Poll, wanted: Wanted, first_run: bool) -> polls.PollWritten:
    written = polls.write(conn, poll, wanted)
    health.remember(conn, poll, first_run=first_run)
    return written


def _news(decisions: Iterable[Decision]) -> int:
    """Return how many decisions make news, new or updated, that is not backlog."""
    return sum(each.event in ("new", "updated") and not each.backlog for each in decisions)
