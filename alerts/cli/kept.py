"""What the service's database keeps, asked without changing anything: commands that work without one may still look."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from alerts.cli.output import warn
from alerts.errors import AlertsError

if TYPE_CHECKING:
    from alerts.search import Vocabulary
    from alerts.store import Store


@contextmanager
def opened_for_reading(address: str) -> Iterator[Store | None]:
    """Open the database at `address` for reading; None where there is no such file.

    An SQLite file is opened in a way that leaves nothing beside it (https://www.sqlite.org/uri.html): with a log of
    changes beside it (the service is running) read-only, else as a file that does not change.
    """
    if address.startswith("sqlite"):
        path = Path(unquote(address.partition(":///")[2].partition("?")[0]))
        if not path.is_file():
            yield None
            return
        log = path.with_name(f"{path.name}-wal")
        how = "mode=ro" if log.is_file() and log.stat().st_size else "immutable=1"
        address = f"sqlite:///file:{quote(quote(str(path)))}?{how}&uri=true"
    from alerts.store import open_store

    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def kept_by(address: str) -> tuple[Mapping[str, str], Vocabulary | None] | None:
    """Return the last good texts and the vocabulary of the database at `address`; None where there is no such file."""
    with opened_for_reading(address) as store:
        if store is None:
            return None
        from alerts.store import catalogue, vocabulary

        with store.read() as conn:
            return catalogue.last_good(conn), vocabulary.read(conn)


def loaded_vocabulary() -> Vocabulary | None:
    """Return the vocabulary that was loaded into the service's database; None where there is none.

    That the database cannot be asked is said, and is no reason to stop.
    """
    try:
        from alerts.config import load_settings

        with opened_for_reading(load_settings(os.environ).settings.database) as store:
            if store is None:
                return None
            from alerts.store import vocabulary

            with store.read() as conn:
                return vocabulary.read(conn)
    except (AlertsError, OSError) as failure:
        warn(f"alerts: the loaded vocabulary cannot be asked for, and is not used: {failure}")
        return None
