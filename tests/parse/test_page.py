"""Watched pages: what the librarian's selectors find, and what is said when they find no list."""

from __future__ import annotations

import pytest

from alerts.model.sources import PageItems
from alerts.parse import Parsed
from alerts.parse.pages.instead import NoList
from alerts.parse.pages.page import read_page
from alerts.parse.pages.selectors import BadSelector, check

ADDRESS = "https://www.example.org/news/"
THREE = (
    "<li><h3><a href='/news/one?utm_source=x'>One</a></h3><span>Published: 3 November 2026</span>"
    "<p>Text of one.</p></li>"
    "<li><h3><a href='two'>Two</a></h3><span>04/11/26</span><p>Text of <b>two</b>.</p></li>"
    "<li><h3><a href='https://other.example.com/3'>Three</a></h3>"
    "<time datetime='2026-11-05T10:00Z'>Thursday</time></li>"
)


def page(items: str = THREE, head: str = "<title>News</title>", around: str = "<ul class=news>{}</ul>") -> bytes:
    return f"<html lang=en-GB><head>{head}</head><body>{around.format(items)}</body></html>".encode()


def read(body: bytes, items: PageItems | None = None, content_type: str = "") -> Parsed:
    return read_page(body, address=ADDRESS, content_type=content_type, items=items or PageItems("ul.news > li"))


def refusal(body: bytes, items: PageItems | None = None) -> str:
    with pytest.raises(NoList) as refused:
        read(body, items)
    return refused.value.sentence


def test_titles_links_dates_and_summaries_are_where_the_selectors_say() -> None:
    parsed = read(page(), PageItems("ul.news > li", title="h3", date="span, time", summary="p"))
    assert [
        (e.title, e.link, e.published.date().isoformat() if e.published else "", e.summary) for e in parsed.entries
    ] == [
        ("One", "https://www.example.org/news/one", "2026-11-03", "Text of one."),
        ("Two", "https://www.example.org/news/two", "2026-11-04", "Text of two."),
        ("Three", "https://other.example.com/3", "2026-11-05", ""),
    ]
    assert (parsed.title, parsed.language) == ("News", "en-GB")


def test_heading_link_and_time_are_found_without_selectors_of_their_own() -> None:
    entries = read(page()).entries
    assert [e.title for e in entries] == ["One", "Two", "Three"]
    assert [e.published is not None for e in entries] == [False, False, True]


def test_an_item_is_named_by_its_link_without_what_only_tracks_readers() -> None:
    assert read(page()).entries[0].key == "https://www.example.org/news/one"


def test_a_base_address_counts_for_every_link() -> None:
    assert read(page(head="<base href='/archive/'>")).entries[1].link == "https://www.example.org/archive/two"


@pytest.mark.parametrize(
    "link",
    ["mailto:a@example.org", "javascript:open()", "#", "", "tel:123", "data:text/html,x", "./", "//", "ftp://x/y"],
)
def test_what_leads_nowhere_is_no_item(link: str) -> None:
    parsed = read(page(f"{THREE}<li><a href='{link}'>A thing without a page</a></li>"))
    assert [e.title for e in parsed.entries] == ["One", "Two", "Three"]
    assert [(p.code, p.severity) for p in parsed.problems] == [("P141", "note")]


def test_a_card_that_is_itself_the_link_is_an_item() -> None:
    cards = "".join(f"<a class=card href=/c/{n}><h3>Card {n}</h3><p>About {n}</p></a>" for n in range(3))
    parsed = read(page(cards, around="<div>{}</div>"), PageItems("a.card", summary="p"))
    first = parsed.entries[0]
    assert (first.title, first.link, first.summary) == ("Card 0", "https://www.example.org/c/0", "About 0")


def test_the_remark_about_a_new_window_is_no_part_of_a_title() -> None:
    parsed = read(page("<li><a href=/x>The plan <span>(opens in a new tab)</span></a></li>"))
    assert parsed.entries[0].title == "The plan"


def test_what_follows_a_term_belongs_to_it_up_to_the_next() -> None:
    terms = (
        "<dt><a href=/a>First report</a></dt><dd>3 November 2026</dd><dd class=t>Of the first.</dd>"
        "<dt><a href=/b>Second report</a></dt><dd class=t>Of the second.</dd>"
    )
    parsed = read(page(terms, around="<dl>{}</dl>"), PageItems("dt", date="+ dd", summary="~ dd.t"))
    assert [(e.title, e.summary, e.published is not None) for e in parsed.entries] == [
        ("First report", "Of the first.", True),
        ("Second report", "Of the second.", False),
    ]


