"""Candidates of one record, told as one item: several events, profiles and sources collapse into one story.

A record appears once in an issue whatever happened to it. New wins over updated (the item shows the newest text
anyway); a withdrawal or retraction of something never carried here is no news to these readers, and the withdrawn
record is not offered as new either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.model.bulletins import Candidate, Reason, SeenIn
from alerts.model.records import Event, Evidence, Record

_GONE = ("retracted", "withdrawn")
_CORRECTIONS = (*_GONE, "corrected")
_TITLE_FIELDS = frozenset({"title", "ti"})


@dataclass(frozen=True, slots=True)
class Story:
    """One record with everything that is to be told of it.

    `lead` is the event that the item is about; `notices` are the records that told of events, by the event's id.
    """

    record: Record
    events: tuple[Event, ...]
    lead: Event
    reasons: tuple[Reason, ...] = ()
    seen_in: tuple[SeenIn, ...] = ()
    own_note: str = ""
    is_own: bool = False
    notices: Mapping[int, Record] = field(default_factory=dict)

    @property
    def is_correction(self) -> bool:
        """True when something carried earlier was corrected, withdrawn or retracted."""
        return self.lead.kind in _CORRECTIONS

    @property
    def title_terms(self) -> int:
        """Number of distinct terms of the strategies that stand in the title."""
        hits = (hit for reason in self.reasons for hit in reason.evidence.hits)
        return len({hit.term.casefold() for hit in hits if hit.field in _TITLE_FIELDS})

    @property
    def concept_lines(self) -> int:
        """Number of distinct strategy lines with a hit, of the profile that has most of them."""
        return max((_lines(reason.evidence) for reason in self.reasons), default=0)


def _lines(evidence: Evidence) -> int:
    """Count the lines that words satisfied; lines that only combine others say nothing more about the record."""
    return len({hit.line for hit in evidence.hits}) or len(evidence.lines)


def gather(
    candidates: Sequence[Candidate], profile_order: Sequence[str], followed: Collection[str] = ()
) -> tuple[Story, ...]:
    """Return one story per record, in the order in which records first come; reasons in the bulletin's order.

    Sources that are `followed` come before others: a reader should find the source that is credited among those that
    the issue says were searched.
    """
    by_record: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        by_record.setdefault(candidate.record.id, []).append(candidate)
    order = {profile: place for place, profile in enumerate(profile_order)}
    return tuple(_story(group, order, followed) for group in by_record.values())


def _story(group: Sequence[Candidate], order: Mapping[str, int], followed: Collection[str]) -> Story:
    events = tuple(sorted({each.event.n: each.event for each in group}.values(), key=lambda event: event.n))
    newest = max(group, key=lambda each: (each.record.revision, each.event.n))
    reasons = {reason.profile_id: reason for each in group for reason in each.reasons}
    seen_in = {seen.source_id: seen for each in group for seen in each.seen_in}
    return Story(
        record=newest.record,
        events=events,
        lead=_lead(events),
        reasons=tuple(sorted(reasons.values(), key=lambda reason: order.get(reason.profile_id, len(order)))),
        seen_in=tuple(sorted(seen_in.values(), key=lambda seen: seen.source_id not in followed)),
        own_note=next((each.own_note for each in group if each.own_note), ""),
        is_own=any(each.is_own for each in group),
        notices={each.event.id: each.notice for each in group if each.notice is not None},
    )


def _lead(events: Sequence[Event]) -> Event:
    """Return the event to tell: first sight of a record, else its gravest correction, latest update, or closing."""
    first = next((event for event in events if event.kind == "new"), None)
    if first:
        return first
    for kind in _CORRECTIONS:
        latest = next((event for event in reversed(events) if event.kind == kind), None)
        if latest:
            return latest
    return next((event for event in reversed(events) if event.kind != "closing"), events[-1])


def gravity(story: Story) -> tuple[int, float, int]:
    """Return the key that puts corrections in order: retracted, withdrawn, corrected; the latest first."""
    return _CORRECTIONS.index(story.lead.kind), -story.lead.happened_at.timestamp(), story.record.id


def gone_before_carried(story: Story) -> str:
    """Return why a story that is new here must not be told: it was withdrawn or retracted before this issue."""
    if story.lead.kind != "new":
        return ""
    gone = next((event for event in reversed(story.events) if event.kind in _GONE), None)
    return f"{gone.kind} before it was ever carried" if gone else ""
