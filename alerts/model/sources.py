"""Where the service looks: a source as the librarian configured it, and what is known of its behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

HealthKind = Literal["failing", "gone", "moved", "degraded", "flood", "quiet", "network"]
SourceKind = Literal["feed", "europepmc", "pubmed", "crossref", "govuk", "page", "mailbox"]
UpdatePolicy = Literal["text", "date", "never"]
AbstractUse = Literal["full", "snippet", "none"]
Sureness = Literal["A", "B", "C"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: what it reads, the address where that is always the same, its own keys and those it needs.

    `one_of` are the keys of which a source of the kind needs one, unless it is empty. `updates` is what counts as an
    update where the configuration does not say. `schemes` are the beginnings of the addresses that it can read.
    """

    what: str
    address: str = ""
    keys: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    updates: UpdatePolicy = "text"
    schemes: tuple[str, ...] = ("https", "http")


KINDS: Mapping[SourceKind, Kind] = MappingProxyType(
    {
        "feed": Kind("RSS, RDF, Atom or JSON Feed"),
        "europepmc": Kind(
            "a search of Europe PMC",
            "https://www.ebi.ac.uk/europepmc/webservices/rest/search",
            ("query",),
            ("query",),
        ),
        "pubmed": Kind(
            "a PubMed search",
            "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/",
            keys=("query", "strategy"),
            one_of=("query", "strategy"),
        ),
        "crossref": Kind("a journal’s new articles, from Crossref", "https://api.crossref.org", ("issn",), ("issn",)),
        "govuk": Kind(
            "a search or an organisation of GOV.UK, with what its content API says of each page",
            "https://www.gov.uk",
            keys=("search",),
            one_of=("search", "address"),
            updates="date",
        ),
        "page": Kind("a list on a web page without a feed", keys=("items",), one_of=("items",)),
        "mailbox": Kind("newsletters in a mailbox or folder", keys=("letters",), schemes=("imaps", "folder")),
    }
)
"""The kinds of source that can be read; how is in `alerts.fetch.kinds`, a module each."""

EVIDENCE_TYPES: tuple[str, ...] = (
    "safety alert", "consultation", "data", "guidance", "policy", "funding", "legislation", "audit", "evaluation",
    "example", "briefing", "review", "study", "protocol", "preprint", "correction", "retraction", "news", "event",
)  # fmt: skip
"""Types of evidence, the words of `config/types.yaml`. "audit" stands for audit or inspection."""


@dataclass(frozen=True, slots=True)
class AbstractPolicy:
    """How much of a publisher's own summary may be shown, per channel."""

    mail: AbstractUse = "snippet"
    web: AbstractUse = "snippet"


@dataclass(frozen=True, slots=True)
class PageItems:
    """Where the items of a watched page stand: CSS selectors, empty ones left to `alerts.parse.pages.page` to guess.

    `each` selects one item, the others look inside it (or after it: `+ dd`, `~ p`). `next` selects the link to the next
    page, or is a pattern of its address with `{page}`; `pages` are read at most. `turnover`: the whole list may be
    another from one reading to the next.
    """

    each: str
    title: str = ""
    link: str = ""
    date: str = ""
    summary: str = ""
    next: str = ""
    pages: int = 1
    turnover: bool = False


