"""A page without a feed: from its address to the reader's mail, through changes of its list and of its layout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

TODAY = datetime.now(UTC).date()
TEXT = "We asked those who run the services what vaping means for them, and set out what boards could do about it."


@pytest.fixture
def library(library: Library) -> InProcess:
    """The small library, whose commands run in this process."""
    return InProcess(library.folder, library.env)


def listing(*numbers: int, corrected: int = -1) -> bytes:
    """The publisher's page: the newest report first, each a day older than the one before."""
    items = "".join(
        f'<article class="card card-{n}"><h2><a href="/reports/{n}?utm_campaign=list">Vaping, report {n}'
        f"{' (corrected)' if n == corrected else ''}</a></h2>"
        f'<p class="card__date">Published {TODAY - timedelta(days=20 - n):%d %B %Y}</p>'
        f'<p class="card__text">{TEXT}</p></article>'
        for n in sorted(numbers, reverse=True)
    )
    return (
        "<!doctype html><html lang=en-GB><head><title>Reports | Example Trust</title></head><body><nav><ul>"
        "<li><a href=/about>About the trust and its people</a></li><li><a href=/jobs>Jobs and fellowships</a></li>"
        f"</ul></nav><main>{items}</main><footer><a href=/privacy>Privacy notice</a></footer></body></html>"
    ).encode()


MENU = (
    b"<!doctype html><html><title>Reports | Example Trust</title><body><main>"
    + b"".join(
        b"<article class=card><h2><a href=/s/%d>Vaping section %d</a></h2></article>" % (n, n) for n in range(12)
    )
    + b"</main></body></html>"
)


def watch(library: Library, feeds: FeedServer, more: str = "") -> None:
    library.write(
        "config/sources/pages.yaml",
        "sources:\n"
        "  - id: trust\n"
        "    title: Example Trust\n"
        f"    address: {feeds.address('/reports')}\n"
        "    kind: page\n"
        "    type: study\n"
        "    tags: [journals]\n"
        "    items:\n"
        "      each: article.card\n"
        "      date: .card__date\n"
        f"      summary: .card__text\n{more}",
    )


def collect(library: Library, expect: int = 0) -> dict[str, Any]:
    report = library.json("collect", "trust", expect=expect)
    (source,) = report["sources"]
    return {"outcome": source["outcome"], "code": source["code"], "new": source["new_records"]}


def issue(library: Library) -> list[str]:
    published = library.json("publish", "--now")
    return [item["title"] for each in published for section in each.get("sections", ()) for item in section["items"]]


