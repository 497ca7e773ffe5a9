"""Quoted-printable (RFC 2045 6.7) with holes: places that each reader's own values go into, byte for byte.

A hole stands on a line of its own between two soft line breaks:

    …https://alerts.example.nhs.uk/leave/=
    =<token>=
    " style=3D"color: …

so that any value, encoded in lines of at most 75 characters and joined by soft breaks, can take its place and the lines
stay within 76. `=<` can never come out of the encoder, since "=" itself is always encoded: no title can make a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SOFT_BREAK = "=\r\n"
_WIDTH = 75

_PLAIN = re.compile(r"(?:[ -<>-~]*[!-<>-~])?")
"""A line of printable ASCII without "=" that does not end in a blank."""
_AT_THE_START = {".": "=2E", "F": "=46"}
"""A lone dot would end the message if a relay forgot to double it; "From " is mangled by mbox stores."""

_CODES = [f"={byte:02X}" for byte in range(256)]
for _byte in (*range(0x20, 0x3D), *range(0x3E, 0x7F)):
    _CODES[_byte] = chr(_byte)


def encode_line(line: str) -> str:
    """Return one line of text in quoted-printable: pieces of at most 75 characters joined by soft line breaks."""
    if _PLAIN.fullmatch(line):
        return SOFT_BREAK.join(_plain_pieces(line))
    codes = [_CODES[byte] for byte in line.encode("utf-8", "replace")]
    if codes and codes[-1] in {" ", "\t"}:
        codes[-1] = f"={ord(codes[-1]):02X}"
    pieces: list[str] = []
    piece: list[str] = []
    length = 0
    for code in codes:
        if length + len(code) > _WIDTH:
            pieces.append("".join(piece))
            piece, length = [], 0
        code = code if piece else _AT_THE_START.get(code, code)
        piece.append(code)
        length += len(code)
    pieces.append("".join(piece))
    return SOFT_BREAK.join(pieces)


def _plain_pieces(line: str) -> Iterator[str]:
    """Cut a line in which only the beginnings of pieces need encoding: most lines are such, and this is quicker."""
    at = 0
    while at < len(line):
        first = _AT_THE_START.get(line[at], line[at])
        end = at + 1 + _WIDTH - len(first)
        yield first + line[at + 1 : end]
        at = end


def encode(text: str, holes: Mapping[str, str] | None = None) -> str:
    """Return `text` in quoted-printable with CRLF; `holes` maps marks in the text to hole names."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not holes:
        return "\r\n".join(map(encode_line, lines))
    marks = re.compile("|".join(map(re.escape, holes)))
    return "\r\n".join(_with_holes(line, marks, holes) for line in lines)


def _with_holes(line: str, marks: re.Pattern[str], holes: Mapping[str, str]) -> str:
    written: list[str] = []
    start = 0
    for found in marks.finditer(line):
        written += [encode_line(line[start : found.start()]), hole(holes[found.group()])]
        start = found.end()
    written.append(encode_line(line[start:]))
    return SOFT_BREAK.join(written)


def hole(name: str) -> str:
    """Return the hole called `name` as it stands in a skeleton."""
    return f"=<{name}>"
