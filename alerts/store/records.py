"""Records: the publications, each once, and everything that hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, exists, func, or_, select

from alerts.model.identifiers import Identifier
from alerts.model.records import Event, Record, Sighting
from alerts.store import schema
from alerts.store.known import events_of, follow, owners, sources_of
from alerts.store.merging import merge
from alerts.store.rows import CHUNK, RECORD, record_of
from alerts.store.schema import dispositions, entries, matches, pairings, records, relations, sightings
from alerts.store.schema import events as event_rows

__all__ = [
    "by_identifier", "by_identifiers", "by_words", "counts", "current", "events", "get", "kept_entries", "merge",
    "recent", "relations_of", "relations_to", "sightings_of", "to_rematch",
]  # fmt: skip

Found = tuple[Record, frozenset[str]]


class KeptEntry(NamedTuple):
    """An entry as it was stored: from where, its title, what was decided and why."""

    source_id: str
    title: str
    outcome: str
    reason: str
    stored_at: datetime


def get(conn: Connection, record_id: int) -> Record | None:
    """Return the record as it is stored; `merged_into` says where it went."""
    row = conn.execute(RECORD.where(records.c.id == record_id)).one_or_none()
    return None if row is None else record_of(row)


def current(conn: Connection, record_id: int) -> Record | None:
    """Return the record that `record_id` stands for now, after all merging."""
    found, final = follow(conn, [record_id])
    return found[final[record_id]] if record_id in final else None


def by_identifiers(conn: Connection, wanted: Collection[Identifier]) -> dict[Identifier, int]:
    """Return the record that each identifier belongs to."""
    taken = owners(conn, wanted)
    _, final = follow(conn, taken.values())
    return {each: final[record_id] for each, record_id in taken.items()}


def by_identifier(conn: Connection, wanted: Identifier) -> Record | None:
    """Return the record that has this identifier."""
    record_id = by_identifiers(conn, [wanted]).get(wanted)
    return None if record_id is None else get(conn, record_id)


def by_words(conn: Connection, words: Collection[str], most: int) -> tuple[Record, ...]:
    """Return the records whose title has all of `words`, the newest first, at most so many."""
    statement = RECORD.where(records.c.merged_into.is_(None))
    for word in words:
        statement = statement.where(records.c.title.icontains(word, autoescape=True))
    return tuple(record_of(row) for row in conn.execute(statement.order_by(records.c.id.desc()).limit(most)))


def kept_entries(conn: Connection, record_id: int) -> tuple[KeptEntry, ...]:
    """Return what each source gave for a record and what was decided on it, oldest first."""
    columns = (entries.c.source_id, entries.c.title, entries.c.outcome, entries.c.reason, entries.c.stored_at)
    rows = conn.execute(
        select(*columns).where(entries.c.record_id == record_id).order_by(entries.c.stored_at, entries.c.id)
    )
    return tuple(KeptEntry(*row) for row in rows)


def recent(
    conn: Connection, since: datetime | None = None, source_ids: Collection[str] | None = None
) -> Iterator[Found]:
    """Yield records first seen at or after `since` (in `source_ids`), each with its sources, lowest id first."""
    statement = RECORD.where(records.c.merged_into.is_(None))
    if since is not None:
        statement = statement.where(records.c.first_seen_at >= since)
    if source_ids is not None:
        there = exists().where(sightings.c.record_id == records.c.id, sightings.c.source_id.in_(list(source_ids)))
        statement = statement.where(there)
    yield from _in_pieces(conn, statement)


def to_rematch(conn: Connection, profile_id: str, since: datetime) -> Iterator[Found]:
    """Yield the records that an edited profile must be run over.

    Those first seen since then, those it matches, and those with an event that some bulletin of this profile has not
    settled yet though a profile of that bulletin matches them.
    """
    settled = exists().where(
        dispositions.c.bulletin_id == pairings.c.bulletin_id, dispositions.c.event_id == event_rows.c.id
    )
    mine = select(pairings.c.bulletin_id).where(pairings.c.profile_id == profile_id)
    waiting = exists(
        select(1)
        .select_from(event_rows.join(matches, matches.c.record_id == event_rows.c.record_id))
        .join(pairings, pairings.c.profile_id == matches.c.profile_id)
        .where(event_rows.c.record_id == records.c.id, pairings.c.bulletin_id.in_(mine), ~settled)
    )
    matched = exists().where(matches.c.record_id == records.c.id, matches.c.profile_id == profile_id)
    statement = RECORD.where(records.c.merged_into.is_(None), or_(records.c.first_seen_at >= since, matched, waiting))
    yield from _in_pieces(conn, statement)


def events(conn: Connection, record_id: int) -> tuple[Event, ...]:
    """Return the events of a record, oldest first."""
    return events_of(conn, [record_id]).get(record_id, ())


def sightings_of(conn: Connection, record_id: int) -> tuple[Sighting, ...]:
    """Return where a record was seen, first sighting first."""
    order = (sightings.c.first_seen_at, sightings.c.source_id, sightings.c.key_digest)
    rows = conn.execute(select(sightings).where(sightings.c.record_id == record_id).order_by(*order))
    return tuple(Sighting(row.source_id, row.key, row.record_id, row.first_seen_at, row.link) for row in rows)


def relations_of(conn: Connection, record_id: int) -> tuple[tuple[str, int, str], ...]:
    """Return relation, other record and reason, for every record that this one was linked to."""
    rows = conn.execute(
        select(relations.c.relation, relations.c.other_id, relations.c.reason)
        .where(relations.c.record_id == record_id)
        .order_by(relations.c.relation, relations.c.other_id)
    )
    return tuple((row.relation, row.other_id, row.reason) for row in rows)


def relations_to(conn: Connection, record_id: int) -> tuple[tuple[str, int, str], ...]:
    """Return relation, other record and reason, for every record that was linked to this one."""
    rows = conn.execute(
        select(relations.c.relation, relations.c.record_id, relations.c.reason)
        .where(relations.c.other_id == record_id)
        .order_by(relations.c.relation, relations.c.record_id)
    )
    return tuple((row.relation, row.record_id, row.reason) for row in rows)


def counts(conn: Connection) -> dict[str, int]:
    """Return how many rows there are of each noun; records that were merged away are not counted."""
    kept = records.c.merged_into.is_(None)
    found = {"records": conn.scalar(select(func.count()).select_from(records).where(kept)) or 0}
    for name in ("entries", "sightings", "matches", "events", "issues", "deliveries", "subscriptions"):
        found[name] = conn.scalar(select(func.count()).select_from(schema.metadata.tables[name])) or 0
    return found


def _in_pieces(conn: Connection, statement: Select[tuple[object, ...]]) -> Iterator[Found]:
    """Yield the records of `statement` with their sources, a few hundred at a time: memory stays small."""
    last = 0
    while True:
        rows = conn.execute(statement.where(records.c.id > last).order_by(records.c.id).limit(CHUNK)).all()
        if not rows:
            return
        last = rows[-1].id
        sources = sources_of(conn, (row.id for row in rows))
        for row in rows:
            yield record_of(row), sources.get(row.id, frozenset())
