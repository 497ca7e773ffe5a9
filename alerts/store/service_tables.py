"""The tables of the service itself: whose turn a stage is, what was switched, the vocabularies that were loaded."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Table

from alerts.store.columns import at, count, key, word
from alerts.store.metadata import metadata

leases = Table("leases", metadata, key("stage"), word("owner"), at("taken_at"), at("held_until"))

switches = Table("switches", metadata, key("name"), word("value"), at("set_at"))

# --- the words of headings --------------------------------------------------------------------------------------------

vocabularies = Table(
    "vocabularies",
    metadata,
    key("name"),
    word("label"),
    word("revision"),
    count("headings"),
    count("entry_terms"),
    at("loaded_at"),
    Column("body", LargeBinary, nullable=False, comment="all headings as compressed JSON"),
)
