"""OAuth2 access tokens for the mail server, by client credentials (RFC 6749, 4.4), as Exchange Online wants them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from alerts.errors import AlertsError

MARGIN_S = 120.0
"""A token is renewed this long before it ends, so that none ends during a conversation."""


class NoToken(AlertsError):
    """The sign-in service gave no token."""

    code = "D120"
    remedy = "Check ALERTS_SMTP_OAUTH_TOKEN_URL, the client and its secret (it may have run out)."


def token_source(
    url: str, client_id: str, client_secret: str, scope: str, *, timeout_s: float = 30.0
) -> Callable[[], Awaitable[str]]:
    """Return a function that gives a valid access token, asking the sign-in service only when the last one is ending.

    Raises `NoToken` with the service's own words when it refuses or cannot be reached.
    """
    kept = ("", 0.0)

    async def token() -> str:
        nonlocal kept
        if time.monotonic() >= kept[1]:
            kept = await asyncio.to_thread(_ask, url, client_id, client_secret, scope, timeout_s)
        return kept[0]

    return token


def _ask(url: str, client_id: str, client_secret: str, scope: str, timeout_s: float) -> tuple[str, float]:
    """Return a token and until when (monotonic seconds) it can be used."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope,
    }
    request = Request(url, data=urlencode(form).encode(), headers={"Accept": "application/json"})  # noqa: S310 - checked in settings
    try:
        with urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            said = json.loads(answer.read(1_000_000))
        return str(said["access_token"]), time.monotonic() + max(0.0, float(said.get("expires_in", 300)) - MARGIN_S)
    except HTTPError as refusal:
        words = refusal.read(2_000).decode("utf-8", "replace")
        raise NoToken(f"The sign-in service refused the mail account (HTTP {refusal.code}): {words[:300]}") from refusal
    except (URLError, OSError) as error:
        raise NoToken(f"The sign-in service cannot be reached: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NoToken(f"The sign-in service's answer has no token in it: {error}") from error
