"""publish = compose, render, archive, queue: an issue and all that belongs to it in one transaction.

Selection is by ledger: the events that a bulletin's profiles match and that have no disposition in it yet. Composing
and rendering happen outside any lock, with the number the issue will have; the transaction that writes issue,
dispositions and deliveries refuses (`Stale`) when number, events or readers have changed meanwhile, and the issue is
composed again. A bulletin that is reviewed makes a draft instead, or lets the one that is held take the period in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from alerts.errors import AlertsError
from alerts.model.bulletins import Bulletin, Composed, IssueContent, Period
from alerts.model.drafts import HeldDraft
from alerts.pipeline import closing, timing
from alerts.pipeline.adopt import adopt
from alerts.pipeline.composing import Ledger, compose_issue, read_ledger
from alerts.pipeline.issuing import new_issue
from alerts.pipeline.logs import log
from alerts.pipeline.restored import ask_first
from alerts.pipeline.reviewing import files, review
from alerts.pipeline.reviewing.attend import attend
from alerts.pipeline.reviewing.review import Approved
from alerts.pipeline.service import Service, stage
from alerts.store import Stale, issues
from alerts.store.rehearsal import rehearse

STALE_TRIES = 8

PublishOutcome = Literal[
    "published", "held", "nothing new", "not due", "no reader", "failed", "would publish", "would hold"
]


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
    deadline_at: datetime | None = None
    then: str = ""
    code: str = ""
    message: str = ""
    remedy: str = ""
    content: IssueContent | None = None


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
            closing.announce(trial)
            return tuple(_publish_one(trial, each, extra=extra, dry_run=True) for each in chosen)
    ask_first(service)
    with stage(service, "publish"):
        closing.announce(service)
        approved = {each.bulletin_id: each for each in attend(service, chosen)}
        reports = tuple(_guarded(service, each, extra, approved.get(each.id)) for each in chosen)
    if any(each.outcome == "published" for each in reports):
        review.archived(service)
    return reports


def upcoming(service: Service, bulletin_id: str) -> IssueContent | None:
    """Return what the next issue of a bulletin would be if it were made now; `None` when it would have nothing to say.

    Where a draft is held that is it. Nothing is written: no number is taken, no event settled, no period used up.
    """
    bulletin = service.bulletin(bulletin_id)
    with rehearse(service.store) as rehearsal:
        trial = replace(service, store=rehearsal)
        adopt(trial)
        closing.announce(trial)
        now = service.clock()
        ledger = read_ledger(trial, bulletin, now)
        if ledger.held is not None:
            return review.look(trial, bulletin).content
        soon = (each.period for each in timing.coming(trial, bulletin, ledger.stands, now, 1))
        period = timing.due(trial, bulletin, ledger.stands, now) or next(soon, None)
        composed = compose_issue(trial, bulletin, ledger, period, now)
    return composed.content if composed else None


def _guarded(service: Service, bulletin: Bulletin, extra: bool, approved: Approved | None) -> BulletinReport:
    try:
        return _publish_one(service, bulletin, extra=extra, dry_run=False, approved=approved)
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


def _publish_one(
    service: Service, bulletin: Bulletin, *, extra: bool, dry_run: bool, approved: Approved | None = None
) -> BulletinReport:
    for _ in range(STALE_TRIES):
        now = service.clock()
        wanted = partial(_is_to_be_told, service, bulletin, now, extra)
        ledger = read_ledger(service, bulletin, now, wanted=wanted)
        period = None if extra else timing.due(service, bulletin, ledger.stands, now)
        if period is None and not extra:
            return _not_due(service, bulletin, ledger, now, approved)
        try:
            if ledger.held is not None:
                return _taken_in(service, bulletin, ledger, ledger.held, period, dry_run=dry_run)
            # What it would carry waits for its first reader; the period is over, not missed.
            if not ledger.readers and not ledger.away:
                if period is not None and not dry_run:
                    settle = partial(issues.settle_period, period=period, outcome="empty", now=now, note="no reader")
                    service.store.replay(settle)
                return _unread(service, bulletin)
            composed = compose_issue(service, bulletin, ledger, period, now)
            if composed is None:
                if period is not None and not dry_run:
                    service.store.replay(partial(issues.settle_period, period=period, outcome="empty", now=now))
                return BulletinReport(bulletin.id, bulletin.title, "nothing new")
            if dry_run:
                outcome: PublishOutcome = "would hold" if bulletin.review else "would publish"
                return _report(bulletin, composed, outcome, len(ledger.readers), period)
            if bulletin.review is not None:
                made = review.hold(service, bulletin, ledger, composed, period)
                files.write(service, bulletin)
                return _held(bulletin, made, composed.content)
            issue = new_issue(service, bulletin, composed, ledger, period, now)
            service.store.replay(partial(issues.publish, new=issue))
        except Stale:
            continue
        log.info("issue published", bulletin=bulletin.id, number=composed.content.number,
                 items=composed.content.item_count, deliveries=len(ledger.readers))  # fmt: skip
        return _report(bulletin, composed, "published", len(ledger.readers), period)
    raise Stale(
        f"“{bulletin.title}” could not be published: other processes kept changing what goes into it.",
        remedy="It is tried again at the next tick.",
    )


def _is_to_be_told(service: Service, bulletin: Bulletin, now: datetime, extra: bool, stands: timing.Standing) -> bool:
    return extra or timing.due(service, bulletin, stands, now) is not None


def _not_due(
    service: Service, bulletin: Bulletin, ledger: Ledger, now: datetime, approved: Approved | None
) -> BulletinReport:
    if approved is not None and approved.content is not None:
        return BulletinReport(
            bulletin.id, bulletin.title, "published", number=approved.number, items=approved.items,
            remainder=len(approved.content.remainder), deliveries=approved.readers, late=approved.late,
            content=approved.content,
        )  # fmt: skip
    if ledger.held is not None:
        return _held(bulletin, ledger.held, None)
    planned = timing.coming(service, bulletin, ledger.stands, now, 1)
    next_due = planned[0].period.due_at if planned else None
    return BulletinReport(bulletin.id, bulletin.title, "not due", next_due_at=next_due)


def _unread(service: Service, bulletin: Bulletin) -> BulletinReport:
    if bulletin.id not in service.told_unread:
        service.told_unread.add(bulletin.id)
        log.warning("bulletin has no reader", bulletin=bulletin.id)
    return BulletinReport(bulletin.id, bulletin.title, "no reader")


def _taken_in(
    service: Service, bulletin: Bulletin, ledger: Ledger, held: HeldDraft, period: Period | None, *, dry_run: bool
) -> BulletinReport:
    """Let the draft stand for the period that is due as well; an extra issue waits until it is decided."""
    if period is None or dry_run:
        return _held(bulletin, held, None)
    made = review.take_in(service, bulletin, ledger, period)
    files.write(service, bulletin)
    return _held(bulletin, made, None)


def _held(bulletin: Bulletin, held: HeldDraft, content: IssueContent | None) -> BulletinReport:
    return BulletinReport(
        bulletin.id, bulletin.title, "held", items=content.item_count if content else 0,
        late=bool(held.period and held.period.missed), deadline_at=held.deadline_at, then=held.then, content=content,
    )  # fmt: skip


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
