"""Host names to machines, as this system looks them up."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host name, as text; raises OSError when there are none."""


async def ask_system(host: str, port: int) -> Sequence[str]:
    """Resolve `host` as this machine does; raises OSError.

    In a daemon thread of its own, not in a pool: a name service that hangs must hold up neither the other sources nor
    the end of the process. There are never more than `FetchSettings.connections` of them.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(found: Sequence[str] | OSError) -> None:
        if answer.done():  # nobody waits any more
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def look() -> None:
        found: Sequence[str] | OSError
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            found = list(dict.fromkeys(str(place[0]) for *_, place in places))
        except UnicodeError:  # a label the resolver's own IDNA refuses
            found = OSError(f"{host} is no host name")
        except OSError as trouble:
            found = trouble
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=look, name=f"resolve {host}", daemon=True).start()
    return await answer
