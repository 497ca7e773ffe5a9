"""A message that came back is found by the mark in its Message-ID, however many were ever sent.

A later migration that rebuilds the table on SQLite must make the index again: an expression cannot be read back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_deliveries_mark", "deliveries", [sa.text("substr(message_id, 2, 32)")], unique=False)
