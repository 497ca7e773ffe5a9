"""Health of sources: causes and remedies, when something new last came, and the days that a rhythm is learnt from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WORDS = ("failure_remedy", "degraded_code", "degraded_remedy")


def upgrade() -> None:
    """Add the columns and the table; what earlier polls brought is taken from the sightings."""
    for name in _WORDS:
        op.add_column("source_states", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("failing_alike_since", "last_new_at"):
        op.add_column("source_states", sa.Column(name, Instant(), nullable=True))
    for name in ("cause", "remedy"):
        op.add_column("source_health", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.drop_column("source_states", "held")  # never filled: batches tell what is held
    op.create_table(
        "arrivals",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False, comment="something new came then"),
        sa.PrimaryKeyConstraint("source_id", "day", name=op.f("pk_arrivals")),
    )
    day = (
        "substr(first_seen_at, 1, 10)"
        if op.get_bind().dialect.name == "sqlite"
        else ("to_char(first_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    )
    op.execute(f"INSERT INTO arrivals (source_id, day) SELECT DISTINCT source_id, {day} FROM sightings")  # noqa: S608
    op.execute(
        "UPDATE source_states SET failing_alike_since = failing_since, last_new_at = "
        "(SELECT max(first_seen_at) FROM sightings WHERE sightings.source_id = source_states.source_id)"
    )
