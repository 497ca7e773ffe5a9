"""The shipped sources: enough of them, none known to be dead, each with what readers and librarians need to know."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alerts.model.catalogue import Catalogue

PATTERN_HOSTS = re.compile(r"^[a-z]+\.biomedcentral\.com$|^journals\.plos\.org$")
"""Publishers whose journals share one pattern of address; single journals of theirs are mark C."""
FILTERED = {"dhsc-policy-papers", "nhs-england-guidance-govuk"}
"""GOV.UK searches with a filter of our own: the pattern was seen, the filter was not, hence mark C."""


@pytest.fixture(scope="session")
def marks() -> dict[str, str]:
    """Address → mark, from the list of addresses as found in public files; a skip where it is not at hand."""
    page = Path(__file__).resolve().parents[3] / "shared" / "SOURCES.md"
    if not page.is_file():
        pytest.skip("the list of addresses is not beside this checkout")
    found: dict[str, str] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        address = re.search(r"https?://[^\s|)]+", line)
        if address and len(cells) == 5 and re.match(r"[ABC]\b", cells[4]):
            found[address.group()] = cells[4][0]
    return found


def test_there_are_enough_of_them(catalogue: Catalogue) -> None:
    assert len(catalogue.sources) >= 62


def test_no_address_is_given_twice(catalogue: Catalogue) -> None:
    addresses = [source.asks.casefold().removesuffix("/") for source in catalogue.sources.values()]
    assert len(addresses) == len(set(addresses))


def test_what_nobody_has_tried_is_not_switched_on(catalogue: Catalogue) -> None:
    for source in catalogue.sources.values():
        assert source.kind == "feed" or not source.enabled, source.id


def test_each_has_a_publisher_and_an_audience(catalogue: Catalogue) -> None:
    for source in catalogue.sources.values():
        assert source.publisher, source.id
        assert source.tags & {"public-health", "commissioning"}, source.id
        assert "{" not in source.address, source.id
        assert "…" not in source.address, source.id


def test_each_address_and_its_mark_come_from_the_list(catalogue: Catalogue, marks: dict[str, str]) -> None:
    for source in (each for each in catalogue.sources.values() if each.kind == "feed"):
        if source.id in FILTERED or PATTERN_HOSTS.match(urlsplit(source.address).netloc):
            assert source.sure == "C", source.id
        else:
            assert marks.get(source.address) == source.sure, source.id


def test_bodies_without_a_feed_are_not_shipped_as_feeds(catalogue: Catalogue) -> None:
    dead = {"kingsfund.org.uk", "nuffieldtrust.org.uk", "health.org.uk", "nhsconfed.org", "local.gov.uk", "nice.org.uk",
            "publichealthscotland.scot", "cqc.org.uk", "ippr.org", "instituteforgovernment.org.uk"}  # fmt: skip
    for source in catalogue.sources.values():
        host = urlsplit(source.address).netloc.removeprefix("www.")
        assert source.kind == "page" or host not in dead, source.id


def test_watched_pages_are_shipped_untried_and_switched_off(catalogue: Catalogue) -> None:
    pages = [source for source in catalogue.sources.values() if source.kind == "page"]
    assert len(pages) >= 10
    for source in pages:
        assert (source.enabled, source.sure, source.file) == (False, "C", "sources/pages.yaml"), source.id
        assert source.note.startswith(("Untried.", "A pattern")), source.id
        assert source.items is not None, source.id


def test_what_publishers_own_is_not_shown_in_full(catalogue: Catalogue) -> None:
    for source in catalogue.sources.values():
        if "journals" in source.tags:
            assert source.abstracts.mail == "snippet", source.id


def test_gov_uk_tells_changes_by_date(catalogue: Catalogue) -> None:
    for source in catalogue.sources.values():
        if urlsplit(source.address).netloc == "www.gov.uk":
            assert source.updates == "date", source.id


def test_journals_have_no_place_and_governments_have_one(catalogue: Catalogue) -> None:
    for source in catalogue.sources.values():
        if "journals" in source.tags:
            assert source.place == "", source.id
        if source.tags & {"government", "devolved", "parliament"}:
            assert source.place in {"England", "UK", "Scotland", "Wales", "Northern Ireland"}, source.id


def test_nobody_is_asked_more_than_once_an_hour(catalogue: Catalogue) -> None:
    assert min(source.every_s for source in catalogue.sources.values()) >= 3600


def test_every_profile_hears_dozens_of_sources(catalogue: Catalogue) -> None:
    for profile in catalogue.profiles.values():
        assert len(catalogue.sources_of(profile)) >= 40, profile.id
