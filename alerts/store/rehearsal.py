"""A rehearsal: everything is done in one transaction, seen by all that follows in it, and rolled back at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from alerts.store.engine import Store
from alerts.store.failures import translated


class Rehearsal(Store):
    """A store whose every transaction is the same one. Not to be shared between threads."""

    def __init__(self, store: Store, conn: Connection) -> None:
        super().__init__(store.engine, store.kind, store.path, store.state_dir)
        self._conn = conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give the rehearsal's connection: what was written in it is seen."""
        with translated():
            yield self._conn

    @contextmanager
    def write(self, *, passing: bool = False) -> Iterator[Connection]:
        """Give the rehearsal's connection; nothing is committed."""
        with translated():
            yield self._conn


@contextmanager
def rehearse(store: Store) -> Iterator[Rehearsal]:
    """Give a store to try things out on; whatever is done with it is undone. Writers wait meanwhile on SQLite."""
    with translated(), store.engine.connect() as conn:
        conn.execution_options(alerts_writing=True)
        transaction = conn.begin()
        try:
            yield Rehearsal(store, conn)
        finally:
            transaction.rollback()
