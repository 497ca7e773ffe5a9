"""What the public pages need of the service and of the renderer. The pipeline implements both; methods block.

The pages call the service in threads, one short transaction a call. It keeps the clock, the keys and the database to
itself: a page sees tokens as they came in and gives them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is, for a person and for a monitor. Times are UTC; `next_issue` names the bulletin due next.

    "degraded" works with something to look at; "failing" answers 503. `sources` counts those followed and the troubles
    there are with them, by kind.
    """

    status: Literal["ok", "degraded", "failing"]
    database: str
    last_collect_at: datetime | None = None
    next_issue_at: datetime | None = None
    next_issue: str = ""
    oldest_pending_at: datetime | None = None
    transport: str = ""
    warnings: tuple[str, ...] = ()
    version: str = ""
    sources: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the answer of `/healthz`, times in ISO 8601."""
        values = asdict(self)
        return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}


@dataclass(frozen=True, slots=True)
class IssueListing:
    """One issue in a list of issues."""

    number: int
    subject: str
    date_line: str


@dataclass(frozen=True, slots=True)
class BulletinListing:
    """A bulletin and its issues, newest first."""

    id: str
    title: str
    issues: tuple[IssueListing, ...] = ()
    signs_up: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the page behind a link for leaving shows; the address is masked, as the mail may have been forwarded."""

    masked_address: str
    bulletin_title: str
    state: str
    contact: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class IssueAsked:
    """An issue whose readers are asked what they used: its bulletin's title, and its items by number."""

    bulletin_title: str
    items: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """A bulletin that can be joined: its title, the domains of those who may (none: all), and who is asked."""

    bulletin_title: str
    domains: tuple[str, ...] = ()
    masked_address: str = ""


class Service(Protocol):
    """What the pages ask of the service."""

    @property
    def public_address(self) -> str:
        """Return the configured public address, such as `https://alerts.example.nhs.uk`, or an empty string."""
        ...

    @property
    def contact(self) -> str:
        """Return the mail address of the library, for pages that cannot help."""
        ...

    def health(self) -> Health:
        """Return how the service is."""
        ...

    def bulletins(self) -> Sequence[BulletinListing]:
        """Return every bulletin with its issues, newest first."""
        ...

    def bulletin(self, bulletin_id: str) -> BulletinListing | None:
        """Return one bulletin with its issues, newest first."""
        ...

    def issue_page(self, bulletin_id: str, number: int) -> bytes | None:
        """Return the archive page of an issue, byte for byte as it was stored."""
        ...

    def leaving(self, token: str) -> Leaving | None:
        """Return what the page of this token shows, changing nothing; `None` for a token nobody signed."""
        ...

    def today(self) -> date:
        """Return the day it is for readers."""
        ...

    def leave(self, token: str) -> bool:
        """End the subscription; the same again is harmless. Return whether the token was known."""
        ...

    def leave_all(self, token: str) -> bool:
        """End every subscription of the same address. Return whether the token was known."""
        ...

    def undo(self, token: str) -> bool:
        """Take back what this token's link did. Return whether the token was known."""
        ...

    def pause(self, token: str, until: date, *, everything: bool) -> bool:
        """Send nothing before `until`, of one bulletin or of every. Return whether the token was known."""
        ...

    def asked(self, bulletin_id: str, number: int) -> IssueAsked | None:
        """Return what the page about an issue's use asks about."""
        ...

    def tell(self, bulletin_id: str, number: int, answer: Mapping[str, str]) -> str:
        """Keep what somebody told of use; return what is wrong with it, in words, or nothing."""
        ...

    def joining(self, bulletin_id: str) -> Joining | None:
        """Return a bulletin that can be joined."""
        ...

    def ask_to_join(self, bulletin_id: str, address: str, name: str) -> str:
        """Write to somebody who would like to join; return what is wrong with the address, in words, or nothing."""
        ...

    def join_request(self, bulletin_id: str, token: str) -> Joining | None:
        """Return what a link that confirms joining is about, changing nothing."""
        ...

    def join(self, bulletin_id: str, token: str) -> bool:
        """Subscribe the reader whose link this is. Return whether it could still be used."""
        ...


class Pages(Protocol):
    """The renderer of pages; no mark-up is written in this room."""

    def small_page(self, name: str, **values: object) -> str:
        """Return a small page: `leave`, `left`, `pause_set`, `returned` …, or one for a failure."""
        ...

    def archive(self, listings: Sequence[BulletinListing], **values: object) -> str:
        """Return the list of issues of these bulletins."""
        ...
