"""What an HTTP answer means for a source: a Response, a redirect, or a failure in plain words. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from alerts.fetch.failures import (
    AccessRefused,
    BadRedirect,
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
from alerts.fetch.headers import max_age_s, retry_after_s
from alerts.model.sources import Response

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_KEPT_HEADERS = 64

_REFUSALS: dict[int, tuple[type[FetchFailure], str]] = {
    401: (LoginNeeded, "{host} wants a login for this source."),
    403: (AccessRefused, "{host} refuses to let this service read the source."),
    404: (NotThere, "{host} has nothing at this address."),
    407: (ProxyFailure, "The proxy wants a login before it asks {host}."),
    410: (SourceGone, "{host} says that this source no longer exists."),
    429: (TooManyRequests, "{host} asks this service to come less often."),
    500: (ServerTrouble, "The server of {host} has a fault of its own."),
    502: (ServerTrouble, "The server of {host} could not reach the machine behind it."),
    503: (ServerTrouble, "{host} is out of service for the moment."),
    504: (ServerTrouble, "The machine behind {host} did not answer in time."),
}


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where an answer sends us on to, and whether it says so for good (301, 308)."""

    address: str
    permanent: bool


def redirect(target: Target, status: int, headers: Mapping[str, str]) -> Redirect:
    """Read a redirect, relative to the address that gave it; raises BadRedirect when it names no place."""
    location = headers.get("Location", "").strip()
    try:
        onward = urljoin(target.address, location)
    except ValueError:
        raise BadRedirect(
            f"{target.host} sends on to something that is no address.", cause=f"{status}, bad Location", status=status
        ) from None
    if not location:
        raise BadRedirect(
            f"{target.host} sends on without saying where.", cause=f"{status} without Location", status=status
        )
    return Redirect(onward, status in _PERMANENT)


def not_modified(address: str, headers: Mapping[str, str]) -> Response:
    """Return the answer to "has it changed?" when it has not."""
    return _response(address, 304, headers, b"", not_modified=True)


def whole(address: str, status: int, headers: Mapping[str, str], body: bytes) -> Response:
    """Return an answer with its whole body and the validators of this very answer."""
    return _response(address, status, headers, body, not_modified=False)


def refusal(host: str, status: int, headers: Mapping[str, str]) -> FetchFailure:
    """Return the failure for a status that is neither a body, nor "not modified", nor a redirect."""
    if status in _REFUSALS:
        kind, sentence = _REFUSALS[status]
    elif status >= 500:
        kind, sentence = ServerTrouble, "The server of {host} has a fault of its own."
    else:
        kind, sentence = UnexpectedAnswer, "{host} answered in a way that makes no sense for a source."
    return kind(
        sentence.format(host=host), cause=f"HTTP status {status}", status=status, retry_after_s=retry_after_s(headers)
    )


def _response(address: str, status: int, headers: Mapping[str, str], body: bytes, *, not_modified: bool) -> Response:
    return Response(
        address=address,
        body=body,
        content_type=headers.get("Content-Type", ""),
        etag=headers.get("ETag", ""),
        last_modified=headers.get("Last-Modified", ""),
        not_modified=not_modified,
        status=status,
        retry_after_s=retry_after_s(headers),
        max_age_s=max_age_s(headers),
        headers=tuple((name.lower(), value) for name, value in headers.items())[:_KEPT_HEADERS],
    )
