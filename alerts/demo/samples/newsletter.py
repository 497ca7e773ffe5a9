"""The demo's newsletter: two letters of a made-up think tank in a folder, as a subscriber would have saved them.

One leads its links by way of a mail filter and a tracker that can be decoded, as most letters that reach a library do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from urllib.parse import quote

FOLDER = "newsletters"
SOURCE = """\
# The demo's sample newsletter, read from the demo's own data folder. Written by the demo: edit a copy.
sources:
  - id: think-tank-letter
    title: Sample think tank, weekly letter (sample)
    publisher: Sample Health Foundation
    kind: mailbox
    address: folder:newsletters
    type: briefing
    place: England
    tags: [sector, public-health, commissioning]
    sure: A
    letters:
      senders: [think-tank-letter.example.org]
"""
_SITE = "https://think-tank-letter.example.org"
_WEEKS: tuple[tuple[int, tuple[tuple[str, str, str], ...]], ...] = (
    (
        8,
        (
            (
                "Smoking cessation on hospital wards: what four trusts learnt",
                "wards",
                "Four trusts offer help to stop smoking to every inpatient who smokes; what it took, and what it cost.",
            ),
            (
                "Virtual wards and unpaid carers: a conversation that is missing",
                "carers",
                "Families do much of the work of virtual wards. The briefing asks who counts it.",
            ),
        ),
    ),
    (
        1,
        (
            (
                "Vaping and young people: what councils can do without waiting for the law",
                "vaping",
                "Licensing, trading standards and schools: nine examples of local action on vaping.",
            ),
            (
                "Neighbourhood health: five questions for the first year",
                "neighbourhood",
                "What integrated neighbourhood teams should be asked after twelve months.",
            ),
        ),
    ),
)


def write(folder: Path, anchor: datetime) -> None:
    """Put the letters, dated back from `anchor`, into the data folder of a demo, and their source beside the others."""
    letters = folder / "data" / FOLDER
    letters.mkdir(parents=True, exist_ok=True)
    for nth, (days, items) in enumerate(_WEEKS, 1):
        body = _letter(nth, anchor - timedelta(days=days), items)
        (letters / f"letter-{nth}.eml").write_bytes(body)
    (folder / "config" / "sources" / "newsletter.yaml").write_text(SOURCE, encoding="utf-8")


def _letter(nth: int, day: datetime, items: tuple[tuple[str, str, str], ...]) -> bytes:
    message = EmailMessage()
    message["From"] = "Sample Health Foundation <letter@think-tank-letter.example.org>"
    message["To"] = "library@example.nhs.uk"
    message["Subject"] = f"This week at the foundation, no. {nth}"
    message["Date"] = format_datetime(day)
    message["Message-ID"] = f"<{nth}@think-tank-letter.example.org>"
    message["List-Id"] = "<weekly.think-tank-letter.example.org>"
    message.set_content("Read this letter in a browser.")
    told = "".join(
        f'<h2>{escape(title)}</h2><p>{escape(says)}</p><p><a href="{_wrapped(f"{_SITE}/{name}?utm_source=letter")}">'
        "Read more</a></p>"
        for title, name, says in items
    )
    foot = f'<p>You receive this because you subscribed. <a href="{_SITE}/unsubscribe?u=1">Unsubscribe</a></p>'
    message.add_alternative(
        f'<html><body><a href="{_SITE}/view">View in your browser</a><h1>This week</h1>{told}{foot}</body></html>',
        subtype="html",
    )
    message.set_boundary(f"sample-letter-{nth}")
    return message.as_bytes()


def _wrapped(address: str) -> str:
    """Return an address as a mail filter hands it on, with the tracker's address inside."""
    tracked = f"https://links-1.govdelivery.com/CL0/{quote(address, safe=':')}/1/0101/sample=1"
    return escape(f"https://eur01.safelinks.protection.outlook.com/?url={quote(tracked, safe='')}&data=sample")
