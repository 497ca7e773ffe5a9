"""What readers do: pause, join by themselves, tell what they used; and what is kept of those who have gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns and make the tables."""
    for name in ("signed_up_at", "paused_at", "paused_until"):
        op.add_column("subscriptions", sa.Column(name, Instant(), nullable=True))
    said = "the subscription whose link was used to leave or to pause"
    op.add_column("subscriptions", sa.Column("via", _BIG, nullable=True, comment=said))
    _sign_ups()
    op.create_table(
        "suppressions",
        sa.Column("digest", sa.Text(), nullable=False, comment="keyed hash of an address"),
        sa.Column("bulletin_id", sa.Text(), nullable=False, comment="empty: every bulletin"),
        sa.Column("key_mark", sa.Text(), nullable=False, comment="tells which key the hash was made with"),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "bulletin_id", name=op.f("pk_suppressions")),
    )
    _feedback()
    op.create_table(
        "bounces",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("delivery_id", _BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="permanent, passing or other"),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("came_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_bounces_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("delivery_id", "kind", name=op.f("uq_bounces_delivery_id_kind")),
    )
    op.create_table(
        "attempt_counts",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("month", "transport", "outcome", name=op.f("pk_attempt_counts")),
    )


def _sign_ups() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint("address_key", "bulletin_id", name=op.f("uq_sign_ups_address_key_bulletin_id")),
        sqlite_autoincrement=True,
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("issue_number", sa.Integer(), nullable=False),
        sa.Column("record_id", _BIG, nullable=True, comment="none: the issue as a whole"),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("title", "used_for", "told", "name")
        ),
        sa.Column("came_by", sa.Text(), nullable=False, comment="page or librarian"),
        sa.Column("given_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_bulletin_id"), "feedback", ["bulletin_id"], unique=False)
