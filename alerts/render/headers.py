"""Header lines, written by us: RFC 5322 for their shape, RFC 2047 for words that are not ASCII.

`EmailMessage` folds a long `List-Unsubscribe` into encoded words, and one-click dies without a sound; before CPython
3.11.15 a title that looks like an encoded word could write headers. So every line is made here, and tests read it back
from the bytes on the wire.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import ClassVar

from alerts.errors import AlertsError
from alerts.model import addresses
from alerts.model.text import one_line

LINE = 76
"""Longest header line (without CRLF), and longest line of a body: RFC 2047 2, RFC 2045 6.7."""
WORD = 75
"""Longest encoded word, `=?utf-8?q?…?=` included: RFC 2047 2."""
HEADER_TEXT = 150
"""Longest text of a subject or a name, in characters (SAFETY 29)."""

_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]+")


class BadField(AlertsError):
    """A value cannot stand in a mail header, such as an address that is none or a message id with a space."""

    code: ClassVar[str] = "B020"
    remedy = "Correct the address or name in the list of people, or the sender in config/teams/."


def header_text(text: str, limit: int = HEADER_TEXT) -> str:
    """Return `text` harmless for a header: on one line, no control or bidi characters, cut to `limit`."""
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def encoded_words(text: str, indent: int = 1) -> list[str]:
    """Return `text` as RFC 2047 encoded words of at most 75 characters each, no character split between two words.

    `indent` is how much of the first line is taken already, by the header's name.
    """
    quoted = sum(1 if byte in _Q_SAFE or byte == 0x20 else 3 for byte in text.encode())
    use_q = quoted <= len(text.encode()) * 4 / 3 + 4
    room = WORD - len("=?utf-8?q??=")
    words: list[str] = []
    held = ""
    for character in text:
        longer = held + character
        if held and len(_q(longer) if use_q else _b(longer)) > (room if words else room - indent):
            words.append(held)
            longer = character
        held = longer
    if held:
        words.append(held)
    return [f"=?utf-8?{'q' if use_q else 'b'}?{_q(word) if use_q else _b(word)}?=" for word in words]


def _q(text: str) -> str:
    return "".join(chr(byte) if byte in _Q_SAFE else "_" if byte == 0x20 else f"={byte:02X}" for byte in text.encode())


def _b(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def folded(name: str, pieces: list[str]) -> str:
    """Return `Name: piece piece …` folded before a piece that would not fit on the line (RFC 5322 2.2.3)."""
    lines = [f"{name}:"]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) > LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {piece}"
    return "\r\n".join(lines)


def text_header(name: str, text: str) -> str:
    """Return an unstructured header such as Subject: plain when it is short ASCII words, else encoded words.

    Text with "=" is encoded too, so that nothing in it can be read as an encoded word or as a placeholder of ours.
    """
    text = header_text(text)
    pieces = text.split(" ")
    plain = text.isascii() and "=" not in text and all(len(piece) <= LINE - 20 for piece in pieces)
    return folded(name, pieces if plain else encoded_words(text, len(name) + 1))


def mailbox(name: str, address: str) -> list[str]:
    """Return the pieces of `Name <address>`: the name plain, quoted or in encoded words, as it needs."""
    address = checked_address(address)
    name = header_text(name)
    if not name:
        return [address]
    if name.isascii() and len(name) <= LINE - 20 and "=" not in name:
        plain = _PHRASE.fullmatch(name) is not None
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return [*(name.split(" ") if plain else [f'"{quoted}"']), f"<{address}>"]
    return [*encoded_words(name, len("Reply-To:")), f"<{address}>"]


def checked_address(address: str) -> str:
    """Return a mail address with its domain in ASCII (IDNA); raise `BadField` for anything that is not one.

    Addresses are short (254 characters, RFC 5321 4.5.3.1.3), so that they fit a line.
    """
    try:
        return addresses.check(address)
    except addresses.BadAddress as bad:
        raise BadField(f"“{header_text(address, 80)}” is not a mail address.") from bad
