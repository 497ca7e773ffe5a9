"""What names an entry within its source, and what tells that a reader would see it changed."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.text import ascii_words
from alerts.parse import clean

_WORD = re.compile(r"[^\W_]+")


def hashed(text: str) -> str:
    """Return a short, stable name for a long text."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def key(guid: str, link: str, text: str) -> str:
    """Return an entry's key: its guid, else its link, else a hash of its text; over-long ones hashed."""
    name = clean.line(guid, len(guid) + 1) or link
    if not name:
        return hashed(" ".join(folded(text)))
    return name if len(name) <= clean.KEY_LIMIT else hashed(name)


def folded(text: str) -> list[str]:
    """Return the words of a text, without case, accents of form and signs: what tells that two texts say the same."""
    if text.isascii():
        return ascii_words(text)
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def fingerprint(entry: Entry) -> str:
    """Return `fingerprint_of` what an entry says, and what a database states of it: a retraction changes no word."""
    marks = (each.casefold() for each in entry.publication_types if each.casefold() == "retracted publication")
    stated = (*marks, *(f"{each.kind} {each.other}" for each in entry.relations))
    return fingerprint_of(
        entry.title, entry.summary, entry.change_note, entry.closes, entry.identifiers, entry.headings, stated
    )


def fingerprint_of(
    title: str,
    summary: str,
    change_note: str,
    closes: datetime | None,
    identifiers: Iterable[Identifier],
    headings: Iterable[str],
    stated: Iterable[str] = (),
) -> str:
    """Return a hash of what a reader would see as changed, and of what enriches a record.

    Title, summary, change note and closing date, word by word: case, white space, punctuation and mark-up do not
    count. Own identifiers and subject headings do, so that an abstract, DOI or heading that arrives later is noticed.
    Dates and links do not: publishers re-date and re-address items without changing them (`identify` looks at dates
    where they are the signal). What is `stated` counts where there is anything.
    """
    parts = [
        " ".join(folded(title)),
        " ".join(folded(summary)),
        " ".join(folded(change_note)),
        closes.isoformat() if closes else "",
        " ".join(sorted(str(each) for each in identifiers if each.scheme != "link")),
        "|".join(sorted(heading.casefold() for heading in headings)),
    ]
    if said := "|".join(sorted(stated)):
        parts.append(said)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def told_apart(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Give different items that share a guid keys of their own; return the entries and how many were renamed.

    The same item given twice word for word keeps one key. A guid that several items share names none of them, whatever
    their order: each is then named by its link if that is its own, else by a hash of its text.
    """
    shared = Counter(entry.key for entry in entries)
    groups: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for entry in entries:
        if shared[entry.key] > 1:
            groups[entry.key].add((entry.link, entry.fingerprint))
    renamed = 0
    result: list[Entry] = []
    for entry in entries:
        group = groups.get(entry.key, set())
        if len(group) > 1:
            owners = Counter(link for link, _ in group)
            own = entry.link if entry.link and entry.link != entry.key and owners[entry.link] == 1 else ""
            renamed += 1
            result.append(replace(entry, key=key("", own, f"{entry.key} {entry.link} {entry.fingerprint}")))
        else:
            result.append(entry)
    return result, renamed


def without_shared_links(entries: Sequence[Entry], front_page: str) -> list[Entry]:
    """Take a link out of the identifiers where it names no one item: the feed's own page, or a link of several."""
    titles: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        link = entry.identifier("link")
        if link:
            titles[link].add(" ".join(folded(entry.title)))
    common = {link for link, names in titles.items() if len(names) > 1} | {front_page}
    return [
        replace(
            entry,
            identifiers=tuple(each for each in entry.identifiers if each.scheme != "link" or each.value not in common),
        )
        if entry.identifier("link") in common
        else entry
        for entry in entries
    ]
