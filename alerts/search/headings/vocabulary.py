"""Headings, their entry terms and what lies below them, as far as matching needs to know.

A vocabulary maps every name of a heading (its own, its entry terms, old names) to the heading, and a heading to the
headings below it. It is built once, kept in memory, and shared by all strategies; readers for NLM's files are in
`alerts.search.headings.vocabulary_files`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from alerts.search.headings.everyday import EVERYDAY
from alerts.search.headings.old_headings import OLD_HEADINGS
from alerts.search.tokens import words

Key = tuple[str, ...]

_A_SLIP = 85
"""How alike, of 100, two names are of which one is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A heading: its name, entry terms and places in the tree (`C04.588.894`)."""

    name: str
    entry_terms: tuple[str, ...] = ()
    tree_numbers: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    ui: str = ""


@dataclass(slots=True, eq=False)
class Vocabulary:
    """All headings of one or more vocabularies. `label` says which, for notes and JSON output."""

    label: str = ""
    renamed: dict[Key, str] = field(default_factory=dict)
    _formerly: dict[Key, Key] = field(default_factory=dict)
    _by_key: dict[Key, Descriptor] = field(default_factory=dict)
    _entries: dict[Key, Key] = field(default_factory=dict)
    _numbers: list[tuple[str, Key]] = field(default_factory=list)
    _sorted: bool = True
    _digest: str = ""
    _beginning: dict[str, list[Key]] = field(default_factory=dict, repr=False)
    """The headings by the beginnings of their words, filled when the nearest one is first asked for."""
    meanings: dict[tuple[Key, bool], Any] = field(default_factory=dict, repr=False)
    """Meanings of headings worked out so far (`headings.HeadingMeaning`), shared by all strategies."""

    def add(self, descriptor: Descriptor) -> None:
        """Add one heading; a library's own words for a heading that is there already are added to it."""
        key = key_of(descriptor.name)
        known = self._by_key.get(key)
        self._by_key[key] = descriptor if known is None else _united(known, descriptor)
        for term in descriptor.entry_terms:
            self._entries.setdefault(key_of(term), key)
        self._numbers.extend((number, key) for number in descriptor.tree_numbers)
        self._sorted = False
        self._digest = ""
        self._beginning.clear()
        self.meanings.clear()

    def rename(self, old: str, new: str) -> None:
        """Record that the heading `old` is now called `new` (an empty text: it was removed).

        Either name finds the heading, whichever of them the vocabulary has.
        """
        self.renamed[key_of(old)] = new
        self._formerly[key_of(new)] = key_of(old)
        self._digest = ""
        self.meanings.clear()

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Descriptor]:
        return iter(self._by_key.values())

    @property
    def revision(self) -> str:
        """A hash of everything in the vocabulary that decides matches."""
        if not self._digest:
            digest = blake2b(digest_size=8)
            for each in self._by_key.values():
                digest.update(repr((each.name, each.entry_terms, each.tree_numbers, each.narrower)).encode())
            digest.update(repr(sorted(self.renamed.items())).encode())
            self._digest = digest.hexdigest()
        return self._digest

    def find(self, name: str) -> Descriptor | None:
        """Return the heading called `name`: by its own name, an entry term or an old name."""
        key = key_of(name)
        return (
            self._called(key)
            or self._called(key_of(self.now_called(name) or ""))
            or self._called(self._formerly.get(key, ()))
        )

    def now_called(self, name: str) -> str | None:
        """Return the new name of a heading that was renamed; an empty text when it was removed, None when neither."""
        key = key_of(name)
        new = self.renamed.get(key)
        if new is None and key not in self._by_key and key_of(OLD_HEADINGS.get(key, "")) in self._by_key:
            return OLD_HEADINGS[key]
        # a name that the vocabulary has beside the new one has been given to another heading
        return None if key in self._by_key and key_of(new or "") in self._by_key else new

    def _called(self, key: Key) -> Descriptor | None:
        """Return the heading with this name or entry term."""
        return self._by_key.get(key) or self._by_key.get(self._entries.get(key, ()))

    def is_own_name(self, name: str) -> bool:
        """Tell whether `name` is a heading's own name rather than an entry term."""
        return key_of(name) in self._by_key

    def below(self, descriptor: Descriptor) -> list[Descriptor]:
        """Return the headings below `descriptor`, itself first, each once."""
        self._sort()
        found: dict[int, Descriptor] = {id(descriptor): descriptor}
        waiting = [descriptor]
        while waiting:
            current = waiting.pop()
            named = [child for name in current.narrower if (child := self.find(name)) is not None]
            for nth, child in enumerate((*named, *self._under(current))):
                if id(child) not in found:
                    found[id(child)] = child
                    if child.narrower or nth < len(named):  # what lies below in the tree has been reached already
                        waiting.append(child)
        return list(found.values())

    def _sort(self) -> None:
        """Bring tree numbers in order, so that a subtree is one stretch."""
        if not self._sorted:
            self._numbers.sort(key=lambda each: each[0])
            self._sorted = True

    def _under(self, descriptor: Descriptor) -> Iterator[Descriptor]:
        """Yield the headings whose tree numbers lie below one of the descriptor's."""
        for number in descriptor.tree_numbers:
            prefix = number + "."
            at = bisect_left(self._numbers, prefix, key=lambda each: each[0])
            while at < len(self._numbers) and self._numbers[at][0].startswith(prefix):
                yield self._by_key[self._numbers[at][1]]
                at += 1

    def nearest(self, name: str) -> str:
        """Return the heading whose name is nearest to `name`, or an empty text."""
        from rapidfuzz import fuzz, process  # only for a heading that is not there: it takes time to load

        wanted = words(name)
        if not self._beginning:
            for key in self._by_key:
                for word in key:
                    self._beginning.setdefault(word[:4], []).append(key)
        sharing = {" ".join(key): key for word in wanted for key in self._beginning.get(word[:4], ())}
        close = process.extractOne(" ".join(wanted), sharing.keys(), scorer=fuzz.ratio, score_cutoff=_A_SLIP)
        found = sharing[close[0]] if close is not None else self._about(wanted, sharing.values())
        return self._by_key[found].name if found is not None else ""

    def _about(self, wanted: Sequence[str], keys: Iterable[Key]) -> Key | None:
        """Return the heading that begins with all the words wanted, or has them, the broadest of several; else the
        longest of which the name says more.
        """
        asked, least = set(wanted), 0.4 * len("".join(wanted))
        wider: list[Key] = []
        within: list[Key] = []
        for key in keys:
            if asked <= set(key):
                wider.append(key)
            elif set(key) <= asked and len("".join(key)) >= least:
                within.append(key)
        if wider:
            first = [key for key in wider if key[: len(wanted)] == tuple(wanted)]
            return min(first or wider, key=self._breadth)
        return max(within, key=lambda key: len("".join(key)), default=None)

    def _breadth(self, key: Key) -> tuple[int, int, Key]:
        """Return what broader headings have less of: places below the top of the tree, letters."""
        levels = (number.count(".") for number in self._by_key[key].tree_numbers)
        return min(levels, default=99), len("".join(key)), key


