"""publish = compose, render, archive, queue: an issue and all that belongs to it in one transaction.

Selection is by ledger: the events that a bulletin's profiles match and that have no disposition in it yet. Composing
and rendering happen outside any lock, with the number the issue will have; the transaction that writes issue,
dispositions and deliveries refuses (`Stale`) when number, events or readers have changed meanwhile, and the issue is
composed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from alerts.compose import Setting, compose
from alerts.deliver import tokens
from alerts.errors import AlertsError
from alerts.model.bulletins import Bulletin, Candidate, Composed, IssueContent, Period, Subscription
from alerts.model.sources import SourceState
from alerts.pipeline import timing
from alerts.pipeline.adopt import adopt
from alerts.pipeline.archive import write_archive
from alerts.pipeline.bounces import envelope_sender
from alerts.pipeline.logs import log
from alerts.pipeline.readers import why
from alerts.pipeline.restored import ask_first
from alerts.pipeline.service import Service, stage
from alerts.render import assemble, mail_date, mail_domain, message_id
from alerts.store import Stale, issues, sources, subscriptions
from alerts.store.periods import SURELY_AHEAD
from alerts.store.rehearsal import rehearse

STALE_TRIES = 8

PublishOutcome = Literal["published", "nothing new", "not due", "no reader", "failed", "would publish"]


@dataclass(frozen=True, slots=True)
class BulletinReport:
    """What publishing one bulletin came to. `content` is there for what was published or would be."""

    bulletin_id: str
    title: str
    outcome: PublishOutcome
    number: int = 0
    items: int = 0
    remainder: int = 0
    deliveries: int = 0
    late: bool = False
    next_due_at: datetime | None = None
    code: str = ""
    message: str = ""
    remedy: str = ""
    content: IssueContent | None = None


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What one bulletin's issue is composed from, read in one snapshot."""

    number: int
    candidates: tuple[Candidate, ...]
    readers: tuple[Subscription, ...]
    away: int
    missed: Mapping[int, int]
    stands: timing.Standing
    since: datetime | None
    reached: frozenset[str]


def publish(
    service: Service, bulletin_ids: Sequence[str] = (), *, extra: bool = False, dry_run: bool = False
) -> tuple[BulletinReport, ...]:
    """Publish the bulletins that are due, or those named.

    `extra` makes an issue now, whether or not one is due, and does not use up the period. `dry_run` composes and
    reports but writes nothing. A bulletin that fails costs only itself: its report says why.
    """
    chosen = [service.bulletin(each) for each in bulletin_ids] or list(service.catalogue.bulletins.values())
    if dry_run:
        with rehearse(service.store) as rehearsal:
            trial = replace(service, store=rehearsal)
            adopt(trial)  # edits of profiles and lists show as they will when it is done in earnest
            return tuple(_publish_one(trial, each, extra=extra, dry_run=True) for each in chosen)
    ask_first(service)
    with stage(service, "publish"):
        reports = tuple(_guarded(service, each, extra) for each in chosen)
    if not service.settings.public_url and any(each.outcome == "published" for each in reports):
        write_archive(service, service.settings.data_dir / "archive")
    return reports


def upcoming(service: Service, bulletin_id: str) -> IssueContent | None:
    """Return what the next issue of a bulletin would be if it were made now; `None` when it would have nothing to say.

    Nothing is written: no number is taken, no event settled, no period used up.
    """
    bulletin = service.bulletin(bulletin_id)
    with rehearse(service.store) as rehearsal:
        trial = replace(service, store=rehearsal)
        adopt(trial)
        now = service.clock()
        ledger = _read(trial, bulletin, now)
        soon = (each.period for each in timing.coming(trial, bulletin, ledger.stands, now, 1))
        period = timing.due(trial, bulletin, ledger.stands, now) or next(soon, None)
        composed = _compose(trial, bulletin, ledger, period, now, False)
    return composed.content if composed else None


