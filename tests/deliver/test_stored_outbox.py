"""The outbox over the store keeps the contract, on both databases, and the worker keeps its promises on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Barrier

import pytest

from alerts.deliver import FolderTransport, SmtpSettings, SmtpTransport, deliver_pending
from alerts.model.deliveries import Delivery, Outcome
from alerts.pipeline.deliver import StoredOutbox
from alerts.store import Store, deliveries, subscriptions
from tests.deliver.memory_outbox import message_for
from tests.deliver.outbox_contract import NOW, OutboxContract
from tests.deliver.relay import DROP, Relay, Turn, listening
from tests.store.making import with_readers


class StoredDesk:
    """The desk over a real database."""

    def __init__(self, store: Store) -> None:
        self.store, self.outbox = store, StoredOutbox(store)

    def queue(self, count: int) -> Sequence[int]:
        with_readers(self.store, count)
        with self.store.write() as conn:
            for reader in subscriptions.active(conn, "ph", NOW):
                deliveries.enqueue(
                    conn,
                    "delivery",
                    f"ph/1/{reader.id}",
                    address=reader.address,
                    envelope_from="library@example.nhs.uk",
                    message_id=f"<1.{reader.id}@alerts.example.nhs.uk>",
                    body=message_for(reader.id),
                    now=NOW,
                    subscription_id=reader.id,
                )
            return sorted(each.id for each in deliveries.listing(conn, limit=10_000))

    def see(self, delivery_id: int) -> Delivery:
        with self.store.read() as conn:
            found = deliveries.get(conn, delivery_id)
        assert found is not None
        return found

    def reader_leaves(self, delivery_id: int) -> None:
        reader = self.see(delivery_id).subscription_id
        assert reader is not None
        with self.store.write() as conn:
            subscriptions.leave(conn, reader, NOW)

    def stop_sending(self, reason: str) -> None:
        with self.store.write() as conn:
            deliveries.stop(conn, reason, NOW)

    def sweep(self, now: datetime) -> None:
        with self.store.write() as conn:
            deliveries.sweep(conn, now)

    def states(self) -> dict[str, int]:
        with self.store.read() as conn:
            return deliveries.counts(conn)


@pytest.fixture
def desk(store: Store) -> StoredDesk:
    return StoredDesk(store)


class TestStoredOutbox(OutboxContract):
    @pytest.fixture
    def desk(self, store: Store) -> StoredDesk:
        return StoredDesk(store)


async def run(desk: StoredDesk, relay: Relay, now: datetime, owner: str) -> int:
    settings = SmtpSettings("localhost", relay.port, tls="none", per_minute=0, helo="a.example", sessions=4)
    transport = SmtpTransport(settings)
    transport.pace.slow = lambda: None  # type: ignore[method-assign]  # the test cannot wait; pace has its own
    await asyncio.to_thread(desk.sweep, now)
    report = await deliver_pending(
        desk.outbox, transport, clock=lambda: now, stop=asyncio.Event(), owner=owner, rng=Random(1)
    )
    return report.sent


async def test_two_services_and_a_server_that_drops_lose_nothing_on_a_real_database(desk: StoredDesk) -> None:
    desk.queue(60)
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        DROP if turn.verb == "TEXT" and turn.nth % 9 == 0 else None
    )
    now = NOW
    async with listening(Relay(script=script)) as relay:
        for tick in range(8):
            await asyncio.gather(*(run(desk, relay, now, f"service {n} at {tick}") for n in range(2)))
            now += timedelta(minutes=16)
    assert desk.states() == {"sent": 60}
    assert len(relay.recipients) == len(set(relay.recipients)) == 60
    assert len(relay.texts) > 60
    assert len(set(relay.texts)) == 60


REFUSED = Outcome("failed", "5.1.1 No such user", 550, "5.1.1", scope="recipient")


class Reader:
    """One reader, and issues that go to them."""

    def __init__(self, desk: StoredDesk) -> None:
        self.desk = desk
        with_readers(desk.store, 1)
        with desk.store.read() as conn:
            [self.subscription] = subscriptions.active(conn, "ph", NOW)

    def issue(self, number: int) -> None:
        with self.desk.store.write() as conn:
            deliveries.enqueue(
                conn, "delivery", f"ph/{number}/1", address=self.subscription.address, envelope_from="", now=NOW,
                message_id=f"<{number}@alerts.example.nhs.uk>", body=b"", subscription_id=self.subscription.id,
            )  # fmt: skip

    def settle(self, outcome: Outcome) -> int:
        [claimed] = self.desk.outbox.claim("me", NOW, lease_s=900, limit=1, transport="smtp")
        assert self.desk.outbox.settle(claimed.id, "me", outcome, NOW)
        return claimed.id

    @property
    def state(self) -> str:
        with self.desk.store.read() as conn:
            found = subscriptions.get(conn, self.subscription.id)
        assert found is not None
        return found.state


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([REFUSED] * 3, "suspended"),
        ([REFUSED] * 2, "active"),
        ([REFUSED, REFUSED, Outcome("sent"), REFUSED, REFUSED], "active"),
        ([REFUSED, REFUSED, Outcome("failed", scope="message", unanswered=True)], "active"),
        ([REFUSED, Outcome("expired", "4.2.2 Full", 452, "4.2.2", scope="recipient"), REFUSED, REFUSED], "suspended"),
    ],
    ids=["three", "two", "an issue arrived between", "a silence is no refusal", "given up is neither"],
)
def test_three_issues_refused_in_a_row_suspend_a_reader(desk: StoredDesk, outcomes: list[Outcome], state: str) -> None:
    reader = Reader(desk)
    for number, outcome in enumerate(outcomes, 1):
        reader.issue(number)
        reader.settle(outcome)
    assert reader.state == state


def test_one_issue_counts_once_however_often_it_is_retried(desk: StoredDesk) -> None:
    reader = Reader(desk)
    reader.issue(1)
    for _ in range(4):
        number = reader.settle(REFUSED)
        with desk.store.write() as conn:
            assert deliveries.retry(conn, number, NOW)
    assert reader.state == "active"


def test_who_else_is_sending_by_the_same_way_is_known_while_their_claims_are_in_force(desk: StoredDesk) -> None:
    desk.queue(4)
    for owner, way in (("a", "smtp"), ("a", "smtp"), ("b", "smtp"), ("c", "folder")):
        desk.outbox.claim(owner, NOW, lease_s=900, limit=1, transport=way)
    with desk.store.read() as conn:
        assert deliveries.others(conn, "a", NOW, "smtp") == 1
        assert deliveries.others(conn, "new", NOW, "smtp") == 2
        assert deliveries.others(conn, "new", NOW + timedelta(hours=1), "smtp") == 0


async def test_the_folder_is_remembered_as_the_way_each_message_went(desk: StoredDesk, tmp_path: Path) -> None:
    desk.queue(3)
    await deliver_pending(
        desk.outbox, FolderTransport(tmp_path), clock=lambda: NOW, stop=asyncio.Event(), owner="me", rng=Random(1)
    )
    with desk.store.read() as conn:
        assert deliveries.counts_by_transport(conn) == {"folder": 3}


def test_of_replicas_that_claim_at_once_none_goes_beyond_what_the_server_takes_in_a_day(desk: StoredDesk) -> None:
    desk.queue(30)
    ready = Barrier(6)

    def all_at_once() -> None:
        ready.wait()

    def claims(owner: str) -> int:
        outbox = StoredOutbox(desk.store, all_at_once, per_day=7)
        return len(outbox.claim(owner, NOW, lease_s=900, limit=5, transport="smtp"))

    with ThreadPoolExecutor(6) as replicas:
        assert sum(replicas.map(claims, "abcdef")) == 7
    assert desk.states() == {"claimed": 7, "pending": 23}
