"""How fast messages may go, and when to leave a mail server alone.

One pace belongs to one transport and outlives a run of the worker: a rest that a server asked for at one tick is kept
at the next. It knows three answers to trouble. *Slow*: the time between messages doubles, up to eight times, and
comes back as messages are accepted. *Rest*: nothing is offered for a minute, twice as long each time, up to a quarter
of an hour. *Hold*: the server or the account refuses us altogether; five minutes, twice as long each time, up to four
hours, so that a mended password is noticed by itself and an unmended one does not lock the account.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Literal

SLOWEST = 8
LEAST_SLOW_INTERVAL_S = 0.25
QUICKER_AFTER = 5


class Pace:
    """The rate of one transport. `per_minute` 0 means: as fast as it takes them."""

    def __init__(
        self,
        *,
        sessions: int = 1,
        per_minute: float = 0,
        rest_s: float = 60,
        longest_rest_s: float = 900,
        hold_s: float = 300,
        longest_hold_s: float = 14_400,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sessions = sessions
        self._interval_s = 60 / per_minute if per_minute else 0.0
        self._rest_s, self._longest_rest_s = rest_s, longest_rest_s
        self._hold_s, self._longest_hold_s = hold_s, longest_hold_s
        self._monotonic = monotonic
        self._slowness = self._sharers = 1
        self._accepted = 0
        self._pauses = {"rest": 0, "hold": 0}
        self._kind: Literal["", "rest", "hold"] = ""
        self._next_slot = 0.0
        self._rest_until = 0.0

    @property
    def interval_s(self) -> float:
        """Seconds between the starts of two messages, as things stand."""
        interval_s = self._interval_s * self._sharers
        if self._slowness == 1:
            return interval_s
        return max(interval_s, LEAST_SLOW_INTERVAL_S) * self._slowness

    @property
    def rests_s(self) -> float:
        """Seconds for which nothing may be offered; 0 when it may."""
        return max(0.0, self._rest_until - self._monotonic())

    def fits(self, within_s: float) -> int:
        """Return how many messages can be started within so many seconds, at least one."""
        return max(1, int(within_s / self.interval_s)) if self.interval_s else 1_000_000

    def share(self, others: int) -> None:
        """Leave their part of the rate to so many others who send to the same server at this time."""
        self._sharers = others + 1

    def slow(self) -> None:
        """Double the time between messages."""
        self._slowness = min(self._slowness * 2, SLOWEST)
        self._accepted = 0

    def rest(self) -> float:
        """Offer nothing for a while, longer each time until a message is accepted; return the seconds."""
        self.slow()
        return self._pause(min(self._rest_s * 2 ** self._pauses["rest"], self._longest_rest_s), "rest")

    def hold(self) -> float:
        """Offer nothing for a long while, longer each time until a message is accepted; return the seconds."""
        return self._pause(min(self._hold_s * 2 ** self._pauses["hold"], self._longest_hold_s), "hold")

    def resume(self) -> None:
        """Forget every rest and hold: a person says that the server is well."""
        self._rest_until = 0.0
        self._pauses = {"rest": 0, "hold": 0}
        self._slowness = 1

    def accepted(self) -> None:
        """Note that a message was taken: the server is well; after five, go twice as fast again."""
        self._pauses = {"rest": 0, "hold": 0}
        self._accepted += 1
        if self._slowness > 1 and self._accepted >= QUICKER_AFTER:
            self._slowness //= 2
            self._accepted = 0

    async def turn(self, stop: asyncio.Event) -> bool:
        """Wait until the next message may start; False when it may not: a stop, or a rest."""
        now = self._monotonic()
        start = max(now, self._next_slot)
        self._next_slot = start + self.interval_s
        if start > now:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), start - now)
        return not stop.is_set() and not self.rests_s

    def _pause(self, seconds: float, kind: Literal["rest", "hold"]) -> float:
        if self.rests_s and kind in ("rest", self._kind):
            return self.rests_s  # several sessions met the same trouble: it counts once
        self._kind = kind
        self._pauses[kind] = min(self._pauses[kind] + 1, 30)
        self._rest_until = self._monotonic() + seconds
        return seconds
