"""What a site's robots.txt asks of programs that read its pages (RFC 9309), asked before a watched page is.

Read here and not by `urllib.robotparser`, which takes the first rule that fits instead of the longest and knows neither
`*` nor `$`; nor by a library that turns rules into regular expressions, which a hostile file can make run for ever.
Kept in memory for a day, as the standard says.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from alerts.fetch.failures import BadRedirect, FetchFailure, RobotsForbid, RobotsUnknown, TooManyRedirects

if TYPE_CHECKING:
    from alerts.fetch.client import Fetcher

PRODUCT = "alerts"
"""The name by which a robots.txt may address this service."""
KEPT_S = 86_400.0
LONGEST_DELAY_S = 60.0
_LIMIT = 512_000
_MOST_RULES = 2_000
_MOST_HOSTS = 1_000
_SAFE = "%/:?#[]@!$&'()*+,;=~"
_AGENT = re.compile(r"[a-zA-Z_-]+")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says to this service: (path pattern, whether it is allowed), and the pause it asks for."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0

    def allow(self, address: str) -> bool:
        """Tell whether a page may be read: the longest rule that fits decides, of two as long the one that allows."""
        parts = urlsplit(address)
        path = _written(parts.path or "/") + (f"?{_written(parts.query)}" if parts.query else "")
        if path == "/robots.txt":
            return True
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if fits(pattern, path)]
        return max(fitting)[1] if fitting else True


@dataclass(frozen=True, slots=True)
class Known:
    """The rules of a host, and when they were read (the event loop's clock)."""

    rules: Rules
    read_at: float


def fits(pattern: str, path: str) -> bool:
    """Tell whether a path fits a rule: `*` stands for any characters, `$` at the end for the end of the path.

    The pieces between the stars are looked for one after the other, so that no pattern takes long.
    """
    ends = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for piece in pieces[:-1]:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    if not pieces:
        return not ends or at == len(path)
    if ends:
        return len(path) - at >= len(pieces[-1]) and path.endswith(pieces[-1])
    return path.find(pieces[-1], at) >= 0


def read(body: bytes) -> Rules:
    """Return what a robots.txt says to this service: the groups that name it, else those for everybody."""
    ours: list[tuple[str, str]] = []
    everybody: list[tuple[str, str]] = []
    named = False
    for agents, name, value in _lines(body):
        if PRODUCT in agents:
            named = True
            ours.append((name, value))
        if "*" in agents:
            everybody.append((name, value))
    lines = (ours if named else everybody)[:_MOST_RULES]
    delays = [
        float(value) for name, value in lines if name == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value)
    ]
    rules = tuple(
        (_written(value), name == "allow") for name, value in lines if name in ("allow", "disallow") and value
    )
    return Rules(rules, min(max(delays, default=0.0), LONGEST_DELAY_S))


def _lines(body: bytes) -> Iterator[tuple[frozenset[str], str, str]]:
    """Yield each line with the agents of its group in small letters; a group without rules by an empty line."""
    agents: set[str] = set()
    in_rules = False
    for line in body[:_LIMIT].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            if in_rules:
                agents, in_rules = set(), False
            found = _AGENT.match(value)
            agents.add("*" if value.startswith("*") else found.group().lower() if found else "")
            yield frozenset(agents), "", ""
        elif name in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            yield frozenset(agents), name, value


def _written(text: str) -> str:
    """Return a path as it is compared: every letter beyond ASCII by its numbers, the numbers in capitals."""
    return re.sub(r"%[0-9a-fA-F]{2}", lambda found: _number(found.group()), quote(text, safe=_SAFE, errors="replace"))


def _number(code: str) -> str:
    letter = chr(int(code[1:], 16))
    return letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else code.upper()


async def must_allow(fetcher: Fetcher, address: str) -> None:
    """Ask the host's robots.txt, if it was not asked in the last day, and keep to it.

    Raises RobotsForbid where it keeps us out, RobotsUnknown where its server has a fault; a refusal (HTTP 4xx) means
    that there are no rules. The pause that it asks for is kept from now on, for all sources of the host.
    """
    parts = urlsplit(address)
    place = f"{parts.scheme}://{parts.netloc}".lower()
    now = asyncio.get_running_loop().time()
    known = fetcher.robots.get(place)
    if known is None or now - known.read_at > KEPT_S:
        while len(fetcher.robots) >= _MOST_HOSTS:
            fetcher.robots.pop(next(iter(fetcher.robots)))
        known = fetcher.robots[place] = Known(await _asked(fetcher, f"{place}/robots.txt"), now)
    if known.rules.delay_s:
        fetcher.keep_off(
            parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80), known.rules.delay_s
        )
    if not known.rules.allow(address):
        raise RobotsForbid(
            f"The robots.txt of {parts.hostname} asks programs not to read this page.",
            cause=f"{place}/robots.txt, path {parts.path[:200]}",
        )


async def _asked(fetcher: Fetcher, address: str) -> Rules:
    try:
        response = await fetcher.ask(address, accept="text/plain, */*;q=0.5")
    except (TooManyRedirects, BadRedirect):
        return Rules()
    except FetchFailure as failure:
        if 400 <= failure.status < 500 and failure.status != 429:
            return Rules()
        if not failure.counts or failure.status == 0:
            raise
        raise RobotsUnknown(
            "The site's robots.txt could not be read, so it is not known whether the page may be.",
            cause=f"{failure.code} {failure.sentence}"[:300],
            status=failure.status,
            retry_after_s=failure.retry_after_s,
        ) from failure
    return read(response.body)
