"""What a candidate brings with it beside its own record."""

from __future__ import annotations

from dataclasses import replace

from alerts.model.records import Entry
from alerts.store import Store, issues, records
from tests.store import making as make

WEEKLY = make.bulletin("ph", "tobacco")
BOOK = make.catalogue(WEEKLY)
PAPER = make.entry("paper", title="Vaping and quitting")
NOTICE = replace(make.entry("notice", title="Correction to: Vaping and quitting"), summary="Table 2 was wrong.")


def _corrected(store: Store) -> tuple[int, int]:
    """Store a paper that the bulletin waits for, and a notice of its correction; return both records."""
    with store.write() as conn:
        paper = make.write_poll(conn, make.new(-1, PAPER), matches=[make.match(-1, "tobacco")]).records[-1]
        told = make.notice(-1, NOTICE, paper, "corrected")
        return paper, make.write_poll(conn, told).records[-1]


def test_a_correction_brings_the_record_of_its_notice(store: Store) -> None:
    paper, notice = _corrected(store)
    with store.read() as conn:
        first, corrected = issues.candidates(conn, WEEKLY, BOOK)
    assert (first.event.kind, first.notice) == ("new", None)
    assert (corrected.event.kind, corrected.record.id) == ("corrected", paper)
    assert corrected.notice is not None
    assert (corrected.notice.id, corrected.notice.entry.link) == (notice, "https://example.org/notice")
    assert corrected.notice.entry.summary == "Table 2 was wrong."


def test_a_notice_that_was_merged_is_still_found(store: Store) -> None:
    _, notice = _corrected(store)
    with store.write() as conn:
        other = make.add_record(conn, "the same notice elsewhere")
        records.merge(conn, other, notice, make.NOW)
        corrected = issues.candidates(conn, WEEKLY, BOOK)[-1]
    assert corrected.notice is not None
    assert corrected.notice.id == other
    assert isinstance(corrected.notice.entry, Entry)
