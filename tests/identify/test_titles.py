"""Titles: the same words whatever their dress, and numbers that make another publication."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.identify import title_key
from alerts.identify.comparing import titles


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Health Effects of PM2.5: a cohort study", "Health effects of PM 2.5 – a cohort study"),
        ("Smoking & vaping in England", "Smoking and vaping in England"),
        ("Café culture and public health", "CAFE CULTURE AND PUBLIC HEALTH"),
        ("E-cigarettes for smoking cessation in adults", "E‑cigarettes for smoking cessation in adults: a trial"),
        ("Children’s mental health services in England", "Children's mental health services in England"),
    ],
)
def test_the_same_title_in_other_dress_has_the_same_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize(
    "title",
    ["Editorial", "In this issue", "EDITORIAL BOARD", "Annual report 2026", "The author replies", "", "!!!", "News"],
)
def test_a_general_title_has_no_key(title: str) -> None:
    assert title_key(title) == ""


@given(st.text(max_size=200))
def test_no_title_raises_and_keys_are_short_and_stable(title: str) -> None:
    key = title_key(title)
    assert len(key) <= 32
    assert title_key(f"  {title}  ") == key
    titles.numbers_differ(title, title[::-1])
    assert titles.likeness(title, title) == 1.0


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Statistics on smoking, England 2025", "Statistics on smoking, England 2026", True),
        ("Obesity and health: part 1", "Obesity and health: part 2", True),
        ("Obesity and health: Part I", "Obesity and health: Part II", True),
        ("The long view, part one", "The long view, part two", True),
        ("PM2.5 and asthma", "PM 2.5 and asthma", False),
        ("Smoking in England", "Smoking in England", False),
        ("A trial in 200 adults", "A trial in adults", True),
    ],
)
def test_another_number_is_another_publication(one: str, other: str, differ: bool) -> None:
    assert titles.numbers_differ(one, other) is differ


def test_likeness_falls_with_what_changed() -> None:
    title = "Effect of a smoking cessation text message on quit rates in adults"
    typo = titles.likeness(title, title.replace("message", "mesage"))
    other = titles.likeness(title, "Effect of an alcohol brief intervention on drinking in students")
    assert 0.95 < typo < 1
    assert other < 0.75
    assert titles.likeness(title, f"{title}: a randomised controlled trial") >= 0.97


def test_a_short_title_is_known_as_one() -> None:
    assert titles.is_short("Vaping")
    assert not titles.is_short("Vaping and smoking among young people in Great Britain")
