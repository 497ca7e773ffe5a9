"""One service process for one SQLite database, held by a file lock that ends with the process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alerts.store.errors import DatabaseUnreachable, ServiceRunning


@contextmanager
def service_lock(database: Path) -> Iterator[None]:
    """Hold the lock file beside `database` (its name and `.lock`) for as long as the block runs.

    Raises `ServiceRunning` when another process holds it. The file stays: removing it would let a third process lock a
    file that a second one has already opened.
    """
    path = database.with_name(f"{database.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise DatabaseUnreachable(f"The lock file {path} cannot be opened: {failure.strerror}.") from failure
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as failure:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            raise ServiceRunning(f"The service is running already (process {holder or 'unknown'}).") from failure
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)
