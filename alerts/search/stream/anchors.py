"""Words to go by: where a leaf is entered in the index, so that a record's own words lead to it.

A single word is entered under itself. A phrase or a proximity is entered under the word of it that seems rarest, with
a second word that must be there too, and with the check that settles it. What has no word to go by (a wildcard at the
beginning) is entered under its pattern and found by trying it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from alerts.search.leaves import AnyLeaf, HeadingLeaf, Leaf, NearLeaf, SpanLeaf, TermLeaf, WindowLeaf
from alerts.search.patterns import is_wild, literal_prefix
from alerts.search.text import SearchText

_MANY = 16
"""Places of one word beyond which a proximity is left to the general way: its time does not grow with their square."""


class WordPair(NamedTuple):
    """A proximity of two plain words in the same fields."""

    left: str
    right: str
    gap: int
    ordered: bool


Check: TypeAlias = str | WordPair | SpanLeaf
"""What settles a leaf whose words are there: a phrase with spaces around each word, a pair of words, or the leaf."""


class Anchor(NamedTuple):
    """A word, or a word with wildcards, of some fields under which a leaf is entered.

    Without a `check` the word alone satisfies the leaf; with one, `second` must be there too, and the check decides.
    """

    fields: int
    pattern: str
    second: str = ""
    check: Check | None = None


def anchors_of(leaf: Leaf) -> Iterator[Anchor]:
    """Yield where a leaf of words is entered."""
    match leaf:
        case TermLeaf() if len(leaf.places) == 1:
            for pattern in leaf.places[0]:
                yield Anchor(leaf.fields, pattern)
        case TermLeaf():
            yield from _phrase(leaf)
        case AnyLeaf():
            for option in leaf.options:
                yield from anchors_of(option)
        case NearLeaf():
            pair = _word_pair(leaf)
            if pair is not None and isinstance(leaf.left, TermLeaf):
                rare, other = sorted((pair.left, pair.right), key=frequency)
                yield Anchor(leaf.left.fields, rare, other, pair)
            else:
                yield from _complex(leaf)
        case WindowLeaf():
            yield from _complex(leaf)
        case _:
            raise TypeError(leaf)


def phrase_anchor(words: Sequence[str], fields: int) -> Anchor:
    """Return where a phrase of plain words is entered."""
    if len(words) == 1:
        return Anchor(fields, words[0])
    rare, other = sorted(words, key=frequency)[:2]
    return Anchor(fields, rare, other, f" {' '.join(words)} ")


def _phrase(leaf: TermLeaf) -> Iterator[Anchor]:
    """Yield where a phrase is entered."""
    if all(len(place) == 1 and not is_wild(place[0]) for place in leaf.places):
        yield phrase_anchor([place[0] for place in leaf.places], leaf.fields)
    else:
        yield from _complex(leaf)


def _word_pair(leaf: NearLeaf) -> WordPair | None:
    """Return a proximity as a pair of plain words of the same fields, if it is one."""
    left, right = leaf.left, leaf.right
    if not (isinstance(left, TermLeaf) and isinstance(right, TermLeaf) and left.fields == right.fields):
        return None
    patterns = [pattern for side in (left, right) for place in side.places for pattern in place]
    if len(patterns) != 2 or len(left.places) != 1 or any(is_wild(pattern) for pattern in patterns):
        return None
    return WordPair(patterns[0], patterns[1], leaf.gap, leaf.ordered)


def _complex(leaf: SpanLeaf) -> Iterator[Anchor]:
    """Yield where a leaf is entered that only the general way settles."""
    for fields, pattern in _rarest(leaf):
        yield Anchor(fields, pattern, "", leaf)


def _rarest(leaf: SpanLeaf) -> list[tuple[int, str]]:
    """Return (fields, pattern) of words one of which must be there, those that seem rarest."""
    match leaf:
        case TermLeaf() | WindowLeaf():
            return min(([(leaf.fields, pattern) for pattern in place] for place in leaf.places), key=_score)
        case NearLeaf():
            return min(_rarest(leaf.left), _rarest(leaf.right), key=_score)
        case AnyLeaf():
            return list(dict.fromkeys(each for option in leaf.options for each in _rarest(option)))


def _score(words: Sequence[tuple[int, str]]) -> float:
    """Estimate how often one of these words is met."""
    return sum(frequency(pattern) for _, pattern in words)


def frequency(pattern: str) -> float:
    """Estimate how often a word is met: one of n letters about two thirds as often as one of n - 1."""
    if not is_wild(pattern):
        return float(0.65 ** len(pattern))
    return float(0.65 ** max(len(literal_prefix(pattern)) - 2, 0))


def leaf_frequency(leaf: Leaf) -> float:
    """Estimate how often a leaf is satisfied, or its anchor met."""
    if isinstance(leaf, HeadingLeaf):
        return 0.05 * (1 if leaf.own_only or leaf.phrases is None else len(leaf.phrases.by_first))
    return sum(frequency(anchor.pattern) for anchor in anchors_of(leaf))


def holds(check: Check, fields: int, text: SearchText) -> bool:
    """Tell whether a record satisfies a check in these fields."""
    if type(check) is str:
        return check in text.folded(fields)
    if type(check) is WordPair:
        return _near(check, fields, text)
    return check.found(text)  # type: ignore[union-attr]  # what is left is a leaf


def _near(pair: WordPair, fields: int, text: SearchText) -> bool:
    """Tell whether two words stand near enough: the words around each place of the left one are looked at."""
    folded = text.folded(fields)
    left, reach = f" {pair.left} ", pair.gap + 1
    at = folded.find(left)
    for _ in range(_MANY):
        if at < 0:
            return False
        if _comes(pair.right, folded[at + len(left) :].split(" ", reach)[:reach]):
            return True
        if not pair.ordered and _comes(pair.right, reversed(folded[:at].rsplit(" ", reach)[-reach:])):
            return True
        at = folded.find(left, at + len(left) - 1)
    sides = [TermLeaf(((word,),), fields) for word in (pair.left, pair.right)]
    return NearLeaf(sides[0], sides[1], pair.gap, pair.ordered).found(text)


def _comes(wanted: str, words: Iterable[str]) -> bool:
    """Tell whether a word comes before the end of a value, which is an empty word."""
    for word in words:
        if not word:
            return False
        if word == wanted:
            return True
    return False
