"""Several captures of one real feed, and all real feeds twice: no item is ever told twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.identify import title_key
from alerts.identify.comparing.titles import words
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.sources import Source
from alerts.parse import NotAFeed, parse_body
from alerts.parse.keys import fingerprint
from tests.identify.conftest import Shelf

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


NOW = Shelf().now + timedelta(hours=1)


def with_link(entry: Entry, link: str) -> Entry:
    kept = tuple(each for each in entry.identifiers if each.scheme != "link")
    return replace(entry, key=link, link=link, identifiers=(*kept, Identifier("link", link)))


def without_dois(entry: Entry) -> Entry:
    return replace(entry, identifiers=tuple(each for each in entry.identifiers if each.scheme != "doi"))


def cut(entry: Entry) -> Entry:
    return replace(entry, title=f"{entry.title[:67].rsplit(' ', 1)[0]}…") if len(entry.title) > 70 else entry


BETWEEN_POLLS: dict[str, Callable[[Entry, int], Entry]] = {
    "all keys renumbered": lambda entry, n: replace(entry, key=f"{n * 7919 + 10**9} at cms"),
    "another domain and other links": lambda entry, n: with_link(
        entry, f"https://moved.example.org/node/{entry.title}"
    ),
    "keys by position": lambda entry, n: replace(entry, key=str(n)),
    "titles cut off, keys renumbered": lambda entry, n: replace(cut(entry), key=f"{n * 7919 + 10**9} at cms"),
    "in capitals with a full stop": lambda entry, n: replace(entry, title=f"{entry.title.upper()}."),
    "a subtitle": lambda entry, n: replace(entry, title=f"{entry.title}: results of the survey"),
    "dated anew": lambda entry, n: replace(entry, published=(entry.published or entry.updated) and NOW),
    "without DOIs": lambda entry, n: without_dois(entry),
    "without summaries or authors": lambda entry, n: replace(entry, summary="", summary_html="", authors=()),
}
SHOWN = ("relay-crossref-publichealth/*", "oup-silverchair/*", "wiley/*", "general/b*", "pubmed/*")


def distinct(entries: tuple[Entry, ...]) -> list[Entry]:
    """The items of a feed without those that it lists twice, or whose script has no capitals to compare."""
    seen: set[object] = set()
    kept = []
    for each in entries:
        names = {each.identifier("link"), each.identifier("doi"), (words(each.title), words(each.summary))} - {""}
        if not names & seen and each.title.isascii() and title_key(each.title) and "arxiv" not in each.link:
            kept.append(each)
        seen |= names
    return kept[:30]


@pytest.mark.parametrize("change", BETWEEN_POLLS)
def test_whatever_a_publisher_alters_between_polls_no_item_is_new_twice_and_none_is_lost(
    shared_data: Path, change: str
) -> None:
    """A window slides over each feed; every second capture is altered. Each item is new once, and its own record."""
    for pattern in SHOWN:
        for path in sorted((shared_data / "feeds").glob(pattern))[:3]:
            shelf, items = Shelf(), distinct(entries_of(path))
            source = Source("s", "S", "https://s.example.org/", evidence_type="study")
            new: list[str] = []
            records: dict[str, set[int]] = {}
            for capture in range(4):
                window = items[max(len(items) // 3 * (3 - capture) // 3, 0) :][: len(items) * 2 // 3 + 1]
                alter = BETWEEN_POLLS[change] if capture % 2 else lambda entry, n: entry
                polled = [
                    replace(each, fingerprint=fingerprint(each)) for each in map(alter, window, range(len(window)))
                ]
                for item, made in zip(window, shelf.poll(source, *polled), strict=True):
                    new += [item.key] * (made.event == "new")
                    seen = shelf.sightings[source.id, made.entry.key].record_id
                    records.setdefault(item.key, set()).add(seen)
            assert len(new) == len(set(new)) == len(records), path.name
            assert len(set().union(*records.values())) == len(records), path.name
