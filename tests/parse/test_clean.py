"""Clean text: nothing that a database, a mail or a page would choke on, and words as they were meant."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.parse import clean

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=400)


@given(ANYTHING)
def test_nothing_harmful_survives_whatever_comes_in(raw: str) -> None:
    for cleaned in (clean.text(raw), clean.line(raw)):
        cleaned.encode("utf-8")
        assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned if char != "\n")
        assert not set(cleaned) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\u200e\u200f\ufeff")
        assert unicodedata.is_normalized("NFC", cleaned)


@given(ANYTHING)
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    once = clean.text(raw)
    assert clean.text(once) == once
    line = clean.line(raw)
    assert clean.line(line) == line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\x00b", "ab"),
        ("abc\u202edef", "abcdef"),
        ("one\u2028two", "one two"),
        ("  many \t spaces\xa0here ", "many spaces here"),
        ("soft\u00adhyphen", "softhyphen"),
        ("cafe\u0301", "café"),
        ("\ud83d lone", "lone"),
        ("Trusts\x92 reports", "Trusts’ reports"),
        ("Bautzens BÃ¼rgermeister", "Bautzens Bürgermeister"),
        ("the childâ€™s Â£31", "the child’s £31"),
        ("Ã la carte, São Tomé", "Ã la carte, São Tomé"),
    ],
)
def test_a_line_reads_as_it_was_meant(raw: str, cleaned: str) -> None:
    assert clean.line(raw) == cleaned


def test_text_keeps_its_blocks_on_lines() -> None:
    assert clean.text("Background: one\r\n\r\n  Methods:\ttwo \n") == "Background: one\nMethods: two"


def test_long_text_is_cut_at_the_limit() -> None:
    assert len(clean.text("word " * 10_000)) <= clean.SUMMARY_LIMIT
    assert len(clean.line("word " * 1_000)) <= clean.TITLE_LIMIT
    assert clean.is_cut("x" * 1_001, 1_000)
    assert not clean.is_cut(" " * 2_000, 1_000)
