"""Where a publication stands: journal, volume and pages, as every database abbreviates them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from alerts.identify.comparing.titles import words

_SMALL = frozenset(
    re.findall(
        r"\w+", "of the and in for on de la le les des du et der die fur und a an to del y e da do volume edition ed"
    )
)
_TAIL = re.compile(
    r"\s*(?:[:=/]\s*(?=.*\b(?:journal|official|publication|organ|society|association|proceedings|the|revue|zeitschrift)\b).*"
    r"|\([^)]*\)\s*|\[[^\]]*\]\s*)$",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"^\s*(?:pp?\.?\s*)?([a-z]{0,12})[\s.:]*0*(\d+)[a-z]?(?:\s*[-\u2010-\u2015\u2212]+\s*([a-z]{0,6})\.?0*(\d+))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=16384)
def journal_words(name: str) -> tuple[str, ...]:
    """Return the telling words of a journal's name, without place, subtitle and small words."""
    before = None
    while before != name:
        before, name = name, _TAIL.sub("", name)
    found = words(name)
    return tuple(word for word in found if word not in _SMALL) or found


@lru_cache(maxsize=65536)
def same_journal_name(one: str, other: str) -> bool:
    """Tell whether two names are one journal's: equal, the one abbreviates the other, or is its initials."""
    first, second = journal_words(one), journal_words(other)
    if not first or not second:
        return False
    if first == second or "".join(first) == "".join(second):
        return True
    for short, long in ((first, second), (second, first)):
        if len(short) == 1 and len(long) > 2 and short[0] == "".join(word[0] for word in long):
            return True
        if len(short) == len(long) and all(map(_abbreviates, short, long)):
            return True
    return False


def _abbreviates(short: str, long: str) -> bool:
    """Tell whether one word may stand for the other: `med`, `natl`, `intl` for medicine, national, international."""
    if len(short) > len(long):
        short, long = long, short
    if long.startswith(short) or (len(short) >= 4 and long.startswith(short[:-1]) and len(long) - len(short) <= 4):
        return True
    if short[0] != long[0] or len(short) < 3:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page, with the letters before them ("S12", "e0187376"); `last` is 0 where only one is given."""

    letters: str
    first: int
    last: int = 0

    @property
    def is_range(self) -> bool:
        """True for `623-631`, not for `1-9`, which databases make of a number of pages."""
        return self.last > self.first > 1


_ITEM = re.compile(r"^\W*[sb]?\d{4}\W?\d{3}[\dx]\W?\(?(\d\d)\)?(\d{5})\W?[\dx]\W*$", re.IGNORECASE)
"""A publisher item identifier, which stands for pages before there are some: `S1201-9712(22)00370-8`."""


@lru_cache(maxsize=16384)
def pages_of(text: str) -> Pages | None:
    """Read pages: `623-31`, `623‐631`, `S12-S15`, `e0187376`, `152-153.e1`; `None` when there are none."""
    item = _ITEM.match(text)
    if item:
        return Pages("pii", int(item[1] + item[2]))
    found = _RANGE.match(text)
    if found is None or len(found[2]) > 15:
        return None
    first, last = int(found[2]), int(found[4]) if found[4] and len(found[4]) <= 15 else 0
    if last and last < first:  # 623-31
        cut = found[2][: len(found[2]) - len(found[4])] + found[4]
        last = int(cut) if len(found[4]) < len(found[2]) and int(cut) >= first else 0
    return Pages(found[1].casefold(), first, last)


def same_pages(one: Pages | None, other: Pages | None) -> bool | None:
    """Tell whether two entries begin on the same page; `None` when that cannot be said.

    A number alone may be an article's number, or how many pages it has; `1-9` says no more.
    """
    if one is None or other is None:
        return None
    if one.first == other.first and (one.letters == other.letters or "" in (one.letters, other.letters)):
        return True if one.first > 1 or one.last == other.last else None
    if one.letters == other.letters != "":
        return False
    letters = {one.letters, other.letters}
    if letters & _SUPPLEMENTS and "pii" not in letters:
        return False
    if one.is_range and other.is_range and bool(one.letters) == bool(other.letters):
        return False
    return False if not (one.last or other.last or any(letters)) and min(one.first, other.first) > 60 else None


_SUPPLEMENTS = {"s", "a", "p", "os", "po", "op"}
"""Letters before the pages of supplements and abstracts."""


@lru_cache(maxsize=4096)
def volume_of(text: str) -> str:
    """Return a volume's number: `39 Suppl 1` → `39`."""
    found = re.search(r"\d+", text)
    return found.group().lstrip("0") if found else text.strip().casefold()
