"""A consistent copy of the database while the service runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.store.errors import CorruptDatabase, StoreFailure
from alerts.store.failures import translated

if TYPE_CHECKING:
    from alerts.store.engine import Store


def backup(store: Store, target: Path) -> Path:
    """Copy the database of `store` to the file `target` (whole or not at all) and return it.

    Raises `StoreFailure` on PostgreSQL, whose own tools do this better, and when `target` is there already.
    """
    if store.path is None:
        raise StoreFailure(
            "A PostgreSQL database is copied by its own tools.",
            remedy="Run: pg_dump --format=custom --file=alerts.dump (with the address of ALERTS_DATABASE_URL).",
        )
    if target.exists():
        raise StoreFailure(f"{target} is there already.", remedy="Name a file that is not there yet.")
    if not target.parent.is_dir():
        raise StoreFailure(f"There is no folder {target.parent}.", remedy="Make it first, or name another.")
    with translated():
        return copy_file(store.path, target)


def copy_file(source: Path, target: Path) -> Path:
    """Copy an SQLite database by its online backup, check the copy, and only then give it its name.

    Only the owner may read the copy: it holds readers' addresses.
    """
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        address = f"{source.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(partial)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, no -wal beside it
            found = new.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            raise CorruptDatabase(f"The copy of the database is not sound: {found[0]}")
        _sync(partial)
        partial.replace(target)
    except OSError as failure:
        raise StoreFailure(
            f"The copy cannot be written to {target}: {failure.strerror}.", remedy="Name another folder."
        ) from failure
    finally:
        partial.unlink(missing_ok=True)
    return target


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
