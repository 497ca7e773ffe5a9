"""preview: what a profile finds in the stored records, with reasons, mailing nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.model.records import Evidence, Record
from alerts.pipeline.matching import NoSuchProfile, within_limits
from alerts.pipeline.service import Service
from alerts.store import records


@dataclass(frozen=True, slots=True)
class Found:
    """A record that the profile finds, and why."""

    record: Record
    source_ids: tuple[str, ...]
    evidence: Evidence


@dataclass(slots=True)
class Preview:
    """What a profile finds in `days` days of stored records; full and brief items are counted apart."""

    profile_id: str
    title: str
    since: datetime
    found: list[Found] = field(default_factory=list)
    asked_full: int = 0
    asked_brief: int = 0
    found_full: int = 0
    found_brief: int = 0
    hidden_by_limits: int = 0


def preview(service: Service, profile_id: str, *, days: float = 90) -> Preview:
    """Match one profile against the stored records of its sources, newest first; writes nothing."""
    catalogue, searches = service.catalogue, service.searches
    profile = catalogue.profiles.get(profile_id)
    if profile is None or profile_id not in searches.strategies:
        known = ", ".join(sorted(searches.strategies)) or "none"
        raise NoSuchProfile(
            f"There is no profile “{profile_id}” that can be used.",
            remedy=f"The profiles are: {known}. Run “alerts check” to see what is wrong with the others.",
        )
    strategy = searches.strategies[profile_id]
    result = Preview(profile_id, profile.title, service.clock() - timedelta(days=days))
    heard = [each.id for each in catalogue.sources_of(profile)]
    with service.store.read() as conn:
        for record, source_ids in records.recent(conn, result.since, heard):
            text = searches.text_of(record.entry, source_ids)
            brief = record.is_brief
            result.asked_brief += brief
            result.asked_full += not brief
            evidence = strategy.find(text)
            if evidence is None:
                continue
            if not within_limits(profile, record.entry):
                result.hidden_by_limits += 1
                continue
            result.found_brief += brief
            result.found_full += not brief
            result.found.append(Found(record, tuple(sorted(source_ids)), evidence))
    result.found.reverse()
    return result
