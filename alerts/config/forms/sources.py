"""`sources/*.yaml`."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from alerts.config import govuk
from alerts.config.fields import (
    DAY,
    EVIDENCE_TYPE,
    FLAG,
    ID,
    INNER_SELECTOR,
    ISSN,
    LANGUAGE,
    LINE,
    MAILBOX,
    NEXT_PAGE,
    PROSE,
    QUERY,
    SELECTOR,
    WEB_ADDRESS,
    choice,
    span,
    whole,
)
from alerts.config.mailboxes import Mailbox
from alerts.config.shape import Form, Listing, Part, Refused, Value, key
from alerts.model.sources import KINDS, SourceKind

AbstractUse = Literal["full", "snippet", "none"]


class AbstractsForm(Form):
    """How much of a publisher's own summary is shown."""

    mail: AbstractUse = key(
        choice("full", "snippet", "none"), "In mails: full, snippet (two lines) or none.", default="snippet"
    )
    web: AbstractUse = key(choice("full", "snippet", "none"), "On web pages: full, snippet or none.", default="snippet")


_SLUGS: Listing[str] = Listing(Value(govuk.parse_slug, {"type": "string"}))


class SearchForm(Form):
    """What is looked for on GOV.UK; what is given under several keys must all hold."""

    organisations: tuple[str, ...] = key(
        _SLUGS, "Who publishes it, as in the address: department-of-health-and-social-care; one of them.", default=()
    )
    topics: tuple[str, ...] = key(
        Listing(Value(govuk.parse_topic, {"type": "string"})),
        "A topic, and perhaps one below it, as after level_one_taxon= and level_two_taxon= in the address of a search.",
        default=(),
    )
    document_types: tuple[str, ...] = key(
        Listing(choice(*govuk.DOCUMENT_TYPES)), "What it is, one of them; left out: everything.", default=()
    )
    keywords: str | None = key(LINE, "Words, as one would type them into the search of GOV.UK.", default=None)
    people: tuple[str, ...] = key(_SLUGS, "Ministers and officials, as in the address of their page.", default=())
    world_locations: tuple[str, ...] = key(_SLUGS, "Countries, as in the address of their page.", default=())

    def check(self) -> None:
        """Refuse a search for nothing, and one for topics that cannot be combined."""
        if not any((self.organisations, self.topics, self.keywords, self.people, self.world_locations)):
            raise Refused("This search would find all of GOV.UK.", "Add organisations:, topics:, keywords: or people:.")
        if len(self.topics) > 2:
            raise Refused(
                "GOV.UK's search takes one topic, and one below it.", "Make a source of its own for each topic."
            )

    def feeds(self, base: str | None) -> tuple[str, ...]:
        """Return the addresses that answer this search."""
        return govuk.searched(
            base,
            keywords=self.keywords or "",
            organisations=self.organisations,
            people=self.people,
            world_locations=self.world_locations,
            topics=self.topics,
            document_types=self.document_types,
        )


class ItemsForm(Form):
    """`items:` of a source of the kind page: where its list stands, as CSS selectors."""

    each: str = key(SELECTOR, "Selects one item: ul.news > li, table.papers tr, article.card.")
    title: str | None = key(
        INNER_SELECTOR, "The title within an item. Left out: its heading, else the text of its link.", default=None
    )
    link: str | None = key(
        INNER_SELECTOR, "The link within an item. Left out: that of the title, else the first.", default=None
    )
    date: str | None = key(
        INNER_SELECTOR,
        "The date within an item: the first that can be read there. Left out: a time element.",
        default=None,
    )
    summary: str | None = key(INNER_SELECTOR, "The summary within an item. Left out: none.", default=None)
    next: str | None = key(
        NEXT_PAGE,
        "The link to the next page, or a pattern of its address with {page} (2, 3, …) or {page-1}.",
        default=None,
    )
    pages: int | None = key(whole(1, 5), "How many pages are read at most. Left out: 1, with next: 2.", default=None)
    turnover: bool = key(
        FLAG, "true: the whole list may be another from one reading to the next, and that is no failure.", default=False
    )

    def check(self) -> None:
        """Refuse several pages without a way to them, and a way without pages."""
        if self.pages is not None and self.pages > 1 and not self.next:
            raise Refused(f"“pages: {self.pages}” needs to know where the next page is.", "Add next: below items:.")
        if self.pages == 1 and self.next:
            raise Refused("“next” is of no use with “pages: 1”.", "Take one of the two out.")


