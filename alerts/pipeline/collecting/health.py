"""Health of the sources: what each poll leaves for it, and what has begun and ended, told once.

`noted` and `remember` belong to a poll. `settle` comes at the end of a run: it works out what is the matter with every
source now (`alerts.fetch.health`, pure), compares that with the troubles that are open, and writes the difference, the
mail about it and the mark that the owner was told in *one* transaction. A process that dies before it loses nothing,
since the next run finds the same; one that dies after it repeats nothing; of two that settle at once, one marks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.errors import AlertsError
from alerts.fetch import health as judge
from alerts.fetch import rhythm
from alerts.fetch.health import Finding
from alerts.model.decisions import Decision, Known, Poll
from alerts.model.sources import HealthKind, Source, SourceState
from alerts.parse import Parsed
from alerts.pipeline.collecting.overview import held_now
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service
from alerts.pipeline.staff_mail import Change, write_to_owners
from alerts.store import Connection, sources
from alerts.store import health as rows
from alerts.store.health import HealthEvent

NETWORK = ""
"""The network stands where a source's id stands."""
_CALM = timedelta(days=3)
"""What begins again so soon after it ended is told only when it has lasted a day: no mail about every flicker."""
_LASTING = timedelta(days=1)

Key = tuple[str, HealthKind]


def judged(kept: SourceState, parsed: Parsed, before: SourceState) -> SourceState:
    """Return the state to be kept with what is not as it should be in a body that was read; empty when all is.

    When something last changed is left as it was before: `noted` knows, once the entries are decided.
    """
    kept = kept._replace(last_change_at=before.last_change_at)
    if not parsed.entries and before.entry_count and not parsed.may_be_empty:
        return kept._replace(
            degraded=f"It lists nothing now; the last time it listed {before.entry_count} items.",
            degraded_code="P008",
            degraded_remedy="Look at the publisher's page; if the source lives on elsewhere, change its address.",
        )
    worst = next((each for each in parsed.problems if each.severity != "note"), None)
    if worst is None:
        return kept._replace(degraded="", degraded_code="", degraded_remedy="")
    return kept._replace(degraded=worst.message, degraded_code=worst.code, degraded_remedy=worst.remedy)


def noted(
    state: SourceState, decisions: Iterable[Decision], known: Known, now: datetime, *, first_run: bool
) -> SourceState:
    """Return the state with when something last changed, and when something new last came, as the decisions tell it."""
    decided = tuple(decisions)
    changed = any(each.outcome != "same" for each in decided)
    fresh = _fresh(state.source_id, decided, known)
    dates = [each.entry.published for each in fresh if each.entry.published and each.entry.published <= now]
    came = (max(dates, default=now) if first_run else now) if fresh else state.last_new_at
    return state._replace(last_change_at=now if changed else state.last_change_at, last_new_at=came)


def remember(conn: Connection, poll: Poll, *, first_run: bool) -> None:
    """Keep the day on which something new came, in the poll's own transaction; of a first run, what its dates say."""
    fresh = _fresh(poll.source_id, poll.decisions, poll.known)
    if not fresh:
        return
    today = poll.at.astimezone(UTC).date()
    published = [each.entry.published.astimezone(UTC).date() for each in fresh if each.entry.published is not None]
    days = rhythm.seeds(published, today) if first_run else frozenset()
    rows.arrived(conn, poll.source_id, days or {today})


def _fresh(source_id: str, decisions: Iterable[Decision], known: Known) -> list[Decision]:
    """Return the decisions about publications that this source had not given before, whatever it calls them now."""
    return [each for each in decisions if source_id not in known.sources_of.get(each.record, frozenset())]


@dataclass(frozen=True, slots=True)
class _Now:
    """What the store knows at the end of a run: of the sources that are followed, and of all open troubles."""

    states: Mapping[str, SourceState]
    open: Mapping[Key, HealthEvent]
    found: Mapping[Key, Finding]
    arrivals_asked: frozenset[str]


def settle(service: Service, polled: Collection[str]) -> None:
    """Write what began and what ended with the sources, and tell it: once in the log, once to the owners.

    Silence is asked about only of the `polled`; everything else about all sources, from what is remembered. That this
    cannot be done is logged and costs only itself: nothing of it is written then, and the next run finds the same.
    """
    try:
        _settle(service, polled)
    except AlertsError as failure:
        log.error("health not told", code=failure.code, message=failure.sentence, remedy=failure.remedy)


def _settle(service: Service, polled: Collection[str]) -> None:
    now = service.clock()
    with service.store.read() as conn:
        there = _look(conn, service, polled, now)
    began = {key: each for key, each in there.found.items() if key not in there.open}
    ended = [
        key for key, each in there.open.items() if key not in there.found and not _goes_on(service, each, there, now)
    ]
    waiting = any(not each.began_reported for key, each in there.open.items() if key not in ended)
    if not (began or ended or waiting):
        return
    service.store.replay(lambda conn: _write(conn, service, there, began, ended, now))
    _tell_log(service, began, ended)


