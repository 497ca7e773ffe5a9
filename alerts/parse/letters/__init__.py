"""Letters: a newsletter's bytes to entries, one for each link that is an item.

    bytes ── heads (whose, when, about what) ── parts (HTML, else text; forwarded letters) ── lines ── items ── Entry
                                                                                               │
                                            redirects (trackers decoded, none followed) ───────┤
                                            boilerplate (unsubscribe, social, front pages) ────┘

An item is understood by `entry`, as one of a feed is: identifiers, labels, closing dates. Its key is its link; where
that is a tracker's number, which is another one in every letter, a hash of its title and of whose newsletter it is.
What stands in letter after letter can be told only by who remembers earlier ones (`boilerplate.repeated`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.errors import Problem
from alerts.model.records import Entry
from alerts.parse import dates, keys, problems
from alerts.parse.body import ENTRY_LIMIT, Parsed
from alerts.parse.entry import Noticed, entry_of
from alerts.parse.letters import lines as pages
from alerts.parse.letters.items import Item, items_of
from alerts.parse.letters.parts import Letter, letters_in
from alerts.parse.letters.redirects import is_personal
from alerts.parse.raw import RawItem, Value

_DATED = re.compile(
    r"^\W*(?:(?:first )?published|posted|date|issued|updated)?(?: on)?\W*(?P<date>[^|·]{6,40}?)\W*(?:[|·].*)?$", re.I
)
_OLDEST = timedelta(days=366)


def parse_letter(
    body: bytes, *, address: str, content_type: str = "", limit: int = ENTRY_LIMIT, leave_out: tuple[str, ...] = ()
) -> Parsed:
    """Return the items of one letter; raises `NotALetter` when nothing of it can be read.

    `leave_out` are words or parts of addresses whose links are no items. A letter without any item is not refused here:
    it has a problem of severity "error" (P150).
    """
    letters = letters_in(body)
    entries: list[Entry] = []
    found: list[Problem] = []
    for letter in letters:
        page = pages.of_html(letter.html) if letter.html else pages.of_text(letter.text)
        items = items_of(page.lines, leave_out)
        if not items and letter.html and letter.text:
            page = pages.of_text(letter.text)
            items = items_of(page.lines, leave_out)
        if page.cut or len(items) > limit:
            found.append(problems.letter_cut(letter.head.named))
        made, odd = _entries_of(letter, items[:limit])
        entries += made
        found += odd
    entries = _together(entries, limit)
    first = letters[0].head
    if not entries:
        found.append(problems.letter_without_items(first.named))
    return Parsed(
        format="mail",
        title=first.sender_name or first.sender,
        link="",
        entries=tuple(entries),
        problems=tuple(found),
        updated=first.date,
        may_be_empty=True,
    )


def _together(entries: list[Entry], limit: int) -> list[Entry]:
    return list({each.key: each for each in reversed(entries)}.values())[::-1][:limit]


def _entries_of(letter: Letter, items: list[Item]) -> tuple[list[Entry], list[Problem]]:
    noticed, made, failures = Noticed(), [], []
    channel = RawItem()
    for item in items:
        try:
            made.append(_entry(letter, item, channel, noticed))
        except Exception as error:  # noqa: BLE001  one bad item costs only itself, whatever is wrong with it
            failures.append(type(error).__name__)
    trackers = Counter(each.tracker for each in items if each.tracker)
    found = [problems.opaque_links(sum(trackers.values()), ", ".join(sorted(trackers)))] if trackers else []
    if failures:
        found.append(problems.failed_item(len(failures), failures[0]))
    return made, found


def _entry(letter: Letter, item: Item, channel: RawItem, noticed: Noticed) -> Entry:
    own, summary = _own_date(item, letter.head.date)
    raw = RawItem()
    raw.add("title", Value(item.title, "text"))
    raw.add("link", Value(item.address))
    raw.add("description", Value("\n\n".join(summary), "text"))
    if item.section and item.section.casefold() != item.title.casefold():
        raw.add("category", Value(item.section, "text"))
    moment = own or letter.head.date
    if moment is not None:
        raw.add("pubdate", Value(moment.isoformat()))
    made = entry_of(raw, channel, {""}, noticed)
    made = replace(made, publisher=letter.head.sender_name, date_kind="published" if moment else "")
    if not is_personal(item.tracker):
        return made
    identifiers = tuple(each for each in made.identifiers if each.scheme != "link")
    named = keys.hashed(f"{_whose(letter)}\x1f{' '.join(keys.folded(made.title))}")
    made = replace(made, key=named, identifiers=identifiers)
    return replace(made, fingerprint=keys.fingerprint(made))


def _whose(letter: Letter) -> str:
    """Return what stays the same from letter to letter of one newsletter: its list, else the sender's domain."""
    return (letter.head.list_id or letter.head.sender.rpartition("@")[2]).casefold()


def _own_date(item: Item, written: datetime | None) -> tuple[datetime | None, list[str]]:
    """Return the date that stands with an item on a line of its own, and the summary without that line.

    A date after the letter, or more than a year before it, is that of an event or of something else.
    """
    for at, line in enumerate([item.before, *item.summary[:3]]):
        found = _DATED.match(line) if 6 <= len(line) <= 80 else None
        moment = dates.read(found["date"]) if found else None
        if moment is None or dates.is_impossible(moment) or not re.search(r"\d{4}", line):
            continue
        if written is None or written - _OLDEST <= moment <= written + timedelta(days=1):
            return moment, [each for n, each in enumerate(item.summary, 1) if n != at]
    return None, item.summary
