"""What a publisher's headers ask of us, read leniently: waiting times and freshness. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST_WAIT_S = 60.0
LONGEST_WAIT_S = 86_400.0
UNCLEAR_WAIT_S = 900.0
"""What a Retry-After that cannot be read is taken to mean."""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` (RFC 9110 10.2.3) asks us to wait, kept within 60 s and 24 h.

    A date is counted from the answer's own `Date`, so that no clock but the server's matters.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]*)?", text):
        wait = float(text)
    else:
        then, now = _moment(text), _moment(headers.get("Date", ""))
        wait = (then - now).total_seconds() if then and now else UNCLEAR_WAIT_S
    return min(max(wait, SHORTEST_WAIT_S), LONGEST_WAIT_S)


def max_age_s(headers: Mapping[str, str]) -> float | None:
    """Return how long the answer stays fresh: `Cache-Control: max-age` less `Age`, else `Expires` less `Date`.

    RFC 9111 4.2; `s-maxage` is for shared caches, which we are not. None where nothing (or nothing positive) is said.
    """
    directives = headers.get("Cache-Control", "").lower()
    if "no-store" in directives or "no-cache" in directives:
        return None
    found = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,12})", directives)
    if found is not None:
        age = headers.get("Age", "").strip()
        fresh = float(found[1]) - (float(age) if re.fullmatch(r"[0-9]{1,12}", age) else 0.0)
    else:
        expires, now = _moment(headers.get("Expires", "")), _moment(headers.get("Date", ""))
        fresh = (expires - now).total_seconds() if expires and now else 0.0
    return fresh if fresh > 0 else None


def _moment(text: str) -> datetime | None:
    """Read an HTTP date (RFC 9110 5.6.7); None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
