"""One source under many names: renamed items are known again, and series under one title stay several items."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.identify.renamed import is_weak
from tests.identify.test_decide import JOURNAL, NOVEMBER, OTHER, TEXT, TITLE, entry

DAY = timedelta(days=1)
SHORT = ("Law and order", "Happy new year", "New staff")


def events(decisions: Any) -> list[str | None]:
    return [each.event for each in decisions]


@pytest.mark.parametrize("title", ["Weekly flu bulletin", "National influenza and COVID-19 surveillance report"])
@pytest.mark.parametrize("summary", ["", "The weekly report on flu and COVID-19."])
def test_a_series_under_one_title_is_an_item_each_time(shelf: Any, title: str, summary: str) -> None:
    for week in range(3):
        made = entry(f"https://x.org/flu/{week}", title, link=f"https://x.org/flu/{week}", summary=summary,
                     published=NOVEMBER + 7 * week * DAY)  # fmt: skip
        (decided,) = shelf.poll(TEXT, made)
        assert decided.event == "new"
    assert "another date" in decided.reason


def test_one_item_renamed_is_known_by_title_and_date(shelf: Any) -> None:
    shelf.poll(TEXT, entry("https://x.org/1", SHORT[0], link="https://x.org/1"))
    (made,) = shelf.poll(TEXT, entry("https://y.org/9", SHORT[0], link="https://y.org/9"))
    assert (made.event, made.record) == (None, 1)
    assert "same title and date" in made.reason


def test_one_item_renamed_and_dated_anew_is_known_by_a_long_text(shelf: Any) -> None:
    words = (
        "Smokers who were offered a vape were as likely to be free of smoke a year later as those who were given two "
    )
    text = words + "kinds of nicotine replacement and a call each week."
    shelf.poll(TEXT, entry("https://x.org/1", link="https://x.org/1", summary=text))
    later = entry("https://y.org/9", link="https://y.org/9", summary=text, published=NOVEMBER + 9 * DAY)
    assert events(shelf.poll(TEXT, later)) == [None]


def test_a_site_that_moves_tells_nothing_twice_even_of_short_titles(shelf: Any) -> None:
    titles = (*SHORT, TITLE, OTHER)
    shelf.poll(TEXT, *(entry(f"https://x.org/{n}", t, link=f"https://x.org/{n}") for n, t in enumerate(titles)))
    moved = [
        entry(f"https://y.org/{n}0", t, link=f"https://y.org/{n}0", published=NOVEMBER + 90 * DAY)
        for n, t in enumerate(titles)
    ]
    walking = entry("https://y.org/77", "Walking to school in Wales", link="https://y.org/77")
    assert events(shelf.poll(TEXT, walking, *moved)) == ["new", *[None] * 5]


def test_a_journals_article_in_an_issue_is_the_one_that_was_ahead_of_print(shelf: Any) -> None:
    cited: dict[str, Any] = {"authors": ("Ann Smith",), "journal": "Public Health"}
    shelf.poll(JOURNAL, entry("https://x.org/ahead/1", link="https://x.org/ahead/1", **cited))
    in_issue = entry("https://x.org/12/3/1", link="https://x.org/12/3/1", published=NOVEMBER + 50 * DAY, **cited)
    (made,) = shelf.poll(JOURNAL, replace(in_issue, volume="12", issue="3"))
    assert (made.event, made.record) == (None, 1)


@pytest.mark.parametrize(("key", "weak"), [("1", True), ("item-3", True), ("latest", True), ("1234567", False),
                                           ("https://x.org/1", False), ("pubmed:33123456", False)])  # fmt: skip
def test_a_key_that_may_be_a_position_is_weak(key: str, weak: bool) -> None:
    assert is_weak(key) is weak


def test_positions_as_keys_never_swallow_an_item_of_a_like_title(shelf: Any) -> None:
    source = replace(TEXT, updates="never")
    titles = [f"Material flows: direct {each} and how they are made up" for each in ("input", "output", "losses")]
    shelf.poll(source, *(entry(str(n), t, link=f"https://x.org/{t[-25:]}{n}") for n, t in enumerate(titles)))
    moved = shelf.poll(
        source,
        entry("0", "Material flows: indirect input and how they are made up", link="https://x.org/new"),
        *(entry(str(n + 1), t, link=f"https://x.org/{t[-25:]}{n}") for n, t in enumerate(titles)),
    )
    assert events(moved) == ["new", None, None, None]
    assert [each.record for each in moved] == [-1, 1, 2, 3]


def test_positions_as_keys_without_links_are_told_apart_by_title(shelf: Any) -> None:
    shelf.poll(TEXT, entry("1"), entry("2", OTHER))
    moved = shelf.poll(TEXT, entry("1", "Walking to school in Wales"), entry("2"), entry("3", OTHER))
    assert events(moved) == ["new", None, None]


def test_a_page_of_one_key_and_link_is_updated_not_new(shelf: Any) -> None:
    page = {"link": "https://x.org/flu"}
    shelf.poll(TEXT, entry("https://x.org/flu", "Weekly flu report: week 44", **page))
    (made,) = shelf.poll(TEXT, entry("https://x.org/flu", "Weekly flu report: week 45", **page))
    assert (made.event, made.record) == ("updated", 1)


def test_a_title_that_was_cut_off_is_known_by_its_doi_though_a_number_is_gone(shelf: Any) -> None:
    whole = "Bacterial meningitis among low-risk febrile infants aged 29 to 60 days"
    shelf.poll(JOURNAL, entry("a-long-enough-key", whole, doi="10.1000/a"))
    (made,) = shelf.poll(JOURNAL, entry("another-long-key", "Bacterial meningitis among low-risk febrile infants…",
                                        doi="10.1000/a"))  # fmt: skip
    assert (made.event, made.record) == (None, 1)
    assert shelf.records[1].title == whole


LONG = (
    "Smokers who were offered a vape were as likely to be free of smoke a year later as those who were given two kinds "
    "of nicotine replacement and a call each week from the service in their town."
)


def test_a_slip_in_the_title_mended_under_a_new_link_is_known_by_a_long_text(shelf: Any) -> None:
    slip, mended = (
        "Stop smoking services of northern townes reviewed",
        "Stop smoking services of northern towns reviewed",
    )
    shelf.poll(TEXT, entry("https://x.org/1", slip, link="https://x.org/1", summary=LONG))
    later = entry("https://y.org/9", mended, link="https://y.org/9", summary=LONG, published=NOVEMBER + 9 * DAY)
    (made,) = shelf.poll(TEXT, later)
    assert (made.event, made.record) == (None, 1)
    assert "nearly the same title" in made.reason


@pytest.mark.parametrize(
    "other", ["Stop smoking services of northern towns reviewed: part 2", "Stop smoking in pregnancy"]
)
def test_another_number_or_title_is_another_item_whatever_the_text(shelf: Any, other: str) -> None:
    first = "Stop smoking services of northern towns reviewed: part 1"
    shelf.poll(TEXT, entry("https://x.org/1", first, link="https://x.org/1", summary=LONG))
    made = shelf.poll(TEXT, entry("https://x.org/2", other, link="https://x.org/2", summary=LONG))
    assert events(made) == ["new"]
