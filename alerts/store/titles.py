"""The digest that records are looked up by when only their title is known."""

from __future__ import annotations

from alerts.identify.titles import title_key
from alerts.store.columns import digest


def title_digest(title: str) -> str:
    """Return the digest of the title's key, as `identify` makes it; empty for a title without a key."""
    key = title_key(title)
    return digest(key) if key else ""
