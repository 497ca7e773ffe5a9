"""Taking a configuration into force: what is new in it, what an edit changes, and who reads what.

Runs before every stage that writes, and after every reload. A profile that is new or edited is re-matched against the
records of its first-run window and everything not yet issued; what it newly finds among older records is backlog, what
it no longer finds is superseded (DESIGN: "Profile edits").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model.profiles import Profile
from alerts.model.records import Match
from alerts.pipeline.logs import log
from alerts.pipeline.service import Service
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
    done = [
        rematch(service, loaded.catalogue.profiles[profile_id], now)
        for profile_id in introduced.to_rematch
        if profile_id in service.searches.strategies
    ]
    service.store.replay(lambda conn: catalogue_rows.keep_good(conn, loaded.files, now))
    people = service.store.replay(lambda conn: subscriptions.sync(conn, loaded.catalogue, now))
    if people.kept_last_good:
        log.warning("people list not usable, the last good one stays in force", state=loaded.people_state)
    return Adopted(introduced, people, tuple(done))


def rematch(service: Service, profile: Profile, now: datetime) -> str:
    """Match a new or edited profile against what is stored, in batches, and settle what its edit changed."""
    searches = service.searches
    days = max((each.first_run_days for each in service.catalogue.bulletins.values()), default=14)
    since = now - timedelta(days=days)
    with service.store.read() as conn:
        stored = list(records.to_rematch(conn, profile.id, since))
    found: list[Match] = []
    lost: list[int] = []
    for record, source_ids in stored:
        heard = {
            each
            for each in source_ids
            if each in searches.catalogue.sources
            and profile.sources.includes(each, searches.catalogue.sources[each].tags)
        }
        evidence = searches.find(record.entry, source_ids, (profile,)).get(profile.id) if heard else None
        if evidence is None:
            lost.append(record.id)
        else:
            revision = searches.strategies[profile.id].revision
            found.append(Match(record.id, profile.id, evidence, record.revision, revision))
    for start in range(0, max(len(found), len(lost)), BATCH):
        batch_found, batch_lost = found[start : start + BATCH], lost[start : start + BATCH]
        service.store.replay(
            lambda conn, f=batch_found, g=batch_lost: matches.apply_edit(  # type: ignore[misc]
                conn, profile.id, f, g, now, first_run_days=days
            )
        )
    service.store.replay(lambda conn: catalogue_rows.rematched(conn, profile.id, now))
    log.info("profile matched against stored records", profile=profile.id, asked=len(stored), found=len(found))
    return profile.id
