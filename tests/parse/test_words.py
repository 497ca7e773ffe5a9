"""Languages, licences, closing dates, kinds of publication."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.parse import words

DATED = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "subtag"),
    [
        ("en-GB", "en"),
        ("EN_us", "en"),
        ("eng", "en"),
        ("English", "en"),
        ("cy", "cy"),
        ("", ""),
        ("恩", ""),
        ("und", ""),
    ],
)
def test_a_language_is_its_primary_subtag(text: str, subtag: str) -> None:
    assert words.language(text) == subtag


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("This consultation closes at 11:59pm on 9 January 2027", (2027, 1, 9)),
        ("Closes 9 January", (2027, 1, 9)),
        ("Closing date: 30 November", (2026, 11, 30)),
        ("Responses by 01/12/2026 please", (2026, 12, 1)),
        ("Deadline for applications: Friday 4th December 2026", (2026, 12, 4)),
        ("The call for evidence ends on 4 December 2026", (2026, 12, 4)),
        ("The hospital closes its doors", None),
        ("A study of 9 January 2027", None),
        ("Closes 31 February 2027", None),
    ],
)
def test_a_closing_date_is_read_where_it_is_named(text: str, day: tuple[int, int, int] | None) -> None:
    assert words.closing_date(text, DATED) == (datetime(*day, tzinfo=UTC) if day else None)


def test_a_closing_day_without_a_year_needs_the_item_to_be_dated() -> None:
    assert words.closing_date("Closes 9 January", None) is None


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0"),
        ("This is CC BY-NC 4.0 work", "CC BY-NC 4.0"),
        ("Available under the Open Government Licence v3.0", "Open Government Licence"),
        ("© 2026 A Publisher. All rights reserved", ""),
    ],
)
def test_an_open_licence_is_named(text: str, licence: str) -> None:
    assert words.licence([text]) == licence


def test_open_access_is_only_said_when_the_item_says_it() -> None:
    assert words.open_access(["Open Access"], "") is True
    assert words.open_access(["restricted access"], "") is False
    assert words.open_access(["© Elsevier"], "") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Original Article", "Original Article"),
        ("Text", ""),
        ("info:eu-repo/semantics/review", "review"),
        ("x" * 100, ""),
    ],
)
def test_a_publication_type_is_words_or_nothing(text: str, kind: str) -> None:
    assert words.publication_type(text) == kind


def test_some_categories_are_publication_types() -> None:
    assert words.is_publication_type("Research  Article")
    assert not words.is_publication_type("Smoking")
