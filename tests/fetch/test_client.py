"""What the fetcher does with publishers that behave."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from itertools import pairwise
from typing import Any

import pytest

import alerts
from alerts.fetch import Fetcher, FetchSettings
from alerts.fetch.failures import (
    AccessRefused,
    FetchFailure,
    HostResting,
    LoginNeeded,
    NotThere,
    ServerTrouble,
    SourceGone,
    TooManyRequests,
    UnexpectedAnswer,
)
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
    settings = FetchSettings(host_pause_s=2, host_pauses={"127.0.0.1": 0.1})
    assert settings.pause_for("127.0.0.1") == 0.1
    assert settings.pause_for("example.org") == 2


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
