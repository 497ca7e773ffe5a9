"""What the checks look at: settings, and as much of database and configuration as can be had without changing it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.config import Loaded, Settings, load_catalogue
from alerts.errors import AlertsError, Problem
from alerts.pipeline.clock import clock_from
from alerts.pipeline.service import Service, read_catalogue
from alerts.store import Store, schema
from alerts.store.migrate import version


@dataclass(frozen=True, slots=True)
class Ground:
    """`store` and `service` are there only when the database has this version's form and can be read.

    `database` says why not: an error, or a sentence where that is no fault (there is none yet, an older one).
    """

    settings: Settings
    now: datetime
    problems: tuple[Problem, ...] = ()
    loaded: Loaded | None = None
    unreadable: AlertsError | None = None
    store: Store | None = None
    service: Service | None = None
    database: AlertsError | str = ""
    is_older: bool = field(default=False)


def look(settings: Settings, problems: tuple[Problem, ...], store: Store | None) -> Ground:
    """Return the ground; `store` is the database opened for reading, None where there is none yet."""
    clock = clock_from(settings.clock)
    ground = Ground(settings, clock(), problems)
    if store is None:
        ground = replace(ground, database="There is no database yet: the first start makes it.")
    else:
        ground = _with_store(ground, store)
    try:
        if ground.store is not None:
            loaded = read_catalogue(settings, ground.store)
        else:
            loaded = load_catalogue(settings.config_dir, settings.people_file)
    except AlertsError as error:
        return replace(ground, unreadable=error)
    service = Service(settings, clock, ground.store, loaded) if ground.store is not None else None
    return replace(ground, loaded=loaded, service=service)


def _with_store(ground: Ground, store: Store) -> Ground:
    try:
        with store.read() as conn:
            found = version(conn)
    except AlertsError as error:
        return replace(ground, database=error)
    if found == schema.HEAD:
        return replace(ground, store=store)
    if not found:
        return replace(ground, database="The database has no tables yet: the first start makes them.")
    if found < schema.HEAD:
        sentence = "The database is of an older version: the next start brings it to this one's form."
        return replace(ground, database=sentence, is_older=True)
    from alerts.store.errors import NewerDatabase

    return replace(ground, database=NewerDatabase(f"The database is of a newer version ({found})."))