def _look(conn: Connection, service: Service, polled: Collection[str], now: datetime) -> _Now:
    followed = [each for each in service.sources.values() if each.enabled and not each.has_ended(now)]
    states = sources.states(conn)
    known = [(each, states[each.id]) for each in followed if each.id in states]
    waits = held_now(conn)
    open_now = {(each.source_id, each.kind): each for each in rows.open_events(conn)}
    asked = frozenset(
        source.id
        for source, state in known
        if source.id in polled and judge.may_be_quiet(source, state, now)
        if _is_to_be_asked(service, source, state, now)
    )
    days = rows.arrivals(conn, asked)
    found: dict[Key, Finding] = {}
    for source, state in known:
        arrivals = days.get(source.id, ()) if source.id in asked else None
        for each in judge.findings(source, state, now, held=waits.get(source.id), arrivals=arrivals):
            found[source.id, each.kind] = each
    everywhere = judge.network(known, now)
    if everywhere is not None:
        found[NETWORK, "network"] = everywhere
    return _Now({source.id: state for source, state in known}, open_now, found, asked)


def _is_to_be_asked(service: Service, source: Source, state: SourceState, now: datetime) -> bool:
    """Tell whether this process has not asked yet about this silence today: it is counted in days."""
    asked = (now.astimezone(UTC).date(), state.last_new_at, source.rhythm_days)
    before = service.silence_asked.get(source.id)
    service.silence_asked[source.id] = asked
    return before != asked


def _goes_on(service: Service, event: HealthEvent, there: _Now, now: datetime) -> bool:
    """Silence ends when something comes, and with nothing else: not while nobody asked, nor while the source fails."""
    state = there.states.get(event.source_id)
    if event.kind != "quiet" or state is None or event.source_id in there.arrivals_asked:
        return False
    return judge.is_silent(service.sources[event.source_id], state, now)


def _write(
    conn: Connection,
    service: Service,
    there: _Now,
    began: Mapping[Key, Finding],
    ended: Collection[Key],
    now: datetime,
) -> None:
    for (source_id, kind), each in began.items():
        rows.begin(
            conn, source_id, kind, min(each.since, now),
            code=each.code, message=each.message, cause=each.cause, remedy=each.remedy,
        )  # fmt: skip
    for source_id, kind in ended:
        rows.end(conn, source_id, kind, now)
    open_now = {(each.source_id, each.kind): each for each in rows.open_events(conn)}
    ripe = [each for key, each in open_now.items() if not each.began_reported and _is_ripe(conn, each, there, now)]
    over = [there.open[key] for key in ended if there.open[key].began_reported]
    mine = rows.told(conn, [each.id for each in ripe], ended=False)
    also_mine = rows.told(conn, [each.id for each in over], ended=True)
    changes = [Change(each, is_over=False) for each in ripe if each.id in mine]
    changes += [Change(replace(each, ended_at=now), is_over=True) for each in over if each.id in also_mine]
    followed = {NETWORK, *there.states}
    write_to_owners(conn, service, [each for each in changes if each.event.source_id in followed], now)


def _is_ripe(conn: Connection, event: HealthEvent, there: _Now, now: datetime) -> bool:
    """Tell whether the owner should hear of this now: it is certain, it is no flicker, and it is not the network's."""
    finding = there.found.get((event.source_id, event.kind))
    if finding is None:  # begun by another process, or no longer asked about
        return False
    if event.kind == "failing" and finding.code in judge.NETWORK_CODES:
        if (NETWORK, "network") in there.found:
            return False
        state = there.states[event.source_id]
        outages = rows.history(conn, NETWORK, since=event.began_at)
        restored = max((each.ended_at for each in outages if each.ended_at is not None), default=None)
        if restored is not None and state.last_attempt_at is not None and state.last_attempt_at <= restored:
            return False  # not asked since the network is back
    if not finding.is_certain:
        return False
    past = (each for each in rows.history(conn, event.source_id, since=event.began_at - _CALM) if each.id != event.id)
    flickers = any(each.kind == event.kind and each.began_reported for each in past)
    return not flickers or now - event.began_at >= _LASTING


def _tell_log(service: Service, began: Mapping[Key, Finding], ended: Iterable[Key]) -> None:
    for (source_id, kind), each in began.items():
        what = {"source": source_id} if source_id else {}
        log.warning(
            f"source {kind}" if source_id else "most sources cannot be reached", **what, code=each.code,
            message=each.message, cause=each.cause, remedy=each.remedy,
        )  # fmt: skip
    for source_id, kind in ended:
        if source_id:
            log.info("source works again" if kind == "failing" else f"source no longer {kind}", source=source_id)
        else:
            log.info("sources can be reached again")
