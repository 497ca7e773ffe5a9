"""Small invented bulletins and candidates for the tests of this room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from alerts.compose import Setting
from alerts.model.bulletins import Bulletin, Candidate, IssueContent, Reason, Schedule, Section, SeenIn, Team
from alerts.model.catalogue import Place
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, EventKind, Evidence, Record, TermHit

NOW = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)
TEAM = Team(
    "t",
    "Team",
    "The Library",
    "Ada Marsh",
    "ada@example.nhs.uk",
    "The Library",
    "alerts@example.nhs.uk",
    "library@example.nhs.uk",
)
PLACES = (
    Place("UK", "nation"),
    Place("England", "nation", ("UK",)),
    Place("North West", "region", ("England",)),
    Place("Greater Manchester", "icb", ("North West",), ("GM",)),
    Place("Wigan", "council", ("Greater Manchester",)),
    Place("Bury", "council", ("Greater Manchester",)),
    Place("Kent", "council", ("England",)),
)
SECTIONS = (
    Section("To answer or decide", lens="dated"),
    Section("Local", lens="local"),
    Section("Policy", frozenset({"policy"})),
    Section("Guidance", frozenset({"guidance"}), empty="say"),
    Section("Studies", frozenset({"study", "review"}), limit=3),
)


def bulletin(**changes: object) -> Bulletin:
    """Return a weekly bulletin with five sections."""
    made = Bulletin(
        id="update",
        title="Public health update",
        team="t",
        teams=("t",),
        profiles=("tobacco", "alcohol"),
        sections=SECTIONS,
        schedule=Schedule("weekly", time(7, 30)),
        places=("England", "Greater Manchester"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # names are those of the dataclass


def setting(**changes: object) -> Setting:
    """Return the setting of issue 12."""
    made = Setting(
        12,
        "2026-11-17",
        NOW,
        TEAM,
        since=date(2026, 11, 10),
        places=PLACES,
        public_address="https://alerts.example.nhs.uk",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # names are those of the dataclass


def hit(term: str, text: str, field: str = "title", line: int = 1) -> TermHit:
    """Return the hit of `term` in `text`."""
    start = text.index(term)
    return TermHit(line, term, field, start, start + len(term))


def reason(profile: str = "tobacco", *hits: TermHit) -> Reason:
    """Return a reason with hits."""
    return Reason(profile, profile.capitalize(), Evidence(tuple({each.line for each in hits}) or (1,), hits))


def candidate(
    number: int = 1,
    title: str = "Swap to stop: what worked",
    *,
    kind: str = "guidance",
    event: EventKind = "new",
    n: int = 1,
    note: str = "",
    days_ago: float = 2,
    closes: datetime | None = None,
    reasons: Sequence[Reason] | None = None,
    seen_in: Sequence[SeenIn] | None = None,
    entry: Entry | None = None,
    summary: str = "",
    is_own: bool = False,
    own_note: str = "",
) -> Candidate:
    """Return a candidate; its event's id is the record's number times ten plus the event's own."""
    when = NOW - timedelta(days=days_ago)
    entry = entry or Entry(
        key=str(number),
        title=title,
        link=f"https://www.example.org/{number}",
        summary=summary,
        published=when,
        closes=closes,
    )
    record = Record(number, entry, when, evidence_type=kind)
    told = Event(number, n, event, NOW - timedelta(days=1), note, id=number * 10 + n)
    return Candidate(
        told,
        record,
        tuple(reasons if reasons is not None else (reason(),)),
        tuple(seen_in if seen_in is not None else (SeenIn("s", "Source of guidance", "Publisher", place="England"),)),
        own_note,
        is_own,
    )


def doi(value: str) -> tuple[Identifier, ...]:
    """Return a DOI as an entry's identifiers."""
    return (Identifier("doi", value),)


def small(content: IssueContent) -> int:
    """Measure as if every mail were small."""
    return 1000