def test_rows_are_found_by_what_a_browser_shows_of_a_table() -> None:
    rows = (
        "<tr><th>Title</th></tr><tr><td><a href=/a>One report</a></td></tr><tr><td><a href=/b>Two reports</a></td></tr>"
    )
    parsed = read(page(rows, around="<table>{}</table>"), PageItems("table > tbody > tr:nth-child(n+2)"))
    assert [e.title for e in parsed.entries] == ["One report", "Two reports"]


@pytest.mark.parametrize(
    ("bytes_of", "content_type"),
    [
        (lambda text: text.encode("utf-8"), "text/html"),
        (lambda text: text.encode("cp1252"), "text/html; charset=windows-1252"),
        (lambda text: text.replace("<head>", "<head><meta charset=iso-8859-15>").encode("iso-8859-15"), "text/html"),
        (
            lambda text: text.replace(
                "<head>", "<head><meta http-equiv='Content-Type' content='text/html; charset=iso-8859-2'>"
            ).encode("iso-8859-2"),
            "text/html",
        ),
        (lambda text: text.encode("utf-16"), "text/html"),
        (lambda text: b"\xef\xbb\xbf" + text.encode("utf-8"), "text/html; charset=iso-8859-1"),
    ],
    ids=["UTF-8", "header", "meta", "http-equiv", "UTF-16", "byte order mark"],
)
def test_letters_are_right_in_every_charset(bytes_of: object, content_type: str) -> None:
    assert callable(bytes_of)
    body = bytes_of(page("<li><a href=/x>Sláinte for Müller</a></li>").decode())
    assert read(body, content_type=content_type).entries[0].title == "Sláinte for Müller"


def test_an_item_listed_twice_is_one() -> None:
    assert len(read(page(THREE + THREE)).entries) == 3


def test_different_items_with_one_link_are_told_apart_by_their_titles() -> None:
    papers = "".join(f"<li><a href=/papers>Papers of month {n}</a></li>" for n in range(2)) + THREE
    parsed = read(page(papers))
    assert len({e.key for e in parsed.entries}) == 5
    assert [p.code for p in parsed.problems] == ["P144"]


def test_selectors_that_find_nothing_are_a_failure_that_says_what_is_there() -> None:
    assert refusal(page(), PageItems("ul.reports li")) == (
        "“ul.reports li” finds nothing on the page (“News”), which holds 3 links: its layout is another than this "
        "source expects."
    )


def test_items_without_links_are_a_failure() -> None:
    assert "none has a link to another page" in refusal(page("<li>One</li><li>Two</li>"))


def test_titles_that_are_all_alike_are_a_failure() -> None:
    items = "".join(f"<li><h3>Item {n}</h3><a href=/{n}>Read more</a></li>" for n in range(4))
    assert "same title, “Read more”" in refusal(page(items), PageItems("ul.news > li", title="a"))
    assert [e.title for e in read(page(items)).entries] == ["Item 0", "Item 1", "Item 2", "Item 3"]


def test_links_that_all_lead_to_one_page_are_a_failure() -> None:
    items = "".join(f"<li><h3>Item {n}</h3><a href=/all>See all</a></li>" for n in range(4))
    assert "lead to the same page" in refusal(page(items))


@pytest.mark.parametrize(
    "body",
    [
        "<title>Sign in</title><form><input type=password></form>",
        "<title>Just a moment...</title><script>x</script><p>Checking your browser</p>",
        "<title>Access denied</title><p>Reference #18</p>",
    ],
)
def test_a_sign_in_or_blocking_page_is_told_as_such(body: str) -> None:
    assert "sign-in or blocking page" in refusal(body.encode())


def test_a_page_that_asks_for_consent_first_is_told_as_such() -> None:
    body = "<title>Before you continue</title><h1>We use cookies</h1><form><button>Accept all</button></form>"
    assert "question for consent to cookies" in refusal(body.encode())


