"""What the fetcher does with servers that are broken, slow, or out to harm."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alerts.fetch import Fetcher, FetchSettings
from alerts.fetch.failures import (
    AddressRefused,
    BadRedirect,
    CannotConnect,
    FetchFailure,
    ForbiddenAddress,
    NameNotFound,
    NoConnectionInTime,
    ProxyFailure,
    Silent,
    TooLarge,
    TooManyRedirects,
    TooSlow,
)
from alerts.fetch.names import ask_system
from alerts.model.sources import Response, Source, SourceState
from tests.fetch.hostile import FEED, whole

FORBIDDEN = json.loads(Path(__file__).with_name("forbidden.json").read_text(encoding="utf-8"))


def home(**more: Any) -> FetchSettings:
    return FetchSettings(allow_loopback=True, host_pause_s=0, **more)


async def get(address: str, settings: FetchSettings, **more: Any) -> Response:
    async with Fetcher(settings, **more) as fetcher:
        return await fetcher.get(Source("s", "S", address), SourceState("s"))


def sender(*pieces: bytes, pause_s: float = 0.0, then_hang: bool = False) -> Any:
    async def send(_: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        if then_hang:
            await asyncio.sleep(30)

    return send


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def endless(piece: bytes) -> Any:
    async def send(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"\r\n")
        while True:
            writer.write(piece)
            await writer.drain()

    return send


async def test_a_body_without_end_is_given_up_at_the_limit(serve: Any) -> None:
    base, _ = await serve({"/": endless(b"x" * 65_536)})
    started = time.monotonic()
    with pytest.raises(TooLarge, match="1 MB"):
        await get(base + "/", home(max_wire_bytes=1_000_000))
    assert time.monotonic() - started < 5


async def test_what_unpacks_to_more_than_the_limit_is_too_large(serve: Any) -> None:
    body = gzip.compress(bytes(range(256)) * 8_000)
    base, _ = await serve({"/": sender(HEAD + b"Content-Encoding: gzip\r\n\r\n" + body)})
    with pytest.raises(TooLarge):
        await get(base + "/", home(max_body_bytes=1_000_000, max_ratio=100_000))


async def test_a_slow_drip_ends_at_the_total_deadline(serve: Any) -> None:
    base, _ = await serve({"/": sender(HEAD + b"\r\n", *[b"x"] * 100, pause_s=0.05)})
    started = time.monotonic()
    with pytest.raises(TooSlow):
        await get(base + "/", home(total_timeout_s=0.5, read_timeout_s=5))
    assert time.monotonic() - started < 2


async def test_a_slow_drip_of_headers_ends_at_the_total_deadline(serve: Any) -> None:
    base, _ = await serve({"/": sender(b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100, pause_s=0.05)})
    with pytest.raises(TooSlow):
        await get(base + "/", home(total_timeout_s=0.5, read_timeout_s=5))


async def test_the_total_deadline_counts_over_redirects(serve: Any) -> None:
    base, _ = await serve(
        {"*": sender(b"", b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", pause_s=0.2)}
    )
    with pytest.raises(TooSlow):
        await get(base + "/", home(total_timeout_s=0.5))


async def test_a_server_that_falls_silent_is_given_up_at_the_read_deadline(serve: Any) -> None:
    base, _ = await serve({"/a": sender(then_hang=True), "/b": sender(HEAD + b"\r\n<rss>", then_hang=True)})
    for path in ("/a", "/b"):
        with pytest.raises(Silent):
            await get(base + path, home(read_timeout_s=0.3))


async def test_waiting_for_a_hosts_turn_is_not_counted_as_slowness(serve: Any) -> None:
    base, _ = await serve({"*": sender(HEAD + b"Content-Length: 0\r\n\r\n", pause_s=0.4)})
    async with Fetcher(home(total_timeout_s=1.5)) as fetcher:
        answers = await asyncio.gather(
            *(fetcher.get(Source("s", "S", f"{base}/{n}"), SourceState("s")) for n in range(5))
        )
    assert len(answers) == 5


async def test_endless_redirects_end_after_five(serve: Any) -> None:
    base, requests = await serve({"*": b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"})
    with pytest.raises(TooManyRedirects):
        await get(base + "/", home())
    assert len(requests) == 6


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address anything tries to connect to; nothing is connected but 127.0.0.77, where the test's server is."""
    tried: list[Any] = []
    loop_type = asyncio.SelectorEventLoop
    connect = loop_type.sock_connect

    async def note(self: Any, sock: Any, address: Any) -> None:
        if address[0] == "127.0.0.77":
            return await connect(self, sock, address)
        tried.append(address)
        raise ConnectionRefusedError("a test connects to nothing")

    monkeypatch.setattr(loop_type, "sock_connect", note)
    return tried


