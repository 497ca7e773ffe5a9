"""One poll of one source, written in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from alerts.model.decisions import Decision, Poll
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, EventKind
from alerts.store import matches as match_rows
from alerts.store import sources
from alerts.store.catalogue import note_missed
from alerts.store.columns import digest
from alerts.store.errors import Stale
from alerts.store.known import Wanted, known, owners
from alerts.store.merging import merge
from alerts.store.rows import chunks, entry_columns, record_columns
from alerts.store.schema import (
    awaited,
    batches,
    entries,
    events,
    identifiers,
    matches,
    records,
    relations,
    sightings,
)
from alerts.store.upserts import insert_new, insert_rows, next_ids, upsert


@dataclass(frozen=True, slots=True)
class PollWritten:
    """What a poll left: the ids of the records it made (by their negative numbers) and how many rows of each kind."""

    records: Mapping[int, int] = field(default_factory=dict)
    entries: int = 0
    new_records: int = 0
    revised: int = 0
    events: int = 0
    matches: int = 0


@dataclass(frozen=True, slots=True)
class _Text:
    """The text that a record has after this poll, and its type of evidence."""

    entry: Entry
    evidence_type: str
    evidence_type_rule: str


def write(conn: Connection, poll: Poll, wanted: Wanted) -> PollWritten:
    """Write everything that `poll` decided; the negative record numbers become ids.

    What the decisions relied on is read again, for the same `wanted`, and kept still until the commit. Raises `Stale`
    when it has changed: read, decide and write once more.
    """
    if poll.profiles and any(each.outcome != "same" for each in poll.decisions):
        note_missed(conn, poll.profiles)
    if known(conn, poll.source_id, wanted, lock=True) != poll.known:
        raise Stale(f"What is known of the entries of {poll.source_id} changed while they were being judged.")
    texts = _last_texts(poll.decisions)
    ids = _insert_records(conn, {number: text for number, text in texts.items() if number < 0}, poll.at)
    revised = {number: text for number, text in texts.items() if number > 0}
    _revise_records(conn, revised, poll)
    _insert_identifiers(conn, poll, wanted, texts, ids)
    _see(conn, poll, ids)
    told = _insert_events(conn, poll, ids)
    _relate(conn, poll, ids)
    _await(conn, poll, ids)
    _merge(conn, poll, ids)
    _unmatch(conn, poll, ids)
    matched = match_rows.save(conn, poll.matches, poll.at, ids=ids)
    sources.save_state(conn, poll.state)
    changed = sum(each.outcome != "same" for each in poll.decisions)
    return PollWritten(ids, changed, len(ids), len(revised), told, matched)


def _last_texts(decisions: Iterable[Decision]) -> dict[int, _Text]:
    """Return each record's text as the last decision about it leaves it."""
    return {
        each.record: _Text(each.text, each.evidence_type, each.evidence_type_rule)
        for each in decisions
        if each.text is not None
    }


def _insert_records(conn: Connection, texts: Mapping[int, _Text], now: datetime) -> dict[int, int]:
    if not texts:
        return {}
    rows = [
        {
            **record_columns(text.entry),
            "first_seen_at": now,
            "evidence_type": text.evidence_type or "news",
            "evidence_type_rule": text.evidence_type_rule,
        }
        for text in texts.values()
    ]
    made = next_ids(conn, records, len(rows))
    insert_rows(conn, records, [{"id": number, **row} for number, row in zip(made, rows, strict=True)])
    return dict(zip(texts, made, strict=True))


def _revise_records(conn: Connection, texts: Mapping[int, _Text], poll: Poll) -> None:
    for number, text in texts.items():
        record = poll.known.records[number]
        conn.execute(
            update(records).where(records.c.id == number),
            {
                **record_columns(text.entry),
                "revision": record.revision + 1,
                "evidence_type": text.evidence_type or record.evidence_type,
                "evidence_type_rule": text.evidence_type_rule or record.evidence_type_rule,
            },
        )


def _insert_identifiers(
    conn: Connection, poll: Poll, wanted: Wanted, texts: Mapping[int, _Text], ids: Mapping[int, int]
) -> None:
    """Give each identifier to the first record that has it; the unique key raises when another process was faster."""
    claimed: dict[Identifier, int] = {}
    for number, text in texts.items():
        for each in text.entry.identifiers:
            claimed.setdefault(each, ids.get(number, number))
    asked = frozenset(wanted.identifiers)
    taken = {**poll.known.by_identifier, **owners(conn, [each for each in claimed if each not in asked])}
    rows = [
        {"scheme": each.scheme, "value": each.value, "value_digest": digest(each.value), "record_id": record_id}
        for each, record_id in claimed.items()
        if each not in taken
    ]
    insert_rows(conn, identifiers, rows)


def _see(conn: Connection, poll: Poll, ids: Mapping[int, int]) -> None:
    """Write the entries that are not stored yet, and where each key was last seen.

    A key that was unknown is plainly inserted: when another process has seen it meanwhile, the unique key raises.
    """
    fresh = [each for each in poll.decisions if _is_unseen(poll, each, ids)]
    insert_new(conn, entries, [_entry_row(poll, each, ids) for each in fresh])
    rows = {each.entry.key: _sighting_row(poll, each, ids) for each in fresh}
    unknown = [row for key, row in rows.items() if key not in poll.known.sightings]
    insert_rows(conn, sightings, unknown)
    seen_before = [row for key, row in rows.items() if key in poll.known.sightings]
    upsert(conn, sightings, seen_before, key=("source_id", "key_digest"), keep=("first_seen_at", "key"))


