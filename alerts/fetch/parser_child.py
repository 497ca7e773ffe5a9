"""A child that reads hostile bodies, one after the other, within limits: `python -c "… parser_child.main()"`.

It is a process of its own, started with an empty environment and no open files but three pipes: bodies in, answers out,
and one that never carries anything and only tells, by closing, that the parent is gone. The kernel then sends SIGIO,
whose default is death, so that even a child stuck in a regular expression does not outlive its parent.

Interrupts and terminations are the parent's to handle: the child ignores both (a terminal sends Ctrl-C, and a service
supervisor SIGTERM, to every process of the group) and is killed or closed by the parent in its own time.
"""

from __future__ import annotations

import fcntl
import math
import os
import pickle
import resource
import select
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, BinaryIO

from alerts.errors import AlertsError
from alerts.fetch.frames import HEAD, Refusal, packed

_OPEN_FILES = 64


def main(life: int) -> None:
    """Serve until the parent closes the pipe. `life` is the file descriptor that tells of the parent's death."""
    _settle(life)
    bodies, answers = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    setting = _next(bodies)
    if setting is None:
        return
    name, memory_bytes, cpu_s = setting
    module, _, function = name.partition(":")
    parser: Callable[..., object] = getattr(import_module(module), function)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _answer(answers, ("ready", None))
    while (asked := _next(bodies)) is not None:
        _allow_cpu(cpu_s)
        kind, value = _attempt(parser, *asked)
        _answer(answers, (kind, value))
        if kind == "memory":
            break  # what is left of the heap is not worth trusting
    os._exit(0)


def _settle(life: int) -> None:
    """Ignore signals meant for the parent, arrange to die with it, and take the limits that never change."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    if select.select([life], [], [], 0)[0]:  # it died before we could ask to be told
        os._exit(0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)


def _limit(what: int, value: int) -> None:
    """Set a limit for good; systems that know no such limit go without it."""
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (value, value))


def _allow_cpu(seconds: float) -> None:
    """Allow `seconds` more of processor time: the limit counts a process's whole life, hence anew for each body."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = math.ceil(used.ru_utime + used.ru_stime + seconds)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _attempt(parser: Callable[..., object], body: bytes, options: dict[str, Any]) -> tuple[str, object]:
    """Run the parser once and say how it went; nothing it raises gets further than this."""
    try:
        return "parsed", parser(body, **options)
    except MemoryError:
        return "memory", None
    except AlertsError as refusal:
        return "refused", Refusal.of(refusal)
    except BaseException as surprise:  # noqa: BLE001 - whatever it was, it is told to the parent
        return "raised", f"{type(surprise).__name__}: {str(surprise)[:300]}"


def _next(bodies: BinaryIO) -> Any:
    """Read the next frame from the parent (which is trusted); None when there will be no more."""
    head = bodies.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    (size,) = HEAD.unpack(head)
    body = bodies.read(size)
    return pickle.loads(body) if len(body) == size else None  # noqa: S301 - from our own parent


def _answer(answers: BinaryIO, answer: tuple[str, object]) -> None:
    try:
        frame = packed(answer)
    except MemoryError:
        frame = packed(("memory", None))
    except Exception as surprise:  # noqa: BLE001 - pickling runs the objects of a parser
        frame = packed(("raised", f"the answer cannot be sent: {type(surprise).__name__}: {str(surprise)[:300]}"))
    try:
        answers.write(frame)
        answers.flush()
    except BrokenPipeError:
        sys.exit(0)
