"""What can be said about a body: the findings P0xx, and the one error that means there is nothing to read."""

from __future__ import annotations

from alerts.errors import AlertsError, Problem


class NotAFeed(AlertsError):
    """The body is not a feed: a web page, a sign-in page, an empty answer, or a file of another kind."""

    code = "P001"
    remedy = "Open the address in a browser, find the address of the feed itself and put it in config/sources/."

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the remedy when the error comes back from a child process."""
        return (_rebuilt, (self.sentence, self.remedy))


def _rebuilt(sentence: str, remedy: str) -> NotAFeed:
    return NotAFeed(sentence, remedy=remedy)


class NotReferences(AlertsError):
    """The file holds no records in a format that can be read."""

    code = "P090"
    remedy = "Export the records as RIS, NBIB (PubMed format), PubMed XML, CSV or JSON Lines."


def doctype_removed() -> Problem:
    """P002: the body declared entities of its own (an internal DTD subset), which are never expanded."""
    return Problem(
        "P002",
        "warning",
        "The feed declares its own entities (an internal DTD subset); they were removed and not expanded.",
        "Tell the publisher if words are missing.",
    )


def encoding_wrong(said: str, used: str) -> Problem:
    """P003: the bytes are not in the encoding that was declared; the text was read in another."""
    return Problem(
        "P003",
        "note",
        f"The feed says that it is written in {said or 'no known encoding'}, but its bytes are {used}; read as {used}.",
        "Nothing to do unless letters look wrong.",
    )


def undecodable(count: int) -> Problem:
    """P004: some bytes are letters in no encoding and show as �."""
    return Problem(
        "P004",
        "warning",
        f"{count} byte{'s' if count != 1 else ''} of the feed could not be read as text and show as “�”.",
        "Tell the publisher.",
    )


def repaired(what: str, form: str = "XML") -> Problem:
    """P005: the feed is not well-formed, and small mendings made it readable whole."""
    return Problem(
        "P005",
        "warning",
        f"The feed is not well-formed {form} ({what}); it was mended and read whole.",
        "Tell the publisher if it goes on.",
    )


def salvaged(whole: int, broken: int, form: str = "XML") -> Problem:
    """P006: the feed is too broken to read whole; its items were read one by one."""
    return Problem(
        "P006",
        "warning",
        f"The feed is broken {form}; its items were read one by one ({whole} whole, {broken} damaged).",
        "Look whether items are missing, and tell the publisher.",
    )


def too_many(limit: int) -> Problem:
    """P007: the feed holds more items than are taken from one body."""
    return Problem(
        "P007",
        "warning",
        f"The feed holds more than {limit:,} items; only the first {limit:,} were read.",
        "Use a narrower address if the publisher offers one.",
    )


def no_entries() -> Problem:
    """P008: a readable feed without any item."""
    return Problem("P008", "note", "The feed is readable but holds no items.", "Look at the address if this goes on.")


def same_names(count: int) -> Problem:
    """P009: different items carry the same guid, so the guid does not name them."""
    return Problem(
        "P009",
        "note",
        f"{count} items share their guid with a different item; their links and titles tell them apart instead.",
        "Nothing to do.",
    )


def unreadable_dates(count: int, example: str) -> Problem:
    """P010: dates in no known form, or impossible ones; the items are treated as undated, or clamped for sorting."""
    return Problem(
        "P010",
        "note",
        f"{count} date{'s' if count != 1 else ''} could not be read or cannot be, such as “{example[:60]}”.",
        "Nothing to do: such items are treated as undated, or sorted at the edge.",
    )


def bad_json_items(count: int) -> Problem:
    """P011: items of a JSON Feed that are not of its form were left out or read in part."""
    return Problem(
        "P011",
        "warning",
        f"{count} item{'s' if count != 1 else ''} of the JSON Feed did not have the right form and could not be read.",
        "Tell the publisher.",
    )


def shortened(count: int) -> Problem:
    """P012: titles or summaries over the limits were cut."""
    return Problem(
        "P012",
        "note",
        f"{count} title{'s or summaries' if count != 1 else ' or summary'} over the limit were cut.",
        "Nothing to do.",
    )


def failed_item(count: int, why: str) -> Problem:
    """P013: an item that could not be turned into an entry at all, for a reason we did not foresee."""
    return Problem(
        "P013",
        "warning",
        f"{count} item{'s' if count != 1 else ''} could not be read ({why}).",
        "Please report the feed to whoever runs this service.",
    )


def left_out_of_page(count: int, of: int) -> Problem:
    """P141: elements of a watched page that were selected as items, but have no link or no title."""
    return Problem(
        "P141",
        "warning" if count * 3 > of else "note",
        f"{count} of the {of} elements selected as items have no link or no title and were left out.",
        "Nothing to do if they are headings or advertisements; else correct items: of this source.",
    )


def no_dates_on_page(selector: str) -> Problem:
    """P142: the selector of the date finds a date in no item of a watched page."""
    return Problem(
        "P142",
        "warning",
        f"“{selector}” finds a readable date in none of the items.",
        "Correct date: below items: of this source, or take it out.",
    )


def some_undated(count: int, of: int) -> Problem:
    """P143: in some items of a watched page no date was found."""
    return Problem(
        "P143",
        "note",
        f"{count} of {of} items have no readable date.",
        "Nothing to do: such items are treated as undated.",
    )


def same_links(count: int) -> Problem:
    """P144: different items of a watched page have the same link; their titles tell them apart."""
    return Problem(
        "P144",
        "note",
        f"{count} items share their link with a different item; their titles tell them apart instead.",
        "Correct link: below items: of this source if they have links of their own.",
    )


def no_next_page(read: int, before: int) -> Problem:
    """P145: a watched page leads to fewer further pages than the last time."""
    return Problem(
        "P145",
        "warning",
        f"The list led to {read} page{'s' if read != 1 else ''}; the last time it led to {before}.",
        "If the list has more pages, correct next: below items: of this source.",
    )


def same_page_again(address: str) -> Problem:
    """P146: what should be the next page of a watched list shows the same items again."""
    return Problem(
        "P146",
        "warning",
        f"The next page shows the same items again ({address[:200]}).",
        "Correct next: below items: of this source, or take next: and pages: out.",
    )


def shrunken(now: int, before: int) -> Problem:
    """P147: a watched page lists far fewer items than the last time."""
    return Problem(
        "P147",
        "warning",
        f"The page lists {now} item{'s' if now != 1 else ''}; the last time it listed {before}.",
        "Look at the page; if items are missing here, correct items: of this source.",
    )


MOST_LEFT_OUT = 100
"""Parts of one file of references that are told one by one."""


def left_out(problems: list[Problem], sentence: str, line: int = 0) -> None:
    """P092: part of a file of references was left out; beyond a hundred of them that there are more."""
    if len(problems) < MOST_LEFT_OUT:
        problems.append(Problem("P092", "warning", sentence, _MEND, line=line))
    elif len(problems) == MOST_LEFT_OUT:
        sentence = f"More than {MOST_LEFT_OUT} parts of the file were left out; the others are not told one by one."
        problems.append(Problem("P092", "warning", sentence, _MEND, line=line))


_MEND = "Mend the line, or export the records again."
