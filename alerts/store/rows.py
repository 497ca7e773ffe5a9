"""Entries, records and events as rows, and rows as entries, records and events."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from alerts.model.records import Entry, Event, Evidence, Match, Record
from alerts.store.codec import as_plain, decode, from_plain
from alerts.store.schema import events, records
from alerts.store.titles import title_digest

T = TypeVar("T")
CHUNK = 900
"""How many values go into one IN list: SQLite before 3.32 takes 999 variables."""

RECORD = select(
    records.c.id,
    records.c.title,
    records.c.summary,
    records.c.body,
    records.c.first_seen_at,
    records.c.revision,
    records.c.evidence_type,
    records.c.evidence_type_rule,
    records.c.merged_into,
)


def entry_columns(entry: Entry) -> dict[str, str]:
    """Return title, summary and, as JSON, all the rest of `entry`."""
    return {"title": entry.title, "summary": entry.summary, "body": _body(entry)}


@lru_cache(maxsize=2048)  # an entry is written as such and as its record's text, one right after the other
def _body(entry: Entry) -> str:
    rest = as_plain(entry)
    rest.pop("title")
    rest.pop("summary", "")
    return json.dumps(rest, ensure_ascii=False, separators=(",", ":"))


def record_columns(entry: Entry) -> dict[str, Any]:
    """Return the columns of a record whose text is `entry`."""
    return {**entry_columns(entry), "title_digest": title_digest(entry.title), "closes_at": entry.closes}


def entry_of(row: Any) -> Entry:
    """Return the entry that `entry_columns` took apart."""
    return from_plain(Entry, {**json.loads(row.body), "title": row.title, "summary": row.summary})


def record_of(row: Any) -> Record:
    """Return the record of a row of `RECORD`."""
    return Record(
        id=row.id,
        entry=entry_of(row),
        first_seen_at=row.first_seen_at,
        revision=row.revision,
        evidence_type=row.evidence_type,
        evidence_type_rule=row.evidence_type_rule,
        merged_into=row.merged_into,
    )


EVENT = select(
    events.c.id,
    events.c.record_id,
    events.c.n,
    events.c.kind,
    events.c.happened_at,
    events.c.note,
    events.c.source_id,
    events.c.notice_record_id,
    events.c.backlog,
)


def event_of(row: Any) -> Event:
    """Return the event of a row of `EVENT`."""
    return Event(
        record_id=row.record_id,
        n=row.n,
        kind=row.kind,
        happened_at=row.happened_at,
        note=row.note,
        source_id=row.source_id,
        notice_record_id=row.notice_record_id,
        backlog=row.backlog,
        id=row.id,
    )


def match_of(row: Any) -> Match:
    """Return the match of a row of the table `matches`."""
    return Match(
        record_id=row.record_id,
        profile_id=row.profile_id,
        evidence=decode(Evidence, row.evidence),
        record_revision=row.record_revision,
        strategy_revision=row.strategy_revision,
    )


def by_digests(conn: Connection, statement: str, digests: Collection[str], *before: str) -> Iterator[Sequence[Any]]:
    """Yield the rows of `statement` for some digests, a list of them at a time in its last braces.

    `before` go into the braces before those. As text handed to the driver, as in `upserts`: a poll asks this of every
    entry, twice.
    """
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    for some in chunks(sorted(digests)):
        places = ", ".join([mark] * len(some))
        yield from conn.exec_driver_sql(statement.format(*[mark] * len(before), places), (*before, *some))


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """Yield `values` in lists short enough for one IN list."""
    ready = list(values)
    for start in range(0, len(ready), CHUNK):
        yield ready[start : start + CHUNK]