async def test_the_watch_on_connections_sees_one_that_is_allowed(connections: list[Any]) -> None:
    with pytest.raises(CannotConnect):
        await get("http://8.8.8.8/", FetchSettings())
    assert connections == [("8.8.8.8", 80)]


async def test_no_spelling_of_a_forbidden_address_is_ever_connected_to(connections: list[Any]) -> None:
    async with Fetcher(FetchSettings()) as fetcher:
        for host in FORBIDDEN["hosts"]:
            with pytest.raises(AddressRefused):
                await fetcher.get(Source("s", "S", f"http://{host}/feed"), SourceState("s"))
        for address in FORBIDDEN["addresses"]:
            with pytest.raises(AddressRefused):
                await fetcher.get(Source("s", "S", address), SourceState("s"))
    assert connections == []


async def test_no_redirect_to_a_forbidden_address_is_ever_followed(serve: Any, connections: list[Any]) -> None:
    targets = [f"http://{host}/" for host in FORBIDDEN["hosts"] if host.isascii()]
    targets += [
        each for each in FORBIDDEN["addresses"] if each.isprintable() and each.isascii() and re.search("://[^/]", each)
    ]
    answers = {
        f"/{n}": f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        for n, target in enumerate(targets)
    }
    base, requests = await serve(answers, host="127.0.0.77")
    settings = FetchSettings(allow_hosts=frozenset({base.removeprefix("http://")}), host_pause_s=0)
    async with Fetcher(settings) as fetcher:
        for n, target in enumerate(targets):
            with pytest.raises(FetchFailure) as caught:
                await fetcher.get(Source("s", "S", f"{base}/{n}"), SourceState("s"))
            assert isinstance(caught.value, AddressRefused | BadRedirect), target
    assert connections == []
    assert len(requests) == len(targets)


async def test_no_spelling_of_home_reaches_a_server_that_listens_there() -> None:
    """Nothing is patched here: a server listens on both loopbacks, its port is allowed, and nobody ever comes."""
    came: list[object] = []

    def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer.get_extra_info("peername"))
        writer.close()

    async def home_again(*_: object) -> Sequence[str]:
        return ["127.0.0.1"]

    async with await asyncio.start_server(note, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = FetchSettings(allow_ports=frozenset({port}), host_pause_s=0)
        hosts = [*FORBIDDEN["hosts"], "localhost", "LOCALHOST", "localhost.", "localtest.example.org"]
        async with Fetcher(settings, resolve=home_again) as fetcher:
            for host in hosts:
                for scheme in ("http", "https"):
                    with pytest.raises(AddressRefused):
                        await fetcher.get(Source("s", "S", f"{scheme}://{host}:{port}/feed"), SourceState("s"))
        assert came == []
        with suppress(FetchFailure):
            await get(f"http://127.0.0.1:{port}/", home())
        assert len(came) == 1, "the server does listen"


@pytest.mark.parametrize("machine", FORBIDDEN["machines"])
@pytest.mark.parametrize("beside", [(), ("8.8.8.8",)])
async def test_a_name_that_leads_to_a_forbidden_machine_is_never_connected_to(
    connections: list[Any], machine: str, beside: tuple[str, ...]
) -> None:
    async def resolve(*_: object) -> Sequence[str]:
        return [*beside, machine]

    with pytest.raises(ForbiddenAddress):
        await get("http://rebinding.example.org/", FetchSettings(), resolve=resolve)
    assert connections == []


async def test_an_intranet_host_on_the_allow_list_is_reached_by_name_and_by_network_and_nothing_else_is(
    connections: list[Any],
) -> None:
    inside = {"intranet.example.nhs.uk": "10.1.1.1", "wiki.example.nhs.uk": "10.20.1.1", "evil.example.org": "10.1.1.1"}

    async def resolve(host: str, _: int) -> Sequence[str]:
        return [inside[host]]

    settings = FetchSettings(allow_hosts=frozenset({"intranet.example.nhs.uk", "10.20.0.0/16"}))
    for host in inside:
        with pytest.raises(ForbiddenAddress if host == "evil.example.org" else CannotConnect):
            await get(f"http://{host}/", settings, resolve=resolve)
    assert connections == [("10.1.1.1", 80), ("10.20.1.1", 80)]


async def test_a_public_host_that_sends_on_to_the_inside_is_named_as_the_one_who_did(
    serve: Any, connections: list[Any]
) -> None:
    base, _ = await serve(
        {"*": b"HTTP/1.1 302 F\r\nLocation: http://inside.example.org/\r\nContent-Length: 0\r\n\r\n"}, host="127.0.0.77"
    )

    async def resolve(*_: object) -> Sequence[str]:
        return ["192.168.1.1"]

    settings = FetchSettings(allow_hosts=frozenset({base.removeprefix("http://")}), host_pause_s=0)
    with pytest.raises(ForbiddenAddress) as caught:
        await get(base + "/feed", settings, resolve=resolve)
    assert caught.value.sentence.startswith("127.0.0.77 sends on to a place that may not be asked.")
    assert "192.168.1.1" in caught.value.cause
    assert connections == []


async def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(connections: list[Any]) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])

    async def resolve(*_: object) -> Sequence[str]:
        return next(answers)

    with pytest.raises(CannotConnect):
        await get("http://rebinding.example.org/", FetchSettings(), resolve=resolve)
    with pytest.raises(ForbiddenAddress):
        await get("http://rebinding.example.org/", FetchSettings(), resolve=resolve)
    assert connections == [("8.8.8.8", 80)]


