"""Lists recognised on pages of many systems, with selectors for a librarian to look over."""

from __future__ import annotations

import pytest

from alerts.parse.pages.instead import NoList
from alerts.parse.pages.propose import Proposed, read_proposals
from alerts.parse.pages.selectors import check
from tests.parse.listing_pages import NOT_LISTS, PAGES, TEXT, ListingPage, whole

ADDRESS = "https://www.example.org/list/"


def proposed(body: str) -> Proposed:
    return read_proposals(body.encode(), address=ADDRESS, content_type="text/html").proposals[0]


@pytest.mark.parametrize("page", PAGES, ids=[each.name for each in PAGES])
def test_the_list_of_a_page_is_found_with_titles_links_dates_and_summaries(page: ListingPage) -> None:
    found = proposed(page.body).found
    first = found.entries[0]
    assert len(found.entries) == page.count
    assert (first.title, first.link) == (page.title, f"https://www.example.org{page.path}")
    assert first.published is not None
    assert first.published.date().isoformat() == page.day
    assert bool(first.summary) is page.summary


@pytest.mark.parametrize("page", PAGES, ids=[each.name for each in PAGES])
def test_what_is_proposed_can_be_written_into_a_file(page: ListingPage) -> None:
    items = proposed(page.body).items
    check(items.each)
    for selector in (items.title, items.link, items.date, items.summary):
        if selector:
            check(selector, inside=True)


@pytest.mark.parametrize("name", NOT_LISTS)
def test_a_page_without_a_list_is_given_up_honestly(name: str) -> None:
    with pytest.raises(NoList, match=r"No list of items was recognised|runs its JavaScript"):
        proposed(NOT_LISTS[name])


def test_a_card_that_is_all_link_has_its_own_title_and_not_the_kind_of_text_it_is() -> None:
    cards = "".join(
        f'<li class="cell"><a href="/p/{n}"><span class="kind">Long read</span>'
        f'<p class="name">Piece number {n}, which is on care</p>'
        f"<p>{TEXT.format('care')}</p><span>{n + 1} November 2026</span></a></li>"
        for n in range(8)
    )
    found = proposed(whole(f"<main><ul class='cells'>{cards}</ul></main>")).found.entries
    assert (found[0].title, found[0].summary) == ("Piece number 0, which is on care", TEXT.format("care"))
    assert found[0].published is not None


def test_papers_of_several_meetings_that_are_called_alike_are_a_list() -> None:
    names = ("Agenda", "Minutes", "Finance")
    files = [
        "".join(f'<li><a href="/{n}-{k}.pdf">{name} (PDF)</a></li>' for k, name in enumerate(names)) for n in range(5)
    ]
    meetings = "".join(f"<h2>{n + 1} October 2026</h2><ul>{each}</ul>" for n, each in enumerate(files))
    assert len(proposed(whole(f"<main>{meetings}</main>")).found.entries) == 15


def test_posts_of_different_categories_are_one_list() -> None:
    posts = "".join(
        f'<article class="post category-{"news" if n % 2 else "views"} tag-{n}"><h2><a href="/{n}/">Piece number {n}, '
        f'which is on care</a></h2><time datetime="2026-11-0{n + 1}">{n}</time><p>{TEXT.format("care")}</p></article>'
        for n in range(8)
    )
    assert len(proposed(whole(f"<main>{posts}</main>")).found.entries) == 8


def test_lists_in_sections_of_a_page_are_one_list() -> None:
    sections = "".join(
        f"<div class=accordion><h3>{2026 - year}</h3><ul class=files>"
        + "".join(f"<li><a href=/f/{year}{n}.pdf>Papers of meeting {n}, {2026 - year}</a></li>" for n in range(4))
        + "</ul></div>"
        for year in range(3)
    )
    assert len(proposed(whole(f"<div id=content>{sections}</div>")).found.entries) == 12
