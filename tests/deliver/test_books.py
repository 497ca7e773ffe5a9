"""Sharing commits: what several sessions ask at once is written at once, and nobody is answered before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from alerts.deliver.books import Books
from alerts.deliver.outbox import GroupingOutbox
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery, Entering, Outcome, Step
from tests.deliver.memory_outbox import START, MemoryOutbox


class Grouping(MemoryOutbox):
    """Remembers how many pieces of work each transaction held, and can wait or fail in one."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[int] = []
        self.fails = False
        self.gate = threading.Event()
        self.gate.set()

    def together(self, owner: str, steps: Sequence[Step]) -> Sequence[bool]:
        self.groups.append(len(steps))
        if self.fails:
            raise OSError("the disk is full")
        return [
            self.enter_data(each.delivery_id, owner, each.at)
            if isinstance(each, Entering)
            else self.settle(each.delivery_id, owner, each.outcome, each.at)
            for each in steps
        ]

    def enter_data(self, *args: object) -> bool:
        self.gate.wait(5)
        return super().enter_data(*args)  # type: ignore[arg-type]  # passed on as they are


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def claimed(outbox: MemoryOutbox, count: int) -> Sequence[Delivery]:
    outbox.fill(count)
    return outbox.claim("me", START, lease_s=900, limit=count, transport="smtp")


async def asked_at_once(books: Books, outbox: Grouping, deliveries: Sequence[Delivery]) -> list[asyncio.Task[bool]]:
    """Ask for all while the first is being written."""
    outbox.gate.clear()
    tasks = [asyncio.create_task(books.enter_data(each)) for each in deliveries[:1]]
    await asyncio.sleep(0.02)
    tasks += [asyncio.create_task(books.enter_data(each)) for each in deliveries[1:]]
    await asyncio.sleep(0.02)
    return tasks


async def test_what_is_asked_during_a_commit_shares_the_next(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    books = Books(outbox, "me", lambda: START, thread)
    tasks = await asked_at_once(books, outbox, claimed(outbox, 5))
    outbox.gate.set()
    assert await asyncio.gather(*tasks) == [True] * 5
    assert outbox.groups == [4]
    assert outbox.states() == {"in_data": 5}


async def test_an_outcome_and_the_next_message_share_a_commit(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    books = Books(outbox, "me", lambda: START, thread)
    first, second = claimed(outbox, 2)
    await books.enter_data(first)
    settled = books.settle(first, Outcome("sent"))
    assert await books.enter_data(second) is True
    assert await settled is True
    assert outbox.groups == [2]
    assert outbox.states() == {"sent": 1, "in_data": 1}


async def test_an_outcome_that_no_message_follows_is_written_by_itself(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    books = Books(outbox, "me", lambda: START, thread)
    [only] = claimed(outbox, 1)
    assert await asyncio.wait_for(books.settle(only, Outcome("sent")), 5) is True
    assert outbox.states() == {"sent": 1}


async def test_a_message_without_its_bytes_is_claimed_with_the_reason(thread: ThreadPoolExecutor) -> None:
    class Lacking(MemoryOutbox):
        def message(self, delivery: Delivery) -> bytes:
            if delivery.id == 2:
                raise AlertsError("no such issue")
            return super().message(delivery)

    outbox = Lacking()
    outbox.fill(3)
    claim = await Books(outbox, "me", lambda: START, thread).claim(900, 10, "smtp")
    assert [type(each.message) for each in claim.claimed] == [bytes, AlertsError, bytes]


async def test_each_is_told_its_own_answer(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    books = Books(outbox, "me", lambda: START, thread)
    deliveries = claimed(outbox, 4)
    outbox.left.add(3)
    tasks = await asked_at_once(books, outbox, deliveries)
    outbox.gate.set()
    assert await asyncio.gather(*tasks) == [True, True, False, True]


async def test_when_a_shared_commit_fails_each_is_tried_alone(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    outbox.fails = True
    books = Books(outbox, "me", lambda: START, thread)
    tasks = await asked_at_once(books, outbox, claimed(outbox, 3))
    outbox.gate.set()
    assert await asyncio.gather(*tasks) == [True] * 3


async def test_one_failure_is_told_to_the_one_who_asked(thread: ThreadPoolExecutor) -> None:
    class Picky(MemoryOutbox):
        def settle(self, delivery_id: int, *args: object) -> bool:
            if delivery_id == 2:
                raise LookupError("no such row")
            return super().settle(delivery_id, *args)  # type: ignore[arg-type]  # passed on as they are

    outbox = Picky()
    books = Books(outbox, "me", lambda: START, thread)
    asked = [books.settle(each, Outcome("sent")) for each in claimed(outbox, 3)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in answers] == [bool, LookupError, bool]


async def test_what_is_no_longer_wanted_is_not_written(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    books = Books(outbox, "me", lambda: START, thread)
    tasks = await asked_at_once(books, outbox, claimed(outbox, 3))
    tasks[2].cancel()
    await asyncio.sleep(0)
    outbox.gate.set()
    assert await asyncio.gather(*tasks[:2]) == [True, True]
    assert outbox.rows[3].state == "claimed"


async def test_release_comes_after_everything_that_was_asked(thread: ThreadPoolExecutor) -> None:
    outbox = Grouping()
    books = Books(outbox, "me", lambda: START, thread)
    tasks = await asked_at_once(books, outbox, claimed(outbox, 3))
    releasing = asyncio.create_task(books.release())
    await asyncio.sleep(0.02)
    outbox.gate.set()
    assert await releasing == 0
    assert await asyncio.gather(*tasks) == [True] * 3


def test_an_outbox_says_by_its_methods_whether_it_can_group() -> None:
    assert isinstance(Grouping(), GroupingOutbox)
    assert not isinstance(MemoryOutbox(), GroupingOutbox)
