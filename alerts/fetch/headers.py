"""What a publisher's headers ask of us, read leniently: waiting times and freshness. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST_WAIT_S = 60.0
LONGEST_WAIT_S = 86_400.0
LONGEST_PAUSE_S = 30.0
UNCLEAR_WAIT_S = 900.0
"""What a Retry-After that cannot be read is taken to mean."""
_LISTS = frozenset({"cache-control", "content-encoding", "retry-after", "transfer-encoding", "via"})
_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1000}")


def plain(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return header lines by name in lower case: of a list that comes in pieces the whole, else the first line.

    RFC 9110 5.3: nobody hides a second packing, or a second waiting time, behind a first.
    """
    found: dict[str, str] = {}
    for name, value in lines:
        key = name.lower()
        if key not in found:
            found[key] = value
        elif key in _LISTS:
            found[key] += f", {value}"
    return found


def validator(text: str) -> str:
    """Return an ETag or Last-Modified that can be sent back as it came (plain characters, not endless), else ""."""
    text = text.strip()
    return text if _VALIDATOR.fullmatch(text) else ""


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that `Retry-After` (RFC 9110 10.2.3) asks us to wait, kept within 60 s and 24 h.

    A date is counted from the answer's own `Date`, so that no clock but the server's matters; where it gives none, from
    `now`, when the answer came. Of several values the longest counts.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?(\s*,\s*[0-9]+)*", text):
        wait = max(float(each) for each in text.split(","))
    else:
        then, since = _moment(text), _moment(headers.get("date", "")) or now
        wait = (then - since).total_seconds() if then and since else UNCLEAR_WAIT_S
    return min(max(wait, SHORTEST_WAIT_S), LONGEST_WAIT_S)


def pause_s(headers: Mapping[str, str]) -> float:
    """Return the seconds between two requests that `X-Rate-Limit-Limit` and `-Interval` ask for; 0 where they do not.

    Crossref's way of saying "3" requests in "1s"; never more than `LONGEST_PAUSE_S`.
    """
    limit = headers.get("x-rate-limit-limit", "").strip()
    interval = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?s?", headers.get("x-rate-limit-interval", "").strip())
    if interval is None or not re.fullmatch(r"[0-9]{1,6}", limit) or not int(limit):
        return 0.0
    return min(float(interval[1]) / int(limit), LONGEST_PAUSE_S)


def max_age_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return how long the answer stays fresh: `Cache-Control: max-age` less `Age`, else `Expires` less `Date`.

    RFC 9111 4.2; `s-maxage` is for shared caches, which we are not. None where nothing (or nothing positive) is said.
    Without a `Date` the time is counted from `now`, when the answer came.
    """
    directives = headers.get("cache-control", "").lower()
    if "no-store" in directives or "no-cache" in directives:
        return None
    found = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,12})", directives)
    if found is not None:
        age = headers.get("age", "").strip()
        fresh = float(found[1]) - (float(age) if re.fullmatch(r"[0-9]{1,12}", age) else 0.0)
    else:
        expires = _moment(headers.get("expires", ""))
        since = expires and (_moment(headers.get("date", "")) or now)
        fresh = (expires - since).total_seconds() if expires and since else 0.0
    return fresh if fresh > 0 else None


def _moment(text: str) -> datetime | None:
    """Read an HTTP date (RFC 9110 5.6.7); None when it is none."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
