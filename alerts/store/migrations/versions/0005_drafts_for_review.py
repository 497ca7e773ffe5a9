"""Drafts: issues that are held for the librarian, and the review files that were written for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "drafts",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), server_default="", nullable=False, comment="JSON; empty for an extra issue"),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("deadline_at", Instant(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False, comment="at the deadline: send, hold or warn"),
        sa.Column("body", sa.Text(), nullable=False, comment="JSON; empty once it can never be reopened"),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.Column("told", sa.Text(), server_default="", nullable=False),
        sa.Column("file_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("issue_id", _BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_drafts_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sqlite_autoincrement=True,
    )
    held = sa.text("ended = ''")
    op.create_index("uq_drafts_held", "drafts", ["bulletin_id"], unique=True, sqlite_where=held, postgresql_where=held)
    op.create_index(op.f("ix_drafts_issue_id"), "drafts", ["issue_id"], unique=False)
    op.create_table(
        "review_files",
        sa.Column("draft_id", _BIG_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="of the draft, when the text was taken in"),
        sa.Column("text", sa.Text(), nullable=False, comment="as written, or as last saved and taken in"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_review_files_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "version", name=op.f("pk_review_files")),
    )
