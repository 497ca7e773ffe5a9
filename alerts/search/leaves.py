"""The leaves of a plan: what can be asked of one record's words.

Leaves are values: two strategies that ask the same thing have equal leaves, and the index asks once. Positions are
indices into `SearchText.words`; a span is (first, last), both included.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from alerts.search.languages import language_words
from alerts.search.text import OWN_WORDS, SearchText, heading_key
from alerts.search.tokens import words
from alerts.search.tree import Condition

Spans = list[tuple[int, int]]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A term of the strategy found at words `first` to `last`."""

    term: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TermLeaf:
    """A word or phrase: for each place the patterns that may stand there (spelling variants)."""

    places: tuple[tuple[str, ...], ...]
    fields: int
    written: str = field(default="", compare=False)

    def spans(self, text: SearchText) -> Spans:
        """Return where the phrase stands in its fields, in order."""
        if len(self.places) == 1:
            return [(at, at) for at in self._single(text)]
        accepted: list[set[str]] = []
        for place in self.places:
            here = {word for pattern in place for word in text.words_like(pattern)}
            if not here:
                return []
            accepted.append(here)
        positions_of = text.at
        rare = min(range(len(accepted)), key=lambda nth: sum(len(positions_of(word)) for word in accepted[nth]))
        last = len(accepted) - 1
        starts = sorted(
            at - rare
            for word in accepted[rare]
            for at in positions_of(word)
            if at >= rare and at - rare + last < len(text.words)
        )
        found = [
            at
            for at in starts
            if all(text.words[at + nth] in words for nth, words in enumerate(accepted) if nth != rare)
        ]
        return [(at, at + last) for at in text.within(self.fields, found)]

    def _single(self, text: SearchText) -> list[int]:
        """Return the positions of a single word."""
        matching = [word for pattern in self.places[0] for word in text.words_like(pattern)]
        if not matching:
            return []
        if len(matching) == 1:
            return list(text.within(self.fields, text.at(matching[0])))
        every = sorted({at for word in matching for at in text.at(word)})
        return list(text.within(self.fields, every))

    def found(self, text: SearchText) -> bool:
        """Tell whether the record has the term."""
        if len(self.places) > 1:
            return bool(self.spans(text))
        fields = self.fields
        return any(
            text.within(fields, text.at(word)) for pattern in self.places[0] for word in text.words_like(pattern)
        )

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield where the term stands, only at the `wanted` spans if given."""
        for span in self.spans(text):
            if wanted is None or span in wanted:
                yield Mark(self.written, *span)


@dataclass(frozen=True, slots=True)
class WindowLeaf:
    """PubMed's `"a b c"[tiab:~N]`: all words, any order, in a window of their number plus N."""

    places: tuple[tuple[str, ...], ...]
    slack: int
    fields: int
    written: str = field(default="", compare=False)

    def _needs(self) -> dict[tuple[str, ...], int]:
        """How often each distinct word is needed: a word written twice must be there twice."""
        needed: dict[tuple[str, ...], int] = {}
        for place in self.places:
            key = tuple(sorted(place))
            needed[key] = needed.get(key, 0) + 1
        return needed

    def spans(self, text: SearchText) -> Spans:
        """Return the shortest window from each place where one of the words stands."""
        needs = self._needs()
        at_word: dict[int, tuple[str, ...]] = {}
        for place in needs:
            words = {word for pattern in place for word in text.words_like(pattern)}
            here = text.within(self.fields, sorted({at for word in words for at in text.at(word)}))
            if len(here) < needs[place]:
                return []
            for at in here:
                at_word.setdefault(at, place)
        order = sorted(at_word)
        width = len(self.places) + self.slack
        found: Spans = []
        for nth, first in enumerate(order):
            missing = dict(needs)
            for at in order[nth : nth + width]:
                if at - first >= width or text.value_of[at] != text.value_of[first]:
                    break
                place = at_word[at]
                if missing.get(place, 0) == 1:
                    del missing[place]
                elif place in missing:
                    missing[place] -= 1
                if not missing:
                    found.append((first, at))
                    break
        return found

    def found(self, text: SearchText) -> bool:
        """Tell whether the record has such a window."""
        return bool(self.spans(text))

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield the windows."""
        for span in self.spans(text):
            if wanted is None or span in wanted:
                yield Mark(self.written, *span)


@dataclass(frozen=True, slots=True)
class AnyLeaf:
    """Alternatives on one side of a proximity."""

    options: tuple[SpanLeaf, ...]

    def spans(self, text: SearchText) -> Spans:
        """Return the spans of all alternatives, in order, each once."""
        if len(self.options) == 1:
            return self.options[0].spans(text)
        return sorted({span for option in self.options for span in option.spans(text)})

    def found(self, text: SearchText) -> bool:
        """Tell whether the record has one of the alternatives."""
        return any(option.found(text) for option in self.options)

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield where the alternatives stand."""
        for option in self.options:
            yield from option.marks(text, wanted)


