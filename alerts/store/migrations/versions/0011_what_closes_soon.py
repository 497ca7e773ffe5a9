"""When what a record invites to can last be answered, as a column of its own: it is asked for by date."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    """Add the column and fill it for the records that there are; one closing is told once."""
    op.add_column("records", sa.Column("closes_at", Instant(), nullable=True))
    records = sa.table(
        "records", sa.column("id", sa.BigInteger), sa.column("body", sa.Text), sa.column("closes_at", Instant())
    )
    conn, last = op.get_bind(), 0
    with_date = sa.select(records.c.id, records.c.body).where(records.c.body.contains('"closes":', autoescape=True))
    while rows := conn.execute(with_date.where(records.c.id > last).order_by(records.c.id).limit(_AT_ONCE)).all():
        for number, body in rows:
            closes = json.loads(body).get("closes")
            if closes:
                moment = datetime.fromisoformat(closes)
                conn.execute(sa.update(records).where(records.c.id == number).values(closes_at=moment))
        last = rows[-1][0]
    there = sa.text("closes_at IS NOT NULL")
    op.create_index("ix_records_closes", "records", ["closes_at"], sqlite_where=there, postgresql_where=there)
    closing = sa.text("kind = 'closing'")
    op.create_index(
        "uq_events_closing_once", "events", ["record_id"], unique=True, sqlite_where=closing, postgresql_where=closing
    )