class SourceDefaults(Form):
    """`defaults:` of a file of sources: what its sources have in common."""

    publisher: str | None = key(LINE, "Who publishes it, as readers see it.", default=None)
    kind: SourceKind = key(
        choice(*KINDS),
        f"How it is read: {', '.join(f'{kind} ({each.what})' for kind, each in KINDS.items())}.",
        default="feed",
    )
    type: str | None = key(
        EVIDENCE_TYPE, "Type of evidence of its items when no rule of types.yaml says better.", default=None
    )
    place: str | None = key(LINE, "The place it speaks for, a name of places.yaml.", default=None)
    tags: tuple[str, ...] = key(
        Listing(ID), "Words that profiles choose sources by; a source adds to those of the defaults.", default=()
    )
    language: str = key(LANGUAGE, "Language of its items, two letters.", default="en")
    abstracts: AbstractsForm = key(
        Part(AbstractsForm), "How much of the publisher's own summary is shown.", default=AbstractsForm()
    )
    updates: Literal["text", "date", "never"] | None = key(
        choice("text", "date", "never"),
        "What counts as an update: a changed text (text, what is taken unless you say), a changed date (date, for the "
        "kind govuk: a new note on what changed), or never.",
        default=None,
    )
    every: int = key(span(60, 2_678_400), "How often to ask it, at most: 30 minutes, 1 hour, 1 day.", default=3600)
    rhythm: int | None = key(
        span(3600, 31_536_000), "How often something new is expected; longer silence is reported.", default=None
    )
    first_run_days: int = key(
        whole(0, 3650), "On its first reading, items older than this are backlog and never mailed.", default=14
    )
    flood: int = key(whole(1, 2000), "More new items than this at once are held for the librarian.", default=200)
    sure: Literal["A", "B", "C"] = key(
        choice("A", "B", "C"), "How sure the address is: A tried, B likely, C to be checked.", default="C"
    )
    checked: date | None = key(DAY, "The day somebody last looked at the address.", default=None)
    enabled: bool = key(FLAG, "false: not read, but kept.", default=True)
    owner: Mailbox | None = key(
        MAILBOX,
        "Who is told by mail when it fails, falls silent or moves: Name <address>. Left out: the service's owner.",
        default=None,
    )
    note: str | None = key(PROSE, "A remark for librarians; never shown to readers.", default=None)


class SourceForm(SourceDefaults):
    """One source: a journal, guideline body or site that is followed."""

    id: str = key(ID, "Its key for ever: small letters, digits and hyphens.")
    title: str = key(LINE, "Its name, as readers see it.")
    address: str | None = key(
        WEB_ADDRESS, "The web address of the feed; kinds that always ask at one address need none.", default=None
    )
    issn: tuple[str, ...] = key(
        Listing(ISSN, alone=True),
        "The ISSN of the journal, printed or electronic; a list where it had several (kind crossref).",
        default=(),
    )
    type: str = key(EVIDENCE_TYPE, "Type of evidence of its items when no rule of types.yaml says better.")
    query: str | None = key(
        QUERY,
        "Of kinds that search a database: what to search for, in the database's own language, tried on its own page.",
        default=None,
    )
    formerly: tuple[str, ...] = key(Listing(ID), "Ids it had before, so that its history is kept.", default=())
    search: SearchForm | None = key(
        Part(SearchForm), "For the kind govuk: what to look for, in place of an address.", default=None
    )
    ends: date | None = key(
        DAY, "The last day of the body behind it; four weeks later it is not asked any more.", default=None
    )
    successor: str | None = key(
        ID, "The source that takes its place: profiles that name this one listen to that one too.", default=None
    )
    items: ItemsForm | None = key(
        Part(ItemsForm), "Of a source of the kind page: where its list stands on the page.", default=None
    )

    def check(self) -> None:
        """Refuse a source without the address or the keys that its kind needs, or with those of another kind."""
        mine = KINDS[self.kind]
        if self.successor and self.ends is None:
            raise Refused("A source that has a successor says when it ends.", "Add ends: with its last day.")
        if self.address is None and not mine.address:
            raise Refused(f"A source of the kind {self.kind} needs an address.", "Add address: https://…")
        if mine.one_of and not any(getattr(self, name) for name in mine.one_of):
            named = " or ".join(mine.one_of)
            raise Refused(f"A source of the kind {self.kind} needs {named}.", f"Add the key {named}.")
        for kind, other in KINDS.items():
            for name in other.keys:
                if name not in mine.keys and getattr(self, name):
                    raise Refused(
                        f"The key {name} is one of sources of the kind {kind}, and this one is {self.kind}.",
                        f"Write kind: {kind}, or take {name} out.",
                    )
        if self.kind == "europepmc" and re.search(r"\bsort_\w+:", self.query or "", re.IGNORECASE):
            raise Refused(
                "The query says how to sort (sort_date:y), which the service does itself.",
                "Take that word out of the query.",
            )
        self.feeds()

    def feeds(self) -> tuple[str, ...]:
        """Return the addresses of the feeds that a source of GOV.UK consists of; none for other kinds."""
        if self.kind != "govuk":
            return ()
        return self.search.feeds(self.address) if self.search else govuk.copied(self.address or "")


class SourcesForm(Form):
    """`sources/*.yaml`: where to look; many sources in one file."""

    defaults: SourceDefaults = key(
        Part(SourceDefaults), "What the sources of this file have in common.", default=SourceDefaults()
    )
    sources: tuple[SourceForm, ...] = key(Listing(Part(SourceForm), least=1), "The sources.")
