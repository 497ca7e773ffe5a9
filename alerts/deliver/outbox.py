"""What delivery needs of the store. The pipeline implements it; this room never sees a database.

Every method is one short transaction, committed before it returns, and is called in the worker's own thread. The
states are those of a delivery: `pending → claimed → in_data → sent | deferred | failed | expired | stopped`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from alerts.model.deliveries import Delivery, Outcome, Step


class Outbox(Protocol):
    """The deliveries that wait, and the record of what became of them."""

    def stopped(self) -> str:
        """Return the reason for which all sending is stopped (the panic switch), or an empty string."""
        ...

    def claim(self, owner: str, now: datetime, *, lease_s: float, limit: int, transport: str) -> Sequence[Delivery]:
        """Take up to `limit` deliveries that are due, oldest first, for `owner` until `now + lease_s`.

        Due are pending ones and deferred ones whose `next_try_at` has come. Each is `claimed` now, counts one more
        attempt and remembers `transport`. Deliveries of readers who left or are suspended are not handed out. No
        delivery is ever handed to two owners while a lease lasts.
        """
        ...

    def message(self, delivery: Delivery) -> bytes:
        """Return the assembled bytes of the message, the same at every attempt."""
        ...

    def enter_data(self, delivery_id: int, owner: str, now: datetime) -> bool:
        """Record that the text is about to be handed over: `claimed → in_data`, committed before the DATA command.

        False, and nothing may be sent: the row is not the owner's any more, its lease is over, the reader left
        meanwhile, or sending was stopped.
        """
        ...

    def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
        """Record what an attempt came to, where the row is still the owner's; False where it is not.

        `held` is not the message's fault and takes the attempt back; with a `retry_at` it waits like `deferred`,
        without one the delivery is `stopped` until a person acts.
        """
        ...

    def release(self, owner: str, now: datetime) -> int:
        """Give back all that `owner` has claimed and not begun to send, the attempt taken back; return how many.

        Deliveries in DATA stay where they are until their lease is over: they may have gone out.
        """
        ...


@runtime_checkable
class GroupingOutbox(Outbox, Protocol):
    """An outbox that can do what several sessions ask at the same moment in one transaction.

    A commit waits for the disk, several messages a commit do not wait longer: on SQLite this is what lets four sessions
    be faster than one. Every promise stays, since nobody is answered before the commit.
    """

    def together(self, owner: str, steps: Sequence[Step]) -> Sequence[bool]:
        """Enter DATA and settle as `enter_data` and `settle` do, all in one transaction; one step a delivery."""
        ...
