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


def test_a_word_truncated_too_early_for_pubmed_is_asked_as_itself_and_its_plural() -> None:
    found = asked("(bed* or tax* or vaping).ti.")
    assert found.text == "(bed[ti] OR beds[ti]) OR tax[ti] OR vaping[ti]"
    assert len(found.notes) == 2
    assert all("narrower: write the words out" in each for each in found.notes)


def test_one_letter_left_open_in_a_short_word_is_asked_as_the_words_that_are_meant() -> None:
    assert asked("wom#n.ti.").text == "woman[ti] OR women[ti]"
    made = compile_text("an?emia.ti.").strategy
    assert made is not None
    printed = made.pubmed_query(spelling=[["anaemia", "anemia"]])
    assert printed is not None
    assert printed.text == "anemia[ti] OR anaemia[ti]"


def test_a_phrase_truncated_within_is_asked_piece_by_piece() -> None:
    found = asked("transfer* of care.ti.")
    assert found.text == 'transfer*[ti] AND "of care"[ti]'
    assert "line 1: PubMed truncates the last word of a phrase only" in " ".join(found.notes)
    assert asked("(patient* adj flow).ti.").text == "patient*[ti] AND flow[ti]"
    assert asked("(patient adj flow*).ti.").text == '"patient flow*"[ti]'


def test_a_short_truncation_in_a_phrase_is_left_and_told() -> None:
    found = asked("e-cig*.ti.")
    assert found.text == '"e cig*"[ti]'
    assert "narrower" in " ".join(found.notes)


def test_a_limit_to_a_language_or_a_type_is_asked_too() -> None:
    found = asked('1. smoking.ti.\n2. limit 1 to (english language and review and humans and yr="2015 -Current")')
    assert '"english"[la]' in found.text
    assert '"review"[pt]' in found.text
    assert "2015/01/01:3000[dp]" in found.text
    assert found.notes == ("line 2: the limit to humans is left out: use limits: in the profile",)
    either = asked("1. smoking.ti.\n2. limit 1 to (english or welsh)").text
    assert either.endswith('AND ("english"[la] OR "welsh"[la])')
