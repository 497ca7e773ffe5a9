"""A standing search of Europe PMC, from its first poll to the correction of what readers had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.europepmc import EuropePMC, corrections, record, told
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess
from tests.journeys.test_main_job import text_of

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def library(library: Library) -> Library:
    """The small library, with commands in this process: there are many of them here."""
    return InProcess(library.folder, library.env)


@pytest.fixture
def service(library: Library) -> Iterator[EuropePMC]:
    """A Europe PMC that the library's only source searches."""
    with EuropePMC() as running:
        library.env["ALERTS_ALLOW_PORTS"] += f",{running.port}"
        library.write(
            "config/sources/searches.yaml",
            "sources:\n"
            "  - id: smoking-search\n"
            "    title: Europe PMC on smoking\n"
            "    kind: europepmc\n"
            f"    address: {running.address}\n"
            "    type: study\n"
            "    query: >-\n"
            '      (smoking OR vaping OR MESH:"Smoking Cessation")\n',
        )
        yield running


def clock(days: float = 0) -> dict[str, str]:
    return {"ALERTS_CLOCK": f"{START + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}


def day(days: float) -> str:
    return f"{START + timedelta(days=days):%Y-%m-%d}"


def collected(library: Library, days: float, expect: int = 0) -> dict[str, Any]:
    """Poll the search, `days` after the start, and return what came of it."""
    done = library.json("collect", "smoking-search", env=clock(days), expect=expect)
    assert isinstance(done, dict)
    return done


def issued(library: Library, mailbox: Mailbox, days: float) -> str:
    """Publish and send, `days` after the start, and return the text of what Ann got, if anything."""
    before = len(mailbox.messages)
    library.run("publish", "--now", env=clock(days))
    library.run("deliver", env=clock(days))
    texts = [text_of(message) for address, message in mailbox.parsed()[before:] if address.startswith("ann")]
    assert len(texts) <= 1
    return texts[0] if texts else ""


@pytest.mark.thorough
def test_four_weeks_in_windows_that_overlap_give_nothing_twice(
    library: Library, service: EuropePMC, mailbox: Mailbox
) -> None:
    service.add(record(900, "Vaping before the search was followed", day(-40)))
    seen: list[str] = []
    for week in range(4):
        days = 7 * week
        service.add(
            record(10 + week, f"Smoking cessation in week {week}", day(days - 1)),
            record(20 + week, f"Vaping on the day of week {week}", day(days)),
            record(900, "Vaping before the search was followed", day(-40), updated=day(days)),
        )
        if week:  # what was given is indexed anew
            service.add(record(10, "Smoking cessation in week 0", day(-1), updated=day(days)))
        done = collected(library, days)
        assert (done["new_records"], done["matches"], done["backlog"]) == (2, 2, 0)
        seen.append(issued(library, mailbox, days))
    whole = "\n".join(seen)
    for week in range(4):
        assert whole.count(f"Smoking cessation in week {week}") == 1
        assert whole.count(f"Vaping on the day of week {week}") == 1
    assert "before the search was followed" not in whole


def test_a_paper_that_a_journal_gave_too_is_one_record(
    library: Library, service: EuropePMC, feeds: FeedServer, mailbox: Mailbox
) -> None:
    title = "Vaping among young adults: a cohort study"
    feeds.bodies["/journal.xml"] = rss(
        "Journal of Examples", [Item(title, "a1", published=START - timedelta(days=1), doi="10.5555/EPMC.1")]
    )
    service.add(record(1, title, day(-1), abstractText="<h4>Methods</h4>We asked 40 people."))
    done = library.json("collect", env=clock())
    assert (done["entries"], done["new_records"]) == (2, 1)
    text = issued(library, mailbox, 0)
    assert text.count(title) == 1
    collected(library, 1)
    assert issued(library, mailbox, 1) == ""


def test_a_retraction_reaches_those_who_had_the_paper(library: Library, service: EuropePMC, mailbox: Mailbox) -> None:
    title = "Vaping helps in every case: a trial"
    service.add(record(1, title, day(-1)), record(2, "Smoking in films", day(-1)))
    collected(library, 0)
    assert title in issued(library, mailbox, 0)
    collected(library, 50)
    assert issued(library, mailbox, 50) == ""
    service.add(
        record(
            1, title, day(-1), updated=day(100),
            pubTypeList={"pubType": ["Journal Article", "Retracted Publication"]},
            commentCorrectionList=corrections(told("Retraction in", 99, "J Ex. 2027;1:1. doi: 10.5555/notice.")),
        )
    )  # fmt: skip
    collected(library, 100)
    text = issued(library, mailbox, 100)
    assert title in text
    assert "etracted" in text
    assert "Smoking in films" not in text
    collected(library, 101)
    assert issued(library, mailbox, 101) == ""


def test_a_correction_that_is_a_record_of_its_own_reaches_them_too(
    library: Library, service: EuropePMC, mailbox: Mailbox
) -> None:
    title = "Vaping and asthma in children: a cohort study"
    service.add(record(1, title, day(-1)))
    collected(library, 0)
    issued(library, mailbox, 0)
    service.add(
        record(
            9, "Erratum", day(20), pubTypeList={"pubType": ["Published Erratum"]}, doi="10.5555/erratum",
            commentCorrectionList=corrections(told("Erratum for", 1, "J Ex. 2026;12(3):1. doi: 10.5555/epmc.1.")),
        ),
        record(1, title, day(-1), updated=day(20), commentCorrectionList=corrections(told("Erratum in", 9))),
    )  # fmt: skip
    collected(library, 20)
    text = issued(library, mailbox, 20)
    assert text.count(title) == 1
    assert "orrect" in text
    collected(library, 21)
    assert issued(library, mailbox, 21) == ""


def test_failures_are_told_and_nothing_is_lost_by_them(library: Library, service: EuropePMC, mailbox: Mailbox) -> None:
    service.add(record(1, "Vaping on a bad day", day(-1)))
    for hours, (code, answer) in enumerate(
        (
            ("F429", (429, b"slow down", {"Retry-After": "60"})),
            ("F601", (200, b'{"version": "6.9", "errCode": 400, "errMsg": "Invalid query"}', {})),
            ("F600", (200, b'{"version": "7.0", "count": 1, "items": []}', {})),
            ("F600", (200, b"<!doctype html><title>Sign in</title><body></body>", {"Content-Type": "text/html"})),
        )
    ):
        service.instead.append(answer)
        (source,) = collected(library, hours / 24, expect=1)["sources"]
        assert (source["outcome"], source["code"]) == ("failed", code)
        assert source["remedy"]
    assert collected(library, 1)["new_records"] == 1
    service.instead.append((503, b"down", {}))
    collected(library, 2, expect=1)
    service.add(record(2, "Vaping while the search was down", day(3)))
    assert collected(library, 40)["new_records"] == 1
    text = issued(library, mailbox, 40)
    assert "Vaping on a bad day" in text
    assert "Vaping while the search was down" in text


def test_a_quiet_search_is_no_source_that_lists_nothing_any_more(library: Library, service: EuropePMC) -> None:
    service.add(record(1, "Vaping in one week", day(-1)))
    assert collected(library, 0)["sources"][0]["outcome"] == "changed"
    done = collected(library, 40)
    assert done["sources"][0]["outcome"] in ("changed", "unchanged")


def test_a_record_that_comes_weeks_after_a_quiet_first_poll_is_news(
    library: Library, service: EuropePMC, mailbox: Mailbox
) -> None:
    collected(library, 0)
    service.add(record(1, "Vaping, published before it was indexed", day(10), firstIndexDate=day(28), updated=day(28)))
    done = collected(library, 28)
    assert (done["new_records"], done["backlog"]) == (1, 0)
    assert "published before it was indexed" in issued(library, mailbox, 28)
