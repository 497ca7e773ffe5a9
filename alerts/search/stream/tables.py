"""The words of one set of fields, and what is entered under each.

Three sets of numbers are gathered from a record's words: programs whose first requirement is met, programs whose second
is, and everything else that is met. What words lead to is looked up once per distinct word of the stream and then
remembered, truncated terms included.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from alerts.search.patterns import accepts, is_prefix_only, is_wild, literal_prefix, literal_suffix, matcher
from alerts.search.stream.anchors import Anchor, Check

FIRST, SECOND, OTHER = range(3)
"""Roles: what a number is gathered as."""

Target: TypeAlias = tuple[int, int]
"""A role and a number."""

MOST_KNOWN = 32_768
"""Distinct words remembered with what they lead to."""

_MANY_PATTERNS = 1000
"""Patterns with the same beginning that are worth a compiled expression each."""


class Probe(NamedTuple):
    """A number that is gathered in a role only if a check holds."""

    check: Check
    role: int
    number: int


class Posting(NamedTuple):
    """What one word leads to: numbers for each role, and probes.

    A probe is made only where the word of `beside` in the same place is in the record too (it may be empty).
    """

    firsts: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    beside: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()

    def entered(self, target: Target) -> Posting:
        """Return this posting with one number more."""
        role, number = target
        if role == FIRST:
            return self._replace(firsts=(*self.firsts, number))
        if role == SECOND:
            return self._replace(seconds=(*self.seconds, number))
        return self._replace(others=(*self.others, number))

    def without(self, target: Target) -> Posting:
        """Return this posting with one number fewer."""
        role, number = target
        if role == FIRST:
            return self._replace(firsts=_without(self.firsts, number))
        if role == SECOND:
            return self._replace(seconds=_without(self.seconds, number))
        return self._replace(others=_without(self.others, number))


NOTHING = Posting()


def _without(part: tuple[int, ...], item: int) -> tuple[int, ...]:
    """Return a tuple without the first of the items that equal `item`."""
    at = part.index(item)
    return part[:at] + part[at + 1 :]


def together(postings: Iterable[Posting]) -> Posting | None:
    """Return several postings as one, `None` when there is nothing in them."""
    some = [each for each in postings if each is not NOTHING]
    if len(some) < 2:
        return some[0] if some else None
    return Posting(*(tuple(chain.from_iterable(parts)) for parts in zip(*some, strict=True)))


class _Known(dict[str, "Posting | None"]):
    """What each word leads to, worked out when it is first met."""

    __slots__ = ("_table",)

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, word: str) -> Posting | None:
        if len(self) >= MOST_KNOWN:
            self.clear()
        found = self[word] = self._table.looked_up(word)
        return found


class Table:
    """Everything that is entered under words of one set of fields."""

    __slots__ = ("_beginnings", "_beside", "_lengths", "_patterns", "_words", "fields", "known")

    def __init__(self, fields: int) -> None:
        self.fields = fields
        self._words: dict[str, Posting] = {}
        self._beginnings: dict[str, Posting] = {}
        self._patterns: dict[str, dict[tuple[str, str], Posting]] = {}
        self._lengths: dict[int, int] = {}
        self._beside: dict[str, int] = {}
        self.known = _Known(self)

    def __bool__(self) -> bool:
        return bool(self._words or self._beginnings or self._patterns)

    def enter(self, anchor: Anchor, target: Target) -> None:
        """Enter a number under a word or a word with wildcards."""
        postings, word = self._place(anchor.pattern)
        before = postings.get(word, NOTHING)
        if anchor.check is None:
            postings[word] = before.entered(target)
        else:
            probes = (*before.probes, Probe(anchor.check, *target))
            postings[word] = before._replace(beside=(*before.beside, anchor.second), probes=probes)
            self._beside[anchor.second] = self._beside.get(anchor.second, 0) + 1
        self.known.clear()

    def take_out(self, anchor: Anchor, target: Target) -> None:
        """Take out what was entered so."""
        postings, word = self._place(anchor.pattern)
        before = postings[word]
        if anchor.check is None:
            after = before.without(target)
        else:
            at = before.probes.index(Probe(anchor.check, *target))
            beside, probes = before.beside, before.probes
            after = before._replace(beside=beside[:at] + beside[at + 1 :], probes=probes[:at] + probes[at + 1 :])
            self._beside[anchor.second] -= 1
            if not self._beside[anchor.second]:
                del self._beside[anchor.second]
        if any(after):
            postings[word] = after
        else:
            del postings[word]
            self._forget(anchor.pattern)
        self.known.clear()

    def _place(self, pattern: str) -> tuple[dict[Any, Posting], str | tuple[str, str]]:
        """Return the postings that a pattern belongs to, and its name there: with its end, if that is not all."""
        if not is_wild(pattern):
            return self._words, pattern
        prefix = literal_prefix(pattern)
        if is_prefix_only(pattern):
            if prefix not in self._beginnings:
                self._lengths[len(prefix)] = self._lengths.get(len(prefix), 0) + 1
            return self._beginnings, prefix
        if prefix not in self._patterns:
            self._lengths[len(prefix)] = self._lengths.get(len(prefix), 0) + 1
        return self._patterns.setdefault(prefix, {}), (literal_suffix(pattern), pattern)

    def _forget(self, pattern: str) -> None:
        """Forget a beginning that nothing is entered under any more."""
        if not is_wild(pattern):
            return
        prefix = literal_prefix(pattern)
        if not is_prefix_only(pattern):
            if self._patterns[prefix]:
                return
            del self._patterns[prefix]
        self._lengths[len(prefix)] -= 1
        if not self._lengths[len(prefix)]:
            del self._lengths[len(prefix)]

    def looked_up(self, word: str) -> Posting | None:
        """Return everything that a word leads to, `None` when nothing asks for it."""
        if not word:
            return None
        found = [self._words.get(word, NOTHING)]
        for length in self._lengths:
            if length > len(word):
                continue
            beginning = word[:length]
            found.append(self._beginnings.get(beginning, NOTHING))
            patterns = self._patterns.get(beginning, {})
            quick = len(patterns) <= _MANY_PATTERNS
            for (end, pattern), posting in patterns.items():
                if word.endswith(end) and (matcher(pattern)(word) if quick else accepts(pattern, word)):
                    found.append(posting)
        return together(found) or (NOTHING if word in self._beside else None)
