"""What a librarian may ask of GOV.UK, and what the service asks then."""

from __future__ import annotations

import pytest

from alerts.model.sources import Source
from tests.config.folders import Folder

DHSC = "department-of-health-and-social-care"
TOPIC = "8124ead8-8ebc-4faf-88ad-dd5cbcc92ba8"
BELOW = "87efc4bd-9a29-453d-b5f5-6870dafd2101"


def written(folder: Folder, keys: str) -> None:
    folder.write(
        {"sources/govuk.yaml": f"sources:\n  - id: govuk\n    title: T\n    kind: govuk\n    type: policy\n{keys}"}
    )


def source_of(folder: Folder, keys: str) -> Source:
    written(folder, keys)
    loaded = folder.load()
    assert folder.said() == []
    return loaded.catalogue.sources["govuk"]


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        ("https://www.gov.uk/search/all?keywords=social+care&organisations[]=cqc&order=relevance&page=3&parent=",
         "https://www.gov.uk/search/all.atom?keywords=social+care&organisations%5B%5D=cqc&order=updated-newest"),
        (f"https://www.gov.uk/search/all?level_one_taxon={TOPIC}&level_two_taxon={BELOW}&utm_source=mail&_ga=1",
         f"https://www.gov.uk/search/all.atom?level_one_taxon={TOPIC}&level_two_taxon={BELOW}&order=updated-newest"),
        ("https://www.gov.uk/search/policy-papers-and-consultations?content_store_document_type%5B%5D=open_consultations",
         "https://www.gov.uk/search/policy-papers-and-consultations.atom"
         "?content_store_document_type%5B%5D=open_consultations&order=updated-newest"),
        ("https://www.gov.uk/search/all.atom?keywords=vaping",
         "https://www.gov.uk/search/all.atom?keywords=vaping&order=updated-newest"),
        ("https://www.gov.uk/search/all.json?keywords=vaping#results",
         "https://www.gov.uk/search/all.atom?keywords=vaping&order=updated-newest"),
        (f"https://www.gov.uk/government/organisations/{DHSC}", f"https://www.gov.uk/government/organisations/{DHSC}.atom"),
        (f"https://gov.uk/government/organisations/{DHSC}/", f"https://www.gov.uk/government/organisations/{DHSC}.atom"),
        ("https://www.gov.uk/government/people/chris-whitty.atom", "https://www.gov.uk/government/people/chris-whitty.atom"),
        ("https://www.gov.uk/drug-safety-update", "https://www.gov.uk/drug-safety-update.atom"),
    ],
)  # fmt: skip
def test_the_address_of_a_page_becomes_that_of_its_feed_newest_first(folder: Folder, address: str, feed: str) -> None:
    made = source_of(folder, f'    address: "{address}"\n')
    assert (made.feeds, made.address) == ((feed,), feed)


@pytest.mark.parametrize(
    ("search", "feeds"),
    [
        (f"organisations: [{DHSC}]", [f"all.atom?organisations%5B%5D={DHSC}&order=updated-newest"]),
        ("keywords: vaping & schools", ["all.atom?keywords=vaping+%26+schools&order=updated-newest"]),
        (f"topics: [{TOPIC.upper()}]", [f"all.atom?level_one_taxon={TOPIC}&order=updated-newest"]),
        ("people: [https://www.gov.uk/government/people/chris-whitty]",
         ["all.atom?people%5B%5D=chris-whitty&order=updated-newest"]),
        ("{keywords: vaping, document_types: [policy papers, open consultations, guidance]}",
         ["policy-papers-and-consultations.atom?keywords=vaping&content_store_document_type%5B%5D=policy_papers"
          "&content_store_document_type%5B%5D=open_consultations&order=updated-newest",
          "guidance-and-regulation.atom?keywords=vaping&order=updated-newest"]),
        ("{keywords: vaping, document_types: [statistics, research]}",
         ["research-and-statistics.atom?keywords=vaping&content_store_document_type=statistics_published"
          "&order=updated-newest",
          "research-and-statistics.atom?keywords=vaping&content_store_document_type=research&order=updated-newest"]),
    ],
)  # fmt: skip
def test_a_search_in_words_becomes_the_feeds_that_answer_it(folder: Folder, search: str, feeds: list[str]) -> None:
    keys = search if search.startswith("{") else f"{{{search}}}"
    assert source_of(folder, f"    search: {keys}\n").feeds == tuple(
        f"https://www.gov.uk/search/{each}" for each in feeds
    )


def test_an_update_is_what_the_publisher_notes_unless_the_librarian_says_otherwise(folder: Folder) -> None:
    assert source_of(folder, "    search: {keywords: vaping}\n").updates == "date"
    assert source_of(folder, "    search: {keywords: vaping}\n    updates: never\n").updates == "never"


def test_another_search_is_another_question(folder: Folder) -> None:
    asked = {source_of(folder, f"    search: {{keywords: {each}}}\n").asks for each in ("vaping", "alcohol")}
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "A source of the kind govuk needs search or address."),
        ("    address: https://www.gov.uk/government/publications/plan\n", "that lists what is new"),
        ("    address: https://www.gov.uk/\n", "is no page of GOV.UK that lists what is new"),
        ("    search: {document_types: [guidance]}\n", "This search would find all of GOV.UK."),
        ("    search: {keywords: vaping, document_types: [leaflets]}\n", "leaflets"),
        ("    search: {organisations: [Department of Health]}\n", "is no name in an address of GOV.UK"),
        ("    search: {topics: [health]}\n", "is no topic that GOV.UK's search knows"),
        (f"    search: {{topics: [{TOPIC}, {BELOW}, {TOPIC}]}}\n", "takes one topic, and one below it"),
        ("    search: {keyword: vaping}\n", "“keyword” is not a key here."),
        ("    search: {keywords: vaping}\n    address: https://www.gov.uk/search/all?keywords=x\n",
         "address: and search: both say what to look for."),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_with_its_line(folder: Folder, keys: str, said: str) -> None:
    written(folder, keys)
    folder.load()
    (problem,) = [each for each in folder.said() if each.startswith("sources/govuk.yaml:") and "C071" not in each]
    assert said in problem


def test_a_search_is_for_gov_uk_only(folder: Folder) -> None:
    folder.write(
        {
            "sources/govuk.yaml": "sources:\n  - {id: x, title: T, address: https://x.org/feed, type: news,"
            " search: {keywords: vaping}}\n"
        }
    )
    folder.load()
    (problem,) = [each for each in folder.said() if each.startswith("sources/govuk.yaml:") and "C071" not in each]
    assert "The key search is one of sources of the kind govuk" in problem
