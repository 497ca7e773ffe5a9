"""What closes soon, told again once to those who had it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.model.bulletins import Candidate

SOON = timedelta(days=14)
"""What readers had before is told again when no more than this is left to answer it."""


def timely(candidates: Sequence[Candidate], now: datetime) -> tuple[Candidate, ...]:
    """Return the candidates without what was to close soon and was put off since: that is told when it is time."""
    return tuple(each for each in candidates if each.event.kind != "closing" or _is_time(each, now))


def _is_time(candidate: Candidate, now: datetime) -> bool:
    closes = candidate.record.entry.closes
    return closes is None or closes <= now + SOON
