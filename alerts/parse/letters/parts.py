"""A letter's bytes to what it shows: the HTML part, else the text; of a forwarded letter, what is attached to it.

The standard library takes the parts apart. It goes down one call for each part within a part, so what is nested beyond
reason is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from alerts.parse import encoding
from alerts.parse.letters.heads import HEAD_LIMIT, Head, head_of
from alerts.parse.problems import NotALetter

_MOST_PARTS = 200
_DEEPEST = 30
_MOST_FORWARDED = 50
_NESTED = re.compile(rb"content-type\s*:\s*(?:multipart/|message/rfc822)", re.IGNORECASE)
_HEADING = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{1,60}[ \t]*:", re.MULTILINE)
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted", "application/pgp-encrypted")


@dataclass(frozen=True, slots=True)
class Letter:
    """What one letter shows, and its head: that of the letter itself where it was forwarded within another."""

    head: Head
    html: str = ""
    text: str = ""


def letters_in(raw: bytes) -> list[Letter]:
    """Return the letter, or those that are attached to it; raises `NotALetter` when it shows nothing that can be read.

    A colleague's few words around a forwarded newsletter are left out.
    """
    raw = raw.lstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
    start = raw[:HEAD_LIMIT]
    if not _HEADING.match(start[start.find(b"\n") + 1 :] if start.startswith(b"From ") else start):
        raise NotALetter("It does not begin as a letter does, with lines such as “From: …”.")
    if len(_NESTED.findall(raw)) > _MOST_PARTS:
        raise NotALetter(f"It has more than {_MOST_PARTS} parts within parts, more than any letter has.")
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        found = list(_forwarded(message, 0))[:_MOST_FORWARDED] or [_shown(message, head_of(raw))]
    except RecursionError:
        raise NotALetter("Its parts lie within each other deeper than in any letter.") from None
    shown = [each for each in found if each.html or each.text]
    if not shown:
        raise NotALetter(_why_nothing(message))
    return shown


def _walk(message: Message, depth: int) -> Iterator[Message]:
    """Yield the parts that hold something, not going into letters within the letter."""
    if depth > _DEEPEST:
        raise NotALetter("Its parts lie within each other deeper than in any letter.")
    parts = message.get_payload()
    if message.get_content_type() == "message/rfc822" or not isinstance(parts, list):
        yield message
        return
    for part in parts[:_MOST_PARTS]:
        if isinstance(part, Message):
            yield from _walk(part, depth + 1)


def _forwarded(message: Message, depth: int) -> Iterator[Letter]:
    if depth > _DEEPEST:
        return
    for part in _walk(message, 0):
        held = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(held, list) and held:
            inner = held[0]
            if isinstance(inner, Message):
                deeper = list(_forwarded(inner, depth + 1))
                yield from deeper or [_shown(inner, _head_within(inner))]


def _head_within(message: Message) -> Head:
    wanted = ("From", "Sender", "List-Id", "Subject", "Date", "Message-ID")
    told = [f"{name}: {str(message[name])[:4_000]}" for name in wanted if message[name]]
    return head_of("\n".join(told).encode("utf-8", "surrogateescape") + b"\n\n")


def _shown(message: Message, head: Head) -> Letter:
    html, text = "", ""
    for part in _walk(message, 0):
        kind = part.get_content_type()
        if kind not in ("text/html", "text/plain", "application/xhtml+xml") or _is_attached(part):
            continue
        said = _text_of(part)
        if kind == "text/plain":
            text = f"{text}\n\n{said}" if text and said.strip() else text or said
        elif said.strip():
            html = f"{html}\n{said}" if html else said
    return Letter(head, html if html.strip() else "", text if text.strip() else "")


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _text_of(part: Message) -> str:
    """Return the text of a part, whatever transfer encoding and charset it claims."""
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    charset = part.get_param("charset", "")
    named = charset[2] if isinstance(charset, tuple) else str(charset)
    text = encoding.decode(body, f"text/html; charset={named}" if named else "").text if body.strip() else ""
    text = text.replace("\x00", "")
    if part.get_content_type() == "text/plain" and str(part.get_param("format", "")).lower() == "flowed":
        text = re.sub(r"(?<=\S) \r?\n(?=\S)", " ", text)
    return text


def _why_nothing(message: Message) -> str:
    kinds = {part.get_content_type() for part in _walk(message, 0)} | {message.get_content_type()}
    if kinds & set(_SEALED):
        return "It is sealed (S/MIME or PGP), and this service has no key to open it with."
    return "It has neither an HTML nor a text part with anything in it."
