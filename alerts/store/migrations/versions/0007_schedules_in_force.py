"""The schedule in force of each bulletin, and since when: an edit does not make issues overdue that nobody promised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of bulletins that are known already the schedule is noted at the next start."""
    op.add_column("bulletins", sa.Column("schedule", sa.Text(), server_default="", nullable=False))
    op.add_column("bulletins", sa.Column("scheduled_at", Instant(), nullable=True))
