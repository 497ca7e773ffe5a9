"""The one place that reads the clock. Everything else is told the time.

`ALERTS_CLOCK` starts the service's clock at another instant (it then runs on at the ordinary pace), so that tests,
journeys and rehearsals can live through a Tuesday on a Saturday. Waiting (`asyncio.sleep`) always takes real seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""A clock: called without arguments it returns now, an aware datetime in UTC."""


def system_clock() -> datetime:
    """Return the machine's time, UTC."""
    return datetime.now(UTC)


def clock_from(start: datetime | None) -> Clock:
    """Return the system clock, or one that starts at `start` (aware) now and runs on from there."""
    if start is None:
        return system_clock
    origin = time.monotonic()
    first = start.astimezone(UTC)
    return lambda: first + timedelta(seconds=time.monotonic() - origin)
