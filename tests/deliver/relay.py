"""A small SMTP server for tests, each of whose answers can be replaced by a worse one."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "certificate" / "localhost.pem"
KEY = Path(__file__).parent / "certificate" / "localhost.key"

DROP = "drop"
"""Close the connection without a word."""
HANG = "hang"
"""Say nothing until the client gives up."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One command, as a script sees it: `nth` counts commands with this verb over all connections, from 1.

    Verbs are SMTP's, and GREETING (the connection itself) and TEXT (the final dot).
    """

    verb: str
    argument: str
    nth: int
    in_connection: int


Script = Callable[[Turn], str | None]


@dataclass(slots=True)
class Relay:
    """What the server was told. `script` answers a turn, or `None` for the ordinary answer."""

    script: Script = lambda turn: None
    offers: tuple[str, ...] = ("SIZE 10000000", "8BITMIME", "ENHANCEDSTATUSCODES")
    context: ssl.SSLContext | None = None
    pause: Callable[[], Awaitable[None]] | None = None
    slow_s: dict[str, float] = field(default_factory=dict)
    port: int = 0
    accepted: list[tuple[str, str, bytes]] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    _counts: dict[str, int] = field(default_factory=dict)

    @property
    def recipients(self) -> list[str]:
        return [recipient for _, recipient, _ in self.accepted]

    def turn(self, verb: str, argument: str, in_connection: int) -> Turn:
        self._counts[verb] = self._counts.get(verb, 0) + 1
        return Turn(verb, argument, self._counts[verb], in_connection)


class _Gone(Exception):
    pass


class _Conversation:
    """One connection."""

    def __init__(self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer
        self.sender = self.recipient = ""
        self.encrypted = writer.get_extra_info("sslcontext") is not None
        self.commands = 0

    async def answer(self, verb: str, argument: str, ordinary: str) -> bool:
        """Answer a turn; True when the ordinary answer was given."""
        self.commands += 1
        await asyncio.sleep(self.relay.slow_s.get(verb, 0))
        said = self.relay.script(self.relay.turn(verb, argument, self.commands))
        if said == DROP:
            raise _Gone
        if said == HANG:
            await self.reader.read(1)
            raise _Gone
        self.writer.write(((ordinary if said is None else said) + "\r\n").encode())
        await self.writer.drain()
        if said is not None and said.startswith("421"):
            raise _Gone
        return said is None

    async def run(self) -> None:
        await self.answer("GREETING", "", "220 relay.example.org ESMTP")
        while line := await self.reader.readline():
            command = line.decode().rstrip("\r\n")
            self.relay.commands.append(command)
            if not self.encrypted:
                self.relay.in_clear.append(command)
            verb, _, argument = command.partition(" ")
            await self.obey(verb.upper(), argument)

    async def obey(self, verb: str, argument: str) -> None:
        match verb:
            case "EHLO":
                await self.answer(verb, argument, self.greeting())
            case "MAIL":
                if await self.answer(verb, argument, "250 2.1.0 Ok"):
                    self.sender = argument.split("<")[1].split(">")[0]
            case "RCPT":
                if await self.answer(verb, argument, "250 2.1.5 Ok"):
                    self.recipient = argument.split("<")[1].split(">")[0]
            case "DATA":
                if await self.answer(verb, argument, "354 Go ahead"):
                    await self.take_text()
            case "STARTTLS":
                if await self.answer(verb, argument, "220 2.0.0 Ready"):
                    await self.writer.start_tls(self.relay.context)  # type: ignore[arg-type]
                    self.encrypted = True
            case "AUTH":
                await self.answer(verb, argument, "235 2.7.0 Welcome")
            case "QUIT":
                await self.answer(verb, argument, "221 2.0.0 Bye")
                raise _Gone
            case _:
                await self.answer(verb, argument, "250 2.0.0 Ok")

    def greeting(self) -> str:
        offers = list(self.relay.offers)
        if self.relay.context is not None and not self.encrypted:
            offers.append("STARTTLS")
        lines = ["relay.example.org", *offers]
        return "\r\n".join(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)

    async def take_text(self) -> None:
        lines: list[bytes] = []
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                raise _Gone
            lines.append(line[1:] if line.startswith(b".") else line)
        text = b"".join(lines)
        self.relay.texts.append(text)
        if self.relay.pause is not None:
            await self.relay.pause()
        if await self.answer("TEXT", "", "250 2.0.0 Taken"):
            self.relay.accepted.append((self.sender, self.recipient, text))


@contextlib.asynccontextmanager
async def listening(relay: Relay, *, implicit_tls: bool = False) -> AsyncIterator[Relay]:
    """Run `relay` on a free port of the loopback interface."""
    running: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay.connections += 1
        relay.at_once += 1
        relay.most_at_once = max(relay.most_at_once, relay.at_once)
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            with contextlib.suppress(_Gone, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await _Conversation(relay, reader, writer).run()
        finally:
            relay.at_once -= 1
            running.discard(task)
            writer.close()  # not awaited: CPython 3.11 never ends waiting after a failed handshake

    server = await asyncio.start_server(converse, "localhost", 0, ssl=relay.context if implicit_tls else None)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)


def server_context() -> ssl.SSLContext:
    """Return the context of a server called localhost, whose certificate nobody but the tests trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    return context
