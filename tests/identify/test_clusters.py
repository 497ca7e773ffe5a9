"""References of files: what is one publication, what is linked, what is apart, and what a person must look at."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.identify import Clusters, cluster
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.parse.references import read_references
from tests.identify.references import rates, sample

TITLE = "Walking groups and blood pressure in coastal towns: a randomised trial"


def reference(title: str = TITLE, **more: Any) -> Entry:
    """A reference with all that one has; `more` says what is otherwise, "" or None what is missing."""
    given = {"authors": "Fern, A. B.; Moss, C.; Reed, D.", "journal": "Journal of Invented Medicine", "volume": "12",
             "pages": "123-131", "year": 2019, "doi": "", "pmid": "", "issue": "", "abstract": "", **more}  # fmt: skip
    return Entry(
        "k", title,
        authors=tuple(filter(None, given["authors"].split("; "))), journal=given["journal"], volume=given["volume"],
        issue=given["issue"], pages=given["pages"], summary=given["abstract"],
        published=datetime(given["year"], 1, 1, tzinfo=UTC) if given["year"] else None,
        identifiers=tuple(Identifier(scheme, given[scheme]) for scheme in ("doi", "pmid") if given[scheme]),
    )  # fmt: skip


def answer(*entries: Entry) -> str:
    found = cluster(entries)
    if found.clusters:
        assert all(each.reasons and each.keep in each.members for each in found.clusters)
        return "same"
    if found.linked:
        return found.linked[0].relation
    return "unsure" if found.unsure else "apart"


@pytest.mark.parametrize(
    "other",
    [
        reference(TITLE.upper() + "."),
        reference(f"[{TITLE}]."),
        reference(TITLE.replace("randomised", "randomized")),
        reference(TITLE.replace("blood", "blod"), doi="10.1234/a"),
        reference(TITLE.replace("Walking", "Wlaking")),
        reference(TITLE.replace("and", "&amp;").replace("blood", "<i>blood</i>")),
        reference(f"Short report: {TITLE}"),
        reference(TITLE[:50]),
        reference(TITLE.split(":")[0]),
        reference(authors="Fern AB; Moss C; Reed D"),
        reference(authors="Ada B. Fern; Cy Moss; Di Reed"),
        reference(authors="Fern, Ada B."),
        reference(authors=""),
        reference(journal="J Invented Med"),
        reference(journal="J Invented Med", pages="123-31"),
        reference(journal="Journal of invented medicine (London, England)", pages="123‐131"),
        reference(year=2020, volume="", pages=""),
        reference(year=None),
        reference(volume="", pages="no pagination"),
        reference(year=2023),
        reference(journal=""),
        reference("Gehgruppen und Blutdruck an der Küste"),
        reference(f"{TITLE} [Groupes de marche et pression artérielle au bord de la mer]"),
    ],
)
def test_a_publication_is_one_however_it_is_written(other: Entry) -> None:
    assert answer(reference(), other) == "same"
    assert answer(other, reference()) == "same"


@pytest.mark.parametrize(
    "other",
    [
        reference(f"Reply to: {TITLE}", pages="201-202"),
        reference(f"Comment on: {TITLE}", authors="Quill, Q.", pages="201-202"),
        reference(TITLE.replace("blood pressure", "body weight"), pages="132-140"),
        reference(TITLE.replace("coastal", "inland"), volume="", pages=""),
        reference(f"{TITLE}: study protocol", year=2018, volume="11", pages="5-15"),
        reference(authors="Quill, Q.; Pen, P.", volume="30", pages="7-9"),
        reference(year=2018, volume="11", issue="Suppl 1", pages="S45"),
        reference(journal="Proceedings of Dreams", volume="3", pages="88-90", year=2018),
        reference(year=2015, volume="8", pages="1-10"),
        reference(f"{TITLE}. Part 2", pages="140-150"),
    ],
)
def test_another_publication_stays_apart(other: Entry) -> None:
    assert answer(reference(), other) == "apart"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smoking in England, 2018", "Smoking in England, 2019"),
        ("The long view. Part I", "The long view. Part II"),
        ("Trial of drug X: phase 2a", "Trial of drug X: phase 3"),
        ("Hypotension after spinal anaesthesia in the elderly", "Hypertension after spinal anaesthesia in the elderly"),
        ("Symptomatic malaria in pregnant women of Ghana", "Asymptomatic malaria in pregnant women of Ghana"),
        ("Effects of exercise on sleep in male students", "Effects of exercise on sleep in female students"),
        ("Uptake of iron in rats fed with maize", "Uptake of iron in mice fed with maize"),
        ("Editorial", "Editorial"),
        ("In this issue", "In this issue"),
    ],
)
def test_one_word_or_number_makes_another_publication(one: str, other: str) -> None:
    assert answer(reference(one, pages="", volume=""), reference(other, pages="", volume="")) == "apart"


@pytest.mark.parametrize("part", [": part 2", ". Part II", " (Part 2)", ": part 2, the nurses", ", 2019", " – II"])
@pytest.mark.parametrize("pages", ["", "e886168"])
def test_a_part_is_not_its_title_cut_short(part: str, pages: str) -> None:
    plain = TITLE.split(":")[0]
    assert answer(reference(plain, pages=pages), reference(plain + part)) in ("apart", "unsure")
    assert answer(reference(plain), reference(plain + part)) == "same", "the same volume and pages say more"
    assert answer(reference(plain, pages=pages), reference(plain + ": part of a trial")) == "same"


def test_an_abstract_of_a_meeting_a_year_before_is_not_taken_for_the_paper() -> None:
    assert answer(reference(issue="Suppl 1", pages="", year=2018), reference()) == "unsure"


def test_the_same_doi_is_believed_unless_the_titles_speak_against_it() -> None:
    doi = "10.1234/a"
    assert answer(reference(doi=doi), reference("Walking groups, blood pressure and the sea", doi=doi)) == "same"
    assert answer(reference(doi=doi), reference(doi=doi, volume="13", pages="9-18")) == "same"
    other = reference("Dreams of frogs", doi=doi, authors="Quill, Q.", pages="9-10")
    assert answer(reference(doi=doi), other) == "apart"


def test_a_doi_that_many_titles_give_is_a_supplements_and_says_nothing() -> None:
    topics = (
        "Insulin pumps at school",
        "Foot ulcers seen at night",
        "Statins and the very old",
        "Retinal screening by bus",
    )
    abstracts = [reference(each, doi="10.1234/supplement", pages=f"S{n}") for n, each in enumerate(topics, 20)]
    assert answer(*abstracts) == "apart"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (reference(doi="10.1234/b"), "same"),  # one of the DOIs is wrong: nothing else stands on these pages
        (reference(doi="10.1234/b", volume="", pages=""), "unsure"),
        (reference(doi="10.1234/b", volume="13", pages="1-9"), "apart"),
        (reference(doi="10.1234/b", authors="Quill, Q.", volume="", pages=""), "apart"),
    ],
)
def test_two_dois_are_two_publications_unless_all_else_is_one(other: Entry, expected: str) -> None:
    assert answer(reference(doi="10.1234/a"), other) == expected


@pytest.mark.parametrize(
    "preprint",
    [
        reference(journal="medRxiv", doi="10.1101/2018.11.05.18123456", year=2018, volume="", pages=""),
        reference(journal="Research Square", doi="10.21203/rs.3.rs-1/v1", year=2018, volume="", pages=""),
        reference("Walking groups by the sea and blood pressure: a trial", journal="SSRN Electronic Journal",
                  doi="10.2139/ssrn.1", year=2017, volume="", pages=""),
        reference(journal="bioRxiv", year=2019, volume="", pages=""),
        reference(journal="PsyArXiv", doi="10.31234/osf.io/abcde", authors="", volume="", pages=""),
    ],
)  # fmt: skip
def test_a_preprint_is_linked_to_its_publication_and_never_merged(preprint: Entry) -> None:
    found = cluster([reference(doi="10.1234/a"), preprint])
    assert not found.clusters
    assert [(each.one, each.other, each.relation) for each in found.linked] == [(1, 0, "preprint of")]
    assert found.linked[0].reason


def test_versions_of_a_preprint_are_one_and_servers_are_two() -> None:
    one = reference(journal="Research Square", doi="10.21203/rs.3.rs-1/v1", volume="", pages="")
    two = reference(f"{TITLE} in Wales", journal="Research Square", doi="10.21203/rs.3.rs-1/v2", volume="", pages="")
    assert answer(one, two) == "same"
    elsewhere = reference(journal="medRxiv", doi="10.1101/2018.11.05.18123456", volume="", pages="")
    assert answer(one, elsewhere) == "another preprint of"


def test_journals_of_cold_spring_harbor_are_no_preprints() -> None:
    assert (
        answer(reference(doi="10.1101/gr.1234.5", journal="Genome Research"), reference(journal="Genome Res")) == "same"
    )


@pytest.mark.parametrize(
    ("notice", "relation"),
    [
        (reference(f"Erratum: {TITLE}", pages="300", doi="10.1234/e"), "erratum of"),
        (reference(f"Retraction notice to “{TITLE}”", pages="300"), "retraction of"),
        (reference("Correction", pages="300", abstract="This corrects 10.1234/a."), "correction of"),
    ],
)
def test_a_notice_is_linked_to_what_it_is_about(notice: Entry, relation: str) -> None:
    found = cluster([reference(doi="10.1234/a"), notice])
    assert not found.clusters
    assert [(each.one, each.other, each.relation) for each in found.linked] == [(1, 0, relation)]


@pytest.mark.parametrize("title", [TITLE, "Programmes for the keeping of detectors in rented homes"])
def test_updates_of_a_cochrane_review_are_linked_however_retitled(title: str) -> None:
    first = reference(doi="10.1002/14651858.cd001234.pub2", year=2012, volume="", pages="")
    second = reference(
        title, doi="10.1002/14651858.cd001234.pub10", year=2023, volume="", pages="", authors="Other, A."
    )
    found = cluster([first, second])
    assert [(each.one, each.other, each.relation) for each in found.linked] == [(1, 0, "update of")]


def test_a_reference_that_says_little_does_not_bring_two_publications_together() -> None:
    first = reference(doi="10.1234/a", volume="12", pages="123-131")
    second = reference(doi="10.1234/b", volume="14", pages="9-18", year=2020)
    little = reference(volume="", pages="", year=None)
    for entries in ([first, little, second], [little, second, first], [second, first, little]):
        found = cluster(entries)
        assert sum(len(each.members) for each in found.clusters) == 2
        assert all(
            {"10.1234/a", "10.1234/b"} != {entries[at].identifier("doi") for at in each.members}
            for each in found.clusters
        )
        assert found.unsure
        assert all(each.reason for each in found.unsure)


def test_the_reference_that_tells_most_is_kept() -> None:
    full = reference(doi="10.1234/a", pmid="5", abstract="We walked. " * 9)
    found = cluster([reference(doi="10.1234/a", pages=""), full, reference(doi="10.1234/a")])
    assert found.clusters[0].keep == 1


@pytest.mark.parametrize("seed", range(4))
def test_on_invented_references_few_copies_are_missed_and_no_work_is_lost(seed: int) -> None:
    entries, truth = sample(seed)
    found = cluster(entries)
    sensitivity, specificity = rates(truth, [each.members for each in found.clusters])
    assert sensitivity >= 0.98
    assert specificity >= 0.99


def test_on_a_real_reviews_references_no_label_is_contradicted(shared_data: Path) -> None:
    with gzip.open(shared_data / "dedupe" / "tafenoquine.jsonl.gz") as body:
        records = read_references(body.read()).records
    found = cluster([each.entry for each in records])
    clustered = {at for each in found.clusters for at in each.members}
    labelled = {at for at, each in enumerate(records) if each.fields["has_duplicate"]}
    assert len(clustered & labelled) >= 0.98 * len(labelled)
    assert len(clustered - labelled) <= 0.01 * (len(records) - len(labelled))


def test_thousands_of_equal_titles_are_no_slower_each_than_others() -> None:
    began = time.process_time()
    equal = [reference(doi=f"10.1234/{n}") for n in range(1500)]
    other = [reference(volume=str(n), pages=f"{n + 2}-{n + 9}") for n in range(1500)]
    assert isinstance(cluster([*equal, *other]), Clusters)
    assert time.process_time() - began < 60  # by the square it would be a quarter of an hour


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            Entry, st.just("k"), st.text(max_size=60), authors=st.tuples(st.text(max_size=20)),
            journal=st.text(max_size=20), volume=st.text(max_size=8), pages=st.text(max_size=12),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_the_references_hold_each_is_in_one_cluster_at_most(entries: list[Entry]) -> None:
    found = cluster(entries)
    members = [at for each in found.clusters for at in each.members]
    assert len(members) == len(set(members))


def test_pages_that_stand_for_none_yet_are_no_pages_of_a_meeting_however_their_dashes_are_written() -> None:
    early = reference(pages="S0007‐0912(22)00248‐3", volume="", year=2022)
    assert answer(early, reference(pages="", volume="", year=2022)) == "same"
    assert answer(early, reference(pages="S0007-0912(22)00248-3", volume="", year=2022)) == "same"


@pytest.mark.parametrize("end", [" (vol 12, pg 123, 2019)", " (vol 12, 123, 2019)", ": Erratum", ". Correction"])
def test_a_correction_that_only_the_end_of_its_title_tells_is_linked_and_not_merged(end: str) -> None:
    for pages in ("123-131", "99", ""):
        assert answer(reference(), reference(TITLE + end, pages=pages)) in {"correction of", "erratum of"}


def test_a_retracted_article_that_says_where_that_is_told_is_the_article() -> None:
    assert answer(reference(), reference(f"{TITLE} (Retracted article. See vol. 15, pg. 3, 2021)")) == "same"


def test_a_general_title_in_another_issue_is_another_piece() -> None:
    for title in ("Editorial comment", "Message from the president", "Waiting rooms"):
        one = reference(title, issue="1", pages="3")
        assert answer(one, reference(title, issue="2", pages="")) in {"apart", "unsure"}
        assert answer(one, reference(title, issue="1", pages="3")) == "same"


def test_a_wrong_doi_and_a_slip_in_the_title_do_not_part_what_stands_on_the_same_pages() -> None:
    slip = reference(TITLE.replace("pressure", "presssure"), doi="10.1234/wrong.1")
    assert answer(reference(doi="10.1234/jim.123"), slip) == "same"
    assert (
        answer(reference(doi="10.1234/jim.123"), reference(slip.title, doi="10.1234/x", volume="", pages="")) != "same"
    )


def test_two_trials_of_one_register_are_two_whatever_they_are_called() -> None:
    def registered(number: str, key: str = "k") -> Entry:
        return Entry(key, TITLE, link=f"https://clinicaltrials.gov/study/{number}")

    assert answer(registered("NCT01234567"), registered("NCT01234568")) == "apart"
    assert answer(registered("NCT01234567"), registered("NCT01234567", "other")) == "same"
