"""Whom a connection is trusted to lead to: the system's certificate authorities, and the operator's own."""

from __future__ import annotations

import ssl

from alerts.fetch.failures import UnusableBundle
from alerts.fetch.settings import FetchSettings


def trusting(settings: FetchSettings) -> ssl.SSLContext:
    """Return a verifying context on the system's trust store, with the operator's bundle added."""
    context = ssl.create_default_context()
    if settings.ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_bundle)
        except (OSError, ssl.SSLError) as wrong:
            raise UnusableBundle(f"The CA bundle {settings.ca_bundle} cannot be read.", cause=str(wrong)) from None
    return context
