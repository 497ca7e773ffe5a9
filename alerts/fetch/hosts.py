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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from alerts.fetch.failures import HostResting
from alerts.fetch.settings import FetchSettings

_SHARED_PORTS = (80, 443)


def name_of(host: str, port: int) -> str:
    """Return what a host is remembered by."""
    return host if port in _SHARED_PORTS else f"{host}:{port}"


class _Host:
    """What is remembered of a host while the service runs."""

    __slots__ = ("lock", "rests_until", "spoken_at", "waiting")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
        self.spoken_at: float | None = None
        self.rests_until = 0.0


class _Slot:
    """One of the slots, or the wish for one: taken when a host's turn has come."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._taken = False

    async def take(self) -> None:
        await self._slots.acquire()
        self._taken = True

    def give_back(self) -> None:
        if self._taken:
            self._taken = False
            self._slots.release()


_slot: ContextVar[_Slot | None] = ContextVar("slot", default=None)


class Hosts:
    """All hosts spoken to so far, and the limit on how many are spoken to at once."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._hosts: dict[str, _Host] = {}
        self._slots = asyncio.Semaphore(settings.connections)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Keep the slot of what is asked within until the block ends."""
        held = _Slot(self._slots)
        token = _slot.set(held)
        try:
            yield
        finally:
            _slot.reset(token)
            held.give_back()

    @asynccontextmanager
    async def turn(self, host: str, port: int) -> AsyncIterator[bool]:
        """Wait for this host's next turn and hold it; raises HostResting instead of waiting out a Retry-After.

        Gives whether somebody else waits for the host by then, so that the connection is worth keeping.
        """
        kept = _slot.get()
        slot = kept or _Slot(self._slots)
        slot.give_back()  # nobody waits for a host with a slot in hand: two could wait for each other
        known = self._hosts.setdefault(name_of(host, port), _Host())
        self._refuse_while_resting(host, known)
        known.waiting += 1
        try:
            await known.lock.acquire()
        finally:
            known.waiting -= 1
        try:
            self._refuse_while_resting(host, known)
            await self._pause(host, known)
            await slot.take()
            try:
                await asyncio.sleep(0)  # whoever came at the same time may join the queue
                yield known.waiting > 0
            finally:
                known.spoken_at = asyncio.get_running_loop().time()
                if kept is None:
                    slot.give_back()
        finally:
            known.lock.release()

    def rest(self, name: str, seconds: float) -> None:
        """Remember that the host of this name (see `name_of`) asked for `seconds` of rest."""
        known = self._hosts.setdefault(name, _Host())
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
