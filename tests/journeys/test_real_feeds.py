"""Every real feed at hand, served on loopback, through the whole service: twice, the second time with nothing new."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.journeys.conftest import Library, Mailbox
from tests.journeys.feed_server import FeedServer

TYPES = {".json": "application/feed+json"}


@pytest.fixture
def real(library: Library, feeds: FeedServer, shared_data: Path) -> int:
    """The library with the shipped profiles and bulletins, and every real feed as a source; returns how many."""
    index = [json.loads(line) for line in (shared_data / "feeds" / "index.jsonl").read_text().splitlines()]
    shutil.rmtree(library.folder / "config")
    (library.folder / "data" / "people.csv").unlink()
    library.run("init", ".")
    library.run("config", "show")
    for each in (library.folder / "config" / "sources").glob("*.yaml"):
        each.unlink()
    rows = ["sources:"]
    for number, feed in enumerate(index):
        path = f"/{number}{Path(feed['file']).suffix}"
        feeds.bodies[path] = (shared_data / "feeds" / feed["file"]).read_bytes()
        rows += [
            f"  - id: real-{number}",
            f"    title: {json.dumps(feed.get('title') or feed['file'])}",
            f"    address: {feeds.address(path)}",
            "    type: study",
            "    tags: [journals, public-health, commissioning, guidance, data, policy, government, local, reviews]",
            "    first_run_days: 3650",  # their items are years old; here they are to be new
        ]
    rows += ["  - {id: retraction-watch, title: Off, address: 'https://nowhere.invalid/', type: news, enabled: false}"]
    library.write("config/sources/real.yaml", "\n".join(rows) + "\n")
    return len(index)


@pytest.mark.thorough
def test_every_real_feed_goes_through_and_a_second_run_finds_nothing(
    library: Library, real: int, mailbox: Mailbox
) -> None:
    first = library.json("collect")
    assert first["polled"] == real
    failed = [each for each in first["sources"] if each["outcome"] == "failed"]
    assert not failed, failed
    assert first["entries"] > 5500
    assert first["matches"] > 100
    published = library.json("publish", "--now")
    assert [each["outcome"] for each in published] == ["published"] * len(published)
    sent = library.json("deliver")["sent"]
    assert sent == sum(each["deliveries"] for each in published) == len(mailbox.messages)

    second = library.json("collect", "--all")
    assert (second["new_records"], second["matches"]) == (0, 0)
    assert {each["outcome"] for each in library.json("publish", "--now")} == {"nothing new"}
    assert library.json("deliver")["sent"] == 0
