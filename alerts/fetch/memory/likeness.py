"""Whether what a watched page lists is the list of last time: pure functions on what was remembered of it.

A page is redesigned without a word, and the old selectors may then find something: a menu, an archive, the links
below an article. Twenty menu entries as twenty new publications are worse than an error, so a list counts as the same
only as long as something holds it together with the last one: links or titles that are still there, or, where a busy
page turned over as a whole, dates that go on where the last ones ended. Otherwise the reading is a failure, nothing of
it is taken, and the librarian decides.

A second reading alike is no proof, and is not taken as one: a menu is the same the next time as well. What settles it
is the librarian's word: another selector, or `turnover: true` for lists that may change altogether. Either makes the
page another question, and what was remembered of it is forgotten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from alerts.fetch.memory import remembered
from alerts.model.text import ascii_words

if TYPE_CHECKING:
    from alerts.model.records import Entry

REMEMBERED = 400
"""Items of a page that are remembered, from its top."""
FEW = 4
"""Fewer items than this say nothing about a layout."""
_MOST_DATED, _HARDLY_DATED = 0.8, 0.2


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a list: (link, title) of each item as short hashes, how many there were, and their dates.

    `dated` is the share of items with a date, `newest` the latest of these; `pages` is how many pages were read.
    """

    items: tuple[tuple[str, str], ...] = ()
    count: int = 0
    dated: float = 0.0
    newest: date | None = None
    pages: int = 1

    @classmethod
    def of(cls, entries: Sequence[Entry], pages: int = 1) -> Seen:
        """Return what is to be remembered of a list."""
        days = [each.published.astimezone(UTC).date() for each in entries if each.published is not None]
        named = tuple((_hash(each.key), _hash(_words(each.title))) for each in entries[:REMEMBERED])
        return cls(named, len(entries), round(len(days) / max(len(entries), 1), 3), max(days, default=None), pages)

    def written(self) -> str:
        """Return it as the text that is kept in the source's state."""
        newest = self.newest.isoformat() if self.newest else ""
        flat = " ".join(f"{link}{title}" for link, title in self.items)
        return json.dumps(
            {"items": flat, "count": self.count, "dated": self.dated, "newest": newest, "pages": self.pages}
        )

    @classmethod
    def read(cls, memory: str) -> Seen:
        """Return what was remembered; nothing where the text is none that `written` makes."""
        told = remembered(memory)
        try:
            pairs = (each for each in str(told["items"]).split() if len(each) == 2 * _LETTERS)
            return cls(
                tuple((each[:_LETTERS], each[_LETTERS:]) for each in pairs),
                int(told["count"]),
                float(told["dated"]),
                date.fromisoformat(told["newest"]) if told["newest"] else None,
                int(told["pages"]),
            )
        except (ValueError, TypeError, KeyError, OverflowError):
            return cls()


_LETTERS = 8


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LETTERS]


def _words(title: str) -> str:
    return " ".join(ascii_words(title)) if title.isascii() else title.casefold()


def unlike(before: Seen, entries: Sequence[Entry]) -> str:
    """Return in one sentence why `entries` are not the list of `before`; nothing when they are, or nobody can tell."""
    there = Seen.of(entries)
    if len(before.items) < FEW or len(there.items) < FEW:
        return _unlike_short(before, there)
    if before.dated >= _MOST_DATED and there.dated < _HARDLY_DATED:
        return (
            f"None of the {there.count} items has a date; the last time {before.dated:.0%} of {before.count} had one."
        )
    links, titles = dict(before.items), {title for _, title in before.items}
    kept = [(links[link], title) for link, title in there.items if link in links]
    if (
        len(kept) >= FEW
        and sum(was == title for was, title in kept) * 5 < len(kept)
        and not titles & {t for _, t in kept}
    ):
        return f"The titles of all items are others than the last time; the first is “{entries[0].title[:80]}”."
    same = sum(link in links or title in titles for link, title in there.items)
    if same * 10 < min(len(before.items), len(there.items)) and not _goes_on(before, there, entries):
        few = f"only {same}" if same else "none"
        return (
            f"Of the {before.count} items of last time {few} is listed now, but {there.count} others, "
            f"the first “{entries[0].title[:80]}”."
        )
    if there.count > 3 * before.count + 20:
        return f"The page lists {there.count} items; the last time it listed {before.count}."
    return ""


def _unlike_short(before: Seen, there: Seen) -> str:
    """Of lists of one to three items only this can be said: one that suddenly is many times as long is another."""
    if before.items and there.count > 3 * before.count + 20:
        return f"The page lists {there.count} items; the last time it listed {before.count}."
    return ""


def _goes_on(before: Seen, there: Seen, entries: Sequence[Entry]) -> bool:
    """Tell whether a list that turned over goes on where the last one ended: as many dates, none of them earlier.

    A day of grace, since zones differ; a date in the future is a meeting's, and says as much.
    """
    if before.newest is None or there.dated < max(before.dated - 0.2, 0.5):
        return False
    days = sorted(each.published.astimezone(UTC).date() for each in entries if each.published is not None)
    earlier = sum((before.newest - day).days > 1 for day in days)
    return earlier * 5 <= len(days) and days[-1] > before.newest


def is_shrunken(before: Seen, count: int) -> bool:
    """Tell whether far fewer items are listed than the last time: worth a look, though nothing wrong is taken."""
    return before.count >= 2 * FEW and count * 5 <= before.count
