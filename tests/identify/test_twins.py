"""Records that turn out to be one publication, and others that only look so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.identify.test_decide import INDEX, JOURNAL, NOVEMBER, OTHER, TEXT, TITLE, entry

LONG_AGO = NOVEMBER - timedelta(days=400)
REWORDED = "Swap to Stop: stopping smoking by vaping devices in England and beyond"


def test_an_entry_with_the_identifiers_of_two_records_makes_them_one(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    (second,) = shelf.poll(INDEX, entry("b", REWORDED, pmid="77", published=LONG_AGO, headings=("Vaping",)))
    (made,) = shelf.poll(TEXT, entry("c", doi="10.1000/a", pmid="77"))
    assert second.outcome == "new"
    assert (made.outcome, made.record, made.event) == ("duplicate", 1, None)
    assert made.merges == ((2, "the same PMID 77, titles 81% alike"),)
    assert "record 1 and record 2 turned out to be one" in made.reason
    assert made.text is not None
    assert (made.text.identifier("doi"), made.text.identifier("pmid"), made.text.headings) == (
        "10.1000/a", "77", ("Vaping",),
    )  # fmt: skip


def test_the_older_record_stays_whichever_the_entry_belongs_to(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("key-of-the-first", REWORDED, doi="10.1000/a", published=LONG_AGO))
    shelf.poll(INDEX, entry("key-of-the-second", pmid="77"))
    (made,) = shelf.poll(INDEX, entry("key-of-the-second", pmid="77", doi="10.1000/a"))
    assert (made.record, [drop for drop, _ in made.merges]) == (1, [2])
    (again,) = shelf.poll(INDEX, entry("key-of-the-second", pmid="77", doi="10.1000/a"))
    assert (again.outcome, again.record, again.merges) == ("same", 1, ())


def test_twins_by_title_that_two_processes_made_are_merged_at_the_next_poll(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", authors=("Ann Smith",)))
    other = shelf.known(INDEX.id, type("Nothing", (), {"keys": (), "identifiers": (), "title_keys": ()})())
    shelf.keep(INDEX.id, _decided_apart(other, entry("b", authors=("Ann Smith",)), shelf))
    assert len(shelf.records) == 2
    (made,) = shelf.poll(JOURNAL, entry("a", authors=("Ann Smith",)))
    assert (made.outcome, made.record, [drop for drop, _ in made.merges]) == ("changed", 1, [2])
    assert len(shelf.records) == 1


def _decided_apart(known: Any, found: Any, shelf: Any) -> Any:
    from alerts.identify import decide

    return decide((found,), source=INDEX, known=known, first_run=False, now=shelf.now, rules=())


def test_three_entries_of_one_poll_that_turn_out_to_be_one_make_one_record(shelf: Any) -> None:
    decisions = shelf.poll(
        INDEX,
        entry("first-of-three", doi="10.1000/a"),
        entry("second-of-three", REWORDED, pmid="77", published=LONG_AGO),
        entry("third-of-three", doi="10.1000/a", pmid="77"),
    )
    assert [each.record for each in decisions] == [-1, -2, -1]
    assert [drop for drop, _ in decisions[2].merges] == [-2]
    assert len(shelf.records) == 1


def test_a_wrong_identifier_never_merges_two_records(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a", authors=("Ann Smith",)))
    shelf.poll(INDEX, entry("b", OTHER, pmid="77", authors=("Bob Jones",)))
    (made,) = shelf.poll(TEXT, entry("c", doi="10.1000/a", pmid="77", authors=("Ann Smith",)))
    assert (made.record, made.merges) == (1, ())


def test_records_whose_dois_differ_are_never_merged(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    shelf.poll(JOURNAL, entry("b", doi="10.1000/b", pmid="77"))
    (made,) = shelf.poll(INDEX, entry("c", doi="10.1000/a", pmid="77"))
    assert made.merges == ()
    assert len(shelf.records) >= 2


def test_a_notice_and_its_article_are_never_merged(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    shelf.poll(JOURNAL, entry("n", f"Correction to: {TITLE}", pmid="77"))
    (made,) = shelf.poll(INDEX, entry("b", doi="10.1000/a", pmid="77"))
    assert made.merges == ()
    assert len(shelf.records) == 2


def test_items_of_one_title_in_one_source_are_not_merged_by_their_title(shelf: Any) -> None:
    north = entry("north-of-the-country", link="https://x.org/1", summary="About the north and its rivers.")
    south = entry("south-of-the-country", link="https://x.org/2", summary="About the south and its hills.")
    shelf.poll(TEXT, north, south)
    (made,) = shelf.poll(TEXT, north)
    assert made.merges == ()
    assert len(shelf.records) == 2
