"""Editions of one review: a Cochrane review is published anew under the same number (`CD001234`, `.pub2`, `.pub3`).

A new edition is news and a record of its own, linked to the one before it: readers want to know that the evidence was
looked at again.
"""

from __future__ import annotations

import re

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

_COCHRANE = re.compile(r"(?P<base>10\.1002/14651858\.(?:cd|mr|ed)\d{6})(?:\.pub(?P<number>\d{1,2}))?$")


def edition_of(doi: str) -> tuple[str, int] | None:
    """Return which review a DOI names and which edition of it, from 1; `None` where it names none."""
    found = _COCHRANE.match(doi)
    return (found.group("base"), int(found.group("number") or 1)) if found else None


def earlier(entry: Entry) -> tuple[Identifier, ...]:
    """Return the DOIs of the editions before this one, the newest first."""
    found = edition_of(entry.identifier("doi"))
    if found is None:
        return ()
    base, number = found
    return tuple(Identifier("doi", base + (f".pub{each}" if each > 1 else "")) for each in range(number - 1, 0, -1))
