"""What the look-up of corrections asks about: the DOIs of records that readers have had."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select

from alerts.store.matches import SHOWN
from alerts.store.schema import dispositions, identifiers, issues, records


def issued_dois(conn: Connection, since: datetime, after: int, limit: int) -> tuple[tuple[int, str], ...]:
    """Return record and DOI of what was in an issue published from `since` on, the records after `after` in order.

    At least `limit` of them, where there are so many: no record is torn apart.
    """
    shown = (
        exists()
        .where(dispositions.c.record_id == records.c.id, dispositions.c.kind.in_(SHOWN))
        .where(issues.c.id == dispositions.c.issue_id, issues.c.published_at >= since)
    )
    has_doi = exists().where(identifiers.c.record_id == records.c.id, identifiers.c.scheme == "doi")
    wanted = select(records.c.id).where(records.c.id > after, records.c.merged_into.is_(None), shown, has_doi)
    ids = list(conn.scalars(wanted.order_by(records.c.id).limit(limit)))
    if not ids:
        return ()
    dois = select(identifiers.c.record_id, identifiers.c.value).where(
        identifiers.c.scheme == "doi", identifiers.c.record_id.in_(ids)
    )
    return tuple((row[0], row[1]) for row in conn.execute(dois.order_by(identifiers.c.record_id, identifiers.c.value)))