def test_a_page_becomes_a_source_whose_items_reach_the_readers_once(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/reports"] = listing(*range(3, 13))
    tried = library.json("source", "try", feeds.address("/reports"))
    (found,) = tried["lists"]
    assert (found["entries"], found["first"][0]["title"]) == (10, "Vaping, report 12")
    assert found["first"][0]["published"].startswith(str(TODAY - timedelta(days=8)))
    assert found["first"][0]["link"] == feeds.address("/reports/12")
    assert found["first"][0]["summary"] == TEXT
    library.write("config/sources/tried.yaml", found["yaml"])
    assert not [each for each in library.json("check", expect=None)["problems"] if "tried.yaml" in each["file"]]
    (library.folder / "config/sources/tried.yaml").unlink()

    watch(library, feeds)
    assert collect(library) == {"outcome": "changed", "code": "", "new": 10}
    recent = [f"Vaping, report {n}" for n in range(12, 6, -1)]
    assert issue(library) == recent, "what is older than two weeks at the first reading is backlog"
    library.run("deliver")
    assert len(mailbox.messages) == 2

    assert collect(library)["outcome"] == "unchanged"
    feeds.bodies["/reports"] = listing(*range(5, 14))
    assert collect(library) == {"outcome": "changed", "code": "", "new": 1}
    feeds.bodies["/reports"] = listing(*range(3, 14))
    assert collect(library)["new"] == 0, "what had left the list and came back is not new"
    assert issue(library) == ["Vaping, report 13"]

    feeds.bodies["/reports"] = listing(*range(3, 14), corrected=13)
    assert collect(library)["new"] == 0, "the same link with another title is no new item"


def withdrawn(page: bytes, number: int) -> bytes:
    """The publisher's page on which one report is withdrawn, as such pages say it: before the title."""
    return page.replace(b">Vaping, report %d<" % number, b">Withdrawn: Vaping, report %d<" % number)


def test_a_report_that_is_withdrawn_on_its_page_is_told_to_those_who_had_it(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    watch(library, feeds)
    feeds.bodies["/reports"] = listing(*range(12, 20))
    collect(library)
    assert "Vaping, report 18" in issue(library)
    library.run("deliver")

    feeds.bodies["/reports"] = withdrawn(listing(*range(12, 20)), 18)
    assert collect(library)["new"] == 0
    library.run("publish", "--now")
    library.run("deliver")
    assert len(mailbox.messages) == 4, "both readers had it"
    text = mailbox.parsed()[-1][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Vaping, report 18" in text
    assert "Marked as withdrawn by its publisher" in text
    assert "Vaping, report 17" not in text
    collect(library)
    library.run("publish", "--now", expect=None)
    library.run("deliver")
    assert len(mailbox.messages) == 4, "and once only"


def test_another_layout_is_a_failure_and_brings_nothing_until_the_librarian_decides(
    library: Library, feeds: FeedServer
) -> None:
    watch(library, feeds)
    feeds.bodies["/reports"] = listing(*range(20))
    collect(library)
    before = issue(library)

    feeds.bodies["/reports"] = MENU
    assert collect(library, expect=1) == {"outcome": "failed", "code": "F644", "new": 0}
    assert collect(library, expect=1)["code"] == "F644", "a second time alike is no proof"
    feeds.bodies["/reports"] = b"<html><body><main><p>We have moved.</p></main></body></html>"
    assert collect(library, expect=1)["code"] == "P140"
    (source,) = library.json("sources", "trust")["sources"]
    assert source["state"] == "failing"

    feeds.bodies["/reports"] = listing(*range(21))
    assert collect(library) == {"outcome": "changed", "code": "", "new": 1}
    assert issue(library) == ["Vaping, report 20"]
    assert before

    feeds.bodies["/reports"] = MENU
    watch(library, feeds, "      turnover: true\n")
    assert collect(library)["new"] == 12, "the librarian's word is taken"


def test_a_report_that_a_feed_lists_too_is_one_record(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss(
        "Journal", [Item("Vaping, report 19", "r19", link=feeds.address("/reports/19/"), published=datetime.now(UTC))]
    )
    feeds.bodies["/reports"] = listing(*range(20))
    watch(library, feeds)
    assert library.json("collect")["new_records"] == 20
    assert issue(library).count("Vaping, report 19") == 1


def test_what_robots_txt_forbids_is_neither_watched_nor_proposed(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/robots.txt"] = b"User-agent: alerts\nDisallow: /reports\n"
    feeds.bodies["/reports"] = listing(*range(20))
    watch(library, feeds)
    assert collect(library, expect=1)["code"] == "F640"
    assert "/reports" not in {path for path, _ in feeds.asked}
    said = library.run("source", "try", feeds.address("/reports"), expect=1).stdout
    assert "F640 The robots.txt of 127.0.0.1 asks programs not to read this page." in " ".join(said.split())


def test_a_wrong_selector_is_found_by_check_at_its_line(library: Library, feeds: FeedServer) -> None:
    watch(library, feeds, "      next: a..next\n      pages: 2\n")
    (found,) = [each for each in library.json("check", expect=78)["problems"] if each["severity"] == "error"]
    assert (found["code"], found["line"], found["column"]) == ("C025", 12, 13)
    assert found["message"] == "“a..next” is no CSS selector: expected a name but found '.'."
    assert found["remedy"]


def test_the_command_shows_what_stands_on_the_page_and_yaml_to_paste(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/reports"] = listing(*range(20))
    said = library.run("source", "try", feeds.address("/reports")).stdout
    assert "1. 20 items, by “article.card”" in said
    assert f"- Vaping, report 19 ({TODAY - timedelta(days=1):%d %B %Y})" in said
    assert "    items:\n      each: article.card\n" in said
    feeds.bodies["/reports"] = b"<html><body><p>Nothing here.</p></body></html>"
    said = library.run("source", "try", feeds.address("/reports"), expect=1).stdout
    assert "No list of items was recognised" in said
