"""The database itself: opening it, reading, writing, and running a unit of work again when it met another writer.

Every unit of work is one transaction. On SQLite a writing one is `BEGIN IMMEDIATE`: the driver's own deferred begin
lost 180 of 240 concurrent updates. On PostgreSQL it is READ COMMITTED with row locks where a unit relies on what it
read. `replay` runs a unit again as a whole; never give it one that has sent mail.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from alerts.errors import AlertsError
from alerts.store.errors import BadDatabaseAddress
from alerts.store.failures import is_worth_replaying, translated

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
Kind = Literal["sqlite", "postgresql"]

BUSY_TIMEOUT_MS = 10_000
STATEMENT_TIMEOUT_MS = 60_000
MIGRATING = "alerts_migrating"
_WRITING = "alerts_writing"
_PASSING = "alerts_passing"


def open_store(url: str, *, state_dir: Path | None = None) -> Store:
    """Return the store at `url`; nothing is opened before it is first used.

    `url` is `sqlite:///absolute/path.db` or `postgresql://user:password@host/name`. `state_dir` is where the marker and
    the service lock lie when they cannot lie beside an SQLite file. Raises `BadDatabaseAddress`.
    """
    try:
        address = make_url(url)
    except ArgumentError as failure:
        raise BadDatabaseAddress("The address of the database cannot be read.") from failure
    kind = address.get_backend_name()
    if kind == "sqlite":
        return Store(_open_sqlite(address), "sqlite", Path(str(address.database)), state_dir)
    if kind in ("postgresql", "postgres"):
        return Store(_open_postgresql(address), "postgresql", None, state_dir)
    raise BadDatabaseAddress(f"A database of the kind “{kind}” cannot be used.")


class Store:
    """A database and how it is used. Cheap to make, safe to share between threads."""

    def __init__(self, engine: Engine, kind: Kind, path: Path | None, state_dir: Path | None) -> None:
        self.engine = engine
        self.kind: Kind = kind
        self.path = path
        self.state_dir = state_dir or (path.parent if path else None)

    @property
    def url(self) -> str:
        """The address of the database with the password masked."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database and refuses to write."""
        with translated(), self.engine.connect() as conn:
            if self.kind == "postgresql":
                conn.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
            with conn.begin():
                yield conn

    @contextmanager
    def write(self, *, passing: bool = False) -> Iterator[Connection]:
        """Give a connection in a writing transaction, committed at the end and rolled back when something is raised.

        `passing`: what is written means nothing once this machine has stopped, so that it need not be on the disk at
        the commit. It never overtakes anything, and is on the disk with the next commit that is.
        """
        with translated(), self.engine.connect() as conn:
            conn.execution_options(**{_WRITING: True, _PASSING: passing})
            with conn.begin():
                yield conn

    def replay(self, unit: Callable[[Connection], T], *, attempts: int = 6, passing: bool = False) -> T:
        """Run `unit` in a writing transaction; run it again, whole, after a busy database or a lost connection.

        `unit` must do nothing but use its connection. `Stale` is not replayed: what was decided must be decided again.
        `passing`: see `write`.
        """
        for attempt in range(1, attempts):
            try:
                with self.write(passing=passing) as conn:
                    return unit(conn)
            except AlertsError as failure:
                if not is_worth_replaying(failure):
                    raise
                time.sleep(random.uniform(0.5, 1) * 0.05 * 2**attempt)  # noqa: S311 - spreads writers, guards nothing
        with self.write(passing=passing) as conn:
            return unit(conn)

    def migrate(self) -> bool:
        """Bring the tables to this version's form; return whether anything had to be done. See `migrate.py`."""
        from alerts.store import migrate

        return migrate.migrate(self)

    def probe(self, now: datetime) -> None:
        """Write one row, so that a full disk shows before something is claimed. Raises `DiskFull` and its kin."""
        from alerts.store import switches

        with self.write() as conn:
            switches.set_value(conn, "probe", "", now)

    def check(self) -> tuple[str, ...]:
        """Return what the database finds wrong with itself (SQLite: quick_check and foreign keys); empty when well."""
        with self.read() as conn:
            if self.kind == "postgresql":
                return ()
            found = [str(row[0]) for row in conn.execute(text("PRAGMA quick_check(20)")) if row[0] != "ok"]
            orphans = conn.execute(text("PRAGMA foreign_key_check")).fetchmany(20)
            return tuple(found + [f"a row of {row[0]} points to a missing row of {row[2]}" for row in orphans])

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _open_sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise BadDatabaseAddress("An SQLite database must be a file.")
    engine = create_engine(
        address.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        max_overflow=20,
        hide_parameters=True,  # they are people's addresses, and tracebacks go to the log
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite alone
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(conn: Connection) -> None:
    options = conn.get_execution_options()
    writing = _WRITING in options or MIGRATING in options
    if MIGRATING in options:
        conn.exec_driver_sql("PRAGMA foreign_keys=OFF")  # only outside a transaction does this do anything
    conn.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    if writing:  # NORMAL: to the disk with the next commit under FULL, or at a checkpoint; the file is sound either way
        conn.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get(_PASSING) else 'FULL'}")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _open_postgresql(address: URL) -> Engine:
    options = {
        "connect_timeout": 10,
        "application_name": "alerts",
        "prepare_threshold": None,  # prepared statements break behind PgBouncer
    }
    try:
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args=options,
            pool_pre_ping=True,
            max_overflow=20,
            hide_parameters=True,
        )
    except (ImportError, NoSuchModuleError) as failure:
        raise BadDatabaseAddress(
            "PostgreSQL needs the extra package “psycopg”.", remedy="Install alerts[postgres]."
        ) from failure
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _begin_postgresql(conn: Connection) -> None:
    """Limit waiting within this transaction: as start-up parameters the limits would be refused by PgBouncer."""
    conn.exec_driver_sql(
        f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}; SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}"
    )


def lock_rows(conn: Connection, statement: Any, *, referable: bool = False) -> Any:
    """Return `statement` with `FOR UPDATE`; on SQLite a writing transaction is alone anyway.

    `referable`: others may insert rows that refer to these meanwhile, and so cannot wait for one another in a circle.
    """
    return statement.with_for_update(key_share=referable) if conn.dialect.name == "postgresql" else statement


def lock_table(conn: Connection, table: Table, *, share: bool = False) -> None:
    """Keep other writers of `table` waiting until the commit (`share`: only those that want it alone), not readers."""
    if conn.dialect.name == "postgresql":
        mode = "ROW EXCLUSIVE" if share else "SHARE ROW EXCLUSIVE"
        conn.execute(text(f"LOCK TABLE {table.name} IN {mode} MODE"))
