"""The outside: the public address as readers reach it, and the clock as others have it."""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from alerts import __version__
from alerts.config import Settings
from alerts.pipeline.clock import system_clock
from alerts.pipeline.doctor.finding import Finding
from alerts.pipeline.doctor.ground import Ground
from alerts.store import sources

ABOUT = "public address"
ANSWER_S = 8.0
MOST_ASKED = 3
OFF = timedelta(minutes=1)
FAR_OFF = timedelta(minutes=5)
SAME = timedelta(minutes=15)
"""Two looks at one running service may differ by a poll."""


def address(ground: Ground) -> Iterator[Finding]:
    """Look whether readers reach this very service where links in mails lead to."""
    public = ground.settings.public_url
    if not public:
        yield Finding(ABOUT, "ok", "There is none: readers leave by mail, and nothing says “view in a browser”.")
        return
    parts = urlsplit(public)
    host = parts.hostname or ""
    if parts.scheme != "https":
        sentence = f"{public} is not https: mail services then offer no “unsubscribe” button (RFC 8058)."
        yield Finding(ABOUT, "failure", sentence, "Put a proxy with a certificate in front (docs/operating.md).")
    if _is_number(host) or host == "localhost":
        sentence = f"{host} is not a name that readers elsewhere can use, and links in mails last for years."
        yield Finding(ABOUT, "warning", sentence, "Have a name given to this service, and set ALERTS_PUBLIC_ADDRESS.")
    yield _health(ground, public)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _health(ground: Ground, public: str) -> Finding:
    url = f"{public}/healthz"
    proxied = "Does the proxy in front pass it on to ALERTS_WEB_PORT, with the path taken off (docs/operating.md)?"
    try:
        with _opener(ground.settings, proxied=False).open(_request(ground, url, "GET"), timeout=ANSWER_S) as answer:
            said = _read(answer.read(100_000))
    except HTTPError as refused:
        said = _read(refused.read(100_000))
        if said is None:
            return Finding(ABOUT, "failure", f"{url} answers HTTP {refused.code}.", proxied)
    except (OSError, HTTPException, ValueError) as error:
        sentence = f"{url} does not answer: {getattr(error, 'reason', error)}."
        return Finding(ABOUT, "failure", sentence, f"Is “alerts run” running? {proxied}")
    if said is None:
        return Finding(ABOUT, "failure", f"What answers at {url} is not this service.", proxied)
    other = _another(ground, said)
    if other:
        remedy = "Is it another installation, or an old process that was not restarted?"
        return Finding(ABOUT, "failure", f"What answers at {url} is another service: {other}.", remedy)
    if said["status"] != "ok":
        told = "; ".join(map(str, said.get("warnings", ())))
        return Finding(
            ABOUT, "warning", f"{url} answers, and says “{said['status']}”: {told}", "See the other findings."
        )
    return Finding(ABOUT, "ok", f"{url} answers, and is this service.")


def _another(ground: Ground, said: dict[str, Any]) -> str:
    """Return how the answer differs from what this database and version would say; nothing when it does not."""
    if said.get("version") != __version__:
        return f"its version is {said.get('version')}, this one {__version__}"
    if ground.store is None:
        return ""
    with ground.store.read() as conn:
        polled = [each.last_attempt_at for each in sources.states(conn).values() if each.last_attempt_at is not None]
    here, there = max(polled, default=None), _instant(said.get("last_collect_at"))
    if (here is None) != (there is None) or (here and there and abs(here - there) > SAME):
        return f"it collected last {f'at {there:%d %B %H:%M} UTC' if there else 'never'}, " + (
            f"this database at {here:%d %B %H:%M} UTC" if here else "this database never"
        )
    return ""


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "status" in said else None


def clock(ground: Ground) -> Iterator[Finding]:
    """Compare this machine's clock with that of servers that are asked anyway, and with what the rows say."""
    yield from _rows(ground)
    for url in _asked_anyway(ground):
        theirs = _date_of(ground, url)
        if theirs is None:
            continue
        off = system_clock() - theirs
        host = urlsplit(url).hostname
        if abs(off) < OFF:
            yield Finding("clock", "ok", f"The clock agrees with that of {host}.")
        else:
            which = "ahead of" if off > timedelta(0) else "behind"
            sentence = f"The clock is {_span(abs(off))} {which} that of {host}."
            remedy = (
                "Have this machine's clock set by a time server (NTP): issues go out by it, and links expire by it."
            )
            yield Finding("clock", "failure" if abs(off) > FAR_OFF else "warning", sentence, remedy)
        return
    yield Finding("clock", "unknown", "The clock was not compared: no server that is asked anyway gave its time.")


def _rows(ground: Ground) -> Iterator[Finding]:
    """Yield what was written by a clock that ran ahead, or that is behind now."""
    if ground.store is None:
        return
    with ground.store.read() as conn:
        polled = [each.last_attempt_at for each in sources.states(conn).values() if each.last_attempt_at is not None]
    latest = max(polled, default=None)
    if latest is not None and latest - ground.now > timedelta(hours=1):
        yield Finding(
            "clock", "failure", f"A source was polled on {latest:%d %B %Y, %H:%M} UTC, which is still to come.",
            "Either the clock ran ahead then or it is behind now. Once it is right nothing is lost: what was written "
            "too early gives way.",
        )  # fmt: skip


def _span(much: timedelta) -> str:
    minutes = round(much.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes != 1 else ''}"
    return f"{minutes // 60} hours" if minutes < 2 * 24 * 60 else f"{much.days} days"


def _asked_anyway(ground: Ground) -> list[str]:
    """Return the address that tokens come from, else those of a few sources on different hosts."""
    wanted = [ground.settings.smtp_oauth_token_url] if ground.settings.smtp_oauth_token_url else []
    followed = ground.loaded.catalogue.sources.values() if ground.loaded else ()
    by_host = {urlsplit(each.address).hostname: each.address for each in followed if each.enabled}
    wanted += [each for each in by_host.values() if each.startswith("https://")]
    return wanted[:MOST_ASKED]


def _date_of(ground: Ground, url: str) -> datetime | None:
    try:
        with _opener(ground.settings, proxied=True).open(_request(ground, url, "HEAD"), timeout=ANSWER_S) as answer:
            said = answer.headers.get("Date", "")
    except HTTPError as refused:
        said = refused.headers.get("Date", "")
    except (OSError, HTTPException, ValueError):
        return None
    try:
        return parsedate_to_datetime(said).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _request(ground: Ground, url: str, method: str) -> Request:
    contact = ground.settings.contact or (ground.loaded.catalogue.service.contact_address if ground.loaded else "")
    agent = ground.settings.user_agent or f"alerts/{__version__} (doctor{f'; {contact}' if contact else ''})"
    return Request(url, method=method, headers={"User-Agent": agent})  # noqa: S310 - http or https, checked in settings


def _opener(s: Settings, *, proxied: bool) -> OpenerDirector:
    context = ssl.create_default_context()
    if s.ca_bundle is not None:
        context.load_verify_locations(cafile=s.ca_bundle)
    proxy = s.proxy.get_secret_value() if proxied else ""
    return build_opener(
        HTTPSHandler(context=context), *([ProxyHandler({"http": proxy, "https": proxy})] if proxy else [])
    )  # fmt: skip
