"""A delivering process that is killed without warning while it talks to a mail server, over a real database file."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from alerts.store import Store, deliveries
from tests.deliver.relay import Relay, listening
from tests.deliver.test_stored_outbox import StoredDesk

ROOT = Path(__file__).resolve().parents[2]
READERS = 90


async def start(database: str, relay: Relay, hour: int, sessions: int) -> asyncio.subprocess.Process:
    arguments = [database, str(relay.port), str(hour), str(sessions)]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.deliver.one_process", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )


@pytest.mark.parametrize(("sessions", "killed_after"), [(1, (5, 40)), (3, (11, 31, 60))])
async def test_killed_again_and_again_nothing_is_lost_and_only_what_was_in_flight_is_doubled(
    sessions: int,
    killed_after: tuple[int, ...],
    sqlite_store: Store,
) -> None:
    desk = StoredDesk(sqlite_store)
    desk.queue(READERS)
    doubtful: Counter[str] = Counter()
    hour = 0

    async def breathe() -> None:
        await asyncio.sleep(0.002)

    async with listening(Relay(pause=breathe)) as relay:
        for wanted in killed_after:
            process = await start(sqlite_store.url, relay, hour, sessions)
            while len(relay.texts) < wanted and process.returncode is None:
                await asyncio.sleep(0.001)
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
            with sqlite_store.read() as conn:
                in_doubt = deliveries.listing(conn, state="in_data")
            assert len(in_doubt) <= sessions
            doubtful.update(each.address for each in in_doubt)
            hour += 1
        last = await start(sqlite_store.url, relay, hour, sessions)
        assert await last.wait() == 0

    assert desk.states() == {"sent": READERS}
    arrived = Counter(relay.recipients)
    assert len(arrived) == READERS
    for address, times in arrived.items():
        assert times <= 1 + doubtful[address]
    versions = {text.split(b"\r\n")[0]: text for text in relay.texts}
    assert len(set(relay.texts)) == len(versions) == READERS
