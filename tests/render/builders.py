"""Renderers, invented issues and messages read back, for the tests of this room."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import jinja2

from alerts.model.bulletins import IssueContent, Item
from alerts.render import Renderer, assemble
from alerts.render.message import Kind
from alerts.render.sample import sample_issue

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
RENDERER = Renderer(jinja2.FileSystemLoader(TEMPLATES))
FIELDS: Mapping[str, str] = {
    "to_name": "Zoë Lund",
    "to_address": "zoe.lund@example.nhs.uk",
    "message_id": "<0123456789abcdef@alerts.example.nhs.uk>",
    "date": "Tue, 17 Nov 2026 07:30:00 +0000",
    "token": "a1.Zm9vYmFyYmF6cXV4MTIzNA",
    "why": "You get this because you are in the Public health team.",
}


def issue(**changes: object) -> IssueContent:
    """Return the sample issue, changed."""
    return replace(sample_issue(), **changes)  # type: ignore[arg-type]  # names are those of the dataclass


def with_item(**changes: object) -> IssueContent:
    """Return the sample issue with its first item changed, and nothing in the subject but its title."""
    content = sample_issue()
    item: Item = replace(content.sections[0].items[0], **changes)  # type: ignore[arg-type]  # as above
    section = replace(content.sections[0], items=(item,))
    return replace(content, sections=(section,), subject=item.title, corrections=(), remainder=(), waiting=0)


def wire(content: IssueContent, kind: Kind = "person", **fields: str) -> bytes:
    """Return the bytes of the message that one reader gets."""
    return assemble(RENDERER.mail(content, kind).message, {**FIELDS, **fields})


def read(message: bytes) -> EmailMessage:
    """Return a message as a mail program reads it."""
    return email.message_from_bytes(message, policy=email.policy.default)


def body(message: bytes, kind: str) -> str:
    """Return the decoded text of the "plain" or "html" part."""
    part = read(message).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def header_block(message: bytes) -> list[bytes]:
    """Return the raw header lines."""
    return message.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
