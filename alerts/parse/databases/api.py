"""Answers of services that are asked by an API: JSON, taken member by member, whatever stands there instead.

`document` is the one place that says that an answer is no JSON; the others take what they find and never raise, so that
a record with one odd member keeps all its others.
"""

from __future__ import annotations

import json
import re
from typing import Any

from alerts.parse import encoding, html
from alerts.parse.problems import NotAsDocumented

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]{1,200})", re.IGNORECASE)


def document(body: bytes, content_type: str, service: str) -> dict[str, Any]:
    """Return the JSON object that `body` is; raises `NotAsDocumented`, naming the `service`, when it is none."""
    text = encoding.decode(body, content_type).text.lstrip("\ufeff\x00 \t\r\n")
    if not text:
        raise NotAsDocumented(f"{service} answered with nothing at all.")
    if _PAGE.search(text[:5_000]):
        heading = _TITLE.search(text[:20_000])
        named = f" (“{html.to_line(heading.group(1), 80)}”)" if heading else ""
        raise NotAsDocumented(f"{service} answered with a web page{named}, not with records.")
    if text[0] not in "{[":
        raise NotAsDocumented(f"{service} answered with something that is not JSON.")
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise NotAsDocumented(f"{service} answered with JSON that is broken or cut off.") from None
    if not isinstance(found, dict):
        raise NotAsDocumented(f"{service} answered with JSON of another shape than its documentation says.")
    return found


def inside(value: object, *names: str) -> object:
    """Return what stands under `names`, one within the other; `None` where the way ends before."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: object, *names: str) -> str:
    """Return the text or the number that stands under `names`, stripped; an empty string for anything else."""
    found = inside(value, *names)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found).strip()


def many(value: object, *names: str) -> list[object]:
    """Return the list that stands under `names`; a single value is a list of one, nothing an empty one."""
    found = inside(value, *names)
    if found is None or found == "":
        return []
    return found if isinstance(found, list) else [found]


def texts(value: object, *names: str) -> list[str]:
    """Return the texts of the list that stands under `names`, but for empty ones."""
    return [each for each in map(text, many(value, *names)) if each]


def number(value: object, *names: str) -> int:
    """Return the whole number that stands under `names`, or 0."""
    found = text(value, *names)
    return int(found) if found.isdecimal() and len(found) < 16 else 0
