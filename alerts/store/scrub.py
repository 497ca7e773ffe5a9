"""After erasing: no old page of the database file, and none of its write-ahead log, keeps what was deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from alerts.store.errors import DatabaseBusy
from alerts.store.failures import translated

if TYPE_CHECKING:
    from alerts.store.engine import Store

_TOUCHED = ("subscriptions", "deliveries", "attempts", "bounces", "sign_ups", "feedback", "suppressions")


def scrub(store: Store) -> None:
    """Write the database anew without what was deleted. Raises `DatabaseBusy` when others do not let it.

    SQLite: VACUUM, then the log is taken in and cut to nothing. PostgreSQL: VACUUM gives the room of dead rows free;
    its own log and copies are its administrator's.
    """
    with translated():
        if store.path is None:
            engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as conn:
                for table in _TOUCHED:
                    conn.exec_driver_sql(f"VACUUM {table}")
            return
        with closing(sqlite3.connect(store.path, timeout=10, isolation_level=None)) as own:
            own.execute("VACUUM")
            busy, *_ = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DatabaseBusy("Another process is reading the database, so its log could not be emptied.")
