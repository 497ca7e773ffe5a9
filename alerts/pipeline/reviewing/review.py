"""review: an issue is held for its librarian, changed, approved, or reopened before anybody has had it.

What is due becomes a *draft* instead of an issue. `look` tells what it comes to now; whoever changes or approves it
relies on the revision that was looked at, and looks again when it is another by then (`Stale`). Approving writes
number, bytes, dispositions and deliveries in one transaction, just as an issue that nobody reviews.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from alerts.compose import review as verbs
from alerts.model.bulletins import Bulletin, Composed, IssueContent, Period
from alerts.model.drafts import Changes, Draft, HeldDraft
from alerts.pipeline import timing
from alerts.pipeline.archive import write_archive
from alerts.pipeline.composing import Ledger, has_items, local_day, read_ledger, setting_of
from alerts.pipeline.issuing import new_issue
from alerts.pipeline.logs import log
from alerts.pipeline.restored import ask_first
from alerts.pipeline.reviewing.folder import path_of
from alerts.pipeline.reviewing.letters import draft_mail
from alerts.pipeline.reviewing.view import BadDecision, DraftChanged, NoDraft, NoReaders, View
from alerts.pipeline.service import Service
from alerts.store import Connection, Stale, candidates, drafts, issues

STALE_TRIES = 8


@dataclass(frozen=True, slots=True)
class Approved:
    """What approving came to; number 0: nothing was left, and the draft was closed without an issue."""

    bulletin_id: str
    title: str
    number: int
    items: int
    readers: int
    late: bool = False
    content: IssueContent | None = None


Also = Callable[[Connection, HeldDraft], None]
"""What is written in the same transaction: a file that was taken in, a message."""
Storing = Callable[[Connection, str, datetime], issues.OwnItem]
"""What stores an item of the librarian's own: given the connection, the bulletin and the moment."""


def _nothing(_conn: Connection, _held: HeldDraft) -> None:
    """Write nothing besides."""


def hold(service: Service, bulletin: Bulletin, ledger: Ledger, composed: Composed, period: Period | None) -> HeldDraft:
    """Hold an issue as the bulletin's draft and send it to its owner. Raises `Stale` when something has changed."""
    now = service.clock()
    if bulletin.review is None:
        raise BadDecision(f"“{bulletin.title}” is not reviewed.")
    setting = setting_of(service, bulletin, ledger, period, now)
    draft = verbs.begun(
        ledger.candidates, composed, until=local_day(bulletin, now), since=setting.since,
        sources_searched=setting.sources_searched, sources_failed=setting.sources_failed,
    )  # fmt: skip
    deadline = now + timedelta(hours=bulletin.review.deadline_hours)
    new = HeldDraft(
        0, bulletin.id, period, now, deadline, bulletin.review.then, draft, shown=verbs.fingerprint(composed)
    )
    file = path_of(service, bulletin.id)

    def unit(conn: Connection) -> HeldDraft:
        made = drafts.hold(conn, new)
        draft_mail(service, bulletin, made, composed.content, now, file=file).queue(conn, now)
        return made

    made = service.store.replay(unit)
    log.info("issue held for review", bulletin=bulletin.id, draft=made.id, items=composed.content.item_count,
             deadline=deadline.isoformat())  # fmt: skip
    return made


