"""What surrounds every answer: headers that forbid, a limit on bodies and on time, and a limit on guessing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
REQUEST_S = 30.0
AT_ONCE = 200

_STYLE = re.compile(rb"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": _NOTHING,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
"""Headers of every answer that does not set its own."""

PRIVATE_HEADERS: Mapping[str, str] = MappingProxyType(
    {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
)
"""Headers of answers that a token led to."""


@lru_cache(maxsize=64)
def page_policy(page: bytes) -> str:
    """Return the Content-Security-Policy of a page: its own `<style>` elements by their hash, forms to us, nothing
    else.

    CSP Level 3, 2.3.1. Hashes are taken of each page as it is, so that issues stored under an older style keep it.
    """
    hashes = [base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE.findall(page)]
    styles = "".join(f" 'sha256-{each}'" for each in dict.fromkeys(hashes))
    style_rule = f"; style-src{styles}" if styles else ""
    return f"default-src 'none'{style_rule}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class SecurityHeaders:
    """ASGI layer that gives every answer the security headers it has not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with its headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Crowd:
    """ASGI layer that answers at most 200 requests at once and 503 beyond that, but `/healthz` always.

    A service that is only busy must not be restarted by whoever watches its health.
    """

    def __init__(self, app: ASGIApp, *, at_once: int = AT_ONCE) -> None:
        self._app, self._at_once, self._count = app, at_once, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it for now."""
        if scope["type"] != "http" or scope["path"] == "/healthz":
            await self._app(scope, receive, send)
            return
        if self._count >= self._at_once:
            headers = {**PRIVATE_HEADERS, "Retry-After": "5", "Connection": "close"}
            await PlainTextResponse("Too many requests at once.\n", 503, headers)(scope, receive, send)
            return
        self._count += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._count -= 1


class RequestLimits:
    """ASGI layer that reads the whole request first: at most 64 kB within 30 seconds, whatever its headers promise."""

    def __init__(self, app: ASGIApp, *, body_limit: int = BODY_LIMIT, request_s: float = REQUEST_S) -> None:
        self._app, self._body_limit, self._request_s = app, body_limit, request_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on once it is complete, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._request_s):
                body = await self._body(receive)
        except TimeoutError:
            await _too_slow(scope, receive, send)
            return
        if body is None:
            await _too_large(scope, receive, send)
            return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, or `None` once it is longer than allowed or the client has gone."""
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._body_limit:
                return None
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return bytes(body)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Connection": "close", **PRIVATE_HEADERS}
    await PlainTextResponse("This is more than the service takes.\n", 413, headers)(scope, receive, send)


async def _too_slow(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Connection": "close", **PRIVATE_HEADERS}
    await PlainTextResponse("The request took too long.\n", 408, headers)(scope, receive, send)


class Guesses:
    """Counts links nobody signed, per client address, in windows of a minute: thirty, then a pause until it ends.

    Known links are neither counted nor refused, whoever else guesses from the same address: a mail provider may ask
    for many readers, and behind a proxy all may seem to be one. What stops guessing is the signature; this only
    spares the database and the log. At most 10,000 addresses are remembered, the oldest forgotten first.
    """

    def __init__(self, monotonic: Callable[[], float], *, allowed: int = 30, window_s: float = 60) -> None:
        self._monotonic, self._allowed, self._window_s = monotonic, allowed, window_s
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Return for how many seconds this address must wait; 0 when it need not."""
        began, count = self._counts.get(address, (0.0, 0))
        left = began + self._window_s - self._monotonic()
        return max(1, int(left)) if count >= self._allowed and left > 0 else 0

    def count(self, address: str) -> None:
        """Note one guess."""
        now = self._monotonic()
        began, count = self._counts.pop(address, (now, 0))
        if now - began >= self._window_s:
            began, count = now, 0
        self._counts[address] = (began, count + 1)
        while len(self._counts) > 10_000:
            self._counts.popitem(last=False)
