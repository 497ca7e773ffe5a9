"""Mail into a folder: the way out while no mail server is set, in the demo and in tests.

One `.eml` file a message, complete or absent: written beside its place, synchronised, then renamed. Its name is made
of the message's own date, bulletin and Message-ID, so that a message handed over twice is one file. The folder holds
people's addresses and is therefore readable by the service's own user only.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from datetime import UTC
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from pathlib import Path

from alerts.deliver.errors import FolderUnwritable
from alerts.deliver.pace import Pace
from alerts.deliver.transport import Accepted, Answer, BeforeData, Refusal, Withdrawn
from alerts.model.deliveries import Delivery

_HEADER_LIMIT = 64_000


class FolderTransport:
    """A transport that keeps every message as a file of `folder`."""

    name = "folder"

    def __init__(self, folder: Path, *, sessions: int = 1) -> None:
        self.folder = folder
        self.pace = Pace(sessions=sessions)

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        """Write the message into the folder; raise `FolderUnwritable` when that cannot be."""
        path = self.folder / file_name(delivery, message)
        beside = path.with_name(f".{path.name}.part")
        try:
            await asyncio.to_thread(_write, beside, message)
        except OSError as refused:
            raise FolderUnwritable(f"A mail cannot be written to {self.folder}: {refused.strerror}.") from refused
        try:
            if not await before_data():
                return Withdrawn()
            return await asyncio.to_thread(_put, beside, path)
        finally:
            beside.unlink(missing_ok=True)

    async def close(self) -> None:
        """Do nothing: a folder keeps no connection."""


def _write(beside: Path, message: bytes) -> None:
    """Write and synchronise all that can fail before anything is promised; leave nothing behind when it does."""
    beside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _put(beside: Path, path: Path) -> Accepted | Refusal:
    try:
        beside.replace(path)
        _synchronise_folder(path.parent)
    except OSError as refused:
        return Refusal("data", 0, f"The file could not be put into its place: {refused.strerror}.")
    return Accepted(path.name)


def file_name(delivery: Delivery, message: bytes) -> str:
    """Return the file's name, the same for every hand-over of the same Message-ID: `2026-11-24-0730-update-….eml`."""
    head = BytesHeaderParser(policy=compat32).parsebytes(message[:_HEADER_LIMIT])
    of_message = hashlib.sha256(delivery.message_id.encode()).hexdigest()[:16]
    parts = [_moment(str(head.get("Date", ""))), _bulletin(str(head.get("List-Id", ""))) or delivery.kind, of_message]
    return "-".join(part for part in parts if part) + ".eml"


def _moment(date_line: str) -> str:
    try:
        return parsedate_to_datetime(date_line).astimezone(UTC).strftime("%Y-%m-%d-%H%M")
    except (ValueError, OverflowError, IndexError):
        return ""


def _bulletin(list_id: str) -> str:
    """Return the first label of a List-Id (RFC 2919): `public-health` of `<public-health.alerts.example.org>`."""
    label = list_id.rpartition("<")[2].partition(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", label).strip("-")[:60]


def _synchronise_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
