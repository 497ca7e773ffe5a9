"""The pool of children that read bodies: started when needed, limited, recycled, killed when they hang.

A child is `python -c …` with three pipes (see `parser_child`), not a fork: forking a process with threads and an event
loop is what CPython warns of since 3.12, and a fresh process inherits neither our secrets nor our sockets. Starting one
costs about as long as importing the parser; it then reads `bodies_per_child` bodies. Each worker thread talks to one
child at a time, so as many bodies are read at once as there are workers; by default as many as there are processors.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self, cast

from alerts.errors import AlertsError
from alerts.fetch.failures import ParseFailure, ParserCrashed, ParserExhausted, ParserUnavailable
from alerts.fetch.frames import HEAD, LARGEST_ANSWER, FrameRefused, Refusal, packed, unpacked
from alerts.fetch.quarantine import Quarantine

if TYPE_CHECKING:
    from alerts.model.sources import SourceState
    from alerts.parse import Parsed

PARSER = "alerts.parse:parse"
_START = "import sys; from alerts.fetch.parser_child import main; main(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What reading one body may cost (SAFETY 26), and how long a child lives. Times in seconds."""

    memory_bytes: int
    cpu_s: float
    wall_s: float
    bodies_per_child: int
    start_s: float = 30.0


class _Died(Exception):
    """The child is gone, or had to be killed; says why in its text."""


class _Late(_Died):
    """The child was killed because its time was over."""


