"""Titles compared as a librarian would: same words, whatever the case, accents, dashes and mark-up; numbers matter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape

from rapidfuzz import fuzz

from alerts.identify.comparing import wording
from alerts.identify.comparing.wording import Difference
from alerts.model.text import ascii_words

_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|inf|sc|scp|it|ital|italic|bold|span|p|br|mml:\w+|jats:\w+)(?:\s[^<>]*)?/?>", re.I
)
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss"}
    | dict(
        zip(
            "αβγδεζηθικλμνξοπρστυφχψω",
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon"  # noqa: SIM905
            " phi chi psi omega".split(),
            strict=True,
        )
    )
)
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
    board papers; board meeting; editorial comment; editorial comments; editorial commentary; guest editorial;
    invited commentary; invited comment; introduction to special issue; letter from editor; message from editor;
    message from president; presidents message; president s message; about this issue; in memoriam; quiz; photo quiz;
    image of month; case of month; meeting report; meeting abstracts; oral presentations; poster presentations
    """,
    )
)


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`: mark-up gone, accents and case folded, Greek spelled out, `&` read as "and"."""
    if "<" in text or "&" in text:
        text = unescape(_TAG.sub("", unescape(text)))
        text = _TAG.sub("", text)
    text = text.replace("&", " and ").replace("’s", "s").replace("'s", "s")
    if text.isascii():
        return tuple(ascii_words(text))
    flat = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return tuple(_WORD.findall(flat.casefold().replace("ς", "σ").translate(_LETTERS)))


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
    return alike(words(one), words(other))


def alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return how alike two titles are that are given as words."""
    first, second = " ".join(one), " ".join(other)
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


@lru_cache(maxsize=8192)
def difference(one: str, other: str) -> Difference:
    """Return what differs between two titles, word by word."""
    return wording.difference(words(one), words(other))


def numbers_differ(one: str, other: str) -> bool:
    """Tell whether two titles carry different numbers: another year, part or edition is another publication."""
    return any(difference(one, other).numbers)


def parts_differ(one: str, other: str) -> bool:
    """Tell whether two titles are the same but for the number of a part ("Part 1", "Part 2")."""
    return numbers_differ(one, other) and likeness(one, other) >= 0.85
