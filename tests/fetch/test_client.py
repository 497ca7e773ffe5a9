"""What the fetcher does with publishers that behave."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

import alerts
from alerts.fetch import Fetcher, FetchSettings, pace
from alerts.fetch.failures import (
    AccessRefused,
    BadRedirect,
    CutShort,
    FetchFailure,
    HostResting,
    LoginNeeded,
    NotThere,
    ProxyFailure,
    ServerTrouble,
    SourceGone,
    TooManyRequests,
    UnexpectedAnswer,
)
from alerts.fetch.hosts import name_of
from alerts.model.sources import Response, Source, SourceState

HOME = FetchSettings(contact="library@example.nhs.uk", allow_loopback=True, host_pause_s=0)
FEED = b"<rss><channel><title>Journal</title></channel></rss>"


def http(body: bytes = FEED, status: str = "200 OK", **headers: str) -> bytes:
    lines = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


async def get(address: str, state: SourceState | None = None, settings: FetchSettings = HOME, **more: Any) -> Response:
    async with Fetcher(settings, **more) as fetcher:
        return await fetcher.get(Source("s", "S", address), state or SourceState("s"))


async def test_a_body_comes_with_its_validators_type_and_freshness(serve: Any) -> None:
    base, _ = await serve(
        {
            "/feed": http(
                ETag='"abc"',
                Last_Modified="Sun, 22 Nov 2026 12:00:00 GMT",
                Content_Type="application/rss+xml; charset=utf-8",
                Cache_Control="max-age=7200",
            )
        }
    )
    response = await get(base + "/feed")
    assert response.body == FEED
    assert (response.etag, response.last_modified) == ('"abc"', "Sun, 22 Nov 2026 12:00:00 GMT")
    assert response.content_type == "application/rss+xml; charset=utf-8"
    assert (response.status, response.max_age_s, response.not_modified) == (200, 7200.0, False)
    assert ("etag", '"abc"') in response.headers


async def test_every_request_names_the_service_and_somebody_to_complain_to(serve: Any) -> None:
    base, requests = await serve({"/": http()})
    await get(base + "/")
    head = requests[0].decode()
    assert (
        f"User-Agent: alerts/{alerts.__version__} (current awareness for health libraries; library@example.nhs.uk)"
        in head
    )
    assert "Accept-Encoding: gzip, deflate\r\n" in head
    assert "If-None-Match" not in head
    assert "Cookie" not in head


async def test_a_contact_cannot_write_headers_of_its_own(serve: Any) -> None:
    base, requests = await serve({"/": http()})
    await get(base + "/", settings=FetchSettings(contact="x\r\nX-Evil: 1 ü", allow_loopback=True))
    assert b"\r\nX-Evil" not in requests[0]


async def test_an_unchanged_source_answers_304_and_brings_no_body(serve: Any) -> None:
    base, requests = await serve({"/": http(b"", "304 Not Modified", ETag='"abc"')})
    state = SourceState("s", etag='"abc"', last_modified="Sun, 22 Nov 2026 12:00:00 GMT", address=base + "/")
    response = await get(base + "/", state)
    assert response.not_modified
    assert response.body == b""
    head = requests[0].decode()
    assert 'If-None-Match: "abc"\r\n' in head
    assert "If-Modified-Since: Sun, 22 Nov 2026 12:00:00 GMT\r\n" in head


async def test_the_validators_of_another_address_are_not_sent(serve: Any) -> None:
    base, requests = await serve({"/": http()})
    await get(base + "/", SourceState("s", etag='"abc"', address="https://old.example.org/feed"))
    assert b"If-None-Match" not in requests[0]


async def test_validators_go_only_to_the_place_that_gave_them(serve: Any) -> None:
    """Sent on to another machine, our "1" might be its "1", and a 304 would hide what we have never read."""
    there, asked_there = await serve({"/feed": http(ETag='"1"')})
    onward = http(b"", "302 Found", Location=f"{there}/feed?session=9")
    here, asked_here = await serve({"/feed": onward})
    known = SourceState("s", etag='"1"', address=here + "/feed")
    assert (await get(here + "/feed", known._replace(answered_by=here + "/feed"))).body == FEED
    assert b"If-None-Match" in asked_here[-1]
    assert b"If-None-Match" not in asked_there[-1]
    await get(here + "/feed", known._replace(answered_by=there + "/feed?session=8"))
    assert b"If-None-Match" not in asked_here[-1]
    assert b"If-None-Match" in asked_there[-1], "another session's key is no other place"


async def test_an_etag_that_cannot_be_sent_back_is_not_kept_and_does_not_spoil_the_next_poll(serve: Any) -> None:
    base, requests = await serve({"/": http().replace(b"\r\n", b'\r\nETag: "caf\xe9"\r\nLast-Modified: \xff\r\n', 1)})
    first = await get(base + "/")
    assert (first.etag, first.last_modified) == ("", "")
    await get(base + "/", SourceState("s", etag=first.etag, last_modified=first.last_modified, address=base + "/"))
    assert b"If-None-Match" not in requests[1]


async def test_a_redirect_that_asks_for_patience_lengthens_the_wait_for_the_next_poll(serve: Any) -> None:
    base, _ = await serve({"/a": http(b"", "301 Moved", Location="/b", Retry_After="7200"), "/b": http()})
    assert (await get(base + "/a")).retry_after_s == 7200.0
    busy, _ = await serve({"/": http(Retry_After="600")})
    assert (await get(busy + "/")).retry_after_s == 600.0


async def test_cookies_are_never_kept_and_never_sent(serve: Any) -> None:
    base, requests = await serve(
        {
            "/a": http(b"", "302 Found", Location="/b", Set_Cookie="a=1; Path=/"),
            "/b": http(Set_Cookie="b=2; Path=/; Max-Age=9999"),
        }
    )
    async with Fetcher(HOME) as fetcher:
        for _ in range(2):
            await fetcher.get(Source("s", "S", base + "/a"), SourceState("s"))
    assert len(requests) == 4
    assert not any(b"cookie" in head.lower() for head in requests)


async def test_raw_bytes_in_a_redirect_are_asked_as_they_were_meant(serve: Any) -> None:
    base, requests = await serve(
        {"/a": b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9?q=%20\r\nContent-Length: 0\r\n\r\n", "/caf%E9": http()}
    )
    assert (await get(base + "/a")).body == FEED
    assert requests[1].startswith(b"GET /caf%E9?q=%20 ")


async def test_a_redirect_back_to_the_very_same_address_is_no_move(serve: Any) -> None:
    answers = iter([http(b"", "301 Moved", Location="/feed#top"), http()])

    async def first_moved_then_there(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(next(answers))

    base, _ = await serve({"/feed": first_moved_then_there})
    assert (await get(base + "/feed")).permanent_address == ""


async def test_a_304_that_nobody_asked_for_is_a_failure_not_an_empty_success(serve: Any) -> None:
    base, _ = await serve({"/": http(b"", "304 Not Modified")})
    with pytest.raises(UnexpectedAnswer):
        await get(base + "/")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(FEED, mtime=0)), ("deflate", zlib.compress(FEED)), ("identity", FEED)],
    ids=["gzip", "deflate", "identity"],
)
async def test_packed_bodies_are_unpacked(serve: Any, encoding: str, packed: bytes) -> None:
    base, _ = await serve({"/": http(packed, Content_Encoding=encoding)})
    assert (await get(base + "/")).body == FEED


async def test_a_chunked_body_is_put_together(serve: Any) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(FEED[i : i + 7]), FEED[i : i + 7]) for i in range(0, len(FEED), 7))
    base, _ = await serve({"/": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"})
    assert (await get(base + "/")).body == FEED


async def test_a_redirect_is_followed_and_a_permanent_chain_is_remembered(serve: Any) -> None:
    base, _ = await serve(
        {
            "/a": http(b"", "301 Moved Permanently", Location="b?x=1"),
            "/b": http(b"", "308 Permanent Redirect", Location="/c"),
            "/c": http(),
        }
    )
    response = await get(base + "/a")
    assert response.body == FEED
    assert response.address == base + "/c"
    assert response.permanent_address == base + "/c"


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
async def test_one_temporary_link_makes_the_chain_temporary(serve: Any, status: str) -> None:
    base, _ = await serve(
        {
            "/a": http(b"", "301 Moved Permanently", Location="/b"),
            "/b": http(b"", status, Location="/c"),
            "/c": http(),
        }
    )
    response = await get(base + "/a")
    assert response.body == FEED
    assert response.permanent_address == ""


async def test_a_304_after_a_redirect_is_not_modified_and_still_says_that_the_source_moved(serve: Any) -> None:
    base, requests = await serve(
        {"/a": http(b"", "301 Moved Permanently", Location="/b"), "/b": http(b"", "304 Not Modified")}
    )
    response = await get(base + "/a", SourceState("s", etag='"1"'))
    assert response.not_modified
    assert response.permanent_address == base + "/b"
    assert b"If-None-Match" in requests[1]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", LoginNeeded),
        ("403 Forbidden", AccessRefused),
        ("404 Not Found", NotThere),
        ("410 Gone", SourceGone),
        ("429 Too Many Requests", TooManyRequests),
        ("500 Internal Server Error", ServerTrouble),
        ("503 Service Unavailable", ServerTrouble),
        ("599 Strange", ServerTrouble),
        ("204 No Content", UnexpectedAnswer),
        ("206 Partial Content", UnexpectedAnswer),
        ("418 I'm a teapot", UnexpectedAnswer),
        ("451 Unavailable For Legal Reasons", AccessRefused),
        ("511 Network Authentication Required", ProxyFailure),
        ("999 Request Denied", UnexpectedAnswer),
        ("300 Multiple Choices", UnexpectedAnswer),
    ],
)
async def test_every_status_has_its_failure_with_a_sentence_and_a_remedy(
    serve: Any, status: str, kind: type[FetchFailure]
) -> None:
    base, _ = await serve({"*": http(b"", status)})
    with pytest.raises(kind) as caught:
        await get(base + "/feed?key=sesame")
    failure = caught.value
    assert type(failure) is kind
    assert failure.status == int(status[:3])
    assert failure.cause == f"HTTP status {status[:3]}"
    assert failure.remedy
    assert "sesame" not in f"{failure.sentence}{failure.cause}{failure.remedy}"


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_a_host_that_asks_for_rest_is_not_asked_for_its_other_sources_either(serve: Any, status: str) -> None:
    base, requests = await serve({"/a": http(b"", status, Retry_After="300"), "/b": http()})
    async with Fetcher(HOME) as fetcher:
        with pytest.raises(FetchFailure) as caught:
            await fetcher.get(Source("a", "A", base + "/a"), SourceState("a"))
        assert caught.value.retry_after_s == 300.0
        with pytest.raises(HostResting) as resting:
            await fetcher.get(Source("b", "B", base + "/b"), SourceState("b"))
    assert 299 < (resting.value.retry_after_s or 0) <= 300
    assert len(requests) == 1


async def test_a_host_that_asked_for_rest_is_left_alone_by_the_next_run_too(serve: Any) -> None:
    base, requests = await serve({"/a": http(b"", "429 Slow down", Retry_After="300"), "/b": http()})
    now = datetime.now(UTC)
    async with Fetcher(HOME) as fetcher:
        with pytest.raises(TooManyRequests) as caught:
            await fetcher.get(Source("a", "A", base + "/a"), SourceState("a"))
    state = pace.after_failure(Source("a", "A", base + "/a"), SourceState("a"), caught.value, now, Random(1))
    async with Fetcher(HOME) as fetcher:
        fetcher.recall([state], now + timedelta(seconds=100))
        with pytest.raises(HostResting) as resting:
            await fetcher.get(Source("b", "B", base + "/b"), SourceState("b"))
        assert 199 < (resting.value.retry_after_s or 0) <= 200
    async with Fetcher(HOME) as fetcher:
        fetcher.recall([state], now + timedelta(seconds=301))
        assert (await fetcher.get(Source("b", "B", base + "/b"), SourceState("b"))).body == FEED
    assert len(requests) == 2


def test_http_and_https_of_one_name_are_one_host_and_a_port_of_its_own_is_another() -> None:
    assert name_of("example.org", 80) == name_of("example.org", 443) == "example.org"
    assert name_of("example.org", 8443) != name_of("example.org", 443)


async def test_many_sources_of_one_slow_host_keep_no_other_source_waiting(serve: Any) -> None:
    """Each holds its place in the queue of its own host, and none of the slots."""

    async def tarpit(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    slow, asked = await serve({"*": tarpit})
    quick, _ = await serve({"*": http()})
    done: list[str] = []
    async with Fetcher(FetchSettings(allow_loopback=True, host_pause_s=0, connections=3)) as fetcher:

        async def poll(name: str, address: str) -> None:
            async with fetcher.slot():
                with suppress(FetchFailure):
                    await fetcher.get(Source(name, name, address), SourceState(name))
            done.append(name)

        await asyncio.gather(
            *(poll("slow", f"{slow}/{n}") for n in range(4)), *(poll("quick", f"{quick}/{n}") for n in range(8))
        )
    assert done[:8] == ["quick"] * 8
    assert len(asked) == 4


async def test_whoever_keeps_a_slot_and_is_sent_on_to_another_host_cannot_block_it(serve: Any) -> None:
    here, _ = await serve({"/feed": http()})
    there, _ = await serve({"/feed": http()})
    to_here, _ = await serve({"*": http(b"", "302 Found", Location=here + "/feed")})
    to_there, _ = await serve({"*": http(b"", "302 Found", Location=there + "/feed")})
    async with Fetcher(FetchSettings(allow_loopback=True, host_pause_s=0, connections=1)) as fetcher:

        async def poll(address: str) -> bytes:
            async with fetcher.slot():
                return (await fetcher.get(Source("s", "S", address), SourceState("s"))).body

        async with asyncio.timeout(20):
            bodies = await asyncio.gather(*(poll(f"{base}/{n}") for n in range(3) for base in (to_here, to_there)))
    assert bodies == [FEED] * 6


async def test_two_sources_of_one_host_are_asked_one_after_the_other_with_a_pause(serve: Any) -> None:
    times: list[tuple[float, float]] = []

    async def slow(_: bytes, writer: asyncio.StreamWriter) -> None:
        began = time.monotonic()
        await asyncio.sleep(0.1)
        writer.write(http())
        times.append((began, time.monotonic()))

    base, _ = await serve({"*": slow})
    settings = FetchSettings(allow_loopback=True, host_pause_s=0.3)
    async with Fetcher(settings) as fetcher:
        await asyncio.gather(*(fetcher.get(Source("s", "S", f"{base}/{n}"), SourceState("s")) for n in range(3)))
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(times)]
    assert len(gaps) == 2
    assert all(gap >= 0.29 for gap in gaps)


async def test_different_hosts_are_asked_at_the_same_time(serve: Any) -> None:
    async def slow(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.7)
        writer.write(http())

    bases = [(await serve({"*": slow}))[0] for _ in range(5)]
    started = time.monotonic()
    async with Fetcher(FetchSettings(allow_loopback=True)) as fetcher:
        await asyncio.gather(*(fetcher.get(Source("s", "S", base), SourceState("s")) for base in bases))
    assert time.monotonic() - started < 3


async def test_a_server_that_hangs_up_is_not_asked_again_at_once_but_a_kept_connection_is_made_anew() -> None:
    """What gets no answer aiohttp repeats by itself, without the pause between two requests."""
    connections, requests = 0, 0

    async def answer_once_then_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections, requests
        connections += 1
        hangs_up = connections > 2
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            requests += 1
            if not hangs_up:
                writer.write(http())
                await reader.readuntil(b"\r\n\r\n")  # the next one on the kept connection gets no answer
        writer.close()

    async with await asyncio.start_server(answer_once_then_close, "127.0.0.1", 0) as server:
        source = Source("s", "S", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        async with Fetcher(HOME) as fetcher:
            for _ in range(2):
                assert (await fetcher.get(source, SourceState("s"))).body == FEED
            assert (connections, requests) == (2, 2)
        async with Fetcher(HOME) as fetcher:
            with pytest.raises(CutShort, match="hung up"):
                await fetcher.get(source, SourceState("s"))
        assert (connections, requests) == (3, 3)


async def test_no_more_hosts_are_asked_at_once_than_allowed(serve: Any) -> None:
    running, most = 0, 0

    async def count(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0.1)
        running -= 1
        writer.write(http())

    bases = [(await serve({"*": count}))[0] for _ in range(6)]
    async with Fetcher(FetchSettings(allow_loopback=True, connections=2)) as fetcher:
        await asyncio.gather(*(fetcher.get(Source("s", "S", base), SourceState("s")) for base in bases))
    assert most == 2


async def test_a_host_can_have_a_pause_of_its_own() -> None:
    settings = FetchSettings(host_pause_s=2, host_pauses={"127.0.0.1": 0.1, ".example.com": 10, "api.example.com": 0})
    assert settings.pause_for("127.0.0.1") == 0.1
    assert settings.pause_for("example.org") == 2
    assert settings.pause_for("www.feeds.example.com") == 10
    assert settings.pause_for("api.example.com") == 0
    assert settings.pause_for("example.com") == 2


async def test_a_name_is_asked_at_the_checked_address_under_its_own_name(serve: Any) -> None:
    base, requests = await serve({"/": http()})
    port = base.rpartition(":")[2]

    async def resolve(host: str, _: int) -> list[str]:
        assert host == "feeds.example.org"
        return ["127.0.0.1"]

    settings = FetchSettings(allow_loopback=True, allow_ports=frozenset({int(port)}))
    assert (await get(f"http://feeds.example.org:{port}/", settings=settings, resolve=resolve)).body == FEED
    assert f"Host: feeds.example.org:{port}\r\n".encode() in requests[0]


async def test_large_headers_of_publishers_are_no_obstacle(serve: Any) -> None:
    base, _ = await serve({"/": http(Content_Security_Policy="x" * 30_000)})
    assert (await get(base + "/")).body == FEED


async def test_a_connection_is_kept_only_while_others_wait_for_the_same_host(serve: Any) -> None:
    base, requests = await serve({f"/{nth}": http() for nth in range(3)})
    async with Fetcher(HOME) as fetcher, asyncio.TaskGroup() as tasks:
        for nth in range(3):
            tasks.create_task(fetcher.get(Source(f"s{nth}", "S", f"{base}/{nth}"), SourceState(f"s{nth}")))
    kept = ["connection: close" not in request.decode().lower() for request in requests]
    assert kept == [True, True, False]


async def test_a_long_question_goes_as_a_form_and_a_refusal_that_explains_itself_is_an_answer(serve: Any) -> None:
    async def explain(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http(b'{"error": "bad term"}', "400 Bad Request", Content_Type="application/json"))

    base, requests = await serve({"/search": explain})
    async with Fetcher(HOME) as fetcher:
        response = await fetcher.ask(base + "/search", form={"term": "vap* é"}, accept="application/json", takes={400})
        with pytest.raises(UnexpectedAnswer):
            await fetcher.ask(base + "/search")
    assert (response.status, response.body) == (400, b'{"error": "bad term"}')
    assert requests[0].startswith(b"POST /search ")
    assert b"Accept: application/json\r\n" in requests[0]
    assert b"Content-Type: application/x-www-form-urlencoded" in requests[0]


async def test_a_form_is_sent_nowhere_but_where_it_was_meant_for(serve: Any) -> None:
    base, requests = await serve({"/search": http(b"", "307 Temporary Redirect", Location="/other"), "/other": http()})
    async with Fetcher(HOME) as fetcher:
        with pytest.raises(BadRedirect) as refused:
            await fetcher.ask(base + "/search", form={"api_key": "secret"})
        assert (await fetcher.ask(base + "/search")).body == FEED
    assert len(requests) == 3
    assert "one place only" in refused.value.sentence


def test_services_made_for_questions_are_asked_as_often_as_they_allow_unless_the_administrator_says_otherwise() -> None:
    assert FetchSettings().pause_for("eutils.ncbi.nlm.nih.gov") == 0.4
    assert FetchSettings(host_pauses={".nih.gov": 3.0}).pause_for("eutils.ncbi.nlm.nih.gov") == 3.0
    assert FetchSettings().pause_for("journals.example.org") == 2.0


async def test_the_pause_that_a_host_names_in_its_latest_answer_is_kept_to(serve: Any) -> None:
    base, _ = await serve({"/": http(X_Rate_Limit_Limit="4", X_Rate_Limit_Interval="1s"), "/more": http()})
    async with Fetcher(HOME) as fetcher:
        name = base.removeprefix("http://")
        await fetcher.ask(base + "/")
        assert fetcher._hosts._hosts[name].asked_pause_s == 0.25
        await fetcher.ask(base + "/more")
        assert fetcher._hosts._hosts[name].asked_pause_s == 0


async def test_a_question_on_a_kept_connection_that_the_server_has_closed_is_asked_once_more() -> None:
    answered: list[int] = []

    async def one_answer_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            for number in range(2):
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(len(b"term=vaping"))
                answered.append(number)
                if number == 0:
                    writer.write(http(b"found"))
                    await writer.drain()
        writer.close()

    async with await asyncio.start_server(one_answer_each, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/search"
        async with Fetcher(HOME) as fetcher:
            asked = [fetcher.ask(address, form={"term": "vaping"}) for _ in range(3)]
            assert [each.body for each in await asyncio.gather(*asked)] == [b"found"] * 3
    assert 1 in answered, "a kept connection was used, and closed without an answer"
