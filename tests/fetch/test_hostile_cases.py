"""Every case of the hostile server has the outcome that the list says, and hurts nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alerts.fetch import Fetcher, FetchSettings
from alerts.fetch.failures import FetchFailure
from alerts.model.sources import Response, Source, SourceState
from tests.fetch import hostile
from tests.fetch.hostile import Case

HOME = FetchSettings(allow_loopback=True, host_pause_s=0, **hostile.LIMITS)  # type: ignore[arg-type]  # numbers all


def player(case: Case) -> Any:
    async def play(_: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in case.pieces():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(case.pause_s)
        if case.hangs:
            await asyncio.sleep(30)

    return play


async def ask(serve: Any, case: Case) -> Response:
    base, _ = await serve({"*": player(case)})
    async with Fetcher(HOME) as fetcher:
        return await fetcher.get(Source("s", "S", base + "/feed"), SourceState("s"))


@pytest.mark.parametrize("name", hostile.HONEST)
async def test_odd_but_honest(serve: Any, name: str) -> None:
    assert (await ask(serve, hostile.HONEST[name])).body == hostile.FEED


@pytest.mark.parametrize("name", hostile.FETCHED)
async def test_hostile(serve: Any, name: str) -> None:
    with pytest.raises(FetchFailure) as caught:
        await ask(serve, hostile.FETCHED[name])
    failure = caught.value
    assert failure.code == hostile.FETCHED[name].outcome, f"{failure.code} {failure.sentence} {failure.cause}"
    assert failure.sentence.endswith(".")
    assert failure.cause
    assert failure.remedy


@pytest.mark.parametrize("name", hostile.NO_FEEDS)
async def test_no_feed_at_all_comes_whole_and_is_the_parsers_to_refuse(serve: Any, name: str) -> None:
    assert (await ask(serve, hostile.NO_FEEDS[name])).status == 200
