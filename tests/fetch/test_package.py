from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import alerts.fetch
from alerts.fetch.failures import FetchFailure


def kinds(of: type[FetchFailure] = FetchFailure) -> Iterator[type[FetchFailure]]:
    yield of
    for below in of.__subclasses__():
        yield from kinds(below)


def test_importing_the_room_brings_in_neither_aiohttp_nor_asyncio() -> None:
    order = (
        "import sys, alerts.fetch, alerts.fetch.pace\n"
        "print([m for m in ('aiohttp', 'asyncio', 'ssl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", order], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", alerts.fetch.__all__)
def test_every_public_name_is_there_when_it_is_asked_for(name: str) -> None:
    assert getattr(alerts.fetch, name) is not None


def test_a_name_that_is_not_public_is_said_to_be_missing() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Downloader'"):
        _ = alerts.fetch.Downloader


def test_every_failure_has_a_code_of_its_own_a_definition_and_a_remedy() -> None:
    every = list(kinds())
    assert len({each.code for each in every}) == len(every) > 25
    for each in every:
        assert each.code.startswith("F")
        assert each.__doc__
        assert each.remedy.endswith(".")
        assert each.__module__.startswith("alerts.fetch.")
