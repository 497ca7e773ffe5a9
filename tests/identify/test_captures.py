"""Several captures of one real feed, and all real feeds twice: no item is ever told twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.identify import title_key
from alerts.model.records import Entry
from alerts.model.sources import Source
from alerts.parse import NotAFeed, parse_body

FAMILIES = ("pensoft/*", "ojs/phytotaxa*", "ojs/zootaxa*", "ingenta/*")


def captures(folder: Path, pattern: str) -> list[Path]:
    """The undated capture of a family is its oldest."""
    return sorted(folder.glob(pattern), key=lambda path: path.stem[-10:] if path.stem[-2:].isdigit() else "")


def entries_of(path: Path) -> tuple[Entry, ...]:
    try:
        return parse_body(path.read_bytes(), address=f"https://feeds.example.org/{path.name}").entries
    except NotAFeed:
        return ()


@pytest.mark.parametrize("pattern", FAMILIES)
def test_captures_of_one_feed_never_yield_an_item_twice(shelf: Any, shared_data: Path, pattern: str) -> None:
    source = Source("s", "S", "https://s.example.org/", evidence_type="study")
    told: list[str] = []
    for path in captures(shared_data / "feeds", pattern):
        told += [made.entry.title for made in shelf.poll(source, *entries_of(path)) if made.event]
    assert told
    assert len(told) == len({title_key(title) or title for title in told})


def test_all_real_feeds_polled_again_tell_nothing(shelf: Any, shared_data: Path) -> None:
    folder = shared_data / "feeds"
    feeds = [(path.relative_to(folder).as_posix(), entries_of(path)) for path in sorted(folder.rglob("*.*"))[::4]]
    for again in (False, True):
        events = 0
        for name, entries in feeds:
            source = Source(name, name, f"https://feeds.example.org/{name}")
            made = shelf.poll(source, *entries, first_run=not again, days=0.01)
            events += sum(each.event is not None for each in made)
            if again:
                assert {each.outcome for each in made} <= {"same"}, name
        assert (events == 0) is again


def test_a_feed_in_another_order_tells_nothing_new(shelf: Any, shared_data: Path) -> None:
    source = Source("s", "S", "https://s.example.org/")
    entries = entries_of(shared_data / "feeds" / "general" / "taverncast-happy-hour-in-your-head-since-2005.xml")
    shelf.poll(source, *entries)
    assert {each.event for each in shelf.poll(source, *reversed(entries))} == {None}
