"""How a journal is asked of Crossref, poll after poll."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.fetch import Fetcher, FetchSettings, ParserPool
from alerts.fetch.failures import EndedEarly, JournalUnknown, NotThere, TooManyRequests
from alerts.fetch.kinds import Answer
from alerts.fetch.kinds.crossref import MOST, Memory, Reader
from alerts.model.sources import Source, SourceState
from alerts.parse import Parsed, parse
from alerts.parse.problems import NotAsDocumented, QuestionRefused
from tests.parse.crossref_samples import listed, refused, work

NOW = datetime(2026, 11, 28, 13, 30, tzinfo=UTC)
SOURCE = Source("jsph", "Journal", "", kind="crossref", issn=("2044-6055",))
Say = Callable[[str, dict[str, str]], bytes]


class _InProcess:
    """Parses in this process, as the children do."""

    async def parse(self, body: bytes, address: str, content_type: str = "", **options: Any) -> Parsed:
        return parse(body, address=address, content_type=content_type, **options)


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


class _Crossref:
    """A stand-in for the API: `say` answers a path and its parameters; what was asked is kept."""

    def __init__(self, serve: Any, say: Say, contact: str = "library@example.nhs.uk") -> None:
        self._serve, self._say = serve, say
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.settings = FetchSettings(contact=contact, allow_loopback=True, host_pause_s=0, clock=lambda: NOW)

    async def read(self, source: Source = SOURCE, memory: str = "", now: datetime = NOW) -> Answer:
        async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
            parts = urlsplit(head.split(b" ")[1].decode())
            told = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.asked.append((parts.path, told))
            writer.write(self._say(parts.path, told))

        base, _ = await self._serve({"*": answer})
        settings = replace(self.settings, clock=lambda: now)
        async with Fetcher(settings) as fetcher:
            reader = Reader(fetcher, cast("ParserPool", _InProcess()))
            return await reader.read(replace(source, address=base), SourceState(source.id, memory=memory))


def some(first: int, count: int) -> list[Any]:
    return [work(f"10.5555/{number}", f"Work number {number}") for number in range(first, first + count)]


async def test_the_first_poll_asks_for_what_was_made_known_in_the_first_run_days(serve: Any) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed(work())))
    answer = await crossref.read()
    ((path, asked),) = crossref.asked
    assert path == "/journals/2044-6055/works"
    assert asked["filter"] == "from-created-date:2026-11-14,from-index-date:2026-11-14"
    assert (asked["cursor"], asked["rows"], asked["mailto"]) == ("*", "100", "library@example.nhs.uk")
    assert "language" not in asked["select"].split(",")
    assert answer.parsed is not None
    assert [each.identifier("doi") for each in answer.parsed.entries] == ["10.5555/jsph.2026.1"]
    assert answer.parsed.title == "Journal of Sample Public Health"
    assert json.loads(answer.memory or "") == {"began": "2026-11-14T00", "read": {"2044-6055": "2026-11-28T13"}}


async def test_the_contact_stays_out_of_what_is_remembered(serve: Any) -> None:
    answer = await _Crossref(serve, lambda *_: http(listed())).read()
    assert answer.response.address.endswith("/journals/2044-6055/works")
    assert "example.nhs.uk" not in f"{answer.response.address} {answer.memory} {answer.response.permanent_address}"


async def test_a_contact_that_is_no_mail_address_is_not_given_as_one(serve: Any) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed()), contact="https://library.example.nhs.uk/")
    await crossref.read()
    assert "mailto" not in crossref.asked[0][1]


async def test_later_polls_overlap_by_a_day_and_never_ask_for_works_from_before_the_journal_was_followed(
    serve: Any,
) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed()))
    first = await crossref.read()
    await crossref.read(memory=first.memory or "", now=NOW + timedelta(hours=3))
    await crossref.read(memory=first.memory or "", now=NOW + timedelta(days=40))
    assert [asked["filter"] for _, asked in crossref.asked[1:]] == [
        "from-created-date:2026-11-14,from-index-date:2026-11-27",
        "from-created-date:2026-11-14,from-index-date:2026-11-27",
    ]


async def test_what_becomes_of_a_work_is_asked_for_half_a_year_and_not_for_ever(serve: Any) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed()))
    memory = Memory(NOW - timedelta(days=900), {"2044-6055": NOW - timedelta(days=1)}).written()
    await crossref.read(memory=memory)
    assert crossref.asked[0][1]["filter"] == "from-created-date:2026-06-01,from-index-date:2026-11-26"


async def test_after_a_year_of_silence_nothing_that_was_made_known_meanwhile_is_left_out(serve: Any) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed()))
    memory = Memory(NOW - timedelta(days=900), {"2044-6055": NOW - timedelta(days=365)}).written()
    await crossref.read(memory=memory)
    assert crossref.asked[0][1]["filter"] == "from-created-date:2025-11-27,from-index-date:2025-11-27"


async def test_pages_are_followed_by_their_cursor_to_the_end(serve: Any) -> None:
    def say(_: str, asked: dict[str, str]) -> bytes:
        page = {"*": 0, "a+/=": 1, "b&c": 2}[asked["cursor"]]
        works = some(100 * page, 100 if page < 2 else 50)
        return http(listed(*works, total=250, cursor=["a+/=", "b&c", "b&c"][page]))

    crossref = _Crossref(serve, say)
    answer = await crossref.read()
    assert answer.parsed is not None
    assert len(answer.parsed.entries) == 250
    assert len(crossref.asked) == 3


async def test_a_list_that_ends_before_it_has_given_what_it_counted_is_a_failure(serve: Any) -> None:
    def say(_: str, asked: dict[str, str]) -> bytes:
        return http(listed(*(some(0, 100) if asked["cursor"] == "*" else []), total=250))

    with pytest.raises(EndedEarly):
        await _Crossref(serve, say).read()


async def test_of_more_than_one_poll_takes_the_beginning_is_read_and_the_next_poll_goes_on(serve: Any) -> None:
    """Works were touched every two minutes for ten days; the stand-in answers a span as the API would."""
    start = datetime(2026, 11, 18, tzinfo=UTC)
    touched = [(start + timedelta(minutes=2 * number), work(f"10.5555/{number}")) for number in range(7_200)]

    def say(_: str, asked: dict[str, str]) -> bytes:
        told = dict(each.split(":", 1) for each in asked["filter"].split(","))
        since = datetime.fromisoformat(told["from-index-date"]).replace(tzinfo=UTC)
        until = datetime.fromisoformat(told.get("until-index-date", "2999-01-01")).replace(tzinfo=UTC)
        found = [each for moment, each in touched if since <= moment < until + timedelta(hours=1)]
        at = 0 if asked["cursor"] == "*" else int(asked["cursor"])
        return http(listed(*found[at : at + 100], total=len(found), cursor=str(at + 100)))

    crossref = _Crossref(serve, say)
    seen: set[str] = set()
    memory, polls = "", 0
    while True:
        answer = await crossref.read(memory=memory)
        memory, polls = answer.memory or "", polls + 1
        assert answer.parsed is not None
        assert len(answer.parsed.entries) <= MOST
        seen.update(each.key for each in answer.parsed.entries)
        if not answer.parsed.problems:
            break
        assert [each.code for each in answer.parsed.problems] == ["P100"]
        assert polls < 8
    assert len(seen) == 7_200


async def test_an_hour_in_which_more_was_touched_than_fits_is_read_as_far_as_can_be_and_said(serve: Any) -> None:
    def say(_: str, asked: dict[str, str]) -> bytes:
        at = 0 if asked["cursor"] == "*" else int(asked["cursor"])
        return http(listed(*some(at, 100), total=9_000, cursor=str(at + 100)))

    answer = await _Crossref(serve, say).read()
    assert answer.parsed is not None
    assert len(answer.parsed.entries) == 5_000
    assert "P123" in {each.code for each in answer.parsed.problems}


async def test_several_issns_are_asked_one_after_the_other_and_a_work_of_both_comes_once(serve: Any) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed(work())))
    answer = await crossref.read(replace(SOURCE, issn=("2044-6055", "0028-4793")))
    assert [path for path, _ in crossref.asked] == ["/journals/2044-6055/works", "/journals/0028-4793/works"]
    assert answer.parsed is not None
    assert len(answer.parsed.entries) == 1
    assert set(json.loads(answer.memory or "")["read"]) == {"2044-6055", "0028-4793"}


async def test_an_issn_that_crossref_does_not_know_is_named_with_what_to_do(serve: Any) -> None:
    with pytest.raises(JournalUnknown) as told:
        await _Crossref(serve, lambda *_: http(b"Resource not found.", "404 Not Found")).read()
    assert "2044-6055" in told.value.sentence
    assert "portal.issn.org" in told.value.remedy


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (http(b"<html>nothing here</html>", "404 Not Found"), NotThere),
        (http(refused("There is no such filter."), "400 Bad Request"), QuestionRefused),
        (http(b"", "429 Too Many Requests", Retry_After="120"), TooManyRequests),
        (http(b"<html><title>Maintenance</title></html>"), NotAsDocumented),
        (http(listed(work())[:-9]), NotAsDocumented),
    ],
)
async def test_everything_else_that_is_no_answer_is_a_failure_of_its_own(
    serve: Any, answer: bytes, failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        await _Crossref(serve, lambda *_: answer).read()


@pytest.mark.parametrize(
    "memory",
    ["", "x", "[]", "[" * 5_000, '{"began": 7, "read": []}', '{"began": "2999-01-01", "read": {"2044-6055": "soon"}}',
     '{"read": {"2044-6055": "2026-11-28T12"}, "short": [1]}', '{"read": {}, "short": ["2044-6055"]}',
     '{"began": "0001-01-01", "read": {"2044-6055": "0001-01-01"}}', '{"read": {"2044-6055": null}}'],
)  # fmt: skip
async def test_whatever_stands_in_the_memory_the_journal_is_asked_for(serve: Any, memory: str) -> None:
    crossref = _Crossref(serve, lambda *_: http(listed()))
    answer = await crossref.read(memory=memory)
    assert json.loads(answer.memory or "")["read"] == {"2044-6055": "2026-11-28T13"}
    assert "from-index-date:2026-11-" in crossref.asked[0][1]["filter"]


def test_a_clock_that_had_run_ahead_is_not_believed() -> None:
    ahead = Memory(NOW, {"2044-6055": NOW + timedelta(days=400)}).written()
    assert Memory.of(ahead, NOW).read == {"2044-6055": NOW}
