"""What a bulletin has yet to tell: events without a disposition, found by anti-join and never by time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.sql import ColumnElement

from alerts.model.bulletins import Bulletin, Candidate, Reason, SeenIn
from alerts.model.catalogue import Catalogue
from alerts.model.drafts import HeldDraft
from alerts.model.records import Record
from alerts.model.sources import NOT_READ, Source
from alerts.store.known import follow
from alerts.store.matches import CORRECTIONS, SHOWN
from alerts.store.own_items import SOURCE as OWN
from alerts.store.rows import EVENT, chunks, event_of, match_of
from alerts.store.schema import dispositions, events, matches, own_items, records, sightings

_NOT_READ = NOT_READ | {OWN}


def candidates(conn: Connection, bulletin: Bulletin, catalogue: Catalogue) -> tuple[Candidate, ...]:
    """Return every event that is still to be told in `bulletin`, oldest event first.

    News of records that its profiles match; corrections, withdrawals and retractions of records that it carried,
    whether or not they still match, or that are candidates themselves; that something it carried closes soon; and the
    librarian's own items. Nothing that is backlog everywhere or held for the librarian, own items excepted.
    """
    own = {row.event_id: row.note for row in conn.execute(_own_notes(bulletin.id))}
    rows = {row.id: row for row in conn.execute(_news(bulletin))}
    rows.update({row.id: row for some in chunks(own) for row in conn.execute(_of_own(bulletin.id, some))})
    waiting = {row.record_id for row in rows.values()}
    rows.update({row.id: row for row in conn.execute(_corrections(bulletin.id)) if _concerns(row, waiting)})
    return _told(conn, bulletin, catalogue, rows, own)


def about(conn: Connection, bulletin: Bulletin, catalogue: Catalogue, ids: Collection[int]) -> tuple[Candidate, ...]:
    """Return what is to be told of these records in `bulletin` now, what is reserved for its draft included."""
    own = {row.event_id: row.note for row in conn.execute(_own_notes(bulletin.id))}
    rows: dict[int, Any] = {}
    for some in chunks(sorted(ids)):
        statement = EVENT.where(events.c.record_id.in_(some), _not_held(), _is_open(bulletin.id, reserved=True))
        rows.update({row.id: row for row in conn.execute(statement)})
    for some in chunks(own):
        by_hand = EVENT.where(events.c.id.in_(some), _is_open(bulletin.id, reserved=True))
        rows.update({row.id: row for row in conn.execute(by_hand) if row.record_id in ids})
    return _told(conn, bulletin, catalogue, rows, own)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the records of a draft stand now: those that were merged into others, and those to be told anew."""

    merged: Mapping[int, int]
    stale: frozenset[int]


def standing(conn: Connection, draft: HeldDraft) -> Standing:
    """Return how the records of a draft stand now.

    One is to be told anew when it was corrected, withdrawn or retracted since the draft was made, when it was merged
    with another, or when an event of it was settled otherwise. Everything else that happens to it waits.
    """
    known, there = draft.draft.events, draft.draft.records
    merged: dict[int, int] = {}
    for some in chunks(sorted(there)):
        gone = select(records.c.id).where(records.c.id.in_(some), records.c.merged_into.is_not(None))
        if ids := conn.scalars(gone).all():
            _, final = follow(conn, ids)
            merged.update({each: final[each] for each in ids})
    now = sorted({merged.get(each, each) for each in there})
    stale = set(merged.values())
    for some in chunks(now):
        fresh = EVENT.where(events.c.record_id.in_(some), events.c.kind.in_(CORRECTIONS))
        open_now = fresh.where(_not_held(), _is_open(draft.bulletin_id))
        stale.update(row.record_id for row in conn.execute(open_now))
    mine = (dispositions.c.bulletin_id == draft.bulletin_id) & (dispositions.c.kind == "reserved")
    kept = frozenset(conn.scalars(select(dispositions.c.event_id).where(mine)))
    stale.update(each.record.id for each in draft.draft.candidates if each.event.id in known - kept)
    return Standing(merged, frozenset(merged.get(each, each) for each in stale))


def _told(
    conn: Connection, bulletin: Bulletin, catalogue: Catalogue, rows: Mapping[int, Any], own: Mapping[int, str]
) -> tuple[Candidate, ...]:
    """Return these events as candidates, with all that composing needs to know of their records."""
    record_ids = {row.record_id for row in rows.values()}
    found, _ = follow(conn, record_ids)
    reasons = _reasons(conn, record_ids, bulletin, catalogue)
    seen_in = _seen_in(conn, found, catalogue.sources)
    notices = _notices(conn, [row.notice_record_id for row in rows.values() if row.notice_record_id is not None])
    return tuple(
        Candidate(
            event=event_of(row),
            record=found[row.record_id],
            reasons=tuple(reasons[row.record_id]),
            seen_in=tuple(seen_in[row.record_id]),
            own_note=own.get(event_id, ""),
            is_own=event_id in own,
            notice=notices.get(row.notice_record_id),
        )
        for event_id, row in sorted(rows.items())
    )


