"""Small makers of everything that the store's tests put in: short to write, each thing different by its name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from alerts.identify.comparing.titles import title_key
from alerts.model.bulletins import (
    Bulletin,
    Disposition,
    IssueContent,
    IssueSection,
    Item,
    Period,
    Person,
    Schedule,
    Section,
    Team,
)
from alerts.model.catalogue import Catalogue, Service
from alerts.model.decisions import Decision, Known, Noticed, Poll
from alerts.model.deliveries import Outcome
from alerts.model.identifiers import Identifier
from alerts.model.profiles import Profile
from alerts.model.records import Entry, EventKind, Evidence, Match, TermHit
from alerts.model.sources import Source, SourceState
from alerts.store import Connection, Store, issues, polls, sources, subscriptions
from alerts.store.columns import digest

__all__ = ["Identifier", "digest"]  # re-exported for the tests

NOW = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)
DAY = timedelta(days=1)
SENT = Outcome("sent", "250 2.0.0 queued as 7", 250, "2.0.0")


@dataclass(frozen=True)
class Wanted:
    """What a poll asks the store about."""

    keys: Collection[str] = ()
    identifiers: Collection[Identifier] = ()
    title_keys: Collection[str] = ()


def doi(value: str) -> Identifier:
    return Identifier("doi", value)


def entry(key: str, *, title: str = "", summary: str = "", identifiers: Iterable[Identifier] = ()) -> Entry:
    text = title or f"Title of {key}"
    return Entry(
        key=key,
        title=text,
        link=f"https://example.org/{key}",
        summary=summary,
        identifiers=tuple(identifiers),
        fingerprint=sha256(f"{text}|{summary}".encode("utf-8", "replace")).hexdigest()[:16],
    )


def new(number: int, found: Entry, *, backlog: bool = False) -> Decision:
    """A decision that `found` is the new record `number` (negative)."""
    return Decision(found, "new", number, "nothing like it", found, "guidance", "rule", "new", backlog=backlog)


def changed(record: int, found: Entry, event: EventKind | None = "updated") -> Decision:
    return Decision(found, "changed", record, "text changed", found, event=event)


def notice(number: int, found: Entry, about: int, event: EventKind, note: str = "") -> Decision:
    """A decision that `found` is a notice about the record `about`, and the new record `number` itself."""
    pair = Noticed(number, about, event, f"{event} by", note, "it names its title")
    return replace(new(number, found), noticed=(pair,))


def wanted_for(decisions: Sequence[Decision]) -> Wanted:
    entries = [each.entry for each in decisions]
    return Wanted(
        [each.key for each in entries],
        [each for found in entries for each in found.identifiers],
        [title_key(each.title) for each in entries],
    )


def evidence(word: str = "tobacco") -> Evidence:
    return Evidence((1, 2), (TermHit(2, word, "title", 0, len(word)),), used_line=2)


def match(record: int, profile_id: str = "tobacco") -> Match:
    return Match(record, profile_id, evidence(), 1, "s1")


def poll(
    known: Known,
    *decisions: Decision,
    source_id: str = "dhsc",
    matches: Sequence[Match] = (),
    at: datetime = NOW,
    held: bool = False,
    unmatched: Sequence[tuple[int, str]] = (),
) -> Poll:
    state = SourceState(source_id, etag='"1"', last_success_at=at, first_success_at=at)
    return Poll(source_id, at, state, known, tuple(decisions), tuple(matches), tuple(unmatched), held)


def write_poll(
    conn: Connection,
    *decisions: Decision,
    source_id: str = "dhsc",
    matches: Sequence[Match] = (),
    at: datetime = NOW,
    held: bool = False,
    unmatched: Sequence[tuple[int, str]] = (),
) -> polls.PollWritten:
    """Read what is known and write a poll on it, as the pipeline does when nobody interferes."""
    wanted = wanted_for(decisions)
    known = sources.known(conn, source_id, wanted)
    one = poll(known, *decisions, source_id=source_id, matches=matches, at=at, held=held, unmatched=unmatched)
    return polls.write(conn, one, wanted)


def add_record(
    conn: Connection,
    key: str,
    *profile_ids: str,
    source_id: str = "dhsc",
    at: datetime = NOW,
    identifiers: Iterable[Identifier] = (),
    backlog: bool = False,
    held: bool = False,
) -> int:
    """Store one new record that the given profiles match; return its id."""
    decision = new(-1, entry(key, identifiers=identifiers), backlog=backlog)
    found = [match(-1, each) for each in profile_ids]
    return write_poll(conn, decision, source_id=source_id, matches=found, at=at, held=held).records[-1]


def source(source_id: str, **more: object) -> Source:
    return replace(Source(source_id, source_id.upper(), f"https://example.org/{source_id}.xml"), **more)  # type: ignore[arg-type]


def profile(profile_id: str, **more: object) -> Profile:
    return replace(Profile(profile_id, profile_id.title(), "tobacco.ti."), **more)  # type: ignore[arg-type]


def bulletin(bulletin_id: str = "ph", *profile_ids: str, **more: object) -> Bulletin:
    base = Bulletin(
        id=bulletin_id,
        title=bulletin_id.title(),
        team="public-health",
        teams=("public-health",),
        profiles=profile_ids or ("tobacco",),
        sections=(Section("Guidance", frozenset({"guidance"})),),
        schedule=Schedule("weekly", time(7, 30)),
    )
    return replace(base, **more)  # type: ignore[arg-type]


TEAM = Team(
    "public-health",
    "Public health",
    "Library",
    "Lib",
    "lib@example.nhs.uk",
    "Lib",
    "l@example.nhs.uk",
    "r@example.nhs.uk",
)


def person(address: str, *teams: str, **more: object) -> Person:
    return replace(Person(address, teams=teams or ("public-health",)), **more)  # type: ignore[arg-type]


def catalogue(
    *bulletins: Bulletin,
    people: Sequence[Person] = (),
    profiles: Sequence[Profile] | None = None,
    sources: Sequence[Source] = (),
) -> Catalogue:
    """A catalogue of these bulletins, their profiles made up unless given."""
    named = profiles if profiles is not None else [profile(each) for one in bulletins for each in one.profiles]
    return Catalogue(
        service=Service(),
        sources={each.id: each for each in sources or [source("dhsc")]},
        profiles={each.id: each for each in named},
        blocks={},
        bulletins={each.id: each for each in bulletins},
        teams={TEAM.id: TEAM},
        people=tuple(people),
    )


def content(number: int = 1, bulletin_id: str = "ph", items: Sequence[Item] = ()) -> IssueContent:
    return IssueContent(
        bulletin_id=bulletin_id,
        bulletin_title="Public health",
        number=number,
        period_key="2026-11-17",
        period_line="10 to 17 November 2026",
        date_line="17 November 2026",
        subject="Vaping guidance updated + 6 more",
        preheader="",
        introduction="",
        late_line="",
        sections=(IssueSection("Guidance", tuple(items)),),
        corrections=(),
        remainder=(),
        sources_searched=("DHSC",),
        sources_failed=(),
        team=TEAM,
    )


def item(record_id: int, event_id: int) -> Item:
    return Item(record_id, event_id, "A title", "https://example.org/a", "DHSC", "guidance", "new", "17 November 2026")


def period(key: str = "2026-11-17", bulletin_id: str = "ph", *collapsed: str) -> Period:
    return Period(bulletin_id, key, NOW, date.fromisoformat(key), collapsed)


def delivery(subscription_id: int, number: int = 1, address: str = "reader@example.nhs.uk") -> issues.NewDelivery:
    return issues.NewDelivery(
        subscription_id,
        address,
        "bounce@example.nhs.uk",
        f"<{number * 100_000 + subscription_id:032x}@example.nhs.uk>",
        (("to_name", "Zoë"), ("token", "t")),
        sha256(f"{number}/{subscription_id}".encode()).hexdigest(),
    )


def new_issue(
    conn: Connection,
    event_ids: Sequence[int] = (),
    *,
    bulletin_id: str = "ph",
    number: int | None = None,
    of: Period | None = None,
    at: datetime = NOW,
    now: datetime = NOW,
) -> issues.NewIssue:
    """An issue of these events, to everybody who takes the bulletin now."""
    n = number or issues.next_number(conn, bulletin_id)
    return issues.NewIssue(
        bulletin_id=bulletin_id,
        number=n,
        period=of,
        published_at=at,
        content=content(n, bulletin_id),
        skeleton=b"Subject: x\r\n\r\n\x00\xff{{token}}",
        page_html="<p>page</p>",
        dispositions=tuple(Disposition(bulletin_id, each, "issued", "shown") for each in event_ids),
        deliveries=tuple(delivery(each.id, n, each.address) for each in subscriptions.active(conn, bulletin_id, now)),
    )


def with_readers(store: Store, count: int = 1, bulletin_id: str = "ph") -> None:
    """Subscribe so many readers to one bulletin."""
    people = [person(f"reader{each}@example.nhs.uk") for each in range(count)]
    with store.write() as conn:
        subscriptions.sync(conn, catalogue(bulletin(bulletin_id), people=people), NOW)


def with_deliveries(store: Store, count: int = 1) -> int:
    """Publish an empty issue to so many readers; return the issue's id."""
    with_readers(store, count)
    with store.write() as conn:
        return issues.publish(conn, new_issue(conn))
