"""The service put together: settings, clock, store, configuration in force, searches, renderer and keys.

This is the one place that names concrete classes. Commands and the web part open a `Service`, call one stage of the
pipeline, and close it.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from alerts.compose import calendar
from alerts.config import Loaded, Settings, load_catalogue, template_loader
from alerts.errors import AlertsError
from alerts.model.bulletins import Bulletin, Team
from alerts.model.catalogue import Catalogue
from alerts.pipeline.built_in import corrections_source
from alerts.pipeline.clock import Clock, clock_from
from alerts.pipeline.keys import signing_keys
from alerts.pipeline.logs import log
from alerts.pipeline.matching import Searches
from alerts.render import Renderer, Signer
from alerts.store import Connection, Store, open_store

if TYPE_CHECKING:
    from alerts.model.sources import Source
    from alerts.store.suppressions import Seal

STAGE_LEASE_S = 120.0
"""How long a stage stays taken when the process that had it died; while it works it renews its lease."""
RENEW_S = 30.0
SERVING = "run:"
"""How the owner of a whole service (`alerts run`) begins: on SQLite there is only one of them at a time."""


class StageBusy(AlertsError):
    """Another process is doing the same stage."""

    code = "T020"
    remedy = "Wait until it has finished, or stop it; a process that died gives the stage up within two minutes."

    def __init__(self, sentence: str, *, owner: str = "") -> None:
        super().__init__(sentence)
        self.owner = owner


class NoDataFolder(AlertsError):
    """The data folder cannot be made or used."""

    code = "C041"
    remedy = "Set ALERTS_DATA_DIR to a folder that the service may write to."


class NoSuchSource(AlertsError):
    """A command named a source that neither the configuration nor the store knows."""

    code = "A022"


class NoSuchBulletin(AlertsError):
    """A command named a bulletin that the configuration does not have."""

    code = "A021"


@dataclass
class Service:
    """Everything a stage needs. `owner` names this process in leases and claims.

    `mail_waits_since` is when this process began to leave the mail server alone, None while it takes mail; `failing` is
    the code of the error that each job of the schedule last ended with; `told_unread` are the bulletins without a
    reader that the log has named, `told_files` the review files that it said cannot be written; `silence_asked` is when
    and of what silence of each source it was last asked.
    """

    settings: Settings
    clock: Clock
    store: Store
    loaded: Loaded
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}")
    mail_waits_since: datetime | None = None
    failing: dict[str, str] = field(default_factory=dict)
    told_unread: set[str] = field(default_factory=set)
    told_files: set[str] = field(default_factory=set)
    silence_asked: dict[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """The configuration in force."""
        return self.loaded.catalogue

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources of the configuration in force, and the look-up of corrections: a source to all but matching."""
        own = corrections_source(self.settings)
        return {**self.catalogue.sources, own.id: own} if own is not None else self.catalogue.sources

    @cached_property
    def searches(self) -> Searches:
        """The compiled strategies of the configuration in force."""
        return Searches.of(self.loaded.catalogue, self.loaded.compiled)

    @cached_property
    def profile_revisions(self) -> Mapping[str, str]:
        """The revision of each profile in force, that polls are matched with."""
        from alerts.store import catalogue

        return catalogue.revisions(self.catalogue)

    @cached_property
    def renderer(self) -> Renderer:
        """The renderer with the shipped templates and the operator's own."""
        return Renderer(*template_loader(self.settings.config_dir))

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The keys of unsubscribe links, the one in use first."""
        return signing_keys(self.settings)

    @cached_property
    def seal(self) -> Seal:
        """What knows those again who must not be brought back, see `store.suppressions`."""
        from alerts.store.suppressions import Seal

        return Seal(lambda: self.keys)

    def as_sent(self, team: Team) -> Team:
        """Return a team with the address that its mails come from: the account's own, where the settings say so."""
        sender = self.settings.mail_from
        return replace(team, sender_address=sender) if sender else team

    @cached_property
    def signer(self) -> Signer | None:
        """What signs messages (DKIM), where the settings ask for it."""
        wanted = self.settings
        key = wanted.dkim_key.get_secret_value()
        return Signer(wanted.dkim_domain, wanted.dkim_selector, key) if key else None

    def signed(self, message: bytes) -> bytes:
        """Return a message about the service with its signature, where messages are signed."""
        return self.signer.signed(message) if self.signer else message

    def bulletin(self, bulletin_id: str) -> Bulletin:
        """Return a bulletin by its id; raises `NoSuchBulletin` naming the ones there are."""
        try:
            return self.catalogue.bulletins[bulletin_id]
        except KeyError:
            known = ", ".join(sorted(self.catalogue.bulletins)) or "none"
            raise NoSuchBulletin(
                f"There is no bulletin “{bulletin_id}”.", remedy=f"The bulletins are: {known}."
            ) from None

    def closed_days(self, bulletin: Bulletin) -> Callable[[date], str | None]:
        """Return the function that says why nothing is sent on a day, for this bulletin's calendar."""
        return calendar.closed_days(bulletin.schedule, self.catalogue.no_send_days)

    def reload(self) -> None:
        """Read the configuration again; what is broken keeps its last good text."""
        self.loaded = read_catalogue(self.settings, self.store)
        for name in ("searches", "profile_revisions", "renderer"):
            self.__dict__.pop(name, None)


