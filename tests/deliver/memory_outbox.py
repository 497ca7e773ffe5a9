"""An outbox in memory that keeps the same contract as the one over the store."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.model.deliveries import Delivery, Outcome

START = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def message_for(number: int, *, words: str = "Virtual wards guidance updated.") -> bytes:
    """Return the finished bytes of one small message."""
    lines = (
        f"Message-ID: <{number}.update@alerts.example.org>",
        "Date: Tue, 24 Nov 2026 07:30:00 +0000",
        "From: Library <library@example.org>",
        f"To: reader{number}@example.org",
        "Subject: Update",
        "List-Id: Public health update <public-health.alerts.example.org>",
        f"List-Unsubscribe: <https://alerts.example.org/leave/{'x' * 90}{number:04}>",
        "",
        words,
        ".a line that begins with a full stop",
        "",
    )
    return "\r\n".join(lines).encode()


def delivery_for(number: int, message: bytes, *, address: str = "") -> Delivery:
    """Return a pending delivery of `message`."""
    return Delivery(
        id=number,
        kind="delivery",
        dedupe_key=f"public-health/1/{number}",
        issue_id=1,
        subscription_id=number,
        address=address or f"reader{number}@example.org",
        envelope_from="library@example.org",
        message_id=f"<{number}.update@alerts.example.org>",
        fields=(),
        sha256=hashlib.sha256(message).hexdigest(),
        state="pending",
        created_at=START,
    )


class MemoryOutbox:
    """Rows in a dict under a lock; a method is a transaction."""

    def __init__(self) -> None:
        self.rows: dict[int, Delivery] = {}
        self.messages: dict[int, bytes] = {}
        self.outcomes: dict[int, list[Outcome]] = {}
        self.left: set[int] = set()
        self.panic = ""
        self._lock = threading.Lock()

    def put(self, delivery: Delivery, message: bytes) -> None:
        self.rows[delivery.id] = delivery
        self.messages[delivery.id] = message

    def fill(self, count: int) -> None:
        for number in range(1, count + 1):
            message = message_for(number)
            self.put(delivery_for(number, message), message)

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows.values():
            found[row.state] = found.get(row.state, 0) + 1
        return found

    def stopped(self) -> str:
        return self.panic

    def claim(self, owner: str, now: datetime, *, lease_s: float, limit: int, transport: str) -> Sequence[Delivery]:
        with self._lock:
            claimed: list[Delivery] = []
            if self.panic:
                return claimed
            for row in sorted(self.rows.values(), key=lambda each: each.id):
                is_deferred = row.state == "deferred" and row.next_try_at is not None and row.next_try_at <= now
                if len(claimed) == limit or not (row.state == "pending" or is_deferred):
                    continue
                if row.subscription_id in self.left:
                    self.rows[row.id] = replace(row, state="stopped", state_reason="left", next_try_at=None)
                    continue
                taken = replace(
                    row,
                    state="claimed",
                    owner=owner,
                    lease_until=now + timedelta(seconds=lease_s),
                    attempts=row.attempts + 1,
                    next_try_at=None,
                    transport=transport,
                )
                self.rows[row.id] = taken
                claimed.append(taken)
            return claimed

    def message(self, delivery: Delivery) -> bytes:
        return self.messages[delivery.id]

    def enter_data(self, delivery_id: int, owner: str, now: datetime) -> bool:
        with self._lock:
            row = self.rows[delivery_id]
            if self.panic or row.owner != owner or row.state != "claimed":
                return False
            if row.subscription_id in self.left:
                self.rows[delivery_id] = replace(row, state="stopped", state_reason="left", owner="", lease_until=None)
                return False
            self.rows[delivery_id] = replace(row, state="in_data", unanswered=row.unanswered + 1)
            return True

    def settle(self, delivery_id: int, owner: str, outcome: Outcome, now: datetime) -> bool:
        with self._lock:
            row = self.rows[delivery_id]
            if row.owner != owner or row.state not in ("claimed", "in_data"):
                return False
            answered = row.state == "in_data" and not outcome.unanswered
            settled = replace(
                row,
                owner="",
                lease_until=None,
                unanswered=row.unanswered - answered,
                state_reason=outcome.words,
                next_try_at=outcome.retry_at,
            )
            if outcome.state == "held":
                settled = replace(
                    settled, state="deferred" if outcome.retry_at else "stopped", attempts=row.attempts - 1
                )
            else:
                settled = replace(settled, state=outcome.state, sent_at=now if outcome.state == "sent" else None)
            self.rows[delivery_id] = settled
            self.outcomes.setdefault(delivery_id, []).append(outcome)
            return True

    def release(self, owner: str, now: datetime) -> int:
        with self._lock:
            mine = [row for row in self.rows.values() if row.owner == owner and row.state == "claimed"]
            for row in mine:
                self.rows[row.id] = replace(row, state="pending", owner="", lease_until=None, attempts=row.attempts - 1)
            return len(mine)

    def sweep(self, now: datetime) -> None:
        """Return what crashed owners left; the store's sweep does the same."""
        with self._lock:
            for row in list(self.rows.values()):
                if row.lease_until is None or row.lease_until > now:
                    continue
                free = replace(row, owner="", lease_until=None)
                if row.state == "claimed":
                    self.rows[row.id] = replace(free, state="pending")
                elif row.state == "in_data":
                    again = row.unanswered <= 3
                    self.rows[row.id] = replace(
                        free, state="deferred" if again else "failed", next_try_at=now if again else None
                    )
