"""Records as the matcher sees them: every field tokenised once, with the way back to the stored strings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

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


class Value:
    """One value of one field: where its words begin in the record, and where they stand in the stored string."""

    __slots__ = ("_places", "count", "field", "first", "nth", "read", "stored")

    def __init__(self, field: str, nth: int, stored: str, first: int, count: int, *, read: bool) -> None:
        self.field = field
        self.nth = nth
        self.stored = stored
        self.first = first
        self.count = count
        self.read = read
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


_Field: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[str]] | None]
"""The name of a field, its stored values, and their words where they are not simply read."""

_NONE: frozenset[Any] = frozenset()


class SearchText:
    """A record's words, tokenised once.

    `words` holds the words of all values of all fields one after the other, with an empty string after each value so
    that nothing spans two; `value_of[i]` is the value that word `i` belongs to. Positions are indices into `words`.
    Everything else is worked out when it is first asked for: most records match nothing.
    """

    __slots__ = (
        "_distinct",
        "_folded",
        "_layout",
        "_like",
        "_merged",
        "_positions",
        "_present",
        "_sorted",
        "_value_of",
        "_values",
        "_vocabulary",
        "entry",
        "heading_keys",
        "source_places",
        "words",
    )

    def __init__(self, entry: Entry, source_places: frozenset[str], laid_out: Sequence[_Field]) -> None:
        self.entry = entry
        self.source_places = source_places
        self.heading_keys = frozenset(map(heading_key, entry.headings)) if entry.headings else _NONE
        self._present = 0
        every: list[str] = []
        layout: list[tuple[int, Sequence[str], bool, tuple[int, ...]]] = []
        for name, stored, as_words in laid_out:
            counts: list[int] = []
            for read in map(words, stored) if as_words is None else as_words:
                every += read
                every.append("")
                counts.append(len(read))
            self._present |= BIT[name]
            layout.append((BIT[name], stored, as_words is None, tuple(counts)))
        self.words = tuple(every)  # tuples of nothing but texts and numbers cost the garbage collector nothing
        self._layout = tuple(layout)
        self._distinct: dict[int, dict[str, None]] = {}
        self._folded: dict[int, str] | None = None
        self._merged: dict[int, tuple[tuple[int, int], ...]] | None = None
        self._like: dict[str, list[str]] | None = None
        self._values: list[Value] | None = None
        self._value_of: list[int] | None = None
        self._positions: dict[str, list[int]] | None = None
        self._sorted: list[str] | None = None
        self._vocabulary: set[str] | None = None

    @property
    def values(self) -> list[Value]:
        """The values of all fields, in the order of their words."""
        if self._values is None:
            self._values = []
            at = 0
            for bit, stored_values, is_read, counts in self._layout:
                for nth, (stored, count) in enumerate(zip(stored_values, counts, strict=True)):
                    self._values.append(Value(FIELDS[bit.bit_length() - 1], nth, stored, at, count, read=is_read))
                    at += count + 1
        return self._values

    @property
    def value_of(self) -> list[int]:
        """For each position the number of the value that it lies in."""
        if self._value_of is None:
            self._value_of = [nth for nth, value in enumerate(self.values) for _ in range(value.count + 1)]
        return self._value_of

    @property
    def is_brief(self) -> bool:
        """True when title and summary together have fewer than 60 words, as a reader counts them."""
        entry = self.entry
        shortest = 2 * BRIEF_WORDS - 2  # characters that so many words of one letter take, in two texts
        return (
            len(entry.title) + len(entry.summary) < shortest
            or len(entry.title.split()) + len(entry.summary.split()) < BRIEF_WORDS
        )

    @property
    def date(self) -> date | None:
        """The date of publication."""
        return self.entry.published.date() if self.entry.published is not None else None

    def distinct(self, fields: int) -> Mapping[str, None]:
        """Return the distinct words of `fields` in order, the empty string between values among them."""
        present = fields & self._present
        known = self._distinct.get(present)
        if known is None:
            known = self._distinct[present] = dict.fromkeys(self.field_words(present))
        return known

    def folded(self, fields: int) -> str:
        """Return the words of `fields` with a space before and after each, and one more between two values."""
        present = fields & self._present
        if self._folded is None:
            self._folded = {}
        known = self._folded.get(present)
        if known is None:
            known = self._folded[present] = f" {' '.join(self.field_words(present))} "
        return known

    @property
    def positions(self) -> dict[str, list[int]]:
        """Positions of each word, ascending."""
        if self._positions is None:
            found: dict[str, list[int]] = {}
            for at, word in enumerate(self.words):
                if word in found:
                    found[word].append(at)
                else:
                    found[word] = [at]
            found.pop("", None)
            self._positions = found
        return self._positions

    @property
    def vocabulary(self) -> set[str]:
        """The distinct words of all fields."""
        if self._vocabulary is None:
            self._vocabulary = self.distinct(ALL).keys() - {""}
        return self._vocabulary

    def at(self, word: str) -> list[int]:
        """Return the positions of one word, ascending."""
        return self.positions.get(word, [])

    def sorted_words(self) -> list[str]:
        """Return the distinct words in order, for truncated terms."""
        if self._sorted is None:
            self._sorted = sorted(self.vocabulary)
        return self._sorted

    def words_like(self, pattern: str) -> list[str]:
        """Return the distinct words of the record that satisfy `pattern`."""
        if pattern in self.vocabulary:
            return [pattern]
        if self._like is None:
            self._like = {}
        known = self._like.get(pattern)
        if known is None:
            known = self._like[pattern] = (
                [] if not is_wild(pattern) else words_like(pattern, self.vocabulary, self.sorted_words())
            )
        return known

    def stretches(self, fields: int) -> tuple[tuple[int, int], ...]:
        """Return the stretches of positions that `fields` occupy, ascending, neighbours joined."""
        if self._merged is None:
            self._merged = {}
        known = self._merged.get(fields)
        if known is None:
            joined: list[tuple[int, int]] = []
            end = 0
            for bit, _, _, counts in self._layout:
                first, end = end, end + sum(counts) + len(counts)
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

    def field_words(self, fields: int) -> Sequence[str]:
        """Return the words of `fields` in order, an empty string after each value."""
        if fields & self._present == self._present:
            return self.words
        stretches = self.stretches(fields)
        if len(stretches) == 1:
            return self.words[stretches[0][0] : stretches[0][1]]
        return [word for first, end in stretches for word in self.words[first:end]]

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


def searchable(entry: Entry, *, source_places: frozenset[str] = frozenset()) -> SearchText:
    """Tokenise `entry` once. `source_places` are the places of the sources that carry it, for blocks with `met_by`."""
    fields: list[_Field] = [("ti", (entry.title,), None), ("ab", (entry.summary,), None)]
    fields += [(name, stored, None) for name, stored in (("kw", entry.keywords), ("sh", entry.headings)) if stored]
    if entry.publication_types:
        fields.append(("pt", entry.publication_types, None))
    if entry.authors:
        fields.append(("au", entry.authors, None))
    if entry.journal or entry.publisher:
        fields.append(("jn", tuple(name for name in (entry.journal, entry.publisher) if name), None))
    languages = language_words(entry.language) if entry.language else ()
    if languages:
        fields.append(("la", (entry.language,) * len(languages), [(word,) for word in languages]))
    if entry.identifiers or entry.issn:
        fields.append(("ui", tuple(each.value for each in entry.identifiers) + entry.issn, None))
    if entry.affiliations:
        fields.append(("ad", entry.affiliations, None))
    text = SearchText(entry, frozenset(place.casefold() for place in source_places) if source_places else _NONE, fields)
    text.distinct(DEFAULT)  # while the words are at hand
    return text
