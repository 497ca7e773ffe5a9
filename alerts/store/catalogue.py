"""The librarians' catalogue as the store knows it: what is new, changed or renamed, and the last good texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, exists, insert, literal, select, update

from alerts.model.bulletins import Bulletin, Schedule
from alerts.model.catalogue import Catalogue
from alerts.model.profiles import Profile
from alerts.store.codec import decode, encode
from alerts.store.engine import lock_table
from alerts.store.matches import CORRECTIONS, added_by_hand, insert_dispositions
from alerts.store.renames import Renamed, rename
from alerts.store.rows import chunks
from alerts.store.schema import (
    bulletins,
    dispositions,
    events,
    good_files,
    matches,
    pairings,
    profiles,
    records,
)
from alerts.store.upserts import insert_new

MISSED = "a poll was not matched with it"
"""Stands in the place of the revision that stored records were matched with."""


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a catalogue brought that the store had not seen.

    `to_rematch` are the profiles that stored records were not matched with as they are now: new, changed, or left
    undone by a crash. It stays so until `rematched` is called. `renamed` holds (kind, old id, new id).
    """

    new_profiles: tuple[str, ...] = ()
    changed_profiles: tuple[str, ...] = ()
    to_rematch: tuple[str, ...] = ()
    new_bulletins: tuple[str, ...] = ()
    new_pairings: tuple[tuple[str, str], ...] = ()
    renamed: tuple[Renamed, ...] = ()
    backlog: int = 0


def introduce(conn: Connection, catalogue: Catalogue, now: datetime) -> Introduced:
    """Compare `catalogue` with what the store has seen of it, and note what is new.

    Ids named in `formerly` are renamed first, ledger and choices with them. Whatever a new pairing of bulletin and
    profile finds in records first seen more than the bulletin's `first_run_days` before is settled as backlog.
    """
    lock_table(conn, profiles)  # replicas introduce one after the other, and no poll is being written meanwhile
    conn.execute(update(profiles).where(profiles.c.matched_revision == MISSED), {"matched_revision": ""})
    renamed = rename(conn, catalogue)
    new_profiles, changed_profiles = _note_profiles(conn, catalogue.profiles, now)
    new_bulletins = _note_bulletins(conn, catalogue.bulletins, now)
    new_pairings = _note_pairings(conn, catalogue.bulletins, now)
    by_bulletin: dict[str, list[str]] = {}
    for bulletin_id, profile_id in new_pairings:
        by_bulletin.setdefault(bulletin_id, []).append(profile_id)
    backlog = sum(_settle_backlog(conn, catalogue.bulletins[each], by_bulletin[each], now) for each in by_bulletin)
    pending = select(profiles.c.id).where(profiles.c.matched_revision != profiles.c.revision).order_by(profiles.c.id)
    to_rematch = tuple(each for each in conn.scalars(pending) if each in catalogue.profiles)
    return Introduced(
        new_profiles, changed_profiles, to_rematch, new_bulletins, tuple(new_pairings), tuple(renamed), backlog
    )


def rematched(conn: Connection, profile_id: str, now: datetime, revision: str | None = None) -> None:
    """Note that all stored records that matter were run through this profile, in `revision` (None: as it is stored).

    Nothing is noted when a poll has been written with another revision since `introduce`: it will be asked for again.
    """
    here = (profiles.c.id == profile_id) & (profiles.c.matched_revision != MISSED)
    conn.execute(update(profiles).where(here).values(matched_revision=revision or profiles.c.revision))


def note_missed(conn: Connection, matched_with: Mapping[str, str]) -> tuple[str, ...]:
    """Note, while a poll is written, the profiles that its records were not matched with as they are now; return them.

    `matched_with` is what `revisions` gave for the catalogue that the poll worked with. Another process has changed the
    catalogue meanwhile; no change can come between this and the poll's commit.
    """
    lock_table(conn, profiles, share=True)
    rows = conn.execute(select(profiles.c.id, profiles.c.revision).where(profiles.c.matched_revision != MISSED))
    missed = tuple(row.id for row in rows if matched_with.get(row.id) != row.revision)
    for some in chunks(missed):
        conn.execute(update(profiles).where(profiles.c.id.in_(some)), {"matched_revision": MISSED})
    return missed


def revisions(catalogue: Catalogue) -> dict[str, str]:
    """Return the revision of every profile, for `Poll.profiles`."""
    return {each.id: revision_of(each) for each in catalogue.profiles.values()}


def revision_of(profile: Profile) -> str:
    """Return a digest of everything in a profile that decides what it matches."""
    decides = Profile(
        id="",
        title="",
        search=profile.search,
        dialect=profile.dialect,
        sources=profile.sources,
        result_full=profile.result_full,
        result_brief=profile.result_brief,
        spelling=profile.spelling,
        languages=profile.languages,
        revision=profile.revision,
    )
    return sha256(encode(decides).encode()).hexdigest()[:32]


