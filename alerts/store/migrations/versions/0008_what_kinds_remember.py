"""What a kind of source remembers of each source beside validators: a window that was read, the items of a page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("source_states", sa.Column("memory", sa.Text(), server_default="", nullable=False))