class _Child:
    """One child process and the pipes to it. Used by one thread at a time."""

    def __init__(self, parser: str, limits: ParserLimits) -> None:
        self._limits = limits
        self.bodies = 0
        ours_to_close, self._life = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
                [sys.executable, "-B", "-W", "ignore", "-c", _START, str(ours_to_close)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env=_environment(),
                pass_fds=(ours_to_close,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._life)
            raise
        finally:
            os.close(ours_to_close)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        self._send_to_start = packed((parser, limits.memory_bytes, limits.cpu_s))

    def start(self) -> None:
        """Wait until the child is ready for bodies; raises _Died."""
        self._talk(self._send_to_start, self._limits.start_s)

    def ask(self, body: bytes, **options: object) -> tuple[str, object]:
        """Let the child read one body; raises _Died, _Late or FrameRefused."""
        self.bodies += 1
        answer = unpacked(self._talk(packed((body, options)), self._limits.wall_s))
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], str)):
            raise FrameRefused("an answer of another shape")
        kind, value = answer
        return kind, value.error() if isinstance(value, Refusal) else value

    @property
    def is_alive(self) -> bool:
        """True while the process has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process, whatever it does; the thread that speaks to it finds out by itself."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def end(self) -> None:
        """Kill the process and take its pipes down: only for the thread that speaks to it. Safe to call twice."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if self._life >= 0:
            os.close(self._life)
            self._life = -1

    def _talk(self, frame: bytes, seconds: float) -> bytes:
        """Send a frame and wait for the one that answers it, within `seconds` altogether."""
        until = time.monotonic() + seconds
        self._send(frame, until)
        (size,) = HEAD.unpack(self._receive(HEAD.size, until))
        if size > LARGEST_ANSWER:
            raise FrameRefused(f"an answer of {size} bytes")
        return self._receive(size, until)

    def _send(self, frame: bytes, until: float) -> None:
        left = memoryview(frame)
        while left:
            self._wait(self._in, select.POLLOUT, until)
            try:
                left = left[os.write(self._in, left[:1_048_576]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise _Died(self._last_words()) from None

    def _receive(self, size: int, until: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            self._wait(self._out, select.POLLIN, until)
            piece = os.read(self._out, min(size - len(pieces), 1_048_576))
            if not piece:
                raise _Died(self._last_words())
            pieces += piece
        return bytes(pieces)

    def _wait(self, pipe: int, what: int, until: float) -> None:
        poll = select.poll()
        poll.register(pipe, what)
        if not poll.poll(max(until - time.monotonic(), 0) * 1000):
            raise _Late("wall clock")

    def _last_words(self) -> str:
        """Say what the process died of."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it closed its pipe"
        if code < 0:
            return signal.Signals(-code).name if -code in signal.valid_signals() and -code < 32 else f"signal {-code}"
        return f"exit code {code}"


def _environment() -> dict[str, str]:
    """Return the child's whole environment: where the code is, and none of our settings or secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ParserPool:
    """Reads bodies in child processes. A context manager, plain or async; closing it kills the children.

    `workers` is how many bodies are read at once (0 or None: one per processor), `max_entries` how many entries are
    taken from one body. `parser` names the function as `module:function`; it is called with the body and with
    `address`, `content_type`, `limit` and the options of the reader that asks.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        memory_mb: int = 512,
        cpu_s: float = 20.0,
        wall_s: float = 30.0,
        max_entries: int = 2000,
        bodies_per_child: int = 200,
        parser: str = PARSER,
    ) -> None:
        self.workers = workers or processors()
        self._limits = ParserLimits(memory_mb * 1024 * 1024, cpu_s, wall_s, bodies_per_child)
        self._max_entries = max_entries
        self._parser = parser
        self._quarantine = Quarantine(f"{memory_mb} MB, {cpu_s:g} s, {wall_s:g} s")
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads: ThreadPoolExecutor | None = None

    def recall(self, states: Iterable[SourceState]) -> None:
        """Take over from the states of the sources how often their bodies brought the parser down in earlier runs."""
        for state in states:
            if state.crash_body:
                self._quarantine.recall(state.crash_body, state.crash_times)

    async def parse(self, body: bytes, address: str, content_type: str = "", **options: object) -> Parsed:
        """Read `body`, without holding the event loop up; `options` are the parser's own (`kind`, and the kind's).

        Raises ParseFailure (F07…) when it cannot be read safely, and the parser's own AlertsError when it can, but is
        no feed.
        """
        self._quarantine.refuse(body, options)
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="alerts-parser")
            threads = self._threads
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, partial(self.parse_now, body, address, content_type, **options))

    def parse_now(self, body: bytes, address: str, content_type: str = "", **options: object) -> Parsed:
        """Read `body` and wait for it; the same as `parse` for callers without an event loop."""
        self._quarantine.refuse(body, options)
        child = self._hire()
        try:
            given = {"address": address, "content_type": content_type, "limit": self._max_entries, **options}
            kind, value = child.ask(body, **given)
        except _Died as death:
            self._dismiss(child)
            raise self._fallen(body, options, death) from None
        except FrameRefused as refused:
            self._dismiss(child)
            nonsense = ParserCrashed("The feed made the parser answer nonsense.", cause=str(refused))
            raise self._counted(body, options, nonsense) from None
        except BaseException:
            self._dismiss(child)
            raise
        return self._settle(child, body, options, kind, value)

    @property
    def children(self) -> int:
        """How many child processes there are at this moment."""
        with self._lock:
            return len(self._all)

    def close(self) -> None:
        """Kill every child and wait for the threads that spoke to them. Bodies being read fail."""
        with self._lock:
            self._closed = True
            idle, threads = list(self._idle), self._threads
            self._idle.clear()
            self._threads = None
            for child in self._all:  # a busy one is ended by the thread that speaks to it, once it is dead
                child.kill()
        for child in idle:
            self._dismiss(child)
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def _settle(self, child: _Child, body: bytes, options: object, kind: str, value: object) -> Parsed:
        """Turn a child's answer into a result or a failure, and keep or dismiss the child."""
        if kind == "memory" or child.bodies >= self._limits.bodies_per_child:
            self._dismiss(child)
        else:
            self._keep(child)
        if kind == "parsed":
            return cast("Parsed", value)
        if isinstance(value, AlertsError):
            raise value
        if kind == "memory":
            hungry = ParserExhausted(
                "Reading the feed took more memory than allowed.", cause="MemoryError in the parser"
            )
            raise self._counted(body, options, hungry)
        raise ParserCrashed("The feed could not be read: the parser met something unforeseen.", cause=str(value))

    def _hire(self) -> _Child:
        """Return a child that is alive and ready; raises ParserUnavailable."""
        while True:
            with self._lock:
                if self._closed:
                    raise ParserUnavailable("The service is stopping; nothing more is read.", cause="pool closed")
                child = self._idle.pop() if self._idle else None
            if child is None:
                break
            if child.is_alive:
                return child
            self._dismiss(child)
        return self._start()

    def _start(self) -> _Child:
        try:
            child = _Child(self._parser, self._limits)
        except OSError as trouble:
            raise ParserUnavailable("No process for reading feeds could be started.", cause=str(trouble)) from trouble
        with self._lock:
            if self._closed:
                child.kill()
            self._all.add(child)
        try:
            child.start()
        except _Died as death:
            self._dismiss(child)
            raise ParserUnavailable("No process for reading feeds could be started.", cause=str(death)) from None
        return child

    def _keep(self, child: _Child) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(child)
                return
        self._dismiss(child)

    def _dismiss(self, child: _Child) -> None:
        child.end()
        with self._lock:
            self._all.discard(child)

    def _fallen(self, body: bytes, options: object, death: _Died) -> ParseFailure:
        """Count a body that brought its child down, and tell how."""
        if self._closed:
            return ParserUnavailable("The service is stopping; nothing more is read.", cause="pool closed")
        cause = str(death)
        if isinstance(death, _Late):
            limit = f"Reading the feed took longer than {self._limits.wall_s:g} seconds."
            return self._counted(body, options, ParserExhausted(limit, cause=cause))
        if cause == "SIGXCPU":
            limit = f"Reading the feed took more than {self._limits.cpu_s:g} seconds of processor time."
            return self._counted(body, options, ParserExhausted(limit, cause=cause))
        return self._counted(body, options, ParserCrashed("The feed brought the parser down.", cause=cause))

    def _counted(self, body: bytes, options: object, failure: ParseFailure) -> ParseFailure:
        """Count the body that brought its child down, and say so in its failure."""
        failure.body, failure.times = self._quarantine.count(body, options)
        return failure
