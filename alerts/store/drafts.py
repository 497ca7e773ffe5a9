"""Drafts: issues that are held for the librarian. At most one is held per bulletin; each reserves its events.

A reserved event has a disposition of the kind *reserved*, so that the ledger's own key keeps every other path away from
it: no other issue, no edit of a profile and no first run can settle it. Whoever changes or ends a draft names the
revision that was looked at; when it is another by now, `Stale` says that all must be decided once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from alerts.model.bulletins import Disposition, Period, ReviewThen
from alerts.model.drafts import Draft, DraftEnd, HeldDraft, Told
from alerts.store import switches
from alerts.store.codec import decode, encode
from alerts.store.deliveries import last_numbers
from alerts.store.engine import lock_rows
from alerts.store.errors import OnItsWay, Stale
from alerts.store.issues import records_of
from alerts.store.marker import REOPENED, SET_ASIDE
from alerts.store.periods import settle_period
from alerts.store.rows import chunks
from alerts.store.schema import attempts, deliveries, dispositions, drafts, issues, periods, review_files
from alerts.store.upserts import insert_new, upsert


@dataclass(frozen=True, slots=True)
class ReviewText:
    """A review file as it was written, or as it was last saved and taken in, at a revision of its draft."""

    draft_id: int
    version: int
    revision: int
    text: str


_DRAFT = select(drafts, issues.c.number.label("issue_number")).outerjoin(issues, issues.c.id == drafts.c.issue_id)


def held(conn: Connection, bulletin_id: str) -> HeldDraft | None:
    """Return the draft of a bulletin that is held now."""
    return _one(conn, (drafts.c.bulletin_id == bulletin_id) & (drafts.c.ended == ""))


def held_period(conn: Connection, bulletin_id: str) -> Period | None:
    """Return the period of the draft that is held; `None` where there is none, or where it is an extra issue."""
    here = (drafts.c.bulletin_id == bulletin_id) & (drafts.c.ended == "")
    found: str | None = conn.scalar(select(drafts.c.period).where(here))
    return _period(found or "", bulletin_id)


def all_held(conn: Connection) -> tuple[HeldDraft, ...]:
    """Return every draft that is held now, the oldest first."""
    rows = conn.execute(_DRAFT.where(drafts.c.ended == "").order_by(drafts.c.id))
    return tuple(_of(row) for row in rows)


def get(conn: Connection, draft_id: int) -> HeldDraft | None:
    """Return a draft, held or ended."""
    return _one(conn, drafts.c.id == draft_id) if 0 < draft_id < 2**62 else None


def last(conn: Connection, bulletin_id: str) -> HeldDraft | None:
    """Return the newest draft of a bulletin, held or ended."""
    newest = select(drafts.c.id).where(drafts.c.bulletin_id == bulletin_id).order_by(drafts.c.id.desc()).limit(1)
    return _one(conn, drafts.c.id == newest.scalar_subquery())


def of_issue(conn: Connection, issue_id: int) -> HeldDraft | None:
    """Return the draft that an issue came from, if it was held at all."""
    return _one(conn, drafts.c.issue_id == issue_id)


def hold(conn: Connection, new: HeldDraft) -> HeldDraft:
    """Store a new draft (its id is given here) and reserve its events.

    Raises `Stale` when the bulletin has a draft already, its period is settled, or an event was settled meanwhile.
    """
    if held(conn, new.bulletin_id) is not None:
        raise Stale(f"There is a draft of {new.bulletin_id} already.")
    _refuse_settled(conn, new.period)
    row = {
        "bulletin_id": new.bulletin_id,
        "period": encode(new.period) if new.period else "",
        "made_at": new.made_at,
        "deadline_at": new.deadline_at,
        "rule": new.then,
        "body": encode(new.draft),
        "shown": new.shown,
    }
    try:
        with conn.begin_nested():
            made: int = conn.execute(insert(drafts).returning(drafts.c.id), row).scalar_one()
    except IntegrityError as failure:  # of two that hold at once the key lets one through
        raise Stale(f"There is a draft of {new.bulletin_id} already.") from failure
    reserve(conn, new.bulletin_id, new.draft.events, new.made_at)
    _forget_old(conn, new.bulletin_id, made)
    return _must(conn, made)


def _refuse_settled(conn: Connection, period: Period | None) -> None:
    if period is None:
        return
    here = (periods.c.bulletin_id == period.bulletin_id) & periods.c.key.in_([period.key, *period.collapsed])
    if conn.scalar(select(periods.c.key).where(here)) is not None:
        raise Stale(f"The period {period.key} of {period.bulletin_id} is settled already.")


def _forget_old(conn: Connection, bulletin_id: str, newest: int) -> None:
    """Drop what drafts told that can never be reopened, since a newer one is held; their files are kept to be known."""
    old = (drafts.c.bulletin_id == bulletin_id) & (drafts.c.id != newest)
    conn.execute(update(drafts).where(old, drafts.c.body != ""), {"body": ""})


def reserve(conn: Connection, bulletin_id: str, event_ids: Collection[int], now: datetime) -> None:
    """Reserve events for the draft of a bulletin. Raises `Stale` when one is settled or reserved already, or gone."""
    record_of = records_of(conn, event_ids)
    if len(record_of) != len(set(event_ids)):
        raise Stale(f"A record of the draft of {bulletin_id} was merged with another meanwhile.")
    if _settled(conn, bulletin_id, record_of):
        raise Stale(f"An event of the draft of {bulletin_id} was settled meanwhile.")
    _reserve(conn, bulletin_id, record_of, now)


def _settled(conn: Connection, bulletin_id: str, event_ids: Iterable[int]) -> frozenset[int]:
    """Return those of these events that have a disposition in a bulletin."""
    taken = select(dispositions.c.event_id).where(dispositions.c.bulletin_id == bulletin_id)
    found: set[int] = set()
    for some in chunks(event_ids):
        found.update(conn.scalars(taken.where(dispositions.c.event_id.in_(some))))
    return frozenset(found)


def _reserve(conn: Connection, bulletin_id: str, record_of: Mapping[int, int], now: datetime) -> None:
    rows = [
        {
            "bulletin_id": bulletin_id, "event_id": event_id, "record_id": record_id, "kind": "reserved",
            "reason": "held for review", "settled_at": now,
        }
        for event_id, record_id in record_of.items()
    ]  # fmt: skip
    insert_new(conn, dispositions, rows)


def release(conn: Connection, bulletin_id: str, event_ids: Collection[int] | None = None) -> None:
    """Give events back that the draft of a bulletin had reserved: these, or all of them."""
    mine = (dispositions.c.bulletin_id == bulletin_id) & (dispositions.c.kind == "reserved")
    if event_ids is None:
        conn.execute(delete(dispositions).where(mine))
        return
    for some in chunks(sorted(event_ids)):
        conn.execute(delete(dispositions).where(mine, dispositions.c.event_id.in_(some)))


def reserved(conn: Connection, bulletin_id: str) -> frozenset[int]:
    """Return the events that are reserved for the draft of a bulletin."""
    mine = (dispositions.c.bulletin_id == bulletin_id) & (dispositions.c.kind == "reserved")
    return frozenset(conn.scalars(select(dispositions.c.event_id).where(mine)))


def save(
    conn: Connection,
    before: HeldDraft,
    draft: Draft,
    now: datetime,
    *,
    shown: str,
    period: Period | None = None,
    made_at: datetime | None = None,
    deadline_at: datetime | None = None,
    then: ReviewThen | None = None,
) -> HeldDraft:
    """Store a changed draft as the next revision; events that it no longer has are given back, new ones reserved.

    `period`, `made_at`, `deadline_at` and `then` change with a draft that takes in another period. Raises `Stale` when
    it is no longer held at the revision `before` says, or a new event was settled meanwhile.
    """
    claim(conn, before)
    values: dict[str, Any] = {"body": encode(draft), "shown": shown, "revision": before.revision + 1}
    if period is not None:
        _refuse_settled(conn, period)
        values["period"] = encode(period)
    if deadline_at is not None:
        values |= {"deadline_at": deadline_at, "told": "" if deadline_at != before.deadline_at else before.told}
    if made_at is not None:
        values["made_at"] = made_at
    if then is not None:
        values["rule"] = then
    conn.execute(update(drafts).where(drafts.c.id == before.id), values)
    there = reserved(conn, before.bulletin_id)
    release(conn, before.bulletin_id, there - draft.events)
    reserve(conn, before.bulletin_id, draft.events - there, now)
    return _must(conn, before.id)


def claim(conn: Connection, before: HeldDraft) -> None:
    """Lock a draft until the commit. Raises `Stale` when it is no longer held at the revision `before` says."""
    row = conn.execute(lock_rows(conn, select(drafts).where(drafts.c.id == before.id))).one_or_none()
    if row is None or row.ended or row.revision != before.revision:
        raise Stale(f"The draft of {before.bulletin_id} has been changed or decided meanwhile.")


def keep(conn: Connection, before: HeldDraft, draft: Draft) -> None:
    """Store what was decided in the moment of approving, so that reopening finds it. Only after `claim`."""
    if draft != before.draft:
        conn.execute(update(drafts).where(drafts.c.id == before.id), {"body": encode(draft), "shown": ""})


def look(conn: Connection, before: HeldDraft, shown: str) -> None:
    """Note what a draft comes to, where that was not worked out yet; it is no new revision."""
    here = (drafts.c.id == before.id) & (drafts.c.revision == before.revision) & (drafts.c.ended == "")
    conn.execute(update(drafts).where(here), {"shown": shown})


def readers_of(conn: Connection, ended: HeldDraft) -> int:
    """Return how many the issue that a draft became goes to."""
    mine = select(func.count()).select_from(deliveries).where(deliveries.c.issue_id == ended.issue_id)
    return conn.scalar(mine) or 0


def tell(conn: Connection, before: HeldDraft, told: Told) -> bool:
    """Note what the owner is told of the deadline; False when somebody has, or the draft was changed or decided."""
    here = (drafts.c.id == before.id) & (drafts.c.revision == before.revision) & (drafts.c.ended == "")
    return conn.execute(update(drafts).where(here, drafts.c.told == before.told), {"told": told}).rowcount > 0


def end(conn: Connection, before: HeldDraft, ended: DraftEnd, now: datetime, issue_id: int | None = None) -> None:
    """Note that a draft is one no more; its events must be given back or settled in the same transaction."""
    values = {"ended": ended, "ended_at": now, "issue_id": issue_id, "revision": before.revision + 1}
    conn.execute(update(drafts).where(drafts.c.id == before.id), values)


def end_empty(conn: Connection, before: HeldDraft, settled: Iterable[Disposition], now: datetime) -> None:
    """End a draft without an issue: what was dropped is settled, the rest given back, the period says it was empty."""
    claim(conn, before)
    release(conn, before.bulletin_id)
    rows = tuple(settled)
    record_of = records_of(conn, (each.event_id for each in rows))
    insert_new(
        conn,
        dispositions,
        [
            {
                "bulletin_id": each.bulletin_id, "event_id": each.event_id, "record_id": record_of[each.event_id],
                "kind": each.kind, "reason": each.reason, "settled_at": now,
            }
            for each in rows
            if each.event_id in record_of
        ],
    )  # fmt: skip
    if before.period is not None:
        settle_period(conn, before.period, "empty", now, "nothing was left after review")
    end(conn, before, "empty", now)


def reopen(conn: Connection, ended: HeldDraft, now: datetime, deadline_at: datetime) -> HeldDraft:
    """Make an issue a draft again: its number, its period and its deliveries are as if it had never been.

    Raises `OnItsWay` when a message of it was ever claimed, a later issue or another draft is there, or it was not
    held for review. How far the ids had come is noted, so that the marker outside the database stays right.
    """
    issue_id = ended.issue_id
    if issue_id is None or ended.ended != "issued":
        raise OnItsWay("It is no issue that came from a draft.")
    _refuse_begun(conn, ended, issue_id)
    switches.set_value(conn, REOPENED, str(last_numbers(conn)), now)
    conn.execute(delete(deliveries).where(deliveries.c.issue_id == issue_id))
    conn.execute(delete(periods).where(periods.c.issue_id == issue_id))
    conn.execute(delete(dispositions).where(dispositions.c.issue_id == issue_id))
    values = {
        "ended": "", "ended_at": None, "issue_id": None, "told": "", "deadline_at": deadline_at,
        "revision": ended.revision + 1,
    }  # fmt: skip
    conn.execute(update(drafts).where(drafts.c.id == ended.id), values)
    conn.execute(delete(issues).where(issues.c.id == issue_id))
    record_of = records_of(conn, ended.draft.events)
    taken = _settled(conn, ended.bulletin_id, record_of)  # a profile may have been edited since
    _reserve(conn, ended.bulletin_id, {one: its for one, its in record_of.items() if one not in taken}, now)
    return _must(conn, ended.id)


def _refuse_begun(conn: Connection, ended: HeldDraft, issue_id: int) -> None:
    tried = exists().where(attempts.c.delivery_id == deliveries.c.id)  # put back into the queue it counts none
    names = (deliveries.c.state, deliveries.c.state_reason, deliveries.c.attempts, tried.label("was_tried"))
    mine = select(*names).where(deliveries.c.issue_id == issue_id).order_by(deliveries.c.id)
    rows = conn.execute(lock_rows(conn, mine)).all()
    begun = sum(
        row.state not in ("pending", "stopped") or row.attempts > 0 or row.was_tried or row.state_reason == SET_ASIDE
        for row in rows
    )
    number = ended.issue_number
    if begun:
        raise OnItsWay(
            f"Issue {number} is on its way: {begun} of its {len(rows)} messages have been taken up.",
            remedy="An issue that anybody may have had stays as it is: put a correction into the next one.",
        )
    later = select(issues.c.number).where(issues.c.bulletin_id == ended.bulletin_id, issues.c.id > issue_id)
    if (newer := conn.scalar(later)) is not None:
        raise OnItsWay(f"Issue {newer} has come after issue {number}.", remedy="Only the newest issue can be reopened.")
    if held(conn, ended.bulletin_id) is not None:
        raise OnItsWay(
            f"Another draft of {ended.bulletin_id} is held already.",
            remedy="Decide about that one first: “alerts issue show” shows it.",
        )


# --- review files -----------------------------------------------------------------------------------------------------


def text(conn: Connection, draft_id: int, version: int) -> ReviewText | None:
    """Return a version of a draft's review file."""
    if not (0 < draft_id < 2**62 and 0 < version < 2**31):
        return None
    here = (review_files.c.draft_id == draft_id) & (review_files.c.version == version)
    row = conn.execute(select(review_files).where(here)).one_or_none()
    return ReviewText(**row._mapping) if row is not None else None