def take_in(service: Service, bulletin: Bulletin, ledger: Ledger, period: Period) -> HeldDraft:
    """Let the draft that is held stand for the period that is due as well, with all that has come since.

    Decisions stay, the budget chooses anew. A deadline that is still to come stays, so that a daily bulletin with a
    deadline of two days is sent one day; one that has passed is set anew.
    """
    now = service.clock()
    view = _viewed(service, bulletin, ledger)
    held = view.held
    whole = _covering(held.period, period)
    setting = setting_of(service, bulletin, ledger, whole, now)
    since = held.draft.since or setting.since
    setting = replace(setting, since=since)
    fresh = ledger.candidates
    composed = verbs.composed_with(bulletin, held.draft, fresh, setting=setting, measure=service.renderer.measure)
    draft = held.draft
    if composed is not None:
        draft = verbs.begun(
            (*held.draft.candidates, *fresh), composed, until=local_day(bulletin, now), since=since,
            sources_searched=setting.sources_searched, sources_failed=setting.sources_failed, before=held.draft,
        )  # fmt: skip
        composed = verbs.composed_of(bulletin, draft, setting=setting, measure=service.renderer.measure)
    hours = (
        bulletin.review.deadline_hours if bulletin.review else (held.deadline_at - held.made_at) / timedelta(hours=1)
    )
    anew = now + timedelta(hours=hours)
    deadline = min(held.deadline_at, anew) if held.deadline_at > now else anew  # min: of a clock that had run ahead
    why = ("The next issue is due: this draft now stands for it too, and tells what has come since.",)
    file = path_of(service, bulletin.id)

    def unit(conn: Connection) -> HeldDraft:
        made = drafts.save(
            conn, held, draft, now, shown=verbs.fingerprint(composed), period=whole, made_at=now, deadline_at=deadline,
            then=bulletin.review.then if bulletin.review else None,
        )  # fmt: skip
        content = composed.content if composed else None
        draft_mail(service, bulletin, made, content, now, why=why, file=file).queue(conn, now)
        return made

    made = service.store.replay(unit)
    log.info("draft took in the next period", bulletin=bulletin.id, draft=made.id, period=whole.key)
    return made


def _covering(held: Period | None, due: Period) -> Period:
    """Return the period that is due with all those that its issue will stand for."""
    before = (*held.collapsed, held.key) if held else ()
    missed = (*held.missed, held.key) if held else ()
    return replace(
        due,
        collapsed=tuple(dict.fromkeys((*before, *due.collapsed))),
        missed=tuple(dict.fromkeys((*missed, *due.missed))),
    )


def look(service: Service, bulletin: Bulletin) -> View:
    """Return the draft of a bulletin as it is now. Raises `NoDraft`.

    What has happened to its own records since it was shown is taken in as a new revision, and its owner is told.
    """
    for _ in range(STALE_TRIES):
        ledger = read_ledger(service, bulletin, service.clock(), wanted=lambda _: False)
        try:
            return _viewed(service, bulletin, ledger)
        except Stale:
            continue
    raise Stale(f"The draft of “{bulletin.title}” is being changed by other processes.")


def _viewed(service: Service, bulletin: Bulletin, ledger: Ledger) -> View:
    held = ledger.held
    if held is None:
        raise no_draft(service, bulletin)
    now = service.clock()
    with service.store.read() as conn:
        standing = candidates.standing(conn, held)
        fresh = candidates.about(conn, bulletin, service.catalogue, standing.stale) if standing.stale else ()
    draft = held.draft
    if standing.stale:
        gone = {*standing.stale, *standing.merged}
        draft = verbs.with_records(verbs.renamed(draft, dict(standing.merged)), fresh, gone)
    composed = _composed(service, replace(held, draft=draft), bulletin, ledger)
    shown = verbs.fingerprint(composed)
    if draft == held.draft and shown == held.shown:
        return View(held, bulletin, ledger, composed)
    if draft == held.draft and not held.shown:
        service.store.replay(lambda conn: drafts.look(conn, held, shown))
        return View(replace(held, shown=shown), bulletin, ledger, composed)
    why = _why(held, composed, shown)
    file = path_of(service, bulletin.id)

    def unit(conn: Connection) -> HeldDraft:
        saved = drafts.save(conn, held, draft, now, shown=shown)
        if why:
            content = composed.content if composed else None
            draft_mail(service, bulletin, saved, content, now, why=why, file=file).queue(conn, now)
        return saved

    return View(service.store.replay(unit), bulletin, ledger, composed, why)


def _composed(service: Service, held: HeldDraft, bulletin: Bulletin, ledger: Ledger) -> Composed | None:
    setting = setting_of(service, bulletin, ledger, held.period, service.clock())
    # Late is what was made late: the time that a librarian takes is no lateness.
    setting = replace(setting, was_due=timing.was_due(bulletin, held.period, held.made_at))
    composed = verbs.composed_of(bulletin, held.draft, setting=setting, measure=service.renderer.measure)
    return None if composed is not None and held.period is None and not has_items(composed) else composed


