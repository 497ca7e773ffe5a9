"""The fetcher: asks one source, and answers with its whole body, "not modified", or a failure that says what to do.

The only module that imports aiohttp. Everything aiohttp would do by itself and that must be bounded is switched off and
done here: redirects, decompression, cookies, proxies from the environment.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from alerts.fetch import answers, blocked, headers, troubles
from alerts.fetch.failures import (
    AddressRefused,
    BadRedirect,
    FetchFailure,
    ForbiddenAddress,
    NameNotFound,
    TooLarge,
    TooManyRedirects,
    UnknownCompression,
)
from alerts.fetch.guard import Guard, Target
from alerts.fetch.hosts import Hosts, name_of
from alerts.fetch.names import Resolve, ask_system
from alerts.fetch.robots import Known
from alerts.fetch.settings import FetchSettings
from alerts.fetch.trust import trusting
from alerts.fetch.unpack import unpacker
from alerts.model.sources import Response, Source, SourceState

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_LAST = {"Connection": "close"}
"""Said to a host that nobody else waits for: six hundred hosts would else hold six hundred connections open."""
_CONDITIONS = {"If-None-Match", "If-Modified-Since"}
_HEADER_LIMIT = 65_536  # content security policies of publishers outgrow aiohttp's 8 kB


@dataclass(slots=True)
class _Attempt:
    """One request: where it goes (the proxy, if there is one), and whether a connection was made for it."""

    to: Target
    is_connected_anew: bool = False


_attempt: ContextVar[_Attempt] = ContextVar("attempt")


@dataclass(slots=True)
class _Time:
    """What is left of the time that a source may take over all its redirects, not counting the waits for a turn."""

    left_s: float


@dataclass(frozen=True, slots=True)
class _Question:
    """What is said to one address: headers of its own, a form for a POST, and which other statuses are answers too."""

    headers: Mapping[str, str]
    form: Mapping[str, str] | None = None
    takes: frozenset[int] = frozenset()


class _HungUp(Exception):
    """The server ended a connection that was made for this very request: aiohttp is not to ask again by itself."""

    def __init__(self, trouble: aiohttp.ClientError) -> None:
        super().__init__()
        self.trouble = trouble


async def _once(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Ask once: aiohttp repeats a GET that got no answer, at once, which is right only on a connection kept from before
    (the server may have closed it in between); everywhere else it would be a second request without the pause.
    """
    try:
        return await ask(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as trouble:
        if _attempt.get().is_connected_anew:
            raise _HungUp(trouble) from trouble
        raise


class _GuardedResolver(AbstractResolver):
    """Resolves a name once and lets only addresses through that the guard allows for the request being made."""

    def __init__(self, guard: Guard, resolve: Resolve, timeout_s: float) -> None:
        self._guard = guard
        self._resolve = resolve
        self._timeout_s = timeout_s

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        target = _attempt.get().to
        if host.removesuffix(".") != target.host:  # aiohttp reads the address otherwise than the guard did
            raise ForbiddenAddress("The address can be read in two ways.", cause=f"{host!r} is not {target.host!r}")
        try:
            async with asyncio.timeout(self._timeout_s):
                machines = await self._resolve(host, port)
        except TimeoutError:
            raise NameNotFound(f"The name service did not find {host} in time.", cause="DNS timeout") from None
        for machine in machines:  # every one: a mixed answer is how rebinding begins
            self._guard.judge(target, machine)
        return [
            ResolveResult(
                hostname=host,
                host=machine,
                port=port,
                family=socket.AF_INET6 if ":" in machine else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for machine in dict.fromkeys(machines)
        ]

    async def close(self) -> None:
        """Nothing is held open."""


class Fetcher:
    """Asks sources, politely and within bounds. An async context manager; one per process is enough.

    `robots` is what the hosts of watched pages ask of programs; see `alerts.fetch.robots`.
    """

    def __init__(self, settings: FetchSettings, *, resolve: Resolve | None = None) -> None:
        self.settings = self._settings = settings
        self._guard = Guard(settings)
        self._proxy = self._guard.proxy(settings.proxy) if settings.proxy else None
        self._hosts = Hosts(settings)
        self._resolve = resolve or ask_system
        self._session: aiohttp.ClientSession | None = None
        self.robots: dict[str, Known] = {}

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=0,  # hosts.py counts
            ssl=trusting(self._settings),
            resolver=_GuardedResolver(self._guard, self._resolve, self._settings.connect_timeout_s),
            use_dns_cache=False,
            socket_factory=self._socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            raise_for_status=False,
            middlewares=(_once,),
            max_line_size=_HEADER_LIMIT,
            max_field_size=_HEADER_LIMIT,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._settings.connect_timeout_s, sock_read=self._settings.read_timeout_s
            ),
            headers={"User-Agent": self._settings.agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def slot(self) -> AbstractAsyncContextManager[None]:
        """Keep one of the `connections` for what is asked within and for reading it, until the block ends."""
        return self._hosts.slot()

    def keep_off(self, host: str, port: int, pause_s: float) -> None:
        """Leave at least so many seconds between two requests to a host, as its robots.txt asks."""
        self._hosts.keep_off(name_of(host, port), pause_s)

    def recall(self, states: Iterable[SourceState], now: datetime) -> None:
        """Leave alone the hosts that asked for it in an earlier run, as the states of their sources tell."""
        for state in states:
            if state.resting_host and state.rests_until is not None and state.rests_until > now:
                self._hosts.rest(state.resting_host, (state.rests_until - now).total_seconds())

    async def get(self, source: Source, state: SourceState, *, accept: str = "") -> Response:
        """Ask `source.address`, with the validators of `state` where they are of the address being asked.

        `accept` is said in place of the types of feeds. Returns the whole, unpacked body, or `not_modified`. Raises a
        FetchFailure; nothing else but cancellation.
        """
        more = {"Accept": accept} if accept else {}
        return await self._follow(
            source.address, lambda target: _Question({**answers.conditions(source, state, target), **more})
        )

    async def ask(
        self, address: str, *, form: Mapping[str, str] | None = None, accept: str = "", takes: Collection[int] = ()
    ) -> Response:
        """Ask one address of several that a source has, and return the whole body; the manners are those of `get`.

        `form` goes by POST (application/x-www-form-urlencoded), for questions too long for an address; it is never
        repeated where a redirect leads. `accept` is said in place of the types of feeds. Answers with a status of
        `takes` are returned as they are, for services that say in them what was wrong with the question. Raises a
        FetchFailure; nothing else but cancellation.
        """
        asked = _Question({"Accept": accept} if accept else {}, form, frozenset(takes))
        return await self._follow(address, lambda _: asked)

    @asynccontextmanager
    async def door(self, host: str, port: int) -> AsyncIterator[tuple[str, ...]]:
        """Hold the turn of a host that is spoken to otherwise than by HTTP; its machines, each judged by the guard."""
        target = self._guard.mail_host(host, port)
        async with self._hosts.turn(target.host, target.port):
            token = _attempt.set(_Attempt(target))
            names = _GuardedResolver(self._guard, self._resolve, self._settings.connect_timeout_s)
            try:
                found = await names.resolve(target.host, port)
            except OSError as unknown:
                raise NameNotFound(f"The name service knows no {target.host}.", cause=str(unknown)[:200]) from None
            finally:
                _attempt.reset(token)
            yield tuple(each["host"] for each in found)

    async def _follow(self, address: str, question: Callable[[Target], _Question]) -> Response:
        """Ask, and ask again where redirects lead, within their number and the time for all of them."""
        time = _Time(self._settings.total_timeout_s)
        first = target = self._guard.target(address)
        sender, permanent, patience = "", True, 0.0
        via: list[str] = []
        for _ in range(self._settings.max_redirects + 1):
            try:
                asked = question(target)
                answer = await self._ask(target, asked, time)
                patience = max(patience, answer.retry_after_s or 0.0)
                if isinstance(answer, Response):
                    if target is first and not patience:
                        return answer
                    moved = target.address if permanent and target.address != first.address else ""
                    return replace(answer, permanent_address=moved, retry_after_s=patience or None, via=tuple(via))
                if asked.form is not None:
                    raise BadRedirect(
                        f"{target.host} sends a question on that is answered in one place only.",
                        cause=f"redirect of a POST to {urlsplit(answer.address).netloc[:200]}",
                    )
                permanent, sender = permanent and answer.permanent, target.host
                target = self._guard.target(answer.address)
                via.append(f"{target.host}:{target.port}")
            except AddressRefused as refused:
                if not sender:
                    raise
                raise _sent_by(sender, refused) from None
            except FetchFailure as failure:
                failure.via = tuple(via)
                raise
        raise TooManyRedirects(
            f"The address sends on more than {self._settings.max_redirects} times.", cause=f"last sent to {target.host}"
        )

    async def _ask(self, target: Target, question: _Question, time: _Time) -> Response | answers.Redirect:
        """Make one request in the host's turn, in the time that is left; foreign exceptions end here."""
        async with self._hosts.turn(target.host, target.port) as others_wait:
            token = _attempt.set(_Attempt(self._proxy or target))
            started = asyncio.get_running_loop().time()
            timer = asyncio.timeout(time.left_s)
            try:
                async with timer:
                    try:
                        return await self._exchange(target, question, {} if others_wait else _LAST)
                    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                        if question.form is None or _attempt.get().is_connected_anew:
                            raise
                        return await self._exchange(target, question, _LAST)  # aiohttp does this with a GET only
            except FetchFailure as failure:
                if failure.status in (429, 503) and failure.retry_after_s is not None:
                    failure.resting_host = name_of(target.host, target.port)
                    self._hosts.rest(failure.resting_host, failure.retry_after_s)
                raise
            except TimeoutError as late:
                raise troubles.late(target.host, late, whole=timer.expired()) from late
            except _HungUp as hung_up:
                raise troubles.failure(target.host, hung_up.trouble) from hung_up
            except (aiohttp.ClientError, OSError, ValueError) as trouble:
                raise troubles.failure(target.host, trouble) from trouble
            finally:
                time.left_s -= asyncio.get_running_loop().time() - started
                _attempt.reset(token)

    async def _exchange(
        self, target: Target, question: _Question, more: Mapping[str, str]
    ) -> Response | answers.Redirect:
        assert self._session is not None, "a Fetcher is used inside `async with`"
        async with self._session.request(
            "GET" if question.form is None else "POST",
            target.address,
            data=question.form,
            headers={**question.headers, **more},
            allow_redirects=False,
            proxy=self._settings.proxy or None,
        ) as answer:
            told, now = headers.plain(answer.headers.items()), datetime.now(UTC)
            self._hosts.slow_down(name_of(target.host, target.port), headers.pause_s(told))
            if answer.status in answers.REDIRECTS:
                return answers.redirect(target, answer.status, told, now)
            if answer.status == 304 and _CONDITIONS & question.headers.keys():
                return answers.response(target.address, 304, told, now)
            if answer.status not in (200, 203, *question.takes):
                page = await _glimpse(answer, told) if answer.status in answers.MAY_BE_BLOCKED else b""
                raise answers.refusal(target.host, answer.status, told, now, page)
            body = await self._body(answer, told)
            by = blocked.filter_of(body, told, target.host) if blocked.is_page(body) else ""
            if by:
                raise answers.by_proxy(target.host, answer.status, by)
            return answers.response(target.address, answer.status, told, now, body)

    async def _body(self, answer: aiohttp.ClientResponse, told: Mapping[str, str]) -> bytes:
        """Read the body, within the limits for the wire and for what it unpacks to."""
        limit = self._settings.max_wire_bytes
        transfer = told.get("transfer-encoding", "chunked").strip().lower()
        if transfer not in ("chunked", "identity"):
            raise UnknownCompression(
                "The answer is packed in a way that was not asked for.", cause=f"Transfer-Encoding: {transfer[:80]}"
            )
        announced = answer.content_length
        taken = 0
        if announced is None or announced <= limit:
            pieces = unpacker(
                told.get("content-encoding", ""),
                limit=self._settings.max_body_bytes,
                max_ratio=self._settings.max_ratio,
            )
            async for piece in answer.content.iter_any():
                taken += len(piece)
                if taken > limit:
                    break
                pieces.add(piece)
            else:
                return pieces.finish()
        raise TooLarge(
            f"The answer is larger than {limit / 1_000_000:g} MB, the most that is taken.",
            cause=f"{announced if announced is not None else taken} bytes on the wire",
        )

    def _socket(self, info: tuple[object, ...]) -> socket.socket:
        """Make the socket for an address, literal or resolved, after the guard's last look at it."""
        family, kind, protocol, _, place = info
        assert isinstance(family, int)
        assert isinstance(kind, int)
        assert isinstance(protocol, int)
        assert isinstance(place, tuple)
        attempt = _attempt.get()
        self._guard.judge(attempt.to, str(place[0]))
        attempt.is_connected_anew = True
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made


async def _glimpse(answer: aiohttp.ClientResponse, told: Mapping[str, str]) -> bytes:
    """Return the beginning of a refusal's page, as far as it comes: it only helps to say who refused."""
    read = b""
    with suppress(aiohttp.ClientError, OSError, ValueError):
        while len(read) < blocked.GLIMPSE and (piece := await answer.content.read(blocked.GLIMPSE - len(read))):
            read += piece
    page = blocked.unpacked(read, told.get("content-encoding", ""))
    return page if blocked.is_page(page) else b""


def _sent_by(sender: str, refused: AddressRefused) -> AddressRefused:
    """Say of an address that is refused that a redirect of `sender` led there: it is not what the librarian wrote."""
    return type(refused)(
        f"{sender} sends on to a place that may not be asked. {refused.sentence}",
        cause=refused.cause,
        remedy="Open the address of the source in a browser and see where it leads. If that is right and on your "
        f"own network: {refused.remedy}",
    )
