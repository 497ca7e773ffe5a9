"""Keys of sources that one kind alone has: what GOV.UK is asked for, where a page has its list, which letters count."""

from __future__ import annotations

from alerts.config import govuk
from alerts.config.fields import FLAG, INNER_SELECTOR, LINE, NEXT_PAGE, SELECTOR, choice, whole
from alerts.config.shape import Form, Listing, Refused, Value, key

_SLUGS: Listing[str] = Listing(Value(govuk.parse_slug, {"type": "string"}))


class GovUkSearchForm(Form):
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


class LettersForm(Form):
    """`letters:` of a source of the kind mailbox: which letters are its own, and what is no item in them."""

    senders: tuple[str, ...] = key(
        Listing(LINE), "Only letters from these addresses or domains: bulletin@example.org, example.org.", default=()
    )
    list_id: str | None = key(LINE, "Only letters whose List-Id holds this.", default=None)
    subject: str | None = key(LINE, "Only letters whose subject holds this.", default=None)
    mark_read: bool = key(FLAG, "true: letters that gave items are marked as read in the mailbox.", default=False)
    leave_out: tuple[str, ...] = key(
        Listing(LINE), "Links with these words, or these parts of an address, are no items.", default=()
    )
