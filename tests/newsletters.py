"""Newsletters for tests: whole letters from their parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

FOOT = (
    "<p>You are receiving this because you subscribed. "
    '<a href="https://news.example.org/unsubscribe?u=1">Unsubscribe</a> '
    '<a href="https://news.example.org/annual-review">Read all about our annual review of the year</a></p>'
)


def item(title: str, link: str, summary: str = "What it found, in a sentence or two for busy readers.") -> str:
    """Return an item as most newsletters have it: a linked heading, a paragraph, and "Read more"."""
    return f'<h3><a href="{link}">{title}</a></h3><p>{summary}</p><p><a href="{link}">Read more</a></p>'


def letter(
    *items: str,
    subject: str = "Weekly update",
    sender: str = "Example Fund <news@fund.example.org>",
    day: datetime | None = None,
    list_id: str = "<weekly.fund.example.org>",
    html: str = "",
    text: str = "",
    more: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Return a letter of HTML and text, as it lies in a mailbox (CRLF)."""
    message = EmailMessage()
    when = day or datetime.now(UTC)
    message["From"], message["To"], message["Subject"] = sender, "library@example.nhs.uk", subject
    message["Date"], message["List-Id"] = format_datetime(when), list_id
    message["Message-ID"] = f"<{abs(hash((subject, when.isoformat(), items, html, text))):x}@fund.example.org>"
    for name, value in more:
        message[name] = value
    message.set_content(text or "Read this letter in a browser.")
    if html or items:
        whole = html or f"<html><body><h1>Weekly update</h1>{''.join(items)}{FOOT}</body></html>"
        message.add_alternative(whole, subtype="html")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
