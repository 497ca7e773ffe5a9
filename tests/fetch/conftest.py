"""A loopback server that says exactly the bytes a test wants, at the pace it wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., Awaitable[tuple[str, list[bytes]]]]
"""Takes handlers (or whole answers) by path; gives the base address and the list of request heads as they come in."""


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[asyncio.Server] = []
    handshakes = False
    talks: set[asyncio.Task[None]] = set()

    async def start(
        answers: Mapping[str, Handler | bytes], *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> tuple[str, list[bytes]]:
        nonlocal handshakes
        handshakes = handshakes or tls is not None
        requests: list[bytes] = []

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                requests.append(head)
                path = head.split(b" ")[1].decode().partition("?")[0]
                answer = answers.get(path, answers.get("*", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(head, writer)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                pass
            finally:
                writer.transport.abort()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(talk(reader, writer))
            talks.add(task)
            task.add_done_callback(talks.discard)

        server = await asyncio.start_server(accept, host, 0, ssl=tls)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if tls else 'http'}://{shown}:{port}", requests

    yield start
    for server in servers:
        server.close()
    for task in list(talks):
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    await asyncio.sleep(
        0.3 if handshakes else 0
    )  # lets aborted transports, and handshakes given up, close their sockets
