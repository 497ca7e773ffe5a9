"""The digest that records are looked up by when only their title is known."""

from __future__ import annotations

from alerts.store.columns import digest


def title_digest(title: str) -> str:
    """Return the digest of the title's key, as `identify` makes it; empty for a title without a key."""
    from alerts.identify.comparing.titles import title_key  # only who writes records waits for rapidfuzz to load

    key = title_key(title)
    return digest(key) if key else ""