LOOKED_UP = "crossref-corrections"
"""The one source that nobody configures: what became of what was sent, looked up at Crossref."""
ENRICHED = "europe pmc: look-up"
"""Stands where a source's id stands for what was looked up at Europe PMC; no configured id can be it."""
NOT_READ = frozenset({LOOKED_UP, ENRICHED})
"""What was looked up is no source that readers know, nor one that a record's text belongs to."""
AFTERMATH = timedelta(days=28)
"""For so long a source is still read after the day on which its body ends: last items come late."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Which letters of a mailbox are a source's (every filter that is given must agree), and what is no item in them.

    `senders` are addresses or domains; `list_id` and `subject` parts of what the head of the letter says; `leave_out`
    words or parts of addresses of links. `mark_read` marks letters as read that gave items.
    """

    senders: tuple[str, ...] = ()
    list_id: str = ""
    subject: str = ""
    mark_read: bool = False
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A journal, guideline body or site that the service follows.

    `question` stands for all that the keys of its kind say; only whether it changed matters. `query` is what a database
    is searched for, in the database's own language; that of a profile's own `strategy` (its id) is printed from it,
    with `query_notes` where it is not quite the same. `issn` are those of a journal, of kinds that ask for them.
    `ends` is the last day of the body behind it, `successor` the source that takes its place: whoever listens to the
    one listens to the other. `feeds` are the addresses that a search of GOV.UK is asked at, `address` the first.
    """

    id: str
    title: str
    address: str
    publisher: str = ""
    kind: SourceKind = "feed"
    evidence_type: str = "news"
    place: str = ""
    tags: frozenset[str] = frozenset()
    language: str = "en"
    abstracts: AbstractPolicy = AbstractPolicy()
    updates: UpdatePolicy = "text"
    every_s: int = 3600
    first_run_days: int = 14
    flood: int = 200
    rhythm_days: float | None = None
    sure: Sureness = "C"
    note: str = ""
    enabled: bool = True
    formerly: tuple[str, ...] = ()
    owner_name: str = ""
    owner_address: str = ""
    file: str = ""
    question: str = ""
    letters: Letters = Letters()
    query: str = ""
    strategy: str = ""
    query_notes: tuple[str, ...] = ()
    enrich: bool = False
    ends: date | None = None
    successor: str = ""
    items: PageItems | None = None
    issn: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()

    def has_ended(self, now: datetime) -> bool:
        """Tell whether the body behind it has ended: what is the matter with it then is no trouble any more."""
        return self.ends is not None and now.astimezone(UTC).date() > self.ends

    def is_followed(self, now: datetime) -> bool:
        """Tell whether it is asked at all: it is switched on, and has not ended more than four weeks ago."""
        return self.enabled and not self.has_ended(now - AFTERMATH)

    @property
    def asks(self) -> str:
        """What is asked and where: another after an edit of the address or of a key of the source's kind."""
        return f"{self.address} {self.question}" if self.question else self.address


class SourceState(NamedTuple):
    """What the service remembers of a source between two polls; one row, written with the poll's own transaction.

    A tuple: of every source one is read, and one made, at every poll, and frozen dataclasses of so many fields take ten
    times as long to make.

    `first_success_at` is `None` until the first poll that gave entries: that poll is the source's *first run*.
    `address` is what the source asked (`Source.asks`) when the validators were given, and `answered_by` the place
    that gave them, after any redirects: after an edit, or sent on to another place, they must not be used. `asked` is
    what it asked at the last attempt. `ttl_s`, `skip_hours` (GMT, "0 1 23") and `skip_days` ("saturday sunday") are
    what the feed itself asks for. `failing_alike_since` is since when it has failed with this very code;
    `failure_cause` is for the administrator. `last_new_at` is when it last gave an item that it had not given before.
    `resting_host` asked everybody to leave it alone until `rests_until`. `crash_body` names the body that brought the
    parser down, `crash_times` how often. `moved_to` is where the source says it has moved for good, `moved_times` how
    often in a row it has said so. `memory` is what the source's kind remembers of it beside all that, as it likes.
    `via` are the places (host:port) that its address last sent on to, with spaces between.
    """

    source_id: str
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    first_success_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    next_due_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    failure_code: str = ""
    failure_message: str = ""
    failure_cause: str = ""
    failure_remedy: str = ""
    failing_alike_since: datetime | None = None
    degraded: str = ""
    degraded_code: str = ""
    degraded_remedy: str = ""
    last_new_at: datetime | None = None
    entry_count: int = 0
    address: str = ""
    moved_to: str = ""
    moved_times: int = 0
    answered_by: str = ""
    asked: str = ""
    ttl_s: int = 0
    skip_hours: str = ""
    skip_days: str = ""
    resting_host: str = ""
    rests_until: datetime | None = None
    crash_body: str = ""
    crash_times: int = 0
    memory: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What a source's address answered: the whole body, or `not_modified` with none.

    Validators are those of this very answer; they may be stored only together with the parsed body. `via` are the
    places (host:port) that redirects led to on the way.
    """

    address: str
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False
    status: int = 200
    permanent_address: str = ""
    retry_after_s: float | None = None
    max_age_s: float | None = None
    via: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
