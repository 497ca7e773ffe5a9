"""Finding a source: from a web page to the YAML to paste; and lists of feeds taken over and given out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts.config import load_catalogue
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess

if TYPE_CHECKING:
    from tests.journeys.conftest import Library

NOW = datetime.now(UTC)
STUDIES = [
    Item(f"Vaping, part {n}", f"v{n}", published=NOW - timedelta(days=7 * n), doi=f"10.5555/v{n}", summary="We asked.")
    for n in range(12)
]
PAGE = (
    '<!doctype html><html><head><title>Journal</title><link rel="icon" href="/favicon.ico">'
    '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments.xml">'
    '<link rel="alternate" type="application/rss+xml" title="Articles" href="/articles.xml"></head>'
    '<body><img src="/cover.png"><a href="/about">About</a></body></html>'
)


@pytest.fixture
def library(library: Library) -> InProcess:
    """The small library, whose commands run in this process."""
    return InProcess(library.folder, library.env)


def test_a_page_is_followed_to_its_feeds_and_the_best_comes_with_yaml_to_paste(
    library: Library, feeds: FeedServer
) -> None:
    feeds.bodies["/"] = PAGE.encode()
    feeds.bodies["/articles.xml"] = rss("Journal: the “new” one", STUDIES)
    feeds.bodies["/comments.xml"] = rss("Comments on the Journal", [Item("Nice", "c1")])
    found = library.json("source", "try", feeds.address("/"))
    assert [each["address"] for each in found["feeds"]] == [
        feeds.address("/articles.xml"),
        feeds.address("/comments.xml"),
    ]
    best = found["feeds"][0]
    assert (best["entries"], best["with_doi"], best["with_date"], best["with_summary"]) == (12, 1.0, 1.0, 1.0)
    assert (best["every_days"], best["type"], best["found"], best["configured_as"]) == (7.0, "study", "named", None)
    asked = {path for path, _ in feeds.asked}
    assert asked == {"/", "/articles.xml", "/comments.xml"}, "no icon, no picture, no guess where the page says"

    said = library.run("source", "try", feeds.address("/")).stdout
    assert "12 items (rss), 100% with dates, 100% with DOIs, 100% with summaries" in said
    yaml = said[said.index("sources:") :]
    library.write("config/sources/new.yaml", yaml)
    loaded = load_catalogue(library.folder / "config", None)
    assert [str(each) for each in loaded.problems if each.severity == "error"] == []
    source = loaded.catalogue.sources["journal-the-new-one"]
    assert (source.title, source.address) == ("Journal: the “new” one", feeds.address("/articles.xml"))
    assert library.json("source", "try", source.address)["feeds"][0]["configured_as"] == source.id


def test_what_a_page_names_in_vain_is_said_beside_what_was_found(library: Library, feeds: FeedServer) -> None:
    named = ["/articles.xml", "http://10.0.0.1/feed", "http://169.254.169.254/", *(f"/old-{n}.xml" for n in range(6))]
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{each}">' for each in named)
    feeds.bodies["/"] = f"<html><head>{links}</head></html>".encode()
    feeds.bodies["/articles.xml"] = rss("Journal", STUDIES)
    said = library.run("source", "try", feeds.address("/")).stdout
    before, _, failed = said.partition("Asked in vain:")
    assert "1. Journal" in before
    assert "http://10.0.0.1/feed: F002" in failed
    assert "http://169.254.169.254/: F002" in failed
    assert f"{feeds.address('/old-0.xml')}: F404" in failed
    assert f"{feeds.address('/')}:" not in failed, "that the page is a page is no failure"
    assert "names more feeds than the 8 that are asked" in failed
    assert library.json("source", "try", feeds.address("/"))["names_more"] is True


def test_items_that_say_only_when_they_were_updated_have_dates(library: Library, feeds: FeedServer) -> None:
    entry = "<entry><id>u{0}</id><title>Paper {0}</title><updated>2026-0{0}-01T00:00:00Z</updated></entry>"
    entries = "".join(entry.format(n) for n in range(1, 5))
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Policy</title><id>f</id>{entries}</feed>'
    feeds.bodies["/policy.atom"] = atom.encode()
    (found,) = library.json("source", "try", feeds.address("/policy.atom"))["feeds"]
    assert (found["with_date"], found["newest"][:10], found["every_days"]) == (1.0, "2026-04-01", 31.0)


def test_usual_places_are_asked_only_where_the_page_names_nothing(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/news"] = b"<html><head><title>News</title></head><body>Welcome</body></html>"
    feeds.bodies["/feed.xml"] = rss("News", STUDIES)
    found = library.json("source", "try", feeds.address("/news"))
    assert [(each["address"], each["found"]) for each in found["feeds"]] == [(feeds.address("/feed.xml"), "guessed")]
    assert len(feeds.asked) <= 7


def test_where_there_is_no_feed_it_is_said_what_was_asked_and_what_to_do(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/"] = b"<html><body>Nothing here</body></html>"
    done = library.run("source", "try", feeds.address("/"), expect=1)
    assert "No feed was found" in done.stdout
    assert feeds.address("/rss.xml") in done.stdout
    assert "PubMed" in done.stdout
    feeds.broken["/"] = 503
    feeds.asked.clear()
    assert "F500" in library.run("source", "try", feeds.address("/"), expect=1).stdout
    assert len(feeds.asked) == 1, "a server in trouble is not asked for guesses"
    library.run("source", "try", "file:///etc/passwd", expect=1)
    library.run("source", "try", "http://10.0.0.1/", expect=1)


OPML = """<opml version="2.0"><body><outline text="Public health">
<outline text="Known already" xmlUrl="{known}"/>
<outline text="Café: news" xmlUrl="https://cafe.example.org/feed"/>
<outline text="Again" xmlUrl="http://www.cafe.example.org/feed/"/>
<outline text="Secret" xmlUrl="https://user:pass@example.org/feed"/>
</outline></body></opml>"""


def test_a_list_of_feeds_is_taken_over_once_and_nothing_is_overwritten(library: Library, feeds: FeedServer) -> None:
    library.write("list.opml", OPML.format(known=feeds.address("/journal.xml")))
    done = library.run("source", "import", "list.opml")
    assert "id: cafe-news" in done.stdout
    assert "It is configured already, as “journal”." in done.stderr
    assert "It is twice in the list." in done.stderr
    assert "user name or password" in done.stderr
    assert not (library.folder / "config/sources/imported.yaml").exists()

    written = library.json("source", "import", "list.opml", "--write")
    assert [(each["id"], each["tags"]) for each in written["sources"]] == [("cafe-news", ["public-health"])]
    loaded = load_catalogue(library.folder / "config", None)
    assert [str(each) for each in loaded.problems if each.severity == "error"] == []
    assert loaded.catalogue.sources["cafe-news"].title == "Café: news"
    assert "nothing in the list" in library.run("source", "import", "list.opml", "--write").stdout

    library.write("more.opml", OPML.replace("cafe.example", "tea.example").format(known="https://x.example.org/"))
    before = (library.folder / "config/sources/imported.yaml").read_text()
    assert "A027" in library.run("source", "import", "more.opml", "--write", expect=2).stderr
    assert (library.folder / "config/sources/imported.yaml").read_text() == before


def test_what_is_given_out_can_be_taken_in_and_a_broken_list_is_refused(library: Library) -> None:
    library.run("source", "export", "out.opml")
    assert "A027" in library.run("source", "export", "out.opml", expect=2).stderr
    assert "configured already" in library.run("source", "import", "out.opml").stderr
    whole = (library.folder / "out.opml").read_text()
    assert library.run("source", "export").stdout.splitlines()[0] == whole.splitlines()[0]
    library.write("cut.opml", whole[:-30])
    assert "P095" in library.run("source", "import", "cut.opml", expect=1).stderr
    assert "S091" in library.run("source", "import", "none.opml", expect=1).stderr
