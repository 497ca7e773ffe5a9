"""The token in a link for leaving a bulletin: short, unguessable, valid as long as the subscription's generation.

A token is 33 characters of `[0-9A-Za-z_-]` and always begins and ends with a letter or digit, so that neither header
folding nor a mail reader's link detection cuts it: eight base-36 digits of the subscription's id, three of its
generation, and 22 characters that carry 128 bits of HMAC-SHA256 (RFC 2104, truncated as its section 5 allows).
Nothing is stored per mail, so a token stays valid after mails are purged; raising the generation revokes every token
of that subscription; keys rotate by putting a new one first and keeping the old ones for reading.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from alerts.deliver.errors import BadKey

LENGTH = 33
SHORTEST_KEY = 32

_ID_DIGITS = 8
_GENERATION_DIGITS = 3
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PURPOSE = b"alerts: leave a bulletin, 1\x00"


def make(subscription_id: int, generation: int, key: bytes, *, purpose: bytes = _PURPOSE) -> str:
    """Return the token of a subscription, signed with `key` (at least 32 bytes); good for one `purpose` only."""
    named = _base36(subscription_id, _ID_DIGITS) + _base36(generation, _GENERATION_DIGITS)
    return named + _signature(named, key, purpose)


def read(token: str, keys: Sequence[bytes], *, purpose: bytes = _PURPOSE) -> tuple[int, int] | None:
    """Return the subscription's id and generation if one of `keys` signed this very token, else `None`.

    Every key is compared, each in constant time, so that the answer's delay tells nothing.
    """
    if len(token) != LENGTH or not token.isascii():
        return None
    named, signature = token[: _ID_DIGITS + _GENERATION_DIGITS], token[_ID_DIGITS + _GENERATION_DIGITS :]
    good = False
    for key in keys:
        good |= hmac.compare_digest(_signature(named, key, purpose).encode(), signature.encode())
    if not good:
        return None
    return int(named[:_ID_DIGITS], 36), int(named[_ID_DIGITS:], 36)


def _signature(named: str, key: bytes, purpose: bytes) -> str:
    if len(key) < SHORTEST_KEY:
        raise BadKey(f"A key for signing links needs {SHORTEST_KEY} bytes; this one has {len(key)}.")
    digest = hmac.digest(key, purpose + named.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _base36(number: int, width: int) -> str:
    if not 0 <= number < 36**width:
        raise ValueError(f"{number} does not fit into {width} base-36 digits")
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(width, "0")
