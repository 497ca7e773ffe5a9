"""Bytes to text, whatever encoding was declared; and the document type declaration out of the way.

The bytes themselves are believed before any declaration: text with letters beyond ASCII that reads as UTF-8 *is* UTF-8
(the chance that other bytes do so is nil), whatever the header or the first line say. Nothing here searches for an
encoding anywhere but in the first line, so no body can make it slow.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from alerts.errors import Problem
from alerts.parse import problems

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_SEVEN_BIT = ("iso-2022", "iso2022", "hz", "utf-7", "utf7")
_ALIASES = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso8859-1": "cp1252", "windows-1252": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "shift_jis": "cp932", "x-sjis": "cp932", "iso-8859-9": "cp1254",
}  # fmt: skip


class Decoded(NamedTuple):
    """The text of a body, and what was wrong with its bytes."""

    text: str
    problems: tuple[Problem, ...] = ()


def _usable(name: str) -> str:
    """Return Python's name of a text encoding that may be used, or an empty string."""
    name = _ALIASES.get(name.lower(), name.lower())
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
        b"".decode(found.name)
    except (LookupError, UnicodeError, ValueError, TypeError, AttributeError):
        return ""
    return (
        ""
        if found.name in ("utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
        else found.name
    )


def _by_mark(body: bytes) -> tuple[bytes, str]:
    """Return the body without its byte order mark, and the encoding that this or its first bytes give away."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :], name
    if body[:2] == b"<\0":
        return body, "utf-32-le" if body[:4] == b"<\0\0\0" else "utf-16-le"
    if body[:2] == b"\0<":
        return body, "utf-16-be"
    if body[:4] == b"\0\0\0<":
        return body, "utf-32-be"
    return body, ""


_SIDE_BY_SIDE = re.compile(rb"[\x80-\xff]{2}")


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Return the text of `body`. `content_type` is the header's; its charset is used when nothing else helps."""
    body, marked = _by_mark(body)
    if marked and marked != "utf-8":
        text = body.decode(marked, "replace")
        lost = text.count("\ufffd")
        return Decoded(text, (problems.undecodable(lost),) if lost else ())
    declared = _DECLARED.match(body)
    header = _CHARSET.search(content_type)
    said = declared.group(1).decode("ascii") if declared else header.group(1) if header else ""
    said_here = _usable(said) if said else ""
    if said_here.startswith(_SEVEN_BIT) and not marked:
        return Decoded(body.decode(said_here, "replace"))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, said, said_here, header.group(1) if header else "")
    wrong = said and said_here not in ("utf-8", "utf-8-sig") and not body.isascii()
    return Decoded(text, (problems.encoding_wrong(said, "UTF-8"),) if wrong else ())


def _not_utf8(body: bytes, said: str, said_here: str, header: str) -> Decoded:
    for name in dict.fromkeys((said_here, _usable(header) if header else "")):
        if name and not name.startswith(("utf-8", "utf-16", "utf-32")):
            try:
                return Decoded(body.decode(name))
            except UnicodeDecodeError:
                continue
    text = body.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    read = sum(char > "\x7f" for char in text) - lost
    # Not UTF-8 with a few broken letters, or with one broken item: Windows, then. No letter of UTF-8 is one high byte
    # alone, and letters of Windows next to each other hardly ever read as UTF-8.
    if lost > max(3, len(body) // 2000, 4 * read) or not _SIDE_BY_SIDE.search(body):
        try:
            return Decoded(body.decode("cp1252"), (problems.encoding_wrong(said, "Windows-1252"),))
        except UnicodeDecodeError:
            if said_here == "cp1252":
                return Decoded(body.decode("cp1252", "replace"), (problems.undecodable(lost),))
    return Decoded(text, (problems.undecodable(lost),))


def without_doctype(text: str) -> tuple[str, bool]:
    """Return `text` without its document type declaration, and whether that had an internal subset.

    Only the prolog is looked at. An internal subset can declare entities that expand without end; the names that it
    would have declared are afterwards unknown, and read as the standard HTML names or as they stand.
    """
    start = re.search(r"<!DOCTYPE|<[A-Za-z_]", text, re.IGNORECASE)
    if start is None or not start.group().upper().startswith("<!DOCTYPE"):
        return text, False
    at = start.end()
    depth = 0
    internal = False
    while at < len(text):
        char = text[at]
        if char in "\"'":
            end = text.find(char, at + 1)
            at = len(text) if end < 0 else end
        elif char == "[":
            internal = True
            depth += 1
        elif char == "]":
            depth -= 1
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
            at = len(text) if end < 0 else end + 2
        elif char == ">" and depth <= 0:
            return text[: start.start()] + text[at + 1 :], internal
        at += 1
    return text[: start.start()] + text[start.end() :], internal
