"""Issues: numbered, dated, whole, and never changed once written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select, true

from alerts.model.bulletins import Disposition, IssueContent, Period
from alerts.store import subscriptions
from alerts.store.candidates import candidates
from alerts.store.codec import decode, encode
from alerts.store.engine import lock_rows
from alerts.store.errors import Stale
from alerts.store.outgoing import NewDelivery, queue
from alerts.store.own_items import OwnItem, add_own_item
from alerts.store.own_items import waiting as own_items
from alerts.store.periods import PeriodRow, settle_period
from alerts.store.periods import settled as periods
from alerts.store.rows import chunks
from alerts.store.schema import deliveries, events, records
from alerts.store.schema import dispositions as disposition_rows
from alerts.store.schema import issues as issue_rows
from alerts.store.schema import subscriptions as subscription_rows

__all__ = [
    "IssueLine", "NewDelivery", "NewIssue", "OwnItem", "PeriodRow", "StoredIssue", "add_own_item", "by_id",
    "candidates", "dispositions", "get", "last", "listing", "next_number", "own_items", "periods", "publish",
    "records_of", "settle_period", "skeleton", "without_deliveries",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewIssue:
    """All of an issue that is to be published; `period` None: an extra.

    `skeleton` is the mail with placeholders; `list_skeleton` that for distribution lists, empty where there are none.
    """

    bulletin_id: str
    number: int
    period: Period | None
    published_at: datetime
    content: IssueContent
    skeleton: bytes
    page_html: str
    dispositions: tuple[Disposition, ...]
    deliveries: tuple[NewDelivery, ...]
    list_skeleton: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """An issue as it was published."""

    id: int
    bulletin_id: str
    number: int
    period_key: str | None
    published_at: datetime
    subject: str
    content: IssueContent
    page_html: str


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One line of the list of issues."""

    id: int
    bulletin_id: str
    number: int
    period_key: str | None
    published_at: datetime
    subject: str
    item_count: int


def next_number(conn: Connection, bulletin_id: str) -> int:
    """Return the number that the next issue of a bulletin will have."""
    last = select(func.max(issue_rows.c.number)).where(issue_rows.c.bulletin_id == bulletin_id)
    return (conn.scalar(last) or 0) + 1


def publish(conn: Connection, new: NewIssue) -> int:
    """Write an issue, its dispositions, its period and one pending delivery per active subscription; return its id.

    Raises `Stale` when the number or the period is taken, an event is settled already or its record was merged away,
    or the deliveries are not exactly those of the subscriptions that are active now. Of two that publish at once, the
    unique keys let one through.
    """
    if next_number(conn, new.bulletin_id) != new.number:
        raise Stale(f"Number {new.number} of {new.bulletin_id} is not the next one.")
    active = {(each.id, each.address) for each in subscriptions.active(conn, new.bulletin_id, new.published_at)}
    if active != {(each.subscription_id, each.address) for each in new.deliveries} or len(active) != len(
        new.deliveries
    ):
        raise Stale(f"The readers of {new.bulletin_id} changed while its issue was being made.")
    issue_id = _insert_issue(conn, new)
    if new.period is not None:
        settle_period(conn, new.period, "issued", new.published_at, issue_id=issue_id)
    _settle_events(conn, new, issue_id)
    queue(conn, issue_id, f"{new.bulletin_id}/{new.number}", new.deliveries, new.published_at)
    subscriptions.end_pauses(conn, new.bulletin_id, new.published_at)
    return issue_id


def get(conn: Connection, bulletin_id: str, number: int) -> StoredIssue | None:
    """Return an issue by its bulletin and number."""
    return _one(conn, (issue_rows.c.bulletin_id == bulletin_id) & (issue_rows.c.number == number))


def by_id(conn: Connection, issue_id: int) -> StoredIssue | None:
    """Return an issue by its id."""
    return _one(conn, issue_rows.c.id == issue_id)


def skeleton(conn: Connection, issue_id: int, *, for_list: bool = False) -> bytes:
    """Return the mail of an issue with its placeholders. Raises `Stale` when there is no such issue or mail."""
    column = issue_rows.c.list_skeleton if for_list else issue_rows.c.skeleton
    found = conn.scalar(select(column).where(issue_rows.c.id == issue_id))
    if found is None:
        raise Stale(f"There is no such mail of the issue with the id {issue_id}.")
    return bytes(found)


def listing(conn: Connection, bulletin_id: str | None = None) -> tuple[IssueLine, ...]:
    """Return the issues of one bulletin or of all, newest first."""
    return _lines(conn, true() if bulletin_id is None else issue_rows.c.bulletin_id == bulletin_id)


