"""The first tables: what came in, what is known of it, what went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("held_at", Instant(), nullable=False),
        sa.Column("records", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_as", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_source_id"), "batches", ["source_id"], unique=False)
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("introduced_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
    )
    op.create_table(
        "good_files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_good_files")),
    )
    op.create_table(
        "issues",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period_key", sa.Text(), nullable=True, comment="none for an extra issue"),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("item_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("page_html", sa.Text(), nullable=False),
        sa.Column("skeleton", sa.LargeBinary(), nullable=False),
        sa.Column(
            "list_skeleton",
            sa.LargeBinary(),
            nullable=True,
            comment="for distribution lists: nobody leaves with one click",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("bulletin_id", "number", name=op.f("uq_issues_bulletin_id_number")),
        sa.UniqueConstraint("bulletin_id", "period_key", name=op.f("uq_issues_bulletin_id_period_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "leases",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("held_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("stage", name=op.f("pk_leases")),
    )
    op.create_table(
        "pairings",
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("introduced_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bulletin_id", "profile_id", name=op.f("pk_pairings")),
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("introduced_at", Instant(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column(
            "matched_revision",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="what stored records were matched with",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the rest of the entry, as JSON"),
        sa.Column("title_digest", sa.Text(), nullable=False, comment="of identify.title_key(title)"),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("evidence_type", sa.Text(), nullable=False),
        sa.Column("evidence_type_rule", sa.Text(), server_default="", nullable=False),
        sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["records.id"], name=op.f("fk_records_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_records_first_seen_at"), "records", ["first_seen_at"], unique=False)
    op.create_index(
        "ix_records_merged",
        "records",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(op.f("ix_records_title_digest"), "records", ["title_digest"], unique=False)
    op.create_table(
        "source_health",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("began_reported", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("ended_reported", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_health")),
    )
    op.create_index(op.f("ix_source_health_source_id"), "source_health", ["source_id"], unique=False)
    op.create_index(
        "uq_source_health_open",
        "source_health",
        ["source_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "source_states",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("body_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("first_success_at", Instant(), nullable=True),
        sa.Column("last_attempt_at", Instant(), nullable=True),
        sa.Column("last_success_at", Instant(), nullable=True),
        sa.Column("last_change_at", Instant(), nullable=True),
        sa.Column("next_due_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("failure_code", sa.Text(), server_default="", nullable=False),
        sa.Column("failure_message", sa.Text(), server_default="", nullable=False),
        sa.Column("degraded", sa.Text(), server_default="", nullable=False),
        sa.Column("entry_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moved_to", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_times", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_states")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False, comment="case-folded address"),
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("team", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="person", nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="follows from left_at, suspended_at and listed"),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("listed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("left_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("suspended_at", Instant(), nullable=True),
        sa.Column("suspended_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("address_key", "bulletin_id", name=op.f("uq_subscriptions_address_key_bulletin_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscriptions_bulletin_id"), "subscriptions", ["bulletin_id"], unique=False)
    op.create_table(
        "switches",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("envelope_from", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="whole bytes of a message that is no issue"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("transport", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unanswered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_deliveries_issue_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("kind", "dedupe_key", name=op.f("uq_deliveries_kind_dedupe_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deliveries_issue_id"), "deliveries", ["issue_id"], unique=False)
    op.create_index("ix_deliveries_state", "deliveries", ["state", "id"], unique=False)
    op.create_index(op.f("ix_deliveries_subscription_id"), "deliveries", ["subscription_id"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_entries_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint(
            "source_id", "key_digest", "fingerprint", name=op.f("uq_entries_source_id_key_digest_fingerprint")
        ),
    )
    op.create_index(op.f("ix_entries_record_id"), "entries", ["record_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("notice_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("backlog", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("held_batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["held_batch_id"], ["batches.id"], name=op.f("fk_events_held_batch_id")),
        sa.ForeignKeyConstraint(["notice_record_id"], ["records.id"], name=op.f("fk_events_notice_record_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_events_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("record_id", "n", name=op.f("uq_events_record_id_n")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_events_held",
        "events",
        ["held_batch_id"],
        unique=False,
        sqlite_where=sa.text("held_batch_id IS NOT NULL"),
        postgresql_where=sa.text("held_batch_id IS NOT NULL"),
    )
    op.create_index("ix_events_kind", "events", ["kind", "record_id"], unique=False)
    op.create_index(
        "ix_events_notice",
        "events",
        ["notice_record_id"],
        unique=False,
        sqlite_where=sa.text("notice_record_id IS NOT NULL"),
        postgresql_where=sa.text("notice_record_id IS NOT NULL"),
    )
    op.create_index(
        "uq_events_new_once",
        "events",
        ["record_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'new'"),
        postgresql_where=sa.text("kind = 'new'"),
    )
    op.create_table(
        "identifiers",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value_digest", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_identifiers_record_id")),
        sa.PrimaryKeyConstraint("scheme", "value_digest", name=op.f("pk_identifiers")),
    )
    op.create_index(op.f("ix_identifiers_record_id"), "identifiers", ["record_id"], unique=False)
    op.create_table(
        "matches",
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("record_revision", sa.Integer(), nullable=False),
        sa.Column("strategy_revision", sa.Text(), server_default="", nullable=False),
        sa.Column("matched_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_matches_record_id")),
        sa.PrimaryKeyConstraint("record_id", "profile_id", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_profile_id"), "matches", ["profile_id"], unique=False)
    op.create_table(
        "periods",
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("collapsed_into", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_periods_issue_id")),
        sa.PrimaryKeyConstraint("bulletin_id", "key", name=op.f("pk_periods")),
    )
    op.create_table(
        "relations",
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["records.id"], name=op.f("fk_relations_other_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_relations_record_id")),
        sa.PrimaryKeyConstraint("record_id", "relation", "other_id", name=op.f("pk_relations")),
    )
    op.create_index(op.f("ix_relations_other_id"), "relations", ["other_id"], unique=False)
    op.create_table(
        "sightings",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="of the newest entry under this key"),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_sightings_record_id")),
        sa.PrimaryKeyConstraint("source_id", "key_digest", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_record_id"), "sightings", ["record_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("enhanced_code", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_delivery_id"), "attempts", ["delivery_id"], unique=False)
    op.create_table(
        "dispositions",
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", Instant(), nullable=False),
        sa.Column("issue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_dispositions_event_id")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_dispositions_issue_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_dispositions_record_id")),
        sa.PrimaryKeyConstraint("bulletin_id", "event_id", name=op.f("pk_dispositions")),
    )
    op.create_index(op.f("ix_dispositions_event_id"), "dispositions", ["event_id"], unique=False)
    op.create_index(op.f("ix_dispositions_issue_id"), "dispositions", ["issue_id"], unique=False)
    op.create_index(op.f("ix_dispositions_record_id"), "dispositions", ["record_id"], unique=False)
    op.create_table(
        "own_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bulletin_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("added_by", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_own_items_event_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_own_items_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_items")),
        sa.UniqueConstraint("bulletin_id", "event_id", name=op.f("uq_own_items_bulletin_id_event_id")),
    )
    op.create_index(op.f("ix_own_items_event_id"), "own_items", ["event_id"], unique=False)
    op.create_table(
        "vocabularies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("headings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("entry_terms", sa.Integer(), server_default="0", nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="all headings as compressed JSON"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_vocabularies")),
    )
