"""Records as the matcher sees them: every field tokenised once, with the way back to the stored strings."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from alerts.model.records import BRIEF_WORDS, Entry
from alerts.search.languages import language_words
from alerts.search.patterns import is_prefix_only, is_wild, literal_prefix, matcher
from alerts.search.tokens import Token, tokenise, words

FIELDS = ("ti", "ab", "kw", "sh", "pt", "au", "jn", "la", "ui", "ad")
"""Fields in the order in which a record's words are laid out, so that the usual sets of fields are one stretch."""

BIT = {name: 1 << at for at, name in enumerate(FIELDS)}
TITLE, ABSTRACT, KEYWORDS, HEADINGS = BIT["ti"], BIT["ab"], BIT["kw"], BIT["sh"]
DEFAULT = TITLE | ABSTRACT | KEYWORDS | HEADINGS
"""What a term without a field tag is looked for in."""
OWN_WORDS = TITLE | ABSTRACT | KEYWORDS
ALL = (1 << len(FIELDS)) - 1

FIELD_NAMES = {
    "ti": "title",
    "ab": "summary",
    "kw": "keywords",
    "sh": "headings",
    "pt": "publication_types",
    "au": "authors",
    "jn": "journal",
    "la": "language",
    "ui": "identifiers",
    "ad": "affiliations",
}
"""Names of the fields in evidence: those of `Entry`."""


_FEW = 12
"""Words whose positions are looked for one by one; beyond that all are worked out."""


class Value:
    """One value of one field: where its words begin in the record, and where they stand in the stored string."""

    __slots__ = ("_places", "count", "field", "first", "nth", "read", "stored")

    def __init__(self, field: str, nth: int, stored: str, first: int) -> None:
        self.field = field
        self.nth = nth
        self.stored = stored
        self.first = first
        self.count = 0
        self.read = True
        self._places: list[Token] | None = None

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Return the code points [start, end) of the words at positions `first` to `last` of the record.

        Places are worked out only when somebody asks: most records match nothing.
        """
        if not self.read:
            return 0, len(self.stored)
        if self._places is None:
            self._places = tokenise(self.stored)
        return self._places[first - self.first].start, self._places[last - self.first].end


class SearchText:
    """A record's words, tokenised once.

    `words` holds the words of all values of all fields one after the other, with an empty string between two values so
    that nothing spans them; `value_of[i]` is the value that word `i` belongs to. Positions are indices into `words`.
    """

    __slots__ = (
        "_beginnings",
        "_like",
        "_merged",
        "_positions",
        "_some",
        "_sorted",
        "_vocabulary",
        "date",
        "entry",
        "heading_keys",
        "is_brief",
        "ranges",
        "source_places",
        "value_of",
        "values",
        "words",
    )

    def __init__(self, entry: Entry, source_places: frozenset[str]) -> None:
        self.entry = entry
        self.source_places = source_places
        self.words: list[str] = []
        self.value_of: list[int] = []
        self.values: list[Value] = []
        self.ranges: dict[int, tuple[int, int]] = {}
        self.heading_keys: frozenset[tuple[str, ...]] = frozenset()
        self.date: date | None = None
        self.is_brief = False
        self._positions: dict[str, list[int]] | None = None
        self._sorted: list[str] | None = None
        self._some: dict[str, list[int]] = {}
        self._like: dict[str, list[str]] = {}
        self._vocabulary: set[str] | None = None
        self._beginnings: set[str] | None = None
        self._merged: dict[int, tuple[tuple[int, int], ...]] = {}

    def add(self, field: str, stored_values: Sequence[str], *, as_words: Sequence[Sequence[str]] | None = None) -> None:
        """Lay out the values of one field; `as_words` gives their words where they are not simply read."""
        first = len(self.words)
        for nth, stored in enumerate(stored_values):
            value = Value(field, nth, stored, len(self.words))
            value.read = as_words is None
            self.words.extend(words(stored) if as_words is None else as_words[nth])
            value.count = len(self.words) - value.first
            self.value_of.extend([len(self.values)] * (len(self.words) - value.first + 1))
            self.values.append(value)
            self.words.append("")
        self.ranges[BIT[field]] = (first, len(self.words))

    @property
    def positions(self) -> dict[str, list[int]]:
        """Positions of each word, ascending."""
        if self._positions is None:
            found: dict[str, list[int]] = {}
            for at, word in enumerate(self.words):
                found.setdefault(word, []).append(at)
            found.pop("", None)
            self._positions = found
        return self._positions

    @property
    def vocabulary(self) -> set[str]:
        """The distinct words."""
        if self._vocabulary is None:
            self._vocabulary = set(self.words)
            self._vocabulary.discard("")
        return self._vocabulary

    @property
    def beginnings(self) -> set[str]:
        """Every beginning of every word, for truncated terms; beginnings longer than 20 letters are cut off there."""
        if self._beginnings is None:
            self._beginnings = {word[:end] for word in self.vocabulary for end in range(1, min(len(word), 20) + 1)}
        return self._beginnings

    def at(self, word: str) -> list[int]:
        """Return the positions of one word, ascending.

        A record is asked for few words as a rule: all positions are worked out only when it is asked for many.
        """
        if self._positions is not None:
            return self._positions.get(word, [])
        known = self._some.get(word)
        if known is None:
            if len(self._some) >= _FEW:
                return self.positions.get(word, [])
            known = self._some[word] = [at for at, each in enumerate(self.words) if each == word]
        return known

    def sorted_words(self) -> list[str]:
        """Return the distinct words in order, for truncated terms."""
        if self._sorted is None:
            self._sorted = sorted(self.vocabulary)
        return self._sorted

    def words_like(self, pattern: str) -> list[str]:
        """Return the distinct words of the record that satisfy `pattern`."""
        if pattern in self.vocabulary:
            return [pattern]
        known = self._like.get(pattern)
        if known is None:
            known = self._like[pattern] = (
                [] if not is_wild(pattern) else words_like(pattern, self.vocabulary, self.sorted_words())
            )
        return known

    def stretches(self, fields: int) -> tuple[tuple[int, int], ...]:
        """Return the stretches of positions that `fields` occupy, ascending, neighbours joined."""
        known = self._merged.get(fields)
        if known is None:
            joined: list[tuple[int, int]] = []
            for bit, (first, end) in self.ranges.items():
                if fields & bit and first < end:
                    if joined and joined[-1][1] == first:
                        joined[-1] = (joined[-1][0], end)
                    else:
                        joined.append((first, end))
            known = self._merged[fields] = tuple(joined)
        return known

    def within(self, fields: int, positions: Sequence[int]) -> Sequence[int]:
        """Return those of the ascending `positions` that lie in `fields`."""
        stretches = self.stretches(fields)
        if len(stretches) == 1:
            first, end = stretches[0]
            if positions and positions[0] >= first and positions[-1] < end:
                return positions
        return [
            at
            for first, end in stretches
            for at in positions[bisect_left(positions, first) : bisect_left(positions, end)]
        ]

    def place(self, first: int, last: int) -> tuple[Value, int, int]:
        """Return the value, and its code points [start, end), that the words at positions `first` to `last` occupy."""
        value = self.values[self.value_of[first]]
        return value, *value.place(first, last)

    def field_words(self, fields: int) -> Iterator[str]:
        """Yield the words of `fields` in order."""
        for first, end in self.stretches(fields):
            yield from self.words[first:end]

    @property
    def has_headings(self) -> bool:
        """True when the record was indexed."""
        return bool(self.heading_keys)

    @property
    def languages(self) -> tuple[str, ...]:
        """The record's language in every way of writing it (`en`, `eng`, `english`), or nothing when it has none."""
        return language_words(self.entry.language)


