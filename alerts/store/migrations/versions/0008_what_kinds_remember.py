"""What a kind of source remembers of each source (a window that was read, a page's items), and where redirects led."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for name in ("memory", "via"):
        op.add_column("source_states", sa.Column(name, sa.Text(), server_default="", nullable=False))
