"""Matches: which record satisfies which profile now, and why; and what an edited profile changes for stored records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, literal, select
from sqlalchemy.sql import ColumnElement

from alerts.model.records import EventKind, Match
from alerts.store.codec import encode
from alerts.store.rows import chunks, match_of
from alerts.store.schema import dispositions, events, matches, own_items, pairings, records
from alerts.store.upserts import upsert

CORRECTIONS: tuple[EventKind, ...] = ("corrected", "withdrawn", "retracted")
SHOWN = ("issued", "remainder")
"""Dispositions of what the readers of a bulletin have seen."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edited profile changed: matches found and lost, and dispositions written for it."""

    found: int = 0
    lost: int = 0
    superseded: int = 0
    backlog: int = 0


def save(conn: Connection, found: Iterable[Match], now: datetime, *, ids: Mapping[int, int] | None = None) -> int:
    """Store `found`, each in place of the same record's former match of that profile; return how many.

    `ids` turns a poll's negative record numbers into ids.
    """
    known = ids or {}
    rows = {
        (known.get(each.record_id, each.record_id), each.profile_id): {
            "record_id": known.get(each.record_id, each.record_id),
            "profile_id": each.profile_id,
            "evidence": encode(each.evidence),
            "record_revision": each.record_revision,
            "strategy_revision": each.strategy_revision,
            "matched_at": now,
        }
        for each in found
    }
    upsert(conn, matches, list(rows.values()), key=("record_id", "profile_id"), keep=("matched_at",))
    return len(rows)


def of_record(conn: Connection, record_id: int) -> tuple[Match, ...]:
    """Return the matches of one record, by profile."""
    rows = conn.execute(select(matches).where(matches.c.record_id == record_id).order_by(matches.c.profile_id))
    return tuple(match_of(row) for row in rows)


def of_profile(conn: Connection, profile_id: str) -> Iterator[Match]:
    """Yield the matches of one profile, oldest record first."""
    rows = conn.execute(select(matches).where(matches.c.profile_id == profile_id).order_by(matches.c.record_id))
    for row in rows:
        yield match_of(row)


def apply_edit(
    conn: Connection,
    profile_id: str,
    found: Iterable[Match],
    lost: Iterable[int],
    now: datetime,
    first_run_days: int = 14,
) -> Edited:
    """Store what a new or changed profile finds and no longer finds in stored records; may be called in batches.

    `lost` may name records that it never found: they stay as they are, for other profiles to find. In each bulletin
    that carries the profile: what it did find and lost is *superseded* unless issued or found by another profile;
    what it newly finds in records first seen more than `first_run_days` before is *backlog*, unless another profile of
    that bulletin has them waiting. What it finds again of what it had lost itself is waiting again.
    """
    gained = [each for each in found if each.profile_id == profile_id]
    backlog = superseded = gone = 0
    for some in chunks([each.record_id for each in gained]):
        old = _first_seen_before(now - timedelta(days=first_run_days))
        new_to_it = ~_matched_by(profile_id)
        backlog += _settle(conn, profile_id, some, "backlog", "found by an edited profile", now, old & new_to_it)
        _take_back(conn, profile_id, some, ~old)
    count = save(conn, gained, now)
    for some in chunks(sorted(set(lost))):
        reason = f"no longer found by {profile_id}"
        superseded += _settle(conn, profile_id, some, "superseded", reason, now, _matched_by(profile_id))
        mine = (matches.c.profile_id == profile_id) & matches.c.record_id.in_(some)
        gone += conn.execute(delete(matches).where(mine)).rowcount
    return Edited(count, gone, superseded, backlog)


def _first_seen_before(moment: datetime) -> ColumnElement[bool]:
    return records.c.first_seen_at < moment


def _matched_by(profile_id: str) -> ColumnElement[bool]:
    return exists().where(matches.c.record_id == events.c.record_id, matches.c.profile_id == profile_id)


def _settle(
    conn: Connection,
    profile_id: str,
    record_ids: Iterable[int],
    kind: str,
    reason: str,
    now: datetime,
    only: ColumnElement[bool] | None = None,
) -> int:
    """Write the disposition `kind` for the open events of the records, where no other profile of the bulletin waits."""
    other = pairings.alias("other")
    waits_for_another = exists().where(
        other.c.bulletin_id == pairings.c.bulletin_id,
        other.c.profile_id != profile_id,
        matches.c.profile_id == other.c.profile_id,
        matches.c.record_id == events.c.record_id,
    )
    settled = exists().where(
        dispositions.c.bulletin_id == pairings.c.bulletin_id, dispositions.c.event_id == events.c.id
    )
    rows = (
        select(
            pairings.c.bulletin_id,
            events.c.id,
            events.c.record_id,
            literal(kind),
            literal(reason),
            literal(now, _INSTANT),
        )
        .select_from(events.join(records, records.c.id == events.c.record_id).join(pairings, literal(True)))
        .where(
            pairings.c.profile_id == profile_id,
            events.c.record_id.in_(list(record_ids)),
            events.c.kind.not_in(CORRECTIONS),  # these go to whoever had the record, matched or not
            ~settled,
            ~waits_for_another,
            ~added_by_hand(pairings.c.bulletin_id),
            *([] if only is None else [only]),
        )
    )
    return insert_dispositions(conn, rows)


def added_by_hand(bulletin_id: Any) -> ColumnElement[bool]:
    """The librarian has added the event's record to this bulletin: no profile decides about it."""
    return exists().where(own_items.c.bulletin_id == bulletin_id, own_items.c.event_id == events.c.id)


def insert_dispositions(conn: Connection, rows: Select[tuple[str, int, int, str, str, datetime]]) -> int:
    """Write the dispositions that `rows` selects (bulletin, event, record, kind, reason, moment); return how many."""
    names = ["bulletin_id", "event_id", "record_id", "kind", "reason", "settled_at"]
    counted = {"preserve_rowcount": True}  # psycopg keeps no count of an INSERT otherwise
    return conn.execute(dispositions.insert().from_select(names, rows), execution_options=counted).rowcount


def _take_back(conn: Connection, profile_id: str, record_ids: Iterable[int], only: ColumnElement[bool]) -> None:
    """Forget that an earlier edit superseded these, so that they wait again."""
    carried = select(pairings.c.bulletin_id).where(pairings.c.profile_id == profile_id)
    recent = select(records.c.id).where(records.c.id.in_(list(record_ids)), only)
    conn.execute(
        delete(dispositions).where(
            and_(
                dispositions.c.kind == "superseded",
                dispositions.c.bulletin_id.in_(carried),
                dispositions.c.record_id.in_(recent),
            )
        )
    )


_INSTANT = dispositions.c.settled_at.type
