"""When to ask a source again, and what to remember of how it answered. Pure functions; time and chance are arguments.

A source is asked every `every_s` (an hour unless the librarian says otherwise). What the publisher says of freshness
(`Cache-Control`, `<ttl>`, `skipHours`, `skipDays`) lengthens that, up to a day, and never shortens it; what the feed
itself says is remembered, so that it holds after a "not modified" too. A failing source is asked ever less often (the
interval doubles, up to a day, with jitter so that a publisher's recovery is not met by a stampede) but for ever:
nothing is silently switched off (SAFETY 24, 25).

Every `after_…` returns the whole new state; the caller writes it in the poll's own transaction. Validators enter the
state in `after_success` only, that is, with a complete and parsed body (SAFETY 16). A source whose address was edited
begins anew: it is due at once, and what its old address did is not held against it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random

from alerts.errors import AlertsError
from alerts.fetch.failures import FetchFailure, ParseFailure, SourceGone
from alerts.fetch.headers import LONGEST_WAIT_S
from alerts.model.sources import Response, Source, SourceState

DAY_S = 86_400.0
JITTER = 0.1
"""A failing source's interval is stretched or shrunk by up to this share."""
DRIFT = 0.02
MOVED_TIMES = 3
"""After so many identical permanent redirects the new address is proposed to the librarian."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def body_hash(body: bytes) -> str:
    """Return the name of a body: a source that answers with the same bytes need not be parsed again."""
    return hashlib.sha256(body).hexdigest()


def is_due(source: Source, state: SourceState, now: datetime) -> bool:
    """Tell whether `source` is to be asked now."""
    ahead = state.last_attempt_at is not None and state.last_attempt_at > now + timedelta(days=1)
    return source.is_followed(now) and (
        state.next_due_at is None
        or state.next_due_at <= now
        or state.asked not in ("", source.asks)
        or ahead  # asked by a clock that had run ahead and was put right since
    )


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
    ttl_s: float | None = None,
    skip_hours: Collection[int] = (),
    skip_days: Collection[str] = (),
    may_be_empty: bool = False,
) -> SourceState:
    """Return the state after a complete body was read and parsed into `entry_count` entries.

    Where there are no entries the old count is kept, so that a source that suddenly lists nothing stays noticeable
    until entries come again; where there may be none (`may_be_empty`), that was a success like any other. `ttl_s`,
    `skip_hours` (in GMT, RSS 2.0) and `skip_days` are what the feed asks for.
    """
    kept = _answered(source, state, response, now)._replace(
        etag=response.etag,
        last_modified=response.last_modified,
        body_hash=body_hash(response.body),
        address=source.asks,
        answered_by=response.address,
        first_success_at=state.first_success_at or (now if entry_count or may_be_empty else None),
        entry_count=entry_count or state.entry_count,
        ttl_s=round(min(ttl_s or 0.0, DAY_S)),
        skip_hours=" ".join(str(hour) for hour in sorted({hour % 24 for hour in skip_hours})),
        skip_days=" ".join(day for day in _DAYS if day in skip_days),
        crash_body="",
        crash_times=0,
    )
    return kept._replace(next_due_at=next_due(source, kept, response, now, rng))


def after_not_modified(
    source: Source, state: SourceState, response: Response, now: datetime, rng: Random
) -> SourceState:
    """Return the state after "not modified", or after the same bytes as last time.

    Validators change only with a body (the same bytes under a new ETag): a 304 must never replace them.
    """
    kept = _answered(source, state, response, now)
    if not response.not_modified:
        kept = kept._replace(
            etag=response.etag,
            last_modified=response.last_modified,
            address=source.asks,
            answered_by=response.address,
        )
    return kept._replace(next_due_at=next_due(source, kept, response, now, rng))


def after_failure(source: Source, state: SourceState, failure: AlertsError, now: datetime, rng: Random) -> SourceState:
    """Return the state after a failure; everything learnt from earlier successes stays.

    A failure that is none of the source's own (its host is resting, this machine is in trouble) only moves the next
    poll.
    """
    kept = _begun_anew(source, state)
    if isinstance(failure, FetchFailure):
        kept = _with_rest(kept, failure, now)
        kept = kept._replace(via=" ".join(failure.via) or kept.via)
        if not failure.counts:
            return kept._replace(next_due_at=next_due(source, kept, failure, now, rng))
    if isinstance(failure, ParseFailure) and failure.body:
        kept = kept._replace(crash_body=failure.body, crash_times=failure.times)
    alike = kept.failing_alike_since if kept.failure_code == failure.code else None
    kept = kept._replace(
        last_attempt_at=now,
        failures=kept.failures + 1,
        failing_since=kept.failing_since or now,
        failure_code=failure.code,
        failure_message=failure.sentence,
        failure_cause=failure.cause,
        failure_remedy=failure.remedy,
        failing_alike_since=alike or now,
    )
    return kept._replace(next_due_at=next_due(source, kept, failure, now, rng))


def next_due(
    source: Source, state: SourceState, outcome: Response | AlertsError, now: datetime, rng: Random
) -> datetime:
    """Return when `source` is asked next, after `outcome`; `state` has already taken it in.

    A healthy source: its own interval, lengthened by what the publisher asks, up to a day, and by up to 2% of chance,
    so that sources drift apart. A failing one: see `back_off_s`. Hours and days in which the publisher does not want to
    be asked are waited out, as long as that is no longer than a day: nothing that a feed says hides it for a week.
    """
    if isinstance(outcome, Response):
        asked = (state.ttl_s, outcome.max_age_s, outcome.retry_after_s)
        wanted = min(max(each or 0.0 for each in asked), DAY_S)
        wait = max(float(source.every_s), wanted) * rng.uniform(1, 1 + DRIFT)
    elif isinstance(outcome, FetchFailure) and not outcome.counts:
        wait = outcome.retry_after_s if outcome.retry_after_s is not None else float(source.every_s)
    else:
        wait = back_off_s(source, state.failures, outcome, rng)
    return _outside(now + timedelta(seconds=wait), now + timedelta(seconds=DAY_S), state)


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
    known = _begun_anew(source, state)
    moved = response.permanent_address
    return known._replace(
        last_attempt_at=now,
        last_success_at=now,
        failures=0,
        failing_since=None,
        failure_code="",
        failure_message="",
        failure_cause="",
        failure_remedy="",
        failing_alike_since=None,
        via=" ".join(response.via),
        moved_to=moved,
        moved_times=(known.moved_times + 1 if moved == known.moved_to else 1) if moved else 0,
    )


def _begun_anew(source: Source, state: SourceState) -> SourceState:
    """Return the state for another attempt, without what an address did that has been edited since."""
    if (state.asked, state.source_id) == (source.asks, source.id):
        return state
    if state.asked in ("", source.asks):
        return state._replace(source_id=source.id, asked=source.asks)
    return state._replace(
        source_id=source.id,
        asked=source.asks,
        failures=0,
        failing_since=None,
        failing_alike_since=None,
        moved_to="",
        moved_times=0,
    )


def _with_rest(state: SourceState, failure: FetchFailure, now: datetime) -> SourceState:
    """Return the state with the rest that the answer itself asked for, if it did."""
    if not failure.resting_host or failure.retry_after_s is None:
        return state
    return state._replace(resting_host=failure.resting_host, rests_until=now + timedelta(seconds=failure.retry_after_s))


def _outside(due: datetime, latest: datetime, state: SourceState) -> datetime:
    """Move `due` to the beginning of the first hour that the publisher allows, but not beyond `latest`.

    A feed that names all hours, or all days, has said nothing.
    """
    hours, days = {int(hour) for hour in state.skip_hours.split()}, set(state.skip_days.split())
    hours, days = hours if len(hours) < 24 else set(), days if len(days) < 7 else set()
    moment = due.astimezone(UTC)
    while moment < latest and (moment.hour in hours or _DAYS[moment.weekday()] in days):
        moment = (moment + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return min(moment, max(due, latest))