@dataclass(frozen=True, slots=True)
class NearLeaf:
    """Two sides with at most `gap` words between their nearest ends; `ordered` when the left comes first."""

    left: SpanLeaf
    right: SpanLeaf
    gap: int
    ordered: bool

    def _pairs(self, text: SearchText) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield every left and right span that are near enough, different words, in the same value."""
        lefts = self.left.spans(text)
        if not lefts:
            return
        rights = self.right.spans(text)
        if not rights:
            return
        starts = [first for first, _ in rights]
        by_end = rights if self.ordered else sorted(rights, key=lambda span: span[1])
        ends = [last for _, last in by_end]
        value_of = text.value_of
        for left in lefts:
            value = value_of[left[0]]
            for at in range(bisect_right(starts, left[1]), bisect_right(starts, left[1] + self.gap + 1)):
                if value_of[rights[at][0]] == value:
                    yield left, rights[at]
            if self.ordered:
                continue
            for at in range(bisect_left(ends, left[0] - self.gap - 1), bisect_left(ends, left[0])):
                if value_of[by_end[at][0]] == value:
                    yield left, by_end[at]

    def spans(self, text: SearchText) -> Spans:
        """Return the spans from the first to the last word of each near pair, in order, each once."""
        return sorted({(min(left[0], right[0]), max(left[1], right[1])) for left, right in self._pairs(text)})

    def found(self, text: SearchText) -> bool:
        """Tell whether there is a near pair."""
        return next(self._pairs(text), None) is not None

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield the terms of each near pair by themselves."""
        lefts: set[tuple[int, int]] = set()
        rights: set[tuple[int, int]] = set()
        for left, right in self._pairs(text):
            if wanted is None or (min(left[0], right[0]), max(left[1], right[1])) in wanted:
                lefts.add(left)
                rights.add(right)
        if lefts:
            yield from self.left.marks(text, frozenset(lefts))
            yield from self.right.marks(text, frozenset(rights))


SpanLeaf: TypeAlias = TermLeaf | WindowLeaf | AnyLeaf | NearLeaf


class PhraseSet:
    """Many phrases to be looked for at once, by their first word."""

    __slots__ = ("by_first", "size")

    def __init__(self, phrases: frozenset[Key]) -> None:
        self.by_first: dict[str, tuple[Key, ...]] = {}
        grouped: dict[str, list[Key]] = {}
        for phrase in phrases:
            grouped.setdefault(phrase[0], []).append(phrase)
        for word, group in grouped.items():
            self.by_first[word] = tuple(sorted(group, key=lambda phrase: (-len(phrase), phrase)))
        self.size = len(phrases)

    def spans(self, text: SearchText) -> Spans:
        """Return where phrases of the set stand in title, abstract and keywords: the longest at each place."""
        found: Spans = []
        words = text.words
        known = text.vocabulary
        firsts = known & self.by_first.keys()
        for first in firsts:
            for at in text.within(OWN_WORDS, text.at(first)):
                for phrase in self.by_first[first]:
                    if len(phrase) == 1 or tuple(words[at : at + len(phrase)]) == phrase:
                        found.append((at, at + len(phrase) - 1))
                        break
        found.sort()
        return found


