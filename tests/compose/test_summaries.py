"""How much of a publisher's words is shown, and which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.compose import summaries

STRUCTURED = (
    "Background: Vaping is common among adults who used to smoke. Methods: We asked 2,000 adults in four towns. "
    "Results: One in five had stopped within a year (20.4% against 11.1%). "
    "Conclusions: Offering a starter kit helped. Longer follow-up is needed."
)
CAPITALS = (
    "OBJECTIVE To compare two offers. METHODS A trial in 612 adults. RESULTS Fewer were admitted. "
    "CONCLUSION The offer worked."
)
PLAIN = (
    "Little is known about vaping in care homes. We visited nine homes and talked to residents. "
    "Staff knew the rules but not the reasons. Short training changed that."
)


def test_of_a_structured_abstract_the_conclusions_are_shown_and_marked() -> None:
    shown = summaries.for_mail(STRUCTURED, "snippet", abstract=True)
    assert shown.label == "Authors’ conclusion"
    assert shown.text == "Offering a starter kit helped. Longer follow-up is needed."


def test_headings_in_capitals_need_no_colon() -> None:
    assert summaries.for_mail(CAPITALS, "snippet", abstract=True).text == "The offer worked."


def test_headings_on_lines_of_their_own_are_read() -> None:
    text = "Background\nWhy we asked.\nFindings\nWhat we found.\nInterpretation\nWhat it means.\nFunding\nNone."
    shown = summaries.for_mail(text, "snippet", abstract=True)
    assert (shown.label, shown.text) == ("Authors’ conclusion", "What it means.")


def test_without_conclusions_the_findings_are_shown() -> None:
    shown = summaries.for_mail("Aim: To see. Methods: We looked. Results: We saw it clearly.", "snippet", abstract=True)
    assert (shown.label, shown.text) == ("Findings", "We saw it clearly.")


def test_a_word_like_results_inside_a_sentence_is_no_heading() -> None:
    assert summaries.parts("The results of the vote and the methods used were published today.") == {}


def test_of_an_unstructured_abstract_the_last_two_sentences_are_shown() -> None:
    long = PLAIN + " " + PLAIN
    assert summaries.for_mail(long, "snippet", abstract=True).text == (
        "Staff knew the rules but not the reasons. Short training changed that."
    )


def test_of_a_description_the_first_sentences_are_shown() -> None:
    shown = summaries.for_mail(PLAIN + " " + PLAIN, "snippet", abstract=False).text
    assert shown.startswith("Little is known")
    assert shown.endswith(".")
    assert len(shown) <= summaries.MAIL_SNIPPET


def test_a_short_summary_is_shown_whole() -> None:
    assert (
        summaries.for_mail("  New figures for October.  ", "snippet", abstract=False).text == "New figures for October."
    )


def test_a_rule_of_none_shows_nothing_anywhere() -> None:
    assert summaries.for_mail(PLAIN, "none", abstract=True).text == ""
    assert summaries.for_web(STRUCTURED, "none", abstract=True) == summaries.Excerpt()


def test_the_page_shows_everything_only_where_the_source_allows_it() -> None:
    text = PLAIN * 6
    assert summaries.for_web(text, "full", abstract=True).text == text
    assert len(summaries.for_web(text, "snippet", abstract=True).text) < summaries.WEB_SNIPPET * 1.5


@pytest.mark.parametrize(
    ("uses", "strictest"),
    [(["full", "snippet"], "snippet"), (["full", "none"], "none"), (["full"], "full"), ([], "snippet")],
)
def test_the_strictest_of_several_sources_holds(uses: list[str], strictest: str) -> None:
    assert summaries.strictest(uses) == strictest


@pytest.mark.parametrize(
    "text",
    [
        "Smith et al. found this. It held.",
        "Doses of 2.5 mg were used. They worked.",
        "Advice, e.g. on diet, helps. So does exercise.",
        "Led by Dr. Lund in Leeds. It ended in May.",
    ],
)
def test_abbreviations_and_decimals_do_not_end_a_sentence(text: str) -> None:
    assert len(summaries.sentences(text)) == 2


def test_one_long_sentence_is_cut_at_a_word_and_says_so() -> None:
    shown = summaries.for_mail("word " * 300, "snippet", abstract=False).text
    assert shown.endswith("word…")
    assert len(shown) <= summaries.MAIL_SNIPPET + 1


@given(st.text(max_size=1500), st.sampled_from(["full", "snippet", "none"]), st.booleans())
def test_what_is_shown_is_always_a_piece_of_what_was_stored(summary: str, use: str, abstract: bool) -> None:
    for shown in (
        summaries.for_mail(summary, use, abstract=abstract),
        summaries.for_web(summary, use, abstract=abstract),
    ):
        own = shown.text.removesuffix("…")
        assert summary[shown.start : shown.start + len(own)].startswith(own)


@given(st.text(alphabet="Results: Conclusion.\n AB", max_size=400))
def test_sentences_lie_in_order_and_do_not_overlap(text: str) -> None:
    end = 0
    for first, last in summaries.sentences(text):
        assert end <= first < last <= len(text)
        end = last


def test_a_long_hostile_summary_is_read_quickly() -> None:
    for text in ("Results " * 2500, "." * 20_000, "\n" * 20_000, "A. " * 6000):
        summaries.for_mail(text, "full", abstract=True)


@pytest.mark.parametrize(
    "text",
    [
        "BACKGROUND: A. REVIEWERS' CONCLUSIONS: It works.",
        "Abstract Background: A. Results: B. Conclusions: It works.",
        "METHODS. We asked. CONCLUSIONS. It works.",
        "Importance Food matters. Objective To ask. Results Many said so. Conclusions and Relevance It works.",
        "Objectives. To ask. Methods. We asked. Results. Many said so. Conclusions. It works. Trial Registration. X 1.",
        "Background The burden is great. Methods We asked. Results Many said so. Conclusions It works.",
        "Aims A. STUDY POPULATION: adults. CONCLUSIONS AND RELEVANCE: It works. Copyright © 2026 The Authors. "
        "All rights reserved.",
        "Background: A. Main results, B. , Authors' conclusions, It works. [References: 12]",
    ],
)
def test_headings_of_many_houses_are_read(text: str) -> None:
    shown = summaries.for_mail(text, "snippet", abstract=True)
    assert (shown.label, shown.text) == ("Authors’ conclusion", "It works.")


@pytest.mark.parametrize(
    "text",
    [
        "Publication date: November 2026 Source: Health Policy Author(s): A. Marsh",
        "Journal of Lived Care, Volume 12, Issue 3, November 2026, Pages 1-9",
        "Journal: Annals of Samples; Article number: 10.5555/as.2026.1",
        "Authors: Ada Marsh, Ben Vale\n\nJournal: Annals of Samples\nVolume: 3; Issue: 2; Pages: 1-9; DOI: 10.5555/1",
        "No abstract available.",
        "NA",
    ],
)
def test_what_tells_nothing_is_not_shown(text: str) -> None:
    assert summaries.for_mail(text, "full", abstract=True).text == ""


@pytest.mark.parametrize(
    "number",
    [
        "ClinicalTrial.gov registration: NCT00000001.",
        "Trial Registration ClinicalTrials.gov Identifier: NCT00000001",
        "PROSPERO registration number CRD42026000001.",
        "Trial registration: ISRCTN00000001",
        "ISRCTN 00000001",
    ],
)
def test_the_number_a_review_or_trial_is_registered_under_is_no_conclusion(number: str) -> None:
    shown = summaries.for_web(f"Methods: We looked. Conclusions: It works. {number}", "snippet", abstract=True)
    assert (shown.label, shown.text) == ("Authors’ conclusion", "It works.")
    assert (
        "registered"
        in summaries.for_web("Conclusions: Trials should be registered with PROSPERO.", "snippet", abstract=True).text
    )


def test_a_conclusion_about_registration_stays() -> None:
    text = "Conclusions: Few trials were registered. Trial registration should be a condition of funding."
    assert summaries.for_web(text, "snippet", abstract=True).text.endswith("a condition of funding.")


def test_a_name_alone_on_the_last_line_is_left_out_and_a_day_is_not() -> None:
    shown = summaries.for_mail("Waits fell in October, a report says.\nExample News UK", "snippet", abstract=False)
    assert shown.text == "Waits fell in October, a report says."
    kept = summaries.for_mail("Send your views.\nOpen until 9 January", "snippet", abstract=False).text
    assert kept == "Send your views.\nOpen until 9 January"


def test_an_advertisement_at_the_end_is_left_out() -> None:
    text = "Waits fell in October. The post Waits fell appeared first on Example."
    assert summaries.for_mail(text, "snippet", abstract=False).text == "Waits fell in October."
    text = "Waits fell in October. ( J Made Up. 2026;12(3): 1–9. https://doi.org/10.5555/x )"
    assert summaries.for_mail(text, "snippet", abstract=False).text == "Waits fell in October."
