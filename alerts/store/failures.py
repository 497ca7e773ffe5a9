"""Foreign exceptions (SQLAlchemy, sqlite3, psycopg) become our own here, and never leave this room otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from alerts.errors import AlertsError
from alerts.store.errors import (
    CorruptDatabase,
    DatabaseBusy,
    DatabaseUnreachable,
    DiskFull,
    Stale,
    StoreFailure,
)

# Primary result codes of https://www.sqlite.org/rescode.html; the extended ones hold them in their low byte.
_MAY_NOT_WRITE = "Let the user that runs the service write to the database file and its folder, and start it again."
_SQLITE: dict[int, tuple[type[AlertsError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusy, "The database is busy: another process is writing."),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, "The database is busy: another process is writing."),
    sqlite3.SQLITE_CORRUPT: (CorruptDatabase, "The database file is damaged."),
    sqlite3.SQLITE_NOTADB: (CorruptDatabase, "The database file is not a database."),
    sqlite3.SQLITE_FULL: (DiskFull, "The disk that holds the database is full."),
    sqlite3.SQLITE_IOERR: (DiskFull, "The disk that holds the database cannot be written."),
    sqlite3.SQLITE_READONLY: (DiskFull, "The database, or the disk that holds it, is read-only."),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnreachable, "The database file cannot be opened."),
    sqlite3.SQLITE_PERM: (DatabaseUnreachable, "The database file may not be opened by this user."),
}

# SQLSTATEs of https://www.postgresql.org/docs/18/errcodes-appendix.html, by code or by class.
_POSTGRESQL: dict[str, tuple[type[AlertsError], str]] = {
    "40001": (DatabaseBusy, "Two writers met in the database."),
    "40P01": (DatabaseBusy, "Two writers waited for each other in the database."),
    "55P03": (DatabaseBusy, "The database is busy: another process holds a lock."),
    "57014": (DatabaseBusy, "The database took too long over a statement and stopped it."),
    "53100": (DiskFull, "The disk of the database server is full."),
    "25006": (StoreFailure, "Something tried to write while only reading."),
    "XX001": (CorruptDatabase, "The database server reports damaged data."),
    "XX002": (CorruptDatabase, "The database server reports a damaged index."),
    "08": (DatabaseUnreachable, "The connection to the database server was lost."),
    "57P": (DatabaseUnreachable, "The database server is shutting down or starting."),
    "28": (DatabaseUnreachable, "The database server does not accept this user or password."),
    "3D": (DatabaseUnreachable, "The database server has no database of this name."),
    "53": (DatabaseBusy, "The database server has no room for another connection."),
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise what goes wrong inside as an `AlertsError`, the foreign exception kept as its cause.

    But for broken keys: PostgreSQL says the values of the key, which may be somebody's address, and causes are logged.
    """
    try:
        yield
    except IntegrityError as failure:
        raise _of_integrity(failure) from None
    except SQLAlchemyError as failure:
        raise as_alerts_error(failure) from failure
    except sqlite3.Error as failure:
        raise _of_sqlite(failure) from failure
    except UnicodeEncodeError as failure:
        raise StoreFailure("A text holds half a character and cannot be stored.") from failure


def as_alerts_error(failure: SQLAlchemyError) -> AlertsError:
    """Return the error of ours that says what `failure` means to the person who runs the service."""
    if isinstance(failure, PoolTimeout):
        return DatabaseBusy("All connections to the database are in use.")
    if not isinstance(failure, DBAPIError):
        return StoreFailure(f"The database could not be used: {_first_line(failure)}")
    if isinstance(failure.orig, sqlite3.Error):
        return _of_sqlite(failure.orig)
    state = str(getattr(failure.orig, "sqlstate", None) or "")
    for length in (5, 3, 2):
        if state[:length] in _POSTGRESQL:
            kind, sentence = _POSTGRESQL[state[:length]]
            return kind(sentence)
    if failure.connection_invalidated or (not state and isinstance(failure, OperationalError | InterfaceError)):
        why = _first_line(failure.orig)  # of a refused connection there is no code, only words: "role … does not exist"
        return DatabaseUnreachable(f"The database server cannot be reached, or the connection to it was lost: {why}")
    return StoreFailure(f"The database refused a statement: {_first_line(failure.orig)}")


def is_worth_replaying(failure: AlertsError) -> bool:
    """Tell whether the same unit of work may succeed when it is run again as a whole."""
    return isinstance(failure, DatabaseBusy | DatabaseUnreachable)


def _of_integrity(failure: IntegrityError) -> AlertsError:
    """A key that somebody else has written meanwhile is staleness; any other broken rule is a fault of ours."""
    state = str(getattr(failure.orig, "sqlstate", None) or "")
    name = str(getattr(failure.orig, "sqlite_errorname", None) or "")
    if state == "23505" or name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
        return Stale("Another process has stored the same thing meanwhile.")
    return StoreFailure(f"The database kept a rule that was about to be broken: {_first_line(failure.orig)}")


def _of_sqlite(failure: sqlite3.Error) -> AlertsError:
    code = getattr(failure, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _SQLITE:
        kind, sentence = _SQLITE[code & 0xFF]
        return kind(sentence, remedy=_MAY_NOT_WRITE if code & 0xFF == sqlite3.SQLITE_READONLY else None)
    return StoreFailure(f"The database refused a statement: {_first_line(failure)}")


def _first_line(failure: BaseException | None) -> str:
    """Return the message without the statement and its values: they may hold people's addresses."""
    return str(failure).strip().split("\n", 1)[0][:300]
