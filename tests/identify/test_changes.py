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


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared_and_the_same_words_are_never_news(before: str, after: str) -> None:
    assert changed(before, after).event in (None, "updated")
    assert changed(before, before).event is None
    assert changed(before, f"  {before.upper().lower()} ").reason


def test_endless_dots_take_no_time() -> None:
    begun = time.perf_counter()
    changed("." * 20_000 + " a", "." * 20_000 + " a b c d e f g")
    assert time.perf_counter() - begun < 2