def words_like(pattern: str, known: Collection[str], ordered: Sequence[str]) -> list[str]:
    """Return the known words that satisfy `pattern`; `ordered` are the same words in order."""
    if not is_wild(pattern):
        return [pattern] if pattern in known else []
    prefix = literal_prefix(pattern)
    if not prefix:
        accepts = matcher(pattern)
        return [word for word in ordered if accepts(word)]
    first = bisect_left(ordered, prefix)
    end = bisect_left(ordered, prefix + "\U0010ffff")
    if is_prefix_only(pattern):
        return list(ordered[first:end])
    accepts = matcher(pattern)
    return [word for word in ordered[first:end] if accepts(word)]


def heading_key(heading: str) -> tuple[str, ...]:
    """Return a heading as words, without focus and subheadings: `*Smoking/prevention & control` is (`smoking`,)."""
    return tuple(words(heading.split("/", 1)[0]))


_PMID_PREFIX = re.compile(r"^(?:pmid|doi)\s*:?\s*", re.IGNORECASE)


def searchable(entry: Entry, *, source_places: frozenset[str] = frozenset()) -> SearchText:
    """Tokenise `entry` once. `source_places` are the places of the sources that carry it, for blocks with `met_by`."""
    text = SearchText(entry, frozenset(place.casefold() for place in source_places))
    text.add("ti", (entry.title,))
    text.add("ab", (entry.summary,))
    text.add("kw", entry.keywords)
    text.add("sh", entry.headings)
    text.add("pt", entry.publication_types)
    text.add("au", entry.authors)
    text.add("jn", tuple(name for name in (entry.journal, entry.publisher) if name))
    languages = text.languages
    text.add("la", (entry.language,) * len(languages), as_words=[(word,) for word in languages])
    text.add("ui", tuple(each.value for each in entry.identifiers) + entry.issn)
    text.add("ad", entry.affiliations)
    text.heading_keys = frozenset(heading_key(each) for each in entry.headings)
    text.is_brief = len(entry.title.split()) + len(entry.summary.split()) < BRIEF_WORDS
    text.date = entry.published.date() if entry.published is not None else None
    return text
