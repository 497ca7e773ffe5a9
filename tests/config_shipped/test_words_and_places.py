"""Spellings without false friends, places without ambiguous names, days without mail."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import pytest

from alerts.model.catalogue import Catalogue
from alerts.model.records import Entry
from alerts.search import compile_text, searchable


def covers(pattern: str, word: str) -> bool:
    """Tell whether a spelling of the list stands for `word`."""
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def test_there_are_three_hundred_groups_of_spellings(catalogue: Catalogue) -> None:
    assert len(catalogue.spelling) >= 300


def test_no_spelling_is_in_two_groups(catalogue: Catalogue) -> None:
    spellings = [(word, group) for group in catalogue.spelling for word in group]
    for (one, first), (other, second) in combinations(spellings, 2):
        if one[:3] == other[:3] and first is not second:
            assert not covers(one, other.removesuffix("*")), (one, other)
            assert not covers(other, one.removesuffix("*")), (other, one)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("paediatrics", "pediatrics"),
        ("organisational", "organizational"),
        ("hospitalised", "hospitalized"),
        ("tumour", "tumor"),
        ("oedema", "edema"),
        ("haemorrhage", "hemorrhage"),
        ("anaemia", "anemia"),
        ("oestrogens", "estrogens"),
        ("foetus", "fetus"),
        ("diarrhoeal", "diarrheal"),
        ("gynaecological", "gynecological"),
        ("orthopaedics", "orthopedics"),
        ("anaesthesia", "anesthesia"),
        ("centre", "center"),
        ("behavioural", "behavioral"),
        ("programmes", "programs"),
        ("labour", "labor"),
        ("ageing", "aging"),
        ("licence", "license"),
        ("litre", "liter"),
        ("sulphate", "sulfate"),
        ("leucocytes", "leukocytes"),
        ("judgement", "judgment"),
    ],
)
def test_both_spellings_are_in_one_group(catalogue: Catalogue, british: str, american: str) -> None:
    group = next(group for group in catalogue.spelling if any(covers(each, british) for each in group))
    assert any(covers(each, american) for each in group)


@pytest.mark.parametrize(
    "word",
    ["laboratory", "colorectal", "colorado", "humoral", "literature", "meteorology", "programmable", "gram", "dialogic",
     "analogy", "estranged", "anemometer", "moldova", "fetch", "edge", "rigorous", "tire", "check", "story"],
)  # fmt: skip
def test_a_common_word_is_not_taken_for_a_spelling(catalogue: Catalogue, word: str) -> None:
    assert [each for group in catalogue.spelling for each in group if covers(each, word.split()[0])] in (
        [],
        ["program"],
    )


def test_the_places_are_complete_for_england(catalogue: Catalogue) -> None:
    inside = {place.name: place for place in catalogue.places}
    regions = [place for place in catalogue.places if place.kind == "region" and place.within == ("England",)]
    assert len(regions) == 9
    assert sum(place.kind == "council" for place in catalogue.places) == 153
    divided = [place for place in catalogue.places if place.kind == "icb" and len(place.within) > 2]
    assert sum(place.kind == "icb" for place in catalogue.places) == 36 + len(divided)
    assert len(divided) == 3
    for place in catalogue.places:
        assert set(place.within) <= set(inside), place.name


def test_every_council_and_board_lies_in_a_region(catalogue: Catalogue) -> None:
    within = {place.name: place.within for place in catalogue.places}
    for place in catalogue.places:
        if place.kind in {"council", "icb"}:
            around = {outer for inner in place.within for outer in (inner, *within[inner])}
            assert "England" in around | {outer for inner in around for outer in within[inner]}, place.name


@pytest.mark.parametrize(
    "word",
    ["Bath", "Reading", "Barking", "Bury", "Sutton", "York", "Slough", "Hampshire", "Bristol", "Bradford", "Hull"],
)
def test_a_name_that_is_another_word_stands_in_full_only(catalogue: Catalogue, word: str) -> None:
    assert word not in {name for place in catalogue.places for name in (place.name, *place.also)}
    assert any(word in place.name for place in catalogue.places)


def test_no_name_belongs_to_two_places(catalogue: Catalogue) -> None:
    names = [name.casefold() for place in catalogue.places for name in (place.name, *place.also)]
    assert len(names) == len(set(names))


def test_days_without_mail_never_fill_a_week(catalogue: Catalogue) -> None:
    days = {each.day for each in catalogue.no_send_days}
    assert days
    assert all(any(day + timedelta(n) not in days for n in range(7)) for day in days)


@pytest.mark.parametrize(
    ("search", "title", "found"),
    [
        ("labour*.ti.", "Labor shortages in care", True),
        ("labour*.ti.", "Laboratory capacity", False),
        ("colour*.ti.", "Colorectal screening", False),
        ("humour.ti.", "Humoral response", False),
        ("oed*.ti.", "Educational edge cases", False),
        ("oedema.ti.", "Pulmonary edema", True),
        ("paediatric*.ti.", "Pediatrics in practice", True),
        ("hospitalis*.ti.", "Home hospitalization", True),
        ("organisations.ti.", "Accountable care organizations", True),
        ("organisations.ti.", "Model organisms", False),
        ("program.ti.", "The healthy child programme", True),
        ("program.ti.", "Programmable pumps", False),
        ("litres.ti.", "Literature on water", False),
        ("fibre intake.ti.", "Dietary fiber intake", True),
    ],
)
def test_a_spelling_finds_its_other_form_and_nothing_else(
    catalogue: Catalogue, search: str, title: str, found: bool
) -> None:
    strategy = compile_text(search, dialect="ovid", spelling=catalogue.spelling, blocks={}).strategy
    assert strategy is not None
    assert strategy.matches(searchable(Entry(key="1", title=title))) is found
