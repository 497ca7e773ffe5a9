"""The machine: settings, database, disk, key, proxy."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import sqlite_version
from urllib.parse import unquote

from alerts.errors import AlertsError
from alerts.pipeline.deliver import mail_folder
from alerts.pipeline.doctor.finding import Finding, failure, of_problem
from alerts.pipeline.doctor.ground import Ground
from alerts.pipeline.restored import RestoredDatabase, concern
from alerts.store import issues

LITTLE_ROOM = 500_000_000
NO_ROOM = 50_000_000


def settings(ground: Ground) -> Iterator[Finding]:
    """Look at what was suspicious in the settings."""
    for each in ground.problems:
        yield of_problem("settings", each)
    if ground.settings.clock is not None:
        sentence = "ALERTS_CLOCK is set: the service lives at another moment than everybody else."
        yield Finding("settings", "warning", sentence, "Take it away; it is for rehearsals.")
    if not ground.problems:
        yield Finding("settings", "ok", "The settings agree with each other.")


def database(ground: Ground) -> Iterator[Finding]:
    """Look at version, size and soundness of the database."""
    if isinstance(ground.database, AlertsError):
        yield failure("database", ground.database)
        return
    if ground.store is None:
        remedy = "Stop the service, run “alerts backup”, then start this version." if ground.is_older else ""
        yield Finding("database", "warning" if ground.is_older else "ok", ground.database, remedy)
        return
    store = ground.store
    wrong = store.check()
    for each in wrong[:5]:
        remedy = "Stop the service, keep the files, and restore the last backup (docs/operating.md)."
        yield Finding("database", "failure", f"The database is damaged: {each}.", remedy)
    if wrong:
        return
    if store.kind == "postgresql":
        yield Finding("database", "ok", "PostgreSQL can be read, and has this version's tables.")
        return
    size = sum(each.stat().st_size for each in _files(ground.settings.database) if each.exists())
    yield Finding("database", "ok", f"The SQLite file is sound ({size / 1e6:.1f} MB, SQLite {sqlite_version}).")


def _files(address: str) -> tuple[Path, ...]:
    """Return the files of an SQLite database: itself and what is not in it yet."""
    path = Path(unquote(address.partition(":///")[2].partition("?")[0]))
    return (path, path.with_name(f"{path.name}-wal"))


def restored(ground: Ground) -> Iterator[Finding]:
    """Look whether the database is older than what was sent from it."""
    if ground.service is None:
        return
    sentence = concern(ground.service)
    if sentence is not None:
        yield Finding("restored copy", "failure", f"{RestoredDatabase.code} {sentence}", RestoredDatabase.remedy)
    else:
        yield Finding("restored copy", "ok", "The database knows of everything that was sent.")


def disk(ground: Ground) -> Iterator[Finding]:
    """Look for room, and whether the folders can be written to."""
    s = ground.settings
    folders = {s.data_dir: "data folder"}
    folders.setdefault(s.state_folder, "folder of the marker")
    if not s.smtp_host:
        folders.setdefault(mail_folder(s), "mail folder")
    for folder, named in folders.items():
        if folder.is_dir():
            yield _room(folder, named)
            yield from _writing(folder, named)
        elif not _nearest(folder).is_dir() or not os.access(_nearest(folder), os.W_OK):
            yield Finding(
                "disk", "failure", f"The {named} {folder} is not there and cannot be made.",
                "Make it, and let the service's user write to it.",
            )  # fmt: skip
        else:
            yield Finding("disk", "ok", f"The {named} {folder} is not there yet: the first start makes it.")


def _nearest(folder: Path) -> Path:
    return next((each for each in folder.absolute().parents if each.exists()), Path("/"))


def _room(folder: Path, named: str) -> Finding:
    free = shutil.disk_usage(folder).free
    sentence = f"The disk of the {named} has {free / 1e9:.1f} GB free."
    remedy = "Make room: while the disk is full nothing is collected, published or sent; it goes on by itself after."
    if free < NO_ROOM:
        return Finding("disk", "failure", sentence, remedy)
    return Finding("disk", "warning" if free < LITTLE_ROOM else "ok", sentence, remedy if free < LITTLE_ROOM else "")


def _writing(folder: Path, named: str) -> Iterator[Finding]:
    """Write a file and take it away again."""
    trial = folder / f".doctor.{os.getpid()}"
    try:
        try:
            with trial.open("wb") as file:
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        yield Finding(
            "disk", "failure", f"The {named} {folder} cannot be written to: {error.strerror}.",
            "Let the service's user write to it (in the container: user 10001), or make room.",
        )  # fmt: skip


def secret_key(ground: Ground) -> Iterator[Finding]:
    """Look at the key that signs the links in mails, without making one."""
    if ground.settings.secret_key:
        yield Finding("secret key", "ok", "ALERTS_SECRET_KEY signs the links in mails.")
        return
    path = ground.settings.data_dir / "secret.key"
    if not path.exists():
        yield _no_key(ground, path)
        return
    try:
        length, mode = len(path.read_text(encoding="ascii").strip()), stat.S_IMODE(path.stat().st_mode)
    except (OSError, UnicodeDecodeError) as error:
        yield Finding("secret key", "failure", f"The key {path} cannot be read: {error}.", _KEY)
        return
    if length < 32:
        yield Finding("secret key", "failure", f"The key {path} is damaged: it has {length} characters.", _KEY)
    elif mode & 0o077:
        remedy = f"Run: chmod 600 {path}"
        yield Finding("secret key", "warning", f"Others on this machine may read the key {path}.", remedy)
    else:
        yield Finding("secret key", "ok", f"{path} signs the links in mails; have a copy of it.")


_KEY = "Restore it from a copy: without it the links for leaving in all mails so far are dead."


def _no_key(ground: Ground, path: Path) -> Finding:
    if ground.store is not None:
        with ground.store.read() as conn:
            if issues.listing(conn):
                return Finding("secret key", "failure", f"Issues were sent, but their key {path} is gone.", _KEY)
    return Finding("secret key", "ok", f"There is no key yet: the first issue makes {path}.")


def proxy(ground: Ground) -> Iterator[Finding]:
    """Say whose duty the guard against addresses of the own network is."""
    if ground.settings.proxy:
        yield Finding(
            "proxy", "warning",
            "Sources are fetched through a proxy: names and literal addresses are checked here, "
            "where names lead is not.",
            "Have the proxy refuse addresses of your own network for this machine.",
        )  # fmt: skip
    else:
        yield Finding("proxy", "ok", "No proxy: every address that is connected to is checked here.")
