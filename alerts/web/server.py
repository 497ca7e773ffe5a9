"""The web part of the service inside a loop that already runs: no signal handlers of its own, no access log."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator, Sequence
from typing import ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from alerts.errors import AlertsError

GOODBYE_S = 5
HEAD_S = 30.0
"""How long a client may take over the head of a request; its body has a limit of its own (`guard`)."""


class CannotListen(AlertsError):
    """The address for the web pages cannot be listened on."""

    code: ClassVar[str] = "W001"
    remedy: str = "Choose another port with ALERTS_WEB_PORT, or stop the program that uses this one."


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: the service has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Patient(H11Protocol):
    """uvicorn's connection, closed when the head of a request is not complete in time.

    uvicorn waits for it for ever, so that a few hundred half requests would use up our file descriptors.
    """

    head_s = HEAD_S
    _until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self._watch()

    def handle_events(self) -> None:
        super().handle_events()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave_in_peace()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._leave_in_peace()
        elif self._until is None:
            self._until = self.loop.call_later(self.head_s, self.transport.close)

    def _leave_in_peace(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None


async def serve(
    application: ASGIApp,
    *,
    host: str,
    port: int,
    stop: asyncio.Event,
    ready: Callable[[int], None] | None = None,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serve until `stop` is set, then finish what is under way within five seconds.

    Port 0 takes a free one; `ready` is told which, once connections are taken. `X-Forwarded-For` is believed from
    `trusted_proxies` (addresses and networks) only. There is no access log: addresses of unsubscribe pages are keys.
    Raises `CannotListen`.
    """
    listener = await asyncio.to_thread(_listen, host, port)
    config = uvicorn.Config(
        application,
        loop="none",
        http=_Patient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=GOODBYE_S,
        h11_max_incomplete_event_size=16 * 1024,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        if ready is not None:
            ready(listener.getsockname()[1])
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        stopping.cancel()
        await asyncio.shield(serving)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as refused:
        raise CannotListen(f"The pages cannot be served at {host}:{port}: {refused.strerror}.") from refused
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(256)
        listener.setblocking(False)
    except OSError as refused:
        listener.close()
        raise CannotListen(f"The pages cannot be served at {host}:{port}: {refused.strerror}.") from refused
    return listener
