"""attend: what has to be seen to with the drafts that are held, at every tick and before every publishing.

For each: what was saved in its review file is taken in, what has happened to its records is told, its deadline is kept,
and its file is written. Every step is a transaction of its own that names the revision it relies on, so that a process
that dies between two of them leaves the rest to the next tick, and two that attend at once do each step once.

At the deadline, by the bulletin's rule: *send* sends the draft as it stands; *hold* tells the owner once, and shows it
on the health page; *warn* reminds the owner when a quarter of the time is left, tells again at the deadline, and is an
alarm in the log and on the health page until somebody decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts.errors import AlertsError
from alerts.model.bulletins import Bulletin
from alerts.model.drafts import HeldDraft, Told
from alerts.pipeline.logs import log
from alerts.pipeline.restored import concern
from alerts.pipeline.reviewing import files, letters, review
from alerts.pipeline.reviewing.folder import folder, path_of
from alerts.pipeline.reviewing.review import Approved
from alerts.pipeline.reviewing.view import NoDraft, NoReaders
from alerts.pipeline.service import Service
from alerts.store import Connection, Stale, deliveries, drafts

REMINDED_AT = 3 / 4
"""With `then: warn` the owner is reminded when so much of the time is over."""


def attend(service: Service, bulletins: Iterable[Bulletin] | None = None) -> tuple[Approved, ...]:
    """See to the drafts of these bulletins (of all); return the issues that were approved by it.

    Nothing is done while a restored database waits for a decision. A bulletin that fails costs only itself.
    """
    if concern(service) is not None:
        return ()
    with service.store.read() as conn:
        held = {each.bulletin_id for each in drafts.all_held(conn)}
    where = folder(service)
    approved: list[Approved] = []
    for bulletin in service.catalogue.bulletins.values() if bulletins is None else bulletins:
        if bulletin.id in held or (where / f"{bulletin.id}.yaml").exists():
            approved += _guarded(service, bulletin, is_held=bulletin.id in held)
        else:
            service.failing.pop(f"review {bulletin.id}", "")
    files.tell_of_strays(service)
    return tuple(approved)


def _guarded(service: Service, bulletin: Bulletin, *, is_held: bool) -> list[Approved]:
    """See to one draft; what fails is logged when it first comes, and on the health page for as long as it lasts."""
    job = f"review {bulletin.id}"
    try:
        approved = _attend_one(service, bulletin, is_held=is_held)
    except (Stale, NoDraft):  # another process was faster; the next tick sees what it did
        return []
    except AlertsError as failure:
        if service.failing.get(job) != failure.code:
            log.error("review failed", bulletin=bulletin.id, code=failure.code, message=failure.sentence,
                      remedy=failure.remedy)  # fmt: skip
        service.failing[job] = failure.code
        return []
    except Exception:  # noqa: BLE001 - any surprise costs this bulletin only
        if service.failing.get(job) != "A000":
            log.exception("review failed unexpectedly", bulletin=bulletin.id)
        service.failing[job] = "A000"
        return []
    if service.failing.pop(job, ""):
        log.info("review goes on", bulletin=bulletin.id)
    return approved


def _attend_one(service: Service, bulletin: Bulletin, *, is_held: bool) -> list[Approved]:
    approved = files.take_in(service, bulletin)
    if approved is None and is_held:
        approved = _keep_deadline(service, bulletin)
    with service.store.read() as conn:
        still_held = drafts.held(conn, bulletin.id) is not None
    if still_held:
        files.write(service, bulletin)
    elif is_held:
        files.take_in(service, bulletin)  # nothing but to take away the file of what was sent
    return [approved] if approved is not None else []


def _keep_deadline(service: Service, bulletin: Bulletin) -> Approved | None:
    held, now = review.look(service, bulletin).held, service.clock()
    if now < held.deadline_at:
        reminded_at = held.made_at + (held.deadline_at - held.made_at) * REMINDED_AT
        if held.then == "warn" and not held.told and now >= reminded_at:
            _tell(service, held, "reminder", letters.reminder_mail, bulletin, now)
        return None
    if held.then == "send":
        return _send(service, bulletin, now)
    if held.told != "deadline" and _tell(service, held, "deadline", letters.overdue_mail, bulletin, now):
        say = log.error if held.then == "warn" else log.warning
        say("draft held after its deadline", bulletin=bulletin.id, draft=held.id, deadline=held.deadline_at.isoformat())
    return None


def _send(service: Service, bulletin: Bulletin, now: datetime) -> Approved | None:
    """Send a draft that nobody decided about in time; not while somebody has stopped all sending."""
    with service.store.read() as conn:
        if deliveries.stopped(conn) is not None:
            return None

    def also(conn: Connection, held: HeldDraft) -> None:
        ended = drafts.get(conn, held.id) or held
        number, readers = ended.issue_number or 0, drafts.readers_of(conn, ended)
        by = "since nobody decided otherwise by the deadline"
        letters.sent_mail(service, bulletin, held, number, readers, by, now).queue(conn, now)

    try:
        return review.approve(service, bulletin, also=also, even_changed=True)
    except NoReaders:
        if bulletin.id not in service.told_unread:
            service.told_unread.add(bulletin.id)
            log.warning("bulletin has no reader", bulletin=bulletin.id)
        return None


def _tell(
    service: Service, held: HeldDraft, told: Told, write: letters.Writing, bulletin: Bulletin, now: datetime
) -> bool:
    """Send the owner a word about the deadline, and remember it, in one transaction; False when somebody has."""
    mail = write(service, bulletin, held, now, file=path_of(service, bulletin.id))

    def unit(conn: Connection) -> bool:
        return drafts.tell(conn, held, told) and mail.queue(conn, now)

    return service.store.replay(unit)
