"""Parsers for the pool's tests: what a body says, they do. Children import this module by name."""

from __future__ import annotations

import ctypes
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from alerts.errors import AlertsError
from alerts.model.records import Entry


class NoFeedAtAll(AlertsError):
    """A refusal whose class the parent cannot load: it lives outside the project."""

    code = "P999"


def obey(body: bytes, *, address: str, content_type: str, limit: int) -> Any:
    """Do as the body says, and answer with something that tells what happened in the child."""
    order, _, argument = body.decode().partition(" ")
    return _ORDERS[order](argument, address, content_type, limit)


def _echo(argument: str, address: str, content_type: str, limit: int) -> object:
    print("a stray print must not spoil the wire")
    sys.stdout.flush()
    return (Entry(key="1", title=argument, link=address), content_type, limit)


def _spin(*_: object) -> object:
    while True:
        pass


def _burn(argument: str, *_: object) -> object:
    until = time.process_time() + float(argument)
    while time.process_time() < until:
        pass
    return os.getpid()


def _segfault(*_: object) -> object:
    return ctypes.string_at(0)


def _refuse(argument: str, *_: object) -> object:
    raise AlertsError(argument, remedy="Do otherwise.")


def _refuse_strangely(argument: str, *_: object) -> object:
    raise NoFeedAtAll(argument)


def _raise(argument: str, *_: object) -> object:
    raise UnicodeError(argument)


def _write(argument: str, *_: object) -> object:
    try:
        Path(argument).write_text("x" * 10_000, encoding="utf-8")
    except OSError as trouble:
        return type(trouble).__name__
    return "written"


def _garbage(argument: str, *_: object) -> object:
    """Write to the wire itself, as a child would that hostile bytes have taken over."""
    for wire in range(3, 10):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(wire).st_mode) and os.get_blocking(wire):
                os.write(wire, bytes.fromhex(argument))
    os._exit(0)


_ORDERS: dict[str, Any] = {
    "echo": _echo,
    "pid": lambda *_: os.getpid(),
    "environment": lambda *_: dict(os.environ),
    "sleep": lambda argument, *_: time.sleep(float(argument)),
    "spin": _spin,
    "burn": _burn,
    "hoard": lambda argument, *_: len([bytearray(50_000_000) for _ in range(int(argument or 40))]),
    "garbage": _garbage,
    "segfault": _segfault,
    "exit": lambda argument, *_: os._exit(int(argument.split()[0])),
    "refuse": _refuse,
    "refuse_strangely": _refuse_strangely,
    "raise": _raise,
    "function": lambda *_: os.getpid,
    "write": _write,
    "long": lambda argument, *_: "x" * int(argument),
}
