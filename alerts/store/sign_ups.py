"""Requests to join a bulletin that wait for their confirmation: the address is kept for a week, or until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from alerts.store.schema import sign_ups
from alerts.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for a bulletin to be sent to this address."""

    id: int
    bulletin_id: str
    address: str
    address_key: str
    name: str
    asked_at: datetime


def ask(conn: Connection, bulletin_id: str, address: str, address_key: str, name: str, now: datetime) -> Request:
    """Keep a request; the same again only moves its moment."""
    row = {"address_key": address_key, "bulletin_id": bulletin_id, "address": address, "name": name, "asked_at": now}
    upsert(conn, sign_ups, [row], key=("address_key", "bulletin_id"))
    here = (sign_ups.c.address_key == address_key) & (sign_ups.c.bulletin_id == bulletin_id)
    return Request(**conn.execute(select(sign_ups).where(here)).one()._mapping)


def get(conn: Connection, request_id: int) -> Request | None:
    """Return one request."""
    row = conn.execute(select(sign_ups).where(sign_ups.c.id == request_id)).one_or_none()
    return None if row is None else Request(**row._mapping)


def settle(conn: Connection, request_id: int) -> bool:
    """Forget a request that was confirmed; False when another was faster."""
    return conn.execute(delete(sign_ups).where(sign_ups.c.id == request_id)).rowcount > 0


def asked_since(conn: Connection, since: datetime, address_key: str | None = None) -> int:
    """Return how many requests there were since a moment, for one address or for all."""
    here = sign_ups.c.asked_at > since
    if address_key is not None:
        here &= sign_ups.c.address_key == address_key
    return conn.scalar(select(func.count()).where(here)) or 0
