"""Records as the matcher sees them: every field tokenised once, with the way back to the stored strings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
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
        "ranges",
        "source_places",
        "words",
    )

    def __init__(self, entry: Entry, source_places: frozenset[str]) -> None:
        self.entry = entry
        self.source_places = source_places
        self.words: list[str] = []
        self.ranges: dict[int, tuple[int, int]] = {}
        self.heading_keys: frozenset[tuple[str, ...]] = frozenset()
        self._layout: list[tuple[str, Sequence[str], Sequence[int]]] = []
        self._present = 0
        self._distinct: dict[int, set[str]] = {}
        self._folded: dict[int, str] = {}
        self._merged: dict[int, tuple[tuple[int, int], ...]] = {}
        self._like: dict[str, list[str]] = {}
        self._values: list[Value] | None = None
        self._value_of: list[int] | None = None
        self._positions: dict[str, list[int]] | None = None
        self._sorted: list[str] | None = None
        self._vocabulary: set[str] | None = None

    def add(self, field: str, stored_values: Sequence[str], *, as_words: Sequence[Sequence[str]] | None = None) -> None:
        """Lay out the values of one field; `as_words` gives their words where they are not simply read."""
        first = len(self.words)
        counts: list[int] = []
        for read in map(words, stored_values) if as_words is None else as_words:
            self.words += read
            self.words.append("")
            counts.append(len(read))
        self._layout.append((field, stored_values, counts if as_words is None else [-count for count in counts]))
        self.ranges[BIT[field]] = (first, len(self.words))
        self._present |= BIT[field]

    @property
    def values(self) -> list[Value]:
        """The values of all fields, in the order of their words."""
        if self._values is None:
            self._values = []
            at = 0
            for name, stored_values, counts in self._layout:
                for nth, (stored, count) in enumerate(zip(stored_values, counts, strict=True)):
                    self._values.append(Value(name, nth, stored, at, abs(count), read=count >= 0))
                    at += abs(count) + 1
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

    def distinct(self, fields: int) -> set[str]:
        """Return the distinct words of `fields`, the empty string between values among them."""
        present = fields & self._present
        known = self._distinct.get(present)
        if known is None:
            known = self._distinct[present] = set(self.field_words(present))
        return known

    def folded(self, fields: int) -> str:
        """Return the words of `fields` with a space before and after each, and one more between two values."""
        present = fields & self._present
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
            self._vocabulary = self.distinct(ALL) - {""}
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

    def field_words(self, fields: int) -> list[str]:
        """Return the words of `fields` in order, an empty string after each value; the list is not to be changed."""
        if fields & self._present == self._present:
            return self.words
        if fields in self.ranges:
            first, end = self.ranges[fields]
            return self.words[first:end]
        found: list[str] = []
        for first, end in self.stretches(fields):
            found += self.words[first:end]
        return found

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
    text = SearchText(entry, frozenset(place.casefold() for place in source_places) if source_places else source_places)
    text.add("ti", (entry.title,))
    text.add("ab", (entry.summary,))
    if entry.keywords:
        text.add("kw", entry.keywords)
    if entry.headings:
        text.add("sh", entry.headings)
        text.heading_keys = frozenset(heading_key(each) for each in entry.headings)
    text.distinct(DEFAULT)  # while the words are at hand
    if entry.publication_types:
        text.add("pt", entry.publication_types)
    if entry.authors:
        text.add("au", entry.authors)
    if entry.journal or entry.publisher:
        text.add("jn", tuple(name for name in (entry.journal, entry.publisher) if name))
    if entry.language and (languages := text.languages):
        text.add("la", (entry.language,) * len(languages), as_words=[(word,) for word in languages])
    if entry.identifiers or entry.issn:
        text.add("ui", tuple(each.value for each in entry.identifiers) + entry.issn)
    if entry.affiliations:
        text.add("ad", entry.affiliations)
    return text
