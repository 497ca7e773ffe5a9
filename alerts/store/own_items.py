"""Items that a librarian adds to one bulletin by hand; nothing is fetched for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from alerts.model.records import Entry
from alerts.store.columns import digest
from alerts.store.errors import AlreadyIssued
from alerts.store.known import follow, owners
from alerts.store.matches import SHOWN
from alerts.store.rows import entry_columns, record_columns
from alerts.store.schema import dispositions, entries, events, identifiers, own_items, records, sightings
from alerts.store.upserts import insert_new, upsert

SOURCE = "own-items"
"""The source that librarians' own items are sighted in."""


@dataclass(frozen=True, slots=True)
class OwnItem:
    """An item that a librarian added to a bulletin."""

    id: int
    bulletin_id: str
    record_id: int
    event_id: int
    note: str


def add_own_item(
    conn: Connection,
    bulletin_id: str,
    entry: Entry,
    *,
    now: datetime,
    evidence_type: str,
    note: str = "",
    added_by: str = "",
) -> OwnItem:
    """Put `entry` into the next issue of one bulletin, whatever its profiles say; adding it again corrects it.

    A publication that is known by one of its identifiers is that record, else a record is made. What was settled as
    backlog, dropped or superseded is opened again. Raises `AlreadyIssued` when the bulletin has carried it.
    """
    whole = _with_key(entry)
    record_id = _known_record(conn, whole)
    if record_id is None:
        record_id = _make_record(conn, whole, evidence_type, now)
    else:
        _correct_own(conn, whole, record_id, evidence_type)
    _see(conn, whole, record_id, now)
    event_id = _new_event(conn, record_id, now)
    _open_again(conn, bulletin_id, event_id)
    row = {
        "bulletin_id": bulletin_id,
        "record_id": record_id,
        "event_id": event_id,
        "note": note,
        "added_by": added_by,
        "added_at": now,
    }
    upsert(conn, own_items, [row], key=("bulletin_id", "event_id"), keep=("added_at", "added_by"))
    here = (own_items.c.bulletin_id == bulletin_id) & (own_items.c.event_id == event_id)
    return _of(conn.execute(select(own_items).where(here)).one())


def waiting(conn: Connection, bulletin_id: str) -> tuple[OwnItem, ...]:
    """Return the own items of a bulletin that no issue has carried yet."""
    settled = exists().where(
        dispositions.c.bulletin_id == own_items.c.bulletin_id, dispositions.c.event_id == own_items.c.event_id
    )
    statement = select(own_items).where(own_items.c.bulletin_id == bulletin_id, ~settled).order_by(own_items.c.id)
    return tuple(_of(row) for row in conn.execute(statement))


def _of(row: Any) -> OwnItem:
    return OwnItem(row.id, row.bulletin_id, row.record_id, row.event_id, row.note)


def _with_key(entry: Entry) -> Entry:
    """Return the entry with the key and fingerprint that a source would have given it."""
    key = entry.key or digest(f"{entry.title.casefold()}\n{entry.link}")
    return replace(entry, key=key, fingerprint=entry.fingerprint or digest(f"{entry.title}\n{entry.summary}"))


def _known_record(conn: Connection, entry: Entry) -> int | None:
    taken = owners(conn, entry.identifiers)
    record_id = next((taken[each] for each in entry.identifiers if each in taken), None)
    if record_id is None:
        here = (sightings.c.source_id == SOURCE) & (sightings.c.key_digest == digest(entry.key))
        record_id = conn.scalar(select(sightings.c.record_id).where(here))
    if record_id is None:
        return None
    _, final = follow(conn, [record_id], lock=True)
    return final[record_id]


def _make_record(conn: Connection, entry: Entry, evidence_type: str, now: datetime) -> int:
    row = {**record_columns(entry), "first_seen_at": now, "evidence_type": evidence_type, "evidence_type_rule": "own"}
    made: int = conn.execute(insert(records).returning(records.c.id), row).scalar_one()
    rows = [
        {"scheme": each.scheme, "value": each.value, "value_digest": digest(each.value), "record_id": made}
        for each in dict.fromkeys(entry.identifiers)
    ]
    if rows:
        conn.execute(insert(identifiers), rows)
    return made


def _correct_own(conn: Connection, entry: Entry, record_id: int, evidence_type: str) -> None:
    """Take over what the librarian says now (a closing date, a type), where the record is the librarian's alone."""
    elsewhere = exists().where(sightings.c.record_id == records.c.id, sightings.c.source_id != SOURCE)
    own = (records.c.id == record_id) & ~elsewhere
    conn.execute(update(records).where(own).values(**record_columns(entry), evidence_type=evidence_type))


def _see(conn: Connection, entry: Entry, record_id: int, now: datetime) -> None:
    common = {"source_id": SOURCE, "key_digest": digest(entry.key), "record_id": record_id}
    stored = {"fingerprint": entry.fingerprint, "stored_at": now, "outcome": "new", "reason": "added by hand"}
    insert_new(conn, entries, [{**common, **entry_columns(entry), **stored}])
    seen = {"key": entry.key, "fingerprint": entry.fingerprint, "first_seen_at": now, "link": entry.link}
    insert_new(conn, sightings, [{**common, **seen}])


def _new_event(conn: Connection, record_id: int, now: datetime) -> int:
    """Return the record's *new* event, made when there is none."""
    here = (events.c.record_id == record_id) & (events.c.kind == "new")
    found = conn.scalar(select(events.c.id).where(here))
    if found is None:
        row = {"record_id": record_id, "n": 1, "kind": "new", "happened_at": now, "source_id": SOURCE}
        found = conn.execute(insert(events).returning(events.c.id), row).scalar_one()
    return int(found)


def _open_again(conn: Connection, bulletin_id: str, event_id: int) -> None:
    here = (dispositions.c.bulletin_id == bulletin_id) & (dispositions.c.event_id == event_id)
    if conn.scalar(select(dispositions.c.kind).where(here)) in SHOWN:
        raise AlreadyIssued(f"The bulletin {bulletin_id} has carried this item already.")
    conn.execute(delete(dispositions).where(here))
