"""Manners towards one host: one connection at a time, a pause between two requests, and rest when it asks for rest.

A host is a name, whether asked by http or https; on a port of its own it is another (an intranet's second server).
Waiting here is not part of a request's deadlines. The clock is the event loop's own monotonic one, because only spans
matter.

How many hosts are spoken to at once is bounded by slots. A slot is taken only once the host's turn has come, so that
however many sources wait for one slow host, they keep nobody else waiting. Within `Hosts.slot()` the slot last taken is
kept until the block ends: whoever goes on to read what it got holds its body, and bodies are bounded with it.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar

from alerts.fetch.failures import HostResting
from alerts.fetch.settings import FetchSettings

_SHARED_PORTS = (80, 443)


def name_of(host: str, port: int) -> str:
    """Return what a host is remembered by."""
    return host if port in _SHARED_PORTS else f"{host}:{port}"


class _Host:
    """What is remembered of a host while the service runs."""

    __slots__ = ("asked_pause_s", "lock", "rests_until", "robots_pause_s", "spoken_at", "waiting")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
        self.spoken_at: float | None = None
        self.rests_until = 0.0
        self.asked_pause_s = 0.0
        self.robots_pause_s = 0.0

    async def pause(self, seconds: float) -> None:
        """Wait until `seconds`, or as many as the host itself asks for, have gone by since the last request."""
        if self.spoken_at is None:
            return
        wait = (
            self.spoken_at + max(seconds, self.asked_pause_s, self.robots_pause_s) - asyncio.get_running_loop().time()
        )
        if wait > 0:
            await asyncio.sleep(wait)

    def refuse_while_resting(self, host: str) -> None:
        """Raise HostResting while the host, which goes by `host`, wants its rest."""
        left = self.rests_until - asyncio.get_running_loop().time()
        if left > 0:
            raise HostResting(
                f"{host} asked everybody to wait; it is asked again later.",
                cause=f"Retry-After of an earlier answer, {left:.0f} s left",
                retry_after_s=left,
            )


class _Slot:
    """One of the slots, or the wish for one: taken when a host's turn has come, and kept until the block ends."""

    __slots__ = ("_slots", "_taken", "_token")

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._taken = False

    async def __aenter__(self) -> None:
        self._token = _slot.set(self)

    async def __aexit__(self, *_: object) -> None:
        _slot.reset(self._token)
        self.give_back()

    async def take(self) -> None:
        await self._slots.acquire()
        self._taken = True

    def give_back(self) -> None:
        if self._taken:
            self._taken = False
            self._slots.release()


_slot: ContextVar[_Slot | None] = ContextVar("slot", default=None)


class _Turn:
    """A host's turn: waited for at the beginning of the block, held until it ends."""

    __slots__ = ("_host", "_kept", "_known", "_pause_s", "_slot")

    def __init__(self, host: str, known: _Host, pause_s: float, slots: asyncio.Semaphore) -> None:
        self._host = host
        self._known = known
        self._pause_s = pause_s
        self._kept = _slot.get()
        self._slot = self._kept or _Slot(slots)

    async def __aenter__(self) -> bool:
        known = self._known
        self._slot.give_back()  # nobody waits for a host with a slot in hand: two could wait for each other
        known.refuse_while_resting(self._host)
        known.waiting += 1
        try:
            await known.lock.acquire()
        finally:
            known.waiting -= 1
        try:
            known.refuse_while_resting(self._host)
            await known.pause(self._pause_s)
            await self._slot.take()
            if not known.waiting:
                await asyncio.sleep(0)  # whoever came at the same time may join the queue
        except BaseException:
            self._end()
            raise
        return known.waiting > 0

    async def __aexit__(self, *_: object) -> None:
        self._known.spoken_at = asyncio.get_running_loop().time()
        self._end()

    def _end(self) -> None:
        if self._kept is None:
            self._slot.give_back()
        self._known.lock.release()


class Hosts:
    """All hosts spoken to so far, and the limit on how many are spoken to at once."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._hosts: dict[str, _Host] = {}
        self._slots = asyncio.Semaphore(settings.connections)

    def slot(self) -> AbstractAsyncContextManager[None]:
        """Keep the slot of what is asked within until the block ends."""
        return _Slot(self._slots)

    def turn(self, host: str, port: int) -> AbstractAsyncContextManager[bool]:
        """Wait for this host's next turn and hold it; raises HostResting instead of waiting out a Retry-After.

        Gives whether somebody else waits for the host by then, so that the connection is worth keeping.
        """
        known = self._hosts.setdefault(name_of(host, port), _Host())
        return _Turn(host, known, self._settings.pause_for(host), self._slots)

    def slow_down(self, name: str, pause_s: float) -> None:
        """Remember the pause between two requests that the host of this name asks for in its latest answer."""
        self._hosts.setdefault(name, _Host()).asked_pause_s = pause_s

    def rest(self, name: str, seconds: float) -> None:
        """Remember that the host of this name (see `name_of`) asked for `seconds` of rest."""
        known = self._hosts.setdefault(name, _Host())
        known.rests_until = max(known.rests_until, asyncio.get_running_loop().time() + seconds)

    def keep_off(self, name: str, pause_s: float) -> None:
        """Remember that the robots.txt of the host of this name wants so many seconds between two requests."""
        self._hosts.setdefault(name, _Host()).robots_pause_s = pause_s
