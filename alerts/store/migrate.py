"""Bringing a database to this version's form, at every start, under a lock.

A database that is already there costs one SELECT: Alembic is imported only when something must be done. On SQLite the
migration runs with foreign keys off (a batch ALTER with them on deletes cascading rows silently, and the pragma does
nothing inside a transaction), in a BEGIN IMMEDIATE of its own, with `foreign_key_check` before the commit and a copy
of the file made first unless it is new. On PostgreSQL it runs under `pg_advisory_xact_lock`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from alerts.errors import AlertsError
from alerts.store.copies import copy_file
from alerts.store.engine import MIGRATING
from alerts.store.errors import DatabaseUnreachable, MigrationFailed, NewerDatabase
from alerts.store.failures import translated
from alerts.store.schema import HEAD

if TYPE_CHECKING:
    from alerts.store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x616C6572  # "aler": any number that nothing else in the database locks
_PRESENT = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"),
    "postgresql": text("SELECT to_regclass('alembic_version')"),
}


def migrate(store: Store, *, upgrade: Callable[[Connection], None] | None = None) -> bool:
    """Bring `store` to `HEAD`; return whether anything had to be done.

    `upgrade` takes Alembic's place in tests. Raises `NewerDatabase`, `CorruptDatabase`, `MigrationFailed` or
    `DatabaseUnreachable`, and leaves the database as it was.
    """
    if store.path is not None and not store.path.parent.is_dir():
        raise DatabaseUnreachable(f"The folder of the database, {store.path.parent}, is not there.")
    with store.read() as conn:
        found = version(conn)
    if found == HEAD:
        return False
    _refuse_newer(found)
    with translated(), store.engine.connect() as conn:
        conn.execution_options(**{MIGRATING: True})
        try:
            with conn.begin():
                return _under_lock(store, conn, upgrade or _alembic)
        finally:
            conn.detach()  # this connection has its foreign keys off: never back into the pool


def version(conn: Connection) -> str:
    """Return the version of the tables, empty when there are none."""
    if conn.scalar(_PRESENT[conn.dialect.name]) is None:
        return ""
    return str(conn.scalar(text("SELECT version_num FROM alembic_version")) or "")


def _under_lock(store: Store, conn: Connection, upgrade: Callable[[Connection], None]) -> bool:
    if store.kind == "postgresql":
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        conn.execute(text("SET LOCAL lock_timeout = 0"))
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = version(conn)  # another process may have been here while we waited
    if found == HEAD:
        return False
    _refuse_newer(found)
    if found and store.path is not None:
        copy_file(store.path, store.path.with_name(f"{store.path.name}.before-{HEAD}"))
    try:
        upgrade(conn)
    except AlertsError:
        raise
    except Exception as failure:  # whatever a migration raises, the transaction takes it back
        raise MigrationFailed(
            f"The database could not be changed from version {found or 'none'} to {HEAD}."
        ) from failure
    if store.kind == "sqlite":
        _refuse_orphans(conn)
    return True


def _refuse_newer(found: str) -> None:
    if found > HEAD:
        raise NewerDatabase(f"The database is of version {found}; this program knows versions up to {HEAD}.")


def _refuse_orphans(conn: Connection) -> None:
    orphans = conn.execute(text("PRAGMA foreign_key_check")).fetchmany(5)
    if orphans:
        tables = ", ".join(sorted({str(row[0]) for row in orphans}))
        raise MigrationFailed(f"After the change, rows of {tables} would point to missing rows; nothing was changed.")


def _alembic(conn: Connection) -> None:
    """Run all migrations that are missing, inside the transaction of `conn`."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def missing(revision: object, context: MigrationContext) -> list[object]:
        return list(script._upgrade_revs("head", revision))  # type: ignore[arg-type]  # as alembic.command.upgrade does

    with EnvironmentContext(config, script, fn=missing) as environment:
        environment.configure(connection=conn, render_as_batch=True)
        environment.run_migrations()
