"""Notices that came before the publication they are about: what each waits for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "awaited",
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["records.id"], name=op.f("fk_awaited_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "scheme", "value_digest", name=op.f("pk_awaited")),
    )
    op.create_index(op.f("ix_awaited_value_digest_scheme"), "awaited", ["value_digest", "scheme"], unique=False)
