"""Who wrote a letter, when and about what: a few fields of its head, out of bytes that may say anything.

Only the beginning is looked at and every field is cut, so that no header can make it slow; the parent process uses this
to choose letters, before a child reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header

from alerts.model.sources import Letters
from alerts.parse import clean, dates

HEAD_LIMIT = 65_536
_FIELD_LIMIT = 4_000
_FIELD = re.compile(rb"^([A-Za-z-]{1,40})[ \t]*:[ \t]*((?:.*)(?:\r?\n[ \t].*)*)", re.MULTILINE)
_END = re.compile(rb"\r?\n\r?\n|\r\r")
_WANTED = frozenset({b"from", b"sender", b"list-id", b"subject", b"date", b"message-id"})
_ADDRESS = re.compile(r"<\s*([^<>\s]{1,250}@[^<>\s@]{1,250})\s*>|([^<>\s,;:\"()]{1,250}@[^<>\s@,;:\"()]{1,250})")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a letter says. `sender` is the address in small letters."""

    sender: str = ""
    sender_name: str = ""
    list_id: str = ""
    subject: str = ""
    date: datetime | None = None
    message_id: str = ""

    @property
    def named(self) -> str:
        """The letter as a librarian finds it again: subject and date."""
        day = f" of {self.date:%-d %B %Y}" if self.date else ""
        return f"“{self.subject[:80] or 'without a subject'}”{day}"


def head_of(raw: bytes) -> Head:
    """Return the head of a letter, as far as it can be read."""
    raw = raw[:HEAD_LIMIT].lstrip(b"\r\n")
    end = _END.search(raw)
    told: dict[bytes, str] = {}
    for name, value in _FIELD.findall(raw[: end.start()] if end else raw):
        if name.lower() in _WANTED:
            told.setdefault(name.lower(), spelt(value[:_FIELD_LIMIT]))
    author = told.get(b"from") or told.get(b"sender", "")
    found = _ADDRESS.search(author)
    name = author[: found.start()].strip(" \"'<,") if found else author
    return Head(
        sender=clean.line((found[1] or found[2]).lower(), 300) if found else "",
        sender_name=clean.line(name.replace("\\", ""), clean.NAME_LIMIT),
        list_id=clean.line(told.get(b"list-id", ""), 300),
        subject=clean.line(told.get(b"subject", ""), 300),
        date=_date(told.get(b"date", "")),
        message_id=clean.line(told.get(b"message-id", ""), 500),
    )


def spelt(value: bytes) -> str:
    """Return a header value as text: unfolded, encoded words (RFC 2047) decoded, raw 8-bit read as UTF-8 if it is."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("cp1252", "replace")
    text = re.sub(r"\r?\n[ \t]+", " ", text)
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(_piece(each, charset) for each, charset in pieces)


def _piece(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        return piece.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return piece.decode("cp1252", "replace")


def _date(text: str) -> datetime | None:
    """Return the letter's date; the day's name and a comment behind the zone do not count."""
    plain = re.sub(r"\([^)]*\)", "", text).strip()
    moment = dates.read(plain)
    return None if moment is None or dates.is_impossible(moment) else moment


def is_wanted(head: Head, wanted: Letters) -> bool:
    """Tell whether a letter is one that the source is about: every filter that is given must agree."""
    if wanted.senders and not any(_is_from(head.sender, each.lower()) for each in wanted.senders):
        return False
    if wanted.list_id and wanted.list_id.casefold() not in head.list_id.casefold():
        return False
    return not wanted.subject or wanted.subject.casefold() in head.subject.casefold()


def _is_from(sender: str, wanted: str) -> bool:
    """Tell whether a sender is meant: an address, or a domain with all below it (with or without an @ before it)."""
    if "@" in wanted.lstrip("@"):
        return sender == wanted
    domain, of = wanted.lstrip("@"), sender.rpartition("@")[2]
    return of == domain or of.endswith(f".{domain}")
