"""Text that grows: an amended page is told of, an abstract that arrives in parts is not."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.identify.changes import Change, change
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.sources import UpdatePolicy

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WHOLE = "How services help people quit."
ADDED = " Updated to include vapes and a new table of doses."
TOLD = ["guidance", "policy", "data", "consultation", "legislation", "funding", "audit", "evaluation", "example",
        "briefing", "safety alert", "a type of the librarians’ own"]  # fmt: skip
QUIET = ["study", "review", "preprint", "protocol", "news", "correction", "retraction", "event"]
LONG = "Commissioners of services for people who smoke should offer very brief advice and a referral at every contact"


def changed(
    before: str,
    after: str,
    *,
    type_: str = "guidance",
    own: bool = True,
    policy: UpdatePolicy = "text",
    closes: tuple[datetime | None, datetime | None] = (None, None),
    doi: str = "",
) -> Change:
    identifiers = (Identifier("doi", doi),) if doi else ()
    old = Entry("k", "Stopping smoking", summary=before, closes=closes[0], identifiers=identifiers)
    new = replace(old, summary=after, closes=closes[1])
    return change(old, new, own=own, evidence_type=type_, policy=policy, events=(), now=NOW)


@pytest.mark.parametrize("type_", TOLD)
@pytest.mark.parametrize("doi", ["", "10.1000/a"])
def test_text_added_by_its_own_source_is_an_update(type_: str, doi: str) -> None:
    made = changed(WHOLE, WHOLE + ADDED, type_=type_, doi=doi)
    assert (made.event, made.note, made.reason) == ("updated", "", "its publisher added to its text")
    assert made.text is not None
    assert made.text.summary == WHOLE + ADDED


@pytest.mark.parametrize("type_", QUIET)
def test_a_longer_abstract_enriches(type_: str) -> None:
    made = changed(WHOLE, WHOLE + ADDED, type_=type_)
    assert made.event is None
    assert made.text is not None
    assert made.text.summary == WHOLE + ADDED


@pytest.mark.parametrize("type_", TOLD)
def test_the_first_summary_of_all_enriches(type_: str) -> None:
    assert changed("", WHOLE + ADDED, type_=type_).event is None


def test_text_put_before_the_old_is_an_update_too() -> None:
    assert changed(WHOLE, "We have added the doses of varenicline. " + WHOLE).event == "updated"


@pytest.mark.parametrize("few", [" Read more", " Applies to England.", " Last reviewed November 2026."])
def test_a_few_added_words_are_no_update(few: str) -> None:
    assert changed(WHOLE, WHOLE + few).event is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("How services help…", WHOLE + ADDED),
        ("How services hel...", WHOLE + ADDED),
        ("How services help [...]", WHOLE + ADDED),
        ("How services […]", WHOLE + ADDED),
        ("How services help people quit. Read more", WHOLE + ADDED),
        ("How services help people quit. Continue reading →", WHOLE + ADDED),
        ("How services hel", WHOLE + ADDED),
        (LONG, f"{LONG} with staff in hospital and primary care."),
    ],
)
def test_a_summary_that_was_cut_and_is_now_whole_is_no_update(before: str, after: str) -> None:
    made = changed(before, after)
    assert made.event is None
    assert made.text is not None
    assert made.text.summary == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("How services help people quit", WHOLE + ADDED),
        ("How services help people quit", "How services help people quit with vapes and with tablets"),
        (LONG, f"{LONG}. Doses of varenicline were added."),
        (LONG, f"{LONG} The doses of varenicline were added."),
    ],
)
def test_a_summary_without_a_full_stop_can_be_added_to(before: str, after: str) -> None:
    assert changed(before, after).event == "updated"


def test_what_another_source_adds_enriches() -> None:
    assert changed(WHOLE, WHOLE + ADDED, own=False).event is None


@pytest.mark.parametrize(("policy", "event"), [("text", "updated"), ("never", None), ("date", None)])
def test_the_source_decides_whether_its_changes_are_news(policy: UpdatePolicy, event: str | None) -> None:
    assert changed(WHOLE, WHOLE + ADDED, policy=policy).event == event


def test_a_text_that_shrinks_is_no_update_and_the_longer_one_stays() -> None:
    made = changed(WHOLE + ADDED, WHOLE)
    assert (made.event, made.text) == (None, None)


@pytest.mark.parametrize("type_", ["consultation", "news", "study"])
def test_a_closing_date_still_to_come_is_an_update_when_it_appears_or_moves(type_: str) -> None:
    later, sooner, past = NOW + timedelta(days=30), NOW.replace(hour=0), NOW - timedelta(days=1)
    for closes, event in (
        ((None, later), "updated"),
        ((None, sooner), "updated"),
        ((None, past), None),
        ((later, later + timedelta(days=7)), "updated"),
        ((later, past), "updated"),
        ((later, later), None),
        ((later, None), None),
    ):
        assert changed(WHOLE, WHOLE, type_=type_, closes=closes, doi="10.1000/a").event == event, closes
    assert changed("", f"{WHOLE} Closes 22 December.", type_=type_, closes=(None, later)).event == "updated"
    assert changed(WHOLE, WHOLE, type_=type_, closes=(None, later), own=False).event is None


BRIEFING = "Smoking, vaping and the health of adults in England"


@pytest.mark.parametrize(
    "title",
    [
        "Smoking, vaping and the heatlh of adults in England",
        "Smoking, vaping, and health of adults in England.",
        "SMOKING, VAPING & THE HEALTH OF ADULTS IN ENGLAND",
        "Smoking, vaping and the health of adults in England: results of a survey",
        "Smoking, vaping and the health of adults in …",
        "Smoking, vaping and the health of ad...",
        "Smoking , va\u00adping and the health of adults in England",
    ],
)
@pytest.mark.parametrize("type_", ["guidance", "study"])
def test_a_title_that_is_only_retouched_is_no_news(title: str, type_: str) -> None:
    old = Entry("k", BRIEFING, summary=WHOLE)
    for before, after in ((old, replace(old, title=title)), (replace(old, title=title), old)):
        made = change(before, after, own=True, evidence_type=type_, policy="text", events=(), now=NOW)
        assert made.event is None, (before.title, after.title)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BRIEFING, "Smoking, vaping and the health of adults in Wales"),
        (BRIEFING, f"{BRIEFING}: 2026 update"),
        (BRIEFING, f"{BRIEFING} (updated)"),
        ("Vaping decreases smoking among adults", "Vaping increases smoking among adults"),
        ("Vaping helps adults to stop smoking", "Vaping does not help adults to stop smoking"),
        ("Doses of varenicline for 12 weeks", "Doses of varenicline for 24 weeks"),
        ("Drug misuse: part 1 of the review", "Drug misuse: part 2 of the review"),
    ],
)
def test_a_title_that_says_something_else_is_an_update(before: str, after: str) -> None:
    old = Entry("k", before, summary=WHOLE)
    made = change(old, replace(old, title=after), own=True, evidence_type="guidance", policy="text", events=(), now=NOW)
    assert made.event == "updated"


def test_a_slip_mended_in_the_text_is_no_news_but_a_number_is() -> None:
    text = "Offer varenicline for 12 weeks to people who smoke and recieve care."
    assert changed(text, text.replace("recieve", "receive")).event is None
    assert changed(text, text.replace("12", "24")).event == "updated"


@pytest.mark.parametrize(
    "more",
    [
        {"authors": ("Smith A", "Jones B")},
        {"keywords": ("vaping", "smoking")},
        {"published": NOW},
        {"link": "https://x.org/a?utm_source=rss"},
        {"summary_html": "<p>How services <b>help</b> people quit.</p>"},
        {"volume": "12", "issue": "3", "pages": "1-9"},
        {"summary": "How services help people quit. Read more"},
        {"summary": "How services help people ‘quit’ —"},
    ],
)
def test_what_readers_would_not_see_as_changed_is_no_news(more: dict[str, object]) -> None:
    old = Entry(
        "k", BRIEFING, summary=WHOLE, link="https://x.org/a", authors=("Ann Smith", "Bob Jones"),
        keywords=("smoking", "vaping"), published=NOW - timedelta(days=3),
    )  # fmt: skip
    new = replace(old, **more)  # type: ignore[arg-type]  # fields of an entry
    for type_ in ("guidance", "study"):
        assert change(old, new, own=True, evidence_type=type_, policy="text", events=(), now=NOW).event is None


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared_and_the_same_words_are_never_news(before: str, after: str) -> None:
    assert changed(before, after).event in (None, "updated")
    assert changed(before, before).event is None
    assert changed(before, f"  {before.upper().lower()} ").reason


def test_endless_dots_take_no_time() -> None:
    begun = time.perf_counter()
    changed("." * 20_000 + " a", "." * 20_000 + " a b c d e f g")
    assert time.perf_counter() - begun < 2


def noted(note: str, updated: datetime | None, policy: UpdatePolicy) -> Change:
    """Change a page that was published ten days ago and never changed since."""
    old = Entry("k", "Stopping smoking", summary=WHOLE, published=NOW - timedelta(days=10))
    new = replace(old, change_note=note, updated=updated)
    return change(old, new, own=True, evidence_type="guidance", policy=policy, events=(), now=NOW)


@pytest.mark.parametrize("policy", ["text", "date"])
def test_a_change_that_the_publisher_notes_is_an_update_though_the_summary_is_the_same(policy: UpdatePolicy) -> None:
    made = noted("Added a table of doses.", NOW - timedelta(days=1), policy)
    assert (made.event, made.note) == ("updated", "Added a table of doses.")


@pytest.mark.parametrize("updated", [None, NOW - timedelta(days=10), NOW - timedelta(days=11)])
def test_a_note_without_a_later_date_is_no_update(updated: datetime | None) -> None:
    assert noted("Added a table of doses.", updated, "text").event is None
    assert noted("Added a table of doses.", updated, "date").event is None


def test_a_closing_date_that_moves_is_told_whatever_the_date_of_the_page() -> None:
    before, after = NOW + timedelta(days=10), NOW + timedelta(days=40)
    made = changed(WHOLE, WHOLE, type_="consultation", policy="date", closes=(before, after))
    assert (made.event, made.reason) == ("updated", "its closing date changed")
    assert changed(WHOLE, WHOLE, policy="date", closes=(before, before)).event is None
    assert changed(WHOLE, WHOLE, policy="date", own=False, closes=(before, after)).event is None


def test_a_withdrawal_is_told_in_the_publishers_words() -> None:
    old = Entry("k", "Stopping smoking", summary=WHOLE)
    new = replace(old, change_note="This guidance was withdrawn on 2 November 2026: see the new one.")
    made = change(old, new, own=True, evidence_type="guidance", policy="date", events=(), now=NOW)
    assert (made.event, made.note) == ("withdrawn", new.change_note)
