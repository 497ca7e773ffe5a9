"""What is the matter with a source, as its state and its history tell it: pure functions, time passed in.

A finding says what it is (`kind`), since when, and three things for three people: a sentence for the librarian, what
to do about it, and the technical cause for the administrator. Findings are worked out anew from what the store
remembers; the pipeline compares them with the troubles that are open, and so knows what has begun and what is over. A
crash between two of these steps loses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from alerts.fetch import rhythm
from alerts.fetch.pace import proposed_address
from alerts.model.sources import HealthKind, Source, SourceState

GONE_AFTER = timedelta(days=7)
NETWORK_CODES = frozenset({"F010", "F011", "F012", "F013", "F014", "F020", "F021", "F022"})
"""Failures on the way to a source: no such host, no connection, no trust, no proxy, blocked, no answer in time."""
PASSING_CODES = NETWORK_CODES - {"F012", "F014"} | {"F000", "F040", "F041", "F042", "F429", "F500", "F641"}
"""Failures that are often over at the next poll: nobody is written to before a second poll in a row has failed."""
_FEW_HOSTS = 3
"""Fewer hosts than this failing at once say nothing about the network."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble. `is_certain`: worth a mail now; otherwise it may be over at the next poll."""

    kind: HealthKind
    since: datetime
    message: str
    remedy: str = ""
    code: str = ""
    cause: str = ""
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """A batch that waits for the librarian: since when, and how many items."""

    since: datetime
    items: int


def findings(
    source: Source,
    state: SourceState,
    now: datetime,
    *,
    held: Held | None = None,
    arrivals: Sequence[date] | None = None,
) -> tuple[Finding, ...]:
    """Return what is the matter with `source`, worst first; nothing when all is well.

    `held` is what waits of it; `arrivals` are the days on which something new came, left out where silence is not asked
    about.
    """
    found = (
        _gone(source, state, now),
        _failing(state),
        _flood(source, held),
        _moved(source, state, now),
        _degraded(state, now),
        None if arrivals is None else quiet(source, state, arrivals, now),
    )
    return tuple(each for each in found if each is not None)


def _failing(state: SourceState) -> Finding | None:
    if state.failing_since is None:
        return None
    certain = state.failures > 1 or state.failure_code not in PASSING_CODES
    return Finding(
        "failing", state.failing_since, state.failure_message, state.failure_remedy, state.failure_code,
        state.failure_cause, certain,
    )  # fmt: skip


def _gone(source: Source, state: SourceState, now: datetime) -> Finding | None:
    since = state.failing_alike_since
    if state.failing_since is None or state.failure_code != "F410" or since is None or now - since < GONE_AFTER:
        return None
    return Finding(
        "gone",
        now,
        f"For {(now - since).days} days the publisher has said that this source no longer exists.",
        f"Look for where it is published now and change its address in {_place(source)}, or set enabled: false.",
        "F410",
        state.failure_cause,
    )


def _flood(source: Source, held: Held | None) -> Finding | None:
    if held is None:
        return None
    return Finding(
        "flood",
        held.since,
        f"It gave {held.items:,} new items at once. They are stored, and held back from the bulletins.",
        f"Look at them, then “alerts source release {source.id}” or “alerts source discard {source.id}”.",
    )


def _moved(source: Source, state: SourceState, now: datetime) -> Finding | None:
    proposed = proposed_address(state)
    if not proposed or proposed == source.address:
        return None
    return Finding(
        "moved",
        now,
        "Its address sends on, for good, to another one. It is still read from there.",
        f"Look at {proposed} and, if it is right, put it into {_place(source)}.",
    )


def _degraded(state: SourceState, now: datetime) -> Finding | None:
    if not state.degraded:
        return None
    since = state.last_success_at or now
    return Finding("degraded", since, state.degraded, state.degraded_remedy, state.degraded_code)


def usual(source: Source, arrivals: Sequence[date]) -> rhythm.Rhythm | None:
    """Return the rhythm of a source: what the librarian set, else what was learnt, else `None`."""
    return rhythm.expected(source.rhythm_days) if source.rhythm_days else rhythm.learnt(arrivals)


def is_silent(source: Source, state: SourceState, now: datetime) -> bool:
    """Tell whether a source has given nothing new for some days, for whatever reason."""
    last = state.last_new_at or state.first_success_at
    shortest = min(source.rhythm_days or rhythm.SHORTEST_DAYS, rhythm.SHORTEST_DAYS)
    return last is not None and now - last > timedelta(days=shortest)


def may_be_quiet(source: Source, state: SourceState, now: datetime) -> bool:
    """Tell whether it is worth asking when something came: it answers, and is silent."""
    return state.failing_since is None and is_silent(source, state, now)


def quiet(source: Source, state: SourceState, arrivals: Sequence[date], now: datetime) -> Finding | None:
    """Return that a source is quieter than it ever is, with the reason; it answers, but nothing new has come."""
    last = state.last_new_at or state.first_success_at
    known = usual(source, arrivals)
    if known is None or last is None or not may_be_quiet(source, state, now):
        return None
    if not rhythm.is_unusual(known, last.astimezone(UTC).date(), now.astimezone(UTC).date()):
        return None
    usually = f"{'Expected' if known.is_set else 'Usually'} something {rhythm.in_words(known.every_days)}"
    return Finding(
        "quiet",
        now,
        f"{usually}; nothing for {(now - last).days} days.",
        "Look at the publisher's page: a new feed, a new site, or just a pause. "
        "Set rhythm: if it is meant to be so rare.",
    )


def network(known: Collection[tuple[Source, SourceState]], now: datetime) -> Finding | None:
    """Return that the fault is on our side: most sources, on several hosts, cannot be reached at all."""
    tried = [(source, state) for source, state in known if state.last_attempt_at is not None]
    cut_off = [(source, state) for source, state in tried if _is_cut_off(state)]
    hosts = {urlsplit(source.address).hostname for source, _ in cut_off}
    if len(hosts) < _FEW_HOSTS or len(cut_off) * 2 <= len(tried):
        return None
    codes = [state.failure_code for _, state in cut_off]
    common = max(sorted(set(codes)), key=codes.count)
    cause = next(state.failure_cause for _, state in cut_off if state.failure_code == common)
    began = sorted(state.failing_since or now for _, state in cut_off)
    return Finding(
        "network",
        began[len(began) // 2],  # one that has been away for months says nothing of the network
        f"{len(cut_off)} of {len(tried)} sources, on {len(hosts)} hosts, cannot be reached: "
        "the fault is most likely the network or the proxy, not the sources.",
        "Ask whoever looks after this machine: its way to the internet, the name service, "
        "ALERTS_PROXY, ALERTS_CA_BUNDLE.",
        common,
        cause,
    )


def _is_cut_off(state: SourceState) -> bool:
    return state.failing_since is not None and state.failure_code in NETWORK_CODES


def _place(source: Source) -> str:
    return source.file or "config/sources/"