async def test_the_last_look_is_at_the_socket_itself(connections: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if resolving and checking were undone by a bug or a change in aiohttp, the socket is not made."""
    import aiohttp

    async def careless(*_: object, **__: object) -> list[dict[str, object]]:
        return [{"hostname": "x", "host": "10.0.0.1", "port": 80, "family": 2, "proto": 0, "flags": 0}]

    monkeypatch.setattr(aiohttp.TCPConnector, "_resolve_host", careless)
    with pytest.raises(ForbiddenAddress):
        await get("http://example.org/", FetchSettings())
    assert connections == []


async def test_a_name_that_does_not_exist_or_does_not_resolve_in_time_is_said() -> None:
    async def missing(*_: object) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    async def hanging(*_: object) -> Sequence[str]:
        await asyncio.sleep(30)
        return []

    for resolve in (missing, hanging):
        with pytest.raises(NameNotFound):
            await get("http://gone.example.org/", FetchSettings(connect_timeout_s=0.2), resolve=resolve)


async def test_the_systems_own_resolver_is_asked_aside_and_its_answers_and_failures_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    def lookup(host: str, port: int, **_: object) -> list[Any]:
        match host:
            case "hanging.example.org":
                over.wait(20)
            case "missing.example.org":
                raise socket.gaierror(-2, "Name or service not known")
            case "odd.example.org":
                raise UnicodeError("label too long")
        v4, v6 = (2, 1, 6, "", ("192.0.2.1", port)), (10, 1, 6, "", ("::2", port, 0, 0))
        return [v4, v4, v6]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert await ask_system("example.org", 80) == ["192.0.2.1", "::2"]
    for host in ("missing.example.org", "odd.example.org"):
        with pytest.raises(OSError, match=r"(?i)name"):
            await ask_system(host, 80)
    started = time.monotonic()
    with pytest.raises(NameNotFound):
        await get("http://hanging.example.org/", FetchSettings(connect_timeout_s=0.1))
    assert time.monotonic() - started < 10
    over.set()
    await asyncio.sleep(0.1)  # the late answer finds nobody and says nothing


async def test_a_closed_port_and_a_connection_that_never_comes_are_told_apart(serve: Any) -> None:
    base, _ = await serve({"/": b""})
    with pytest.raises(CannotConnect):
        await get("http://127.0.0.1:1/", home())

    async def never(*_: object) -> None:
        await asyncio.sleep(30)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio.SelectorEventLoop, "sock_connect", never)
        with pytest.raises(NoConnectionInTime):
            await get(base + "/", home(connect_timeout_s=0.2))


ANSWER = whole()


async def test_a_proxy_is_used_only_by_setting_and_never_from_the_environment(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, requests = await serve({"*": ANSWER})
    monkeypatch.setenv("http_proxy", base)
    monkeypatch.setenv("HTTP_PROXY", base)

    async def resolve(*_: object) -> Sequence[str]:
        raise OSError(-2, "no such name")

    with pytest.raises(NameNotFound):
        await get("http://feeds.example.org/feed", FetchSettings(), resolve=resolve)
    assert requests == []


async def test_behind_a_proxy_names_are_the_proxys_to_resolve_and_literals_still_ours_to_refuse(serve: Any) -> None:
    base, requests = await serve({"*": ANSWER})
    settings = FetchSettings(proxy=base.replace("//", "//user:word@"), host_pause_s=0)
    assert (await get("http://feeds.example.org/feed", settings)).body == FEED
    assert requests[0].startswith(b"GET http://feeds.example.org/feed HTTP/1.1")
    assert b"Proxy-Authorization: Basic" in requests[0]
    for address in ("http://169.254.169.254/", "http://2130706433/", "http://127.0.0.1/", "http://example.org:22/"):
        with pytest.raises(AddressRefused):
            await get(address, settings)
    assert len(requests) == 1


async def test_a_proxy_that_is_down_or_refuses_is_said_without_its_password(serve: Any) -> None:
    base, _ = await serve({"*": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"})
    for proxy in ("http://user:sesame@127.0.0.1:1", base.replace("//", "//user:sesame@")):
        with pytest.raises(ProxyFailure) as caught:
            await get("https://feeds.example.org/", FetchSettings(proxy=proxy))
        assert "sesame" not in f"{caught.value.sentence} {caught.value.cause}"


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ("403 Forbidden", "F014", "feeds.example.org is blocked by your proxy: it opens no connection there."),
        ("407 Proxy Authentication Required", "F013", "The proxy wants a login before it asks feeds.example.org."),
        ("503 Service Unavailable", "F013", "The proxy could not reach feeds.example.org."),
    ],
)
async def test_a_proxy_that_opens_no_connection_to_an_https_address_is_said_by_what_it_answers(
    serve: Any, status: str, code: str, said: str
) -> None:
    base, _ = await serve({"*": f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()})
    with pytest.raises(ProxyFailure) as caught:
        await get("https://feeds.example.org/", FetchSettings(proxy=base))
    assert (caught.value.code, caught.value.sentence) == (code, said)


async def test_a_cancelled_request_leaves_the_host_free_for_the_next(serve: Any) -> None:
    base, _ = await serve({"/hang": sender(then_hang=True), "/": ANSWER})
    async with Fetcher(home()) as fetcher:
        task = asyncio.ensure_future(fetcher.get(Source("s", "S", base + "/hang"), SourceState("s")))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await fetcher.get(Source("s", "S", base + "/"), SourceState("s"))).body == FEED


async def test_no_mutilated_answer_makes_anything_but_a_failure_or_a_body(serve: Any) -> None:
    rng = Random(20261122)
    packed = gzip.compress(FEED * 20)
    whole = [
        ANSWER,
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed,
        HEAD + b"Transfer-Encoding: chunked\r\nSet-Cookie: a=b; Path=/\r\n\r\n5\r\n<rss>\r\n6\r\n</rss>\r\n0\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: /other?a=b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
    ]

    async def mutilated(_: bytes, writer: asyncio.StreamWriter) -> None:
        answer = bytearray(rng.choice(whole))
        for _n in range(rng.randint(1, 6)):
            place = rng.randrange(len(answer))
            answer[place : place + rng.randint(0, 4)] = rng.randbytes(rng.randint(0, 4))
        writer.write(answer)

    base, requests = await serve({"*": mutilated})
    outcomes = set()
    for n in range(300):
        try:
            outcomes.add(type(await get(f"{base}/{n}", home(read_timeout_s=2))).__name__)
        except FetchFailure as failure:
            outcomes.add(failure.code)
    assert len(requests) >= 300
    assert {"Response", "F040", "F041", "F042"} <= outcomes
