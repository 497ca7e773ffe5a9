"""Everything the service would call over the network: host, port and why. For those who open a locked network.

Nothing is asked here. Sources name their own place, the store knows where their redirects led, the rest is settings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from alerts.config import Settings
from alerts.model.sources import LOOKED_UP, Source, SourceState
from alerts.pipeline.deliver import mail_server_of
from alerts.pipeline.service import Service
from alerts.store import sources

_PORTS = {"http": 80, "https": 443, "imap": 143, "imaps": 993, "postgresql": 5432}


@dataclass(frozen=True, slots=True)
class Called:
    """One place that is called: why, for which sources, and whether the web proxy is used for it."""

    host: str
    port: int
    purpose: str
    sources: tuple[str, ...] = ()
    by_proxy: bool = False
    is_proxy: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    host: str
    port: int
    purpose: str
    source: str = ""
    is_web: bool = True
    is_proxy: bool = False


def called(service: Service) -> tuple[Called, ...]:
    """Return every place that this service would call, those of its sources first; each once with each purpose."""
    with service.store.read() as conn:
        states = sources.states(conn)
    followed = [each for each in service.sources.values() if each.is_followed(service.clock())]
    proxied = bool(service.settings.proxy.get_secret_value())
    return tuple(
        _together(
            [*_of_sources(followed, states, service.settings.look_up_address), *_of_settings(service.settings)],
            proxied=proxied,
        )
    )


def _together(calls: Iterable[_Call], *, proxied: bool) -> Iterator[Called]:
    found: dict[tuple[str, int, str], list[_Call]] = {}
    for each in calls:
        found.setdefault((each.host, each.port, each.purpose), []).append(each)
    for (host, port, purpose), several in found.items():
        named = tuple(sorted({each.source for each in several if each.source}))
        yield Called(host, port, purpose, named, proxied and several[0].is_web, several[0].is_proxy)


def _of_sources(followed: Collection[Source], states: Mapping[str, SourceState], look_up_address: str) -> list[_Call]:
    calls = []
    for source in followed:
        is_web = source.address.startswith(("http://", "https://"))
        for host, port in _place(source.address):
            purpose = "looking up corrections of what was sent" if source.id == LOOKED_UP else "reading sources"
            calls.append(_Call(host, port, purpose, source.id, is_web))
        state = states.get(source.id)
        for each in state.via.split() if state and state.asked == source.asks else ():
            onward, _, number = each.rpartition(":")
            calls.append(_Call(onward, int(number), "reading sources, where their addresses send on to", source.id))
    if looked_up := sorted(each.id for each in followed if each.enrich):
        for host, port in _place(look_up_address):
            calls += [_Call(host, port, "looking items up in Europe PMC", each) for each in looked_up]
    return sorted(calls, key=lambda call: (call.purpose, call.host, call.port))


def _of_settings(settings: Settings) -> Iterator[_Call]:
    """Yield what the settings name; the database and mail never go by the web proxy."""
    for host, port in _place(settings.proxy.get_secret_value()):
        yield _Call(host, port, "the web proxy", is_web=False, is_proxy=True)
    if settings.smtp_host:
        server = mail_server_of(settings)
        yield _Call(server.host, server.effective_port, "sending mail", is_web=False)
    if settings.smtp_host or settings.bounce_imap_host or settings.mailboxes:
        for host, port in _place(settings.smtp_oauth_token_url):
            yield _Call(host, port, "signing in at the mail server (OAuth)")
    if settings.bounce_imap_host:
        purpose = "reading reports of mail that came back"
        yield _Call(settings.bounce_imap_host, settings.bounce_imap_port, purpose, is_web=False)
    for host, port in _place(settings.database_url.get_secret_value()):
        yield _Call(host, port, "the database", is_web=False)
    for host, port in _place(settings.public_url):
        yield _Call(host, port, "“alerts doctor” only: whether readers reach these pages", is_web=False)


def _place(address: str) -> Iterator[tuple[str, int]]:
    """Yield the host and port of an address, or nothing where it names none."""
    parts = urlsplit(address)
    scheme = parts.scheme.partition("+")[0]
    port = parts.port or _PORTS.get(scheme)
    if parts.hostname and port:
        yield parts.hostname, port
