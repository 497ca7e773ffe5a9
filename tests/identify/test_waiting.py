"""A notice and what it is about, whichever comes first; one pair, one event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.identify.test_decide import INDEX, JOURNAL, NOVEMBER, OTHER, TITLE, entry


def pairs(made: Any) -> list[tuple[int, int, str]]:
    return [(each.notice, each.about, each.event) for each in made.noticed]


@pytest.mark.parametrize(
    ("title", "summary", "event"),
    [
        (f"Correction to: {TITLE}", "", "corrected"),
        (f"Retraction: {TITLE}", "", "retracted"),
        (f"Expression of concern: {TITLE}", "", "corrected"),
        ("Erratum", "This corrects the article DOI: 10.1000/a.", "corrected"),
        ("Department of Error", "Refers to 10.1000/a.", "corrected"),
    ],
)
def test_a_notice_that_came_first_is_found_by_its_publication(shelf: Any, title: str, summary: str, event: str) -> None:
    (notice,) = shelf.poll(JOURNAL, entry("n", title, summary=summary, doi="10.1000/n"))
    assert notice.awaits
    (article,) = shelf.poll(INDEX, entry("a", doi="10.1000/a"))
    assert (article.outcome, article.event) == ("new", "new")
    assert pairs(article) == [(1, -1, event)]
    again = shelf.poll(JOURNAL, entry("n", title, summary=summary, doi="10.1000/n"), entry("x", doi="10.1000/a"))
    assert [each.noticed for each in again] == [(), ()]


def test_a_notice_above_its_publication_in_one_feed_is_linked(shelf: Any) -> None:
    notice, article = shelf.poll(
        JOURNAL, entry("n", f"Correction to: {TITLE}", doi="10.1000/n"), entry("a", doi="10.1000/a")
    )
    assert (notice.noticed, pairs(article)) == ((), [(-1, -2, "corrected")])


def test_a_publication_is_found_when_its_doi_becomes_known(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("n", "Erratum", summary="This corrects the article DOI: 10.1000/a.", doi="10.1000/n"))
    (article,) = shelf.poll(JOURNAL, entry("article", pmid="7"))
    (later,) = shelf.poll(INDEX, entry("b", pmid="7", doi="10.1000/a"))
    assert (article.noticed, pairs(later)) == ((), [(1, 2, "corrected")])


def test_a_notice_that_says_later_what_it_is_about_is_linked_then_and_once(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    shelf.poll(JOURNAL, entry("n", "Erratum", doi="10.1000/n"))
    told = "This corrects the article DOI: 10.1000/a."
    (made,) = shelf.poll(JOURNAL, entry("n", "Erratum", summary=told, doi="10.1000/n"))
    (more,) = shelf.poll(JOURNAL, entry("n", "Erratum", summary=f"{told} See also 10.1000/b.", doi="10.1000/n"))
    assert (pairs(made), more.noticed) == ([(2, 1, "corrected")], ())


def test_two_notices_about_one_publication_are_two_events(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    for doi in ("10.1000/n1", "10.1000/n2"):
        (made,) = shelf.poll(JOURNAL, entry(doi, f"Correction to: {TITLE}", doi=doi))
        assert pairs(made) == [(-1, 1, "corrected")]


@pytest.mark.parametrize(
    ("about", "article"),
    [
        (f"Correction to: {TITLE}", {"title": OTHER}),
        (f"Correction to: {TITLE}, part 2", {"title": f"{TITLE}, part 1"}),
        (f"Correction to: {TITLE}", {"link": "https://www.medrxiv.org/content/1v1"}),
        ("Correction to: Editorial", {"title": "Editorial"}),
        ("Correction to: Smoking now", {"title": "Smoking now"}),
    ],
)
def test_a_notice_about_something_else_is_not_linked(shelf: Any, about: str, article: dict[str, str]) -> None:
    shelf.poll(JOURNAL, entry("n", about, doi="10.1000/n"))
    (made,) = shelf.poll(INDEX, entry("a", **article))
    assert made.noticed == ()


def test_a_notice_in_another_journal_is_not_about_this_article(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("n", f"Correction to: {TITLE}", doi="10.1000/n", journal="Lancet"))
    (other,) = shelf.poll(INDEX, entry("a", doi="10.1000/a", journal="Addiction"))
    (meant,) = shelf.poll(INDEX, entry("b", doi="10.1000/b", journal="Lancet"))
    assert (other.noticed, pairs(meant)) == ((), [(1, -1, "corrected")])


def test_a_new_edition_of_a_cochrane_review_is_news_linked_to_the_one_before(shelf: Any) -> None:
    review = "10.1002/14651858.cd001234"
    shelf.poll(JOURNAL, entry("a", doi=f"{review}.pub2"))
    (third,) = shelf.poll(JOURNAL, entry("b", f"{TITLE}: an overview", doi=f"{review}.pub3"))
    (withdrawn,) = shelf.poll(JOURNAL, entry("c", f"WITHDRAWN: {TITLE}", doi=f"{review}.pub4"))
    assert (third.outcome, third.event, third.relation) == ("new", "new", ("update of", 1))
    assert pairs(withdrawn) == [(-1, 2, "withdrawn")]


def test_a_retraction_found_in_a_sources_first_poll_is_told_however_old(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    old = NOVEMBER - timedelta(days=300)
    (made,) = shelf.poll(INDEX, entry("b", f"RETRACTED: {TITLE}", doi="10.1000/a", published=old), first_run=True)
    assert (made.event, made.backlog) == ("retracted", False)


def test_a_mark_stays_when_another_copy_without_it_changes(shelf: Any) -> None:
    shelf.poll(JOURNAL, entry("a", doi="10.1000/a"))
    shelf.poll(INDEX, entry("b", f"RETRACTED: {TITLE}", doi="10.1000/a"))
    (made,) = shelf.poll(JOURNAL, entry("a", doi="10.1000/a", summary="The abstract has come."))
    assert made.event is None
    assert made.text is not None
    assert made.text.title.startswith("RETRACTED")
