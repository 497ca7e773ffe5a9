"""A batch of records as sets: for every leaf, the records that certainly satisfy it and those that may.

A set of records is one integer, bit i for record i. Words are looked up per set of fields, built when first asked for;
truncated words are a stretch of the batch's vocabulary in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alerts.search.leaves import AnyLeaf, HeadingLeaf, Leaf, NearLeaf, PhraseSet, TermLeaf, WindowLeaf
from alerts.search.text import OWN_WORDS, SearchText, words_like


class _Lazy(dict[int, int]):
    """Bounds by leaf, worked out when first asked for."""

    __slots__ = ("_batch", "_upper")

    def __init__(self, batch: Batch, *, upper: bool) -> None:
        super().__init__()
        self._batch = batch
        self._upper = upper

    def __missing__(self, leaf_id: int) -> int:
        low, high = self._batch.bounds(leaf_id)
        self._batch.lower[leaf_id], self._batch.upper[leaf_id] = low, high
        return high if self._upper else low


class _Words:
    """The words of one set of fields: which records have each."""

    __slots__ = ("_patterns", "masks", "ordered")

    def __init__(self, texts: Sequence[SearchText], fields: int) -> None:
        holders: dict[str, list[int]] = {}
        for at, text in enumerate(texts):
            for word in set(text.field_words(fields)):
                holder = holders.get(word)
                if holder is None:
                    holders[word] = [at]
                else:
                    holder.append(at)
        holders.pop("", None)
        size = (len(texts) + 7) // 8
        self.masks: dict[str, int] = {word: _mask(records, size) for word, records in holders.items()}
        self.ordered = sorted(self.masks)
        self._patterns: dict[str, int] = {}

    def having(self, pattern: str) -> int:
        """Return the records with a word that satisfies `pattern`."""
        known = self.masks.get(pattern)
        if known is not None:
            return known
        known = self._patterns.get(pattern)
        if known is None:
            known = 0
            for word in words_like(pattern, self.masks, self.ordered):
                known |= self.masks[word]
            self._patterns[pattern] = known
        return known

    def place(self, patterns: tuple[str, ...]) -> int:
        """Return the records with a word for one place of a phrase."""
        found = 0
        for pattern in patterns:
            found |= self.having(pattern)
        return found


def _mask(records: list[int], size: int) -> int:
    """Return a list of records as a set."""
    if len(records) < 24:
        found = 0
        for at in records:
            found |= 1 << at
        return found
    bits = bytearray(size)
    for at in records:
        bits[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(bits, "little")


class Batch:
    """Several records, asked together."""

    __slots__ = ("_by_fields", "_headings", "_leaves", "brief", "every", "lower", "texts", "upper")

    def __init__(self, texts: Sequence[SearchText], leaves: Mapping[int, Leaf]) -> None:
        self.texts = texts
        self.every = (1 << len(texts)) - 1
        self.brief = sum(1 << at for at, text in enumerate(texts) if text.is_brief)
        self.lower: dict[int, int] = _Lazy(self, upper=False)
        self.upper: dict[int, int] = _Lazy(self, upper=True)
        self._leaves = leaves
        self._by_fields: dict[int, _Words] = {}
        self._headings: dict[tuple[str, ...], int] | None = None

    def records(self, mask: int) -> Iterator[int]:
        """Yield the records of a set, in order."""
        while mask:
            lowest = mask & -mask
            yield lowest.bit_length() - 1
            mask ^= lowest

    def _words(self, fields: int) -> _Words:
        """Return the words of a set of fields."""
        known = self._by_fields.get(fields)
        if known is None:
            known = self._by_fields[fields] = _Words(self.texts, fields)
        return known

    def bounds(self, leaf_id: int) -> tuple[int, int]:
        """Return the records that certainly satisfy a leaf, and those that may."""
        leaf = self._leaves[leaf_id]
        match leaf:
            case TermLeaf():
                high = self._term(leaf)
                return (high, high) if len(leaf.places) == 1 else (0, high)
            case HeadingLeaf():
                return self._heading(leaf)
            case NearLeaf() | WindowLeaf() | AnyLeaf():
                return 0, self._upper(leaf)
            case _:
                exact = sum(1 << at for at, text in enumerate(self.texts) if leaf.found(text))
                return exact, exact

    def _term(self, leaf: TermLeaf | WindowLeaf) -> int:
        """Return the records that have every word of a term."""
        words = self._words(leaf.fields)
        found = self.every
        for place in leaf.places:
            found &= words.place(place)
            if not found:
                return 0
        return found

    def _upper(self, leaf: Leaf) -> int:
        """Return the records that may satisfy a leaf: its words are there."""
        match leaf:
            case TermLeaf() | WindowLeaf():
                return self._term(leaf)
            case NearLeaf():
                left = self._upper(leaf.left)
                return left & self._upper(leaf.right) if left else 0
            case AnyLeaf():
                found = 0
                for option in leaf.options:
                    found |= self._upper(option)
                return found
            case _:
                return self.every

    def _heading(self, leaf: HeadingLeaf) -> tuple[int, int]:
        """Return the bounds of a heading: indexed with it or a single word of it, and all words of a phrase of it."""
        if self._headings is None:
            self._headings = {}
            for at, text in enumerate(self.texts):
                for key in text.heading_keys:
                    self._headings[key] = self._headings.get(key, 0) | 1 << at
        low = 0
        smaller = self._headings if len(self._headings) < len(leaf.keys) else leaf.keys
        for key in smaller:
            if key in leaf.keys:
                low |= self._headings.get(key, 0)
        if leaf.own_only or leaf.phrases is None:
            return low, low
        certain, possible = self._phrases(leaf.phrases)
        return low | certain, low | certain | possible

    def _phrases(self, phrases: PhraseSet) -> tuple[int, int]:
        """Return the records that certainly hold a phrase of a set, and those that may."""
        masks = self._words(OWN_WORDS).masks
        certain = possible = 0
        firsts = (
            phrases.by_first
            if len(phrases.by_first) <= len(masks)
            else [word for word in masks if word in phrases.by_first]
        )
        for first in firsts:
            here = masks.get(first, 0)
            if not here:
                continue
            for phrase in phrases.by_first[first]:
                if len(phrase) == 1:
                    certain |= here
                    continue
                both = here
                for word in phrase[1:]:
                    both &= masks.get(word, 0)
                    if not both:
                        break
                possible |= both
        return certain, possible
