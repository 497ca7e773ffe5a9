"""Messages on their way: one issue to one recipient, and the service's other mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DeliveryState = Literal[
    "pending", "claimed", "in_data", "sent", "deferred", "failed", "expired", "stopped"
]  # fmt: skip
MessageKind = Literal["delivery", "confirmation", "staff", "test"]
RefusalScope = Literal["", "recipient", "message", "relay", "account"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient. `fields` are the personal values that go into the issue's skeleton.

    `sha256` is of the assembled bytes, fixed when the issue was published: every attempt must carry the same.
    `unanswered` counts the attempts that entered DATA and never saw an answer: each may have arrived.
    """

    id: int
    kind: MessageKind
    dedupe_key: str
    issue_id: int | None
    subscription_id: int | None
    address: str
    envelope_from: str
    message_id: str
    fields: tuple[tuple[str, str], ...]
    sha256: str
    state: DeliveryState
    transport: str = ""
    attempts: int = 0
    owner: str = ""
    lease_until: datetime | None = None
    next_try_at: datetime | None = None
    state_reason: str = ""
    created_at: datetime | None = None
    sent_at: datetime | None = None
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to, in the words of the server where it said any.

    `scope` says whom a refusal is about. `held` is never final: with `retry_at` it is tried again by itself then,
    without it a person must act. `unanswered` says that DATA was entered and no answer came: the message may have
    arrived.
    """

    state: Literal["sent", "deferred", "failed", "expired", "held"]
    words: str = ""
    code: int = 0
    enhanced_code: str = ""
    retry_at: datetime | None = None
    scope: RefusalScope = ""
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Entering:
    """A step of the outbox: the text of a claimed delivery is about to be handed over."""

    delivery_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Settling:
    """A step of the outbox: what an attempt at a delivery came to."""

    delivery_id: int
    outcome: Outcome
    at: datetime


Step = Entering | Settling