@dataclass(frozen=True, slots=True)
class HeadingLeaf:
    """A heading, exploded or not: the record's own headings, or (unless `own_only`) the words of its names.

    `key` identifies the heading in its vocabulary; the sets follow from it.
    """

    key: tuple[str, ...]
    own_only: bool
    written: str = field(default="", compare=False)
    keys: frozenset[Key] = field(default=frozenset(), compare=False, repr=False)
    phrases: PhraseSet | None = field(default=None, compare=False, repr=False)
    left_out: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def own(self, text: SearchText) -> bool:
        """Tell whether the record was given the heading."""
        return not self.keys.isdisjoint(text.heading_keys)

    def found(self, text: SearchText) -> bool:
        """Tell whether the record has the heading, or mentions it."""
        if self.own(text):
            return True
        return not self.own_only and self.phrases is not None and bool(self.phrases.spans(text))

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield the record's own headings that count, and where its text mentions one."""
        for value in text.values:
            if value.field == "sh" and value.count and heading_key(value.stored) in self.keys:
                yield Mark(self.written, value.first, value.first + value.count - 1)
        if not self.own_only and self.phrases is not None:
            for span in self.phrases.spans(text):
                yield Mark(self.written, *span)


@dataclass(frozen=True, slots=True)
class FixedLeaf:
    """What no record can change: a field that feed items do not have is never met."""

    value: bool

    def found(self, text: SearchText) -> bool:
        """Return the fixed answer."""
        return self.value

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield nothing: there is nothing to show."""
        return iter(())


@dataclass(frozen=True, slots=True)
class DateLeaf:
    """A date between `first` and `last`; a record without a date answers `unknown`."""

    first: date | None
    last: date | None
    unknown: bool

    def found(self, text: SearchText) -> bool:
        """Tell whether the record's date lies in the range."""
        if text.date is None:
            return self.unknown
        return (self.first is None or text.date >= self.first) and (self.last is None or text.date <= self.last)

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield nothing: a date is not in the words."""
        return iter(())


@dataclass(frozen=True, slots=True)
class LimitLeaf:
    """One condition of a limit; a record that does not say answers `unknown`."""

    condition: Condition
    unknown: bool

    def found(self, text: SearchText) -> bool:
        """Tell whether the record meets the condition."""
        kind, values = self.condition.kind, self.condition.values
        if kind == "language" and text.languages:
            return any(not set(language_words(value)).isdisjoint(text.languages) for value in values)
        if kind == "heading" and text.has_headings:
            return any((value,) in text.heading_keys for value in values)
        if kind == "type" and text.entry.publication_types:
            return any(" ".join(words(each)) in values for each in text.entry.publication_types)
        if kind == "abstract" and text.entry.summary.strip():
            return True  # an item without one does not say whether the publication has an abstract
        return self.unknown

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield nothing: a limit is not in the words."""
        return iter(())


@dataclass(frozen=True, slots=True)
class PlaceLeaf:
    """A block's `met_by`: a source of one of these places satisfies it without words."""

    places: frozenset[str]

    def found(self, text: SearchText) -> bool:
        """Tell whether the record comes from a source of one of the places."""
        return not self.places.isdisjoint(text.source_places)

    def marks(self, text: SearchText, wanted: frozenset[tuple[int, int]] | None = None) -> Iterator[Mark]:
        """Yield nothing: the source is not in the words."""
        return iter(())


Leaf: TypeAlias = SpanLeaf | HeadingLeaf | FixedLeaf | DateLeaf | LimitLeaf | PlaceLeaf
