"""A story as it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.compose.items import TITLE_LENGTH, Voice, item, web_address
from alerts.compose.places import LOCAL, Locality
from alerts.compose.stories import gather
from alerts.model.bulletins import Candidate, Item, SeenIn, Team
from alerts.model.identifiers import Identifier, Scheme
from alerts.model.records import Entry, EventKind, Record, Relation, RelationKind
from tests.compose.builders import NOW, TEAM, candidate, doi, hit, reason

NOWHERE = Locality()


def shown(
    each: Candidate, *, team: Team = TEAM, locality: Locality = NOWHERE, labels: dict[str, str] | None = None
) -> Item:
    (story,) = gather([each], ["tobacco", "alcohol"])
    return item(story, Voice(NOW, ZoneInfo("Europe/London"), team, labels or {}), locality=locality)


def test_midnight_summer_time_is_the_day_the_publisher_meant() -> None:
    entry = Entry("1", "A title", published=datetime(2026, 7, 1, 23, 0, tzinfo=UTC))
    assert shown(candidate(entry=entry)).date_line == "2 July 2026"


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (Entry("1", "T", published=datetime(2026, 12, 1, tzinfo=UTC), date_kind="issue"), "Issue of December 2026"),
        (Entry("1", "T", updated=datetime(2026, 11, 12, tzinfo=UTC)), "Updated 12 November 2026"),
        (Entry("1", "T"), "Seen 15 November 2026, undated"),
        (Entry("1", "T", published=datetime(1, 1, 2, tzinfo=UTC)), "Seen 15 November 2026, undated"),
        (Entry("1", "T", published=datetime(9999, 12, 30, tzinfo=UTC)), "Seen 15 November 2026, undated"),
    ],
)
def test_dates_say_what_they_are(entry: Entry, line: str) -> None:
    assert shown(candidate(entry=entry)).date_line == line


def test_a_change_says_what_changed_and_when() -> None:
    told = shown(candidate(event="updated", n=2, note="New section on dosing"))
    assert told.change == "Updated 16 November: New section on dosing"
    assert shown(candidate(event="updated", n=2)).change == "Updated 16 November"
    assert shown(candidate()).change == ""


def test_the_publishers_own_change_note_is_told_only_of_an_update() -> None:
    entry = Entry("1", "T", change_note="Dates added")
    assert shown(candidate(entry=entry, event="updated", n=2)).change == "Updated 16 November: Dates added"
    assert shown(candidate(entry=entry, event="retracted", n=2)).change == "Retracted 16 November"


@pytest.mark.parametrize(
    "note",
    ["Updated 22 November", "Updated 16 November 2026", "Last updated: 16 November 2026.", "16 November 2026", " "],
)
def test_a_note_that_only_says_the_day_is_not_said_again(note: str) -> None:
    assert shown(candidate(event="updated", n=2, note=note)).change == "Updated 16 November"


def test_a_note_that_says_more_than_the_day_is_kept() -> None:
    told = shown(candidate(event="updated", n=2, note="Updated 16 November to add vapes"))
    assert told.change == "Updated 16 November: Updated 16 November to add vapes"


def _notice(summary: str = "", **changes: object) -> Record:
    entry = replace(Entry("n", "Correction to: T", summary=summary), **changes)  # type: ignore[arg-type]  # its fields
    return Record(99, entry, NOW)


def test_a_correction_links_its_notice_and_tells_its_sentence() -> None:
    plain = candidate(event="corrected", n=2, note="Correction published")
    assert (shown(plain).change, shown(plain).notice_link) == ("Corrected 16 November", "")
    notice = _notice("Table 2 was wrong. It is now right.", identifiers=doi("10.5555/b3"))
    told = shown(replace(plain, notice=notice))
    assert told.change == "Corrected 16 November: Table 2 was wrong."
    assert (told.notice, told.notice_link) == ("Correction notice", "https://doi.org/10.5555/b3")
    kept = shown(replace(plain, event=replace(plain.event, note="the dose in table 2"), notice=notice))
    assert kept.change == "Corrected 16 November: the dose in table 2"


def test_a_retraction_by_the_record_itself_or_by_a_notice_without_address_links_nothing() -> None:
    gone = candidate(event="retracted", n=2)
    assert shown(replace(gone, notice=gone.record)).notice_link == ""
    assert (shown(replace(gone, notice=_notice())).notice, shown(gone).notice) == ("", "")
    linked = shown(replace(gone, notice=_notice(link="https://example.org/why")))
    assert (linked.notice, linked.notice_link) == ("Retraction notice", "https://example.org/why")


@pytest.mark.parametrize(
    ("kind", "stated", "link"),
    [
        ("retracted", [("retracted by", "doi", "10.5555/r")], ("Retraction notice", "https://doi.org/10.5555/r")),
        ("retracted", [("retracted by", "doi", "10.5555/a1")], ("", "")),
        ("retracted", [("corrected by", "doi", "10.5555/c")], ("", "")),
        ("corrected", [("concern told by", "doi", "10.5555/e"), ("concern told by", "pmid", "77")],
         ("Expression of concern", "https://doi.org/10.5555/e")),
        ("corrected", [("corrected by", "doi", "10.5555/c"), ("corrected by", "doi", "10.5555/d")], ("", "")),
        ("withdrawn", [("withdrawn by", "pmid", "77")],
         ("Withdrawal notice", "https://pubmed.ncbi.nlm.nih.gov/77/")),
    ],
    ids=["by a notice", "where it stands", "of another kind", "by DOI before PMID", "one of two", "by PMID"],
)  # fmt: skip
def test_a_notice_that_is_only_named_is_linked_where_it_can_be_no_other(
    kind: EventKind, stated: list[tuple[RelationKind, Scheme, str]], link: tuple[str, str]
) -> None:
    told = candidate(event=kind, n=2)
    relations = tuple(Relation(each, Identifier(scheme, value)) for each, scheme, value in stated)
    entry = replace(told.record.entry, identifiers=doi("10.5555/a1"), relations=relations)
    made = shown(replace(told, record=replace(told.record, entry=entry)))
    assert (made.notice, made.notice_link) == link


@pytest.mark.parametrize("kind", ["withdrawn", "retracted"])
def test_what_was_withdrawn_does_not_say_when_it_closes(kind: EventKind) -> None:
    soon = NOW + timedelta(days=9)
    assert shown(candidate(event="updated", n=2, closes=soon)).closes == "Closes 26 November"
    assert shown(candidate(event=kind, n=2, closes=soon)).closes == ""


def test_the_sentence_of_a_notice_keeps_to_the_abstract_rule() -> None:
    seen = [SeenIn("a", "A", abstract_mail="none")]
    told = shown(replace(candidate(event="corrected", n=2, seen_in=seen), notice=_notice("Table 2 was wrong.")))
    assert told.change == "Corrected 16 November"


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        ("Have your say. Closes 8 December 2026.", "Have your say."),
        ("Have your say. Consultation closes 8 December 2026.", "Have your say."),
        ("Have your say. The consultation closes at 5pm on Tuesday 8 December.", "Have your say."),
        ("Closing date: 8 December 2026. Have your say.", "Have your say."),
        ("Have your say. Responses by 8th December 2026. We ask about vapes.", "Have your say. We ask about vapes."),
        ("Have your say. Closes 9 December 2026.", "Have your say. Closes 9 December 2026."),
        ("Have your say. Closes 8 December 2027.", "Have your say. Closes 8 December 2027."),
        ("Have your say before it closes on 8 December 2026.", "Have your say before it closes on 8 December 2026."),
        ("Have your say. The call for evidence will close on 8 December 2026 at 5pm.", "Have your say."),
        (
            "The walk-in clinic in Wigan closes on 8 December 2026.",
            "The walk-in clinic in Wigan closes on 8 December 2026.",
        ),
        ("Closes 8 December 2026.", ""),
    ],
)
def test_a_sentence_that_only_repeats_the_closing_date_is_left_out(summary: str, left: str) -> None:
    told = shown(candidate(summary=summary, closes=datetime(2026, 12, 8, 17, tzinfo=UTC)))
    assert told.closes == "Closes 8 December"
    assert told.summary == told.web_summary == left


def test_marks_stand_where_they_should_after_a_sentence_is_left_out() -> None:
    summary = "On vapes. Closes 8 December 2026. We ask about vaping in closed wards."
    hits = tuple(hit(word, summary, "summary") for word in ("vapes", "Closes", "vaping"))
    closes = datetime(2026, 12, 8, 17, tzinfo=UTC)
    told = shown(candidate(summary=summary, closes=closes, reasons=[reason("tobacco", *hits)]))
    assert [told.web_summary[first:last] for first, last in told.summary_marks] == ["vapes", "vaping"]


def test_a_closing_date_is_said_until_it_has_passed() -> None:
    assert shown(candidate(closes=datetime(2027, 1, 9, 17, tzinfo=UTC))).closes == "Closes 9 January"
    assert shown(candidate(closes=datetime(2026, 11, 17, 9, tzinfo=UTC))).closes == "Closes 17 November"
    assert shown(candidate(closes=datetime(2026, 11, 10, tzinfo=UTC))).closes == ""


def test_other_sources_are_named_once_and_the_first_is_not_repeated() -> None:
    seen = [
        SeenIn("a", "Feed A", "Publisher"),
        SeenIn("b", "Feed B"),
        SeenIn("c", "feed b"),
        SeenIn("d", "X", "Publisher"),
    ]
    assert shown(candidate(seen_in=seen)).also_in == ("Feed B",)


def test_the_strictest_abstract_rule_of_all_sources_holds_in_each_channel() -> None:
    seen = [
        SeenIn("a", "A", abstract_mail="full", abstract_web="full"),
        SeenIn("b", "B", abstract_mail="none", abstract_web="snippet"),
    ]
    told = shown(candidate(summary="What we found.", seen_in=seen))
    assert told.summary == ""
    assert told.web_summary == "What we found."


def test_the_librarians_own_item_is_shown_in_full_and_with_their_line() -> None:
    seen = [SeenIn("a", "A", abstract_mail="none", abstract_web="none")]
    told = shown(candidate(summary="Our own words.", is_own=True, own_note="Worth a read.", seen_in=seen))
    assert (told.summary, told.note) == ("Our own words.", "Worth a read.")


def test_marks_stand_on_the_words_that_matched() -> None:
    title = "Swap to stop: quit smoking offers"
    summary = "Background: A. Conclusions: People who quit smoking early did well."
    hits = (hit("quit smoking", title), hit("smoking", title), hit("quit smoking", summary, "summary", 2))
    told = shown(candidate(title=title, summary=summary, kind="study", reasons=[reason("tobacco", *hits)]))
    assert [title[first:last] for first, last in told.title_marks] == ["quit smoking"]
    assert [told.web_summary[first:last] for first, last in told.summary_marks] == ["quit smoking"]
    assert told.matched == (("quit smoking", "title"), ("quit smoking", "summary"))


def test_no_mark_is_drawn_outside_the_excerpt() -> None:
    summary = "Background: vaping. Conclusions: nothing of note."
    told = shown(
        candidate(summary=summary, kind="study", reasons=[reason("tobacco", hit("vaping", summary, "summary"))])
    )
    assert told.summary_marks == ()


def test_open_articles_say_so_and_web_pages_say_nothing() -> None:
    assert shown(candidate(entry=Entry("1", "T", open_access=True))).access == "Free to read"
    assert shown(candidate(entry=Entry("1", "T", identifiers=(Identifier("pmcid", "PMC1"),)))).access == "Free to read"
    assert shown(candidate(entry=Entry("1", "T", link="https://www.gov.uk/x"))).access == ""


def test_the_library_link_takes_the_doi_and_nothing_else() -> None:
    team = replace(TEAM, document_link="https://lib.example.nhs.uk/get?doi={doi}&x={0.__class__}")
    told = shown(candidate(entry=Entry("1", "T", identifiers=doi("10.5555/a b&c"))), team=team)
    assert told.access == "Read through the library"
    assert told.access_link == "https://lib.example.nhs.uk/get?doi=10.5555/a%20b%26c&x=%7B0.__class__%7D"


def test_without_a_library_link_the_library_is_asked_with_the_reference_filled_in() -> None:
    entry = Entry(
        "1", "Quit & stay: a trial", journal="J Quit", authors=("A B", "C D", "E F", "G H"), volume="3", issue="2",
        pages="1-9",
        published=datetime(2026, 5, 1, tzinfo=UTC), identifiers=doi("10.5555/x"),
    )  # fmt: skip
    told = shown(candidate(entry=entry))
    address = urlsplit(told.access_link)
    asked = parse_qs(address.query)
    assert address.path == "library@example.nhs.uk"
    assert asked["subject"] == ["Please send: Quit & stay: a trial"]
    assert asked["body"] == ["A B, C D, E F et al. Quit & stay: a trial. J Quit. 2026;3(2):1-9. doi:10.5555/x."]


def test_a_title_without_a_link_leads_to_its_doi_or_pubmed_page() -> None:
    assert (
        shown(candidate(entry=Entry("1", "T", identifiers=doi("10.5555/x<y>")))).link
        == "https://doi.org/10.5555/x%3Cy%3E"
    )
    pmid = (Identifier("pmid", "123"),)
    assert shown(candidate(entry=Entry("1", "T", identifiers=pmid))).link == "https://pubmed.ncbi.nlm.nih.gov/123/"


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "ftp://x/y", "https://u:p@x/", "//x", "http://[", ""]
)
def test_only_web_addresses_are_links(text: str) -> None:
    assert web_address(text) == ""


@given(st.text(max_size=200))
def test_an_address_never_holds_what_could_break_out_of_it(text: str) -> None:
    made = web_address(f"https://example.org/{text}")
    assert not set(made) & set('<>"\\ {}|^`\r\n')
    assert made.isascii()


def test_an_endless_title_is_cut_and_an_empty_one_named() -> None:
    assert len(shown(candidate(title="word " * 20_000)).title) <= TITLE_LENGTH
    assert shown(candidate(entry=Entry("1", "\u202e \x00"))).title == "Untitled"


def test_a_local_item_shows_the_place_that_makes_it_local() -> None:
    assert shown(candidate(), locality=Locality(LOCAL, "Wigan")).place == "Wigan"
    assert shown(candidate()).place == "England"


def test_a_preprint_is_always_called_one() -> None:
    assert shown(candidate(kind="preprint")).type_label == "Preprint (not peer reviewed)"
    assert shown(candidate(kind="audit"), labels={"audit": "Audit or inspection"}).type_label == "Audit or inspection"


def test_only_a_foreign_language_is_marked() -> None:
    assert [shown(candidate(entry=Entry("1", "T", language=each))).language for each in ("en", "en-GB", "", "cy")] == [
        "",
        "",
        "",
        "cy",
    ]


@pytest.mark.parametrize(
    ("entry", "seen", "publisher"),
    [
        (Entry("1", "T", journal="J Quit", publisher="House"), SeenIn("s", "Feed", "P"), "J Quit"),
        (Entry("1", "T", publisher="House"), SeenIn("s", "Feed", "P"), "House"),
        (Entry("1", "T"), SeenIn("s", "Feed", "P"), "P"),
        (Entry("1", "T"), SeenIn("s", "Feed"), "Feed"),
    ],
)
def test_the_journal_is_named_before_the_publisher_and_that_before_the_feed(
    entry: Entry, seen: SeenIn, publisher: str
) -> None:
    assert shown(candidate(entry=entry, seen_in=[seen])).publisher == publisher
