"""One message offered to a test relay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alerts.deliver import SmtpSettings, SmtpTransport
from tests.deliver.memory_outbox import delivery_for, message_for
from tests.deliver.relay import Relay, Turn


def settings(relay: Relay, **changes: Any) -> SmtpSettings:
    start: dict[str, Any] = {
        "host": "localhost",
        "port": relay.port,
        "tls": "none",
        "per_minute": 0,
        "helo": "a.example",
    }
    return SmtpSettings(**{**start, "before_s": 5, "answer_s": 5, "connect_s": 5, **changes})


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def send(transport: SmtpTransport, number: int = 1, before_data: Any = yes, **changes: Any) -> Any:
    message = message_for(number)
    return await transport.send(delivery_for(number, message, **changes), message, before_data)


def at(verb: str, said: str, *, nth: int | None = None) -> Callable[[Turn], str | None]:
    """Return a script that says `said` to `verb`, every time or only the nth."""
    return lambda turn: said if turn.verb == verb and nth in (None, turn.nth) else None
