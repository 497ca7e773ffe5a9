"""What an issue is composed from: the ledger of a bulletin, read in one snapshot, and its setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.compose import Setting, compose
from alerts.compose.closing import timely
from alerts.model.bulletins import Bulletin, Candidate, Composed, Period, Subscription
from alerts.model.drafts import HeldDraft
from alerts.model.sources import SourceState
from alerts.pipeline import timing
from alerts.pipeline.service import Service
from alerts.store import Connection, drafts, issues, sources, subscriptions
from alerts.store.periods import SURELY_AHEAD


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one bulletin's issue is composed from, read in one snapshot.

    `stands` is where it stands in its schedule, `since` up to when its last issue told; `reached` are the sources that
    answered since then. `away` is how many readers are away for a while, `missed` how many issues those who are back
    have missed, by subscription.
    """

    number: int
    candidates: tuple[Candidate, ...]
    readers: tuple[Subscription, ...]
    away: int
    missed: Mapping[int, int]
    stands: timing.Standing
    since: datetime | None
    reached: frozenset[str]
    held: HeldDraft | None = None


def read_ledger(
    service: Service, bulletin: Bulletin, now: datetime, *, wanted: Callable[[timing.Standing], bool] = lambda _: True
) -> Ledger:
    """Return what the next issue of a bulletin is composed from.

    The candidates, and which sources answered, are asked for only where they are `wanted`: whatever the bulletin ever
    told is gone through for them, which is too much to do at every tick.
    """
    with service.store.read() as conn:
        since = _covered_until(conn, bulletin.id, now)
        held = drafts.held(conn, bulletin.id)
        stands = timing.standing(conn, bulletin, now)
        is_wanted = wanted(stands)
        states = sources.states(conn) if is_wanted else {}
        return Ledger(
            number=issues.next_number(conn, bulletin.id),
            candidates=timely(issues.candidates(conn, bulletin, service.catalogue), now) if is_wanted else (),
            readers=subscriptions.active(conn, bulletin.id, now),
            away=subscriptions.away(conn, bulletin.id, now),
            missed=subscriptions.missed(conn, bulletin.id, now),
            stands=stands,
            since=since,
            reached=frozenset(each.source_id for each in states.values() if _was_reached(each, since)),
            held=held,
        )


def _covered_until(conn: Connection, bulletin_id: str, now: datetime) -> datetime | None:
    """Return up to which moment the last issue told what there was: one that was held told what there was then."""
    last = issues.last(conn, bulletin_id, now + SURELY_AHEAD)
    if last is None:
        return None
    draft = drafts.of_issue(conn, last.id)
    return draft.made_at if draft else last.published_at


def _was_reached(state: SourceState, since: datetime | None) -> bool:
    """Tell whether a source answered in the period: what is failing now may have answered earlier in it."""
    if state.last_success_at is None:
        return False
    return state.failing_since is None or (since is not None and state.last_success_at >= since)


def compose_issue(
    service: Service, bulletin: Bulletin, ledger: Ledger, period: Period | None, now: datetime
) -> Composed | None:
    """Return the issue that the ledger comes to, `None` when there is nothing to say.

    An extra issue (without a period) with nothing in it is never wanted, whatever the bulletin says.
    """
    setting = setting_of(service, bulletin, ledger, period, now)
    composed = compose(bulletin, ledger.candidates, setting=setting, measure=service.renderer.measure)
    return None if composed is not None and period is None and not has_items(composed) else composed


def setting_of(service: Service, bulletin: Bulletin, ledger: Ledger, period: Period | None, now: datetime) -> Setting:
    """Return what the configuration and the ledger say about the next issue."""
    catalogue = service.catalogue
    profiles = [catalogue.profiles[each] for each in bulletin.profiles if each in catalogue.profiles]
    heard = {source.id: source for profile in profiles for source in catalogue.sources_of(profile) if source.enabled}
    return Setting(
        number=ledger.number,
        period_key=period.key if period else "",
        now=now,
        team=service.as_sent(catalogue.teams[bulletin.team]),
        since=local_day(bulletin, ledger.since) if ledger.since else None,
        missed=period.missed if period else (),
        was_due=timing.was_due(bulletin, period, now),
        type_labels=catalogue.type_labels,
        profile_titles={each.id: each.title for each in profiles},
        profile_places={each.id: each.places for each in profiles},
        places=catalogue.places,
        followed=frozenset(heard),
        sources_searched=tuple(each.title for each in heard.values() if each.id in ledger.reached),
        sources_failed=tuple(each.title for each in heard.values() if each.id not in ledger.reached),
        public_address=service.settings.public_url,
    )


def local_day(bulletin: Bulletin, when: datetime) -> date:
    """Return the day that a moment is in the bulletin's own time zone."""
    return when.astimezone(ZoneInfo(bulletin.schedule.zone)).date()


def has_items(composed: Composed) -> bool:
    """Tell whether an issue has anything in it."""
    return bool(composed.content.item_count or composed.content.remainder)
