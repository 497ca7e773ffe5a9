"""Quoted-printable with holes."""

from __future__ import annotations

import quopri
import re

from hypothesis import given
from hypothesis import strategies as st

from alerts.render.quoted import encode, hole
from alerts.render.view import paragraphs, segments


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=600))
def test_what_is_encoded_is_read_back_and_every_line_is_short(text: str) -> None:
    coded = encode(text)
    assert quopri.decodestring(coded.encode("ascii")).decode().replace("\r\n", "\n") == text
    assert all(len(line) <= 76 for line in coded.split("\r\n"))
    assert not re.search(r"[ \t]\r\n|[ \t]$", coded)


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=200),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=200),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=300),
)
def test_a_hole_can_be_filled_with_anything(before: str, after: str, value: str) -> None:
    mark = "qmark0123456789abcdefq"
    coded = encode(f"{before}{mark}{after}\nnext", {mark: "token"})
    assert coded.count(hole("token")) == 1
    filled = coded.replace(hole("token"), encode(value))
    assert quopri.decodestring(filled.encode("ascii")).decode() == f"{before}{value}{after}\r\nnext"
    assert all(len(line) <= 76 for line in filled.split("\r\n"))


@given(st.text("=<>token\u00e9 ", max_size=200))
def test_no_text_can_make_a_hole(text: str) -> None:
    assert "=<" not in encode(text)


def test_a_line_never_begins_with_a_dot_or_a_from() -> None:
    coded = encode(".\nFrom me\n" + "x" * 75 + ".end")
    assert not [line for line in coded.split("\r\n") if line.startswith((".", "From"))]


@given(st.text("ab\n ", max_size=60), st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)), max_size=6))
def test_marked_text_is_the_text_whatever_the_marks(text: str, marks: list[tuple[int, int]]) -> None:
    assert "".join(piece for piece, _ in segments(text, marks)) == text
    told = ["".join(piece for piece, _ in paragraph) for paragraph in paragraphs(text, marks)]
    assert told == [line for line in text.split("\n") if line.strip()]


def test_marks_fall_on_their_words_in_every_paragraph() -> None:
    text = "Stop smoking.\nSmoking less."
    marked = [
        piece for paragraph in paragraphs(text, [(5, 12), (14, 21)]) for piece, is_marked in paragraph if is_marked
    ]
    assert marked == ["smoking", "Smoking"]
