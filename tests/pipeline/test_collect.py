"""Sources that have nothing new are written together; what stands in for fetching here answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import event

from alerts.config import load_settings
from alerts.errors import AlertsError
from alerts.fetch.kinds import Answer
from alerts.model.sources import Response, Source, SourceState
from alerts.pipeline.collecting import collect as stage
from alerts.pipeline.collecting.collect import CollectReport, SourceReport, collect
from alerts.pipeline.collecting.tools import Tools
from alerts.pipeline.service import Service, open_service
from alerts.store import sources
from alerts.store.errors import DiskFull

NOTHING_NEW = Answer(Response("https://example.org/feed", status=304, not_modified=True))
Ask = Callable[[Source], Awaitable[Answer]]


class StandIn:
    """Tools that ask nobody."""

    def __init__(self, ask: Ask) -> None:
        self.fetcher = self
        self.ask = ask

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        yield

    def recall(self, *_: object) -> None:
        """Nothing to be remembered."""

    async def read(self, source: Source, _: SourceState) -> Answer:
        return await self.ask(source)


async def nothing_new(_: Source) -> Answer:
    return NOTHING_NEW


def follow(folder: Path, count: int) -> Mapping[str, str]:
    (folder / "config" / "sources").mkdir(parents=True)
    (folder / "config" / "service.yaml").write_text("name: Anytown\ncontact: Library <library@example.nhs.uk>\n")
    listed = "".join(
        f"  - {{id: s{nth}, title: Title {nth}, publisher: Press, address: 'https://example.org/{nth}', type: study}}\n"
        for nth in range(count)
    )
    (folder / "config" / "sources" / "all.yaml").write_text(f"sources:\n{listed}")
    return {"ALERTS_CONFIG_DIR": str(folder / "config"), "ALERTS_DATA_DIR": str(folder / "data")}


@pytest.fixture
def service(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    count = getattr(request, "param", 3)
    with open_service(load_settings(follow(tmp_path, count)).settings) as opened:
        yield opened


def run(service: Service, ask: Ask, tell: Callable[[SourceReport], None] = lambda _: None) -> CollectReport:
    tools = cast(Tools, StandIn(ask))

    async def whole() -> CollectReport:
        async with asyncio.timeout(30):
            return await collect(service, tools=tools, progress=lambda report, *_: tell(report))

    return asyncio.run(whole())


@pytest.mark.parametrize("service", [450], indirect=True)
def test_the_states_of_sources_with_nothing_new_are_written_in_a_few_transactions(service: Service) -> None:
    begun: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        begun.append(statement)

    event.listen(service.store.engine, "before_cursor_execute", note)
    told: list[SourceReport] = []
    report = run(service, nothing_new, told.append)
    assert len(report.of("unchanged")) == len(told) == 450
    assert begun.count("BEGIN IMMEDIATE") <= 5  # the lease taken and given back, and three times two hundred sources
    with service.store.read() as conn:
        states = sources.states(conn)
    assert len(states) == 450
    assert all(each.last_success_at is not None and each.next_due_at is not None for each in states.values())


def test_a_source_with_nothing_new_is_written_while_a_slow_one_is_waited_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "TOGETHER_S", 0.01)
    others_are_told = asyncio.Event()
    told: list[str] = []

    async def ask(source: Source) -> Answer:
        if source.id == "s0":
            await others_are_told.wait()
        return NOTHING_NEW

    def tell(report: SourceReport) -> None:
        told.append(report.source_id)
        if len(told) == 2:
            with service.store.read() as conn:
                assert set(sources.states(conn)) == {"s1", "s2"}
            others_are_told.set()

    run(service, ask, tell)
    assert sorted(told) == ["s0", "s1", "s2"]


def test_one_source_that_fails_costs_only_itself(service: Service) -> None:
    async def ask(source: Source) -> Answer:
        if source.id == "s1":
            raise AlertsError("It cannot be read.", remedy="Look at it.")
        return NOTHING_NEW

    report = run(service, ask)
    assert [each.source_id for each in report.of("failed")] == ["s1"]
    assert len(report.of("unchanged")) == 2


def test_a_disk_that_is_full_ends_the_run_with_its_own_sentence(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull("The disk that holds the database is full.")

    monkeypatch.setattr(sources, "save_states", full)
    with pytest.raises(DiskFull, match="full"):
        run(service, nothing_new)
