"""What differs between two titles, word by word: spelling is forgiven, another word or number is not.

Letters in order say little here: "in mice" and "in rats", "hypotension" and "hypertension" are nearly the same letters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

STOP = frozenset(
    re.findall(
        r"\w+",
        """
    a an the of in on for and or to with by from at as is are be between among during after its their this that into
    via using vs versus der die das des dem den und von im zur zum mit bei fur eine einer ein la le les de du et en sur
    dans pour par el los las del y con por para il lo gli di della e nel per o os da do em um uma na no
        """,
    )
)
"""Words that name nothing, in the languages of most titles; also the English "vs"."""
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_ONE_LETTER = {"i": "1", "v": "5", "x": "10"}
_SPELLED = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
}  # fmt: skip
_PARTS = frozenset(
    re.findall(
        r"\w+",
        """
    part volume vol chapter phase wave stage module annex appendix edition version series paper report round tranche
    quarter issue number no week year type class grade group
        """,
    )
)
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
_BEGINNINGS = (
    ("hyper", "hypo", "normo", "eu"), ("pre", "post", "peri", "pro", "ante", "per"), ("macro", "micro"), ("non", ""),
    ("intra", "inter", "extra", "trans"), ("endo", "exo", "ecto", "epi"), ("super", "sub", "supra", "infra"),
    ("uni", "bi", "tri", "mono", "multi", "poly", "di"), ("in", "de", "ex", "im", "un", ""), ("sys", "dias"),
    ("a", "", "an"), ("anti", "pro", ""), ("para", "per", "peri"), ("over", "under"), ("tele", ""),
    ("homo", "hetero"), ("iso", ""),
)  # fmt: skip
"""Beginnings that turn a word into its opposite or into another one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The telling words that only one of two titles has, and the numbers likewise."""

    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    numbers: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def is_exchanged(self) -> bool:
        """True when each title has a word that the other lacks: one thing in the place of another."""
        return bool(self.first and self.second)

    @property
    def numbers_exchanged(self) -> bool:
        """True when each title has a number that the other lacks: another part, year or dose."""
        return bool(self.numbers[0] and self.numbers[1])


SAME = Difference()


@lru_cache(maxsize=16384)
def counted(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with their numbers written one way: `Part II`, `part two`, `2nd` → `2`."""
    found = []
    for before, word in pairwise(("", *words)):
        number = _ROMAN.get(word) or _SPELLED.get(word)
        if number is None and word in _ONE_LETTER and before in _PARTS:
            number = _ONE_LETTER[word]
        ordinal = _ORDINAL.match(word)
        found.append(number or (ordinal[1] if ordinal else word))
    if len(words) > 3 and words[-1] in _ONE_LETTER:
        found[-1] = _ONE_LETTER[words[-1]]
    return tuple(found)


def is_part(words: tuple[str, ...], after: int) -> bool:
    """Tell whether a title goes on, after so many words, as a part or an edition: "part 2 …", "II", "2019"."""
    rest = counted(words)[after:]
    if len(rest) > 1 and rest[0] in _PARTS and rest[1][:1].isdigit():
        return True
    return len(rest) > 0 and all(word[:1].isdigit() for word in rest)


def difference(one: tuple[str, ...], other: tuple[str, ...]) -> Difference:
    """Return what differs between two titles, given as words."""
    if one == other:
        return SAME
    one, other = counted(one), counted(other)
    counts, others = Counter(one), Counter(other)
    mine = [word for word in (counts - others).elements() if word not in STOP]
    theirs = [word for word in (others - counts).elements() if word not in STOP]
    if not mine and not theirs:
        return SAME
    if "".join(one) == "".join(other):
        return SAME
    if 3 * sum((counts & others).values()) >= min(len(one), len(other)):  # else they are two titles, however spelled
        mine, theirs = _unjoined(mine, theirs, other)
        theirs, mine = _unjoined(theirs, mine, one)
        mine, theirs = _respelled(mine, theirs)
    numbers = (
        tuple(word for word in mine if any(map(str.isdigit, word))),
        tuple(word for word in theirs if any(map(str.isdigit, word))),
    )
    if all(numbers) and len(numbers[0]) == len(numbers[1]) and _digits(numbers[0]) == _digits(numbers[1]):
        numbers = ((), ())  # the same number with other letters stuck to it is a matter of words
    first = tuple(word for word in mine if word not in numbers[0])
    second = tuple(word for word in theirs if word not in numbers[1])
    return Difference(first, second, numbers)