def read_catalogue(settings: Settings, store: Store) -> Loaded:
    """Load the configuration folder, with the last good texts and the vocabulary that the store keeps."""
    from alerts.store import catalogue, vocabulary

    with store.read() as conn:
        last_good: Mapping[str, str] = catalogue.last_good(conn)
        words = vocabulary.read(conn)
    return load_catalogue(settings.config_dir, settings.people_file, last_good=last_good, vocabulary=words)


def open_database(settings: Settings) -> Store:
    """Open the store, migrated to the schema of this version."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoDataFolder(f"The data folder {settings.data_dir} cannot be made or used: {error.strerror}.") from error
    store = open_store(settings.database, state_dir=settings.state_folder)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def open_service(settings: Settings) -> Iterator[Service]:
    """Open the whole service for a command, and close its database afterwards."""
    store = open_database(settings)
    try:
        yield Service(settings, clock_from(settings.clock), store, read_catalogue(settings, store))
    finally:
        store.close()


@contextmanager
def stage(service: Service, name: str, *, lease_s: float = STAGE_LEASE_S, renew_s: float = RENEW_S) -> Iterator[None]:
    """Hold the lease of a stage (collect, publish …) while it runs; raises `StageBusy` saying who has it.

    A lease is written as passing: with SQLite all who heed it run on this machine, and end when it does.
    """
    from alerts.store import leases

    now = service.clock()
    holder = service.store.replay(lambda conn: leases.take(conn, name, service.owner, now, lease_s), passing=True)
    if holder is not None:
        sentence = f"“{name}” is already running: {holder.owner} has had it since {holder.taken_at:%H:%M} UTC."
        raise StageBusy(sentence, owner=holder.owner)
    over = threading.Event()
    holding = threading.Thread(target=_hold_on, args=(service, name, lease_s, renew_s, over), name=name, daemon=True)
    holding.start()
    try:
        yield
    finally:
        over.set()
        holding.join(timeout=5)
        service.store.replay(lambda conn: leases.drop(conn, name, service.owner), passing=True)


def _hold_on(service: Service, name: str, lease_s: float, renew_s: float, over: threading.Event) -> None:
    """Renew the lease of a stage until it is over. A lease that is lost is only told: every write proves itself."""
    from alerts.store import leases

    while not over.wait(renew_s):
        now = service.clock()
        try:
            renew = partial(leases.renew, stage=name, owner=service.owner, now=now, ttl_s=lease_s)
            if not service.store.replay(renew, passing=True):
                log.warning("another process took over while this one was at it", stage=name)
                return
        except AlertsError as failure:
            log.warning("a lease could not be renewed", stage=name, code=failure.code, message=failure.sentence)


def take_over(service: Service) -> None:
    """Give up what a service that died had: its stages, and the messages it claimed and did not begin to send.

    Only for the one that holds the lock of the database.
    """
    from alerts.store import deliveries, leases

    def give_up(conn: Connection) -> int:
        leases.drop_all(conn, SERVING)
        return deliveries.release_all(conn, SERVING)

    released = service.store.replay(give_up)
    if released:
        log.info("messages that a service claimed and did not begin to send wait again", messages=released)
