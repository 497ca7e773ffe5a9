"""The benchmark of polling, in a size of six feeds: what it checks before it measures must go on holding."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from alerts.parse import parse_body
from alerts.pipeline.collecting.collect import CollectReport, collect
from alerts.pipeline.collecting.tools import open_tools
from benchmarks import polling, polling_known, polling_rows
from benchmarks.feed_server import FeedServer
from benchmarks.feeds import Press

FEEDS, ENTRIES = 6, 4


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer(FEEDS, ENTRIES) as running:
        yield running


@pytest.fixture
def ours(server: FeedServer, tmp_path: Path) -> polling.Ours:
    return polling.Ours(tmp_path, server.addresses)


def test_both_sides_hold_the_same_entries_after_a_poll(server: FeedServer, ours: polling.Ours, tmp_path: Path) -> None:
    theirs = polling.Theirs(tmp_path, server.addresses)
    ours.poll()
    theirs.poll()
    assert polling.check_equal(ours, theirs, ENTRIES).startswith("6 feeds, 24 entries")


@pytest.mark.parametrize("word", ["validators", "bare"])
def test_a_poll_with_nothing_new_touches_no_row_and_parses_nothing(
    server: FeedServer, ours: polling.Ours, word: str
) -> None:
    server.say(word)
    ours.poll()
    with ours.opened() as service, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        tools = runner.run(stack.enter_async_context(open_tools(service.settings, service.catalogue)))

        def poll() -> CollectReport:
            return runner.run(collect(service, force=True, tools=tools))

        told = polling.check_untouched(ours, service, tools, poll)
        runner.run(stack.aclose())
    assert told.startswith("no row of entries, records,")


def test_made_up_feeds_are_whole_and_have_what_publishers_give() -> None:
    makes = [parse_body(body, address="https://journals.example.org/feed") for body in Press(5, ENTRIES).bodies()]
    assert [each.format for each in makes] == ["rss", "rss", "rdf", "atom", "atom"]
    for each in makes:
        assert not each.problems
        for entry in each.entries:
            assert entry.identifier("doi").startswith("10.5555/example.")
            assert entry.link
            assert entry.authors
            assert entry.published or entry.updated
            assert 90 <= len(entry.summary.split()) <= 260


def test_the_rows_written_bare_are_those_of_the_polls(capsys: pytest.CaptureFixture[str]) -> None:
    polling_rows.main(2, rounds=1)
    assert "rows of 2 polls" in capsys.readouterr().out


def test_a_store_is_filled_with_known_records(ours: polling.Ours) -> None:
    polling_known.fill(ours.path, 50)
    with ours.opened() as service:
        report = asyncio.run(collect(service, force=True))
        assert service.store.check() == ()
    assert report.total("new_records") == FEEDS * ENTRIES
