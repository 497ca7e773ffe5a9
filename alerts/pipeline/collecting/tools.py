"""What fetching and parsing are done with, made from the settings; the running service keeps one set for its life.

Kept, they remember which hosts asked everybody to wait and which bodies have crashed the parser.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from alerts.config import Settings
from alerts.fetch import Fetcher, FetchSettings, ParserPool, kinds
from alerts.fetch.kinds import Answer
from alerts.model.catalogue import Catalogue
from alerts.model.sources import Source, SourceState
from alerts.pipeline.clock import clock_from


@dataclass(frozen=True, slots=True)
class Tools:
    """A fetcher and a pool of parsing children, open."""

    fetcher: Fetcher
    parsers: ParserPool

    async def read(self, source: Source, state: SourceState) -> Answer:
        """Ask a source in the way of its kind; raises AlertsError.

        What the kind remembers is of no use once another question is asked.
        """
        if state.memory and state.address != source.asks:
            state = state._replace(memory="")
        return await kinds.reader(source.kind, self.fetcher, self.parsers).read(source, state)

    def recall(self, states: Collection[SourceState], now: datetime) -> None:
        """Take over from earlier runs which hosts asked everybody to wait and which bodies have crashed the parser."""
        self.fetcher.recall(states, now)
        self.parsers.recall(states)


@asynccontextmanager
async def open_tools(settings: Settings, catalogue: Catalogue) -> AsyncIterator[Tools]:
    """Open a fetcher and a pool, and close them at the end of the block."""
    async with Fetcher(fetch_settings(settings, catalogue)) as fetcher, parser_pool(settings) as parsers:
        yield Tools(fetcher, parsers)


def fetch_settings(s: Settings, catalogue: Catalogue) -> FetchSettings:
    """Return what fetching needs of the settings."""
    return FetchSettings(
        contact=s.contact or catalogue.service.contact_address,
        user_agent=s.user_agent,
        allow_hosts=frozenset(s.allow_hosts),
        allow_loopback=s.allow_loopback,
        allow_ports=frozenset(s.allow_ports),
        host_pause_s=s.host_pause_s,
        host_pauses={host: float(pause) for host, _, pause in (each.partition("=") for each in s.host_pauses)},
        connections=s.fetch_concurrency,
        proxy=s.proxy.get_secret_value(),
        ca_bundle=s.ca_bundle,
        connect_timeout_s=s.connect_timeout_s,
        read_timeout_s=s.read_timeout_s,
        total_timeout_s=s.total_timeout_s,
        max_wire_bytes=s.max_wire_bytes,
        max_body_bytes=s.max_body_bytes,
        ncbi_key=s.ncbi_key.get_secret_value(),
        mailboxes=_mailboxes(s),
        token=_token_of(s),
        letters_dir=s.data_dir,
        clock=clock_from(s.clock),
    )


def _token_of(s: Settings) -> Callable[[], Awaitable[str]] | None:
    if not (s.mailboxes and s.smtp_oauth_token_url):
        return None
    from alerts.pipeline.deliver import token_of

    return token_of(s)


def _mailboxes(s: Settings) -> dict[str, str]:
    """Return the passwords of the mailboxes by user@host; the host in small letters."""
    found = {}
    for line in s.mailboxes.get_secret_value().splitlines():
        account, _, password = line.strip().partition(" ")
        user, _, host = account.rpartition("@")
        if user and host:
            found[f"{user}@{host.lower()}"] = password.strip()
    return found


def parser_pool(s: Settings) -> ParserPool:
    """Return the pool of child processes that bodies are parsed in."""
    return ParserPool(
        workers=s.parser_workers,
        memory_mb=s.parser_memory_mb,
        cpu_s=s.parser_cpu_s,
        wall_s=s.parser_wall_s,
        max_entries=s.max_entries,
    )
