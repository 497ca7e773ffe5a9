"""Several replicas on one PostgreSQL database: the same job by all of them at once, everything once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.journeys.conftest import Library, Mailbox
from tests.journeys.feed_server import FeedServer, Item, rss

READERS = 20
REPLICAS = 3
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
ITEMS = [Item(f"Vaping and health, study {n}", f"p{n}", published=YESTERDAY) for n in range(12)]


def together(library: Library, *command: str) -> None:
    """Run a command in several processes at once; one that finds the stage taken says so and leaves."""
    started = [library.start(*command) for _ in range(REPLICAS)]
    for process in started:
        said, complaints = process.communicate(timeout=120)
        assert "Traceback" not in complaints, complaints
        assert process.returncode == 0 or "T020" in complaints, said + complaints


def test_three_replicas_do_every_stage_at_once_and_nothing_is_lost_or_doubled(
    library: Library, feeds: FeedServer, mailbox: Mailbox, postgresql_url: str
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    rows = [f"reader{n}@example.nhs.uk,Reader {n},public-health,person" for n in range(READERS)]
    library.write("data/people.csv", "\n".join(["address,name,teams,kind", *rows, ""]))
    library.env["ALERTS_DATABASE_URL"] = postgresql_url
    for command in (("collect", "--all"), ("publish", "--now"), ("deliver",)):
        together(library, *command)
    library.run("deliver")
    sent = Counter(address for address, _ in mailbox.messages)
    assert sent == {f"reader{n}@example.nhs.uk": 1 for n in range(READERS)}
    part = mailbox.parsed()[0][1].get_body(("plain",))
    assert part is not None
    assert all(item.title in part.get_content() for item in ITEMS[:10])
