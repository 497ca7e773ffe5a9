"""A reader's own message out of an issue's skeleton: a pure replacement of bytes, the same bytes for the same values.

Personal are the To line, the Date, the Message-ID, the token in the links for leaving, and the line that says why this
reader gets the bulletin; nothing else (docs/handbook/model.md, "Content is the same for every reader").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from html import escape
from textwrap import wrap
from urllib.parse import quote

from alerts.render.headers import BadField, folded, header_text, mailbox
from alerts.render.quoted import encode

FIELDS = ("to_name", "to_address", "message_id", "date", "token", "why")
"""The names of the values that `assemble` wants; `token` may be empty where nobody leaves by a link.

A `dkim` beside them is the finished line that signs the message (see `signature`) and goes above it.
"""
WHY_LENGTH = 1_000

_HOLE = re.compile(rb"=<([a-z-]+)>")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,253}>")
_WEB = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_SIGNATURE = re.compile(r"DKIM-Signature: [!-~ ]+(?:\r\n[ \t][!-~ \t]*[!-~][ \t]*)*\r\n")
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")


def assemble(skeleton: bytes, fields: Mapping[str, str]) -> bytes:
    """Return the finished message: every hole of `skeleton` filled from `fields` (see `FIELDS`).

    Raises `BadField` for a missing value and for one that cannot be a header.
    """
    pieces = _pieces(skeleton)
    values = _values(fields)
    filled = list(pieces)
    if signature := fields.get("dkim"):
        filled[0] = _matching(_SIGNATURE, signature, "signature") + filled[0]
    for place in range(1, len(pieces), 2):
        filled[place] = values[pieces[place]]
    return b"".join(filled)


@lru_cache(maxsize=8)
def _pieces(skeleton: bytes) -> list[bytes]:
    """Return the skeleton cut at its holes: text, hole name, text, hole name, … text."""
    return _HOLE.split(skeleton)


def _values(fields: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return what goes into each hole, encoded for where it stands."""
    if missing := [name for name in FIELDS if name not in fields]:
        raise BadField(f"A message cannot be assembled without {', '.join(missing)}.")
    token = quote(header_text(fields["token"]), safe="-._~")
    why = header_text(fields["why"], WHY_LENGTH)
    to_line = folded("To", mailbox(fields["to_name"], fields["to_address"]))
    return {
        b"to": to_line.removeprefix("To: ").encode("ascii"),
        b"message-id": _matching(_MESSAGE_ID, fields["message_id"], "message id"),
        b"date": _matching(_DATE, fields["date"], "date (RFC 5322)"),
        b"token-address": token.encode("ascii"),
        b"token": encode(token).encode("ascii"),
        b"why-text": encode("\n".join(wrap(why, 72, break_long_words=False, break_on_hyphens=False))).encode("ascii"),
        b"why-html": encode(_with_links(escape(why))).encode("ascii"),
    }


def _with_links(escaped: str) -> str:
    """Return the line with addresses of the web as links, in the colour of the words around them."""
    return _WEB.sub(r'<a href="\g<0>" style="color:inherit">\g<0></a>', escaped)


def _matching(pattern: re.Pattern[str], value: str, what: str) -> bytes:
    if not pattern.fullmatch(value):
        raise BadField(f"“{header_text(value, 80)}” is not a {what}.")
    return value.encode("ascii")


def message_id(*parts: object, domain: str) -> str:
    """Return a Message-ID that is always the same for the same `parts` (bulletin, number, subscription …)."""
    named = sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()[:32]
    host = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    return f"<{named}@{host}>"


def mail_date(when: datetime) -> str:
    """Return an aware moment as RFC 5322 writes dates, in UTC."""
    return format_datetime(when.astimezone(UTC))
