"""How every source is now: what `alerts sources` shows, worst first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from alerts.fetch import health as judge
from alerts.fetch.health import Finding, Held
from alerts.fetch.rhythm import Rhythm
from alerts.model.sources import HealthKind, Source, SourceState
from alerts.pipeline.service import NoSuchSource, Service
from alerts.store import Connection, sources
from alerts.store import health as rows
from alerts.store.health import HealthEvent

RECENT = timedelta(days=90)
_WORDS = ("gone", "failing", "held", "moved", "degraded", "quiet", "never tried", "works", "ended", "switched off")
"""A source's state in words, worst first."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source: its state in words, what is the matter with it, and what became of it of late."""

    source: Source
    state: SourceState
    word: str
    troubles: tuple[Finding, ...]
    held: int
    rhythm: Rhythm | None
    recent: tuple[HealthEvent, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All sources, worst first; `network` is set while most of them cannot be reached at all."""

    sources: tuple[SourceRow, ...]
    network: Finding | None

    def count(self, word: str) -> int:
        """Return how many sources are in this state."""
        return sum(each.word == word for each in self.sources)


def overview(service: Service, only: Collection[str] = ()) -> Overview:
    """Return how the sources are (those of `only`, by id). Raises `NoSuchSource` for an id that nobody knows."""
    now = service.clock()
    with service.store.read() as conn:
        states = sources.states(conn)
        held = held_now(conn)
        there = {id: each for id, each in service.sources.items() if id in {*service.catalogue.sources, *states, *only}}
        everything = {**{each: Source(each, "", "", enabled=False) for each in held}, **there}
        unknown = [each for each in only if each not in everything]
        if unknown:
            raise NoSuchSource(f"There is no source “{unknown[0]}”.", remedy=nearest_source(unknown[0], everything))
        wanted = [everything[each] for each in dict.fromkeys(only)] or list(everything.values())
        days = rows.arrivals(conn, [each.id for each in wanted])
        open_now = {(each.source_id, each.kind): each for each in rows.open_events(conn)}
        recent = {each.id: rows.history(conn, each.id, since=now - RECENT) for each in wanted} if only else {}
    found = [
        _row(
            each, states.get(each.id), held.get(each.id), days.get(each.id, ()), open_now, recent.get(each.id, ()), now
        )
        for each in wanted
    ]
    followed = [
        (each, states[each.id])
        for each in service.sources.values()
        if each.enabled and not each.has_ended(now) and each.id in states
    ]
    found.sort(key=lambda row: (_WORDS.index(row.word), row.source.id))
    return Overview(tuple(found), judge.network(followed, now))


def held_now(conn: Connection) -> dict[str, Held]:
    """Return what is held of each source: since when, and how many items."""
    waits: dict[str, Held] = {}
    for batch in sources.held(conn):
        before = waits.get(batch.source_id, Held(batch.held_at, 0))
        waits[batch.source_id] = Held(before.since, before.items + batch.records)
    return waits


def _row(
    source: Source,
    state: SourceState | None,
    held: Held | None,
    days: tuple[date, ...],
    open_now: Mapping[tuple[str, HealthKind], HealthEvent],
    recent: tuple[HealthEvent, ...],
    now: datetime,
) -> SourceRow:
    known = state or SourceState(source.id)
    is_over = not source.enabled or source.has_ended(now)
    found = () if is_over else judge.findings(source, known, now, held=held, arrivals=days)
    if is_over and held is not None:
        found = tuple(each for each in judge.findings(source, SourceState(source.id), now, held=held))
    began = {each.kind: open_now[source.id, each.kind].began_at for each in found if (source.id, each.kind) in open_now}
    troubles = tuple(replace(each, since=began.get(each.kind, each.since)) for each in found)
    return SourceRow(
        source, known, _word(source, state, troubles, now), troubles, held.items if held else 0,
        judge.usual(source, days), recent,
    )  # fmt: skip


def _word(source: Source, state: SourceState | None, troubles: Iterable[Finding], now: datetime) -> str:
    kinds = {"held" if each.kind == "flood" else each.kind for each in troubles}
    worst = next((word for word in _WORDS if word in kinds), "")
    if worst:
        return worst
    if not source.enabled:
        return "switched off"
    if source.has_ended(now):
        return "ended"
    return "never tried" if state is None or state.last_attempt_at is None else "works"


def nearest_source(name: str, known: Iterable[str]) -> str:
    """Return what to say to somebody who named a source that there is none of."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f"Did you mean “{near[0]}”?" if near else "“alerts sources” lists all of them."
