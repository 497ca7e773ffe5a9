"""What can be said about a watched page that could be read: the findings P141 to P147."""

from __future__ import annotations

from alerts.errors import Problem


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
