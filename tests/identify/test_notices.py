"""Notices and marks: what a title says about another publication, or about itself."""

from __future__ import annotations

import pytest

from alerts.identify.comparing.notices import mark_of, notice_of
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
        (f"Correction to: {TITLE} (Public Health, (2026), 1, 2, (3-9), 10.1000/s1)", "Correction", "corrected", TITLE),
        (f"Correction for Smith et al., {TITLE}", "Correction", "corrected", TITLE),
        (f"Correction for ‘{TITLE}’ by A. Smith et al., J. Health, 2026, 3, 1", "Correction", "corrected", TITLE),
        (f"Authors’ correction: {TITLE}", "Correction", "corrected", TITLE),
        (f"Publisher’s Note: {TITLE}", "Correction", "corrected", TITLE),
        (f"Correction [{TITLE}]", "Correction", "corrected", TITLE),
        (f"<Corrigendum> {TITLE}", "Corrigendum", "corrected", TITLE),
        (f"Erratum. {TITLE}. Diabetes Care 2026;43:1–2", "Erratum", "corrected", TITLE),
        (f"Erratum zu: {TITLE}", "Erratum", "corrected", TITLE),
        (f"Retraction Note to: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Retraction for Smith et al., “{TITLE}”", "Retraction", "retracted", TITLE),
        (f"Notice of Retraction and Replacement: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Retraction and replacement of: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Statement of Retraction: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Removal notice to “{TITLE}” [J. Health 1 (2026) 2]", "Withdrawal", "withdrawn", TITLE),
        (f"Editorial Expression of Concern to: {TITLE}", "Expression of concern", "corrected", TITLE),
        (f"Expression of Editorial Concern: {TITLE}", "Expression of concern", "corrected", TITLE),
        (f"Interim Expression of Concern: {TITLE}", "Expression of concern", "corrected", TITLE),
        (f"Publisher Retraction: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Notification of Retraction: {TITLE}", "Retraction", "retracted", TITLE),
        (f"Author Correction and Publisher Correction: {TITLE}", "Correction", "corrected", TITLE),
        (f"Correction & Addendum: {TITLE}", "Correction", "corrected", TITLE),
        (f"Errata corrige: {TITLE}", "Erratum", "corrected", TITLE),
        (f"Fe de errores de “{TITLE}”", "Erratum", "corrected", TITLE),
        (f"Corrigendum à « {TITLE} » [Rev Santé 3 (2026) 1–2]", "Corrigendum", "corrected", TITLE),
        (f"Correction: Fern et al. {TITLE}. Nutrients 2026, 16, 123", "Correction", "corrected", TITLE),
        (
            f"Erratum: Fern, A.B.; de la Moss, C. {TITLE}. Int. J. Environ. Res. Public Health 2026, 21, 12",
            "Erratum",
            "corrected",
            TITLE,
        ),
        (
            f"Expression of Concern: Fern A et al. {TITLE}. N Engl J Med. DOI: 10.1056/x1",
            "Expression of concern",
            "corrected",
            TITLE,
        ),
        (
            f"Notice of Retraction and Replacement. Fern et al. {TITLE}. JAMA. 2026;3(1):1-9",
            "Retraction",
            "retracted",
            TITLE,
        ),
        (f"{TITLE} - RETRACTION", "Retraction", "retracted", TITLE),
        (f"{TITLE}: Expression of Concern", "Expression of concern", "corrected", TITLE),
        (f"{TITLE} [Erratum]", "Erratum", "corrected", TITLE),
        (f"{TITLE} (Author Correction)", "Correction", "corrected", TITLE),
        ("Error in Table 2", "Correction", "corrected", ""),
        ("Errors in the Abstract, Results, and Supplement 1", "Correction", "corrected", ""),
        ("Misspelled Author Name", "Correction", "corrected", ""),
        ("Missing Conflict of Interest Disclosures", "Correction", "corrected", ""),
        ("Department of Error", "Correction", "corrected", ""),
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
        "Error correction in genome editing",
        "Correction for multiple testing in trials",
        "Correction in children with scoliosis",
        "Withdrawal in alcohol dependence",
        "Withdrawal of life-sustaining treatment in “brain death”",
        "Retraction Watch weekend reads",
        "Retraction pocket surgery: a trial",
        "Statement of principles on breastfeeding",
        "Notice of funding: smoking",
        "Retraction-related complications of surgery",
        "Error in measurement of blood pressure",
        "Errors in text messaging programmes",
        "Missing data",
        "Missing data in cluster trials",
        "Missing teeth in older adults",
        "Incorrect inhaler technique",
        "Errors in figure-ground perception",
        "Removal of user fees and the use of care",
        "Addendum 3 to the plan",
        TITLE,
    ],
)
def test_a_study_that_only_sounds_like_one_is_no_notice(title: str) -> None:
    assert notice_of(Entry("k", title)) is None


