"""The loopback server that both sides poll, as a process: `python -m benchmarks.feed_server FEEDS ITEMS SEED`.

Every ten feeds have a port of their own, which stands for a publisher's host. The process prints the ports, obeys the
words on its standard input (`validators`: ETags, and 304 to whoever shows one; `bare`: none) and ends when that closes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from types import TracebackType
from typing import Self

from benchmarks.feeds import Press

FEEDS_PER_PORT = 10
HOST = "127.0.0.1"


class FeedServer:
    """The server process, as the benchmark holds it. A context manager."""

    def __init__(self, feeds: int, items: int, seed: int = 1) -> None:
        self.press = Press(feeds, items, seed)
        self.ports: list[int] = []

    def __enter__(self) -> Self:
        wanted = (str(each) for each in (self.press.feeds, self.press.items, self.press.seed))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.feed_server", *wanted],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ports = json.loads(self._answer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    @property
    def addresses(self) -> list[str]:
        """The address of every feed."""
        return [f"http://{HOST}:{self.ports[nth // FEEDS_PER_PORT]}/{nth}.xml" for nth in range(self.press.feeds)]

    def say(self, word: str) -> None:
        """Let the server obey a word, and wait until it does."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


class _Answering(asyncio.Protocol):
    """One connection: answers request after request, as HTTP/1.1 servers do."""

    def __init__(self, bodies: list[tuple[bytes, bytes]], mode: dict[str, bool]) -> None:
        self.mode = mode
        self.bodies = bodies
        self.taken = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.taken += data
        while (end := self.taken.find(b"\r\n\r\n")) >= 0:
            head, self.taken = self.taken[:end], self.taken[end + 4 :]
            self.answer(head)
            if b"\r\nConnection: close" in head:
                self.transport.close()

    def answer(self, head: bytes) -> None:
        nth = int(head.split(b" ", 2)[1].strip(b"/").removesuffix(b".xml"))
        body, etag = self.bodies[nth]
        if not self.mode["validators"]:
            etag = b""
        if etag and etag in head:
            self.transport.write(b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % etag)
            return
        validators = b"ETag: %s\r\n" % etag if etag else b""
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n%s\r\n"
            % (len(body), validators)
        )
        self.transport.write(body)


async def _serve(feeds: int, items: int, seed: int) -> None:
    bodies = [
        (each, b'"%s"' % hashlib.sha256(each).hexdigest()[:16].encode()) for each in Press(feeds, items, seed).bodies()
    ]
    mode = {"validators": True}
    loop = asyncio.get_running_loop()
    ports = [
        (await loop.create_server(lambda: _Answering(bodies, mode), HOST, 0)).sockets[0].getsockname()[1]
        for _ in range(0, feeds, FEEDS_PER_PORT)
    ]
    print(json.dumps(ports), flush=True)
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        mode["validators"] = line == "validators"
        print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(*(int(each) for each in sys.argv[1:4])))