def _why(held: HeldDraft, composed: Composed | None, shown: str) -> tuple[str, ...]:
    """Return what has happened to a draft by itself, in words; nothing where readers would see no change."""
    if shown == held.shown or not held.shown:
        return ()
    there = set(verbs.in_order(composed.content)) if composed else set()
    reasons = {each.event_id: each.reason for each in composed.dispositions} if composed else {}
    told: dict[int, str] = {}
    for each in held.draft.candidates:
        one = each.record.id
        if held.draft.keep_of(one) == "yes" and one not in there:
            why = reasons.get(each.event.id, "") or "it is no longer to be told"
            told.setdefault(one, f"“{each.record.title}” is left out: {why}.")
    lines = list(told.values())[:10]
    return ("It has changed since you were shown it.", *lines)


def no_draft(service: Service, bulletin: Bulletin) -> NoDraft:
    """Return the error that says that nothing is held, and what became of the last draft."""
    with service.store.read() as conn:
        last = drafts.last(conn, bulletin.id)
    sentence = f"No issue of “{bulletin.title}” is held for review."
    if last is not None and last.ended == "issued":
        when = f"{last.ended_at:%d %B %Y %H:%M} UTC" if last.ended_at else ""
        remedy = f"Its last draft was approved and went out as issue {last.issue_number} on {when}."
    elif last is not None:
        remedy = "Nothing was left in its last draft, so that it was closed without an issue."
    elif bulletin.review is None:
        remedy = "Write review: into its file, and its next issue is held."
    else:
        remedy = "Its next issue is held when it is due."
    return NoDraft(sentence, remedy=remedy)


def decide(
    service: Service,
    bulletin: Bulletin,
    say: Callable[[View], Changes],
    *,
    also: Also = _nothing,
    mails: bool = False,
    why: Sequence[str] = (),
) -> View:
    """Change the draft of a bulletin as `say` answers to what it is now; return what it is then.

    With `mails` its owner gets the new draft, with `why` above it. Raises `NoDraft`, and what `say` raises.
    """
    for _ in range(STALE_TRIES):
        view = look(service, bulletin)
        draft = verbs.decided(view.held.draft, say(view))
        composed = _composed(service, replace(view.held, draft=draft), bulletin, view.ledger)
        try:
            held = service.store.replay(
                partial(_save, service, view, draft, composed, also, tuple(why) if mails else None)
            )
        except Stale:
            continue
        return replace(view, held=held, composed=composed)
    raise Stale(f"The draft of “{bulletin.title}” is being changed by other processes.")


def _save(
    service: Service,
    view: View,
    draft: Draft,
    composed: Composed | None,
    also: Also,
    why: tuple[str, ...] | None,
    conn: Connection,
) -> HeldDraft:
    """Write a changed draft; with `why` (perhaps empty) its owner gets it, unless readers would see no difference."""
    now, held = service.clock(), view.held
    if draft == held.draft:
        drafts.claim(conn, held)
    else:
        held = drafts.save(conn, held, draft, now, shown=verbs.fingerprint(composed))
    also(conn, held)
    if why or (why is not None and held.shown != view.held.shown):
        content, file = composed.content if composed else None, path_of(service, view.bulletin.id)
        draft_mail(service, view.bulletin, held, content, now, why=why, file=file).queue(conn, now)
    return held


def add_own(
    service: Service,
    bulletin: Bulletin,
    store: Sequence[Storing],
    *,
    also: Also = _nothing,
) -> tuple[issues.OwnItem, ...]:
    """Put items of the librarian's own into the draft that is held, each stored by a function of `store`.

    They are shown, whatever the budget says. Raises `NoDraft`, and `AlreadyIssued` for what readers have had.
    """
    for _ in range(STALE_TRIES):
        view = look(service, bulletin)
        now, held = service.clock(), view.held

        def unit(conn: Connection, held: HeldDraft = held, now: datetime = now) -> tuple[issues.OwnItem, ...]:
            drafts.claim(conn, held)
            own = tuple(each(conn, bulletin.id, now) for each in store)
            told = candidates.about(conn, bulletin, service.catalogue, {each.record_id for each in own})
            also(conn, drafts.save(conn, held, verbs.with_own(held.draft, told), now, shown=""))
            return own

        try:
            return service.store.replay(unit)
        except Stale:
            continue
    raise Stale(f"The draft of “{bulletin.title}” is being changed by other processes.")


