"""A whole strategy as one question to PubMed."""

from __future__ import annotations

from alerts.model.profiles import Block
from alerts.search import compile_text
from alerts.search.dialects.printing import Translated

SPELLING = (("randomis*", "randomiz*"),)


def asked(text: str, result: int = 0, brief: int = 0, **blocks: str) -> Translated:
    made = {name: Block(id=name, search=each) for name, each in blocks.items()}
    strategy = compile_text(text, blocks=made, result=result, brief=brief).strategy
    assert strategy is not None
    printed = strategy.pubmed_query(blocks=made, spelling=SPELLING)
    assert printed is not None
    return printed


def test_lines_and_blocks_stand_in_the_place_of_their_names() -> None:
    found = asked(
        "1. smoking.ti.\n2. exp Vaping/\n3. 1 or 2\n4. 3 and #uk", uk="1. england.ti.\n2. wales.ti.\n3. or/1-2"
    )
    assert found.text == '((smoking[ti]) OR ("Vaping"[mh])) AND ((england[ti]) OR (wales[ti]))'
    assert found.notes == ()


def test_words_are_asked_in_every_spelling_but_not_what_is_taken_away() -> None:
    found = asked("(randomised not randomisation).ti.")
    assert found.text == "(randomised[ti] OR randomized[ti]) NOT randomisation[ti]"


def test_a_number_in_quotation_marks_is_no_line() -> None:
    assert "#" not in asked('1. "vitamin b #2".ti.\n2. 1 or smoking.ti.').text.replace('"vitamin b 2"', "")


def test_a_truncation_that_pubmed_would_not_do_is_told_as_narrower() -> None:
    assert "narrower" in " ".join(asked("flu*.ti.").notes)


def test_that_items_with_little_text_have_another_result_is_told() -> None:
    found = asked("1. smoking.ti.\n2. leeds.ti.\n3. 1 and 2", result=3, brief=1)
    assert "line 1 is the result for items with little text" in " ".join(found.notes)


def test_lines_that_double_with_each_line_make_no_query() -> None:
    doubling = "\n".join(["1. smoking.ti.", *(f"{n}. {n - 1} or {n - 1}" for n in range(2, 80))])
    strategy = compile_text(doubling).strategy
    assert strategy is not None
    assert strategy.pubmed_query() is None
