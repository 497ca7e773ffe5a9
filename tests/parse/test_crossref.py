"""Works of Crossref become entries, whatever their publishers deposited."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.parse import Parsed, fingerprint, parse
from alerts.parse.problems import NotAsDocumented, QuestionRefused
from tests.parse.crossref_samples import day, listed, moment, refused, update, work


def read(body: bytes, content_type: str = "application/json") -> Parsed:
    return parse(body, kind="crossref", address="https://api.crossref.org/journals/x/works", content_type=content_type)


def entry(**more: Any) -> Entry:
    (only,) = read(listed(work(**more))).entries
    return only


def relations(**more: Any) -> list[tuple[str, str]]:
    return [(each.kind, each.other.value) for each in entry(**more).relations]


def test_an_article_comes_with_everything_that_a_citation_needs() -> None:
    found = entry(
        doi="10.5555/JSPH.2026.1",
        subtitle=["five years on"],
        volume="12",
        issue="4",
        page="101-110",
        author=[
            {"given": "Jane", "family": "Roe", "sequence": "first", "affiliation": [{"name": "University of Anytown"}]},
            {"given": "P. A.", "family": "van Doe", "suffix": "Jr", "affiliation": [{"name": "University of Anytown"}]},
            {"name": "the Sample Study Group", "sequence": "additional"},
        ],
        resource={"primary": {"URL": "http://www.journal.example.org/doi/full/1"}},
    )
    assert (found.title, found.key) == ("Vaping in schools: a cohort study: five years on", "10.5555/jsph.2026.1")
    assert found.link == "https://doi.org/10.5555/jsph.2026.1"
    assert found.authors == ("Jane Roe", "P. A. van Doe Jr", "the Sample Study Group")
    assert found.affiliations == ("University of Anytown",)
    assert (found.journal, found.publisher) == ("Journal of Sample Public Health", "Example Press")
    assert (found.volume, found.issue, found.pages) == ("12", "4", "101-110")
    assert found.issn == ("2044-6055", "0028-4793")
    assert Identifier("link", "https://journal.example.org/doi/full/1") in found.identifiers
    assert (found.published, found.date_kind) == (datetime(2026, 11, 18, tzinfo=UTC), "published")
    assert found.fingerprint == fingerprint(found)


def test_an_article_number_stands_where_there_are_no_pages() -> None:
    assert entry(article_number="e104233").pages == "e104233"


def test_marks_of_jats_and_mathml_in_titles_and_abstracts_become_plain_text() -> None:
    found = entry(
        title="PM<sub>2.5</sub> &amp; <i>asthma</i> with <mml:math><mml:mi>p</mml:mi></mml:math> values",
        abstract=(
            "<jats:title>Abstract</jats:title><jats:sec><jats:title>Background</jats:title>"
            "<jats:p>Fewer than &lt;10 a day, CO<jats:sub>2</jats:sub>.</jats:p></jats:sec>"
            "<jats:sec><jats:title>Methods</jats:title><jats:p>We asked.</jats:p></jats:sec>"
        ),
    )
    assert found.title == "PM2.5 & asthma with p values"
    assert found.summary == "Background: Fewer than <10 a day, CO2.\nMethods: We asked."
    assert found.summary_html.startswith("<p><strong>Background</strong></p>")
    assert "CO<sub>2</sub>" in found.summary_html


def test_the_heading_of_an_abstract_is_no_part_of_it() -> None:
    assert entry(abstract="<jats:title>Abstract</jats:title><jats:p>Text.</jats:p>").summary == "Text."
    assert entry(abstract="<jats:p>Summary measures of health.</jats:p>").summary == "Summary measures of health."


def test_a_subtitle_that_the_title_has_already_is_not_said_twice() -> None:
    assert entry(title="Vaping: a review", subtitle=["A review"]).title == "Vaping: a review"
    assert entry(title="Does it work?", subtitle=["A trial"]).title == "Does it work? A trial"


@pytest.mark.parametrize(
    ("dates", "expected", "kind"),
    [
        ({"published-online": day(2026, 11, 3), "published-print": day(2027, 1)}, (2026, 11, 3), "published"),
        ({"issued": day(2026, 11), "published": day(2026, 11)}, (2026, 11, 19), "published"),
        ({"issued": day(2026), "published": day(2026)}, (2026, 11, 19), "published"),
        ({"published-online": day(2026, 11), "published-print": day(2026, 12, 15)}, (2026, 11, 19), "published"),
        ({"issued": day(2026, 12), "published": day(2026, 12)}, (2026, 12, 1), "issue"),
        ({"issued": day(1998), "published": day(1998)}, (1998, 1, 1), "issue"),
        ({"issued": {"date-parts": [[None]]}, "published": None}, (2026, 11, 19), "published"),
        ({"issued": {"date-parts": [[2026, 13, 45]]}, "published": None}, (2026, 11, 19), "published"),
        ({"issued": {"date-parts": [["2026", "11", "3"]]}, "published": None}, (2026, 11, 3), "published"),
    ],
)
def test_the_day_of_publication_is_the_best_that_is_given(
    dates: dict[str, Any], expected: tuple[int, int, int], kind: str
) -> None:
    found = entry(**dates)
    assert (found.published, found.date_kind) == (datetime(*expected, tzinfo=UTC), kind)


def test_without_any_day_a_work_is_undated() -> None:
    found = entry(issued=None, published=None, created=None)
    assert (found.published, found.date_kind) == (None, "")


@pytest.mark.parametrize(
    ("licences", "licence"),
    [
        ([("https://creativecommons.org/licenses/by/4.0/", "vor", (2026, 11, 1))], "by/4.0"),
        ([("http://creativecommons.org/licenses/by-nc/4.0/", "unspecified", (2026, 11, 1))], "by-nc/4.0"),
        ([("https://creativecommons.org/licenses/by/4.0/", "vor", (2027, 11, 1))], ""),
        ([("https://creativecommons.org/licenses/by/4.0/", "am", (2026, 11, 1))], ""),
        ([("https://creativecommons.org/licenses/by/4.0/", "tdm", (2026, 11, 1))], ""),
        ([("https://www.example.org/terms", "vor", (2026, 11, 1))], ""),
        (
            [
                ("https://www.example.org/tdm", "tdm", (2026, 11, 1)),
                ("https://creativecommons.org/licenses/by/4.0/", "vor", (2026, 11, 1)),
            ],
            "by/4.0",
        ),
    ],
)
def test_a_work_is_open_by_the_licence_of_the_publication_itself_once_that_has_begun(
    licences: list[tuple[str, str, tuple[int, ...]]], licence: str
) -> None:
    given = [{"URL": url, "content-version": version, "start": day(*start)} for url, version, start in licences]
    found = entry(license=given)
    assert found.licence == (f"https://creativecommons.org/licenses/{licence}" if licence else "")
    assert found.open_access is (True if licence else None)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("retraction", "retraction of"),
        ("partial_retraction", "retraction of"),
        ("withdrawal", "withdrawal of"),
        ("removal", "withdrawal of"),
        ("expression_of_concern", "concern about"),
        ("Expression of concern", "concern about"),
        ("correction", "correction of"),
        ("corrigendum", "correction of"),
        ("erratum", "correction of"),
        ("addendum", "correction of"),
        ("clarification", "correction of"),
        ("new_version", "update of"),
        ("new_edition", "update of"),
    ],
)
def test_a_notice_says_what_it_does_to_which_work(type_: str, kind: str) -> None:
    assert relations(update_to=[update("10.5555/OLD", type_)]) == [(kind, "10.5555/old")]


def test_the_work_that_a_notice_is_about_says_so_from_its_side() -> None:
    told = [update("10.5555/n", "retraction", "retraction-watch", **{"record-id": "4036"})]
    assert relations(updated_by=told) == [("retracted by", "10.5555/n")]


def test_what_publisher_and_retraction_watch_both_say_is_said_once_and_the_gravest_counts() -> None:
    told = [update("10.5555/old", "correction"), update("10.5555/old", "retraction", "retraction-watch")]
    assert relations(update_to=told) == [("retraction of", "10.5555/old")]


def test_a_work_that_is_retracted_where_it_stands_is_no_notice_about_another() -> None:
    own = "10.5555/jsph.2026.1"
    assert relations(update_to=[update(own, "retraction")]) == [("retracted by", own)]


def test_a_notice_carries_its_type_even_when_its_title_says_nothing() -> None:
    found = entry(title="Department of Health error", update_to=[update("10.5555/old", "erratum")])
    assert found.publication_types == ("Correction",)


def test_an_update_of_no_known_type_is_kept_as_a_version_and_told() -> None:
    parsed = read(listed(work(update_to=[update("10.5555/old", "rebranding")])))
    assert [each.kind for each in parsed.entries[0].relations] == ["update of"]
    assert [each.code for each in parsed.problems] == ["P121"]
    assert "rebranding" in parsed.problems[0].message


def test_preprints_are_linked_by_doi_and_reviews_are_not() -> None:
    related = {
        "has-preprint": [{"id-type": "doi", "id": "10.5555/PRE", "asserted-by": "object"}],
        "has-review": [{"id-type": "doi", "id": "10.5555/review", "asserted-by": "object"}],
        "is-preprint-of": [{"id-type": "uri", "id": "https://example.org/", "asserted-by": "subject"}],
    }
    assert relations(relation=related) == [("published version of", "10.5555/pre")]


@pytest.mark.parametrize("type_", ["journal-issue", "journal", "component", "peer-review", "grant"])
def test_what_is_no_publication_is_no_item(type_: str) -> None:
    parsed = read(listed(work(), work("10.5555/other", type=type_)))
    assert [each.identifier("doi") for each in parsed.entries] == ["10.5555/jsph.2026.1"]
    assert parsed.problems == ()


def test_a_type_that_nobody_has_heard_of_is_still_an_item() -> None:
    assert entry(type="new-kind-of-article").publication_types == ()


def test_a_preprint_says_so() -> None:
    assert entry(type="posted-content").publication_types == ("Preprint",)


def test_a_page_says_how_many_works_there_are_and_how_to_go_on() -> None:
    page = read(listed(work(), total=321, cursor="DnF1ZXJ5==")).page
    assert page is not None
    assert (page.next, page.counted, page.given) == ("DnF1ZXJ5==", 321, 1)


def test_a_list_without_works_is_nothing_new() -> None:
    parsed = read(listed())
    assert (parsed.entries, parsed.may_be_empty, parsed.problems) == ((), True, ())


def test_one_work_alone_is_read_too() -> None:
    answer = {"status": "ok", "message-type": "work", "message": work()}
    assert [each.key for each in read(json.dumps(answer).encode()).entries] == ["10.5555/jsph.2026.1"]


def test_one_bad_work_costs_only_itself() -> None:
    parsed = read(listed(work(), {"title": ["No DOI"]}, None, [], 7, work("10.5555/two")))
    assert [each.key for each in parsed.entries] == ["10.5555/jsph.2026.1", "10.5555/two"]
    assert [(each.code, each.message[:7]) for each in parsed.problems] == [("P101", "4 recor")]


@pytest.mark.parametrize(
    "more",
    [
        {"title": None}, {"title": []}, {"title": [None, 7]}, {"title": {"a": 1}}, {"author": "Jane Roe"},
        {"author": [None, 3, {"given": ["x"]}, {"affiliation": "Anytown"}]}, {"abstract": ["x"]}, {"ISSN": "2044-6055"},
        {"license": {"URL": 3}}, {"relation": []}, {"relation": {"has-preprint": {"id": "10.5555/x"}}},
        {"update-to": "10.5555/old"}, {"update-to": [{"DOI": None}, None, {"DOI": "10.5555/old"}]},
        {"resource": "x"}, {"resource": {"primary": []}}, {"issued": []}, {"issued": {"date-parts": "x"}},
        {"issued": {"date-parts": [[10**30, 1, 1]]}}, {"published": {"date-parts": [[0, 0, 0]]}},
        {"created": {"date-parts": [[[]]]}}, {"volume": {"x": 1}}, {"page": True}, {"type": None}, {"type": ["x"]},
    ],
)  # fmt: skip
def test_a_member_of_another_form_costs_only_itself(more: dict[str, Any]) -> None:
    (found,) = read(listed({**work(), **more})).entries
    assert found.identifier("doi") == "10.5555/jsph.2026.1"
    assert found.title


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Resource not found.",
        b"<html><head><title>Sign in</title></head></html>",
        listed(work())[:-40],
        b"[" * 100_000,
        b"[]",
        b"null",
        b"7",
        b'{"status": "ok"}',
        b'{"status": "ok", "message": {"total-results": 3}}',
        b'{"status": "ok", "message": {"items": {"a": 1}, "total-results": 1}}',
        b'{"status": "ok", "message": {"title": "PeerJ"}}',
        listed({"id": 1}, {"id": 2}),
    ],
)
def test_an_answer_of_another_form_is_a_failure_and_never_nothing_new(body: bytes) -> None:
    with pytest.raises(NotAsDocumented):
        read(body)


def test_a_refusal_is_told_in_crossrefs_own_words_and_without_our_address() -> None:
    with pytest.raises(QuestionRefused) as told:
        read(refused("Filter from-x specified by library@example.nhs.uk but there is no such filter."))
    assert told.value.sentence == (
        "Crossref refuses the question: Filter from-x specified by … but there is no such filter."
    )


def test_no_more_works_are_taken_than_the_limit() -> None:
    body = listed(*(work(f"10.5555/{number}") for number in range(5)))
    parsed = parse(body, kind="crossref", address="", limit=3)
    assert (len(parsed.entries), [each.code for each in parsed.problems]) == (3, ["P007"])


def test_very_many_authors_and_updates_are_bounded() -> None:
    found = entry(
        author=[{"family": f"R{number}oe", "given": "J"} for number in range(5_000)],
        updated_by=[update(f"10.5555/n{number}", "correction") for number in range(5_000)],
        indexed=moment(2026, 11, 26),
    )
    assert (len(found.authors), len(found.relations)) == (200, 200)
