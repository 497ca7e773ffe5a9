"""`INSERT … ON CONFLICT`, which SQLite and PostgreSQL share but SQLAlchemy spells per database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

Row = Mapping[str, Any]


def insert_new(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`; leave those out whose key is already there."""
    if rows:
        conn.execute(_insert(conn, table).on_conflict_do_nothing(), list(rows))


def upsert(
    conn: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str], keep: Sequence[str] = ()
) -> None:
    """Insert `rows`, or change the rows that have their `key`; columns named in `keep` are left as they were."""
    if not rows:
        return
    statement = _insert(conn, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key and name not in keep}
    conn.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))


def _insert(conn: Connection, table: Table) -> Any:
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # a twelfth of a second that SQLite need not wait

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
