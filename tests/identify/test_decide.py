"""Decisions: one record per publication, every choice with its reason, and nothing told twice."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.sources import Source

JOURNAL = Source("journal", "A journal", "https://j.example.org/", evidence_type="study")
INDEX = Source("index", "An index", "https://i.example.org/", evidence_type="study")
GOV = Source("gov", "Government", "https://gov.example.org/", evidence_type="policy", updates="date")
TEXT = Source("text", "A think tank", "https://t.example.org/", evidence_type="briefing")
NOVEMBER = datetime(2026, 11, 20, 9, tzinfo=UTC)
STATISTICS = "Statistics on smoking and vaping in England"
OTHER = "Alcohol prices in Scotland after reform"
TITLE = "Swap to Stop: quitting smoking with vaping devices in England"


def entry(key: str, title: str = TITLE, **more: Any) -> Entry:
    identifiers = tuple(
        Identifier(scheme, more.pop(scheme)) for scheme in ("doi", "pmid", "pmcid", "document") if scheme in more
    )
    link = more.pop("link", "")
    if link:
        identifiers = (*identifiers, Identifier("link", link))
    made = Entry(key, title, link=link, identifiers=identifiers, **{"published": NOVEMBER, **more})
    seen = (" ".join(made.title.split()).lower(), made.summary.lower(), sorted(map(str, identifiers)), made.headings)
    return replace(made, fingerprint=hashlib.sha256(repr(seen).encode()).hexdigest())


def test_what_is_unknown_is_new_with_its_text_and_type(shelf: Any) -> None:
    (made,) = shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    assert (made.outcome, made.record, made.event) == ("new", -1, "new")
    assert made.text == made.entry
    assert made.evidence_type == "study"
    assert made.reason.startswith("new: ")


def test_the_same_again_is_the_same(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a"))
    (made,) = shelf.poll(JOURNAL, entry("a", published=NOVEMBER + timedelta(days=3)))
    assert (made.outcome, made.event, made.text) == ("same", None, None)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"doi": "10.1000/a"}, {"doi": "10.1000/a"}, "DOI"),
        ({"pmid": "123"}, {"pmid": "123"}, "PMID"),
        ({"pmcid": "PMC5"}, {"pmcid": "PMC5"}, "PMCID"),
        ({"document": "nice:ng209"}, {"document": "nice:ng209"}, "document number"),
        ({"link": "https://x.org/1"}, {"link": "https://x.org/1"}, "link"),
        ({"authors": ("Ann Smith",)}, {"authors": ("Smith A",)}, "first author"),
        ({"journal": "Public Health"}, {"journal": "Public health"}, "journal"),
        ({"link": "https://x.org/1"}, {"link": "https://y.org/2"}, "dated within"),
    ],
)
def test_another_source_with_the_same_publication_is_a_duplicate(
    shelf: Any, first: dict[str, Any], second: dict[str, Any], why: str
) -> None:
    shelf.poll(JOURNAL, entry("a", **first))
    (made,) = shelf.poll(INDEX, entry("b", **second))
    assert (made.outcome, made.record, made.event) == ("duplicate", 1, None)
    assert why in made.reason


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"doi": "10.1000/a"}, {"doi": "10.1000/b"}, "DOIs differ"),
        ({"authors": ("Ann Smith",)}, {"authors": ("Bob Jones",)}, "first authors differ"),
        ({"journal": "Public Health"}, {"journal": "The Lancet"}, "journals differ"),
        ({}, {"published": NOVEMBER - timedelta(days=300)}, "dates are too far apart"),
        ({"title": f"{TITLE}, part 1"}, {"title": f"{TITLE}, part 2"}, "number"),
        ({"title": f"{STATISTICS}, 2025"}, {"title": f"{STATISTICS}, 2026"}, "number"),
        ({"title": "Editorial", "authors": ("Ann",)}, {"title": "Editorial", "authors": ("Ann",)}, ""),
        ({"title": "In this issue"}, {"title": "In this issue"}, ""),
        ({"doi": "10.1000/a", "authors": ("Ann Smith",)},
         {"doi": "10.1000/a", "title": OTHER, "authors": ("Bob Jones",)}, "not believed"),
        ({"link": "https://x.org/n"}, {"link": "https://x.org/n", "title": OTHER}, "not believed"),
        ({"doi": "10.1000/a"}, {"doi": "10.1000/a", "title": f"Correction to: {TITLE}"}, "notice"),
    ],
)  # fmt: skip
def test_different_publications_stay_apart(shelf: Any, first: dict[str, Any], second: dict[str, Any], why: str) -> None:
    shelf.poll(JOURNAL, entry("a", **first))
    (made,) = shelf.poll(INDEX, entry("b", **second))
    assert made.outcome == "new"
    assert made.event == "new"
    assert why in made.reason
    assert len(shelf.records) == 2


def test_an_identifier_that_is_not_believed_does_not_become_the_new_records(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a", authors=("Ann Smith",)))
    (made,) = shelf.poll(INDEX, entry("b", OTHER, doi="10.1000/a", authors=("Bob Jones",)))
    assert made.entry.identifier("doi") == "10.1000/a"
    assert made.text is not None
    assert made.text.identifier("doi") == ""


def test_three_items_with_one_doi_in_one_feed_make_three_records(shelf: Any) -> None:
    titles = ("Alcohol prices in Scotland", "Vaping among the young", "Walking and the heart")
    decisions = shelf.poll(JOURNAL, *(entry(f"k{n}", title, doi="10.1000/182") for n, title in enumerate(titles)))
    assert [each.outcome for each in decisions] == ["new", "new", "new"]


def test_an_item_twice_in_one_feed_is_one_record(shelf: Any) -> None:
    first, second = shelf.poll(JOURNAL, entry("a", doi="10.1000/a"), entry("b", doi="10.1000/a"))
    assert (first.outcome, second.outcome, second.record) == ("new", "duplicate", -1)
    (third, fourth) = shelf.poll(JOURNAL, entry("a", doi="10.1000/a"), entry("b", doi="10.1000/a"))
    assert (third.outcome, fourth.outcome) == ("same", "same")


def test_two_items_of_one_title_at_the_same_time_in_one_feed_stay_apart(shelf: Any) -> None:
    shelf.poll(
        TEXT,
        entry("a", link="https://x.org/1", summary="About the north of the country and its rivers."),
        entry("b", link="https://x.org/2", summary="About the south and its hills."),
    )
    assert len(shelf.records) == 2


def test_a_source_that_changes_all_its_keys_and_links_tells_nothing_twice(shelf: Any) -> None:
    old = [
        entry(f"old{n}", f"{TITLE} in town number{n}x", doi=f"10.1000/{n}", link=f"https://x.org/{n}")
        for n in range(30)
    ]
    new = [
        entry(f"new{n}", f"{TITLE} in town number{n}x", doi=f"10.1000/{n}", link=f"https://y.org/{n}")
        for n in range(30)
    ]
    shelf.poll(JOURNAL, *old)
    decisions = shelf.poll(JOURNAL, *new)
    assert {each.event for each in decisions} == {None}
    assert len(shelf.records) == 30


def test_a_preprint_and_its_publication_are_linked_not_merged(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1101/2026.01.01.123", authors=("Ann Smith",)))
    (made,) = shelf.poll(INDEX, entry("b", f"{TITLE}: a cohort", doi="10.1016/j.puhe.1", authors=("Ann Smith",)))
    assert (made.outcome, made.relation) == ("new", ("published version of", 1))
    assert "preprint" in made.reason


def test_a_preprint_after_its_publication_is_linked_too_even_when_it_names_its_doi(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1016/j.puhe.1"))
    (made,) = shelf.poll(INDEX, entry("b", doi="10.1016/j.puhe.1", link="https://arxiv.org/abs/2104.1"))
    assert (made.outcome, made.relation) == ("new", ("preprint of", 1))


def test_versions_of_a_preprint_are_one_record(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.21203/rs.3.rs-123/v1"))
    (made,) = shelf.poll(INDEX, entry("b", doi="10.21203/rs.3.rs-123/v2"))
    assert made.outcome == "duplicate"


@pytest.mark.parametrize(
    ("title", "summary", "event", "relation"),
    [
        (f"Correction to: {TITLE}", "", "corrected", "correction of"),
        (f"Retraction notice to “{TITLE}” [Public Health 1 (2026) 2]", "", "retracted", "retraction of"),
        (f"Expression of concern: {TITLE}", "", "corrected", "expression of concern of"),
        ("Erratum", "This corrects the article DOI: 10.1000/a.", "corrected", "erratum of"),
        (f"Withdrawal: {TITLE}", "", "withdrawn", "withdrawal of"),
    ],
)
def test_a_notice_is_linked_to_the_record_it_is_about_and_never_merged(
    shelf: Any, title: str, summary: str, event: str, relation: str
) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a", authors=("Ann Smith",)))
    (made,) = shelf.poll(JOURNAL, entry("n", title, summary=summary, doi="10.1000/n", authors=("Ann Smith",)))
    assert (made.outcome, made.event) == ("new", "new")
    assert [(each.about, each.event, each.relation) for each in made.noticed] == [(1, event, relation)]
    assert made.evidence_type in ("correction", "retraction", "study")
    (again,) = shelf.poll(INDEX, entry("n2", title, summary=summary, doi="10.1000/n", authors=("Ann Smith",)))
    assert (again.outcome, again.noticed) == ("duplicate", ())


def test_a_notice_about_nothing_known_is_a_record_of_its_own(shelf: Any) -> None:
    (made,) = shelf.poll(JOURNAL, entry("n", f"Correction to: {TITLE}", doi="10.1000/n"))
    assert (made.outcome, made.noticed) == ("new", ())


def test_a_notice_in_the_same_poll_finds_its_record(shelf: Any) -> None:
    _, notice = shelf.poll(JOURNAL, entry("a", doi="10.1000/a"), entry("n", f"Corrigendum: {TITLE}", doi="10.1000/n"))
    assert [(each.about, each.event) for each in notice.noticed] == [(-1, "corrected")]


def test_a_publication_marked_as_retracted_is_retracted_once(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    (made,) = shelf.poll(JOURNAL, entry("a", f"RETRACTED: {TITLE}", doi="10.1000/a"))
    assert (made.outcome, made.event, made.record) == ("changed", "retracted", 1)
    assert made.text is not None
    assert made.text.title.startswith("RETRACTED")
    (again,) = shelf.poll(JOURNAL, entry("a", f"RETRACTED:  {TITLE}", summary="Gone.", doi="10.1000/a"))
    assert again.event != "retracted"


def test_another_source_that_marks_a_publication_as_retracted_is_heard(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    (made,) = shelf.poll(INDEX, entry("b", f"RETRACTED: {TITLE}", doi="10.1000/a"))
    assert (made.record, made.event) == (1, "retracted")


def test_text_that_changed_is_an_update_with_a_note(shelf: Any) -> None:
    shelf.poll(TEXT, entry("a", summary="The old words of the briefing."))
    (made,) = shelf.poll(TEXT, entry("a", summary="Quite other words now.", updated=NOVEMBER))
    assert (made.outcome, made.event, made.event_note) == ("changed", "updated", "")
    assert made.text is not None
    assert made.text.summary == "Quite other words now."
    (noted,) = shelf.poll(TEXT, entry("a", summary="Third words.", change_note="Added a chapter on vaping."))
    assert noted.event_note == "Added a chapter on vaping."


def test_the_note_of_an_earlier_update_is_not_told_again(shelf: Any) -> None:
    for source, more in ((TEXT, {}), (GOV, {"link": "https://gov.example.org/guidance"})):
        key = source.id
        shelf.poll(source, entry(key, f"{TITLE} {key}", summary="The old words.", updated=NOVEMBER, **more), days=10)
        for summary, note in (("Quite other ones.", "A table was added."), ("And a third text.", "")):
            changed = entry(
                key, f"{TITLE} {key}", summary=summary, updated=shelf.now - timedelta(days=1), change_note=note, **more
            )
            (made,) = shelf.poll(source, changed, days=10)
            assert (made.event, made.event_note) == ("updated", note)
            assert made.text is not None
            assert made.text.change_note == note


def test_a_source_whose_changes_are_never_news(shelf: Any) -> None:
    source = replace(TEXT, updates="never")
    shelf.poll(source, entry("a", summary="The old words."))
    (made,) = shelf.poll(source, entry("a", summary="Quite other words now."))
    assert (made.outcome, made.event) == ("changed", None)
    assert made.text is not None


@pytest.mark.parametrize(
    "more",
    [
        {"summary": "An abstract that came later, with what was found and what it means."},
        {"doi": "10.1000/late"},
        {"headings": ("Smoking Cessation",)},
        {"pmid": "123"},
    ],
)
def test_enrichment_gives_a_new_text_and_no_event(shelf: Any, more: dict[str, Any]) -> None:
    shelf.poll(JOURNAL, entry("a"))
    (made,) = shelf.poll(JOURNAL, entry("a", **more))
    assert (made.outcome, made.event) == ("changed", None)
    assert made.text is not None


def test_a_summary_that_grows_is_enrichment_and_one_that_is_cut_changes_nothing(shelf: Any) -> None:
    words = "The first sentence of the abstract is this one."
    shelf.poll(TEXT, entry("a", summary=words[:-5] + "…"))
    (grown,) = shelf.poll(TEXT, entry("a", summary=f"{words} And a second sentence."))
    assert (grown.event, grown.text.summary) == (None, f"{words} And a second sentence.")
    (cut,) = shelf.poll(TEXT, entry("a", summary=words))
    assert (cut.event, cut.text) == (None, None)


def test_text_appended_by_the_records_own_source_is_told_once(shelf: Any) -> None:
    before, after = "How services help people quit.", " Updated to include vapes and a new table of doses."
    shelf.poll(TEXT, entry("a", summary=before))
    shelf.poll(JOURNAL, entry("b", OTHER, summary=before))
    (amended,) = shelf.poll(TEXT, entry("a", summary=before + after))
    (enriched,) = shelf.poll(JOURNAL, entry("b", OTHER, summary=before + after))
    assert (amended.event, amended.event_note, enriched.event) == ("updated", "", None)
    shelf.poll(TEXT, entry("a", summary=before))
    (again,) = shelf.poll(TEXT, entry("a", summary=before + after))
    assert again.event is None


def test_a_closing_date_that_appears_is_told(shelf: Any) -> None:
    shelf.poll(TEXT, entry("a", summary="Tell us what you think."))
    closes = shelf.now + timedelta(days=21)
    (made,) = shelf.poll(TEXT, entry("a", summary="Tell us what you think. Closes soon.", closes=closes))
    assert (made.event, made.reason) == ("updated", "its closing date is new")


def test_a_journal_that_tidies_a_title_tells_nothing(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a", summary="Background: words. Methods: more words. Results: many."))
    (made,) = shelf.poll(
        JOURNAL,
        entry(
            "a",
            TITLE.replace("devices", "device"),
            doi="10.1000/a",
            summary="Background: words. Methods: more words. Results: many.",
        ),
    )
    assert (made.outcome, made.event) == ("changed", None)
    assert "tidied" in made.reason


def test_a_duplicate_with_an_abstract_enriches_the_record_for_all(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    (made,) = shelf.poll(INDEX, entry("b", doi="10.1000/a", pmid="77", summary="The abstract.", headings=("Smoking",)))
    assert (made.outcome, made.event) == ("duplicate", None)
    assert made.text is not None
    assert (made.text.summary, made.text.identifier("pmid"), made.text.headings) == (
        "The abstract.",
        "77",
        ("Smoking",),
    )
    assert made.evidence_type == "study"


def test_dates_are_the_signal_where_the_source_says_so_and_once_a_week(shelf: Any) -> None:
    link = "https://gov.example.org/guidance/vaping"
    shelf.poll(GOV, entry("g", link=link, published=None, updated=NOVEMBER))
    outcomes = []
    for days in (1, 2, 9):
        (made,) = shelf.poll(
            GOV, entry("g", link=link, published=None, updated=NOVEMBER + timedelta(days=days)), days=days
        )
        outcomes.append((made.outcome, made.event, made.event_note))
    assert outcomes == [("changed", "updated", ""), ("changed", None, ""), ("changed", None, "")]
    (later,) = shelf.poll(GOV, entry("g", link=link, published=None, updated=NOVEMBER + timedelta(days=12)))
    assert later.event == "updated"


def test_dated_sources_are_keyed_by_link_and_quiet_about_words(shelf: Any) -> None:
    link = "https://gov.example.org/guidance/vaping"
    shelf.poll(GOV, entry("g#1", link=link, published=None, updated=NOVEMBER))
    (words,) = shelf.poll(GOV, entry("g#1", link=link, summary="Other words.", published=None, updated=NOVEMBER))
    assert words.event is None
    (renamed,) = shelf.poll(GOV, entry("g#2", link=link, published=None, updated=NOVEMBER + timedelta(days=2)))
    assert (renamed.outcome, renamed.record, renamed.event) == ("changed", 1, "updated")


def test_a_key_given_to_another_work_makes_another_record(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("latest", doi="10.1000/a"))
    (made,) = shelf.poll(JOURNAL, entry("latest", OTHER, doi="10.1000/b"))
    assert made.outcome == "new"


def test_keys_that_count_positions_do_not_hide_a_new_item(shelf: Any) -> None:
    source = replace(TEXT, updates="never")
    shelf.poll(source, entry("1", link="https://x.org/a"), entry("2", OTHER, link="https://x.org/b"))
    walking = "Walking and cycling to school in Wales"
    moved = shelf.poll(
        source,
        entry("1", walking, link="https://x.org/c"),
        entry("2", link="https://x.org/a"),
        entry("3", OTHER, link="https://x.org/b"),
    )
    assert [each.event for each in moved] == ["new", None, None]
    assert [each.record for each in moved] == [-1, 1, 2]


def test_the_first_run_offers_two_weeks_and_ten_undated_entries(shelf: Any) -> None:
    day = timedelta(days=1)
    dated = [entry(f"d{n}", f"{TITLE} in town {n}", published=shelf.now - n * day) for n in (0, 13, 15, 400)]
    undated = [entry(f"u{n}", f"{TITLE} in village {n}", published=None) for n in range(14)]
    decisions = shelf.poll(TEXT, *dated, *undated, first_run=True)
    assert [each.backlog for each in decisions[:4]] == [False, False, True, True]
    assert [each.backlog for each in decisions[4:]] == [False] * 10 + [True] * 4
    assert {each.event for each in decisions} == {"new"}


def test_after_the_first_run_dates_never_select(shelf: Any) -> None:
    (made,) = shelf.poll(TEXT, entry("a", published=shelf.now - timedelta(days=900)))
    assert made.backlog is False


def test_first_run_days_are_the_sources_own(shelf: Any) -> None:
    source = replace(TEXT, first_run_days=30)
    (made,) = shelf.poll(source, entry("a", published=shelf.now - timedelta(days=20)), first_run=True)
    assert made.backlog is False


def test_every_decision_says_why(shelf: Any) -> None:
    for _ in range(2):
        for source in (JOURNAL, INDEX, TEXT, GOV):
            for made in shelf.poll(source, entry("a", doi="10.1000/a"), entry("b", "Editorial")):
                assert len(made.reason) > 10


def test_an_old_notice_about_a_known_record_is_no_backlog(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    old = NOVEMBER - timedelta(days=200)
    notice, article = shelf.poll(
        INDEX,
        entry("n", f"Retraction: {TITLE}", doi="10.1000/n", published=old),
        entry("o", OTHER, published=old),
        first_run=True,
    )
    assert [each.event for each in notice.noticed] == ["retracted"]
    assert (notice.backlog, article.backlog) == (False, True)
