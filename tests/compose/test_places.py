"""The place lens lifts what is local and hides nothing."""

from __future__ import annotations

import pytest

from alerts.compose.places import ELSEWHERE, LOCAL, NATIONAL, Locality, lens
from alerts.model.catalogue import Place
from tests.compose.builders import PLACES

LENS = lens(["England", "Greater Manchester"], PLACES)


@pytest.mark.parametrize(
    ("source_place", "level"),
    [
        ("Greater Manchester", LOCAL),
        ("GM", LOCAL),
        ("Wigan", LOCAL),
        ("North West", LOCAL),
        ("England", NATIONAL),
        ("UK", NATIONAL),
        ("Kent", NATIONAL),
        ("Scotland", ELSEWHERE),
        ("", ELSEWHERE),
    ],
)
def test_a_source_is_as_near_as_its_place(source_place: str, level: int) -> None:
    assert LENS.look([source_place], "A title").level == level


def test_a_nation_alone_makes_nothing_local() -> None:
    only = lens(["England"], PLACES)
    assert only.look(["England"], "Smoking in England").level == NATIONAL


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("Swap to stop in Wigan: evaluation", "Wigan"),
        ("Greater Manchester integrated care strategy", "Greater Manchester"),
        ("Stopping smoking, GM style", "Greater Manchester"),
        ("Bury Council opens a hub", "Bury"),
        ("Results from Bury", "Bury"),
    ],
)
def test_a_title_that_names_a_local_place_is_local(title: str, place: str) -> None:
    assert LENS.look(["UK"], title) == Locality(LOCAL, place)


@pytest.mark.parametrize("title", ["Bury the hatchet: a review", "They wigan it", "Kent County plan", "GMO crops"])
def test_words_that_only_look_like_a_place_are_not(title: str) -> None:
    assert LENS.look(["France"], title).level == ELSEWHERE


def test_the_place_of_a_local_source_is_named_before_one_in_the_title() -> None:
    assert LENS.look(["GM"], "Results from Wigan").place == "Greater Manchester"


def test_places_around_count_through_others() -> None:
    home = lens(["Wigan"], PLACES)
    assert home.look(["North West"], "").level == LOCAL
    assert home.look(["UK"], "").level == NATIONAL
    assert home.look(["Bury"], "").level == ELSEWHERE


def test_the_longest_name_is_meant() -> None:
    both = lens(["Vale", "Vale of Northmoor"], ())
    assert both.look([], "Housing in Vale of Northmoor").place == "Vale of Northmoor"


def test_the_summary_is_looked_at_too() -> None:
    assert LENS.look([], "A title", "Based on interviews in Wigan.").place == "Wigan"


def test_a_place_that_the_gazetteer_does_not_know_is_local_by_its_name() -> None:
    own = lens(["Northmoor"], PLACES)
    assert own.look([], "Housing in Northmoor").level == LOCAL


def test_a_circle_in_the_gazetteer_does_no_harm() -> None:
    circle = (Place("A", "council", ("B",)), Place("B", "region", ("A",)))
    assert lens(["A"], circle).look(["B"], "").level == LOCAL


def test_without_places_nothing_is_local() -> None:
    assert lens([], PLACES).look(["Wigan"], "In Wigan").level == ELSEWHERE
