from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alerts.errors import AlertsError
from alerts.fetch import pace
from alerts.fetch.failures import (
    ParseFailure,
    ParserCrashed,
    ParserExhausted,
    ParserUnavailable,
    Quarantined,
)
from alerts.fetch.parser_pool import ParserPool
from alerts.model.records import Entry
from alerts.model.sources import Source, SourceState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HERE = Path(__file__).parent
MakePool = Callable[..., ParserPool]


@pytest.fixture
def make_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePool]:
    monkeypatch.syspath_prepend(str(HERE))
    pools: list[ParserPool] = []

    def make(**options: Any) -> ParserPool:
        pool = ParserPool(options.pop("workers", 1), parser="stand_in_parsers:obey", **options)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()


def ask(pool: ParserPool, order: str) -> Any:
    return pool.parse_now(order.encode(), "https://example.org/feed", "text/xml")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_a_body_goes_to_a_child_with_its_address_and_comes_back_as_entries(make_pool: MakePool) -> None:
    entry, content_type, limit = ask(make_pool(max_entries=77), "echo Smoking cessation £20 – 🚭")
    assert entry == Entry(key="1", title="Smoking cessation £20 – 🚭", link="https://example.org/feed")
    assert (content_type, limit) == ("text/xml", 77)


def test_no_child_is_started_before_there_is_a_body(make_pool: MakePool) -> None:
    pool = make_pool()
    assert pool.children == 0
    ask(pool, "pid")
    assert pool.children == 1


def test_a_child_reads_several_bodies_and_is_then_replaced(make_pool: MakePool) -> None:
    pool = make_pool(bodies_per_child=3)
    pids = [ask(pool, "pid") for _ in range(6)]
    assert len(set(pids[:3])) == 1
    assert len(set(pids[3:])) == 1
    assert pids[0] != pids[3]
    assert not is_running(pids[0])


def test_a_hung_child_is_killed_and_the_next_body_gets_a_new_one(make_pool: MakePool) -> None:
    pool = make_pool(wall_s=1.5)
    pid = ask(pool, "pid")
    with pytest.raises(ParserExhausted) as caught:
        ask(pool, "sleep 60")
    assert caught.value.code == "F071"
    assert not is_running(pid)
    assert ask(pool, "pid") != pid


def test_a_body_that_takes_too_much_processor_time_ends_its_child(make_pool: MakePool) -> None:
    with pytest.raises(ParserExhausted, match="processor time"):
        ask(make_pool(cpu_s=1.0, wall_s=20.0), "spin")


def test_processor_time_is_allowed_for_each_body_anew(make_pool: MakePool) -> None:
    pool = make_pool(cpu_s=1.0)
    assert len({ask(pool, "burn 0.6") for _ in range(4)}) == 1


def test_a_body_that_takes_too_much_memory_fails_alone(make_pool: MakePool) -> None:
    pool = make_pool(memory_mb=300)
    pid = ask(pool, "pid")
    with pytest.raises(ParserExhausted, match="memory"):
        ask(pool, "hoard")
    assert ask(pool, "pid") != pid


@pytest.mark.parametrize(
    ("order", "cause"), [("segfault", "SIGSEGV"), ("exit 3", "exit code 3"), ("exit 0", "exit code 0")]
)
def test_a_child_that_dies_is_the_failure_of_its_body(make_pool: MakePool, order: str, cause: str) -> None:
    pool = make_pool()
    with pytest.raises(ParserCrashed) as caught:
        ask(pool, order)
    assert caught.value.cause == cause
    assert ask(pool, "echo well again")[0].title == "well again"


def test_the_same_body_crashing_three_times_is_not_tried_again(make_pool: MakePool) -> None:
    pool = make_pool()
    for _ in range(3):
        with pytest.raises(ParserCrashed):
            ask(pool, "exit 1")
    running = pool.children
    with pytest.raises(Quarantined):
        ask(pool, "exit 1")
    assert pool.children == running == 0
    with pytest.raises(ParserCrashed):
        ask(pool, "exit 10")