def _lines(conn: Connection, where: ColumnElement[bool], limit: int | None = None) -> tuple[IssueLine, ...]:
    names = ("id", "bulletin_id", "number", "period_key", "published_at", "subject", "item_count")
    statement = select(*(issue_rows.c[name] for name in names)).where(where).order_by(issue_rows.c.id.desc())
    return tuple(IssueLine(**row._mapping) for row in conn.execute(statement.limit(limit)))


def last(conn: Connection, bulletin_id: str, until: datetime) -> IssueLine | None:
    """Return the newest issue of a bulletin that was published by a moment."""
    here = (issue_rows.c.bulletin_id == bulletin_id) & (issue_rows.c.published_at <= until)
    return next(iter(_lines(conn, here, limit=1)), None)


def dispositions(conn: Connection, bulletin_id: str, record_id: int | None = None) -> tuple[Disposition, ...]:
    """Return what became of events in a bulletin, of one record or all, oldest event first."""
    here = disposition_rows.c.bulletin_id == bulletin_id
    if record_id is not None:
        here &= disposition_rows.c.record_id == record_id
    rows = conn.execute(select(disposition_rows).where(here).order_by(disposition_rows.c.event_id))
    return tuple(Disposition(row.bulletin_id, row.event_id, row.kind, row.reason) for row in rows)


def without_deliveries(conn: Connection, since: datetime) -> tuple[IssueLine, ...]:
    """Return the issues since then that went to nobody though somebody had subscribed: there should never be any."""
    sent = exists().where(deliveries.c.issue_id == issue_rows.c.id)
    awaited = exists().where(
        subscription_rows.c.bulletin_id == issue_rows.c.bulletin_id,
        subscription_rows.c.state == "active",
        subscription_rows.c.began_at < issue_rows.c.published_at,
        subscription_rows.c.paused_at.is_(None) | (subscription_rows.c.paused_at > issue_rows.c.published_at),
    )
    return _lines(conn, (issue_rows.c.published_at > since) & ~sent & awaited)


def _insert_issue(conn: Connection, new: NewIssue) -> int:
    row = {
        "bulletin_id": new.bulletin_id,
        "number": new.number,
        "period_key": new.period.key if new.period else None,
        "published_at": new.published_at,
        "subject": new.content.subject,
        "item_count": new.content.item_count,
        "content": encode(new.content),
        "page_html": new.page_html,
        "skeleton": new.skeleton,
        "list_skeleton": new.list_skeleton or None,
    }
    made: int = conn.execute(insert(issue_rows).returning(issue_rows.c.id), row).scalar_one()
    return made


def _settle_events(conn: Connection, new: NewIssue, issue_id: int) -> None:
    record_of = records_of(conn, (each.event_id for each in new.dispositions))
    rows = [
        {
            "bulletin_id": new.bulletin_id,
            "event_id": each.event_id,
            "record_id": record_of[each.event_id],
            "kind": each.kind,
            "reason": each.reason,
            "settled_at": new.published_at,
            "issue_id": issue_id,
        }
        for each in new.dispositions
        if each.event_id in record_of
    ]
    if len(rows) != len(new.dispositions):
        raise Stale(f"A record of the new issue of {new.bulletin_id} was merged with another meanwhile.")
    taken = select(disposition_rows.c.event_id).where(disposition_rows.c.bulletin_id == new.bulletin_id)
    for some in chunks(record_of):
        if conn.scalars(taken.where(disposition_rows.c.event_id.in_(some))).first() is not None:
            raise Stale(f"An event of the new issue of {new.bulletin_id} was settled meanwhile.")
    if rows:
        conn.execute(insert(disposition_rows), rows)


def records_of(conn: Connection, event_ids: Iterable[int]) -> dict[int, int]:
    """Return the record of each event, kept from being merged until the commit; merged ones are left out."""
    found: dict[int, int] = {}
    for some in chunks(event_ids):
        statement = (
            select(events.c.id, events.c.record_id)
            .join(records, records.c.id == events.c.record_id)
            .where(events.c.id.in_(some), records.c.merged_into.is_(None))
            .order_by(records.c.id)
        )
        found.update({row.id: row.record_id for row in conn.execute(lock_rows(conn, statement))})
    return found


def _one(conn: Connection, where: Any) -> StoredIssue | None:
    row = conn.execute(select(issue_rows).where(where)).one_or_none()
    if row is None:
        return None
    return StoredIssue(
        id=row.id,
        bulletin_id=row.bulletin_id,
        number=row.number,
        period_key=row.period_key,
        published_at=row.published_at,
        subject=row.subject,
        content=decode(IssueContent, row.content),
        page_html=row.page_html,
    )
