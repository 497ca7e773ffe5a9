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
    ISSN,
    LANGUAGE,
    LINE,
    MAILBOX,
    PROSE,
    QUERY,
    SOURCE_ADDRESS,
    choice,
    span,
    whole,
)
from alerts.config.forms.kinds import GovUkSearchForm, ItemsForm, LettersForm
from alerts.config.mailboxes import Mailbox
from alerts.config.shape import Form, Listing, Part, Refused, key
from alerts.model.sources import KINDS, SourceKind

AbstractUse = Literal["full", "snippet", "none"]


class AbstractsForm(Form):
    """How much of a publisher's own summary is shown."""

    mail: AbstractUse = key(
        choice("full", "snippet", "none"), "In mails: full, snippet (two lines) or none.", default="snippet"
    )
    web: AbstractUse = key(choice("full", "snippet", "none"), "On web pages: full, snippet or none.", default="snippet")


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
    enrich: bool = key(
        FLAG,
        "true: its items with a DOI and no abstract, or with a PMID, are looked up in Europe PMC (abstract, MeSH).",
        default=False,
    )
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
        SOURCE_ADDRESS,
        "The web address of the feed; kinds that always ask at one address need none. Of a mailbox "
        "imaps://user@host/Folder, or folder:newsletters within the data folder.",
        default=None,
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
    strategy: str | None = key(
        ID, "For the kind pubmed: the profile whose own strategy is asked, translated; in place of query.", default=None
    )
    formerly: tuple[str, ...] = key(Listing(ID), "Ids it had before, so that its history is kept.", default=())
    search: GovUkSearchForm | None = key(
        Part(GovUkSearchForm), "For the kind govuk: what to look for, in place of an address.", default=None
    )
    letters: LettersForm | None = key(
        Part(LettersForm), "Of the kind mailbox: which letters of the mailbox are this source's.", default=None
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
        if self.query and self.strategy:
            raise Refused("A source asks a query or a profile's strategy, not both.", "Take query or strategy out.")
        scheme = (self.address or "").partition(":")[0].lower()
        if self.address is not None and scheme not in mine.schemes:
            named = " or ".join(f"{each}:" for each in mine.schemes)
            raise Refused(
                f"The address of a source of the kind {self.kind} does not begin with {scheme}:.",
                f"Write one that begins with {named}, or another kind.",
            )
        if self.letters is not None and self.letters.mark_read and scheme == "folder":
            raise Refused("Letters of a folder cannot be marked as read.", "Take mark_read out.")
        for name in sorted({each for other in KINDS.values() for each in other.keys} - set(mine.keys)):
            if getattr(self, name):
                theirs = " or ".join(kind for kind, other in KINDS.items() if name in other.keys)
                raise Refused(
                    f"The key {name} is one of sources of the kind {theirs}, and this one is {self.kind}.",
                    f"Write kind: {theirs}, or take {name} out.",
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