def test_what_crashed_the_parser_is_remembered_in_the_sources_state_from_one_run_to_the_next(
    make_pool: MakePool,
) -> None:
    state = SourceState("s")
    for _ in range(3):
        pool = make_pool()
        pool.recall([state])
        with pytest.raises(ParserCrashed) as caught:
            ask(pool, "exit 1")
        state = pace.after_failure(Source("s", "S", "x"), state, caught.value, NOW, Random(1))
    assert state.crash_times == 3
    last = make_pool()
    last.recall([state])
    with pytest.raises(Quarantined) as refused:
        ask(last, "exit 1")
    assert pace.after_failure(Source("s", "S", "x"), state, refused.value, NOW, Random(1)).crash_times == 3
    assert ask(last, "echo changed")[0].title == "changed"


def test_more_memory_or_time_given_by_the_operator_lifts_the_quarantine(make_pool: MakePool) -> None:
    state = SourceState("s")
    pool = make_pool(memory_mb=300)
    for _ in range(3):
        with pytest.raises(ParserExhausted) as caught:
            ask(pool, "hoard 8")
        state = pace.after_failure(Source("s", "S", "x"), state, caught.value, NOW, Random(1))
    with pytest.raises(Quarantined):
        ask(pool, "hoard 8")
    larger = make_pool(memory_mb=900)
    larger.recall([state])
    assert ask(larger, "hoard 8") == 8


def test_an_answer_that_is_nonsense_counts_as_a_crash_of_its_body(make_pool: MakePool) -> None:
    pool = make_pool()
    for _ in range(3):
        with pytest.raises(ParserCrashed, match="nonsense"):
            ask(pool, "function")
    with pytest.raises(Quarantined):
        ask(pool, "function")


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK, this is no frame at all",
        (1 << 62).to_bytes(8, "big") + b"x",
        (65 << 20).to_bytes(8, "big") + b"x",
        (3).to_bytes(8, "big") + b"abc",
        (0).to_bytes(8, "big"),
        (14).to_bytes(8, "big") + b"\x80\x05\x96" + (1 << 60).to_bytes(8, "little") + b"abc",
        (11).to_bytes(8, "big") + b"cos\nsystem\n.",
        b"",
    ],
    ids=["text", "endless", "large", "no pickle", "empty", "huge bytearray", "os.system", "silence"],
)
def test_a_child_that_was_taken_over_and_writes_garbage_is_only_a_crash(make_pool: MakePool, wire: bytes) -> None:
    pool = make_pool()
    with pytest.raises(ParserCrashed) as caught:
        ask(pool, f"garbage {wire.hex()}")
    assert ("nonsense" in caught.value.sentence) == bool(wire), "what it wrote was read, and refused"
    assert ask(pool, "echo well again")[0].title == "well again"


def test_a_storm_of_crashing_bodies_leaves_no_process_no_zombie_and_no_open_file(make_pool: MakePool) -> None:
    pool = make_pool(workers=2)
    ask(pool, "pid")

    async def storm() -> list[object]:
        bodies = (pool.parse(f"exit {n % 200 + 1} {n}".encode(), "x") for n in range(40))
        return list(await asyncio.gather(*bodies, return_exceptions=True))

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    assert {type(each) for each in asyncio.run(storm())} == {ParserCrashed}
    assert pool.children <= 1
    assert open_files() <= before
    assert not [each for each in children_of(os.getpid()) if not is_running(each)], "no zombies"
    assert ask(pool, "echo well again")[0].title == "well again"


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def test_an_unforeseen_exception_is_the_failure_of_its_body_and_names_the_exception(make_pool: MakePool) -> None:
    pool = make_pool()
    pid = ask(pool, "pid")
    with pytest.raises(ParserCrashed) as caught:
        ask(pool, "raise broken text")
    assert caught.value.cause == "UnicodeError: broken text"
    assert ask(pool, "pid") == pid


def test_the_parsers_own_refusal_comes_through_with_its_remedy(make_pool: MakePool) -> None:
    with pytest.raises(AlertsError, match="a login page") as caught:
        ask(make_pool(), "refuse a login page")
    assert not isinstance(caught.value, ParseFailure)
    assert caught.value.remedy == "Do otherwise."


