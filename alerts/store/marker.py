"""A note outside the database of how far it had come, so that a restored older copy is noticed before it sends.

A file in the data folder (with PostgreSQL in `ALERTS_STATE_DIR`) holds the last ids of issues, deliveries and attempts.
When it is ahead of the database, or missing while old deliveries wait, somebody is asked first; a service that slept
goes on. The attempts are in it because a copy may hold every issue and still know nothing of what was sent since.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.store.errors import DiskFull

if TYPE_CHECKING:
    from sqlalchemy import Connection

NAME = "sent.marker"
OLD = timedelta(days=1)
REOPENED = "reopened"
"""The switch that says how far the ids had come when an issue was reopened, since its own are no longer there."""
SET_ASIDE = "it waited in a restored copy of the database"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The ids of the last issue, the last delivery and the last attempt to send one, 0 when there is none."""

    issue: int
    delivery: int
    attempt: int = 0

    def __str__(self) -> str:
        """Return the numbers as a switch holds them."""
        return f"{self.issue} {self.delivery} {self.attempt}"

    @classmethod
    def of_text(cls, text: str) -> Numbers:
        """Return the numbers that `str` wrote; 0 where nothing was written."""
        found = [int(each) for each in text.split()]
        return cls(*found) if found else cls(0, 0)

    def furthest(self, other: Numbers) -> Numbers:
        """Return the further of each."""
        return Numbers(
            max(self.issue, other.issue), max(self.delivery, other.delivery), max(self.attempt, other.attempt)
        )


def read(folder: Path) -> Numbers | None:
    """Return what the marker says, None when there is none or it cannot be read."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Numbers(int(found["issue"]), int(found["delivery"]), int(found.get("attempt", 0)))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(folder: Path, numbers: Numbers) -> None:
    """Write the marker, whole or not at all. Raises `DiskFull` when that cannot be done."""
    # Replicas in containers share the folder, and may all be process 1 there.
    partial = folder / f".{NAME}.{socket.gethostname()}.{os.getpid()}.{threading.get_ident()}"
    try:
        with partial.open("w", encoding="utf-8") as file:
            json.dump(asdict(numbers), file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / NAME)
    except OSError as failure:
        raise DiskFull(f"The marker in {folder} cannot be written: {failure.strerror}.") from failure


def concern(found: Numbers, noted: Numbers | None, oldest_pending: datetime | None, now: datetime) -> str | None:
    """Return why somebody must be asked before anything is published or sent, None when all is as it should be.

    `found` is what the database says, `noted` the marker; `oldest_pending` since when the oldest unsent delivery waits.
    """
    if noted is None:
        if oldest_pending is not None and now - oldest_pending > OLD:
            return (
                "There is no note of what was sent, and deliveries of more than a day ago wait. Is it a restored copy?"
            )
        return None
    if noted.issue > found.issue or noted.delivery > found.delivery:
        return (
            f"The database is older than what was sent: it knows issues up to {found.issue} and deliveries up to "
            f"{found.delivery}, but {noted.issue} and {noted.delivery} had been made. It looks like a restored copy."
        )
    if noted.attempt > found.attempt:
        return (
            f"The database is older than what was sent: it knows of {found.attempt} attempts to send, but "
            f"{noted.attempt} had been made. It looks like a restored copy."
        )
    return None


def set_aside(conn: Connection) -> int:
    """Stop every delivery that waits, since readers had it before the copy was restored; return how many.

    What the copy holds as claimed or in DATA waits too: whoever had it was at work on another database.
    """
    from sqlalchemy import update

    from alerts.store.schema import deliveries

    waiting = deliveries.c.state.in_(("pending", "deferred", "claimed", "in_data"))
    values = {"state": "stopped", "state_reason": SET_ASIDE, "next_try_at": None, "owner": "", "lease_until": None}
    return conn.execute(update(deliveries).where(waiting), values).rowcount
