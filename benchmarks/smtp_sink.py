"""The mail server that both sides send to, as a process: `python -m benchmarks.smtp_sink`.

It takes everything, keeps nothing but a digest of what it took, and does as little as a server can, so that the
clients are what is measured. The process prints its port, answers `report` on its standard input with what it took
since it was last asked, and ends when that closes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
END = b"\r\n.\r\n"


class Sink:
    """The server process, as the benchmark holds it. A context manager."""

    port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.smtp_sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = json.loads(self._answer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def taken(self) -> dict[str, str]:
        """Return the SHA-256 of the text that each recipient got since this was last asked; twice is an error."""
        assert self._process.stdin is not None
        self._process.stdin.write("report\n")
        self._process.stdin.flush()
        listed = json.loads(self._answer())
        found = {recipient: digest for recipient, digest in listed}  # noqa: C416 (lists, not pairs, to the type checker)
        assert len(found) == len(listed), "a recipient got two messages"
        return found

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


class Guest(asyncio.Protocol):
    """One connection."""

    def __init__(self, taken: list[tuple[str, str]]) -> None:
        self._taken = taken
        self._buffer = bytearray()
        self._recipient = ""
        self._in_text = False
        self._searched = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Obey every command that is complete, and take every text that is."""
        self._buffer += data
        while self._take_text() if self._in_text else self._obey():
            pass

    def _obey(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        answer = b"250 2.0.0 Ok\r\n"
        match line[:4].upper():
            case b"EHLO":
                answer = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250 8BITMIME\r\n"
            case b"RCPT":
                self._recipient = line[line.index(b"<") + 1 : line.index(b">")].decode()
            case b"DATA":
                self._in_text, self._searched = True, 0
                answer = b"354 Go ahead\r\n"
            case b"QUIT":
                self._transport.write(b"221 Bye\r\n")
                self._transport.close()
                return False
        self._transport.write(answer)
        return True

    def _take_text(self) -> bool:
        end = self._buffer.find(END, max(0, self._searched - len(END)))
        if end < 0:
            self._searched = len(self._buffer)
            return False
        text = bytes(self._buffer[: end + 2]).replace(b"\r\n..", b"\r\n.")
        del self._buffer[: end + len(END)]
        self._taken.append((self._recipient, hashlib.sha256(text).hexdigest()))
        self._in_text = False
        self._transport.write(b"250 2.0.0 Taken\r\n")
        return True


async def serve() -> None:
    """Listen, print the port, and answer until standard input closes."""
    loop = asyncio.get_running_loop()
    taken: list[tuple[str, str]] = []
    server = await loop.create_server(lambda: Guest(taken), HOST, 0)
    print(json.dumps(server.sockets[0].getsockname()[1]), flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(json.dumps(taken), flush=True)
        taken.clear()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
