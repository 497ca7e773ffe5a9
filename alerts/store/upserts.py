"""`INSERT … ON CONFLICT`, which SQLite and PostgreSQL write alike.

As text and not by SQLAlchemy's two dialects' own `insert`: those are compiled anew at every call, which took longer
than the database did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, bindparam, text

Row = Mapping[str, Any]


def insert_new(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, all with the same columns; leave those out whose key is already there."""
    if rows:
        conn.execute(_insert(table, tuple(rows[0]), "DO NOTHING"), list(rows))


def upsert(
    conn: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str], keep: Sequence[str] = ()
) -> None:
    """Insert `rows`, or change the rows that have their `key`; columns named in `keep` are left as they were."""
    if rows:
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in rows[0] if name not in key and name not in keep)
        conn.execute(_insert(table, tuple(rows[0]), f"({_listed(key)}) DO UPDATE SET {changed}"), list(rows))


@cache
def _insert(table: Table, names: tuple[str, ...], on_conflict: str) -> TextClause:
    values = ", ".join(f":{name}" for name in names)
    statement = f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({values}) ON CONFLICT {on_conflict}'  # noqa: S608 - names are the schema's own
    return text(statement).bindparams(*(bindparam(name, type_=table.c[name].type) for name in names))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