def write_text(conn: Connection, before: HeldDraft, made: str) -> ReviewText:
    """Store the text of a new version of a draft's review file, before it is written to the disk.

    Raises `Stale` when the draft was changed or decided meanwhile, or another process writes its file.
    """
    claim(conn, before)
    version = before.file_version + 1
    here = (drafts.c.id == before.id) & (drafts.c.file_version == before.file_version)
    if not conn.execute(update(drafts).where(here), {"file_version": version}).rowcount:
        raise Stale(f"Another process writes the review file of {before.bulletin_id}.")
    accept_text(conn, before.id, version, made, before.revision)
    return ReviewText(before.id, version, before.revision, made)


def accept_text(conn: Connection, draft_id: int, version: int, saved: str, revision: int) -> None:
    """Note that a saved version of a review file was taken in, and at which revision of the draft."""
    row = {"draft_id": draft_id, "version": version, "revision": revision, "text": saved}
    upsert(conn, review_files, [row], key=("draft_id", "version"))


def _must(conn: Connection, draft_id: int) -> HeldDraft:
    found = get(conn, draft_id)
    if found is None:
        raise Stale("The draft is gone.")
    return found


def _one(conn: Connection, where: Any) -> HeldDraft | None:
    row = conn.execute(_DRAFT.where(where)).one_or_none()
    return _of(row) if row is not None else None


_NO_DRAFT = Draft((), date(1, 1, 1))


def _period(text: str, bulletin_id: str) -> Period | None:
    """Return the period of a draft under the name that its bulletin has now: it may have been renamed meanwhile."""
    return replace(decode(Period, text), bulletin_id=bulletin_id) if text else None


def _of(row: Row[Any]) -> HeldDraft:
    return HeldDraft(
        id=row.id,
        bulletin_id=row.bulletin_id,
        period=_period(row.period, row.bulletin_id),
        made_at=row.made_at,
        deadline_at=row.deadline_at,
        then=row.rule,
        draft=decode(Draft, row.body) if row.body else _NO_DRAFT,
        revision=row.revision,
        shown=row.shown,
        told=row.told,
        file_version=row.file_version,
        ended=row.ended,
        ended_at=row.ended_at,
        issue_id=row.issue_id,
        issue_number=row.issue_number,
    )
