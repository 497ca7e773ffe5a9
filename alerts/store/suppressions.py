"""Those who must not be brought back by an edit of the list of people, though their address is not kept any more.

What is kept is a keyed hash (HMAC-SHA256, RFC 2104) of the address: it answers "is it this one?" to whoever holds the
key, and tells nobody else who it was. With the key it can be tried, as every hash of an address can; so the key lies
outside the database. After a rotation both keys are tried, and what is met again is kept under the new one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from alerts.store.rows import chunks
from alerts.store.schema import suppressions
from alerts.store.upserts import insert_new

EVERYTHING = ""
"""Stands where a bulletin's id stands: no bulletin at all."""
_PURPOSE = b"alerts: not to be brought back, 1\x00"


@dataclass(frozen=True, slots=True)
class Seal:
    """The keys that addresses are hashed under, the one in use first, or what gives them; without any, nobody is known.

    They are asked for only when there is somebody to be known: looking must not make a key.
    """

    given: Sequence[bytes] | Callable[[], Sequence[bytes]] = ()

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Return the keys."""
        return tuple(self.given() if callable(self.given) else self.given)

    def digests(self, address_key: str) -> tuple[str, ...]:
        """Return the hash of an address (case-folded) under each key, 64 hex digits."""
        return tuple(hmac.digest(key, _PURPOSE + address_key.encode(), hashlib.sha256).hex() for key in self.keys)

    def marks(self) -> tuple[str, ...]:
        """Return what each key is told by, without telling the key."""
        return tuple(hmac.digest(key, _PURPOSE, hashlib.sha256).hex()[:8] for key in self.keys)


NOBODY = Seal()


def suppress(conn: Connection, seal: Seal, address_key: str, bulletin_ids: Collection[str], now: datetime) -> None:
    """Keep that an address must not be brought back to these bulletins (`EVERYTHING`: to none)."""
    digest, mark = seal.digests(address_key)[0], seal.marks()[0]
    rows = [{"digest": digest, "bulletin_id": each, "key_mark": mark, "since": now} for each in bulletin_ids]
    insert_new(conn, suppressions, rows)


def suppressed(conn: Connection, seal: Seal, wanted: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of `wanted` (address key, bulletin) that must not be brought back."""
    kept = {(row.digest, row.bulletin_id) for row in conn.execute(select(suppressions))} if wanted else set()
    if not kept:
        return set()
    found: set[tuple[str, str]] = set()
    digests = {address: seal.digests(address) for address, _ in wanted}
    for address, bulletin_id in wanted:
        if any((each, place) in kept for each in digests[address] for place in (bulletin_id, EVERYTHING)):
            found.add((address, bulletin_id))
    _rekey(conn, seal, {address: digests[address] for address, _ in found})
    return found


def stands(conn: Connection, seal: Seal, address_key: str) -> bool:
    """Tell whether an address must not be brought back, to one bulletin or to any. Nothing is written by looking."""
    kept = set(conn.scalars(select(suppressions.c.digest)))
    return bool(kept) and not kept.isdisjoint(seal.digests(address_key))


def _rekey(conn: Connection, seal: Seal, digests: dict[str, tuple[str, ...]]) -> None:
    """Keep those that were met under an older key under the one in use: the older one will go."""
    older = {each: every[0] for every in digests.values() for each in every[1:]}
    for some in chunks(older):
        for row in conn.execute(select(suppressions).where(suppressions.c.digest.in_(some))).all():
            here = (suppressions.c.digest == row.digest) & (suppressions.c.bulletin_id == row.bulletin_id)
            conn.execute(delete(suppressions).where(here))
            fresh = {"digest": older[row.digest], "bulletin_id": row.bulletin_id, "key_mark": seal.marks()[0]}
            insert_new(conn, suppressions, [{**fresh, "since": row.since}])


def lift(conn: Connection, seal: Seal, address_key: str, bulletin_id: str | None = None) -> int:
    """Let an address be brought back, to one bulletin or (None) to all; return how many rows said otherwise."""
    here: Any = suppressions.c.digest.in_(seal.digests(address_key))
    if bulletin_id is not None:
        here &= suppressions.c.bulletin_id == bulletin_id
    return conn.execute(delete(suppressions).where(here)).rowcount


def under_lost_keys(conn: Connection, seal: Seal) -> int:
    """Return how many rows were made with a key that is not set any more: nobody can be told by them."""
    marks = conn.scalars(select(suppressions.c.key_mark)).all()
    known = seal.marks() if marks else ()
    return sum(mark not in known for mark in marks)
