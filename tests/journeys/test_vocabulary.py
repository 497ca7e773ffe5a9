"""A vocabulary that is loaded later: what headings then find reaches readers, once; a service that runs takes it in."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.journeys.feed_server import FeedServer, Item, rss

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
ITEMS = (
    Item("Smoking among young adults in Leeds", "a1", published=YESTERDAY),
    Item("E-cigarette use at school", "a2", published=YESTERDAY),
    Item("Bicycle helmets and head injury", "a3", published=YESTERDAY),
)


@pytest.fixture
def with_heading(library: Library, feeds: FeedServer) -> Library:
    """The library, its one profile searching by a heading alone, and a vocabulary file beside it."""
    text = (library.folder / "config/profiles/smoking.yaml").read_text(encoding="utf-8")
    library.write("config/profiles/smoking.yaml", text[: text.index("search: |")] + "search: |\n  1. exp Smoking/\n")
    library.write("mesh.csv", "term,synonyms,narrower\nSmoking,,Vaping\nVaping,e-cigarette use,\n")
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    return library


def test_what_a_loaded_vocabulary_adds_is_in_the_next_issue_and_nothing_is_repeated(
    with_heading: Library, mailbox: Mailbox
) -> None:
    library = with_heading
    assert library.json("collect")["matches"] == 1
    assert library.json("publish", "--now")[0]["items"] == 1
    assert library.json("vocabulary", "load", "mesh.csv", "--label", "ours")["loaded"]["headings"] == 2
    assert library.json("publish", "--now")[0]["items"] == 1, "the item that only the vocabulary finds"
    library.run("deliver")
    texts = [message.as_string() for _, message in mailbox.parsed()]
    assert [sum(title in text for text in texts) for title in ("Smoking among", "E-cigarette use")] == [2, 2]
    answer = library.json("preview", "smoking")
    assert (answer["vocabulary"], len(answer["found"])) == ("ours", 2)


def test_a_service_that_runs_takes_in_a_vocabulary_that_is_loaded_meanwhile(with_heading: Library) -> None:
    library = with_heading
    service = library.start("run", env={"ALERTS_TICK_S": "1", "ALERTS_WEB_PORT": "0"})
    try:
        wait_for_matches(library, 1)
        library.run("vocabulary", "load", "mesh.csv")
        wait_for_matches(library, 2)
    finally:
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=60)
    assert service.returncode == 0, said


def wait_for_matches(library: Library, wanted: int, seconds: float = 40) -> None:
    """Wait until the store holds so many matches."""
    end = time.monotonic() + seconds
    found = -1
    while found != wanted:
        assert time.monotonic() < end, f"{found} matches, not {wanted}"
        time.sleep(0.1)
        address = f"file:{library.folder / 'data/alerts.sqlite3'}?mode=ro"
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(address, uri=True)) as database:
            found = database.execute("SELECT count(*) FROM matches").fetchone()[0]
