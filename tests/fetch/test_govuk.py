"""The reader of GOV.UK: which pages are asked about, and what is remembered of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.fetch import Fetcher, FetchSettings, ParserPool
from alerts.fetch.kinds import Answer
from alerts.fetch.kinds.govuk import Reader
from alerts.fetch.memory.pages import KNOWN_LIMIT, Known, Memory, Waiting
from alerts.model.sources import Source, SourceState
from tests.govuk_server import GovUk, page

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    settings = FetchSettings(allow_loopback=True, host_pause_s=0)
    async with Fetcher(settings) as fetcher, ParserPool(1) as parsers:
        yield Reader(fetcher, parsers)


def source_of(govuk: GovUk, *paths: str) -> Source:
    feeds = tuple(govuk.address(path) for path in paths or ("/search/all.atom?keywords=x&order=updated-newest",))
    return Source("govuk", "GOV.UK", feeds[0], kind="govuk", feeds=feeds, updates="date")


def after(answer: Answer) -> SourceState:
    """Return the state that is kept after a poll of yesterday."""
    return SourceState(
        "govuk", memory=answer.memory or "", last_attempt_at=NOW - DAY, etag=answer.response.etag,
        first_success_at=NOW - DAY,
    )  # fmt: skip


def titles(answer: Answer) -> list[str]:
    return [each.title for each in answer.parsed.entries] if answer.parsed else []


def codes(answer: Answer) -> list[str]:
    return [each.code for each in answer.parsed.problems] if answer.parsed else []


def fill(govuk: GovUk, count: int, *, day: int = 0, name: str = "page") -> None:
    for number in range(count):
        first = NOW - day * DAY - timedelta(minutes=number)
        govuk.publish(page(f"/guidance/{name}-{number}", f"{name} {number}", first))


@pytest.mark.asyncio
async def test_a_list_is_gone_through_until_something_in_it_is_known(reader: Reader) -> None:
    with GovUk() as govuk:
        fill(govuk, 1, day=30, name="older")
        fill(govuk, 1, day=3, name="old")
        source = source_of(govuk)
        first = await reader.read(source, SourceState("govuk"))
        assert titles(first) == ["old 0"], "what lies before the first run is not even asked about"
        assert govuk.content_asked() == ["/guidance/old-0"]
        fill(govuk, 30)
        second = await reader.read(source, after(first))
        assert (len(titles(second)), codes(second)) == (30, [])
        assert sum(".atom" in each for each in govuk.asked) == 2


@pytest.mark.asyncio
async def test_more_than_a_list_can_show_is_said(reader: Reader) -> None:
    with GovUk() as govuk:
        source = source_of(govuk, "/government/organisations/department-of-examples.atom")
        fill(govuk, 1, day=1, name="old")
        first = await reader.read(source, SourceState("govuk"))
        fill(govuk, 25)
        second = await reader.read(source, after(first))
        assert codes(second) == ["P133"]
        assert len(titles(second)) == 20


@pytest.mark.asyncio
async def test_several_lists_of_one_search_give_each_page_once(reader: Reader) -> None:
    with GovUk() as govuk:
        fill(govuk, 3)
        source = source_of(govuk, "/search/a.atom?order=updated-newest", "/search/b.atom?order=updated-newest")
        answer = await reader.read(source, SourceState("govuk"))
        assert sorted(titles(answer)) == ["page 0", "page 1", "page 2"]
        assert sorted(govuk.content_asked()) == [f"/guidance/page-{number}" for number in range(3)]


@pytest.mark.asyncio
async def test_what_is_listed_but_lies_elsewhere_is_told_as_the_list_has_it(reader: Reader) -> None:
    with GovUk() as govuk:
        govuk.listed["https://www.example.org/elsewhere"] = NOW
        answer = await reader.read(source_of(govuk), SourceState("govuk"))
        assert answer.parsed is not None
        (entry,) = answer.parsed.entries
        assert (entry.link, entry.summary) == ("https://www.example.org/elsewhere", "From the list.")
        assert govuk.content_asked() == []


@pytest.mark.asyncio
async def test_a_page_that_is_never_readable_is_told_by_what_its_list_says(reader: Reader) -> None:
    with GovUk() as govuk:
        fill(govuk, 2)
        govuk.broken["/guidance/page-1"] = (404, b"{}")
        source, state = source_of(govuk), SourceState("govuk")
        told: list[str] = []
        for _ in range(8):
            answer = await reader.read(source, replace_etag(state))
            told += titles(answer)
            state = after(answer)
        assert told == ["page 0", "page 1"]
        assert "/guidance/page-1" in Memory.read(state.memory, NOW).known


def replace_etag(state: SourceState) -> SourceState:
    """Return the state without validators, as when the list has changed elsewhere."""
    return state._replace(etag="", last_modified="", body_hash="")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "memory",
    ["", "nonsense", "[]", "null", '{"known": 7, "waiting": []}', '{"known": {"/x": null, "no path": ["a"]}}',
     '{"known": {"/x": [1, 2, 3]}, "waiting": {"/y": ["d", "many"], "/z": {}}}', "[" * 100_000],
    ids=["nothing", "nonsense", "a list", "null", "numbers", "null values", "other types", "deep"],
)  # fmt: skip
async def test_whatever_is_found_in_the_memory_nothing_is_lost(reader: Reader, memory: str) -> None:
    with GovUk() as govuk:
        fill(govuk, 2)
        state = SourceState("govuk", memory=memory, last_attempt_at=NOW)
        assert sorted(titles(await reader.read(source_of(govuk), state))) == ["page 0", "page 1"]


def test_the_memory_comes_back_as_it_was_kept() -> None:
    memory = Memory(today=NOW.date())
    memory.now_known("/a", "2026-11-01T00:00:00+00:00", "A " * 200)
    memory.waiting["/b"] = Waiting("2026-11-02T00:00:00+00:00", 3)
    again = Memory.read(memory.text(), NOW)
    assert again.waiting == memory.waiting
    assert again.known["/a"].title.endswith("…"), "a shortened title says so, and never replaces the whole one"
    assert replace(again.known["/a"], title="") == Known("2026-11-01T00:00:00+00:00", "", NOW.date())


def test_the_memory_is_bounded_and_forgets_what_was_known_longest() -> None:
    memory = Memory()
    for number in range(KNOWN_LIMIT + 5):
        memory.now_known(f"/{number}", "d", "t")
    again = Memory.read(memory.text(), NOW)
    assert len(again.known) == KNOWN_LIMIT
    assert "/4" not in again.known
    assert f"/{KNOWN_LIMIT + 4}" in again.known
