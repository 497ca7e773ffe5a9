"""The tables. Each unique key here is one of the promises: a stage that runs twice meets it and does nothing.

Long keys (an entry's key, a link, a title) are unique by their digest, see `columns.digest`. Ids that leave the
database (in a token, a Message-ID, the restore marker) are never used again, hence AUTOINCREMENT on SQLite. Names of
sources, profiles and bulletins are plain columns without foreign keys: the catalogue owns them, `formerly:` renames
them. `HEAD` is the last file in `migrations/versions`; together those make exactly these tables (a test compares).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from alerts.store.columns import Instant

HEAD = "0004"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_BigId = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", _BigId, primary_key=True, autoincrement=True)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _word(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _at(name: str, *, known: bool = True) -> Column[Any]:
    return Column(name, Instant, nullable=not known)


def _to(name: str, target: str, *, known: bool = True, part_of_key: bool = False) -> Column[int]:
    return Column(
        name, _BigId, ForeignKey(f"{target}.id"), nullable=not known and not part_of_key, primary_key=part_of_key
    )


# --- what came in -----------------------------------------------------------------------------------------------------

records = Table(
    "records",
    metadata,
    _id(),
    _word("title"),
    _words("summary"),
    Column("body", Text, nullable=False, comment="the rest of the entry, as JSON"),
    Column("title_digest", Text, nullable=False, index=True, comment="of identify.title_key(title)"),
    Column("first_seen_at", Instant, nullable=False, index=True),
    Column("revision", Integer, nullable=False, server_default="1"),
    _word("evidence_type"),
    _words("evidence_type_rule"),
    Column("merged_into", _BigId, ForeignKey("records.id"), nullable=True),
    sqlite_autoincrement=True,
)
Index("ix_records_merged", records.c.merged_into, sqlite_where=records.c.merged_into.is_not(None),
      postgresql_where=records.c.merged_into.is_not(None))  # fmt: skip

entries = Table(
    "entries",
    metadata,
    _id(),
    _word("source_id"),
    _word("key_digest"),
    _word("fingerprint"),
    Column("record_id", _BigId, ForeignKey("records.id"), nullable=False, index=True),
    _word("title"),
    _words("summary"),
    _word("body"),
    _at("stored_at"),
    _words("outcome"),
    _words("reason"),
    UniqueConstraint("source_id", "key_digest", "fingerprint"),
)

sightings = Table(
    "sightings",
    metadata,
    _key("source_id"),
    _key("key_digest"),
    _word("key"),
    Column("record_id", _BigId, ForeignKey("records.id"), nullable=False, index=True),
    Column("fingerprint", Text, nullable=False, comment="of the newest entry under this key"),
    _at("first_seen_at"),
    _words("link"),
)

identifiers = Table(
    "identifiers",
    metadata,
    _key("scheme"),
    _key("value_digest"),
    _word("value"),
    Column("record_id", _BigId, ForeignKey("records.id"), nullable=False, index=True),
)

relations = Table(
    "relations",
    metadata,
    _to("record_id", "records", part_of_key=True),
    _key("relation"),
    Column("other_id", _BigId, ForeignKey("records.id"), primary_key=True, index=True),
    _words("reason"),
    _at("found_at"),
)

awaited = Table(
    "awaited",
    metadata,
    _to("notice_id", "records", part_of_key=True),
    _key("scheme"),
    _key("value_digest"),
    Index(None, "value_digest", "scheme"),
)

batches = Table(
    "batches",
    metadata,
    _id(),
    Column("source_id", Text, nullable=False, index=True),
    _at("held_at"),
    _count("records"),
    _at("settled_at", known=False),
    _words("settled_as"),
)

events = Table(
    "events",
    metadata,
    _id(),
    _to("record_id", "records"),
    Column("n", Integer, nullable=False),
    _word("kind"),
    _at("happened_at"),
    _words("note"),
    _words("source_id"),
    _to("notice_record_id", "records", known=False),
    _flag("backlog"),
    Column("held_batch_id", _BigId, ForeignKey("batches.id"), nullable=True),
    UniqueConstraint("record_id", "n"),
    sqlite_autoincrement=True,
)
Index("uq_events_new_once", events.c.record_id, unique=True, sqlite_where=events.c.kind == "new",
      postgresql_where=events.c.kind == "new")  # fmt: skip
Index("ix_events_kind", events.c.kind, events.c.record_id)
Index("ix_events_notice", events.c.notice_record_id, sqlite_where=events.c.notice_record_id.is_not(None),
      postgresql_where=events.c.notice_record_id.is_not(None))  # fmt: skip
Index("ix_events_held", events.c.held_batch_id, sqlite_where=events.c.held_batch_id.is_not(None),
      postgresql_where=events.c.held_batch_id.is_not(None))  # fmt: skip

matches = Table(
    "matches",
    metadata,
    _to("record_id", "records", part_of_key=True),
    Column("profile_id", Text, primary_key=True, index=True),
    _word("evidence"),
    Column("record_revision", Integer, nullable=False),
    _words("strategy_revision"),
    _at("matched_at"),
)

# --- what is known of sources and of the catalogue --------------------------------------------------------------------

source_states = Table(
    "source_states",
    metadata,
    _key("source_id"),
    *map(_words, ("address", "answered_by", "asked", "etag", "last_modified", "body_hash", "skip_hours", "skip_days")),
    *map(_words, ("failure_code", "failure_message", "failure_cause", "failure_remedy", "moved_to", "resting_host")),
    *map(_words, ("degraded", "degraded_code", "degraded_remedy", "crash_body")),
    *map(_count, ("failures", "entry_count", "moved_times", "ttl_s", "crash_times")),
    *(
        _at(name, known=False)
        for name in (
            "first_success_at", "last_attempt_at", "last_success_at", "last_change_at", "last_new_at", "next_due_at",
            "failing_since", "failing_alike_since", "rests_until",
        )
    ),
)  # fmt: skip

source_health = Table(
    "source_health",
    metadata,
    _id(),
    Column("source_id", Text, nullable=False, index=True),
    _word("kind"),
    _words("code"),
    _words("message"),
    _words("cause"),
    _words("remedy"),
    _at("began_at"),
    _at("ended_at", known=False),
    _flag("began_reported"),
    _flag("ended_reported"),
)
Index("uq_source_health_open", source_health.c.source_id, source_health.c.kind, unique=True,
      sqlite_where=source_health.c.ended_at.is_(None), postgresql_where=source_health.c.ended_at.is_(None))  # fmt: skip

arrivals = Table(
    "arrivals", metadata, _key("source_id"), Column("day", Text, primary_key=True, comment="something new came then")
)

profiles = Table(
    "profiles",
    metadata,
    _key("id"),
    _at("introduced_at"),
    _word("revision"),
    Column(
        "matched_revision", Text, nullable=False, server_default="", comment="what stored records were matched with"
    ),
)

bulletins = Table("bulletins", metadata, _key("id"), _at("introduced_at"))

pairings = Table("pairings", metadata, _key("bulletin_id"), _key("profile_id"), _at("introduced_at"))

good_files = Table("good_files", metadata, _key("path"), _word("text"), _at("kept_at"))

# --- what goes out ----------------------------------------------------------------------------------------------------

dispositions = Table(
    "dispositions",
    metadata,
    _key("bulletin_id"),
    Column("event_id", _BigId, ForeignKey("events.id"), primary_key=True, index=True),
    Column("record_id", _BigId, ForeignKey("records.id"), nullable=False, index=True),
    _word("kind"),
    _words("reason"),
    _at("settled_at"),
    Column("issue_id", _BigId, ForeignKey("issues.id"), nullable=True, index=True),
)

issues = Table(
    "issues",
    metadata,
    _id(),
    _word("bulletin_id"),
    Column("number", Integer, nullable=False),
    Column("period_key", Text, nullable=True, comment="none for an extra issue"),
    _at("published_at"),
    _word("subject"),
    _count("item_count"),
    _word("content"),
    _word("page_html"),
    Column("skeleton", LargeBinary, nullable=False),
    Column("list_skeleton", LargeBinary, nullable=True, comment="for distribution lists: nobody leaves with one click"),
    UniqueConstraint("bulletin_id", "number"),
    UniqueConstraint("bulletin_id", "period_key"),
    sqlite_autoincrement=True,
)

periods = Table(
    "periods",
    metadata,
    _key("bulletin_id"),
    _key("key"),
    _at("due_at"),
    _word("outcome"),
    Column("issue_id", _BigId, ForeignKey("issues.id"), nullable=True),
    Column("collapsed_into", Text, nullable=True),
    _at("settled_at"),
    _words("note"),
)

own_items = Table(
    "own_items",
    metadata,
    _id(),
    _word("bulletin_id"),
    _to("record_id", "records"),
    Column("event_id", _BigId, ForeignKey("events.id"), nullable=False, index=True),
    _words("note"),
    _words("added_by"),
    _at("added_at"),
    UniqueConstraint("bulletin_id", "event_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    Column("address_key", Text, nullable=False, comment="case-folded address"),
    Column("bulletin_id", Text, nullable=False, index=True),
    _word("address"),
    _words("name"),
    _words("team"),
    Column("kind", Text, nullable=False, server_default="person"),
    Column("state", Text, nullable=False, comment="follows from left_at, suspended_at and listed"),
    Column("generation", Integer, nullable=False, server_default="1"),
    _flag("listed"),
    _at("left_at", known=False),
    _words("left_reason"),
    _at("suspended_at", known=False),
    _words("suspended_reason"),
    _count("refusals"),
    _at("began_at"),
    _at("ended_at", known=False),
    UniqueConstraint("address_key", "bulletin_id"),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _word("kind"),
    _word("dedupe_key"),
    Column("issue_id", _BigId, ForeignKey("issues.id"), nullable=True, index=True),
    Column("subscription_id", _BigId, ForeignKey("subscriptions.id"), nullable=True, index=True),
    _word("address"),
    _word("envelope_from"),
    _word("message_id"),
    _word("fields"),
    _word("sha256"),
    Column("body", LargeBinary, nullable=True, comment="whole bytes of a message that is no issue"),
    _word("state"),
    _words("state_reason"),
    _words("transport"),
    _count("attempts"),
    _count("unanswered"),
    _words("owner"),
    _at("lease_until", known=False),
    _at("next_try_at", known=False),
    _at("created_at"),
    _at("sent_at", known=False),
    UniqueConstraint("kind", "dedupe_key"),
    sqlite_autoincrement=True,
)
Index("ix_deliveries_state", deliveries.c.state, deliveries.c.id)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("delivery_id", _BigId, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("n", Integer, nullable=False),
    _at("ended_at"),
    _word("transport"),
    _word("outcome"),
    _count("code"),
    _words("enhanced_code"),
    _words("words"),
)

# --- who is at work ---------------------------------------------------------------------------------------------------

leases = Table("leases", metadata, _key("stage"), _word("owner"), _at("taken_at"), _at("held_until"))

switches = Table("switches", metadata, _key("name"), _word("value"), _at("set_at"))

# --- the words of headings --------------------------------------------------------------------------------------------

vocabularies = Table(
    "vocabularies",
    metadata,
    _key("name"),
    _word("label"),
    _word("revision"),
    _count("headings"),
    _count("entry_terms"),
    _at("loaded_at"),
    Column("body", LargeBinary, nullable=False, comment="all headings as compressed JSON"),
)
