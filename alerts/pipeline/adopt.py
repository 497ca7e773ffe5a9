"""Taking a configuration into force: what is new in it, what an edit changes, and who reads what.

Runs before every stage that writes, and after every reload. A profile that is new or edited is re-matched against the
records of its first-run window and everything not yet issued; what it newly finds among older records is backlog, what
it no longer finds is superseded (DESIGN: "Profile edits").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from alerts.model.profiles import Profile
from alerts.model.records import Match, Record
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service
from alerts.pipeline.timing import take_in_schedules
from alerts.store import catalogue as catalogue_rows
from alerts.store import matches, records, subscriptions
from alerts.store.catalogue import Introduced
from alerts.store.subscriptions import SyncChanges

BATCH = 500


@dataclass(frozen=True, slots=True)
class Adopted:
    """What changed by taking the configuration into force."""

    introduced: Introduced
    people: SyncChanges
    rematched: tuple[str, ...]


def adopt(service: Service) -> Adopted:
    """Take the loaded configuration into force; harmless to repeat."""
    now = service.clock()
    loaded = service.loaded
    introduced = service.store.replay(lambda conn: catalogue_rows.introduce(conn, loaded.catalogue, now))
    take_in_schedules(service, now)
    wanted = [each for each in introduced.to_rematch if each in service.searches.strategies]
    rematch(service, [loaded.catalogue.profiles[each] for each in wanted], now)
    service.store.replay(lambda conn: catalogue_rows.keep_good(conn, loaded.files, now))
    people = service.store.replay(lambda conn: subscriptions.sync(conn, loaded.catalogue, now, service.seal))
    if people.kept_last_good:
        log.warning("people list not usable, the last good one stays in force", state=loaded.people_state)
    return Adopted(introduced, people, tuple(wanted))


def rematch(service: Service, profiles: Sequence[Profile], now: datetime) -> None:
    """Match new or edited profiles against what is stored, and settle what each edit changed.

    Every record is tokenised once, however many of the profiles ask about it.
    """
    if not profiles:
        return
    days = max((each.first_run_days for each in service.catalogue.bulletins.values()), default=14)
    stored: dict[int, tuple[Record, frozenset[str]]] = {}
    asked: dict[int, list[Profile]] = {}
    with service.store.read() as conn:
        for profile in profiles:
            for record, source_ids in records.to_rematch(conn, profile.id, now - timedelta(days=days)):
                stored[record.id] = (record, source_ids)
                asked.setdefault(record.id, []).append(profile)
    searches = service.searches.only(profiles)
    found: dict[str, list[Match]] = {each.id: [] for each in profiles}
    lost: dict[str, list[int]] = {each.id: [] for each in profiles}
    for record_id, (record, source_ids) in stored.items():
        hearing = [each for each in asked[record_id] if searches.hears(each, source_ids)]
        evidence = searches.find(record.entry, source_ids, hearing)
        for profile in asked[record_id]:
            if profile.id in evidence:
                revision = searches.strategies[profile.id].revision
                match = Match(record_id, profile.id, evidence[profile.id], record.revision, revision)
                found[profile.id].append(match)
            else:
                lost[profile.id].append(record_id)
    for profile in profiles:
        _settle(service, profile, found[profile.id], lost[profile.id], now, days)


def _settle(service: Service, profile: Profile, found: list[Match], lost: list[int], now: datetime, days: int) -> None:
    """Write what a profile finds and no longer finds, in batches; say at last that it is done."""
    for start in range(0, max(len(found), len(lost)), BATCH):
        batch = slice(start, start + BATCH)
        edit = partial(
            matches.apply_edit,
            profile_id=profile.id,
            found=found[batch],
            lost=lost[batch],
            now=now,
            first_run_days=days,
        )
        service.store.replay(edit)
    revision = catalogue_rows.revision_of(profile)
    service.store.replay(lambda conn: catalogue_rows.rematched(conn, profile.id, now, revision))
    log.info("profile matched against stored records", profile=profile.id, found=len(found), lost=len(lost))
