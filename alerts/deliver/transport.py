"""The way out: what a mail server and a folder have in common.

A transport says what happened and judges nothing: the answer goes to `decisions`, which knows what it means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from alerts.deliver.pace import Pace
from alerts.model.deliveries import Delivery

BeforeData = Callable[[], Awaitable[bool]]
Stage = Literal["mail", "rcpt", "data"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took responsibility for the message (RFC 5321 4.2.5)."""

    words: str = ""
    code: int = 250


@dataclass(frozen=True, slots=True)
class Refusal:
    """The other side did not take the message; it surely was not sent.

    `code` is the three-digit reply, 0 when the connection was lost or timed out before the text was offered. `words`
    are the server's own, on one line.
    """

    stage: Stage
    code: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """The text was offered and no answer came: perhaps it was sent."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """`before_data` said no: nothing was offered, and the delivery is not ours to settle."""


Answer = Accepted | Refusal | Silence | Withdrawn


class Transport(Protocol):
    """One way of handing over finished messages."""

    @property
    def name(self) -> str:
        """Return the name that deliveries are stored with: `smtp`, `folder`."""
        ...

    @property
    def pace(self) -> Pace:
        """Return how fast, and by how many at once, messages may go; it remembers between runs."""
        ...

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        """Hand over one message to one recipient, calling `before_data` just before its text is offered.

        Raises `TransportDown` when the conversation never got as far as naming the delivery. After an exception or a
        cancellation the transport is as usable as before.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; the transport opens new ones when used again."""
        ...
