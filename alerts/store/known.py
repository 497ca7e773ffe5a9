"""What the store knows of the things that the entries of one poll touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol

from sqlalchemy import Connection, select

from alerts.model.decisions import Known, KnownSighting
from alerts.model.identifiers import Identifier
from alerts.model.records import Event, Record
from alerts.store.columns import digest
from alerts.store.engine import lock_rows
from alerts.store.rows import EVENT, RECORD, by_digests, chunks, event_of, record_of
from alerts.store.schema import events, records, sightings

_SIGHTINGS = "SELECT key_digest, record_id, fingerprint FROM sightings WHERE source_id = {} AND key_digest IN ({})"
_OWNERS = "SELECT value_digest, record_id FROM identifiers WHERE scheme = {} AND value_digest IN ({})"
_TITLES = "SELECT title_digest, id FROM records WHERE merged_into IS NULL AND title_digest IN ({})"
_WAITING = "SELECT notice_id FROM awaited WHERE scheme = {} AND value_digest IN ({})"


class Wanted(Protocol):
    """What a poll must know before it decides: `identify.looks_up` gives it."""

    @property
    def keys(self) -> Collection[str]:
        """The entry keys of the polled source."""

    @property
    def identifiers(self) -> Collection[Identifier]:
        """The identifiers of the entries, and of what they are about."""

    @property
    def title_keys(self) -> Collection[str]:
        """The keys of their titles, as `identify.title_key` makes them."""


def known(conn: Connection, source_id: str, wanted: Wanted, *, lock: bool = False) -> Known:
    """Return what is stored about `wanted`, every record under the id that it has after all merging.

    With `lock` the records stay as they are until the transaction ends.
    """
    seen = _sightings(conn, source_id, wanted.keys)
    by_identifier = owners(conn, wanted.identifiers)
    by_title = _by_title(conn, wanted.title_keys)
    notices = _waiting(conn, wanted)
    ids = {each.record_id for each in seen.values()} | set(by_identifier.values()) | notices
    found, final = follow(conn, ids.union(*by_title.values()), lock=lock)
    return Known(
        sightings={key: KnownSighting(final[each.record_id], each.fingerprint) for key, each in seen.items()},
        by_identifier={each: final[record_id] for each, record_id in by_identifier.items()},
        by_title={key: tuple(sorted({final[each] for each in those})) for key, those in by_title.items()},
        records=found,
        sources_of=sources_of(conn, found),
        events_of=events_of(conn, found),
        waiting=frozenset(final[each] for each in notices),
    )


def owners(conn: Connection, wanted: Collection[Identifier]) -> dict[Identifier, int]:
    """Return the record that each identifier belongs to, of those that belong to one."""
    by_scheme: defaultdict[str, dict[str, Identifier]] = defaultdict(dict)
    for each in wanted:
        by_scheme[each.scheme][digest(each.value)] = each
    found: dict[Identifier, int] = {}
    for scheme, by_digest in sorted(by_scheme.items()):  # one after the other: the index begins with it
        for value, record_id in by_digests(conn, _OWNERS, by_digest, scheme):
            found[by_digest[value]] = record_id
    return found


def follow(conn: Connection, ids: Iterable[int], *, lock: bool = False) -> tuple[dict[int, Record], dict[int, int]]:
    """Return the records that `ids` stand for now, and for each id the one it was merged into at last (or itself)."""
    found: dict[int, Record] = {}
    missing = set(ids)
    while missing:
        for some in chunks(sorted(missing)):
            statement = RECORD.where(records.c.id.in_(some)).order_by(records.c.id)
            for row in conn.execute(lock_rows(conn, statement) if lock else statement):
                found[row.id] = record_of(row)
        missing = {each.merged_into for each in found.values() if each.merged_into is not None} - set(found)
    final = {each: _last(found, each) for each in found}
    return {each: record for each, record in found.items() if record.merged_into is None}, final


def sources_of(conn: Connection, ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return the sources in which each record was sighted."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for some in chunks(sorted(ids)):
        statement = select(sightings.c.record_id, sightings.c.source_id).distinct()
        for record_id, source_id in conn.execute(statement.where(sightings.c.record_id.in_(some))):
            found[record_id].add(source_id)
    return {record_id: frozenset(those) for record_id, those in found.items()}


def events_of(conn: Connection, ids: Iterable[int]) -> dict[int, tuple[Event, ...]]:
    """Return the events of each record, oldest first."""
    found: defaultdict[int, list[Event]] = defaultdict(list)
    for some in chunks(sorted(ids)):
        for row in conn.execute(EVENT.where(events.c.record_id.in_(some)).order_by(events.c.record_id, events.c.n)):
            found[row.record_id].append(event_of(row))
    return {record_id: tuple(those) for record_id, those in found.items()}


def _sightings(conn: Connection, source_id: str, keys: Collection[str]) -> dict[str, KnownSighting]:
    by_digest = {digest(key): key for key in keys}
    return {
        by_digest[key]: KnownSighting(record_id, fingerprint)
        for key, record_id, fingerprint in by_digests(conn, _SIGHTINGS, by_digest, source_id)
    }


def _by_title(conn: Connection, keys: Collection[str]) -> dict[str, list[int]]:
    by_digest = {digest(key): key for key in keys if key}
    found: defaultdict[str, list[int]] = defaultdict(list)
    for key, record_id in by_digests(conn, _TITLES, by_digest):
        found[by_digest[key]].append(record_id)
    return dict(found)


def _waiting(conn: Connection, wanted: Wanted) -> set[int]:
    """Return the notices that wait for a publication with one of these DOIs, PMIDs or titles."""
    by_scheme = {
        "doi": {digest(each.value) for each in wanted.identifiers if each.scheme == "doi"},
        "pmid": {digest(each.value) for each in wanted.identifiers if each.scheme == "pmid"},
        "title": {digest(each) for each in wanted.title_keys if each},
    }
    return {
        notice_id
        for scheme, digests in by_scheme.items()
        for (notice_id,) in by_digests(conn, _WAITING, digests, scheme)
    }


def _last(found: dict[int, Record], record_id: int) -> int:
    while (into := found[record_id].merged_into) is not None:
        record_id = into
    return record_id
