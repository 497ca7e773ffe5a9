"""A loopback server that plays the cases of `tests.fetch.hostile` to the real command, several hosts at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.fetch.hostile import Case


class HostileServer:
    """Plays a case by path, on as many ports as asked for: each is a host of its own."""

    def __init__(self, cases: Mapping[str, Case], ports: int = 1) -> None:
        self.cases = dict(cases)
        self.heads: list[bytes] = []
        self._over = threading.Event()
        self._talks: list[threading.Thread] = []
        self._doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(ports)]
        self.ports = [door.getsockname()[1] for door in self._doors]
        self._keepers = [threading.Thread(target=self._keep, args=(door,), daemon=True) for door in self._doors]

    def __enter__(self) -> Self:
        for keeper in self._keepers:
            keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for port, door in zip(self.ports, self._doors, strict=True):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            door.close()
        for each in (*self._keepers, *self._talks):
            each.join(timeout=5)

    def address(self, path: str, host: int = 0) -> str:
        """Return the whole address of a path at one of the hosts."""
        return f"http://127.0.0.1:{self.ports[host % len(self.ports)]}{path}"

    def asked(self) -> list[str]:
        """Return the paths that were asked for, with their queries, in order."""
        return [head.split(b" ")[1].decode() for head in self.heads]

    def _keep(self, door: socket.socket) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                guest, _ = door.accept()
                talk = threading.Thread(target=self._talk, args=(guest,), daemon=True)
                self._talks.append(talk)
                talk.start()

    def _talk(self, guest: socket.socket) -> None:
        with suppress(OSError), guest:
            guest.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = guest.recv(65_536)
                if not piece:
                    return
                head += piece
            self.heads.append(head)
            case = self.cases.get(head.split(b" ")[1].decode().partition("?")[0])
            if case is None:
                guest.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            for piece in case.pieces():
                if self._over.is_set():
                    return
                guest.sendall(piece)
                time.sleep(case.pause_s)
            if case.hangs:
                self._over.wait(10)
