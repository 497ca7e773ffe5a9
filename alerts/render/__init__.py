"""Render: an issue becomes a mail (text and HTML), a page of the archive, and bytes that can be sent.

`view` lays an issue out for the templates: lines joined, links numbered, matched words cut out. `environment` is Jinja2
under rules that nobody can relax; the templates themselves lie in the top-level `templates/` and come in through a
loader, so that nothing here reads a file. `renderer` draws with them and inlines the styles of mails.

`message` puts the MIME skeleton of an issue together, once: headers by `headers`, bodies by `quoted`. A skeleton has
holes where each reader's own values go; `assemble` fills them by joining bytes, which is what makes ten thousand mails
cheap and every retry identical. `signature` signs what was assembled (DKIM), where that is wanted. `addresses` is the
one place that knows the paths under the public address; `pages` holds the words of small pages and notices;
`icalendar` writes the days on which bulletins go out.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.render.addresses import (
        archive_address,
        bulletin_address,
        issue_address,
        leave_address,
        mail_domain,
    )
    from alerts.render.assembly import FIELDS, assemble, mail_date, message_id
    from alerts.render.environment import TemplateFailure
    from alerts.render.headers import BadField
    from alerts.render.icalendar import CalendarEvent, calendar_file
    from alerts.render.message import Skeleton
    from alerts.render.pages import NoticeItem, NoticeSection
    from alerts.render.renderer import ArchiveLine, Renderer
    from alerts.render.signature import Signer

_HOMES = {
    "addresses": ("archive_address", "bulletin_address", "issue_address", "leave_address", "mail_domain"),
    "assembly": ("FIELDS", "assemble", "mail_date", "message_id"),
    "environment": ("TemplateFailure",),
    "headers": ("BadField",),
    "icalendar": ("CalendarEvent", "calendar_file"),
    "message": ("Skeleton",),
    "pages": ("NoticeItem", "NoticeSection"),
    "renderer": ("ArchiveLine", "Renderer"),
    "signature": ("Signer",),
}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: most commands draw nothing, and Jinja2 takes a third of a second."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


__all__ = [
    "FIELDS",
    "ArchiveLine",
    "BadField",
    "CalendarEvent",
    "NoticeItem",
    "NoticeSection",
    "Renderer",
    "Signer",
    "Skeleton",
    "TemplateFailure",
    "archive_address",
    "assemble",
    "bulletin_address",
    "calendar_file",
    "issue_address",
    "leave_address",
    "mail_date",
    "mail_domain",
    "message_id",
]
