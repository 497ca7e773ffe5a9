"""A few named values of the installation as a whole (the panic switch, the probe row)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from alerts.store.schema import switches
from alerts.store.upserts import upsert


def value(conn: Connection, name: str) -> str | None:
    """Return the value of `name`, None when it is not set."""
    found: str | None = conn.scalar(select(switches.c.value).where(switches.c.name == name))
    return found


def set_value(conn: Connection, name: str, new: str, now: datetime) -> None:
    """Set `name` to `new`."""
    upsert(conn, switches, [{"name": name, "value": new, "set_at": now}], key=("name",))


def clear(conn: Connection, name: str) -> bool:
    """Forget `name`; tell whether it was set."""
    return conn.execute(delete(switches).where(switches.c.name == name)).rowcount > 0
