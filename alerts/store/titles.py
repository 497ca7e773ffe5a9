"""The digest that records are looked up by when only their title is known."""

from __future__ import annotations

from alerts.store.columns import digest

try:
    from alerts.identify import title_key
except ImportError:  # TEMPORARY until identify lands

    def title_key(title: str) -> str:  # type: ignore[misc]
        return " ".join(title.casefold().split())


def title_digest(title: str) -> str:
    """Return the digest of the title's key, as `identify` makes it; empty for a title without a key."""
    key = title_key(title)
    return digest(key) if key else ""
