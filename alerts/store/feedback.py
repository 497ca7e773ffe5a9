"""What readers told of use: which item of which issue, for what, in their words. No person, unless they named one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from alerts.store.schema import feedback


@dataclass(frozen=True, slots=True)
class Told:
    """One answer. `record_id` None: about the issue as a whole."""

    bulletin_id: str
    issue_number: int
    given_at: datetime
    record_id: int | None = None
    title: str = ""
    used_for: str = ""
    told: str = ""
    name: str = ""
    came_by: str = "page"
    id: int = 0


def add(conn: Connection, answer: Told) -> int:
    """Keep an answer; return its number."""
    names = ("bulletin_id", "issue_number", "given_at", "record_id", "title", "used_for", "told", "name", "came_by")
    row = {name: getattr(answer, name) for name in names}
    made: int = conn.execute(insert(feedback).returning(feedback.c.id), row).scalar_one()
    return made


def listing(conn: Connection, bulletin_id: str | None = None, since: datetime | None = None) -> tuple[Told, ...]:
    """Return the answers about one bulletin or all, oldest first."""
    statement = select(feedback).order_by(feedback.c.id)
    if bulletin_id is not None:
        statement = statement.where(feedback.c.bulletin_id == bulletin_id)
    if since is not None:
        statement = statement.where(feedback.c.given_at >= since)
    return tuple(Told(**row._mapping) for row in conn.execute(statement))


def count_since(conn: Connection, bulletin_id: str, since: datetime) -> int:
    """Return how many answers the page took about a bulletin since a moment."""
    by_page = (feedback.c.bulletin_id == bulletin_id) & (feedback.c.came_by == "page")
    return conn.scalar(select(func.count()).where(by_page, feedback.c.given_at > since)) or 0