@pytest.mark.parametrize("order", ["function", "refuse_strangely x"])
def test_a_child_cannot_make_the_parent_load_anything_but_our_own_nouns(make_pool: MakePool, order: str) -> None:
    with pytest.raises(ParserCrashed):
        ask(make_pool(), order)


def test_the_child_sees_none_of_our_settings(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_SMTP_PASSWORD", "hunter2")
    environment = ask(make_pool(), "environment")
    assert not [name for name in environment if name.startswith("ALERTS")]


def test_the_child_cannot_write_files(make_pool: MakePool, tmp_path: Path) -> None:
    assert ask(make_pool(), f"write {tmp_path / 'planted'}") == "OSError"


def test_a_large_answer_and_a_large_body_pass(make_pool: MakePool) -> None:
    pool = make_pool()
    assert len(ask(pool, "long 5000000")) == 5_000_000
    assert len(ask(pool, "echo " + "x" * 5_000_000)[0].title) == 5_000_000


def test_a_child_that_died_while_idle_is_replaced_without_a_word(make_pool: MakePool) -> None:
    pool = make_pool()
    pid = ask(pool, "pid")
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_running(pid))
    assert ask(pool, "pid") != pid


def test_a_storm_of_interrupts_and_terminations_does_not_touch_a_child(make_pool: MakePool) -> None:
    pool = make_pool()
    pid = ask(pool, "pid")
    for _ in range(50):
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
    assert ask(pool, "pid") == pid


def test_two_bodies_are_read_at_once_and_the_loop_is_not_held_up(make_pool: MakePool) -> None:
    pool = make_pool(workers=2)

    async def both() -> float:
        await asyncio.gather(*(pool.parse(b"pid", "x") for _ in range(2)))
        started = time.monotonic()
        await asyncio.gather(*(pool.parse(b"sleep 2", "x") for _ in range(2)))
        return time.monotonic() - started

    assert asyncio.run(both()) < 3.6


def test_closing_kills_children_at_work(make_pool: MakePool) -> None:
    pool = make_pool()
    pid = ask(pool, "pid")

    async def close_meanwhile() -> None:
        reading = asyncio.ensure_future(pool.parse(b"sleep 60", "x"))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(pool.close)
        with pytest.raises(ParserUnavailable):
            await reading

    asyncio.run(close_meanwhile())
    assert not is_running(pid)
    assert pool.children == 0
    with pytest.raises(ParserUnavailable):
        ask(pool, "pid")


def test_closing_while_children_start_and_work_leaves_none_behind(make_pool: MakePool) -> None:
    for delay in (0.0, 0.02, 0.05, 0.1, 0.3):
        pool = make_pool(workers=3)

        async def use_and_close(used: ParserPool, wait_s: float) -> list[object]:
            reading = [asyncio.ensure_future(used.parse(b"echo x", "x")) for _ in range(12)]
            await asyncio.sleep(wait_s)
            await asyncio.to_thread(used.close)
            return list(await asyncio.gather(*reading, return_exceptions=True))

        for outcome in asyncio.run(use_and_close(pool, delay)):
            assert isinstance(outcome, tuple | ParserUnavailable | asyncio.CancelledError), outcome
        assert pool.children == 0


@pytest.mark.parametrize("busy", ["spin", "sleep 60"])
def test_children_die_with_a_parent_that_was_killed(tmp_path: Path, busy: str) -> None:
    script = (
        "import sys, threading, time\n"
        "from alerts.fetch.parser_pool import ParserPool\n"
        "pool = ParserPool(1, parser='stand_in_parsers:obey')\n"
        "print(pool.parse_now(b'pid', ''), flush=True)\n"
        f"pool.parse_now({busy!r}.encode(), '')\n"
    )
    path = os.pathsep.join([str(HERE), *filter(None, sys.path), str(Path.cwd())])
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.2)
        assert is_running(child)
        parent.kill()
    assert wait_until(lambda: not is_running(child))


def test_a_parser_that_cannot_be_imported_is_said_to_be_our_own_fault() -> None:
    with ParserPool(1, parser="no_such_module:parse") as pool, pytest.raises(ParserUnavailable) as caught:
        pool.parse_now(b"<rss/>", "")
    assert caught.value.counts is False
