"""How Europe PMC is asked, poll after poll: spans of days that overlap, pages, and what is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from alerts.errors import AlertsError
from alerts.fetch import Fetcher, FetchSettings, ParserPool
from alerts.fetch.failures import EndedEarly, ServerTrouble, TooLarge, TooManyRequests
from alerts.fetch.kinds import Answer, europepmc
from alerts.fetch.kinds.europepmc import Reader
from alerts.model.sources import Source, SourceState
from alerts.parse import Parsed, parse
from alerts.parse.problems import NotAsDocumented, QuestionRefused
from tests.europepmc import EuropePMC, answer, corrections, record, told

QUERY = '(TITLE:"neighbourhood teams" OR MESH:"Patient Care Team")'
TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
REFUSAL = json.dumps({"version": "6.9", "errCode": 404, "errMsg": "Invalid cursorMark"}).encode()


@pytest.fixture
def service() -> Iterator[EuropePMC]:
    with EuropePMC() as running:
        yield running


class _Here:
    """Reads bodies in this process."""

    async def parse(self, body: bytes, address: str, content_type: str = "", **options: Any) -> Parsed:
        return parse(body, address=address, content_type=content_type, **options)


@dataclass
class Search:
    """A search that is polled, and what it remembers."""

    service: EuropePMC
    query: str = QUERY
    state: SourceState = field(default_factory=lambda: SourceState("teams"))
    limit: int = 15_000_000

    async def poll(self, now: datetime = TODAY) -> Answer:
        settings = FetchSettings(allow_loopback=True, host_pause_s=0, clock=lambda: now, max_body_bytes=self.limit)
        source = Source("teams", "Teams", self.service.address, kind="europepmc", query=self.query)
        async with Fetcher(settings) as fetcher:
            answer = await Reader(fetcher, cast("ParserPool", _Here())).read(source, self.state)
        if answer.memory is not None:
            self.state = self.state._replace(memory=answer.memory)
        return answer

    async def keys(self, now: datetime = TODAY) -> list[str]:
        parsed = (await self.poll(now)).parsed
        return [each.key for each in parsed.entries] if parsed else []


async def test_the_query_is_asked_for_what_is_new_or_changed_in_a_span_of_days(service: EuropePMC) -> None:
    await Search(service).poll()
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("GET", "/europepmc/webservices/rest/search")
    assert asked.question == {
        "query": f"({QUERY}) AND (FIRST_PDATE:[2026-11-06 TO 2026-11-21] OR UPDATE_DATE:[2026-11-06 TO 2026-11-21])",
        "resultType": "core",
        "format": "json",
        "synonym": "true",
        "sort": "P_PDATE_D desc",
        "pageSize": "100",
        "cursorMark": "*",
    }


async def test_a_long_query_goes_by_post_whole(service: EuropePMC) -> None:
    search = Search(service, query=" OR ".join(f'TITLE:"topic number {number}"' for number in range(200)))
    service.add(record(1, "A study", "2026-11-18"))
    assert await search.keys() == ["MED/1"]
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/europepmc/webservices/rest/searchPOST")
    assert search.query in asked.question["query"]


async def test_spans_overlap_and_none_is_left_out_when_the_service_was_down(service: EuropePMC) -> None:
    search = Search(service)
    spans = []
    for days in (0, 1, 7, 60):
        await search.poll(TODAY + timedelta(days=days))
        spans.append(service.asked[-1].question["query"].partition("FIRST_PDATE:")[2].partition(" OR ")[0])
    assert spans == [
        "[2026-11-06 TO 2026-11-21]", "[2026-11-13 TO 2026-11-22]", "[2026-11-14 TO 2026-11-28]",
        "[2026-11-20 TO 2027-01-20]",
    ]  # fmt: skip


async def test_a_clock_that_ran_ahead_does_not_skip_the_days_that_come(service: EuropePMC) -> None:
    search = Search(service)
    await search.poll(TODAY + timedelta(days=400))
    service.add(record(1, "A study", "2026-11-19"))
    assert await search.keys(TODAY + timedelta(days=1)) == ["MED/1"]


@pytest.mark.parametrize("repeats", [False, True])
async def test_every_page_is_read_to_the_last(service: EuropePMC, repeats: bool) -> None:
    service.repeats = repeats
    service.add(*(record(number, f"Study {number}", "2026-11-18") for number in range(1, 251)))
    found = (await Search(service).poll()).parsed
    assert found is not None
    assert len({each.key for each in found.entries}) == 250
    assert [each.question["cursorMark"] for each in service.asked] == ["*", "AoE100", "AoE200"]
    assert found.problems == ()


async def test_more_than_one_poll_takes_goes_on_at_the_next_and_is_told(
    service: EuropePMC, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(europepmc, "MOST_PAGES", 2)
    service.add(*(record(number, f"Study {number}", "2026-11-18") for number in range(1, 451)))
    search = Search(service)
    seen: list[str] = []
    said: list[list[str]] = []
    for hours in range(3):
        found = (await search.poll(TODAY + timedelta(hours=hours))).parsed
        assert found is not None
        seen += [each.key for each in found.entries]
        said.append([each.message for each in found.problems])
    assert len(seen) == len(set(seen)) == 450
    assert said == [
        ["There is more than one poll takes: 200 of 450 records are read, and the next poll goes on from there."],
        ["There is more than one poll takes: 400 of 450 records are read, and the next poll goes on from there."],
        [],
    ]
    await search.poll(TODAY + timedelta(hours=3))
    assert "FIRST_PDATE:[2026-11-13 TO 2026-11-21]" in service.asked[-1].question["query"]


async def test_a_place_that_europe_pmc_no_longer_knows_begins_the_span_again(
    service: EuropePMC, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(europepmc, "MOST_PAGES", 1)
    service.add(*(record(number, f"Study {number}", "2026-11-18") for number in range(1, 151)))
    search = Search(service)
    await search.poll()
    service.instead.append((200, REFUSAL, {}))
    await search.poll()
    assert [each.question["cursorMark"] for each in service.asked] == ["*", "AoE100", "*"]


async def test_pages_too_large_are_asked_for_in_smaller_ones(service: EuropePMC) -> None:
    service.add(*(record(n, f"Study {n}", "2026-11-18", abstractText="word " * 2_000) for n in range(1, 31)))
    found = (await Search(service, limit=100_000).poll()).parsed
    assert found is not None
    assert len(found.entries) == 30
    assert [each.question["pageSize"] for each in service.asked[:4]] == ["100", "20", "4", "4"]


async def test_a_single_record_that_is_too_large_is_a_failure_that_says_so(service: EuropePMC) -> None:
    service.add(record(1, "A study", "2026-11-18", abstractText="word " * 40_000))
    with pytest.raises(TooLarge):
        await Search(service, limit=100_000).poll()


async def test_a_search_that_ends_before_all_was_given_keeps_nothing(service: EuropePMC) -> None:
    service.instead.append((200, answer([record(1, "A study", "2026-11-18")], counted=80), {}))
    with pytest.raises(EndedEarly) as failed:
        await Search(service).poll()
    assert failed.value.sentence == "Europe PMC counted 80 records and gave 1."


async def test_the_very_same_records_are_nothing_new(service: EuropePMC) -> None:
    service.add(record(1, "A study", "2026-11-18"))
    search = Search(service)
    assert await search.keys() == ["MED/1"]
    assert (await search.poll(TODAY + timedelta(hours=1))).parsed is None
    service.add(record(1, "A study", "2026-11-18", isOpenAccess="Y"))
    assert await search.keys(TODAY + timedelta(hours=2)) == ["MED/1"]


async def test_a_record_that_is_retracted_a_year_later_comes_again(service: EuropePMC) -> None:
    service.add(record(1, "A study", "2026-11-18"))
    search = Search(service)
    await search.poll()
    later = TODAY + timedelta(days=365)
    await search.poll(later)
    retracted = corrections(told("Retraction in", 99))
    service.add(record(1, "A study", "2026-11-18", updated="2027-11-19", commentCorrectionList=retracted))
    found = (await search.poll(later + timedelta(days=1))).parsed
    assert found is not None
    assert [(each.key, [one.kind for one in each.relations]) for each in found.entries] == [("MED/1", ["retracted by"])]
    assert found.past == frozenset()


async def test_old_records_that_are_merely_indexed_anew_are_not_news(service: EuropePMC) -> None:
    search = Search(service)
    await search.poll()
    service.add(record(1, "An old study", "2019-01-05", updated="2026-11-20"))
    assert await search.keys(TODAY + timedelta(days=1)) == []


async def test_a_failed_poll_leaves_the_span_where_it_was(service: EuropePMC) -> None:
    search = Search(service)
    await search.poll()
    before = search.state.memory
    service.instead.append((500, b"trouble", {}))
    with pytest.raises(ServerTrouble):
        await search.poll(TODAY + timedelta(days=9))
    assert search.state.memory == before
    service.add(record(1, "A study", "2026-11-21"))
    assert await search.keys(TODAY + timedelta(days=10)) == ["MED/1"]


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (200, REFUSAL, QuestionRefused),
        (400, REFUSAL, QuestionRefused),
        (404, REFUSAL, QuestionRefused),
        (404, b"<html><body>Not here</body></html>", NotAsDocumented),
        (200, b"<html><body>Blocked</body></html>", NotAsDocumented),
        (429, b"slow down", TooManyRequests),
        (503, b"down", ServerTrouble),
        (410, b"gone", AlertsError),
    ],
)
async def test_errors_are_told_by_their_code(
    service: EuropePMC, status: int, body: bytes, failure: type[AlertsError]
) -> None:
    service.instead.append((status, body, {"Retry-After": "120"} if status == 429 else {}))
    with pytest.raises(failure) as failed:
        await Search(service).poll()
    assert QUERY not in f"{failed.value.sentence} {failed.value.cause}"
    if isinstance(failed.value, TooManyRequests):
        assert failed.value.retry_after_s == 120


@pytest.mark.parametrize(
    "memory",
    ["", "nonsense", "[]", "7", '{"since": 5, "read_to": []}', '{"since": "2026-99-99"}', '{"begun": {"first": 1}}',
     '{"begun": {"first": "2026-01-01", "last": "2026-01-02", "place": ""}}', "[" * 50_000],
)  # fmt: skip
async def test_a_memory_that_cannot_be_read_begins_the_search_anew(service: EuropePMC, memory: str) -> None:
    service.add(record(1, "A study", "2026-11-18"))
    search = Search(service, state=SourceState("teams", memory=memory))
    assert await search.keys() == ["MED/1"]
    assert "FIRST_PDATE:[2026-11-06 TO" in service.asked[0].question["query"]