def approve(
    service: Service,
    bulletin: Bulletin,
    say: Callable[[View], Changes] | None = None,
    *,
    also: Also = _nothing,
    even_changed: bool = False,
) -> Approved:
    """Send the draft of a bulletin, with what `say` changes in it first; all in one transaction.

    Its readers are those of this moment. Raises `NoDraft`, `DraftChanged` (unless `even_changed`), `NoReaders`.
    """
    ask_first(service)
    for _ in range(STALE_TRIES):
        view = look(service, bulletin)
        if view.changed and not even_changed:
            raise DraftChanged(" ".join(view.changed))
        draft = verbs.decided(view.held.draft, say(view)) if say else view.held.draft
        composed = _composed(service, replace(view.held, draft=draft), bulletin, view.ledger)
        try:
            return _issue(service, view, draft, composed, also)
        except Stale:
            continue
    raise Stale(f"The draft of “{bulletin.title}” is being changed by other processes.")


def _issue(
    service: Service,
    view: View,
    draft: Draft,
    composed: Composed | None,
    also: Also,
) -> Approved:
    now, held, bulletin = service.clock(), view.held, view.bulletin
    readers = view.ledger.readers
    if composed is None:
        settled = verbs.emptied(draft, bulletin.id)

        def close(conn: Connection) -> None:
            drafts.end_empty(conn, held, settled, now)
            also(conn, held)

        service.store.replay(close)
        log.info("draft closed, nothing was left in it", bulletin=bulletin.id, draft=held.id)
        return Approved(bulletin.id, bulletin.title, 0, 0, 0)
    if not readers and not view.ledger.away:
        raise NoReaders(f"“{bulletin.title}” has no reader at present.")
    issue = new_issue(service, bulletin, composed, view.ledger, held.period, now)

    def unit(conn: Connection) -> None:
        drafts.claim(conn, held)
        drafts.keep(conn, held, draft)
        drafts.release(conn, bulletin.id)
        issue_id = issues.publish(conn, issue)
        drafts.end(conn, held, "issued", now, issue_id)
        also(conn, held)

    service.store.replay(unit)
    content = composed.content
    log.info("issue published", bulletin=bulletin.id, number=content.number, items=content.item_count,
             deliveries=len(readers), draft=held.id)  # fmt: skip
    archived(service)
    return Approved(
        bulletin.id, bulletin.title, content.number, content.item_count, len(readers), bool(content.late_line), content
    )


def archived(service: Service) -> None:
    """Write the archive as files, where readers have no page to look at."""
    if not service.settings.public_url:
        write_archive(service, service.settings.data_dir / "archive")


def reopen(service: Service, bulletin: Bulletin, number: int | None = None) -> HeldDraft:
    """Make the newest issue of a bulletin a draft again, while none of its messages was taken up."""
    ask_first(service)
    now = service.clock()
    with service.store.read() as conn:
        lines = issues.listing(conn, bulletin.id)
        chosen = lines[0] if lines and number is None else next((each for each in lines if each.number == number), None)
        ended = drafts.of_issue(conn, chosen.id) if chosen else None
    if chosen is None:
        which = f"issue {number}" if number is not None else "issue yet"
        remedy = f"“alerts issue list {bulletin.id}” shows what there is, and what is held."
        raise NoDraft(f"“{bulletin.title}” has no {which}.", remedy=remedy)
    if ended is None:
        raise NoDraft(
            f"Issue {chosen.number} of “{bulletin.title}” was not held for review, so there is no draft of it.",
            remedy="“alerts delivery stop REASON” stops what has not been sent yet.",
        )
    given = (ended.deadline_at - ended.made_at) / timedelta(hours=1)
    hours = bulletin.review.deadline_hours if bulletin.review else given
    deadline = max(ended.deadline_at, now + timedelta(hours=hours))
    held = service.store.replay(lambda conn: drafts.reopen(conn, ended, now, deadline))
    (service.settings.data_dir / "archive" / f"{bulletin.id}-{chosen.number}.html").unlink(missing_ok=True)
    archived(service)
    log.info("issue reopened", bulletin=bulletin.id, number=chosen.number, draft=held.id)
    return held