def _guarded(service: Service, bulletin: Bulletin, extra: bool) -> BulletinReport:
    try:
        return _publish_one(service, bulletin, extra=extra, dry_run=False)
    except AlertsError as failure:
        log.error("bulletin failed", bulletin=bulletin.id, code=failure.code, message=failure.sentence)
        return BulletinReport(
            bulletin.id, bulletin.title, "failed",
            code=failure.code, message=failure.sentence, remedy=failure.remedy,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - any surprise costs this bulletin only
        log.exception("bulletin failed unexpectedly", bulletin=bulletin.id)
        return BulletinReport(
            bulletin.id, bulletin.title, "failed", code="A000", message=f"{type(error).__name__}: {error}"
        )


def _publish_one(service: Service, bulletin: Bulletin, *, extra: bool, dry_run: bool) -> BulletinReport:
    for _ in range(STALE_TRIES):
        now = service.clock()
        ledger = _read(service, bulletin, now)
        period = None if extra else timing.due(service, bulletin, ledger.stands, now)
        if period is None and not extra:
            planned = timing.coming(service, bulletin, ledger.stands, now, 1)
            next_due = planned[0].period.due_at if planned else None
            return BulletinReport(bulletin.id, bulletin.title, "not due", next_due_at=next_due)
        if (
            not ledger.readers and not ledger.away
        ):  # what it would carry waits for its first reader; the period is over, not missed
            if period is not None and not dry_run:
                settle = partial(issues.settle_period, period=period, outcome="empty", now=now, note="no reader")
                service.store.replay(settle)
            if bulletin.id not in service.told_unread:
                service.told_unread.add(bulletin.id)
                log.warning("bulletin has no reader", bulletin=bulletin.id)
            return BulletinReport(bulletin.id, bulletin.title, "no reader")
        composed = _compose(service, bulletin, ledger, period, now, extra)
        try:
            if composed is None:
                if period is not None and not dry_run:
                    service.store.replay(partial(issues.settle_period, period=period, outcome="empty", now=now))
                return BulletinReport(bulletin.id, bulletin.title, "nothing new")
            if dry_run:
                return _report(bulletin, composed, "would publish", len(ledger.readers), period)
            _write(service, bulletin, composed, ledger, period, now)
        except Stale:
            continue
        return _report(bulletin, composed, "published", len(ledger.readers), period)
    raise Stale(
        f"“{bulletin.title}” could not be published: other processes kept changing what goes into it.",
        remedy="It is tried again at the next tick.",
    )


def _read(service: Service, bulletin: Bulletin, now: datetime) -> _Ledger:
    with service.store.read() as conn:
        last = [each for each in issues.listing(conn, bulletin.id) if each.published_at <= now + SURELY_AHEAD][:1]
        states = sources.states(conn)
        since = last[0].published_at if last else None
        return _Ledger(
            number=issues.next_number(conn, bulletin.id),
            candidates=issues.candidates(conn, bulletin, service.catalogue),
            readers=subscriptions.active(conn, bulletin.id, now),
            away=subscriptions.away(conn, bulletin.id, now),
            missed=subscriptions.missed(conn, bulletin.id, now),
            stands=timing.standing(conn, bulletin, now),
            since=since,
            reached=frozenset(each.source_id for each in states.values() if _was_reached(each, since)),
        )


def _was_reached(state: SourceState, since: datetime | None) -> bool:
    """Tell whether a source answered in the period: what is failing now may have answered earlier in it."""
    if state.last_success_at is None:
        return False
    return state.failing_since is None or (since is not None and state.last_success_at >= since)


def _compose(
    service: Service, bulletin: Bulletin, ledger: _Ledger, period: Period | None, now: datetime, extra: bool
) -> Composed | None:
    catalogue = service.catalogue
    zone = ZoneInfo(bulletin.schedule.zone)
    profiles = [catalogue.profiles[each] for each in bulletin.profiles if each in catalogue.profiles]
    heard = {source.id: source for profile in profiles for source in catalogue.sources_of(profile) if source.enabled}
    setting = Setting(
        number=ledger.number,
        period_key=period.key if period else "",
        now=now,
        team=service.as_sent(catalogue.teams[bulletin.team]),
        since=ledger.since.astimezone(zone).date() if ledger.since else None,
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
    composed = compose(bulletin, ledger.candidates, setting=setting, measure=service.renderer.measure)
    # An extra issue with nothing in it is never wanted, whatever the bulletin says about empty periods.
    return None if composed is not None and extra and not _has_items(composed) else composed


def _has_items(composed: Composed) -> bool:
    return bool(composed.content.item_count or composed.content.remainder)


def _write(
    service: Service, bulletin: Bulletin, composed: Composed, ledger: _Ledger, period: Period | None, now: datetime
) -> None:
    content = composed.content
    skeletons: dict[str, bytes] = {"person": service.renderer.mail(content, "person").message}
    if any(reader.kind == "list" for reader in ledger.readers):
        skeletons["list"] = service.renderer.mail(content, "list").message
    domain = mail_domain(service.settings.public_url, content.team)
    deliveries = tuple(
        _delivery(service, content, skeletons[reader.kind], reader, ledger.missed.get(reader.id, 0), domain, now)
        for reader in ledger.readers
    )
    issue = issues.NewIssue(
        bulletin_id=bulletin.id,
        number=content.number,
        period=period,
        published_at=now,
        content=content,
        skeleton=skeletons["person"],
        list_skeleton=skeletons.get("list", b""),
        page_html=service.renderer.page(content),
        dispositions=composed.dispositions,
        deliveries=deliveries,
    )
    service.store.replay(lambda conn: issues.publish(conn, issue))
    log.info("issue published", bulletin=bulletin.id, number=content.number, items=content.item_count,
             deliveries=len(deliveries))  # fmt: skip


def _delivery(
    service: Service,
    content: IssueContent,
    skeleton: bytes,
    reader: Subscription,
    missed: int,
    domain: str,
    now: datetime,
) -> issues.NewDelivery:
    """Fix everything that is personal in one message, and the SHA-256 of the whole."""
    token = tokens.make(reader.id, reader.generation, service.keys[0])
    # The moment is in it because a number may come twice: after an older copy of the database was restored. The token
    # is in it because nobody may guess it: whoever reports that a message came back must have had it.
    named = (content.bulletin_id, content.number, now.isoformat(), reader.id, reader.generation, token)
    fields = {
        "to_name": reader.name,
        "to_address": reader.address,
        "message_id": message_id(*named, domain=domain),
        "date": mail_date(now),
        "token": token,
        "why": why(service, content, reader, missed),
    }
    if service.signer is not None:
        fields["dkim"] = service.signer.signature(assemble(skeleton, fields))
    return issues.NewDelivery(
        subscription_id=reader.id,
        address=reader.address,
        envelope_from=envelope_sender(service.settings, content.team, fields["message_id"]),
        message_id=fields["message_id"],
        fields=(("variant", reader.kind), *fields.items()),
        sha256=hashlib.sha256(assemble(skeleton, fields)).hexdigest(),
    )


def _report(
    bulletin: Bulletin, composed: Composed, outcome: PublishOutcome, readers: int, period: Period | None
) -> BulletinReport:
    return BulletinReport(
        bulletin.id,
        bulletin.title,
        outcome,
        number=composed.content.number,
        items=composed.content.item_count,
        remainder=len(composed.content.remainder),
        deliveries=readers,
        late=bool(composed.content.late_line),
        content=composed.content,
    )
