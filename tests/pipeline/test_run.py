"""The service goes on ticking whatever becomes of the machine's clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
import time_machine

from alerts.deliver import FolderTransport
from alerts.pipeline.collecting.tools import Tools
from alerts.pipeline.run import Running, begin_to_tick
from alerts.store import Store
from tests.pipeline.one_bulletin import TUESDAYS, Library


@pytest.mark.parametrize("leap_s", [-2 * 3600, 365 * 86_400])
async def test_ticks_go_on_when_the_clock_is_set_back_or_forward_and_back(
    sqlite_store: Store, tmp_path: Path, leap_s: int
) -> None:
    library = Library(sqlite_store, tmp_path)
    library.schedule(TUESDAYS)
    stop, ticks = asyncio.Event(), 0
    running = Running(library.service, stop, FolderTransport(tmp_path / "mail"), cast(Tools, None))

    async def job() -> None:
        nonlocal ticks
        ticks += 1

    async def until(count: int) -> None:
        while ticks < count:
            await asyncio.sleep(0.01)

    async with asyncio.timeout(10):
        with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC)) as clock:
            scheduler, minding = begin_to_tick(running, {"gather": job}, 0.02)
            await until(3)
            for leap in (leap_s, -leap_s):
                clock.shift(leap)
                await until(ticks + 3)
            minding.cancel()
            scheduler.shutdown(wait=False)