def _is_unseen(poll: Poll, decision: Decision, ids: Mapping[int, int]) -> bool:
    before = poll.known.sightings.get(decision.entry.key)
    number = ids.get(decision.record, decision.record)
    return before is None or (before.fingerprint, before.record_id) != (decision.entry.fingerprint, number)


def _entry_row(poll: Poll, decision: Decision, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        "source_id": poll.source_id,
        "key_digest": digest(decision.entry.key),
        "fingerprint": decision.entry.fingerprint,
        "record_id": ids.get(decision.record, decision.record),
        **entry_columns(decision.entry),
        "stored_at": poll.at,
        "outcome": decision.outcome,
        "reason": decision.reason,
    }


def _sighting_row(poll: Poll, decision: Decision, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        "source_id": poll.source_id,
        "key_digest": digest(decision.entry.key),
        "key": decision.entry.key,
        "record_id": ids.get(decision.record, decision.record),
        "fingerprint": decision.entry.fingerprint,
        "first_seen_at": poll.at,
        "link": decision.entry.link,
    }


def _insert_events(conn: Connection, poll: Poll, ids: Mapping[int, int]) -> int:
    told = list(_told(poll.decisions))
    if not told:
        return 0
    count = _last_numbers(conn, {record for record, *_ in told if record > 0})
    batch = _hold(conn, poll, told) if poll.held else None
    rows = []
    for record, kind, note, notice, backlog in told:
        number = ids.get(record, record)
        count[number] = count.get(number, 0) + 1
        rows.append(
            {
                "record_id": number,
                "n": count[number],
                "kind": kind,
                "happened_at": poll.at,
                "note": note,
                "source_id": poll.source_id,
                "notice_record_id": None if notice is None else ids.get(notice, notice),
                "backlog": backlog,
                "held_batch_id": batch if _may_wait(kind, backlog) else None,
            }
        )
    insert_rows(conn, events, rows)
    return len(rows)


def _told(decisions: Iterable[Decision]) -> Iterable[tuple[int, EventKind, str, int | None, bool]]:
    """Yield record, kind, note, notice and backlog of each event; a notice tells of the record that it is about."""
    for each in decisions:
        if each.event is not None:
            yield each.record, each.event, each.event_note, None, each.backlog
        for found in each.noticed:
            yield found.about, found.event, found.note, found.notice, False


def _may_wait(kind: EventKind, backlog: bool) -> bool:
    """Tell whether an event is one that a flood holds: no limit stops a correction of what readers have."""
    return not backlog and kind not in match_rows.CORRECTIONS


def _last_numbers(conn: Connection, ids: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in chunks(sorted(ids)):
        statement = select(events.c.record_id, func.max(events.c.n)).where(events.c.record_id.in_(some))
        found.update((row[0], row[1]) for row in conn.execute(statement.group_by(events.c.record_id)))
    return found


def _hold(conn: Connection, poll: Poll, told: list[tuple[int, EventKind, str, int | None, bool]]) -> int | None:
    waiting = {record for record, kind, *_, backlog in told if _may_wait(kind, backlog)}
    if not waiting:
        return None
    row = {"source_id": poll.source_id, "held_at": poll.at, "records": len(waiting)}
    made: int = conn.execute(insert(batches).returning(batches.c.id), row).scalar_one()
    return made


def _relate(conn: Connection, poll: Poll, ids: Mapping[int, int]) -> None:
    linked = [(each.record, *each.relation, each.reason) for each in poll.decisions if each.relation is not None]
    linked += [(one.notice, one.relation, one.about, one.reason) for each in poll.decisions for one in each.noticed]
    rows = [
        {
            "record_id": ids.get(record, record),
            "relation": relation,
            "other_id": ids.get(other, other),
            "reason": reason,
            "found_at": poll.at,
        }
        for record, relation, other, reason in linked
    ]
    insert_new(conn, relations, rows)


def _await(conn: Connection, poll: Poll, ids: Mapping[int, int]) -> None:
    """Remember what notices wait for, and forget it for those that have found what they are about."""
    rows = [
        {"notice_id": ids.get(each.record, each.record), "scheme": scheme, "value_digest": digest(value)}
        for each in poll.decisions
        for scheme, value in each.awaits
    ]
    insert_new(conn, awaited, rows)
    done = sorted({ids.get(one.notice, one.notice) for each in poll.decisions for one in each.noticed})
    for some in chunks(done):
        conn.execute(delete(awaited).where(awaited.c.notice_id.in_(some)))


def _merge(conn: Connection, poll: Poll, ids: Mapping[int, int]) -> None:
    """Merge the records that turned out to be one, in the order in which that was found."""
    for each in poll.decisions:
        for number, reason in each.merges:
            merge(conn, ids.get(each.record, each.record), ids.get(number, number), poll.at, reason)


def _unmatch(conn: Connection, poll: Poll, ids: Mapping[int, int]) -> None:
    for record, profile_id in poll.unmatched:
        here = (matches.c.record_id == ids.get(record, record)) & (matches.c.profile_id == profile_id)
        conn.execute(delete(matches).where(here))