def test_a_study_with_an_abstract_is_no_notice_though_its_title_begins_like_one() -> None:
    abstract = "Background: people who stop drinking feel it. Methods: we asked forty of them. " * 10
    assert notice_of(Entry("k", "Withdrawal: what people feel when they stop drinking", summary=abstract)) is None
    assert notice_of(Entry("k", "Withdrawal: what people feel when they stop drinking")) is not None


@pytest.mark.parametrize("title", ["Error in Figure 3", "Correction", "Corrections."])
def test_a_notice_without_a_title_of_its_own_is_about_what_its_text_quotes(title: str) -> None:
    text = f"In the Original Investigation titled “{TITLE},” published on 1 November, a number was wrong."
    notice = notice_of(Entry("k", title, summary=text))
    assert notice is not None
    assert notice.about_title == TITLE
    other = notice_of(Entry("k", title, summary="In line 3, “randomised” should read “observed”."))
    assert other is not None
    assert other.about_title == ""


def test_the_doi_that_a_notice_says_it_is_about_comes_first() -> None:
    text = "As shown before (10.1000/other), errors happen. This corrects the article DOI: 10.1000/meant."
    notice = notice_of(Entry("k", "Erratum", summary=text))
    assert notice is not None
    assert notice.about_dois == ("10.1000/meant", "10.1000/other")


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
        (f"RETRACTED AND REPLACED: {TITLE}", "retracted"),
        (f"Retracted—{TITLE}", "retracted"),
        (f"Retracted: {TITLE} [Retraction in: J. Health 2026]", "retracted"),
        (f"{TITLE} – RETRACTED", "retracted"),
        (f"TEMPORARY REMOVAL: {TITLE}", "withdrawn"),
        (f"{TITLE} (Retracted)", "retracted"),
        (f"*Retracted*: {TITLE}", "retracted"),
        (f"This article has been retracted: {TITLE}", "retracted"),
        (f"RETRACTED: Fern et al. {TITLE}. Nutrients 2026, 16, 123", "retracted"),
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


@pytest.mark.parametrize(
    ("said", "is_withdrawn"),
    [
        ({"summary": "This guidance was withdrawn on 1 April 2026. It is out of date."}, True),
        ({"summary": "This policy paper has been withdrawn."}, True),
        ({"change_note": "Guidance withdrawn."}, True),
        ({"summary": "The drug was withdrawn from the market in 2004."}, False),
        ({"summary": "This study asks why people have withdrawn from trials."}, False),
        ({"change_note": "Added a chapter on what to do when consent is withdrawn."}, False),
    ],
)
def test_a_page_that_says_it_was_withdrawn_is_marked(said: dict[str, str], is_withdrawn: bool) -> None:
    mark = mark_of(Entry("k", TITLE, **said))  # type: ignore[arg-type]  # both are texts
    assert (mark is not None and mark.event == "withdrawn") is is_withdrawn


@pytest.mark.parametrize("title", [
    "Withdrawn adolescents and screens", "Removed teeth: a study", "Retracted-lung ventilation", TITLE,
])  # fmt: skip
def test_an_ordinary_title_is_not_marked(title: str) -> None:
    assert mark_of(Entry("k", title)) is None
