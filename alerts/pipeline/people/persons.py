"""What is kept of a person, and letting it go: at the person's wish at once, and by itself when its time is over.

An address may stand in the database, in the folder that takes mails while there is no mail server, and in files that
belong to the administrator (the list of people, copies). The first two are cleared here; of the last it is said where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from email.utils import getaddresses
from pathlib import Path

from alerts.errors import AlertsError
from alerts.model import addresses
from alerts.pipeline.deliver import mail_folder
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service
from alerts.store import persons, retention, suppressions
from alerts.store.persons import Erased
from alerts.store.scrub import scrub

REQUEST_KEPT = timedelta(days=7)
"""How long a request to join waits for its confirmation."""
_OURS = re.compile(r"\d{4}-\d\d-\d\d-\d{4}-.*[0-9a-f]{16}\.eml")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """What erasing a person came to: rows, files of the mail folder, and the files where the address still stands."""

    rows: Erased
    mails: int = 0
    still_in: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Tell whether anything was known of the person."""
        return self.rows.found or self.mails > 0


def erase(service: Service, address: str) -> ErasedPerson:
    """Erase a person and make sure of it: the files themselves are searched afterwards.

    Raises `StillOnItsWay` while a message to them is being handed over, `DatabaseBusy` when what was deleted could not
    be overwritten; everything else is done then, and doing it again is harmless.
    """
    now = service.clock()
    rows = service.store.replay(lambda conn: persons.erase(conn, service.seal, address, now))
    mails = 0
    for path in _mails(mail_folder(service.settings)):
        if _is_about(path, address):
            path.unlink(missing_ok=True)
            mails += 1
    scrub(service.store)
    log.info("a person was erased", messages=rows.messages, mails=mails)
    return ErasedPerson(rows, mails, tuple(str(each) for each in _places(service) if _holds(each, address)))


def tidy(service: Service) -> retention.Tidied | None:
    """Let go what is older than the settings say, once a day; None when it was done today."""
    now, settings = service.clock(), service.settings
    with service.store.read() as conn:
        if not retention.is_due(conn, now):
            return None
    limits = retention.Limits(
        mails=now - timedelta(days=settings.keep_mails_days),
        attempts=now - timedelta(days=settings.keep_attempts_days),
        addresses=now - timedelta(days=settings.keep_addresses_days),
        requests=now - REQUEST_KEPT,
    )
    done = service.store.replay(lambda conn: retention.tidy(conn, limits, service.seal, now))
    if done is None:
        return None
    files = _old_files(service, limits.mails)
    with service.store.read() as conn:
        lost = suppressions.under_lost_keys(conn, service.seal)
    if lost:
        log.warning("some who left cannot be told any more: the key that they were hashed with is gone", readers=lost)
    done = replace(done, mails=done.mails + files)
    if any((done.mails, done.attempts, done.addresses, done.requests)):
        log.info("tidied", mails=done.mails, attempts=done.attempts, addresses=done.addresses, requests=done.requests)
    return done


def _old_files(service: Service, before: datetime) -> int:
    """Delete mails of the folder, and copies made before an upgrade, that are too old; return how many mails."""
    mails = [each for each in _mails(mail_folder(service.settings)) if _OURS.fullmatch(each.name)]
    removed = 0
    for path in (*mails, *_copies(service)):
        try:
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += path in mails
        except OSError as failure:
            log.warning("a file that is too old cannot be deleted", file=path.name, message=str(failure.strerror))
    return removed


def _mails(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (each for each in sorted(folder.iterdir()) if each.suffix in {".eml", ".part"} and each.is_file())


def _copies(service: Service) -> list[Path]:
    database = service.store.path
    return sorted(database.parent.glob(f"{database.name}.before-*")) if database is not None else []


def _places(service: Service) -> Iterator[Path]:
    """Yield the files in which an address may stand: what we write, and what is the administrator's."""
    database = service.store.path
    if database is not None:
        yield from (database.with_name(database.name + each) for each in ("", "-wal"))
    yield from _copies(service)
    yield from _mails(mail_folder(service.settings))
    yield service.settings.people_file


def _is_about(path: Path, address: str) -> bool:
    """Tell whether a mail is to an address, or speaks of it (quoted-printable may have cut it in two)."""
    key = addresses.key(address)
    try:
        message = BytesParser(policy=default).parsebytes(path.read_bytes())
        to = {addresses.key(each) for _, each in getaddresses([str(value) for value in message.get_all("To", [])])}
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    except (OSError, LookupError, ValueError, AlertsError):
        return _holds(path, address)
    return key in to or any(key in part.casefold() for part in parts) or _holds(path, address)


def _holds(path: Path, address: str) -> bool:
    """Tell whether the bytes of a file hold an address, in whatever case."""
    wanted = addresses.key(address).encode()
    before = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if wanted in (before + piece).lower():
                    return True
                before = piece[-len(wanted) :]
    except OSError:
        return False
    return False
