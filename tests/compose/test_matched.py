"""The words that matched, as they stand in the record."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.compose import matched
from alerts.compose.stories import Story, gather
from alerts.model.bulletins import Reason
from alerts.model.records import Entry, TermHit
from tests.compose.builders import candidate, hit, reason


def story(entry: Entry, *reasons: Reason) -> Story:
    (made,) = gather([candidate(entry=entry, reasons=reasons)], ["tobacco", "alcohol"])
    return made


def pieces(text: str, *hits: TermHit) -> list[str]:
    return [text[first:last] for first, last in matched.spans(hits, text)]


@pytest.mark.parametrize(
    ("text", "terms", "shown"),
    [
        ("Virtual wards in Wigan", ("Virtual", "wards"), ["Virtual wards"]),
        ("Step-up care", ("Step", "up"), ["Step-up"]),
        (
            "Integrated teams here",
            ("here", "teams", "Integrated"),
            ["Integrated teams here"],
        ),
        ("A care plan at home", ("care", "home"), ["care plan at home"]),
        (
            "Diet and health survey",
            ("Diet", "Diet and health survey", "health"),
            ["Diet and health survey"],
        ),
        ("Urgent care and for wards", ("care", "wards"), ["care", "wards"]),
        ("Urgent and emergency care", ("emergency care", "Urgent"), ["Urgent and emergency care"]),
        ("Care closer to home", ("Care", "home"), ["Care closer to home"]),
        ("Vaping. Smoking", ("Vaping", "Smoking"), ["Vaping", "Smoking"]),
        ("Vaping was not seen by smoking teams", ("Vaping", "smoking"), ["Vaping", "smoking"]),
    ],
)
def test_words_that_stand_together_are_one_piece(text: str, terms: tuple[str, ...], shown: list[str]) -> None:
    assert pieces(text, *(hit(term, text) for term in terms)) == shown


def test_words_of_different_lines_are_one_piece_only_side_by_side() -> None:
    text = "Virtual wards and other wards"
    assert pieces(text, hit("Virtual", text, line=1), hit("wards", text, line=2)) == ["Virtual wards"]
    assert pieces(text, hit("Virtual", text, line=1), hit("other", text, line=2)) == ["Virtual", "other"]


def test_a_hit_outside_the_text_is_no_piece() -> None:
    assert matched.spans([TermHit(1, "x", "title", 3, 9), TermHit(1, "y", "title", 2, 2)], "short") == ()


def test_every_field_says_a_word_once_whatever_its_case_and_however_many_topics_hit_it() -> None:
    entry = Entry("1", "Vaping: why vaping stops", summary="Vaping.", keywords=("wards", "Electronic cigarettes"))
    title = [hit("Vaping", entry.title), hit("vaping", entry.title)]
    keyword = TermHit(3, "electronic cigarette*", "keywords", 0, 21, 1)
    found = story(
        entry,
        reason("tobacco", *title, hit("Vaping", entry.summary, "summary")),
        reason("alcohol", title[1], keyword),
    )
    assert matched.words(found) == (
        ("Vaping", "title"),
        ("Vaping", "summary"),
        ("Electronic cigarettes", "keywords"),
    )


def test_evidence_of_a_field_that_is_not_there_falls_back_on_its_term() -> None:
    found = story(Entry("1", "T"), reason("a", TermHit(1, "smok*", "keywords", 0, 4, 7), TermHit(1, "x", "y", 0, 1)))
    assert matched.words(found) == (("smok", "keywords"), ("x", "y"))


@given(st.text("ab .-", max_size=40), st.lists(st.tuples(st.integers(-1, 45), st.integers(0, 9), st.integers(1, 2))))
def test_pieces_are_in_order_apart_and_cover_every_hit(text: str, raw: list[tuple[int, int, int]]) -> None:
    hits = [TermHit(line, "t", "title", start, start + length) for start, length, line in raw]
    found = matched.spans(hits, text)
    assert all(last < first for (_, last), (first, _) in pairwise(found))
    good = [each for each in hits if 0 <= each.start < each.end <= len(text)]
    assert all(any(first <= each.start and each.end <= last for first, last in found) for each in good)
    assert bool(found) == bool(good)
