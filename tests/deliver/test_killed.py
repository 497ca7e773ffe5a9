"""Delivering processes that are killed or told to stop while they talk to a mail server: `killing.py` in small."""

from __future__ import annotations

import signal
from pathlib import Path
from random import Random

import pytest

from alerts.store import Store
from tests.deliver import killing
from tests.deliver.killing import Run

READERS = 90


@pytest.mark.parametrize("sessions", [1, 4])
async def test_killed_again_and_again_nothing_is_lost_and_only_what_was_in_flight_is_doubled(
    sessions: int, sqlite_store: Store, tmp_path: Path
) -> None:
    run = Run(sqlite_store, sqlite_store.url, tmp_path, READERS, Random(sessions), sessions)
    tally = await run.interrupt(3, signal.SIGKILL)
    assert tally.points == 3
    assert tally.is_well, tally
    assert tally.in_flight <= 3 * sessions
    assert tally.most_in_doubt <= sessions


async def test_killed_beside_another_that_goes_on_nothing_is_lost_and_only_what_was_in_flight_is_doubled(
    pg_server: str,
) -> None:
    tally = await killing.on_postgresql(pg_server, 3, 2 * READERS, seed=1)
    assert tally.points
    assert tally.is_well, tally
    assert tally.most_in_doubt <= 8


async def test_told_to_stop_again_and_again_it_leaves_in_order_and_nobody_gets_anything_twice(
    sqlite_store: Store, tmp_path: Path
) -> None:
    run = Run(sqlite_store, sqlite_store.url, tmp_path, READERS, Random(3))
    tally = await run.interrupt(3, signal.SIGTERM)
    assert tally.points == 3
    assert tally.is_well, tally
    assert tally.in_flight == tally.most_in_doubt == 0
