"""Killed at any moment and run again: nothing is lost, nothing is doubled."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Library, Mailbox
from tests.journeys.feed_server import FeedServer, Item, rss

POINTS = 30
READERS = 5
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
ITEMS = [Item(f"Vaping and health, study {n}", f"v{n}", published=YESTERDAY) for n in range(6)]


def job(library: Library, fatal: int, *, later: timedelta = timedelta()) -> subprocess.CompletedProcess[str]:
    """Run collect, publish and deliver in one process that dies at instant `fatal`, the clock `later` than now."""
    clock = (datetime.now(UTC) + later).isoformat()
    return subprocess.run(
        [sys.executable, "-m", "tests.journeys.dying", str(fatal)],
        cwd=library.folder,
        env=library.environment({"ALERTS_CLOCK": clock, "PYTHONPATH": str(ROOT)}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def prepare(library: Library, feeds: FeedServer) -> int:
    """Set the feed and the readers; return how many instants an undisturbed run has."""
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.env["ALERTS_SMTP_SESSIONS"] = "1"  # so that one message is in flight at a time
    rows = [f"reader{n}@example.nhs.uk,Reader {n},public-health,person" for n in range(READERS)]
    library.write("data/people.csv", "\n".join(["address,name,teams,kind", *rows, ""]))
    whole = job(library, 0)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    return int(whole.stdout.rsplit("instants: ", 1)[1])


def begin_afresh(library: Library, mailbox: Mailbox) -> None:
    people = (library.folder / "data" / "people.csv").read_text()
    shutil.rmtree(library.folder / "data")
    library.write("data/people.csv", people)
    mailbox.messages.clear()


@pytest.mark.parametrize("share", [0, *(pytest.param(share, marks=pytest.mark.thorough) for share in (1, 2))])
def test_killed_at_random_instants_nothing_is_lost_and_nothing_doubled(
    library: Library, feeds: FeedServer, mailbox: Mailbox, share: int
) -> None:
    instants = prepare(library, feeds)
    assert len(mailbox.messages) == READERS
    chosen = random.Random(20261102 + share).sample(range(1, instants), POINTS // 3)
    for fatal in chosen:
        begin_afresh(library, mailbox)
        killed = job(library, fatal)
        assert killed.returncode == -9, f"instant {fatal} of {instants}: {killed.stderr}"
        before = len(mailbox.messages)
        # The lease of what was claimed, and of the stage, must be over before another may go on with it.
        again = job(library, 0, later=timedelta(minutes=31))
        assert again.returncode == 0, f"instant {fatal}: {again.stdout}{again.stderr}"
        sent = Counter(address for address, _ in mailbox.messages)
        assert set(sent) == {f"reader{n}@example.nhs.uk" for n in range(READERS)}, f"instant {fatal}: somebody lost it"
        twice = [address for address, count in sent.items() if count > 1]
        assert len(twice) <= 1, f"instant {fatal}: more than the message in flight was repeated: {sent}"
        for address in twice:
            copies = {body for reader, body in mailbox.messages if reader == address}
            assert len(copies) == 1, f"instant {fatal}: the repeat has other bytes"
            assert before, f"instant {fatal}: nothing had been sent, and yet something is doubled"
        one = mailbox.parsed()[0][1].get_body(("plain",))
        assert one is not None
        assert all(item.title in one.get_content() for item in ITEMS), f"instant {fatal}: an item is missing"


def test_a_folder_of_mail_never_holds_a_message_twice(library: Library, feeds: FeedServer, mailbox: Mailbox) -> None:
    del library.env["ALERTS_SMTP_HOST"]
    instants = prepare(library, feeds)
    folder = library.folder / "data" / "mail"
    for fatal in range(instants - 40, instants, 8):
        begin_afresh(library, mailbox)
        job(library, fatal)
        job(library, 0, later=timedelta(minutes=31))
        assert len(list(Path(folder).rglob("*.eml"))) == READERS, f"instant {fatal} of {instants}"
