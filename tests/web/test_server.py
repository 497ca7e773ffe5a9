"""Serving inside a loop that already runs."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from alerts.web import CannotListen, app, serve, server
from alerts.web.guard import Crowd, RequestLimits
from tests.web.conftest import KNOWN, MemoryService, PlainPages


@contextlib.asynccontextmanager
async def serving(service: MemoryService, **changes: object) -> AsyncIterator[int]:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(app(service, PlainPages()), host="127.0.0.1", port=0, stop=stop, ready=port.set_result)
    )
    try:
        yield await port
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await task


async def talk(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_page_is_served_over_a_real_socket_until_the_stop() -> None:
    async with serving(MemoryService()) as port:
        answer = await talk(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"server:" not in answer.lower()
    with pytest.raises(OSError):  # noqa: PT011 (refused or reset, by platform)
        await talk(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_one_click_over_a_real_socket_with_a_body_in_pieces() -> None:
    service = MemoryService()
    async with serving(service) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /leave/{KNOWN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 26\r\n"
        writer.write(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\nList-Unsub")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"scribe=One-Click")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
    assert service.state == "left"


async def test_the_signal_handlers_are_left_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with serving(MemoryService()):
        await asyncio.sleep(0.05)
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_an_idle_connection_does_not_keep_the_service_from_stopping() -> None:
    async with asyncio.timeout(8):
        async with serving(MemoryService()) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.close()


async def test_a_cancelled_server_lets_go_of_its_port() -> None:
    port = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(app(MemoryService(), PlainPages()), host="127.0.0.1", port=0, stop=asyncio.Event(), ready=port.set_result)
    )
    taken = await port
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with socket.create_server(("127.0.0.1", taken)):
        pass


async def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}") as raised:
            await serve(app(MemoryService(), PlainPages()), host="127.0.0.1", port=port, stop=asyncio.Event())
    assert raised.value.code == "W001"
    assert raised.value.remedy


async def test_a_host_that_is_none_is_said_in_a_sentence() -> None:
    with pytest.raises(CannotListen):
        await serve(app(MemoryService(), PlainPages()), host="256.1.1.1", port=0, stop=asyncio.Event())


@pytest.mark.parametrize(("trusted", "counted"), [((), "127.0.0.1"), (("127.0.0.1",), "203.0.113.9")])
async def test_a_forwarded_address_is_believed_from_named_proxies_only(trusted: tuple[str, ...], counted: str) -> None:
    seen: list[str] = []

    async def tell(scope: dict[str, tuple[str, int]], receive: object, send: object) -> None:
        seen.append(scope["client"][0])

    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(
            tell,  # type: ignore[arg-type]  # a bare ASGI callable of the test
            host="127.0.0.1",
            port=0,
            stop=stop,
            ready=port.set_result,
            trusted_proxies=trusted,
        )
    )
    await talk(await port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n")
    stop.set()
    await task
    assert seen == [counted]


async def test_a_body_that_trickles_is_given_up_in_time() -> None:
    said: list[int] = []

    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    async def note(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            said.append(int(str(message["status"])))

    async def unreached(*_: object) -> None:
        raise AssertionError("the application saw a request that was not complete")

    layer = RequestLimits(unreached, request_s=0.05)
    await layer({"type": "http", "method": "POST", "path": "/", "headers": []}, never, note)  # type: ignore[arg-type]
    assert said == [408]


@pytest.mark.parametrize("pieces", [[b""], [b"GET / HTTP/1.1\r\n"], [b"GET / HTTP/1.1\r\n", b"X: y\r\n", b"Z: y\r\n"]])
async def test_a_request_whose_head_never_ends_is_closed_in_time(
    monkeypatch: pytest.MonkeyPatch, pieces: list[bytes]
) -> None:
    monkeypatch.setattr(server._Patient, "head_s", 0.3)
    async with serving(MemoryService()) as port, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.05)
        assert await reader.read() == b""
        writer.close()


async def test_one_connection_may_ask_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._Patient, "head_s", 0.2)
    async with serving(MemoryService()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 200 OK\r\n"
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
            await asyncio.sleep(0.1)
        writer.close()


async def test_health_is_told_however_many_connections_are_held_open() -> None:
    async with serving(MemoryService()) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(220)]
        for _, writer in held:
            writer.write(b"GET / HTTP/1.1\r\n")
        answer = await talk(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for _, writer in held:
            writer.close()
    assert answer.startswith(b"HTTP/1.1 200")


async def test_beyond_so_many_requests_at_once_only_health_is_told() -> None:
    said: dict[str, int] = {}
    go_on = asyncio.Event()

    async def slow(
        scope: dict[str, str], _receive: object, send: Callable[[dict[str, object]], Awaitable[None]]
    ) -> None:
        if scope["path"] != "/healthz":
            await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(layer: Crowd, path: str, name: str) -> None:
        async def note(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                said[name] = int(str(message["status"]))

        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        await layer(scope, None, note)  # type: ignore[arg-type]  # bare dictionaries of the test

    layer = Crowd(slow, at_once=2)  # type: ignore[arg-type]  # a bare ASGI callable of the test
    waiting = [asyncio.create_task(ask(layer, "/", str(n))) for n in range(2)]
    await asyncio.sleep(0)
    await ask(layer, "/", "third")
    await ask(layer, "/healthz", "health")
    go_on.set()
    await asyncio.gather(*waiting)
    await ask(layer, "/", "later")
    assert said == {"0": 200, "1": 200, "third": 503, "health": 200, "later": 200}