def test_a_site_whose_list_is_empty_is_not_taken_for_what_stands_in_its_margins() -> None:
    margin = "".join(f"<a href=/{n}>Part {n}</a>" for n in range(9))
    for beside in ("<p>We use cookies.</p>", "<a href=/login>Log in</a>", "<p>Consent preferences</p>"):
        assert "its layout is another" in refusal(f"<title>News</title><h1>News</h1>{margin}{beside}".encode())


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Needs assessment (PDF, 1.2MB)", "Needs assessment"), ("Needs assessment [pdf] 300KB", "Needs assessment"),
        ("Needs assessment (Word document)", "Needs assessment"), ("Needs assessment - PDF 2.4 MB", "Needs assessment"),
        ("Needs assessment (1,024 KB)", "Needs assessment"),
        ("Needs assessment (opens a PDF in a new tab)", "Needs assessment"),
        ("Word of mouth", "Word of mouth"),
        ("Screening (HTML5 and PDF compared)", "Screening (HTML5 and PDF compared)"),
        ("Deaths (2024)", "Deaths (2024)"), ("How we count", "How we count"),
    ],
)  # fmt: skip
def test_what_a_link_says_of_its_file_is_no_part_of_the_title(said: str, title: str) -> None:
    assert read(page(f"<li><a href=/a>{said}</a></li>")).entries[0].title == title


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("<a href=/m title='Link to meeting details for Health Board meeting of 3 Mar 2026'>3 Mar 2026 7:30 pm</a>",
         "Health Board meeting of 3 Mar 2026"),
        ("<a href=/m title='Opens a page'>Tuesday 3 March 2026 at 10am</a>",
         "Health Board: Tuesday 3 March 2026 at 10am"),
        ("<a href=/m>03/03/2026</a>", "Health Board: 03/03/2026"),
        ("<a href=/m>3 March 2026: papers</a>", "3 March 2026: papers"),
    ],
)  # fmt: skip
def test_a_title_that_is_only_a_day_says_what_it_is_the_day_of(link: str, title: str) -> None:
    body = page(f"<li>{link}</li>", head="<title>Health Board - Example Council</title>")
    assert read(body).entries[0].title == title


@pytest.mark.parametrize(
    "body",
    [
        "<title>App</title><div id=root></div><script src=/app.js></script>",
        "<title>App</title><noscript>You need to enable JavaScript to run this app.</noscript><script>x</script>",
    ],
)
def test_a_page_that_a_browser_would_fill_is_told_as_such(body: str) -> None:
    assert "runs its JavaScript" in refusal(body.encode())


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01", b"no mark-up", b"<", b"<rss><channel></channel></rss>", b"%PDF-1.7"]
)
def test_what_is_no_page_is_a_failure_and_nothing_else(body: bytes) -> None:
    assert refusal(body)


def test_a_date_that_no_item_has_is_a_warning() -> None:
    parsed = read(page(), PageItems("ul.news > li", date="h3"))
    assert [(p.code, p.severity) for p in parsed.problems] == [("P142", "warning")]
    some = read(page(), PageItems("ul.news > li", date="time"))
    assert [(p.code, p.severity) for p in some.problems] == [("P143", "note")]


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("<a rel=next href='?page=2#top'>Next</a>", "https://www.example.org/news/?page=2"),
        ("<p><a rel=next href='/news/2'>Next</a></p>", "https://www.example.org/news/2"),
        ("<a rel=next href='https://elsewhere.example.com/2'>Next</a>", ""),
        ("<a rel=next href='javascript:next()'>Next</a>", ""),
        ("<a rel=next href='http://www.example.org:8080/2'>Next</a>", ""),
        ("", ""),
    ],
)
def test_the_next_page_is_one_of_this_very_host(link: str, found: str) -> None:
    parsed = read(page(around="<ul class=news>{}</ul>" + link), PageItems("ul.news > li", next="a[rel=next]"))
    assert parsed.page is not None
    assert parsed.page.next == found


def test_no_more_items_are_taken_than_from_any_body() -> None:
    items = "".join(f"<li><a href=/{n}>Item number {n}</a></li>" for n in range(30))
    parsed = read_page(page(items), address=ADDRESS, items=PageItems("ul.news > li"), limit=10)
    assert (len(parsed.entries), [p.code for p in parsed.problems]) == (10, ["P007"])


@pytest.mark.parametrize(
    "selector",
    ["ul.news > li", "table tbody tr:nth-child(2n+1)", "a[href$='.pdf' i]", "h2, h3", "li:has(> a)", ".a:not(.b)"],
)
def test_usual_selectors_can_be_used(selector: str) -> None:
    check(selector)


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("div..x", "expected a name but found '.'"),
        ("ul >", "its end"),
        ("//div[@class='x']", "XPath"),
        ("a::attr(href)", "selects no element"),
        ("p:contains('x')", ":contains"),
        ("li:first", ":first"),
        ("+ dd", "expected selector"),
        (":is(:lexbor-contains(+of,)],i[href\":has(", ""),
        ("a" * 400, "longer than"),
    ],
)  # fmt: skip
def test_a_selector_that_cannot_be_used_is_refused_in_words(selector: str, said: str) -> None:
    with pytest.raises(BadSelector) as refused:
        check(selector)
    assert said in refused.value.sentence
    assert refused.value.remedy
