"""aiohttp's and the system's exceptions, told as failures: none of them ever leaves this room."""

from __future__ import annotations

import socket

import aiohttp

from alerts.fetch.failures import (
    AddressRefused,
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
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return ProxyFailure("The proxy could not be reached, or refused to pass the request on.", cause=cause)
        case aiohttp.ClientConnectorCertificateError():
            return TlsFailure(f"{host} could not prove that it is {host}.", cause=cause)
        case aiohttp.ClientSSLError():
            return TlsFailure(f"No secure connection to {host} could be made.", cause=cause)
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return NameNotFound(f"There is no machine called {host}.", cause=cause)
        case aiohttp.InvalidURL():
            return AddressRefused("The address is not one that can be asked.", cause=type(trouble).__name__)
        case aiohttp.ClientPayloadError():
            return CutShort(f"{host} ended its answer before it was complete.", cause=cause)
        case aiohttp.ServerDisconnectedError():
            return CutShort(f"{host} hung up without an answer.", cause=cause)
        case aiohttp.ClientResponseError():
            return NotHttp(f"What {host} answered is not proper HTTP.", cause=cause)
        case aiohttp.ClientOSError() | OSError():
            return CannotConnect(f"{host} did not accept the connection, or dropped it.", cause=cause)
    return FetchFailure(f"{host} could not be asked.", cause=cause)


def _cause(trouble: Exception) -> str:
    """Describe an exception without the address it was about, which may carry a key or a proxy's password."""
    if isinstance(trouble, aiohttp.ClientHttpProxyError):
        return f"proxy answered {trouble.status}"
    if isinstance(trouble, aiohttp.ClientResponseError):
        return f"{type(trouble).__name__}: {trouble.message.splitlines()[0][:200] if trouble.message else ''}"
    inner = trouble.os_error if isinstance(trouble, aiohttp.ClientConnectorError) else trouble
    return f"{type(inner).__name__}: {str(inner)[:200]}"
