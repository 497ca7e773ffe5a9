"""Titles compared as a librarian would: same words, whatever the case, accents, dashes and mark-up; numbers matter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

_WORD = re.compile(r"[^\W_]+")
_KEY_LENGTH = 32
_ARTICLES = frozenset({"a", "an", "the"})
_GENERIC = frozenset(
    " ".join(word for word in each.split() if word not in _ARTICLES)
    for each in re.split(
        ";",
        """
    editorial; editorials; in this issue; contents; table of contents; issue information; issue highlights;
    highlights; masthead; front cover; back cover; cover; cover image; cover picture; inside front cover;
    inside back cover; editorial board; news; news in brief; in brief; letters; letter; letter to the editor;
    letters to the editor; correspondence; obituary; obituaries; book review; book reviews; reviews;
    research highlights; erratum; errata; correction; corrections; corrigendum; retraction;
    expression of concern; introduction; preface; foreword; index; author index; subject index; announcement;
    announcements; calendar; comment; comments; commentary; response; reply; authors reply; author reply;
    the author replies; the authors reply; authors response; in reply; annual report; annual report and accounts;
    minutes; agenda; newsletter; bulletin; weekly update; monthly update; weekly bulletin; press release;
    untitled item; no title; title; from the editor; from the editors; editors choice; editor s choice;
    editors note; editor s note; this week; this month; abstracts; conference abstracts; poster abstracts;
    reviewer acknowledgement; reviewer acknowledgements; acknowledgement of reviewers; reviewers;
    department of error; perspective; perspectives; viewpoint; images; clinical images; correction notice;
    publications; statistics; report; reports; update; updates; events; blog; podcast; briefing; statement;
    summary; publisher s note; thank you to reviewers; information for authors; instructions for authors;
    board papers; board meeting
    """,
    )
)
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_SPELLED = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"} | {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
}  # fmt: skip
_PARTS = frozenset(
    re.findall(
        r"\w+",
        """
    part volume vol chapter phase wave stage module annex appendix edition version series paper report round tranche
    quarter issue number no week year
        """,
    )
)


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`: compatibility forms, accents and case folded, `&` read as "and"."""
    flat = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("’s", "s").replace("'s", "s"))
    flat = "".join(char for char in flat if not unicodedata.combining(char)) if not flat.isascii() else flat
    return tuple(_WORD.findall(flat.casefold()))


@lru_cache(maxsize=8192)
def title_key(title: str) -> str:
    """Return the block that a title belongs to: its first 32 letters and digits.

    Titles with the same key are compared; others never are. A leading article, spacing, dashes and what
    follows a long beginning (a subtitle, a cut-off end) do not change it. Empty for titles that would block nothing
    useful together: generic and very short ones.
    """
    found = list(words(title))
    while found and found[0] in _ARTICLES:
        found.pop(0)
    key = "".join(found)
    return "" if len(key) < 8 or is_generic(title) else key[:_KEY_LENGTH]


def is_generic(title: str) -> bool:
    """Tell whether a title names a kind of item, not one item ("Editorial", "In this issue", "Annual report 2026")."""
    plain = [word for word in words(title) if not word.isdigit() and word not in _ARTICLES]
    text = " ".join(plain)
    return text in _GENERIC or len(text) < 4


def is_short(title: str) -> bool:
    """Tell whether a title is too short to name one publication by itself."""
    found = words(title)
    return len(found) < 4 or sum(map(len, found)) < 20


@lru_cache(maxsize=8192)
def likeness(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1: by letters in order, so that a changed word costs what it is long."""
    first, second = " ".join(words(one)), " ".join(words(other))
    if first == second:
        return 1.0
    whole: float = max(fuzz.ratio(first, second), fuzz.token_sort_ratio(first, second)) / 100
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= 40 and longer.startswith(shorter):
        return max(whole, 0.97)  # one of them lost or gained a subtitle
    return whole


_CUT = re.compile(r"\s*(?:…|\.{3}|\[\s*(?:…|\.{2,3})\s*\])\s*$")


def aligned(one: str, other: str) -> tuple[str, str]:
    """Return two titles to compare; where one was cut off at "…", the other is cut at the same place."""
    if bool(_CUT.search(one)) == bool(_CUT.search(other)):
        return one, other
    is_cut = bool(_CUT.search(one))
    short, whole = (_CUT.sub("", one), other) if is_cut else (_CUT.sub("", other), one)
    if len(short) < _SHORTEST_CUT or not "".join(words(whole)).startswith("".join(words(short))):
        return one, other
    cut = " ".join(words(short))
    return cut, cut


_SHORTEST_CUT = 25
"""So many characters of a title that was cut off still name it."""


def shares_words(one: str, other: str) -> float:
    """Return how far the shorter title's words are among the longer's, 0 to 1: kind to additions."""
    return float(fuzz.token_set_ratio(" ".join(words(one)), " ".join(words(other)))) / 100


def _numbers(title: str) -> tuple[str, ...]:
    found = words(title)
    numbers = {word for word in found if any(char.isdigit() for char in word)}
    for before, word in pairwise(found):
        if before in _PARTS:
            numbers.add(_ROMAN.get(word, _SPELLED.get(word, "")))
    if found:
        numbers.add(_ROMAN.get(found[-1], "") if len(found) > 3 else "")
    return tuple(sorted(numbers - {""}))


def numbers_differ(one: str, other: str) -> bool:
    """Tell whether two titles carry different numbers: another year, part or edition is another publication."""
    first, second = _numbers(one), _numbers(other)
    if first == second:
        return False
    return bool(set(first) ^ set(second)) and not _only_joined(one, other)


def _only_joined(one: str, other: str) -> bool:
    """Tell whether the titles are the same letters, only divided otherwise (`PM 2.5`, `PM2.5`)."""
    return "".join(words(one)) == "".join(words(other))


def parts_differ(one: str, other: str) -> bool:
    """Tell whether two titles are the same but for the number of a part ("Part 1", "Part 2")."""
    return numbers_differ(one, other) and likeness(one, other) >= 0.85
