"""Column types that mean the same on SQLite and PostgreSQL, and the digest that long keys are indexed by."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import TIMESTAMP, Dialect, Text
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
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=8192)  # a poll asks for each twice and writes it once
def digest(text: str) -> str:
    """Return 32 hex digits that stand for `text` in an index: PostgreSQL refuses index rows beyond 2,704 bytes."""
    return blake2b(text.encode("utf-8"), digest_size=16).hexdigest()
