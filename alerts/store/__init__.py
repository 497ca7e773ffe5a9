"""The store: everything that must survive a crash, and the keys that keep the promises.

Nothing else in the service imports SQLAlchemy. `open_store(address)` gives a `Store` for an SQLite file or a PostgreSQL
database; `store.migrate()` brings it to this version's form. Work is done in transactions: `with store.read() as conn`
sees one moment and refuses to write, `with store.write() as conn` writes all or nothing, and `store.replay(unit)` runs
a whole unit again when it met another writer. What to do with a connection is in one module per noun, as functions:

* `sources` what is remembered of each source, `health` its troubles, `polls` what one poll found, all in one write;
* `records` and `matches` the publications and the profiles they satisfy;
* `catalogue` which profiles and bulletins are new, changed or renamed, and the last good text of each file;
* `vocabulary` the headings that strategies are compiled with;
* `issues` what a bulletin has yet to tell, and publishing it; `drafts` what is held for review; `subscriptions` to
  whom; `deliveries` the outbox;
* `persons` and `retention` what is kept of readers, for how long; `suppressions` who must not be brought back;
  `sign_ups`, `feedback` and `bounces` what readers ask for, tell, and what came back from them;
* `leases` which process is at work, `marker` how far the database had come, `backup` a copy while it runs.

**How the promises are kept.** Every stage leaves rows under a unique key (`schema`), so that running it twice changes
nothing. A stage decides outside any lock, on what it read; the write reads the same again and raises `Stale` when it
has changed, and the caller decides once more. Selection for an issue is an anti-join over the ledger of dispositions,
never a window of time. Nothing that talks to a network happens inside a transaction.

**Two databases, one code.** Times are text of fixed width on SQLite and `timestamptz` on PostgreSQL (`columns`); what
is stored whole is JSON text by a codec for frozen dataclasses (`codec`); rows that a PostgreSQL unit relies on are
locked, where SQLite's `BEGIN IMMEDIATE` makes the writer alone. Foreign exceptions become our own in `failures`.

Importing this package is cheap: SQLAlchemy (a quarter of a second) is loaded when a store is first opened, Alembic only
when a database must be changed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from alerts.store.errors import Stale

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from alerts.store.copies import backup
    from alerts.store.engine import Store, open_store
    from alerts.store.locks import service_lock

__all__ = ["Connection", "Stale", "Store", "backup", "open_store", "service_lock"]

_HOMES = {
    "Connection": "sqlalchemy",
    "Store": "alerts.store.engine",
    "backup": "alerts.store.copies",
    "open_store": "alerts.store.engine",
    "service_lock": "alerts.store.locks",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