def _digits(words: Sequence[str]) -> list[str]:
    return sorted("".join(filter(str.isdigit, word)) for word in words)


def is_slip(one: str, other: str) -> bool:
    """Tell whether two words may be one by a slip of the pen, at its beginning too; only with a strong witness."""
    shorter = min(len(one), len(other))
    if shorter < 3 or _opposed(one, other):
        return False
    if _digits([one]) != _digits([other]):
        return False
    most = 1 if shorter < 7 else 2
    return OSA.distance(one, other, score_cutoff=most) <= most


_MOST_JOINED = 12
"""Words looked at for how they are divided; titles with more words of their own are two."""


def _unjoined(mine: Sequence[str], theirs: list[str], other: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Forgive words that the other title writes as two or three (`non immune`, `WR 238605`)."""
    long = [word for word in mine if len(word) >= 4]
    if not long or len(mine) > _MOST_JOINED:
        return list(mine), theirs
    joins = {"".join(other[at : at + n]): other[at : at + n] for n in (2, 3) for at in range(len(other) - n + 1)}
    kept, rest = [], list(theirs)
    for word in mine:
        parts = joins.get(word) if len(word) >= 4 else None
        if parts is None:
            kept.append(word)
            continue
        for part in parts:
            if part in rest:
                rest.remove(part)
    return kept, rest


_MOST_RESPELLED = 100
"""Pairs of words looked at for spelling; titles with more words of their own than that are two."""


def _respelled(mine: list[str], theirs: list[str]) -> tuple[list[str], list[str]]:
    """Forgive words that are the same but for spelling."""
    if not mine or not theirs or len(mine) * len(theirs) > _MOST_RESPELLED:
        return mine, theirs
    kept, rest = [], list(theirs)
    for word in mine:
        close = next((each for each in rest if same_word(word, each)), None)
        if close is None:
            kept.append(word)
        else:
            rest.remove(close)
    return kept, rest


_FOLDS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("ll", "l"), ("ys", "yz"), ("is", "iz"), ("ph", "f"))


@lru_cache(maxsize=16384)
def folded(word: str) -> str:
    """Return a word without what British, American and careless spelling make of it."""
    for one, other in _FOLDS:
        word = word.replace(one, other)
    return word


def same_word(one: str, other: str) -> bool:
    """Tell whether two words are one word spelled or inflected otherwise, and not its opposite."""
    if one[0] != other[0] and folded(one)[0] != folded(other)[0]:
        return False
    if not (one.isalpha() and other.isalpha()):
        return False
    if folded(one) == folded(other):
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 4:
        return False
    inflected = len(longer) - len(shorter) <= 2 and longer.startswith(shorter[:-1])
    most = 2 if len(shorter) >= 9 else 1
    slipped = len(shorter) >= 5 and one[:2] == other[:2] and OSA.distance(one, other, score_cutoff=most) <= most
    return (inflected or slipped) and not _opposed(one, other)


def _opposed(one: str, other: str) -> bool:
    for beginnings in _BEGINNINGS:
        for begin in beginnings:
            if not one.startswith(begin):
                continue
            rest = one[len(begin) :]
            if len(rest) >= 3 and any(other == each + rest for each in beginnings if each != begin):
                return True
    return {one, other} == {"male", "female"}
