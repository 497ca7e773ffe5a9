"""The tables about readers beside their subscriptions: who asked to join, who must not be brought back, what they told.

Nothing here says what anybody opened or clicked: there is no column for it.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text, UniqueConstraint

from alerts.store.columns import BIG_ID, at, count, key, serial, to, word, words
from alerts.store.metadata import metadata

sign_ups = Table(
    "sign_ups",
    metadata,
    serial(),
    word("address_key"),
    word("bulletin_id"),
    word("address"),
    words("name"),
    at("asked_at"),
    UniqueConstraint("address_key", "bulletin_id"),
    sqlite_autoincrement=True,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("digest", Text, primary_key=True, comment="keyed hash of an address"),
    Column("bulletin_id", Text, primary_key=True, comment="empty: every bulletin"),
    Column("key_mark", Text, nullable=False, comment="tells which key the hash was made with"),
    at("since"),
)

feedback = Table(
    "feedback",
    metadata,
    serial(),
    Column("bulletin_id", Text, nullable=False, index=True),
    Column("issue_number", Integer, nullable=False),
    Column("record_id", BIG_ID, nullable=True, comment="none: the issue as a whole"),
    words("title"),
    words("used_for"),
    words("told"),
    words("name"),
    Column("came_by", Text, nullable=False, comment="page or librarian"),
    at("given_at"),
)

bounces = Table(
    "bounces",
    metadata,
    serial(),
    to("delivery_id", "deliveries"),
    Column("kind", Text, nullable=False, comment="permanent, passing or other"),
    words("status"),
    words("words"),
    at("came_at"),
    UniqueConstraint("delivery_id", "kind"),
)

attempt_counts = Table("attempt_counts", metadata, key("month"), key("transport"), key("outcome"), count("attempts"))
"""What is left of attempts after a while: how many there were."""
