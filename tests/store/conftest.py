"""Both databases, and the small things that many tests of the store need."""

from __future__ import annotations

from tests.databases import pg_database, pg_server, pg_store, postgresql_url, sqlite_store, sqlite_template, store

__all__ = ["pg_database", "pg_server", "pg_store", "postgresql_url", "sqlite_store", "sqlite_template", "store"]
