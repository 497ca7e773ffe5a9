"""Which entries of a large set are compared at all: those that share a key, of many kinds, so that no slip parts two.

A key is a cheap thing that duplicates are likely to share: an identifier, the beginning or the end of the title, two of
its rare words, the volume and page, the author and page. Where very many share one, only neighbours in order are
compared, so that no set takes time by the square of its size.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations

from alerts.identify.comparing.editions import edition_of
from alerts.identify.comparing.titles import words
from alerts.identify.comparing.traits import Traits
from alerts.identify.comparing.wording import STOP, folded

_MOST_TOGETHER = 40
"""Entries of one block that are all compared with each other."""
_NEIGHBOURS = 10
"""Of a larger block each is compared with so many that follow it in order of title, and of year and pages."""
_RARE = 5
_MOST_ALIKE = 300
"""A rare word, or an author in a volume, that more have in common than this is none."""
_LOOSE = {"rare", "author-word", "author-volume", "year-page"}


def pairs(traits: Sequence[Traits]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that are worth comparing, each once, the smaller number first."""
    blocks: defaultdict[tuple[Hashable, ...], list[int]] = defaultdict(list)
    frequent = _frequencies(traits)
    for at, each in enumerate(traits):
        for key in _keys(each, frequent):
            blocks[key].append(at)
    seen: set[int] = set()
    size = len(traits)
    for key, block in blocks.items():
        if len(block) < 2 or (len(block) > _MOST_ALIKE and key[0] in _LOOSE):
            continue
        for one, other in _within(block, traits):
            pair = one * size + other
            if pair not in seen:
                seen.add(pair)
                yield one, other


def _within(block: list[int], traits: Sequence[Traits]) -> Iterator[tuple[int, int]]:
    if len(block) <= _MOST_TOGETHER:
        yield from combinations(block, 2)
        return
    for order in (
        sorted(block, key=lambda at: (traits[at].title, traits[at].year or 0, at)),
        sorted(
            block,
            key=lambda at: (traits[at].year or 0, traits[at].volume, _page(traits[at]), traits[at].people.families[:1]),
        ),
    ):
        for nth, one in enumerate(order):
            for other in order[nth + 1 : nth + 1 + _NEIGHBOURS]:
                yield (one, other) if one < other else (other, one)


def _page(traits: Traits) -> int:
    return traits.pages.first if traits.pages else 0


def _telling(title: Sequence[str]) -> list[str]:
    return [folded(word) for word in title if len(word) > 2 and word not in STOP]


def _frequencies(traits: Sequence[Traits]) -> Counter[str]:
    frequent: Counter[str] = Counter()
    for each in traits:
        frequent.update({word for title in each.titles for word in _telling(title)})
    return frequent


def _keys(each: Traits, frequent: Counter[str]) -> Iterator[tuple[Hashable, ...]]:
    for scheme, value in (("doi", each.doi), ("pmid", each.pmid), ("pmcid", each.pmcid)):
        if value:
            yield scheme, value
    if edition := edition_of(each.doi):
        yield "edition", edition[0]
    if each.notice:
        for doi in each.notice.about_dois:
            yield "doi", doi
    first = each.people.families[0] if each.people.families else ""
    page = each.pages.first if each.pages else 0
    if page > 1 or (page and each.pages and each.pages.letters):
        if each.volume:
            yield "place", each.volume, page
        if first:
            yield "author-page", first, page
        if each.year and each.journal:
            yield "year-page", each.year, page, each.journal[:1]
    if first and each.volume and each.year:
        yield "author-volume", first, each.volume, each.year
    if each.is_generic:
        yield "general", each.title, each.year, each.journal[:1], first
        return
    found = [*each.titles, words(each.notice.about_title)] if each.notice and each.notice.about_title else each.titles
    for title in found:
        yield from _title_keys(title, first, frequent)


def _title_keys(title: tuple[str, ...], first: str, frequent: Counter[str]) -> Iterator[tuple[Hashable, ...]]:
    named = [word for word in title if word not in STOP]
    together = "".join(named)
    if len(together) < 8:
        yield "title", together
        return
    yield "begin", together[:24]
    yield "end", together[-28:]
    telling = sorted(set(_telling(title)), key=lambda word: (frequent[word], word))
    for pair in combinations(telling[:_RARE], 2):
        yield "rare", pair if pair[0] < pair[1] else pair[::-1]
    if first:
        for word in telling[:_RARE]:
            yield "author-word", first, word
