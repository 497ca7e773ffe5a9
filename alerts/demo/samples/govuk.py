"""Render samples as GOV.UK does: the feed of a search, and each page as the content API gives it.

Source: the schemas and examples of GOV.UK's publishing API. Addresses are those of whoever serves the samples: the
content API is asked where the feed is.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

from alerts.demo.samples.publications import Publication, SampleSource

_NAMES = uuid.UUID("00000000-0000-4000-8000-000000000000")


def path_of_page(item: Publication) -> str:
    """Return the path of the page of an item."""
    folder = "consultations" if "consultation" in item.document_type else "publications"
    return f"/government/{folder}/{item.key}"


def atom(source: SampleSource) -> str:
    """Return the feed of a search, the newest first."""
    entries = "".join(
        f"<entry><id>tag:www.gov.uk,2005:{path_of_page(each)}</id><updated>{_moment(each.updated)}</updated>"
        f'<link rel="alternate" type="text/html" href="{path_of_page(each)}"/>'
        f"<title>{escape(each.title, quote=False)}</title>"
        f'<summary type="html">{escape(each.summary, quote=False)}</summary></entry>\n'
        for each in sorted(source.items, key=lambda item: item.updated, reverse=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>tag:www.gov.uk,2005:/search/{source.id}</id><title>{escape(source.title)}</title>\n{entries}</feed>\n"
    )


def pages(source: SampleSource) -> Iterator[tuple[str, str]]:
    """Yield the path and the answer of the content API for each item."""
    for each in source.items:
        yield f"/api/content{path_of_page(each)}", json.dumps(_page(source, each), ensure_ascii=False, indent=1) + "\n"


def _page(source: SampleSource, item: Publication) -> dict[str, Any]:
    history = [{"public_timestamp": _moment(item.published), "note": "First published."}]
    if item.change_note:
        history.insert(0, {"public_timestamp": _moment(item.updated), "note": item.change_note})
    details: dict[str, Any] = {
        "body": f'<div class="govspeak"><p>{escape(item.summary)}</p></div>',
        "change_history": history,
        "attachments": [{"attachment_type": "file", "title": each} for each in item.attachments],
    }
    if item.closes:
        details["closing_date"] = _moment(item.closes)
    return {
        "base_path": path_of_page(item),
        "content_id": str(uuid.uuid5(_NAMES, item.key)),
        "document_type": item.document_type,
        "schema_name": "consultation" if "consultation" in item.document_type else "publication",
        "title": item.title,
        "description": item.summary,
        "locale": "en",
        "first_published_at": _moment(item.published),
        "public_updated_at": _moment(item.updated),
        "withdrawn_notice": {},
        "details": details,
        "links": {"organisations": [{"title": source.publisher, "locale": "en"}]},
    }


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).replace(microsecond=0).isoformat()
