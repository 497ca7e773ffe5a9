"""Words with wildcards.

Whatever the dialect writes, a pattern is kept in one form: letters and digits stand for themselves, `*` for any run of
letters and digits, `#` for exactly one and `?` for one or none (`smok*3` is kept as `smok???`). Matching takes time in
proportion to pattern times word, however many wildcards there are: patterns that a backtracking engine could be slow on
are run as a set of states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from alerts.search.tokens import fold_char

WILD = frozenset("*#?")
_LIMITED = re.compile(r"(.*[^*])\*+(\d{1,2})", re.DOTALL)
_SAFE_GROUPS = 2
"""Optional or unbounded stretches that a regular expression may hold and still be fast."""


def is_wild(word: str) -> bool:
    """Tell whether `word` holds a wildcard."""
    return not WILD.isdisjoint(word)


def literal_prefix(word: str) -> str:
    """Return what every word that the pattern accepts must begin with."""
    for at, char in enumerate(word):
        if char in WILD:
            return word[:at]
    return word


def literal_suffix(word: str) -> str:
    """Return what every word that the pattern accepts must end with."""
    return literal_prefix(word[::-1])[::-1]


def is_prefix_only(word: str) -> bool:
    """Tell whether the pattern is a plain truncation: letters, then `*`, then nothing."""
    return word.endswith("*") and WILD.isdisjoint(word[:-1])


def letters(word: str) -> int:
    """Number of characters that the pattern fixes."""
    return sum(1 for char in word if char not in WILD)


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that tells whether a whole word satisfies `pattern`."""
    groups = re.findall(r"\*+|\?+", pattern)
    if len(groups) <= _SAFE_GROUPS:
        compiled = re.compile(_expression(pattern), re.DOTALL)
        return lambda word: compiled.fullmatch(word) is not None
    return lambda word: accepts(pattern, word)


def _expression(pattern: str) -> str:
    """Return the pattern as a regular expression."""
    parts: list[str] = []
    for piece in re.findall(r"\*+|\?+|#|[^*?#]+", pattern):
        if piece[0] == "*":
            parts.append(".*")
        elif piece[0] == "?":
            parts.append(f".{{0,{len(piece)}}}")
        else:
            parts.append("." if piece == "#" else re.escape(piece))
    return "".join(parts)


def accepts(pattern: str, word: str) -> bool:
    """Tell whether a whole word satisfies `pattern`, run over it as a set of states: no backtracking."""
    states = _with_skips(pattern, {0})
    for char in word:
        following: set[int] = set()
        for state in states:
            if state == len(pattern):
                continue
            wanted = pattern[state]
            if wanted == "*":
                following.add(state)
            elif wanted in "#?" or wanted == char:
                following.add(state + 1)
        states = _with_skips(pattern, following)
        if not states:
            return False
    return len(pattern) in states


def _with_skips(pattern: str, states: set[int]) -> set[int]:
    """Add the states that are reached without reading anything."""
    waiting = list(states)
    reached = set(states)
    while waiting:
        state = waiting.pop()
        if state < len(pattern) and pattern[state] in "*?" and state + 1 not in reached:
            reached.add(state + 1)
            waiting.append(state + 1)
    return reached


def patterns_in(text: str, wildcards: Mapping[str, str]) -> tuple[str, ...]:
    """Read the words of a piece of a strategy, wildcards included.

    `wildcards` says what each wildcard character of the dialect means (`{"$": "*", "#": "#"}`). A wildcard counts as
    part of a word only when it touches a letter or digit; digits after a truncation limit it (`smok*3`). A colon
    between digits (`1:2`) separates them.
    """
    found: list[str] = []
    current: list[str] = []
    for at, char in enumerate(text):
        following = text[at + 1] if at + 1 < len(text) else ""
        if char == ":" and current and current[-1].isdigit() and following.isdigit():
            found.append("".join(current))
            current = []
            continue
        if char in wildcards:
            touches = bool(current) or bool(following and fold_char(following).strip())
            if touches:
                current.append(wildcards[char])
            continue
        for piece in fold_char(char):
            if piece != " ":
                current.append(piece)
            elif current:
                found.append("".join(current))
                current = []
    if current:
        found.append("".join(current))
    return tuple(_limited(word) for word in found if letters(word) or "*" in word)


def _limited(word: str) -> str:
    """Turn `smok*3` into `smok???` and collapse doubled truncations."""
    limit = _LIMITED.fullmatch(word)
    if limit:
        return re.sub(r"\*{2,}", "*", limit.group(1)) + "?" * int(limit.group(2))
    return re.sub(r"\*{2,}", "*", word)
