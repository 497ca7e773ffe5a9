"""A strict reader of messages, for the tests: the rules of RFC 5322, 2045, 2047 and 8058 as regular expressions.

Written apart from what writes messages, and stricter than Python's parser, which forgives almost everything.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from quopri import decodestring

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = (
    rf"{ATOM}(?:\.{ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
WORD = r"=\?utf-8\?(?:[qQ]\?[!-<>@-^`-~_=]*|[bB]\?[A-Za-z0-9+/]*={0,2})\?="
QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
MAILBOX = re.compile(rf"(?:(?:(?:{ATOM}|{QUOTED}|{WORD})(?: |$))+<{ADDRESS}>|{ADDRESS})")
DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
SHAPES = {
    "From": MAILBOX,
    "To": MAILBOX,
    "Reply-To": MAILBOX,
    "Date": re.compile(rf"{DAY} \d\d:\d\d:\d\d [+-]\d{{4}}"),
    "Message-ID": re.compile(rf"<{ADDRESS}>"),
    "List-Id": re.compile(rf"(?:{QUOTED} )?<[a-z0-9-]+(?:\.[A-Za-z0-9-]+)+>"),
    "List-Unsubscribe": re.compile(r"(?:<https://[!-;=?-~]+>, )?<mailto:[!-;=?-~]+>"),
    "List-Unsubscribe-Post": re.compile("List-Unsubscribe=One-Click"),
    "MIME-Version": re.compile(r"1\.0"),
}
ONCE = ("From", "To", "Reply-To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type")
UNFOLDED = ("List-", "Archived-At")


def broken(message: bytes) -> list[str]:
    """Return every rule that `message` breaks, in words; nothing when it is right."""
    return [*_bytes(message), *_headers(message), *_parts(message)]


def fields(message: bytes) -> list[tuple[str, str]]:
    """Return (name, value) of the header fields, unfolded as RFC 5322 2.2.3 says."""
    head = message.partition(b"\r\n\r\n")[0].decode("latin-1")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in unfolded.split("\r\n"))]


def _bytes(message: bytes) -> Iterator[str]:
    if found := re.search(rb"[^\t\r\n -~]", message):
        yield f"byte {found.group()!r} at {found.start()}"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        yield "a line that does not end in CRLF"
    if not message.endswith(b"\r\n"):
        yield "no line end at the end"


def _headers(message: bytes) -> Iterator[str]:
    for line in message.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n"):
        most = 998 if line.startswith(UNFOLDED) else 78
        if len(line) > most and " " in line.strip().partition(": ")[2]:
            yield f"header line of {len(line)}: {line[:40]}"
        if len(line) > 998:
            yield f"header line of {len(line)}"
        if not line.strip():
            yield "a header line of blanks"
        if line[:1] not in " \t" and not re.match(r"[!-9;-~]+: ?", line):
            yield f"no header: {line[:40]}"
        for word in re.findall(r"=\?\S*", line):
            if not re.fullmatch(WORD, word) or len(word) > 75:
                yield f"encoded word {word[:90]}"
            else:
                yield from _undecodable(word)
    named = fields(message)
    names = [name for name, _ in named]
    yield from (f"{name} {names.count(name)} times" for name in ONCE if names.count(name) != 1)
    yield from (f"{name} twice" for name in set(names) if names.count(name) > 1)
    for name, value in named:
        if name in SHAPES and not SHAPES[name].fullmatch(value):
            yield f"{name}: {value[:120]}"


def _undecodable(word: str) -> Iterator[str]:
    """An encoded word holds whole characters (RFC 2047 5)."""
    _, _, kind, text, _ = word.split("?")
    try:
        (b64decode(text, validate=True) if kind in "bB" else decodestring(text.replace("_", " "), header=True)).decode()
    except ValueError:
        yield f"encoded word cut within a character: {word}"


def _parts(message: bytes) -> Iterator[str]:
    head, _, body = message.partition(b"\r\n\r\n")
    found = re.search(rb'multipart/alternative;\r\n boundary="([^"]{1,70})"', head)
    if not found:
        yield "no boundary"
        return
    pieces = body.split(b"--" + found.group(1))
    if len(pieces) != 4 or pieces[0] or pieces[3] != b"--\r\n":
        yield f"{len(pieces)} pieces between boundaries"
        return
    for piece, kind in zip(pieces[1:3], (b"text/plain", b"text/html"), strict=True):
        own, _, text = piece.partition(b"\r\n\r\n")
        if b'Content-Type: %s; charset="utf-8"' % kind not in own:
            yield f"no {kind.decode()}"
        for line in text.split(b"\r\n"):
            if len(line) > 76:
                yield f"body line of {len(line)}"
            if re.search(rb"=(?![0-9A-F]{2}|$)", line) or line[-1:] in (b" ", b"\t"):
                yield f"not quoted-printable: {line!r}"
        try:
            decodestring(text).decode()
        except ValueError:
            yield "a part that is not UTF-8"