def last_good(conn: Connection) -> dict[str, str]:
    """Return the last good text of each file of the catalogue, by its path."""
    return {row.path: row.text for row in conn.execute(select(good_files.c.path, good_files.c.text))}


def keep_good(conn: Connection, files: Mapping[str, str], now: datetime) -> None:
    """Keep `files` as the last good texts, in place of all that were kept before."""
    before = last_good(conn)
    changed = [path for path, text in before.items() if files.get(path) != text]
    if changed:
        conn.execute(delete(good_files).where(good_files.c.path.in_(changed)))
    rows = [{"path": path, "text": text, "kept_at": now} for path, text in files.items() if before.get(path) != text]
    insert_new(conn, good_files, rows)


def _note_profiles(
    conn: Connection, found: Mapping[str, Profile], now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    before = {row.id: row.revision for row in conn.execute(select(profiles.c.id, profiles.c.revision))}
    now_are = {each.id: revision_of(each) for each in found.values()}
    new = tuple(each for each in found if each not in before)
    changed = tuple(each for each in found if each in before and before[each] != now_are[each])
    insert_new(conn, profiles, [{"id": each, "introduced_at": now, "revision": now_are[each]} for each in new])
    for each in changed:
        conn.execute(update(profiles).where(profiles.c.id == each), {"revision": now_are[each]})
    return new, changed


def _note_bulletins(conn: Connection, found: Mapping[str, Bulletin], now: datetime) -> tuple[str, ...]:
    before = set(conn.scalars(select(bulletins.c.id)))
    new = tuple(each for each in found if each not in before)
    insert_new(conn, bulletins, [{"id": each, "introduced_at": now} for each in new])
    return new


@dataclass(frozen=True, slots=True)
class Begun:
    """When a bulletin was first taken into force; its schedule then or since an edit, and when it was edited."""

    introduced_at: datetime
    schedule: Schedule | None = None
    scheduled_at: datetime | None = None


def begun(conn: Connection, bulletin_id: str) -> Begun | None:
    """Return when a bulletin and its schedule came into force, or `None` for one that never did."""
    row = conn.execute(select(bulletins).where(bulletins.c.id == bulletin_id)).one_or_none()
    if row is None:
        return None
    return Begun(row.introduced_at, decode(Schedule, row.schedule) if row.schedule else None, row.scheduled_at)


def reschedule(conn: Connection, bulletin_id: str, schedule: Schedule, since: datetime | None) -> None:
    """Note the schedule in force, and since when it was edited (`None`: it is the first)."""
    here = bulletins.c.id == bulletin_id
    conn.execute(update(bulletins).where(here), {"schedule": encode(schedule), "scheduled_at": since})


def _note_pairings(conn: Connection, found: Mapping[str, Bulletin], now: datetime) -> list[tuple[str, str]]:
    """Note new pairings and forget those that are gone: one that comes back is new again."""
    wanted = {(bulletin.id, profile_id) for bulletin in found.values() for profile_id in bulletin.profiles}
    before = {(row.bulletin_id, row.profile_id) for row in conn.execute(select(pairings))}
    for bulletin_id, profile_id in before - wanted:
        here = (pairings.c.bulletin_id == bulletin_id) & (pairings.c.profile_id == profile_id)
        conn.execute(delete(pairings).where(here))
    new = sorted(wanted - before)
    if new:
        rows = [{"bulletin_id": one, "profile_id": other, "introduced_at": now} for one, other in new]
        conn.execute(insert(pairings), rows)
    return new


def _settle_backlog(conn: Connection, bulletin: Bulletin, new_profiles: list[str], now: datetime) -> int:
    """Write backlog for what only the new pairings of `bulletin` find in records that are not recent."""
    oldest = now - timedelta(days=bulletin.first_run_days)
    other = pairings.alias("other")
    paired_before = exists().where(
        matches.c.record_id == events.c.record_id,
        matches.c.profile_id == other.c.profile_id,
        other.c.bulletin_id == bulletin.id,
        other.c.profile_id.not_in(new_profiles),
    )
    found_now = exists().where(matches.c.record_id == events.c.record_id, matches.c.profile_id.in_(new_profiles))
    settled = exists().where(dispositions.c.bulletin_id == bulletin.id, dispositions.c.event_id == events.c.id)
    rows = (
        select(
            literal(bulletin.id),
            events.c.id,
            events.c.record_id,
            literal("backlog"),
            literal("found before the profile came into this bulletin"),
            literal(now, dispositions.c.settled_at.type),
        )
        .select_from(events.join(records, records.c.id == events.c.record_id))
        .where(records.c.first_seen_at < oldest, found_now, ~paired_before, ~settled, ~added_by_hand(bulletin.id))
        .where(events.c.kind.not_in(CORRECTIONS))
    )
    return insert_dispositions(conn, rows)
