"""Europe PMC's answers: what a record becomes, and what is said of answers that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Relation, RelationKind
from alerts.parse import Parsed
from alerts.parse.databases.europepmc import parse_page
from alerts.parse.problems import NotAsDocumented, QuestionRefused, ServiceTrouble
from alerts.search.text import heading_key
from tests.europepmc import answer, corrections, record, told

DAY = "2026-11-20"


def parsed(*results: Any, since: str = "") -> Parsed:
    return parse_page(answer(list(results)), address="https://example.org/search", since=since)


def one(**more: Any) -> Entry:
    (entry,) = parsed(record(41, "Neighbourhood teams in practice", DAY, **more)).entries
    return entry


def test_a_record_gives_its_citation() -> None:
    entry = one(pageInfo="11-19", pmcid="PMC77", keywordList={"keyword": ["integrated care", "teams"]})
    assert (entry.key, entry.link) == ("MED/41", "https://europepmc.org/article/MED/41")
    assert entry.title == "Neighbourhood teams in practice"
    assert (entry.journal, entry.volume, entry.issue, entry.pages) == ("Journal of Examples", "12", "3", "11-19")
    assert entry.authors == ("Roe J", "Doe A")
    assert (entry.published, entry.date_kind) == (datetime(2026, 11, 20, tzinfo=UTC), "published")
    assert {str(each) for each in entry.identifiers} == {
        "doi:10.5555/epmc.41", "pmid:41", "pmcid:PMC77", "link:https://europepmc.org/article/MED/41",
    }  # fmt: skip
    assert (entry.issn, entry.language, entry.keywords) == (("2049-3630",), "en", ("integrated care", "teams"))


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Teams <i>in vivo</i> and PM<sub>2.5</sub>.", "Teams in vivo and PM2.5"),
        ("Teams &lt;i&gt;in vivo&lt;/i&gt;.", "Teams in vivo"),
        ("Health care in the U.S.", "Health care in the U.S."),
        ("[Teams in practice].", "[Teams in practice]"),
        ("Do teams help?", "Do teams help?"),
    ],
)
def test_a_title_is_shown_as_journals_print_it(title: str, shown: str) -> None:
    (entry,) = parsed({**record(1, "", DAY), "title": title}).entries
    assert entry.title == shown


def test_the_headings_of_a_structured_abstract_become_labels() -> None:
    entry = one(abstractText="<h4>Background</h4>Teams &lt; ten. <h4>Conclusions</h4><p>They work.</p>")
    assert entry.summary == "Background: Teams < ten.\nConclusions: They work."
    assert "<h4>" not in entry.summary_html


def test_subject_headings_are_written_as_medline_writes_them_and_found_by_their_names() -> None:
    entry = one(
        meshHeadingList={
            "meshHeading": [
                {"descriptorName": "Humans", "majorTopic_YN": "N"},
                {"descriptorName": "Smoking Cessation", "majorTopic_YN": "Y"},
                {
                    "descriptorName": "Smoking",
                    "majorTopic_YN": "N",
                    "meshQualifierList": {
                        "meshQualifier": [
                            {"qualifierName": "epidemiology", "majorTopic_YN": "N", "abbreviation": "EP"},
                            {"qualifierName": "prevention & control", "majorTopic_YN": "Y", "abbreviation": "PC"},
                        ]
                    },
                },
            ]
        }
    )
    assert entry.headings == (
        "Humans", "*Smoking Cessation", "Smoking/epidemiology", "*Smoking/prevention & control",
    )  # fmt: skip
    assert {heading_key(each) for each in entry.headings} == {("humans",), ("smoking", "cessation"), ("smoking",)}


def test_affiliations_come_once_each_and_authors_may_be_a_group() -> None:
    here = {"authorAffiliation": [{"affiliation": "Anytown University, UK."}]}
    authors = [
        {"fullName": "Roe J", "authorAffiliationDetailsList": here},
        {"collectiveName": "Teams Study Group"},
        {"lastName": "Doe", "initials": "AB", "authorAffiliationDetailsList": here},
    ]
    entry = one(authorList={"author": authors})
    assert entry.authors == ("Roe J", "Teams Study Group", "Doe AB")
    assert entry.affiliations == ("Anytown University, UK.",)


@pytest.mark.parametrize(
    ("said", "licence", "is_open"),
    [
        ({"license": "cc by", "isOpenAccess": "Y"}, "CC BY", True),
        ({"license": "cc by-nc-nd"}, "CC BY-NC-ND", True),
        ({"license": "CC0"}, "CC 0", True),
        ({"isOpenAccess": "N"}, "", False),
        ({"fullTextUrlList": {"fullTextUrl": [{"availabilityCode": "F", "documentStyle": "html"}]}}, "", True),
        ({"fullTextUrlList": {"fullTextUrl": [{"availabilityCode": "S", "documentStyle": "doi"}]}}, "", False),
        ({"isOpenAccess": None}, "", None),
    ],
)
def test_licence_and_open_access_are_taken_as_said(said: dict[str, Any], licence: str, is_open: bool | None) -> None:
    entry = one(**said)
    assert (entry.licence, entry.open_access) == (licence, is_open)


def test_a_preprint_is_one_and_names_its_server() -> None:
    entry = one(
        source="PPR", id="PPR41", pubTypeList={"pubType": ["Preprint"]}, journalInfo=None,
        bookOrReportDetails={"publisher": "medRxiv", "yearOfPublication": 2026},
        commentCorrectionList=corrections({"id": "77", "source": "MED", "type": "Preprint of"}),
    )  # fmt: skip
    assert (entry.key, entry.publisher, entry.publication_types) == ("PPR/PPR41", "medRxiv", ("Preprint",))
    assert entry.link == "https://europepmc.org/article/PPR/PPR41"
    assert entry.identifier("pmid") == ""
    assert entry.relations == (Relation("preprint of", Identifier("pmid", "77")),)


def test_a_chapter_of_a_book_names_the_book() -> None:
    entry = one(journalInfo=None, bookOrReportDetails={"comprisingTitle": "Handbook of Teams", "publisher": "A Press"})
    assert (entry.journal, entry.publisher) == ("Handbook of Teams", "A Press")


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("Retraction in", "retracted by"),
        ("Retraction of", "retraction of"),
        ("Erratum in", "corrected by"),
        ("Erratum for", "correction of"),
        ("Expression of concern in", "concern told by"),
        ("Expression of concern for", "concern about"),
        ("Update in", "updated by"),
        ("Update of", "update of"),
        ("Corrected and republished in", "corrected by"),
    ],
)
def test_what_is_said_of_another_record_is_kept_by_its_pmid_and_its_doi(type_: str, kind: RelationKind) -> None:
    entry = one(commentCorrectionList=corrections(told(type_, 99, "J Ex. 2026;12(4):1. doi: 10.5555/Note.1.")))
    assert entry.relations == (
        Relation(kind, Identifier("pmid", "99")),
        Relation(kind, Identifier("doi", "10.5555/note.1")),
    )


def test_a_preprint_that_was_updated_by_an_article_was_published_as_it() -> None:
    entry = one(source="PPR", id="PPR41", commentCorrectionList=corrections(told("Update in", 77)))
    assert entry.relations == (Relation("published as", Identifier("pmid", "77")),)


def test_comments_and_patients_summaries_say_nothing_of_a_record_itself() -> None:
    said = corrections(told("Comment in", 99), told("Summary for patients in", 98), told("Preprint in", 97))
    assert one(commentCorrectionList=said).relations == ()


def test_what_was_there_before_is_given_only_when_something_happened_to_it() -> None:
    old = record(1, "An old study", "2019-01-05")
    retracted = record(
        2, "A retracted study", "2019-01-05", commentCorrectionList=corrections(told("Retraction in", 9))
    )
    marked = record(3, "A marked study", "2019-01-05", pubTypeList={"pubType": ["Retracted Publication"]})
    late = record(4, "An old study that came late", "2019-01-05", firstIndexDate="2026-11-20")
    undated = {**record(5, "A study without dates", ""), "firstIndexDate": "soon"}
    new = record(6, "A new study", DAY)
    found = parsed(old, retracted, marked, late, undated, new, since="2026-11-14")
    assert [each.key for each in found.entries] == ["MED/2", "MED/3", "MED/4", "MED/5", "MED/6"]
    assert found.past == {"MED/2", "MED/3"}


def test_no_results_are_an_answer_too() -> None:
    found = parsed()
    assert (found.entries, found.problems, found.may_be_empty) == ((), (), True)


@pytest.mark.parametrize(
    "empty", ['{"hitCount": 0, "resultList": {}}', '{"hitCount": 0, "resultList": {"result": []}}']
)
def test_no_results_may_be_written_in_two_ways(empty: str) -> None:
    assert parse_page(empty.encode(), address="https://example.org/search").entries == ()


def test_one_bad_record_costs_only_itself_and_is_told() -> None:
    found = parsed(record(1, "A study", DAY), {"source": "MED"}, "text", {**record(2, "", DAY), "title": ""})
    assert [each.key for each in found.entries] == ["MED/1"]
    assert [(each.code, each.message) for each in found.problems] == [
        ("P101", "3 records of Europe PMC could not be read (no source and id).")
    ]
    assert found.page is not None
    assert found.page.given == 4


@pytest.mark.parametrize("odd", [None, [], {}, "text", 7, True, [[]], {"author": 5}, [{"a": [None]}]])
@pytest.mark.parametrize(
    "name",
    ["authorList", "journalInfo", "meshHeadingList", "commentCorrectionList", "keywordList", "pubTypeList", "doi",
     "abstractText", "fullTextUrlList", "bookOrReportDetails", "license", "language", "firstPublicationDate"],
)  # fmt: skip
def test_a_member_of_another_shape_costs_only_itself(name: str, odd: Any) -> None:
    (entry,) = parsed({**record(1, "A study", DAY), name: odd}).entries
    assert (entry.key, entry.title) == ("MED/1", "A study")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Europe PMC answered with nothing at all."),
        (b"<html><title>Sign in</title></html>", "Europe PMC answered with a web page (“Sign in”), not with records."),
        (b"Service unavailable", "Europe PMC answered with something that is not JSON."),
        (answer([record(1, "A study", DAY)])[:-20], "Europe PMC answered with JSON that is broken or cut off."),
        (b"[" * 100_000, "Europe PMC answered with JSON that is broken or cut off."),
        (b"[]", "Europe PMC answered with JSON of another shape than its documentation says."),
        (b"{}", "Europe PMC answered with JSON of another shape than its documentation says."),
        (
            b'{"resultList": {"result": []}}',
            "Europe PMC answered with JSON of another shape than its documentation says.",
        ),
        (
            b'{"hitCount": 9, "results": []}',
            "Europe PMC answered with JSON of another shape than its documentation says.",
        ),
        (answer([{"uid": "1"}, {"uid": "2"}]), "Europe PMC answered with records that have no source and id."),
        (answer([{}] * 1001), "Europe PMC answered with JSON of another shape than its documentation says."),
    ],
)
def test_an_answer_that_is_none_is_a_failure_and_never_nothing_new(body: bytes, sentence: str) -> None:
    with pytest.raises(NotAsDocumented) as refused:
        parse_page(body, address="https://example.org/search")
    assert refused.value.sentence == sentence


def test_an_error_that_comes_as_an_answer_says_what_the_service_says() -> None:
    said = json.dumps({"version": "6.9", "errCode": 404, "errMsg": "The query <b>cannot</b> be parsed."})
    with pytest.raises(QuestionRefused) as refused:
        parse_page(said.encode(), address="https://example.org/search")
    assert refused.value.sentence == "Europe PMC does not take the search: The query cannot be parsed."


@pytest.mark.parametrize("code", [500, 503, 429])
def test_a_fault_of_the_service_is_not_the_librarians(code: int) -> None:
    said = json.dumps({"errCode": code, "errMsg": "Internal error"})
    with pytest.raises(ServiceTrouble):
        parse_page(said.encode(), address="https://example.org/search")


def test_a_retraction_or_correction_is_noticed_though_no_word_of_the_record_changes() -> None:
    before = one()
    assert one().fingerprint == before.fingerprint
    assert one(citedByCount=7, isOpenAccess="Y").fingerprint == before.fingerprint
    assert one(commentCorrectionList=corrections(told("Erratum in", 99))).fingerprint != before.fingerprint
    assert one(pubTypeList={"pubType": ["Retracted Publication"]}).fingerprint != before.fingerprint
