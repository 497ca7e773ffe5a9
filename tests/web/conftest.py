"""A service and a renderer in memory for the tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from starlette.testclient import TestClient

from alerts.web import BulletinListing, Health, IssueListing, Leaving, app
from alerts.web.service import IssueAsked, Joining

KNOWN = "0000002n001AbCdEfGhIjKlMnOpQrStUg"
STORED = "<html lang='en-GB'><style>h1 {color: #005eb8}</style><h1>Update 12 — café</h1></html>\n".encode()
LISTING = BulletinListing(
    "public-health",
    "Public health update",
    (IssueListing(12, "Vaping guidance updated + 6 more", "24 November 2026"),),
)


@dataclass
class MemoryService:
    """Two subscriptions of one reader, and one bulletin."""

    public_address: str = "https://alerts.example.nhs.uk/alerts"
    contact: str = "library@example.nhs.uk"
    state: str = "active"
    others: str = "active"
    changes: list[str] = field(default_factory=list)
    broken: bool = False
    until: str = ""
    told: list[dict[str, str]] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)

    def health(self) -> Health:
        if self.broken:
            raise RuntimeError("secret path /data/alerts.db")
        when = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
        warnings = ("Mail goes to a folder: no mail server is set.",)
        return Health("ok", "sqlite", when, when, "public-health", None, "folder", warnings, "0.1.0")

    def bulletins(self) -> Sequence[BulletinListing]:
        if self.broken:
            raise RuntimeError("secret path /data/alerts.db")
        return [LISTING]

    def bulletin(self, bulletin_id: str) -> BulletinListing | None:
        return LISTING if bulletin_id == LISTING.id else None

    def issue_page(self, bulletin_id: str, number: int) -> bytes | None:
        return STORED if (bulletin_id, number) == (LISTING.id, 12) else None

    def leaving(self, token: str) -> Leaving | None:
        return Leaving("j…@example.nhs.uk", LISTING.title, self.state, until=self.until) if token == KNOWN else None

    def leave(self, token: str) -> bool:
        return self._change(token, "leave", "left", self.others)

    def leave_all(self, token: str) -> bool:
        return self._change(token, "leave_all", "left", "left")

    def undo(self, token: str) -> bool:
        return self._change(token, "undo", "active", "active")

    def today(self) -> date:
        return date(2026, 11, 24)

    def pause(self, token: str, until: date, *, everything: bool) -> bool:
        self.until = f"{until.day} {until:%B %Y}"
        return self._change(token, "pause_all" if everything else "pause", "paused", self.others)

    def asked(self, bulletin_id: str, number: int) -> IssueAsked | None:
        found = (bulletin_id, number) == (LISTING.id, 12)
        return IssueAsked(LISTING.title, ((7, "Vaping <guidance>"), (9, "Sleep"))) if found else None

    def tell(self, bulletin_id: str, number: int, answer: Mapping[str, str]) -> str:
        if answer.get("use") != "decision":
            return "Please say what you used it for."
        self.told.append(dict(answer))
        return ""

    def joining(self, bulletin_id: str) -> Joining | None:
        return Joining(LISTING.title, ("example.nhs.uk",)) if bulletin_id == LISTING.id else None

    def ask_to_join(self, bulletin_id: str, address: str, name: str) -> str:
        self.joined.append(address)
        return "" if address.endswith("@example.nhs.uk") else "This bulletin is not for addresses there."

    def join_request(self, bulletin_id: str, token: str) -> Joining | None:
        return Joining(LISTING.title, (), "j…@example.nhs.uk") if token == KNOWN else None

    def join(self, bulletin_id: str, token: str) -> bool:
        self.changes.append("join")
        return token == KNOWN

    def _change(self, token: str, name: str, state: str, others: str) -> bool:
        self.changes.append(name)
        if token == KNOWN:
            self.state, self.others = state, others
        return token == KNOWN


class PlainPages:
    """Pages that say their name and every value; `breaks` makes one fail."""

    breaks: bool = False

    def small_page(self, name: str, **values: object) -> str:
        if self.breaks:
            raise RuntimeError("secret template")
        said = "".join(f"<p>{key}={value}</p>" for key, value in sorted(values.items()))
        return f"<style>p {{margin: 0}}</style><h1>{name}</h1>{said}"

    def archive(self, listings: Sequence[BulletinListing], **values: object) -> str:
        base = values["base"]
        return "".join(f"<a href='{base}/bulletins/{each.id}/'>{each.title}</a>" for each in listings)


class Watch:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def service() -> MemoryService:
    return MemoryService()


@pytest.fixture
def pages() -> PlainPages:
    return PlainPages()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def client(service: MemoryService, pages: PlainPages, watch: Watch) -> Iterator[TestClient]:
    with TestClient(
        app(service, pages, monotonic=watch), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield client