def _united(one: Descriptor, other: Descriptor) -> Descriptor:
    """Return what two vocabularies say of one heading."""
    return Descriptor(
        one.name,
        tuple(dict.fromkeys((*one.entry_terms, *other.entry_terms))),
        tuple(dict.fromkeys((*one.tree_numbers, *other.tree_numbers))),
        tuple(dict.fromkeys((*one.narrower, *other.narrower))),
        one.ui or other.ui,
    )


def key_of(name: str) -> Key:
    """Return a heading's name as words: how it is compared."""
    return tuple(words(name))


def natural_orders(name: str) -> list[Key]:
    """Return a heading's words as written and, when it is inverted (`Smoking, Passive`), as one would say it."""
    orders = [key_of(name)]
    parts = [part for part in name.split(", ") if part.strip()]
    if 1 < len(parts) <= 4:
        natural = tuple(word for part in reversed(parts) for word in words(part))
        if natural not in orders:
            orders.append(natural)
    return [order for order in orders if order]


_MOST_WORDS = 16
"""Words of the longest name that is looked for: beyond are formulas."""


def usable(term: str, key: Key) -> bool:
    """Tell whether an entry term may be looked for in a text: not an everyday phrase, not very short, not a formula."""
    if key in EVERYDAY or not key or len(key) > _MOST_WORDS:
        return False
    if len(key) == 1:
        return len(key[0]) >= 4 or (len(key[0]) == 3 and term.isupper() and key[0].isalpha())
    return sum(len(word) for word in key) >= 5


def surface(descriptor: Descriptor, *, own: bool) -> tuple[set[Key], list[str]]:
    """Return the phrases by which a text may mention a heading, and the entry terms that are not used as words.

    `own` headings were named by the librarian: their own name counts however short or everyday it is.
    """
    phrases: set[Key] = set()
    left_out: list[str] = []
    for nth, name in enumerate((descriptor.name, *descriptor.entry_terms)):
        for key in natural_orders(name):
            if usable(name, key) or (own and (nth == 0 or _same_word(key, descriptor.name))):
                phrases.add(key)
            elif name not in left_out[-1:] and len(key) <= _MOST_WORDS:
                left_out.append(name)
    return phrases, left_out


def _same_word(key: Key, name: str) -> bool:
    """Tell whether an entry term is the heading's own single word in another form (`Children` of `Child`)."""
    own = key_of(name)
    return len(key) == len(own) == 1 and key[0][:4] == own[0][:4]


def vocabulary_of(descriptors: Iterable[Descriptor], label: str = "") -> Vocabulary:
    """Return a vocabulary of these headings."""
    made = Vocabulary(label)
    for each in descriptors:
        made.add(each)
    return made
