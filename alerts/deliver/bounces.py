"""Reports that a message could not be delivered (RFC 3464), read with the standard library's parser.

A report counts only when it names a message of ours by what nobody can guess: the Message-ID (128 bits of a keyed
hash) in the headers that it returns, or the same bits in the envelope sender that it was addressed to. So a forged
report suspends nobody. Everything that is no such report, above all an automatic reply, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from typing import Literal

from alerts.deliver.words import without_addresses

LONGEST = 2_000_000
"""So many bytes of a report are read: what it says comes first, what it returns of the message may be long."""
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@[A-Za-z0-9.-]{1,253}>", re.IGNORECASE)
_OWN_SENDER = re.compile(r"\+([0-9a-f]{32})@", re.IGNORECASE)
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "X-Failed-Recipients", "Resent-To")
_ABOUT_THE_MESSAGE = re.compile(r"5\.(?:[67]\.\d+|3\.4|2\.3)")
"""Refused for what it is or whom it comes from (policy, size, form): no word about the mailbox."""

Kind = Literal["permanent", "passing", "other"]


@dataclass(frozen=True, slots=True)
class Report:
    """What came back: the marks of the messages it may be about, how final it is, and the words of the server."""

    marks: tuple[str, ...]
    kind: Kind
    status: str
    words: str


def own_sender(base: str, message_id: str) -> str:
    """Return the envelope sender of one message: `bounces+<mark>@host`, the mark from its Message-ID."""
    local, _, domain = base.rpartition("@")
    return f"{local}+{message_id[1:].partition('@')[0]}@{domain}"


def read_report(body: bytes) -> Report | None:
    """Return what a message reports, or None when it is no report of a failed or late delivery."""
    try:
        return _read(body[:LONGEST])
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None  # whatever a stranger sent that even the patient parser cannot take


def _read(body: bytes) -> Report | None:
    message = BytesParser(policy=compat32).parsebytes(body)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    if str(message.get_param("report-type", "")).casefold() != "delivery-status":
        return None
    parts = list(message.walk())
    said = [each for part in parts if part.get_content_type() in _STATUS_TYPES for each in _recipients(part)]
    worst = min(said, key=lambda each: _ORDER[each[0]], default=None)
    if worst is None:
        return None
    kind, status, words = worst
    return Report(tuple(dict.fromkeys(_marks(message, parts))), kind, status, words)


_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_ORDER: dict[Kind, int] = {"permanent": 0, "other": 1, "passing": 2}


def _recipients(part: Message) -> Iterator[tuple[Kind, str, str]]:
    """Yield (kind, status, words) of each recipient that a message failed or is late for (RFC 3464 2.3)."""
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, Message):
            continue
        action = str(block.get("Action", "")).strip().casefold()
        found = _STATUS.search(str(block.get("Status", "")))
        status = found.group() if found else ""
        said = without_addresses(" ".join(str(block.get("Diagnostic-Code", "")).split())[:500])
        if action == "failed":
            yield _kind(status), status, said or status
        elif action == "delayed":
            yield "passing", status, said or status


def _kind(status: str) -> Kind:
    if not status.startswith("5"):
        return "passing"
    return "other" if _ABOUT_THE_MESSAGE.fullmatch(status) else "permanent"


def _marks(message: Message, parts: list[Message]) -> Iterator[str]:
    """Yield what may tell which message of ours a report is about."""
    for name in _ADDRESSED:
        for value in message.get_all(name, []):
            yield from (each.lower() for each in _OWN_SENDER.findall(str(value)[:2_000]))
    for part in parts:
        if part is message:
            continue
        returned = _returned(part)
        for value in returned.get_all("Message-ID", []) if returned is not None else []:
            yield from (each.lower() for each in _MESSAGE_ID.findall(str(value)[:500]))


def _returned(part: Message) -> Message | None:
    """Return the message that a part returns, or its headers."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if kind in {"message/rfc822", "message/global"} and isinstance(payload, list) and isinstance(payload[0], Message):
        return payload[0]
    if kind in {"text/rfc822-headers", "message/global-headers"}:
        decoded = part.get_payload(decode=True)
        text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
        return HeaderParser(policy=compat32).parsestr(text)
    return None
