"""What is asked beside an address, and what an HTTP answer means: a Response, a redirect, or a failure in plain words.

Pure functions. Headers come as `headers.plain` gives them: names in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from alerts.fetch import blocked
from alerts.fetch.failures import (
    AccessRefused,
    BadRedirect,
    BlockedByProxy,
    FetchFailure,
    LoginNeeded,
    NotThere,
    ProxyFailure,
    ServerTrouble,
    SourceGone,
    TooManyRequests,
    UnexpectedAnswer,
)
from alerts.fetch.guard import Target
from alerts.fetch.headers import max_age_s, retry_after_s, validator
from alerts.model.sources import Response, Source, SourceState

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_KEPT_HEADERS = 64
_LONGEST_ADDRESS = 8_000
"""RFC 9110 4.1: an address longer than this may be refused anywhere on its way."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_RAW_BYTE = re.compile("[\udc80-\udcff]")
_FILTERS = re.compile(
    r"squid|zscaler|bluecoat|blue coat|fortigate|fortiproxy|forcepoint|websense|mcafee|netskope", re.I
)
MAY_BE_BLOCKED = frozenset({401, 403, 404, 407, 451, 502, 503, 504, 511})
"""Refusals that may be a filter's instead of the publisher's: their pages are looked at."""

_REFUSALS: dict[int, tuple[type[FetchFailure], str]] = {
    401: (LoginNeeded, "{host} wants a login for this source."),
    403: (AccessRefused, "{host} refuses to let this service read the source."),
    404: (NotThere, "{host} has nothing at this address."),
    407: (ProxyFailure, "The proxy wants a login before it asks {host}."),
    410: (SourceGone, "{host} says that this source no longer exists."),
    451: (AccessRefused, "{host} withholds this source for legal reasons."),
    429: (TooManyRequests, "{host} asks this service to come less often."),
    500: (ServerTrouble, "The server of {host} has a fault of its own."),
    502: (ServerTrouble, "The server of {host} could not reach the machine behind it."),
    503: (ServerTrouble, "{host} is out of service for the moment."),
    504: (ServerTrouble, "The machine behind {host} did not answer in time."),
    511: (ProxyFailure, "The network wants a sign-in before it lets anything through to {host}."),
}


def conditions(source: Source, state: SourceState, target: Target) -> dict[str, str]:
    """Return the conditional headers (RFC 9110 13.1), if it was this place that gave the validators of `state`.

    They are of no use anywhere else: not at the new address after an edit, not at a machine that a redirect newly leads
    to (its "1" need not be the old one's "1"). Only the query may differ: redirects put session keys there.
    """
    if state.address and state.address != source.asks:
        return {}
    before, here = urlsplit(state.answered_by), urlsplit(target.address)
    if state.answered_by and (before.scheme, before.netloc, before.path) != (here.scheme, here.netloc, here.path):
        return {}
    asked = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where an answer sends us on to, and whether it says so for good (301, 308)."""

    address: str
    permanent: bool
    retry_after_s: float | None = None


def redirect(target: Target, status: int, headers: Mapping[str, str], now: datetime) -> Redirect:
    """Read a redirect, relative to the address that gave it; raises BadRedirect when it names no place."""
    location = _RAW_BYTE.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", headers.get("location", "").strip())
    try:
        if _CONTROLS.search(location):  # urljoin would silently drop some of them
            raise ValueError
        onward = urljoin(target.address, location)
    except ValueError:
        raise BadRedirect(
            f"{target.host} sends on to something that is no address.", cause=f"{status}, bad Location", status=status
        ) from None
    if not location:
        raise BadRedirect(
            f"{target.host} sends on without saying where.", cause=f"{status} without Location", status=status
        )
    if len(onward) > _LONGEST_ADDRESS:
        raise BadRedirect(
            f"{target.host} sends on to an address without end.",
            cause=f"{status}, Location of {len(onward)} characters",
            status=status,
        )
    return Redirect(onward, status in _PERMANENT, retry_after_s(headers, now))


def refusal(host: str, status: int, headers: Mapping[str, str], now: datetime, page: bytes = b"") -> FetchFailure:
    """Return the failure for a status that is neither a body, nor "not modified", nor a redirect.

    `page` is the beginning of what came with it, where that is HTML.
    """
    kind: type[FetchFailure]
    filtered = _filter(headers) if status in (403, 407, 502, 503, 511) else ""
    filtered = filtered or (blocked.filter_of(page, headers, host) if page else "")
    if filtered:
        return by_proxy(host, status, filtered, retry_after_s(headers, now))
    if status in _REFUSALS:
        kind, sentence = _REFUSALS[status]
    elif 500 <= status < 600:
        kind, sentence = ServerTrouble, "The server of {host} has a fault of its own."
    else:
        kind, sentence = UnexpectedAnswer, "{host} answered in a way that makes no sense for a source."
    return kind(
        sentence.format(host=host),
        cause=f"HTTP status {status}",
        status=status,
        retry_after_s=retry_after_s(headers, now),
    )


def by_proxy(host: str, status: int, by: str, retry_after: float | None = None) -> BlockedByProxy:
    """Return the failure for an answer that a filter `by` name gave in the publisher's stead."""
    sentence = f"{host} is blocked by your proxy: {by} answered in its stead."
    return BlockedByProxy(sentence, cause=f"HTTP status {status} from {by}", status=status, retry_after_s=retry_after)


def response(address: str, status: int, headers: Mapping[str, str], now: datetime, body: bytes = b"") -> Response:
    """Return an answer with its whole body, or "not modified" (304), and the validators of this very answer."""
    return Response(
        address=address,
        body=body,
        content_type=headers.get("content-type", ""),
        etag=validator(headers.get("etag", "")),
        last_modified=validator(headers.get("last-modified", "")),
        not_modified=status == 304,
        status=status,
        retry_after_s=retry_after_s(headers, now),
        max_age_s=max_age_s(headers, now),
        headers=tuple(headers.items())[:_KEPT_HEADERS],
    )


def _filter(headers: Mapping[str, str]) -> str:
    """Return the name of the filter or proxy that wrote this answer in the publisher's stead; empty where none did."""
    if "x-squid-error" in headers:
        return "Squid"
    told = " ".join(headers.get(name, "") for name in ("server", "proxy-agent", "x-blocked-by"))
    found = _FILTERS.search(told)
    return found[0].title() if found else ""
