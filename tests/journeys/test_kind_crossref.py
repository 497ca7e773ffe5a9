"""A journal followed at Crossref, and what became of its articles, as a library lives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.journeys.conftest import Library, Mailbox
from tests.journeys.crossref_server import CrossrefServer, days_before
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess
from tests.journeys.test_main_job import text_of
from tests.parse.crossref_samples import refused, update, work

NOW = datetime.now(UTC)
ISSN = "2044-6055"


@pytest.fixture
def crossref() -> Iterator[CrossrefServer]:
    with CrossrefServer(page=2) as server:
        yield server


@pytest.fixture
def here(library: Library, crossref: CrossrefServer) -> InProcess:
    """The library with a journal at Crossref beside its feed."""
    ports = f"{library.env['ALERTS_ALLOW_PORTS']},{crossref.port}"
    env = {**library.env, "ALERTS_ALLOW_PORTS": ports, "ALERTS_CORRECTIONS_ADDRESS": crossref.address}
    made = InProcess(library.folder, {**env, "ALERTS_CONTACT": "library@example.nhs.uk"})
    made.write(
        "config/sources/crossref.yaml",
        "sources:\n  - id: quarterly\n    title: Sample Quarterly\n    kind: crossref\n    type: study\n"
        f"    address: {crossref.address}\n    issn: {ISSN}\n    tags: [journals]\n",
    )
    return made


def article(doi: str, title: str, *, made: int = 1, touched: int = 0, **more: Any) -> Any:
    """Return a work whose DOI was made and that was touched so many days ago."""
    created, indexed = ({"date-parts": [list(days_before(NOW, days))]} for days in (made, touched))
    return work(doi, title, created=created, indexed=indexed, issued=created, published=created, **more)


def poll(here: InProcess) -> dict[str, Any]:
    found: dict[str, Any] = here.json("collect", "--all")
    return found


def issue(here: InProcess, mailbox: Mailbox) -> str:
    """Publish and send; return the text of the last mail."""
    here.run("publish", "--now")
    here.run("deliver")
    return text_of(mailbox.parsed()[-1][1])


def test_a_journal_comes_page_after_page_and_is_one_with_its_feed(
    here: InProcess, crossref: CrossrefServer, feeds: FeedServer, mailbox: Mailbox
) -> None:
    crossref.works = [article(f"10.5555/q{n}", f"Vaping in town number {n}") for n in range(5)]
    crossref.works.append(article("10.5555/issue", "Volume 12", type="journal-issue"))
    feeds.bodies["/journal.xml"] = rss(
        "Journal of Examples", [Item("Vaping in town number 3", "f3", doi="10.5555/q3", published=NOW)]
    )
    first = poll(here)
    assert (first["entries"], first["new_records"]) == (6, 5)
    assert len(crossref.asked) == 3
    mail = issue(here, mailbox)
    assert mail.count("Vaping in town number 3") == 1
    assert all(f"Vaping in town number {n}" in mail for n in range(5))
    crossref.works.append(article("10.5555/q9", "Vaping in a new town", made=0))
    second = poll(here)
    assert (second["new_records"], second["matches"]) == (1, 1), "what overlaps is known"
    mail = issue(here, mailbox)
    assert "Vaping in a new town" in mail
    assert "Vaping in town number" not in mail


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ((400, refused("There is no such filter."), {}), "F601"),
        ((200, b"<html><title>Maintenance</title></html>", {}), "F600"),
        *(
            pytest.param(*each, marks=pytest.mark.thorough)
            for each in (
                ((200, b'{"status": "ok", "message": {"results": []}}', {}), "F600"),
                ((503, b"", {}), "F500"),
                ((429, b"", {"Retry-After": "60"}), "F429"),
            )
        ),
    ],
)
def test_a_bad_day_loses_nothing(
    here: InProcess, crossref: CrossrefServer, feeds: FeedServer, fault: Any, code: str
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [])
    crossref.works = [article(f"10.5555/q{n}", f"Vaping in town number {n}") for n in range(5)]
    crossref.fault, crossref.faults_after = fault, 1
    bad = here.json("collect", "--all", expect=None)
    (failed,) = (each for each in bad["sources"] if each["id"] == "quarterly")
    assert (failed["outcome"], failed["code"]) == ("failed", code)
    assert "library@example.nhs.uk" not in str(bad)
    crossref.fault = None
    if code != "F429":  # the host asked everybody for a rest
        assert poll(here)["new_records"] == 5


def test_an_issn_that_nobody_has_is_told_with_what_to_do(here: InProcess, crossref: CrossrefServer) -> None:
    crossref.unknown = {ISSN}
    shown = here.run("source", "read", "quarterly", expect=1).stdout
    assert f"F620 Crossref knows no journal with the ISSN {ISSN}." in shown
    assert "portal.issn.org" in shown


def test_a_retraction_in_the_journal_reaches_those_who_had_the_article(
    here: InProcess, crossref: CrossrefServer, mailbox: Mailbox
) -> None:
    crossref.works = [article("10.5555/q1", "Vaping in schools of the north", made=3)]
    poll(here)
    assert "Vaping in schools of the north" in issue(here, mailbox)
    crossref.works.append(
        article("10.5555/n1", "Notice of the editors", update_to=[update("10.5555/q1", "retraction")])
    )
    poll(here)
    mail = issue(here, mailbox)
    assert "Vaping in schools of the north" in mail
    assert "Retracted" in mail
    assert "10.5555/n1" in mail, "the notice is linked"


def test_a_correction_that_no_source_names_is_looked_up_and_told_once(
    here: InProcess, crossref: CrossrefServer, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss(
        "Journal of Examples", [Item("Vaping in the south", "f1", doi="10.5555/south", published=NOW)]
    )
    poll(here)
    assert "Vaping in the south" in issue(here, mailbox)
    told = [update("10.5555/watch", "retraction", "retraction-watch", **{"record-id": "4036"})]
    crossref.works = [
        article("10.5555/south", "Vaping in the south", ISSN=["0028-4793"], updated_by=told),
        article("10.5555/watch", "Retraction", ISSN=["0028-4793"], update_to=[update("10.5555/south", "retraction")]),
    ]
    done = here.json("corrections", "look-up")
    assert (done["dois"], done["new_notices"], done["done"]) == (1, 1, True)
    mail = issue(here, mailbox)
    assert "Vaping in the south" in mail
    assert "10.5555/watch" in mail
    sent = len(mailbox.messages)
    assert here.json("corrections", "look-up")["new_notices"] == 0
    here.run("publish", "--now")
    here.run("deliver")
    assert len(mailbox.messages) == sent
    assert "1 DOI: 0 new notices" in here.run("corrections", "look-up").stdout
    assert "crossref-corrections" in here.run("sources").stdout


def test_the_look_up_that_is_switched_off_says_so(here: InProcess) -> None:
    off = {"ALERTS_CORRECTIONS_ADDRESS": "none"}
    assert "switched off" in here.run("corrections", "look-up", env=off).stdout
