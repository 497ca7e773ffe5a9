"""Both databases for the tests of the store."""

from __future__ import annotations

from tests.databases import (
    pg_database,
    pg_migrated,
    pg_server,
    pg_store,
    postgresql_url,
    sqlite_store,
    sqlite_template,
    store,
)

__all__ = [
    "pg_database", "pg_migrated", "pg_server", "pg_store", "postgresql_url", "sqlite_store", "sqlite_template", "store",
]  # fmt: skip
