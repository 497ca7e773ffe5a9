"""Is what a watched page lists the list of last time? What says so, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from alerts.fetch.memory.likeness import Seen, is_shrunken, unlike
from alerts.model.records import Entry

START = datetime(2026, 11, 2, tzinfo=UTC)


def report(n: int, *, dated: bool = True, title: str = "") -> Entry:
    """The n-th report of a site; a higher number is a later one."""
    day = START + timedelta(days=n) if dated else None
    return Entry(f"https://www.example.org/reports/{n}", title or f"Report number {n}", published=day)


def reports(numbers: range, *, dated: bool = True) -> list[Entry]:
    return [report(n, dated=dated) for n in numbers]


MENU = [Entry(f"https://www.example.org/section-{n}", f"Section {n}") for n in range(10)]


def judged(before: Sequence[Entry], now: Sequence[Entry]) -> str:
    return unlike(Seen.read(Seen.of(before).written()), now)


@pytest.mark.parametrize("dated", [True, False])
def test_a_list_that_moved_on_is_the_same(*, dated: bool) -> None:
    assert not judged(reports(range(10), dated=dated), reports(range(8, 18), dated=dated))


def test_a_menu_in_the_place_of_the_list_is_another() -> None:
    assert judged(reports(range(10)), MENU).startswith("None of the 10 items has a date")
    assert judged(reports(range(10), dated=False), MENU) == (
        "Of the 10 items of last time none is listed now, but 10 others, the first “Section 0”."
    )


def test_one_link_that_a_menu_shares_with_the_list_proves_nothing() -> None:
    menu = [
        *MENU,
        *(Entry(f"https://www.example.org/more-{n}", f"More {n}") for n in range(10)),
        report(3, dated=False),
    ]
    assert "only 1 is listed now" in judged(reports(range(21), dated=False), menu)


def test_a_busy_list_that_turned_over_goes_on_by_its_dates() -> None:
    assert not judged(reports(range(10)), reports(range(10, 20)))
    assert "none is listed" in judged(reports(range(20, 30)), reports(range(10))), "an archive is older"
    assert "none is listed" in judged(reports(range(10), dated=False), reports(range(10, 20), dated=False))


def test_a_site_that_moved_its_pages_but_kept_their_titles_has_the_same_list() -> None:
    moved = [Entry(f"https://new.example.org/{n}", f"Report number {n}", published=START) for n in range(10)]
    assert not judged(reports(range(10)), moved)


def test_titles_that_all_became_others_are_another_layout() -> None:
    dull = [report(n, title=f"Read more {n}") for n in range(100, 110)]
    before = [report(n) for n in range(100, 110)]
    assert judged(before, dull).startswith("The titles of all items are others")
    some = [report(100, title="Report number 100, corrected"), *before[1:]]
    assert not judged(before, some)


def test_a_list_many_times_as_long_is_another() -> None:
    assert "lists 80 items; the last time it listed 10" in judged(reports(range(10)), reports(range(80)))
    assert "lists 80 items" in judged(reports(range(2)), reports(range(80)))
    assert not judged(reports(range(10)), reports(range(40)))


def test_short_lists_may_change_altogether() -> None:
    assert not judged(reports(range(2), dated=False), reports(range(5, 8), dated=False))


def test_of_nothing_remembered_nothing_can_be_said() -> None:
    assert not unlike(Seen.read(""), MENU)


@pytest.mark.parametrize(
    "memory",
    ["{", "[]", "null", "{}", '{"items": 5, "count": "x"}', "[" * 100_000, '{"items": "a b", "count": 1, "dated": {}}'],
)
def test_a_memory_that_is_none_of_ours_counts_as_none(memory: str) -> None:
    assert Seen.read(memory) == Seen()


def test_what_is_remembered_is_small_and_comes_back_whole() -> None:
    seen = Seen.of(reports(range(2_000)), pages=3)
    assert len(seen.written()) < 10_000
    assert Seen.read(seen.written()) == seen


def test_far_fewer_items_are_worth_a_look() -> None:
    assert is_shrunken(Seen.of(reports(range(10))), 2)
    assert not is_shrunken(Seen.of(reports(range(10))), 5)
    assert not is_shrunken(Seen.of(reports(range(5))), 1)
