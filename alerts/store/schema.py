"""The tables. Each unique key here is one of the promises: a stage that runs twice meets it and does nothing.

Long keys (an entry's key, a link, a title) are unique by their digest, see `columns.digest`. Ids that leave the
database (in a token, a Message-ID, the restore marker) are never used again, hence AUTOINCREMENT on SQLite. Names of
sources, profiles and bulletins are plain columns without foreign keys: the catalogue owns them, `formerly:` renames
them. `HEAD` is the last file in `migrations/versions`; together those make exactly these tables (a test compares).
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)

from alerts.store.columns import BIG_ID, Instant, at, count, flag, key, serial, to, word, words
from alerts.store.metadata import metadata as metadata
from alerts.store.reader_tables import attempt_counts as attempt_counts
from alerts.store.reader_tables import bounces as bounces
from alerts.store.reader_tables import feedback as feedback
from alerts.store.reader_tables import sign_ups as sign_ups
from alerts.store.reader_tables import suppressions as suppressions
from alerts.store.service_tables import leases as leases
from alerts.store.service_tables import switches as switches
from alerts.store.service_tables import vocabularies as vocabularies

HEAD = "0011"

# --- what came in -----------------------------------------------------------------------------------------------------

records = Table(
    "records",
    metadata,
    serial(),
    word("title"),
    words("summary"),
    Column("body", Text, nullable=False, comment="the rest of the entry, as JSON"),
    Column("title_digest", Text, nullable=False, index=True, comment="of identify.title_key(title)"),
    Column("first_seen_at", Instant, nullable=False, index=True),
    Column("revision", Integer, nullable=False, server_default="1"),
    word("evidence_type"),
    words("evidence_type_rule"),
    Column("merged_into", BIG_ID, ForeignKey("records.id"), nullable=True),
    at("closes_at", known=False),
    sqlite_autoincrement=True,
)
Index("ix_records_closes", records.c.closes_at, sqlite_where=records.c.closes_at.is_not(None),
      postgresql_where=records.c.closes_at.is_not(None))  # fmt: skip
Index("ix_records_merged", records.c.merged_into, sqlite_where=records.c.merged_into.is_not(None),
      postgresql_where=records.c.merged_into.is_not(None))  # fmt: skip

entries = Table(
    "entries",
    metadata,
    serial(),
    word("source_id"),
    word("key_digest"),
    word("fingerprint"),
    Column("record_id", BIG_ID, ForeignKey("records.id"), nullable=False, index=True),
    word("title"),
    words("summary"),
    word("body"),
    at("stored_at"),
    words("outcome"),
    words("reason"),
    UniqueConstraint("source_id", "key_digest", "fingerprint"),
)

sightings = Table(
    "sightings",
    metadata,
    key("source_id"),
    key("key_digest"),
    word("key"),
    Column("record_id", BIG_ID, ForeignKey("records.id"), nullable=False, index=True),
    Column("fingerprint", Text, nullable=False, comment="of the newest entry under this key"),
    at("first_seen_at"),
    words("link"),
)

identifiers = Table(
    "identifiers",
    metadata,
    key("scheme"),
    key("value_digest"),
    word("value"),
    Column("record_id", BIG_ID, ForeignKey("records.id"), nullable=False, index=True),
)

relations = Table(
    "relations",
    metadata,
    to("record_id", "records", part_of_key=True),
    key("relation"),
    Column("other_id", BIG_ID, ForeignKey("records.id"), primary_key=True, index=True),
    words("reason"),
    at("found_at"),
)

awaited = Table(
    "awaited",
    metadata,
    to("notice_id", "records", part_of_key=True),
    key("scheme"),
    key("value_digest"),
    Index(None, "value_digest", "scheme"),
)

look_ups = Table(
    "look_ups",
    metadata,
    to("record_id", "records", part_of_key=True),
    Column("times", Integer, nullable=False),
    at("asked_at"),
    flag("is_over"),
)

batches = Table(
    "batches",
    metadata,
    serial(),
    Column("source_id", Text, nullable=False, index=True),
    at("held_at"),
    count("records"),
    at("settled_at", known=False),
    words("settled_as"),
)

events = Table(
    "events",
    metadata,
    serial(),
    to("record_id", "records"),
    Column("n", Integer, nullable=False),
    word("kind"),
    at("happened_at"),
    words("note"),
    words("source_id"),
    to("notice_record_id", "records", known=False),
    flag("backlog"),
    Column("held_batch_id", BIG_ID, ForeignKey("batches.id"), nullable=True),
    UniqueConstraint("record_id", "n"),
    sqlite_autoincrement=True,
)
Index("uq_events_new_once", events.c.record_id, unique=True, sqlite_where=events.c.kind == "new",
      postgresql_where=events.c.kind == "new")  # fmt: skip
Index("uq_events_closing_once", events.c.record_id, unique=True, sqlite_where=events.c.kind == "closing",
      postgresql_where=events.c.kind == "closing")  # fmt: skip
Index("ix_events_kind", events.c.kind, events.c.record_id)
Index("ix_events_notice", events.c.notice_record_id, sqlite_where=events.c.notice_record_id.is_not(None),
      postgresql_where=events.c.notice_record_id.is_not(None))  # fmt: skip
Index("ix_events_held", events.c.held_batch_id, sqlite_where=events.c.held_batch_id.is_not(None),
      postgresql_where=events.c.held_batch_id.is_not(None))  # fmt: skip

matches = Table(
    "matches",
    metadata,
    to("record_id", "records", part_of_key=True),
    Column("profile_id", Text, primary_key=True, index=True),
    word("evidence"),
    Column("record_revision", Integer, nullable=False),
    words("strategy_revision"),
    at("matched_at"),
)

# --- what is known of sources and of the catalogue --------------------------------------------------------------------

source_states = Table(
    "source_states",
    metadata,
    key("source_id"),
    *map(words, ("address", "answered_by", "asked", "etag", "last_modified", "body_hash", "skip_hours", "skip_days")),
    *map(words, ("failure_code", "failure_message", "failure_cause", "failure_remedy", "moved_to", "resting_host")),
    *map(words, ("degraded", "degraded_code", "degraded_remedy", "crash_body", "memory", "via")),
    *map(count, ("failures", "entry_count", "moved_times", "ttl_s", "crash_times")),
    *(
        at(name, known=False)
        for name in (
            "first_success_at", "last_attempt_at", "last_success_at", "last_change_at", "last_new_at", "next_due_at",
            "failing_since", "failing_alike_since", "rests_until",
        )
    ),
)  # fmt: skip

source_health = Table(
    "source_health",
    metadata,
    serial(),
    Column("source_id", Text, nullable=False, index=True),
    word("kind"),
    words("code"),
    words("message"),
    words("cause"),
    words("remedy"),
    at("began_at"),
    at("ended_at", known=False),
    flag("began_reported"),
    flag("ended_reported"),
)
Index("uq_source_health_open", source_health.c.source_id, source_health.c.kind, unique=True,
      sqlite_where=source_health.c.ended_at.is_(None), postgresql_where=source_health.c.ended_at.is_(None))  # fmt: skip

arrivals = Table(
    "arrivals", metadata, key("source_id"), Column("day", Text, primary_key=True, comment="something new came then")
)

profiles = Table(
    "profiles",
    metadata,
    key("id"),
    at("introduced_at"),
    word("revision"),
    Column(
        "matched_revision", Text, nullable=False, server_default="", comment="what stored records were matched with"
    ),
)

bulletins = Table(
    "bulletins", metadata, key("id"), at("introduced_at"), words("schedule"), at("scheduled_at", known=False)
)

pairings = Table("pairings", metadata, key("bulletin_id"), key("profile_id"), at("introduced_at"))

good_files = Table("good_files", metadata, key("path"), word("text"), at("kept_at"))

# --- what goes out ----------------------------------------------------------------------------------------------------

dispositions = Table(
    "dispositions",
    metadata,
    key("bulletin_id"),
    Column("event_id", BIG_ID, ForeignKey("events.id"), primary_key=True, index=True),
    Column("record_id", BIG_ID, ForeignKey("records.id"), nullable=False, index=True),
    word("kind"),
    words("reason"),
    at("settled_at"),
    Column("issue_id", BIG_ID, ForeignKey("issues.id"), nullable=True, index=True),
)

issues = Table(
    "issues",
    metadata,
    serial(),
    word("bulletin_id"),
    Column("number", Integer, nullable=False),
    Column("period_key", Text, nullable=True, comment="none for an extra issue"),
    at("published_at"),
    word("subject"),
    count("item_count"),
    word("content"),
    word("page_html"),
    Column("skeleton", LargeBinary, nullable=False),
    Column("list_skeleton", LargeBinary, nullable=True, comment="for distribution lists: nobody leaves with one click"),
    UniqueConstraint("bulletin_id", "number"),
    UniqueConstraint("bulletin_id", "period_key"),
    sqlite_autoincrement=True,
)

periods = Table(
    "periods",
    metadata,
    key("bulletin_id"),
    key("key"),
    at("due_at"),
    word("outcome"),
    Column("issue_id", BIG_ID, ForeignKey("issues.id"), nullable=True),
    Column("collapsed_into", Text, nullable=True),
    at("settled_at"),
    words("note"),
)

drafts = Table(
    "drafts",
    metadata,
    serial(),
    word("bulletin_id"),
    Column("period", Text, nullable=False, server_default="", comment="JSON; empty for an extra issue"),
    at("made_at"),
    at("deadline_at"),
    Column("rule", Text, nullable=False, comment="at the deadline: send, hold or warn"),
    Column("body", Text, nullable=False, comment="JSON; empty once it can never be reopened"),
    Column("revision", Integer, nullable=False, server_default="1"),
    words("shown"),
    words("told"),
    count("file_version"),
    words("ended"),
    at("ended_at", known=False),
    Column("issue_id", BIG_ID, ForeignKey("issues.id"), nullable=True, index=True),
    sqlite_autoincrement=True,
)
Index("uq_drafts_held", drafts.c.bulletin_id, unique=True, sqlite_where=drafts.c.ended == "",
      postgresql_where=drafts.c.ended == "")  # fmt: skip

review_files = Table(
    "review_files",
    metadata,
    to("draft_id", "drafts", part_of_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False, comment="of the draft, when the text was taken in"),
    Column("text", Text, nullable=False, comment="as written, or as last saved and taken in"),
)

own_items = Table(
    "own_items",
    metadata,
    serial(),
    word("bulletin_id"),
    to("record_id", "records"),
    Column("event_id", BIG_ID, ForeignKey("events.id"), nullable=False, index=True),
    words("note"),
    words("added_by"),
    at("added_at"),
    UniqueConstraint("bulletin_id", "event_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    serial(),
    Column("address_key", Text, nullable=False, comment="case-folded address"),
    Column("bulletin_id", Text, nullable=False, index=True),
    word("address"),
    words("name"),
    words("team"),
    Column("kind", Text, nullable=False, server_default="person"),
    Column("state", Text, nullable=False, comment="follows from left_at, suspended_at and listed"),
    Column("generation", Integer, nullable=False, server_default="1"),
    flag("listed"),
    at("left_at", known=False),
    words("left_reason"),
    at("suspended_at", known=False),
    words("suspended_reason"),
    at("signed_up_at", known=False),
    at("paused_at", known=False),
    at("paused_until", known=False),
    Column("via", BIG_ID, nullable=True, comment="the subscription whose link was used to leave or to pause"),
    count("refusals"),
    at("began_at"),
    at("ended_at", known=False),
    UniqueConstraint("address_key", "bulletin_id"),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    serial(),
    word("kind"),
    word("dedupe_key"),
    Column("issue_id", BIG_ID, ForeignKey("issues.id"), nullable=True, index=True),
    Column("subscription_id", BIG_ID, ForeignKey("subscriptions.id"), nullable=True, index=True),
    word("address"),
    word("envelope_from"),
    word("message_id"),
    word("fields"),
    word("sha256"),
    Column("body", LargeBinary, nullable=True, comment="whole bytes of a message that is no issue"),
    word("state"),
    words("state_reason"),
    words("transport"),
    count("attempts"),
    count("unanswered"),
    words("owner"),
    at("lease_until", known=False),
    at("next_try_at", known=False),
    at("created_at"),
    at("sent_at", known=False),
    UniqueConstraint("kind", "dedupe_key"),
    sqlite_autoincrement=True,
)
Index("ix_deliveries_state", deliveries.c.state, deliveries.c.id)
MARK = func.substr(deliveries.c.message_id, literal_column("2"), literal_column("32"))
"""What a report of a message that came back knows it by: the 32 hex digits with which its Message-ID begins."""
Index("ix_deliveries_mark", MARK)

attempts = Table(
    "attempts",
    metadata,
    serial(),
    Column("delivery_id", BIG_ID, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    at("ended_at"),
    word("transport"),
    word("outcome"),
    count("code"),
    words("enhanced_code"),
    words("words"),
)
