"""When to ask a source again, and what to remember of how it answered. Pure functions; time and chance are arguments.

A source is asked every `every_s` (an hour unless the librarian says otherwise). What the publisher says of freshness
(`Cache-Control`, `<ttl>`, `skipHours`) lengthens that, up to a day, and never shortens it. A failing source is asked
ever less often (the interval doubles, up to a day, with jitter so that a publisher's recovery is not met by a stampede)
but for ever: nothing is silently switched off (SAFETY 24, 25).

Every `after_…` returns the whole new state; the caller writes it in the poll's own transaction. Validators enter the
state in `after_success` only, that is, with a complete and parsed body (SAFETY 16).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from alerts.errors import AlertsError
from alerts.fetch.failures import FetchFailure, SourceGone
from alerts.fetch.headers import LONGEST_WAIT_S
from alerts.model.sources import Response, Source, SourceState

DAY_S = 86_400.0
JITTER = 0.1
"""A failing source's interval is stretched or shrunk by up to this share."""
DRIFT = 0.02
MOVED_TIMES = 3
"""After so many identical permanent redirects the new address is proposed to the librarian."""


def body_hash(body: bytes) -> str:
    """Return the name of a body: a source that answers with the same bytes need not be parsed again."""
    return hashlib.sha256(body).hexdigest()


def is_due(source: Source, state: SourceState, now: datetime) -> bool:
    """Tell whether `source` is to be asked now."""
    return source.enabled and (state.next_due_at is None or state.next_due_at <= now)


def is_unchanged(state: SourceState, response: Response) -> bool:
    """Tell whether `response` brings nothing to parse: not modified, or the very bytes of the last parsed body."""
    return response.not_modified or (bool(state.body_hash) and body_hash(response.body) == state.body_hash)


def after_success(
    source: Source,
    state: SourceState,
    response: Response,
    now: datetime,
    rng: Random,
    *,
    entry_count: int | None = None,
    changed: bool = True,
    degraded: str = "",
    ttl_s: float | None = None,
    skip_hours: Collection[int] = (),
) -> SourceState:
    """Return the state after a complete body was read and parsed into `entry_count` entries.

    `changed` says whether any entry was new or different. No entries where there were some is a degradation of its own,
    and the old count is kept, so that it stays one until entries come again.
    """
    if entry_count == 0 and state.entry_count and not degraded:
        degraded = f"It lists nothing now; the last time it listed {state.entry_count} items."
    return replace(
        _answered(source, state, response, now),
        etag=response.etag,
        last_modified=response.last_modified,
        body_hash=body_hash(response.body),
        address=source.address,
        first_success_at=state.first_success_at or (now if entry_count else None),
        last_change_at=now if changed else state.last_change_at,
        entry_count=entry_count or state.entry_count,
        degraded=degraded,
        next_due_at=next_due(source, state, response, now, rng, ttl_s=ttl_s, skip_hours=skip_hours),
    )


def after_not_modified(
    source: Source, state: SourceState, response: Response, now: datetime, rng: Random
) -> SourceState:
    """Return the state after "not modified", or after the same bytes as last time.

    Validators change only with a body (the same bytes under a new ETag): a 304 must never replace them.
    """
    known = _answered(source, state, response, now)
    if not response.not_modified:
        known = replace(known, etag=response.etag, last_modified=response.last_modified, address=source.address)
    return replace(known, next_due_at=next_due(source, state, response, now, rng))


def after_failure(source: Source, state: SourceState, failure: AlertsError, now: datetime, rng: Random) -> SourceState:
    """Return the state after a failure; everything learnt from earlier successes stays.

    A failure that is none of the source's own (its host is resting, this machine is in trouble) only moves the next
    poll.
    """
    due = next_due(source, state, failure, now, rng)
    if isinstance(failure, FetchFailure) and not failure.counts:
        return replace(state, source_id=source.id, next_due_at=due)
    alike = state.failing_alike_since if state.failure_code == failure.code else None
    return replace(
        state,
        source_id=source.id,
        last_attempt_at=now,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        failure_code=failure.code,
        failure_message=failure.sentence,
        failure_cause=failure.cause if isinstance(failure, FetchFailure) else "",
        failure_remedy=failure.remedy,
        failing_alike_since=alike or now,
        next_due_at=due,
    )


def next_due(
    source: Source,
    state: SourceState,
    outcome: Response | AlertsError,
    now: datetime,
    rng: Random,
    *,
    ttl_s: float | None = None,
    skip_hours: Collection[int] = (),
) -> datetime:
    """Return when `source` is asked next, after `outcome`; `state` is the one before it.

    A healthy source: its own interval, lengthened by what the publisher asks, up to a day, and by up to 2% of chance,
    so that sources drift apart. A failing one: see `back_off_s`. `skip_hours` are hours of the day in GMT (RSS 2.0) in
    which the publisher does not want to be asked.
    """
    if isinstance(outcome, Response):
        asked = (ttl_s, outcome.max_age_s, outcome.retry_after_s)
        wanted = min(max(each or 0.0 for each in asked), DAY_S)
        wait = max(float(source.every_s), wanted) * rng.uniform(1, 1 + DRIFT)
    elif isinstance(outcome, FetchFailure) and not outcome.counts:
        wait = outcome.retry_after_s if outcome.retry_after_s is not None else float(source.every_s)
    else:
        wait = back_off_s(source, state.failures + 1, outcome, rng)
    return _outside(now + timedelta(seconds=wait), skip_hours)


def back_off_s(source: Source, failures: int, failure: AlertsError, rng: Random) -> float:
    """Return the seconds until a failing source is asked again, after `failures` failures in a row (1 or more).

    Doubling, jittered, at most a day (or the source's own interval if that is longer); a source that is gone is asked
    daily; Retry-After is a floor.
    """
    longest = max(DAY_S, float(source.every_s))
    doubled = longest if isinstance(failure, SourceGone) else source.every_s * 2.0 ** min(failures, 20)
    wait = min(doubled * rng.uniform(1 - JITTER, 1 + JITTER), longest)
    asked = failure.retry_after_s if isinstance(failure, FetchFailure) else None
    return max(wait, min(asked or 0.0, LONGEST_WAIT_S))


def proposed_address(state: SourceState) -> str:
    """Return the address to propose to the librarian: named for good, three times in a row; else an empty string."""
    return state.moved_to if state.moved_times >= MOVED_TIMES else ""


def _answered(source: Source, state: SourceState, response: Response, now: datetime) -> SourceState:
    moved = response.permanent_address
    return replace(
        state,
        source_id=source.id,
        last_attempt_at=now,
        last_success_at=now,
        failures=0,
        failing_since=None,
        failure_code="",
        failure_message="",
        failure_cause="",
        failure_remedy="",
        failing_alike_since=None,
        moved_to=moved,
        moved_times=(state.moved_times + 1 if moved == state.moved_to else 1) if moved else 0,
    )


def _outside(due: datetime, skip_hours: Collection[int]) -> datetime:
    """Move `due` to the beginning of the first hour that the publisher allows; all 24 skipped means nothing."""
    skipped = {hour % 24 for hour in skip_hours}
    if len(skipped) >= 24:
        return due
    moment = due.astimezone(UTC)
    while moment.hour in skipped:
        moment = (moment + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return moment
