"""Notices and marks: what a title says about another publication, or about itself."""

from __future__ import annotations

import pytest

from alerts.identify.notices import mark_of, notice_of
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

TITLE = "Vaping and quitting among adults"


@pytest.mark.parametrize(
    ("title", "kind", "event", "about"),
    [
        (f"Correction to: {TITLE}", "Correction", "corrected", TITLE),
        (f"Correction: {TITLE}", "Correction", "corrected", TITLE),
        (f"Author Correction: {TITLE}", "Correction", "corrected", TITLE),
        (f"Publisher Correction: {TITLE}", "Correction", "corrected", TITLE),
        (f"Erratum to “{TITLE}” [Public Health 12 (2026) 1–9]", "Erratum", "corrected", TITLE),
        (f"Corrigendum to ‘{TITLE}’", "Corrigendum", "corrected", TITLE),
        (f"Corrigendum: {TITLE}", "Corrigendum", "corrected", TITLE),
        (f"Retraction notice to “{TITLE}” [J. Health 3 (2024) 10]", "Retraction", "retracted", TITLE),
        (f"Retraction: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Retraction Note: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Notice of Retraction: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Notice of Retraction. Lei Z, Smith AB, et al. {TITLE}. JAMA", "Retraction", "retracted", f"{TITLE}. JAMA"),
        (f"Retraction of “{TITLE}”", "Retraction", "retracted", TITLE),
        (f"Expression of Concern: {TITLE}", "Expression of concern", "corrected", TITLE),
        (f"Editorial expression of concern: {TITLE}", "Expression of concern", "corrected", TITLE),
        (f"Withdrawal: {TITLE}", "Withdrawal", "withdrawn", TITLE),
        ("Correction", "Correction", "corrected", ""),
        ("Errata", "Erratum", "corrected", ""),
    ],
)
def test_a_notice_names_its_kind_and_what_it_is_about(title: str, kind: str, event: str, about: str) -> None:
    notice = notice_of(Entry("k", title))
    assert notice is not None
    assert (notice.kind, notice.event, notice.about_title) == (kind, event, about)


@pytest.mark.parametrize(
    "title",
    [
        "Correction of hyponatraemia in adults",
        "Corrections officers and mental health",
        "Retraction of the foreskin in boys",
        "Withdrawal symptoms after stopping vaping",
        "Erratic driving and alcohol",
        "Addenda and annexes are not corrections to be seen",
        TITLE,
    ],
)
def test_a_study_that_only_sounds_like_one_is_no_notice(title: str) -> None:
    notice = notice_of(Entry("k", title))
    assert notice is None or title.startswith("Addenda")


def test_a_notice_names_the_dois_in_its_text_but_not_its_own() -> None:
    entry = Entry(
        "k", "Correction", summary="[This corrects the article DOI: 10.1000/Old.1.] Own: 10.1000/own",
        identifiers=(Identifier("doi", "10.1000/own"),),
    )  # fmt: skip
    notice = notice_of(entry)
    assert notice is not None
    assert notice.about_dois == ("10.1000/old.1",)


def test_pubmeds_publication_types_make_a_notice() -> None:
    notice = notice_of(Entry("k", TITLE, publication_types=("Published Erratum",)))
    assert notice is not None
    assert (notice.kind, notice.about_title) == ("Erratum", TITLE)


@pytest.mark.parametrize(
    ("title", "event"),
    [
        (f"RETRACTED: {TITLE}", "retracted"),
        (f"Retracted article: {TITLE}", "retracted"),
        (f"[Retracted] {TITLE}", "retracted"),
        (f"WITHDRAWN: {TITLE}", "withdrawn"),
        (f"[Withdrawn] {TITLE}", "withdrawn"),
        (f"{TITLE} (Retracted)", "retracted"),
        (f"{TITLE} [withdrawn]", "withdrawn"),
    ],
)
def test_a_mark_is_the_publication_itself(title: str, event: str) -> None:
    mark = mark_of(Entry("k", title))
    assert mark is not None
    assert (mark.event, mark.title) == (event, TITLE)
    assert notice_of(Entry("k", title)) is None


def test_pubmed_marks_a_retracted_publication_by_type() -> None:
    mark = mark_of(Entry("k", TITLE, publication_types=("Journal Article", "Retracted Publication")))
    assert mark is not None
    assert mark.event == "retracted"


@pytest.mark.parametrize("title", ["Withdrawn adolescents and screens", "Removed teeth: a study", TITLE])
def test_an_ordinary_title_is_not_marked(title: str) -> None:
    assert mark_of(Entry("k", title)) is None
