"""Feeds that a page names or links to, and where they lie when it says nothing."""

from __future__ import annotations

import pytest

from alerts.parse.discover import named_feeds, usual_places

PAGE = "https://www.example.org/news/"


def found(html: str, page: str = PAGE) -> list[tuple[str, str, str]]:
    return [tuple(each) for each in named_feeds(html.encode(), page)]  # type: ignore[misc]


def test_the_feeds_that_a_page_names_come_first() -> None:
    html = (
        '<html><head><a href="/rss/all">All our feeds</a>'
        '<link rel="alternate" type="application/rss+xml" title="News &amp; views" href="/feed/?a=1&amp;b=2">'
        "<LINK HREF='//feeds.example.org/atom' TYPE='application/atom+xml' REL='alternate'>"
        '<link rel="alternate" hreflang="cy" href="/cy/"><link rel="icon" href="/favicon.ico">'
        '<link rel="alternate" type="application/feed+json" href="feed.json">'
    )
    assert found(html) == [
        ("https://www.example.org/feed/?a=1&b=2", "News & views", "named"),
        ("https://feeds.example.org/atom", "", "named"),
        ("https://www.example.org/news/feed.json", "", "named"),
        ("https://www.example.org/rss/all", "All our feeds", "linked"),
    ]


@pytest.mark.parametrize(
    ("href", "words", "is_feed"),
    [
        ("/action/showFeed?type=etoc&feed=rss&jc=abc", "", True),
        ("/rss/site_3/67.xml", "Current issue", True),
        ("/releasecalendar?rss", "", True),
        ("/index.php/j/gateway/plugin/WebFeedGatewayPlugin/rss2", "", True),
        ("/subscribe", "RSS", True),
        ("feed://www.example.org/x", "Feed", True),
        ("https://feedly.com/i/subscription/feed/https://www.example.org/feed", "Feedly", False),
        ("https://elsewhere.example.com/feed", "Feed", False),
        ("/feedback", "Tell us", False),
        ("javascript:feed()", "RSS", False),
        ("mailto:rss@example.org", "RSS", False),
        ("/breastfeeding", "Breastfeeding", False),
    ],
)
def test_links_that_look_like_feeds_of_the_same_publisher_are_taken(href: str, words: str, is_feed: bool) -> None:
    assert bool(found(f'<a href="{href}">{words}</a>')) is is_feed


def test_a_base_address_counts_and_credentials_and_other_schemes_do_not() -> None:
    head = '<base href="https://www.example.org/deep/">'
    link = '<link rel="alternate" type="application/rss+xml" href="{}">'
    assert found(head + link.format("f.xml"))[0][0] == "https://www.example.org/deep/f.xml"
    for bad in ("file:///etc/passwd", "ftp://example.org/f", "https://u:p@example.org/f", "http://["):
        assert found(link.format(bad)) == []


@pytest.mark.parametrize(
    ("page", "first"),
    [
        ("https://www.gov.uk/search/all?organisations[]=x", "https://www.gov.uk/search/all.atom?organisations[]=x"),
        ("https://www.gov.uk/government/organisations/x", "https://www.gov.uk/government/organisations/x.atom"),
        ("https://j.example.org/toc/abc/current", "https://j.example.org/action/showFeed?type=etoc&feed=rss&jc=abc"),
        ("https://j.example.org/index.php/ph/issue/view/3",
         "https://j.example.org/index.php/ph/gateway/plugin/WebFeedGatewayPlugin/atom"),
        ("https://www.example.org/blog", "https://www.example.org/blog/feed/"),
        ("https://www.example.org/a.html", "https://www.example.org/feed/"),
        ("https://www.example.org/", "https://www.example.org/feed/"),
    ],
)  # fmt: skip
def test_where_feeds_commonly_lie_depends_on_who_publishes(page: str, first: str) -> None:
    places = [each.address for each in usual_places(page)]
    assert places[0] == first
    assert all(each.startswith(page[: page.index("/", 8)]) for each in places), "nobody else's host is asked"


def test_a_hostile_page_gives_few_addresses_and_holds_nobody_up() -> None:
    for piece in (
        "<a ",
        "<link href=",
        "<a href='",
        "<a href=x>" * 3,
        "<link rel=alternate type=application/rss+xml href=a",
        "<",
    ):
        assert len(named_feeds((piece * (2_000_000 // len(piece))).encode(), PAGE)) <= 40
