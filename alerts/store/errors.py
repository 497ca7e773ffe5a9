"""What can go wrong with the database, in sentences for the person who runs the service."""

from __future__ import annotations

from alerts.errors import AlertsError

_RESTORE = (
    "Stop the service, keep the damaged file for later, copy the newest backup (`alerts backup` writes them) to the "
    "database's place, remove files of the same name that end in -wal and -shm, and start again."
)


class StoreFailure(AlertsError):
    """The database refused something that should have worked."""

    code = "T001"
    remedy = "Look at the database's own log; if it says nothing, please report this with the lines around it."


class Stale(AlertsError):
    """What a write relied on has changed since it was read: read again, decide again, write again."""

    code = "T002"
    remedy = "Run the command again; another process was faster."


class DatabaseBusy(AlertsError):
    """Another process held the database for longer than we are willing to wait."""

    code = "T003"
    remedy = "Try again in a minute; if it lasts, look for a process that holds the database open."


class DatabaseUnreachable(AlertsError):
    """The database cannot be opened or the connection to it was lost."""

    code = "T004"
    remedy = "Check ALERTS_DATABASE_URL, and that the database (or the folder of the file) is there and may be written."


class CorruptDatabase(AlertsError):
    """The database file is damaged or no database at all."""

    code = "T005"
    remedy = _RESTORE


class NewerDatabase(AlertsError):
    """The database was written by a newer version of this program."""

    code = "T006"
    remedy = "Run the version that wrote it or a later one, or restore the backup that was made before the upgrade."


class DiskFull(AlertsError):
    """The disk that holds the database is full or read-only: nothing can be recorded, so nothing may be sent."""

    code = "T007"
    remedy = (
        "Make room on the disk that holds the database. A service that runs goes on by itself; else start it again."
    )


class ServiceRunning(AlertsError):
    """Another service process already works on this database."""

    code = "T008"
    remedy = "Stop the other process first; an SQLite database serves one `alerts run` (use PostgreSQL for several)."


class BadDatabaseAddress(AlertsError):
    """The address of the database is not one that we can use."""

    code = "T009"
    exit_code = 78
    remedy = "Use sqlite:///absolute/path/alerts.db or postgresql://user:password@host/name in ALERTS_DATABASE_URL."


class AlreadyIssued(AlertsError):
    """A librarian's own item is about a record that this bulletin has already carried."""

    code = "T010"
    remedy = "Nothing needs doing: the readers have had it. For a correction, add an item that says what changed."


class MigrationFailed(AlertsError):
    """The database could not be brought to this version's form; it was left as it was."""

    code = "T011"
    remedy = "Keep running the former version and report this; a copy made before the attempt lies beside the database."


class OnItsWay(AlertsError):
    """An issue cannot go back to being a draft: somebody may have had it, or it never was one."""

    code = "B045"
    remedy = "Put what should have been different into the next issue."


class StillOnItsWay(AlertsError):
    """A reader cannot be erased while a message to them is being handed over."""

    code = "T012"
    remedy = "Try again in a minute; after a crash it may take a quarter of an hour."
