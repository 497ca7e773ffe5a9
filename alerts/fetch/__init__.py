"""Fetch: from a source's address to its entries, politely, within bounds, and never past the guard.

How the parts work together. A poll begins with `pace`: is the source due? If so, `Fetcher.get(source, state)` asks:

- `guard` reads the address as text (scheme, credentials, port, literal forms) and, when the socket is made, judges the
  very machine that is about to be connected to. Redirects go by hand, at most five, each through the same guard. A name
  is resolved once, every address of it is checked, and the checked address is connected to with the original Host and
  SNI: a name that changes its mind in between (rebinding) gains nothing.
- `hosts` keeps the manners: one connection to a host, two seconds between requests, rest when it asks for rest.
- `client` is the only module that knows aiohttp (with `troubles`, which tells its exceptions as failures). It sends the
  validators of the state, so that an unchanged source answers 304 with nothing to read.
- `unpack` undoes gzip and deflate within limits of size and ratio, and knows a cut stream from a whole one: a body that
  is not complete is a failure, because validators stored with half a body would lose the other half for ever.
- `answers` and `headers` say what the answer means; `failures` are what a librarian is told, each with code and remedy.

A body that is new goes to `ParserPool.parse`: hostile bytes are read in child processes with limits on memory,
processor and clock time, that can be killed, hold no secrets of ours (their environment is empty) and die with us. The
same body bringing a child down three times is quarantined until it changes. Children are started when the first body
comes and not before: a poll answered 304 throughout starts none.

`kinds` puts these together for each kind of source: one module and one line for a kind. What a kind finds again at
its next poll is in `memory`; `mail` fetches letters instead of pages, and `robots` asks whether a page may be watched.

What the poll came to goes back into `pace`: `after_success`, `after_not_modified` or `after_failure` give the state to
be written in the poll's own transaction, with the time the source is due next. Those are pure functions; so is the
guard.

Importing this package imports neither aiohttp nor anything else that is slow; the names below load what they need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.fetch import pace
    from alerts.fetch.client import Fetcher
    from alerts.fetch.failures import FetchFailure, ParseFailure
    from alerts.fetch.guard import Guard
    from alerts.fetch.parser_pool import ParserPool
    from alerts.fetch.settings import FetchSettings

_HOMES = {
    "FetchFailure": "failures",
    "FetchSettings": "settings",
    "Fetcher": "client",
    "Guard": "guard",
    "ParseFailure": "failures",
    "ParserPool": "parser_pool",
}

__all__ = [
    "FetchFailure",
    "FetchSettings",
    "Fetcher",
    "Guard",
    "ParseFailure",
    "ParserPool",
    "pace",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for (PEP 562)."""
    if name == "pace":
        return import_module("alerts.fetch.pace")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"alerts.fetch.{_HOMES[name]}"), name)
