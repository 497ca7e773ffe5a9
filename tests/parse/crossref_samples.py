"""Answers in the shape of Crossref's REST API (documentation and OpenAPI description of 2026), with made-up works."""

from __future__ import annotations

import json
from typing import Any


def day(*parts: int) -> dict[str, Any]:
    """Return a date as Crossref writes it, perhaps only a year or a month."""
    return {"date-parts": [list(parts)]}


def moment(*parts: int) -> dict[str, Any]:
    """Return a moment as Crossref writes it."""
    year, month, date = parts
    return {"date-parts": [[year, month, date]], "date-time": f"{year}-{month:02}-{date:02}T08:15:30Z", "timestamp": 1}


def update(doi: str, type_: str, source: str = "publisher", **more: Any) -> dict[str, Any]:
    """Return a member of `update-to` or `updated-by`."""
    told = {"DOI": doi, "type": type_, "label": type_.capitalize(), "source": source, "updated": moment(2026, 11, 20)}
    return {**told, **more}


def work(doi: str = "10.5555/jsph.2026.1", title: str = "Vaping in schools: a cohort study", **more: Any) -> Any:
    """Return a journal article with what most of them have; `more` replaces or adds members, underscores as hyphens."""
    told = {
        "DOI": doi,
        "type": "journal-article",
        "title": [title],
        "container-title": ["Journal of Sample Public Health"],
        "publisher": "Example Press",
        "ISSN": ["2044-6055", "0028-4793"],
        "created": moment(2026, 11, 19),
        "indexed": moment(2026, 11, 26),
        "issued": day(2026, 11, 18),
        "published": day(2026, 11, 18),
    }
    return {**told, **{name.replace("_", "-"): value for name, value in more.items()}}


def listed(*works: Any, total: int | None = None, cursor: str = "next==") -> bytes:
    """Return a page of a list of works."""
    message: dict[str, Any] = {
        "facets": {},
        "total-results": len(works) if total is None else total,
        "items": list(works),
        "items-per-page": 100,
        "query": {"start-index": 0, "search-terms": None},
    }
    if cursor:
        message["next-cursor"] = cursor
    answer = {"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message}
    return json.dumps(answer).encode()


def refused(said: str, type_: str = "filter-not-available", value: str = "from-index-date") -> bytes:
    """Return the refusal of a question."""
    message = [{"type": type_, "value": value, "message": said}]
    return json.dumps({"status": "failed", "message-type": "validation-failure", "message": message}).encode()
