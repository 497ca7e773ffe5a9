"""Putting messages into the outbox: an issue's deliveries, and single messages of other kinds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select

from alerts.model.deliveries import MessageKind
from alerts.store.schema import deliveries
from alerts.store.upserts import insert_new

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One issue to one subscription: its personal fields, and the SHA-256 (hex) of skeleton and fields assembled."""

    subscription_id: int
    address: str
    envelope_from: str
    message_id: str
    fields: Fields
    sha256: str


def queue(conn: Connection, issue_id: int, key: str, new: Sequence[NewDelivery], now: datetime) -> None:
    """Write one pending delivery for each of `new`; `key` names the issue in their dedupe keys."""
    rows = [
        {
            "kind": "delivery",
            "dedupe_key": f"{key}/{each.subscription_id}",
            "issue_id": issue_id,
            "subscription_id": each.subscription_id,
            "sha256": each.sha256,
            **_common(each.address, each.envelope_from, each.message_id, each.fields, now),
        }
        for each in new
    ]
    if rows:
        conn.execute(insert(deliveries), rows)


def enqueue(
    conn: Connection,
    kind: MessageKind,
    dedupe_key: str,
    *,
    address: str,
    envelope_from: str,
    message_id: str,
    body: bytes,
    now: datetime,
    fields: Fields = (),
    subscription_id: int | None = None,
) -> int | None:
    """Put one message that is no issue into the outbox; return its id, or None when that key is there already."""
    here = (deliveries.c.kind == kind) & (deliveries.c.dedupe_key == dedupe_key)
    before = conn.scalar(select(deliveries.c.id).where(here))
    if before is not None:
        return None
    row = {
        "kind": kind,
        "dedupe_key": dedupe_key,
        "subscription_id": subscription_id,
        "sha256": sha256(body).hexdigest(),
        "body": body,
        **_common(address, envelope_from, message_id, fields, now),
    }
    insert_new(conn, deliveries, [row])
    return conn.scalar(select(deliveries.c.id).where(here, deliveries.c.message_id == message_id))


def _common(address: str, envelope_from: str, message_id: str, fields: Fields, now: datetime) -> dict[str, Any]:
    return {
        "address": address,
        "envelope_from": envelope_from,
        "message_id": message_id,
        "fields": json.dumps(fields, ensure_ascii=False, separators=(",", ":")),
        "state": "pending",
        "created_at": now,
    }
