"""What a source asks for, where its answers come from, how it fails: kept between two runs of collect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WORDS = ("answered_by", "asked", "skip_hours", "skip_days", "failure_cause", "resting_host", "crash_body")
_COUNTS = ("ttl_s", "crash_times")
_MOMENTS = ("rests_until",)


def upgrade() -> None:
    """Add the columns; what is not known yet is empty."""
    for name in _WORDS:
        op.add_column("source_states", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in _COUNTS:
        op.add_column("source_states", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in _MOMENTS:
        op.add_column("source_states", sa.Column(name, Instant(), nullable=True))
