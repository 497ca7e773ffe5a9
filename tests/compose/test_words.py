"""Dates, spans, counts and subjects as readers see them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.compose import words


def test_a_day_is_written_as_the_nhs_writes_it() -> None:
    assert words.day(date(2026, 11, 2)) == "2 November 2026"


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        (date(2027, 1, 9), "9 January"),
        (date(2026, 11, 12), "12 November"),
        (date(2027, 11, 9), "9 November 2027"),
        (date(2025, 3, 1), "1 March 2025"),
    ],
)
def test_a_year_is_said_only_when_it_would_be_in_doubt(when: date, shown: str) -> None:
    assert words.short_day(when, date(2026, 11, 17)) == shown


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2026, 11, 10), date(2026, 11, 17), "10 to 17 November 2026"),
        (date(2026, 10, 28), date(2026, 11, 3), "28 October to 3 November 2026"),
        (date(2026, 12, 29), date(2027, 1, 5), "29 December 2026 to 5 January 2027"),
        (date(2026, 11, 17), date(2026, 11, 17), "17 November 2026"),
    ],
)
def test_a_span_says_month_and_year_once_where_they_agree(first: date, last: date, shown: str) -> None:
    assert words.span(first, last) == shown


def test_lists_end_with_and() -> None:
    assert [words.listed(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("title", "event", "others", "subject"),
    [
        ("Virtual wards guidance", "updated", 6, "Virtual wards guidance updated + 6 more"),
        ("Virtual wards guidance", "new", 0, "Virtual wards guidance"),
        ("Updated guidance on vaping", "updated", 1, "Updated guidance on vaping + 1 more"),
        ("Early discharge trial", "retracted", 0, "Early discharge trial retracted"),
        (
            "Helping people in shared housing to stop smoking: a draft guideline for consultation",
            "new",
            3,
            "Helping people in shared housing to stop smoking + 3 more",
        ),
    ],
)
def test_a_subject_leads_with_the_thing(title: str, event: str, others: int, subject: str) -> None:
    assert words.subject(title, event, others) == subject


def test_a_subject_names_the_closing_date_where_there_is_room() -> None:
    assert (
        words.subject("Vaping standards", "new", 2, closes="Closes 9 January")
        == "Vaping standards (closes 9 January) + 2 more"
    )
    long = words.subject("Proposed standards for care at home, all ages", "new", 2, closes="Closes 9 January")
    assert "closes" not in long


@given(
    st.text(max_size=300),
    st.sampled_from(["new", "updated", "corrected", "withdrawn", "retracted"]),
    st.integers(0, 5000),
)
def test_a_subject_stays_under_sixty_characters_and_on_one_line(title: str, event: str, others: int) -> None:
    subject = words.subject(title, event, others)
    assert len(subject) < 60
    assert len(subject.splitlines()) <= 1


def test_values_that_differ_only_in_case_are_said_once() -> None:
    assert words.unique(["BMJ", "", "bmj", "Lancet"]) == ("BMJ", "Lancet")
