"""Items that a feed gives without an abstract are looked up in Europe PMC, where their source asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.europepmc import EuropePMC, record
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess
from tests.journeys.test_main_job import text_of

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
TITLE = "A randomised trial in community pharmacies"
ABSTRACT = "<h4>Methods</h4>We offered smoking cessation to 400 people. <h4>Conclusions</h4>Twice as many had quit."


@pytest.fixture
def service(library: Library, feeds: FeedServer) -> Iterator[EuropePMC]:
    """A Europe PMC, and a journal whose one item has a title and a DOI."""
    with EuropePMC() as running:
        library.env["ALERTS_ALLOW_PORTS"] += f",{running.port}"
        library.env["ALERTS_LOOK_UP_ADDRESS"] = running.address
        item = Item(TITLE, "a1", published=START - timedelta(days=1), doi="10.5555/epmc.1")
        feeds.bodies["/journal.xml"] = rss("Journal of Examples", [item])
        yield running


@pytest.fixture
def library(library: Library) -> Library:
    """The small library, with commands in this process, whose journal asks for look-ups."""
    made = InProcess(library.folder, library.env)
    sources = made.folder / "config" / "sources" / "journals.yaml"
    sources.write_text(sources.read_text() + "    enrich: true\n")
    return made


def collect(library: Library, days: float) -> dict[str, Any]:
    clock = f"{START + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    done = library.json("collect", "--all", env={"ALERTS_CLOCK": clock})
    assert isinstance(done, dict)
    return done


def issued(library: Library, mailbox: Mailbox, days: float) -> str:
    before = len(mailbox.messages)
    clock = {"ALERTS_CLOCK": f"{START + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}
    library.run("publish", "--now", env=clock)
    library.run("deliver", env=clock)
    return "\n".join(text_of(message) for address, message in mailbox.parsed()[before:] if address.startswith("ann"))


def test_an_item_that_its_abstract_alone_makes_match_reaches_readers(
    library: Library, service: EuropePMC, mailbox: Mailbox
) -> None:
    service.add(record(1, TITLE, "2026-11-19", abstractText=ABSTRACT))
    collect(library, 0)
    text = issued(library, mailbox, 0)
    assert TITLE in text
    assert "Twice as many had quit" in text
    assert "Journal of Examples" in text
    assert "look-up" not in text, "it is no source that readers know"
    assert len(service.asked) == 1


def test_it_is_looked_up_once_and_found_later_it_is_matched_later(
    library: Library, service: EuropePMC, mailbox: Mailbox
) -> None:
    collect(library, 0)
    assert issued(library, mailbox, 0) == ""
    service.add(record(1, TITLE, "2026-11-19", abstractText=ABSTRACT))
    collect(library, 1)
    assert len(service.asked) == 1, "not again on the next day"
    collect(library, 3)
    assert TITLE in issued(library, mailbox, 3)
    collect(library, 30)
    assert len(service.asked) == 2
    assert issued(library, mailbox, 30) == ""


def test_readers_who_had_the_item_are_not_told_of_its_abstract(
    library: Library, service: EuropePMC, feeds: FeedServer, mailbox: Mailbox
) -> None:
    title = "Vaping in community pharmacies"
    item = Item(title, "a1", published=START - timedelta(days=1), doi="10.5555/epmc.1")
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [item])
    collect(library, 0)
    assert title in issued(library, mailbox, 0)
    service.add(record(1, title, "2026-11-19", abstractText=ABSTRACT))
    collect(library, 3)
    assert len(service.asked) == 2
    assert issued(library, mailbox, 3) == ""
    shown = library.json("records", "show", "10.5555/epmc.1")
    assert "adds to what the record says" in str(shown)


def test_what_the_journal_itself_changes_afterwards_is_still_its_own_change(
    library: Library, service: EuropePMC, feeds: FeedServer, mailbox: Mailbox
) -> None:
    title = "Vaping in community pharmacies"
    item = Item(title, "https://journal.example.org/a1", published=START - timedelta(days=1), doi="10.5555/epmc.1")
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [item])
    service.add(record(1, title, "2026-11-19", abstractText=ABSTRACT))
    collect(library, 0)
    assert title in issued(library, mailbox, 0)
    later = replace(item, title="Vaping in community pharmacies and in schools of four towns")
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [later])
    collect(library, 3)
    assert later.title in issued(library, mailbox, 3)


def test_another_paper_under_a_mistaken_doi_adds_nothing(
    library: Library, service: EuropePMC, mailbox: Mailbox
) -> None:
    service.add(record(1, "Bicycle helmets and head injury in Dutch towns", "2026-11-19", abstractText=ABSTRACT))
    collect(library, 0)
    assert issued(library, mailbox, 0) == ""


def test_a_look_up_that_fails_costs_only_itself(library: Library, service: EuropePMC, mailbox: Mailbox) -> None:
    service.instead.append((503, b"down", {}))
    done = collect(library, 0)
    assert (done["failed"], done["new_records"]) == (0, 1)
    service.add(record(1, TITLE, "2026-11-19", abstractText=ABSTRACT))
    collect(library, 0.1)
    assert TITLE in issued(library, mailbox, 0.1)


def test_an_identifier_that_europe_pmc_refuses_costs_only_its_own_item(
    library: Library, service: EuropePMC, feeds: FeedServer, mailbox: Mailbox
) -> None:
    dois = ["10.5555/epmc.1", "10.5555/odd^x", "10.5555/epmc.3"]
    titles = [TITLE, "Something else altogether about bus lanes", "A third paper, about the price of bread"]
    pairs = zip(titles, dois, strict=True)
    feeds.bodies["/journal.xml"] = rss(
        "Journal of Examples",
        [Item(title, doi, published=START - timedelta(days=1), doi=doi) for title, doi in pairs],
    )
    service.refuses = "odd^x"
    service.add(record(1, TITLE, "2026-11-19", abstractText=ABSTRACT))
    collect(library, 0)
    assert TITLE in issued(library, mailbox, 0)
    asked = len(service.asked)
    collect(library, 0.1)
    assert len(service.asked) == asked, "the refused one is not asked for again at once"


def test_a_backslash_in_a_doi_does_not_open_the_question(
    library: Library, service: EuropePMC, feeds: FeedServer
) -> None:
    item = Item(TITLE, "a1", published=START - timedelta(days=1), doi="10.5555/epmc.1\\")
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [item])
    collect(library, 0)
    assert service.asked[0].question["query"] == 'DOI:"10.5555/epmc.1\\\\"'


def test_a_source_that_does_not_ask_for_it_has_nothing_looked_up(library: Library, service: EuropePMC) -> None:
    sources = library.folder / "config" / "sources" / "journals.yaml"
    sources.write_text(sources.read_text().replace("    enrich: true\n", ""))
    collect(library, 0)
    assert service.asked == []
