"""What must be read from the store before entries can be decided on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from alerts.identify.comparing import editions
from alerts.identify.comparing.notices import mark_of, notice_of
from alerts.identify.comparing.preprints import without_version
from alerts.identify.comparing.titles import title_key
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """The entry keys of the polled source, the identifiers and the title keys that `Known` must be read for."""

    keys: frozenset[str] = frozenset()
    identifiers: frozenset[Identifier] = frozenset()
    title_keys: frozenset[str] = frozenset()


_ORDER = {"doi": 0, "pmid": 1, "pmcid": 2, "document": 3, "link": 4}


def identifiers_of(entry: Entry) -> tuple[Identifier, ...]:
    """Return the identifiers under which an entry's record may be known, the strongest first."""
    return _ordered(entry.identifiers)


@lru_cache(maxsize=2048)  # asked for several times of every entry of a poll
def _ordered(own: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    found = dict.fromkeys(own)
    doi = next((each.value for each in own if each.scheme == "doi"), "")
    if doi and without_version(doi) != doi:
        found.setdefault(Identifier("doi", without_version(doi)))
    return tuple(sorted(found, key=lambda each: _ORDER[each.scheme]))


def title_keys_of(entry: Entry) -> tuple[str, ...]:
    """Return the blocks of titles that an entry may be found in: its own, and those of what it is a notice of."""
    notice, mark = notice_of(entry), mark_of(entry)
    found = [entry.title, notice.about_title if notice else "", mark.title if mark else ""]
    return tuple(dict.fromkeys(key for title in found if title and (key := title_key(title))))


def looks_up(entries: Iterable[Entry]) -> Wanted:
    """Return what `decide` must know about `entries`."""
    keys: set[str] = set()
    identifiers: set[Identifier] = set()
    title_keys: set[str] = set()
    for entry in entries:
        keys.add(entry.key)
        identifiers.update(identifiers_of(entry))
        identifiers.update(editions.earlier(entry))
        notice = notice_of(entry)
        if notice is not None:
            identifiers.update(notice.about)
        identifiers.update(each.other for each in entry.relations)
        title_keys.update(title_keys_of(entry))
    return Wanted(frozenset(keys), frozenset(identifiers), frozenset(title_keys))
