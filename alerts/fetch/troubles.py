"""aiohttp's and the system's exceptions, told as failures: none of them ever leaves this room."""

from __future__ import annotations

import socket
import ssl

import aiohttp
from aiohttp import http_exceptions

from alerts.fetch.failures import (
    AddressRefused,
    BlockedByProxy,
    CannotConnect,
    CutShort,
    FetchFailure,
    NameNotFound,
    NoConnectionInTime,
    NotHttp,
    ProxyFailure,
    Silent,
    TlsFailure,
    TooSlow,
)


def late(host: str, trouble: TimeoutError, *, whole: bool) -> FetchFailure:
    """Return the failure for a time-out: of the `whole` request, of connecting, or of a single read."""
    if whole:
        return TooSlow(f"{host} took too long to give its whole answer.", cause="total deadline")
    if isinstance(trouble, aiohttp.SocketTimeoutError):
        return Silent(f"{host} stopped talking in the middle.", cause="read deadline")
    return NoConnectionInTime(f"{host} could not be connected to in time.", cause="connect deadline")


def failure(host: str, trouble: Exception) -> FetchFailure:
    """Return the failure for anything else that aiohttp or the system raised."""
    cause = _cause(trouble)
    match trouble:
        case aiohttp.ClientProxyConnectionError():
            return ProxyFailure("The proxy could not be reached.", cause=cause)
        case aiohttp.ClientHttpProxyError():
            return _refused_by_proxy(host, trouble.status, cause)
        case aiohttp.ClientConnectorCertificateError():
            return TlsFailure(unproved(host, trouble.certificate_error), cause=cause)
        case aiohttp.ClientSSLError():
            return TlsFailure(f"No secure connection to {host} could be made.", cause=cause)
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return NameNotFound(f"There is no machine called {host}.", cause=cause)
        case aiohttp.InvalidURL():
            return AddressRefused("The address is not one that can be asked.", cause=type(trouble).__name__)
        case aiohttp.ClientPayloadError() if _is_broken(trouble.__cause__):
            return NotHttp(f"What {host} answered is not proper HTTP.", cause=cause)
        case aiohttp.ClientPayloadError():
            return CutShort(f"{host} ended its answer before it was complete.", cause=cause)
        case aiohttp.ServerDisconnectedError():
            return CutShort(f"{host} hung up without an answer.", cause=cause)
        case aiohttp.ClientResponseError():
            return NotHttp(f"What {host} answered is not proper HTTP.", cause=cause)
        case aiohttp.ClientOSError() | OSError():
            return CannotConnect(f"{host} did not accept the connection, or dropped it.", cause=cause)
    return FetchFailure(f"{host} could not be asked.", cause=cause)


def _refused_by_proxy(host: str, status: int, cause: str) -> ProxyFailure:
    """Say what a proxy means that opens no tunnel to an https address (RFC 9110 9.3.6)."""
    if status == 407:
        return ProxyFailure(f"The proxy wants a login before it asks {host}.", cause=cause, status=status)
    if status >= 500:
        return ProxyFailure(f"The proxy could not reach {host}.", cause=cause, status=status)
    return BlockedByProxy(f"{host} is blocked by your proxy: it opens no connection there.", cause=cause, status=status)


_SELF_SIGNED, _EXPIRED, _NOT_YET = (18, 19), 10, 9
_UNKNOWN, _OTHER_NAME = (2, 20, 21, 27), (62, 63, 64)
"""Verification results of OpenSSL, x509_vfy.h."""


def _is_broken(why: BaseException | None) -> bool:
    """Tell a body that breaks the rules (endless trailers) from one that merely ends too early."""
    return isinstance(why, http_exceptions.BadHttpMessage) and not isinstance(why, http_exceptions.PayloadEncodingError)


def unproved(host: str, error: BaseException) -> str:
    """Say in plain words what is wrong with a certificate."""
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    if code == _EXPIRED:
        return f"The certificate of {host} has expired, so nobody can tell whether it is {host}."
    if code == _NOT_YET:
        return f"The certificate of {host} is not valid yet: its date, or this machine's clock, is wrong."
    if code in _OTHER_NAME:
        return f"The certificate that {host} shows is for another name."
    if code in _SELF_SIGNED:
        return f"The certificate of {host} is signed by itself, or by an authority that this machine does not know."
    if code in _UNKNOWN:
        return f"The certificate of {host} is incomplete, or from an authority that this machine does not know."
    return f"{host} could not prove that it is {host}."


def _cause(trouble: Exception) -> str:
    """Describe an exception without the address it was about, which may carry a key or a proxy's password."""
    if isinstance(trouble, aiohttp.ClientHttpProxyError):
        return f"proxy answered {trouble.status}"
    if isinstance(trouble, aiohttp.ClientResponseError):
        return f"{type(trouble).__name__}: {trouble.message.splitlines()[0][:200] if trouble.message else ''}"
    inner = trouble.os_error if isinstance(trouble, aiohttp.ClientConnectorError) else trouble
    return f"{type(inner).__name__}: {str(inner)[:200]}"
