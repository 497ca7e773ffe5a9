"""The fake outbox keeps the contract, so that what the worker's tests show is true of the store as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from alerts.model.deliveries import Delivery
from tests.deliver.memory_outbox import MemoryOutbox
from tests.deliver.outbox_contract import OutboxContract


class MemoryDesk:
    def __init__(self) -> None:
        self.outbox = MemoryOutbox()

    def queue(self, count: int) -> Sequence[int]:
        self.outbox.fill(count)
        return list(self.outbox.rows)

    def see(self, delivery_id: int) -> Delivery:
        return self.outbox.rows[delivery_id]

    def reader_leaves(self, delivery_id: int) -> None:
        self.outbox.left.add(delivery_id)

    def stop_sending(self, reason: str) -> None:
        self.outbox.panic = reason

    def sweep(self, now: datetime) -> None:
        self.outbox.sweep(now)


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def desk(self) -> MemoryDesk:
        return MemoryDesk()
