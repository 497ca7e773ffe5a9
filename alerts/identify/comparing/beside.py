"""What stands beside two titles: people, journal, year, volume, pages, abstract; it agrees, differs or is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from alerts.identify.comparing import titles, wording
from alerts.identify.comparing.people import overlap, same_people
from alerts.identify.comparing.places import same_journal_name, same_pages
from alerts.identify.comparing.traits import Traits
from alerts.identify.comparing.wording import STOP, Difference

_LABEL = re.compile(
    r"^\W*(?:abstract|summary|background|objectives?|aims?|purpose|introduction|importance|context)\b[\W\d]*", re.I
)
_WORDS_COMPARED = 60


@dataclass(frozen=True, slots=True)
class Wording:
    """How two titles stand to each other."""

    alike: float
    difference: Difference
    is_cut: bool = False
    begins_alike: bool = False
    """The shorter title is how the longer one begins, word by word."""
    telling: int = 0
    """How many telling words the shorter title has."""

    @property
    def is_equal(self) -> bool:
        """The same words, but for spelling and small words."""
        return not (self.difference.first or self.difference.second or any(self.difference.numbers))

    @property
    def is_broken_off(self) -> bool:
        """The shorter title ends within a word of the longer one."""
        return self.is_cut and not self.begins_alike

    @property
    def is_misspelt(self) -> bool:
        """Each word that is exchanged is the other's with a slip of the pen."""
        first, second = self.difference.first, self.difference.second
        return (
            len(first) == len(second) <= 3
            and not any(self.difference.numbers)
            and all(wording.is_slip(a, b) for a, b in zip(first, second, strict=True))
        )

    @property
    def is_long_slip(self) -> bool:
        """The slips are in words too long to be others: not `rats` and `cats`."""
        return self.telling >= 5 and all(len(word) >= 6 for word in (*self.difference.first, *self.difference.second))

    @property
    def is_longer(self) -> bool:
        """One title has all that the other has, and more."""
        found = self.difference
        more = bool(found.first or found.numbers[0]), bool(found.second or found.numbers[1])
        return self.is_cut or self.begins_alike or (more[0] != more[1] and self.telling >= 3)


def _weight(word: str) -> int:
    """Return for how many words one counts: Chinese and Japanese write theirs together."""
    return max(1, len(word) // 2) if word > "\u2e80" else 1


def _wording(one: tuple[str, ...], other: tuple[str, ...]) -> Wording:
    found = wording.difference(one, other)
    telling = min(sum(_weight(word) for word in words if word not in STOP) for words in (one, other))
    shorter, longer = sorted(("".join(one), "".join(other)), key=len)
    is_cut = len(shorter) >= 30 and len(longer) - len(shorter) >= 3 and longer.startswith(shorter)
    few = min(len(one), len(other))
    begins_alike = one[:few] == other[:few]
    if begins_alike and is_cut and wording.is_part(max(one, other, key=len), few):
        is_cut = False
    return Wording(titles.alike(one, other), found, is_cut, begins_alike, telling)


def wording_of(one: Traits, other: Traits) -> Wording:
    """Return how the titles stand to each other; of parallel titles those that are most alike."""
    best = _wording(one.title, other.title)
    if len(one.titles) > 1 or len(other.titles) > 1:
        for first in one.titles:
            for second in other.titles:
                if not best.is_equal and first and second:
                    best = max(best, _wording(first, second), key=lambda each: (each.is_equal, each.alike))
    return best


@dataclass(frozen=True, slots=True)
class Beside:
    """True: agrees. False: differs. None: cannot be said."""

    author: bool | None
    shared: float
    journal: bool | None
    years: int | None
    volume: bool | None
    pages: bool | None

    @property
    def is_near(self) -> bool:
        """The same year or the next (electronic before print), or no year known."""
        return self.years is None or self.years <= 1

    @property
    def same_place(self) -> bool:
        """The same pages of the same volume: nothing else stands there."""
        if not self.pages or self.volume is False:
            return False
        if self.volume:
            return self.journal is not False or self.author is True
        told = self.journal or (self.journal is None and self.author)
        return bool(told and self.is_near and self.author is not False and (self.author or self.years is not None))

    @property
    def support(self) -> float:
        """How much agrees, below 1: among what is the same, the surest comes first."""
        return 0.15 * sum(
            (self.author is True, self.journal is True, self.volume is True, self.pages is True, self.years == 0)
        )

    @property
    def other_place(self) -> bool:
        """Another volume and other pages: an abstract and its paper, or two abstracts."""
        return self.pages is False and self.volume is not True


def _journal(one: Traits, other: Traits) -> bool | None:
    if one.entry.issn and other.entry.issn and set(one.entry.issn) & set(other.entry.issn):
        return True
    if not one.journal or not other.journal:
        return None
    return one.journal == other.journal or same_journal_name(one.entry.journal, other.entry.journal)


def _volume(one: Traits, other: Traits) -> bool | None:
    if not one.volume or not other.volume:
        return None
    if one.volume == other.volume:
        return True
    years = {str(each.year) for each in (one, other) if each.year}
    return None if years & {one.volume, other.volume} else False


def beside(one: Traits, other: Traits) -> Beside:
    """Compare what stands beside the titles."""
    years = None if one.year is None or other.year is None else abs(one.year - other.year)
    return Beside(
        author=same_people(one.people, other.people),
        shared=overlap(one.people, other.people),
        journal=_journal(one, other),
        years=years,
        volume=_volume(one, other),
        pages=same_pages(one.pages, other.pages),
    )


def same_abstract(one: Traits, other: Traits) -> bool | None:
    """Tell whether two abstracts begin alike; `None` when one is missing or it cannot be said."""
    first, second = (titles.words(_LABEL.sub("", each.entry.summary[:800]))[:_WORDS_COMPARED] for each in (one, other))
    if min(len(first), len(second)) < 20:
        return None
    short = min(len(first), len(second))
    alike = fuzz.ratio(" ".join(first[:short]), " ".join(second[:short]))
    return True if alike >= 85 else False if alike < 60 else None
