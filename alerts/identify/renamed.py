"""An item that its own source gave another key and link, or a key that its source gave to another item.

Within one source a title tells more than it does between two: the item either moved, or the source publishes a series
("Weekly update") under one title. Date and text tell which; and when most of what is new in a poll has titles that
stood there before, the whole site has moved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from alerts.identify.changes import extends
from alerts.identify.comparing import same, titles
from alerts.identify.comparing.beside import beside
from alerts.identify.comparing.preprints import is_preprint, without_version
from alerts.identify.comparing.traits import traits_of
from alerts.identify.comparing.verdict import Verdict
from alerts.identify.view import View
from alerts.model.records import Entry, Record

_WEAK_KEY = re.compile(r"\D{0,12}\d{0,4}\D{0,2}")
_NEAR = 0.9
_TELLING_WORDS = 25
"""A summary of so many words is one item's own; a shorter one may stand under every issue of a series."""
_MOVED_AT_LEAST = 3
_MOVED_SHARE = 0.6


def by_key(view: View, entry: Entry) -> Record | None:
    """Return the record last seen under an entry's key, unless the key was given to another work since.

    Some feeds number their items by position: the key 1 is whatever came last. Such keys, and keys under which DOI or
    PMID changed, are believed only with the same link or nearly the same title.
    """
    seen = view.sighting(entry.key)
    record = view.record(seen.record_id) if seen else None
    if record is None:
        return None
    theirs = record.entry
    if _conflict(entry, theirs) and titles.words(entry.title) != titles.words(theirs.title):
        return None
    if any(entry.identifier(each) and entry.identifier(each) == theirs.identifier(each) for each in _OWN):
        return record
    elsewhere = bool(entry.identifier("link") and theirs.identifier("link"))
    if is_weak(entry.key):
        near = titles.likeness(entry.title, theirs.title) >= _NEAR
        return record if near and not elsewhere and not titles.numbers_differ(entry.title, theirs.title) else None
    return None if elsewhere and not same.titles_agree(entry, theirs) else record


_OWN = ("doi", "pmid", "pmcid", "link")


def is_weak(key: str) -> bool:
    """Tell whether a key may be a mere position in the feed, or the same in another source: "1", "item-3", "latest"."""
    return _WEAK_KEY.fullmatch(key) is not None


def has_moved(view: View, entries: Sequence[Entry]) -> bool:
    """Tell whether the source has renamed its items: most keys that are new stand with titles that are not."""
    unseen = [each for each in entries if view.sighting(each.key) is None]
    if len(unseen) < _MOVED_AT_LEAST:
        return False
    still_here = {seen.record_id for each in entries if (seen := view.sighting(each.key)) is not None}
    known = [each for each in unseen if _stood_here(view, each, still_here)]
    distinct = {titles.words(each.title) for each in known}
    return len(distinct) >= _MOVED_AT_LEAST and len(known) >= _MOVED_SHARE * len(unseen)


def _stood_here(view: View, entry: Entry, still_here: set[int]) -> bool:
    found = (view.record(each) for each in view.by_title(entry) if each not in still_here and view.is_of_this(each))
    return any(each is not None and titles.words(each.title) == titles.words(entry.title) for each in found)


def verdict(entry: Entry, record: Entry, *, moved: bool) -> Verdict | None:
    """Return whether an entry is a record of the same source under a new key and link; `None` where neither is plain.

    For two items of one title, or nearly one, that do not stand in the source at the same time.
    """
    is_same_title = titles.words(entry.title) == titles.words(record.title)
    if not (is_same_title or _is_retouched(entry, record)) or is_preprint(entry) != is_preprint(record):
        return None
    if _conflict(entry, record):
        return None
    mine, theirs = same.date_of(entry), same.date_of(record)
    first, second = titles.words(entry.summary), titles.words(record.summary)
    alike = bool(first and second) and (first == second or extends(entry.summary, record.summary)
                                        or extends(record.summary, entry.summary))  # fmt: skip
    if alike and min(len(first), len(second)) >= _TELLING_WORDS:
        what = "the same title and text" if is_same_title else "the same text under nearly the same title"
        return Verdict("same", f"it stood in this source before, with {what}")
    if not is_same_title:
        timed = mine is not None and mine == theirs and mine.time() != time.min
        return (
            Verdict("same", "it stood in this source before, at the same minute, nearly so titled") if timed else None
        )
    if mine is not None and mine == theirs:
        return Verdict("same", "it stood in this source before, with the same title and date")
    if moved:
        return Verdict("same", "its source has renamed its items, and this title stood there before")
    redated = mine is not None and theirs is not None and mine.date() != theirs.date()
    by = beside(traits_of(entry), traits_of(record))
    cited = bool(by.author and by.journal)
    if redated and (not cited or titles.is_short(entry.title) or (first and second and not alike)):
        return Verdict("apart", "the source uses this title again for an item of another date")
    return None


def _is_retouched(entry: Entry, record: Entry) -> bool:
    """Tell whether one title is the other with a slip mended or a word changed; never with another number."""
    first, second = titles.aligned(entry.title, record.title)
    return titles.likeness(first, second) >= _NEAR and not titles.numbers_differ(first, second)


def _conflict(entry: Entry, record: Entry) -> bool:
    for scheme in ("doi", "pmid"):
        mine, theirs = entry.identifier(scheme), record.identifier(scheme)
        if mine and theirs and without_version(mine) != without_version(theirs):
            return True
    return False
