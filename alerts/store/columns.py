"""Columns and their types that mean the same on SQLite and PostgreSQL, and the digest long keys are indexed by."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Boolean, Column, Dialect, ForeignKey, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator, TypeEngine

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` on PostgreSQL, text of fixed width on SQLite, ordered as time is."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that stores it in this kind of database."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver gets; naive times are refused, since nobody can tell what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC) if dialect.name == "postgresql" else _as_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the stored moment as an aware datetime in UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


@lru_cache(maxsize=256)  # one moment stands in every row of a poll
def _as_text(value: datetime) -> str:
    moment = value.astimezone(UTC)
    return f"{moment.year:04d}{moment.strftime(_FORM)[-23:]}"


def storable(text: str) -> str:
    """Return `text` without what a database refuses: NUL (PostgreSQL) and lone surrogates (UTF-8).

    Entries are cleaned long before; this is for the words of strangers' servers: validators, failures, refusals.
    """
    kept = text.replace("\x00", "")
    return kept if kept.isascii() else kept.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=8192)  # a poll asks for each twice and writes it once
def digest(text: str) -> str:
    """Return 32 hex digits that stand for `text` in an index: PostgreSQL refuses index rows beyond 2,704 bytes."""
    return blake2b(text.encode("utf-8"), digest_size=16).hexdigest()


BIG_ID = BigInteger().with_variant(Integer, "sqlite")


def serial() -> Column[int]:
    """Return the column of a row's own number."""
    return Column("id", BIG_ID, primary_key=True, autoincrement=True)


def key(name: str) -> Column[str]:
    """Return a column of the primary key."""
    return Column(name, Text, primary_key=True)


def words(name: str) -> Column[str]:
    """Return a column of text that may be empty."""
    return Column(name, Text, nullable=False, server_default="")


def word(name: str) -> Column[str]:
    """Return a column of text that must be given."""
    return Column(name, Text, nullable=False)


def count(name: str) -> Column[int]:
    """Return a column of a count that begins at 0."""
    return Column(name, Integer, nullable=False, server_default="0")


def flag(name: str) -> Column[bool]:
    """Return a column of a flag that is off at first."""
    return Column(name, Boolean, nullable=False, server_default=sql("false"))


def at(name: str, *, known: bool = True) -> Column[Any]:
    """Return a column of a moment; with `known=False` it may be missing."""
    return Column(name, Instant, nullable=not known)


def to(name: str, target: str, *, known: bool = True, part_of_key: bool = False) -> Column[int]:
    """Return a column that points to a row of `target`."""
    return Column(
        name, BIG_ID, ForeignKey(f"{target}.id"), nullable=not known and not part_of_key, primary_key=part_of_key
    )