def _concerns(row: Any, waiting: Collection[int]) -> bool:
    return bool(row.was_shown) or row.record_id in waiting


def _is_open(bulletin_id: str, *, reserved: bool = False) -> ColumnElement[bool]:
    settled = exists().where(
        dispositions.c.bulletin_id == bulletin_id,
        dispositions.c.event_id == events.c.id,
        *([dispositions.c.kind != "reserved"] if reserved else []),
    )
    gone = exists().where(records.c.id == events.c.record_id, records.c.merged_into.is_not(None))
    return ~settled & ~gone


def _not_held() -> ColumnElement[bool]:
    """No event of a record is told while another of it waits for the librarian."""
    other = events.alias("other")
    held = exists().where(other.c.record_id == events.c.record_id, other.c.held_batch_id.is_not(None))
    return events.c.backlog.is_(False) & ~held


def _news(bulletin: Bulletin) -> Any:
    matched = select(matches.c.record_id).where(matches.c.profile_id.in_(bulletin.profiles)).distinct().subquery()
    statement = EVENT.join(matched, matched.c.record_id == events.c.record_id)
    is_news = events.c.kind.not_in(CORRECTIONS) & (events.c.kind != "closing")
    return statement.where(is_news | _closes_what_was_shown(bulletin.id), _not_held(), _is_open(bulletin.id))


def _closes_what_was_shown(bulletin_id: str) -> ColumnElement[bool]:
    return (events.c.kind == "closing") & _was_shown(bulletin_id)


def _was_shown(bulletin_id: str) -> ColumnElement[bool]:
    return exists().where(
        dispositions.c.bulletin_id == bulletin_id,
        dispositions.c.record_id == events.c.record_id,
        dispositions.c.kind.in_(SHOWN),
    )


def _corrections(bulletin_id: str) -> Any:
    was_shown = _was_shown(bulletin_id)
    kinds = events.c.kind.in_(CORRECTIONS)
    return EVENT.add_columns(was_shown.label("was_shown")).where(kinds, _not_held(), _is_open(bulletin_id))


def _own_notes(bulletin_id: str) -> Any:
    return select(own_items.c.event_id, own_items.c.note).where(own_items.c.bulletin_id == bulletin_id)


def _of_own(bulletin_id: str, event_ids: Collection[int]) -> Any:
    return EVENT.where(events.c.id.in_(event_ids), _is_open(bulletin_id))


def _reasons(
    conn: Connection, record_ids: Iterable[int], bulletin: Bulletin, catalogue: Catalogue
) -> Mapping[int, list[Reason]]:
    """Return why each record is in the bulletin, in the order in which the bulletin names its profiles."""
    order = {profile_id: place for place, profile_id in enumerate(bulletin.profiles)}
    found: defaultdict[int, list[Reason]] = defaultdict(list)
    for some in chunks(sorted(record_ids)):
        statement = select(matches).where(matches.c.record_id.in_(some), matches.c.profile_id.in_(bulletin.profiles))
        for row in conn.execute(statement):
            match = match_of(row)
            profile = catalogue.profiles.get(match.profile_id)
            title = profile.title if profile else match.profile_id
            found[match.record_id].append(Reason(match.profile_id, title, match.evidence))
    for reasons in found.values():
        reasons.sort(key=lambda each: order[each.profile_id])
    return found


def _seen_in(
    conn: Connection, found: Mapping[int, Record], sources: Mapping[str, Source]
) -> Mapping[int, list[SeenIn]]:
    """Return the sources of each record, the first to have it first; a librarian or a look-up is none."""
    seen: dict[int, dict[str, SeenIn]] = {record_id: {} for record_id in found}
    order = (sightings.c.first_seen_at, sightings.c.source_id, sightings.c.key_digest)
    for some in chunks(sorted(found)):
        statement = select(sightings.c.record_id, sightings.c.source_id, sightings.c.link).order_by(*order)
        for row in conn.execute(statement.where(sightings.c.record_id.in_(some))):
            if row.source_id not in _NOT_READ:
                seen[row.record_id].setdefault(row.source_id, _of_source(row, sources.get(row.source_id)))
    return {record_id: list(those.values()) or [_by_hand(found[record_id])] for record_id, those in seen.items()}


def _notices(conn: Connection, ids: Collection[int]) -> Mapping[int | None, Record]:
    """Return the records that tell of corrections and retractions, each under the id that its event names."""
    found, final = follow(conn, ids)
    return {each: found[final[each]] for each in ids}


def _of_source(row: Any, source: Source | None) -> SeenIn:
    if source is None:  # no longer in the catalogue: only its id is left
        return SeenIn(row.source_id, row.source_id, link=row.link)
    return SeenIn(
        source_id=source.id,
        title=source.title,
        publisher=source.publisher,
        link=row.link,
        place=source.place,
        abstract_mail=source.abstracts.mail,
        abstract_web=source.abstracts.web,
    )


def _by_hand(record: Record) -> SeenIn:
    publisher = record.entry.publisher
    return SeenIn(OWN, publisher, publisher, record.entry.link, abstract_mail="full", abstract_web="full")
