"""Manners towards one host: one connection at a time, a pause between two requests, and rest when it asks for rest.

A host is what comes before the path: its name and port. Waiting here is not part of a request's deadlines. The clock is
the event loop's own monotonic one, because only spans matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alerts.fetch.failures import HostResting
from alerts.fetch.settings import FetchSettings


class _Host:
    """What is remembered of a host while the service runs."""

    __slots__ = ("lock", "rests_until", "spoken_at")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.spoken_at: float | None = None
        self.rests_until = 0.0


class Hosts:
    """All hosts spoken to so far, and the limit on how many are spoken to at once."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._hosts: dict[tuple[str, int], _Host] = {}
        self._slots = asyncio.Semaphore(settings.connections)

    @asynccontextmanager
    async def turn(self, host: str, port: int) -> AsyncIterator[None]:
        """Wait for this host's next turn and hold it; raises HostResting instead of waiting out a Retry-After."""
        known = self._hosts.setdefault((host, port), _Host())
        self._refuse_while_resting(host, known)
        async with known.lock:
            self._refuse_while_resting(host, known)
            await self._pause(host, known)
            async with self._slots:
                try:
                    yield
                finally:
                    known.spoken_at = asyncio.get_running_loop().time()

    def rest(self, host: str, port: int, seconds: float) -> None:
        """Remember that the host asked for `seconds` of rest."""
        known = self._hosts.setdefault((host, port), _Host())
        known.rests_until = max(known.rests_until, asyncio.get_running_loop().time() + seconds)

    async def _pause(self, host: str, known: _Host) -> None:
        if known.spoken_at is None:
            return
        wait = known.spoken_at + self._settings.pause_for(host) - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    def _refuse_while_resting(self, host: str, known: _Host) -> None:
        left = known.rests_until - asyncio.get_running_loop().time()
        if left > 0:
            raise HostResting(
                f"{host} asked everybody to wait; it is asked again later.",
                cause=f"Retry-After of an earlier answer, {left:.0f} s left",
                retry_after_s=left,
            )
