"""One line of text, harmless wherever it stands."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model.text import cut, one_line


@given(st.text(max_size=200), st.integers(2, 80))
def test_a_cut_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert len(shown) <= limit
    assert shown == text or shown.endswith("…")


def test_text_is_cut_between_words() -> None:
    assert cut("alpha beta gamma", 12) == "alpha beta…"


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\x00", "\u2028", "\r\n", "\ud800"])
def test_marks_that_turn_or_break_text_are_gone(mark: str) -> None:
    assert one_line(f"one{mark}two").replace(" ", "") == "onetwo"


@given(st.text(max_size=300))
def test_a_line_is_one_line_and_can_be_encoded(text: str) -> None:
    line = one_line(text)
    assert line == " ".join(line.split())
    assert not [each for each in line if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"}]
    assert one_line(line.encode().decode()) == line


def test_an_emoji_is_not_left_half() -> None:
    assert cut("\U0001f469\u200d\U0001f52c" * 5, 3) == "\U0001f469…"
