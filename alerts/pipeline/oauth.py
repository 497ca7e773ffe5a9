"""OAuth2 access tokens for the mail server, by client credentials (RFC 6749, 4.4), as Exchange Online wants them."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from http.client import HTTPException
from pathlib import Path
from typing import ClassVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from alerts.deliver import TransportDown

MARGIN_S = 120.0
"""A token is renewed this long before it ends, so that none ends during a conversation."""
_SAID = 300
_REFUSED = range(400, 500)
_BUSY = (408, 425, 429)


class NoToken(TransportDown):
    """The sign-in service gave no token."""

    code = "D120"
    held: ClassVar[bool] = True
    remedy = "Check ALERTS_SMTP_OAUTH_TOKEN_URL, the client and its secret (it may have run out)."


class SignInAway(TransportDown):
    """The sign-in service for the mail account cannot be reached, or is busy."""

    code = "D121"
    remedy = (
        "Nothing to do if it is short: mail waits. If it lasts, check ALERTS_SMTP_OAUTH_TOKEN_URL, ALERTS_PROXY and "
        "ALERTS_CA_BUNDLE."
    )


def token_source(
    url: str,
    client_id: str,
    client_secret: str,
    scope: str,
    *,
    timeout_s: float = 30.0,
    proxy: str = "",
    ca_file: Path | None = None,
) -> Callable[[], Awaitable[str]]:
    """Return a function that gives a valid access token, asking the sign-in service only when the last one is ending.

    Raises `NoToken` with the service's own words when it refuses, `SignInAway` when it cannot be reached.
    """
    kept = ("", 0.0)
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope,
    }

    async def token() -> str:
        nonlocal kept
        if time.monotonic() >= kept[1]:
            kept = await asyncio.to_thread(_ask, url, form, timeout_s, proxy, ca_file)
        return kept[0]

    return token


def _ask(url: str, form: dict[str, str], timeout_s: float, proxy: str, ca_file: Path | None) -> tuple[str, float]:
    """Return a token and until when (monotonic seconds) it can be used."""
    request = Request(url, data=urlencode(form).encode(), headers={"Accept": "application/json"})  # noqa: S310 - checked in settings
    try:
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
        opener = build_opener(HTTPSHandler(context=context), *_through(proxy))
        with opener.open(request, timeout=timeout_s) as answer:
            said = json.loads(answer.read(1_000_000))
    except HTTPError as refusal:
        raise _refused(refusal, form["client_secret"]) from refusal
    except (OSError, HTTPException) as error:
        raise SignInAway(f"The sign-in service cannot be reached: {getattr(error, 'reason', error)}") from error
    except ValueError as error:
        raise NoToken("The sign-in service's answer is no JSON: is the address that of a web page?") from error
    token = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise NoToken("The sign-in service's answer has no token in it.")
    lasts = said.get("expires_in", 300)
    return token, time.monotonic() + max(0.0, _seconds(lasts) - MARGIN_S)


def _through(proxy: str) -> list[ProxyHandler]:
    """Return the handler of the service's proxy; without one those of the environment are taken."""
    return [ProxyHandler({"http": proxy, "https": proxy})] if proxy else []


def _seconds(lasts: object) -> float:
    text = str(lasts)
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) else 300.0


def _refused(refusal: HTTPError, secret: str) -> TransportDown:
    """Return the refusal in the service's own words: of Microsoft's answers, the sentence with the AADSTS number."""
    words = _read(refusal)
    words = words.replace(secret, "…") if len(secret) > 7 else words  # a shorter one would blot out words
    sentence = f"(HTTP {refusal.code}): {words[:_SAID]}"
    if refusal.code in _REFUSED and refusal.code not in _BUSY:
        return NoToken(f"The sign-in service refused the mail account {sentence}")
    return SignInAway(f"The sign-in service gives no token now {sentence}")


def _read(refusal: HTTPError) -> str:
    try:
        text = refusal.read(20_000).decode("utf-8", "replace")
    except (OSError, HTTPException):
        return ""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if isinstance(said, dict) and (said.get("error_description") or said.get("error")):
        text = f"{said.get('error', '')}: {said.get('error_description', '')}".strip(": ")
        text = re.split(r"[\r\n]|\s(?:Trace|Correlation) ID:", text)[0]
    return " ".join(text.split())
