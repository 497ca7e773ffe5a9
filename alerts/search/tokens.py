"""The one tokeniser, for strategies and records alike.

Format characters (zero-width space, soft hyphen, bidi marks) are removed, text is normalised as NFKC would do it,
case-folded and stripped of diacritics (Unicode Standard Annex #15); a word is a run of letters and digits and
everything else separates words. Mark-up that slipped into a text is read as a browser would: block tags separate
words, inline tags do not, so that `CO<sub>2</sub>` is the one word `co2`.

Offsets are code points of the text as given. A soft hyphen, an accent written as a character of its own or a tag inside
a word belong to the word.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_MARKUP = re.compile(r"</?((?:[a-zA-Z]{1,8}:)?[a-zA-Z][a-zA-Z0-9]{0,14})(?:\s[^<>]{0,500})?/?>|&(#?[0-9a-zA-Z]{1,31});")
_INLINE = frozenset(
    str.split(
        "a abbr acronym b bdi bdo big bold cite code data del dfn em font i ins italic kbd mark q s samp sc small span"
        " strike strong sub sup time tt u underline var wbr",
        " ",
    )
)
_BLOCK = frozenset(
    str.split(
        "address article aside blockquote br caption center dd div dl dt fieldset figcaption figure footer"
        " form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead title"
        " tr ul",
        " ",
    )
)


class Token(NamedTuple):
    """A word and its place: code points [start, end) of the text it was read from."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=8192)
def fold_char(char: str) -> str:
    """Return what one character contributes to a folded text: letters and digits, a space, or nothing at all."""
    kept: list[str] = []
    category = unicodedata.category(char)
    if category == "Cf" or category[0] == "M":
        return ""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    for part in decomposed:
        kind = unicodedata.category(part)
        if kind[0] == "M" or kind == "Cf":
            continue
        kept.append(part if part.isalnum() else " ")
    return "".join(kept) or " "


class _FoldTable(dict[int, str]):
    """A table for `str.translate` that learns each character when it first meets it."""

    def __missing__(self, codepoint: int) -> str:
        folded = fold_char(chr(codepoint))
        if len(self) < 8192:
            self[codepoint] = folded
        return folded


_TABLE = _FoldTable()


def fold(text: str) -> str:
    """Return `text` folded: words as `words` gives them, everything else as spaces. Offsets are not kept."""
    return text.translate(_TABLE)


_ASCII = "".join(fold_char(chr(codepoint)) for codepoint in range(128))
"""What each ASCII character reads as: by far the quickest way to fold a text that has no others."""

_OTHER = re.compile(r"[^\x00-\x7f]")
_FEW = 24
"""Characters beyond ASCII, distinct ones, that are replaced one by one; a text with more is folded as a whole."""


class _Shared(dict[str, str]):
    """Each word as one object, however many records have it: less memory, and quicker to look up."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_SHARED:
            self.clear()
        self[word] = word
        return word


_MOST_SHARED = 65_536
_one_of_a_kind = _Shared().__getitem__


def words(text: str) -> list[str]:
    """Return the words of `text`, folded, in order."""
    if ("<" in text and ">" in text) or ("&" in text and ";" in text):
        return [token.word for token in tokenise(text)]
    if not text.isascii():
        others = set(_OTHER.findall(text))
        if len(others) > _FEW:
            return text.translate(_TABLE).split()
        for char in others:
            text = text.replace(char, _TABLE[ord(char)])
        if not text.isascii():  # letters that stay what they are, such as Greek ones
            return text.translate(_TABLE).split()
    return list(map(_one_of_a_kind, text.translate(_ASCII).split()))


_regular: set[str] = set()
"""Characters met so far that fold to exactly one character."""


def _is_regular(text: str) -> bool:
    """Tell whether folding keeps the length of `text`, so that offsets stay what they are."""
    new = set(text) - _regular
    if not new:
        return True
    regular = {char for char in new if len(fold_char(char)) == 1}
    if len(_regular) < 8192:
        _regular.update(regular)
    return len(regular) == len(new)


def tokenise(text: str) -> list[Token]:
    """Return the words of `text` with their places."""
    if ("<" in text and ">" in text) or ("&" in text and ";" in text):
        return _tokenise_irregular(text, _markup(text))
    if text.isascii():
        return [Token(found.group(), found.start(), found.end()) for found in _WORD.finditer(text.lower())]
    if _is_regular(text):
        return [Token(found.group(), found.start(), found.end()) for found in _WORD.finditer(text.translate(_TABLE))]
    return _tokenise_irregular(text, [])


def _entity(name: str) -> str | None:
    """Return the character that `&name;` stands for, or `None` when there is no such name."""
    if not name.startswith("#"):
        return html.entities.html5.get(name + ";")
    digits = name[1:]
    try:
        number = int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
        return chr(number)
    except (ValueError, OverflowError):
        return None


def _markup(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, what it reads as) of each tag and character reference of `text`."""
    found: list[tuple[int, int, str]] = []
    for match in _MARKUP.finditer(text):
        tag, entity = match.group(1), match.group(2)
        if tag is not None:
            prefix, _, name = tag.lower().rpartition(":")  # JATS, as Crossref gives abstracts: <jats:italic>
            if name in _INLINE:
                found.append((match.start(), match.end(), ""))
            elif prefix or name in _BLOCK:
                found.append((match.start(), match.end(), " "))
        else:
            character = _entity(entity)
            if character is not None:
                found.append((match.start(), match.end(), fold(character)))
    return found


def _tokenise_irregular(text: str, markup: list[tuple[int, int, str]]) -> list[Token]:
    """Tokenise text whose folding changes its length, keeping for every folded character where it came from."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    pending = iter(markup)
    upcoming = next(pending, None)
    while at < len(text):
        if upcoming is not None and at == upcoming[0]:
            step, piece = upcoming[1] - at, upcoming[2]
            upcoming = next(pending, None)
        else:
            step, piece = 1, fold_char(text[at])
            if not piece and ends and text[at] != "\u00ad" and unicodedata.category(text[at])[0] == "M":
                ends[-1] = at + 1
        for char in piece:
            folded.append(char)
            starts.append(at)
            ends.append(at + step)
        at += step
    whole = "".join(folded)
    return [Token(found.group(), starts[found.start()], ends[found.end() - 1]) for found in _WORD.finditer(whole)]
