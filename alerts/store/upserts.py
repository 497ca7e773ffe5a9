"""Many rows at once: `INSERT`, and `INSERT … ON CONFLICT`, which SQLite and PostgreSQL write alike.

As text handed to the driver, each statement made once, and not by SQLAlchemy's `insert`: compiling that and preparing
its parameters row by row took several times as long as the database did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Row = Mapping[str, Any]


def insert_rows(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, all with the same columns; a key that is already there raises."""
    _write(conn, table, rows, "")


def insert_new(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, all with the same columns; leave those out whose key is already there."""
    _write(conn, table, rows, " ON CONFLICT DO NOTHING")


def upsert(
    conn: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str], keep: Sequence[str] = ()
) -> None:
    """Insert `rows`, or change the rows that have their `key`; columns named in `keep` are left as they were."""
    if rows:
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in rows[0] if name not in key and name not in keep)
        _write(conn, table, rows, f" ON CONFLICT ({_listed(key)}) DO UPDATE SET {changed}")


def next_ids(conn: Connection, table: Table, count: int) -> range | list[int]:
    """Take `count` ids for new rows of `table`: ids that were never used, as if the database had given them.

    On SQLite only within a writing transaction, which is alone.
    """
    name = table.name
    if conn.dialect.name == "postgresql":
        taken = f"SELECT nextval(pg_get_serial_sequence('{name}', 'id')) FROM generate_series(1, {count})"  # noqa: S608 - our own table and a number
        return [row[0] for row in conn.exec_driver_sql(taken)]
    used = f"""SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0),
                          coalesce((SELECT max(id) FROM "{name}"), 0))"""  # noqa: S608 - our own table
    last: int = conn.exec_driver_sql(used).scalar_one()
    return range(last + 1, last + 1 + count)


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.name == "sqlite" else "%s"


def _write(conn: Connection, table: Table, rows: Sequence[Row], ending: str) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    turned = [[row[name] for name in names] for row in rows]
    for place, turn in _turns(table, names, conn.dialect):
        before: Any = None
        after = turn(None)
        for values in turned:
            if values[place] is not before:  # often one moment in every row
                before = values[place]
                after = turn(before)
            values[place] = after
    conn.exec_driver_sql(_insert(table, names, ending, conn.dialect), [tuple(values) for values in turned])


@cache
def _insert(table: Table, names: tuple[str, ...], ending: str, dialect: Dialect) -> str:
    places = ", ".join([_mark(dialect)] * len(names))
    return f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({places}){ending}'  # noqa: S608 - names are the schema's own


@cache
def _turns(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Return the columns whose values the driver gets in another form, by their places, and what turns them."""
    found = [(place, table.c[name].type.dialect_impl(dialect)) for place, name in enumerate(names)]
    turns = [(place, kind.bind_processor(dialect)) for place, kind in found]
    return tuple((place, turn) for place, turn in turns if turn is not None)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
