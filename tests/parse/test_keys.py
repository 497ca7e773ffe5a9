"""Keys and fingerprints: what names an entry, and what a reader would call a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.parse import fingerprint
from alerts.parse.keys import told_apart, without_shared_links

ENTRY = Entry("k", "A title of some length", link="https://example.org/1", summary="Words about it.")


@pytest.mark.parametrize(
    "cosmetic",
    [
        {"title": "A TITLE  of some-length"},
        {"summary": "Words about it"},
        {"summary": "words\nABOUT it.", "summary_html": "<p>words</p>ABOUT it."},
        {"link": "https://example.org/2"},
        {"published": datetime(2026, 1, 1, tzinfo=UTC), "updated": datetime(2026, 1, 2, tzinfo=UTC)},
        {"authors": ("Ann",)},
        {"identifiers": (Identifier("link", "https://example.org/1"),)},
    ],
)
def test_a_cosmetic_change_is_none(cosmetic: dict[str, object]) -> None:
    assert fingerprint(replace(ENTRY, **cosmetic)) == fingerprint(ENTRY)  # type: ignore[arg-type]  # field values by name


@pytest.mark.parametrize(
    "real",
    [
        {"title": "Another title of some length"},
        {"summary": "Words about it. And more."},
        {"summary": ""},
        {"identifiers": (Identifier("doi", "10.1/x"),)},
        {"headings": ("Smoking",)},
        {"change_note": "Added a section"},
        {"closes": datetime(2027, 1, 9, tzinfo=UTC)},
    ],
)
def test_what_a_reader_would_see_is_a_change(real: dict[str, object]) -> None:
    assert fingerprint(replace(ENTRY, **real)) != fingerprint(ENTRY)  # type: ignore[arg-type]  # field values by name


def test_words_do_not_move_between_title_and_summary_unseen() -> None:
    assert fingerprint(replace(ENTRY, title="A", summary="b c")) != fingerprint(
        replace(ENTRY, title="A b", summary="c")
    )


def test_the_same_item_twice_keeps_one_key() -> None:
    twice, renamed = told_apart([ENTRY, ENTRY])
    assert renamed == 0
    assert [entry.key for entry in twice] == ["k", "k"]


def test_different_texts_under_one_guid_and_link_are_told_apart() -> None:
    first, second = (replace(ENTRY, fingerprint=mark) for mark in "ab")
    entries, renamed = told_apart([first, second, replace(ENTRY, key="other")])
    assert renamed == 2
    assert len({entry.key for entry in entries}) == 3


def test_the_feeds_own_page_names_no_item() -> None:
    page = replace(ENTRY, identifiers=(Identifier("link", "https://example.org/1"), Identifier("doi", "10.1/x")))
    (entry,) = without_shared_links([page], "https://example.org/1")
    assert entry.identifiers == (Identifier("doi", "10.1/x"),)
    assert without_shared_links([page], "https://example.org/") == [page]
