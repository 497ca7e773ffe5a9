"""How politely, how patiently and how far the service fetches: one frozen object, given by the pipeline."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import alerts

KNOWN_PAUSES: Mapping[str, float] = MappingProxyType(
    {
        "eutils.ncbi.nlm.nih.gov": 0.4,  # three requests a second (NCBI, "E-utilities: usage guidelines")
        "www.ebi.ac.uk": 0.5,  # asks for moderation and names no number
        "api.crossref.org": 0.5,  # lists: three a second with a contact; one without, as its answers say (since 2025)
        "www.gov.uk": 0.2,  # content API: ten a second
    }
)
"""Pauses of services that are made for being asked often, in seconds; a setting overrides them."""
NCBI_PAUSE_WITH_KEY_S = 0.11  # ten requests a second (same place)


def _machine_clock() -> datetime:
    return datetime.now(UTC)


_NOT_IN_HEADERS = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Limits and manners of fetching (defaults of SAFETY, "Limits").

    `contact` is a mail or web address that publishers can complain to; it goes into the User-Agent. `allow_hosts` are
    intranet hosts that may lie on a private network: `intranet.example.nhs.uk`, `.example.nhs.uk` (every host below),
    an address or network (`10.20.0.0/16`), each with `:port` where it is none of `allow_ports`; 80 and 443 are always
    allowed. `allow_loopback` (the demo, tests, benchmarks) opens 127.0.0.0/8 and ::1 on every port. `host_pauses`
    overrides `host_pause_s` and `KNOWN_PAUSES` for named hosts, and with a leading dot for every host below.
    `ncbi_key` is NCBI's API key; it goes into requests only. `mailboxes` are the passwords of mailboxes by user@host,
    `token` asks for an OAuth2 access token where the password is the word oauth; `letters_dir` is the folder that
    folders of letters lie in. `ca_bundle` is trusted in addition to the system's trust store. `clock` tells the day to
    kinds that ask for a span of days. Times in seconds, sizes in bytes.
    """

    contact: str = ""
    user_agent: str = ""
    allow_hosts: frozenset[str] = frozenset()
    allow_loopback: bool = False
    allow_ports: frozenset[int] = frozenset({80, 443})
    host_pause_s: float = 2.0
    host_pauses: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    connections: int = 40
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0
    total_timeout_s: float = 60.0
    max_wire_bytes: int = 10_000_000
    max_body_bytes: int = 15_000_000
    max_ratio: int = 150
    max_redirects: int = 5
    proxy: str = ""
    ca_bundle: Path | None = None
    ncbi_key: str = field(default="", repr=False)
    mailboxes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    token: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)
    letters_dir: Path | None = None
    clock: Callable[[], datetime] = _machine_clock

    @property
    def agent(self) -> str:
        """The User-Agent: product, version, purpose and contact, in printable ASCII."""
        if self.user_agent:
            return _NOT_IN_HEADERS.sub("", self.user_agent)
        contact = f"; {self.contact}" if self.contact else ""
        return _NOT_IN_HEADERS.sub("", f"alerts/{alerts.__version__} (current awareness for health libraries{contact})")

    def pause_for(self, host: str) -> float:
        """Return the seconds between two requests to `host`; of several domains it lies in the nearest counts."""
        usual = KNOWN_PAUSES.get(host, self.host_pause_s)
        if self.ncbi_key and host == "eutils.ncbi.nlm.nih.gov":
            usual = NCBI_PAUSE_WITH_KEY_S
        if not self.host_pauses:
            return usual
        names = [host, *(host[at:] for at, letter in enumerate(host) if letter == ".")]
        return next((self.host_pauses[name] for name in names if name in self.host_pauses), usual)
