"""Watched pages against a loopback server: several pages deep, robots.txt, layouts that change, hostile selectors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from alerts.errors import AlertsError
from alerts.fetch import Fetcher, FetchSettings, ParserPool, pace
from alerts.fetch.failures import NothingLikeBefore, NotThere, ParserExhausted, Quarantined, RobotsForbid, ServerTrouble
from alerts.fetch.kinds import Answer
from alerts.fetch.kinds.page import Reader
from alerts.model.sources import PageItems, Source, SourceState
from alerts.parse.pages.instead import NoList
from tests.fetch.conftest import Serve

ITEMS = PageItems("ul.news > li", next="a[rel=next]", pages=3)


def listing(numbers: range, after: str = "") -> str:
    items = "".join(f"<li><a href='/item/{n}'>Report number {n}</a></li>" for n in numbers)
    return f"<html><title>News</title><ul class=news>{items}</ul>{after}</html>"


def said(body: str, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n{headers}Content-Length: {len(body.encode())}\r\n\r\n"
    return (head + body).encode()


@asynccontextmanager
async def reading(**limits: float) -> AsyncIterator[Reader]:
    settings = FetchSettings(allow_loopback=True, host_pause_s=0)
    async with Fetcher(settings) as fetcher, ParserPool(workers=1, **limits) as parsers:  # type: ignore[arg-type]
        yield Reader(fetcher, parsers)


def source(site: str, items: PageItems = ITEMS, path: str = "/news") -> Source:
    return Source("news", "News", site + path, kind="page", items=items, question=repr(items))


def remembered(source: Source, answer: Answer) -> SourceState:
    return SourceState(
        source.id, body_hash=pace.body_hash(answer.response.body), address=source.asks, memory=answer.memory or ""
    )


def titles(answer: Answer) -> list[str]:
    assert answer.parsed is not None
    return [each.title for each in answer.parsed.entries]


def codes(answer: Answer) -> list[str]:
    assert answer.parsed is not None
    return [each.code for each in answer.parsed.problems]


async def test_a_list_is_followed_over_its_pages_each_item_once(serve: Serve) -> None:
    site, asked = await serve(
        {
            "/news": said(listing(range(5, 8), "<a rel=next href=/news/2>Next</a>")),
            "/news/2": said(listing(range(3, 6), "<a rel=next href=/news/3>Next</a>")),
            "/news/3": said(listing(range(3), "<a rel=next href=/news/4>Next</a>")),
        }
    )
    async with reading() as reader:
        answer = await reader.read(source(site), SourceState("news"))
    assert titles(answer) == [f"Report number {n}" for n in (5, 6, 7, 3, 4, 0, 1, 2)]
    assert [each.split()[1].decode() for each in asked] == ["/robots.txt", "/news", "/news/2", "/news/3"]


async def test_an_unchanged_first_page_costs_one_request_and_no_parsing(serve: Serve) -> None:
    site, asked = await serve({"/news": said(listing(range(3), "<a rel=next href=/news>Again</a>"))})
    async with reading() as reader:
        first = await reader.read(source(site), SourceState("news"))
        again = await reader.read(source(site), remembered(source(site), first))
    assert again.parsed is None
    assert len(asked) == 3, "robots.txt, and the page twice"


@pytest.mark.parametrize(("pattern", "second"), [("/news-{page}", "/news-2"), ("/news-{page-1}", "/news-1")])
async def test_a_pattern_leads_to_further_pages_until_there_are_no_more(
    serve: Serve, pattern: str, second: str
) -> None:
    site, asked = await serve({"/news": said(listing(range(3, 6))), second: said(listing(range(3)))})
    async with reading() as reader:
        answer = await reader.read(source(site, replace(ITEMS, next=pattern)), SourceState("news"))
    assert (len(titles(answer)), codes(answer)) == (6, [])
    assert len(asked) == 4, "the third page is not there"


async def test_a_next_page_that_shows_the_same_again_is_said(serve: Serve) -> None:
    site, _ = await serve({"/news": said(listing(range(3)))})
    async with reading() as reader:
        answer = await reader.read(source(site, replace(ITEMS, next="?page={page}")), SourceState("news"))
    assert (len(titles(answer)), codes(answer)) == (3, ["P146"])


async def test_pages_that_lead_in_a_circle_are_read_once(serve: Serve) -> None:
    site, asked = await serve(
        {
            "/news": said(listing(range(3), "<a rel=next href=/news/2>Next</a>")),
            "/news/2": said(listing(range(3, 6), "<a rel=next href=/news>Next</a>")),
        }
    )
    async with reading() as reader:
        await reader.read(source(site), SourceState("news"))
    assert len(asked) == 3


@pytest.mark.parametrize(("status", "failure"), [("500 Oops", ServerTrouble), ("404 Not Found", NotThere)])
async def test_a_further_page_that_cannot_be_read_fails_the_whole_reading(
    serve: Serve, status: str, failure: type[AlertsError]
) -> None:
    site, _ = await serve({"/news": said(listing(range(3), "<a rel=next href=/2>Next</a>")), "/2": said("", status)})
    async with reading() as reader:
        with pytest.raises(failure):
            await reader.read(source(site), SourceState("news"))


async def test_fewer_pages_and_far_fewer_items_than_the_last_time_are_warnings(serve: Serve) -> None:
    answers = {
        "/news": said(listing(range(5, 15), "<a rel=next href=/2>Next</a>")),
        "/2": said(listing(range(5))),
    }
    site, _ = await serve(answers)
    async with reading() as reader:
        first = await reader.read(source(site), SourceState("news"))
        answers["/news"] = said(listing(range(12, 15)))
        second = await reader.read(source(site), remembered(source(site), first))
    assert codes(second) == ["P145", "P147"]


async def test_a_page_that_robots_txt_forbids_is_not_asked(serve: Serve) -> None:
    site, asked = await serve({"/robots.txt": said("User-agent: *\nDisallow: /news"), "/news": said(listing(range(3)))})
    async with reading() as reader:
        with pytest.raises(RobotsForbid):
            await reader.read(source(site), SourceState("news"))
    assert len(asked) == 1


async def test_where_a_redirect_ends_and_where_the_list_goes_on_the_rules_count_too(serve: Serve) -> None:
    answers = {
        "/robots.txt": said("User-agent: *\nDisallow: /private"),
        "/news": said("", "302 Found", "Location: /private/news\r\n"),
        "/private/news": said(listing(range(3))),
        "/open": said(listing(range(3), "<a rel=next href=/private/2>Next</a>")),
    }
    site, asked = await serve(answers)
    async with reading() as reader:
        with pytest.raises(RobotsForbid):
            await reader.read(source(site), SourceState("news"))
        with pytest.raises(RobotsForbid):
            await reader.read(source(site, path="/open"), SourceState("news"))
    assert not any(b"/private/2" in each for each in asked)


async def test_a_layout_that_is_another_takes_nothing_and_the_old_list_is_known_when_it_is_back(serve: Serve) -> None:
    menu = "".join(f"<li><a href='/section/{n}'>All about section {n}</a></li>" for n in range(9))
    answers = {"/news": said(listing(range(8)))}
    site, _ = await serve(answers)
    async with reading() as reader:
        state = remembered(source(site), await reader.read(source(site), SourceState("news")))
        answers["/news"] = said(f"<ul class=news>{menu}</ul>")
        for _ in range(3):
            with pytest.raises(NothingLikeBefore, match="none is listed now, but 9 others"):
                await reader.read(source(site), state)
        accepted = replace(ITEMS, turnover=True)
        assert len(titles(await reader.read(source(site, accepted), state))) == 9
        answers["/news"] = said("<ul class=news></ul>")
        with pytest.raises(NoList):
            await reader.read(source(site, accepted), state)
        answers["/news"] = said(listing(range(1, 9)))
        assert len(titles(await reader.read(source(site), state))) == 8


async def test_a_page_that_takes_too_long_is_given_up_and_another_selector_tries_again(serve: Serve) -> None:
    deep = "<div>" * 60_000 + "<a href=/x>One thing</a>"
    site, _ = await serve({"/news": said(deep)})
    async with reading(cpu_s=1.0) as reader:
        for _ in range(3):
            with pytest.raises(ParserExhausted) as exhausted:
                await reader.read(source(site), SourceState("news"))
            assert "Simplify the selectors" in exhausted.value.remedy
        with pytest.raises(Quarantined):
            await reader.read(source(site), SourceState("news"))
        with pytest.raises(ParserExhausted):
            await reader.read(source(site, PageItems("a")), SourceState("news"))
