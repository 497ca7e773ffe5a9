"""What an entry adds to a record that is known: nothing, words that only enrich it, or news for those who had it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.identify import titles
from alerts.identify.notices import mark_of
from alerts.model.records import Entry, Event, EventKind
from alerts.model.sources import UpdatePolicy

WEEK = timedelta(days=7)
_POLISHED = 0.8


@dataclass(frozen=True, slots=True)
class Change:
    """The record's text afterwards (`None`: as it was), the event to tell of, its note, and the reason."""

    reason: str
    text: Entry | None = None
    event: EventKind | None = None
    note: str = ""


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B}"


def update_note(entry: Entry, now: datetime) -> str:
    """Return the publisher's change note, or else only the day ("Updated 12 November")."""
    return entry.change_note or f"Updated {_day(entry.updated or now)}"


def _extends(new: str, old: str) -> bool:
    """Tell whether a summary only says more than the old one: it was empty, cut off, or an extract."""
    first, second = titles.words(new), titles.words(old)
    if len(second) >= len(first):
        return False
    return first[: max(len(second) - 1, 0)] == second[:-1] or f" {' '.join(second)} " in f" {' '.join(first)} "


def _united(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    seen = {each.casefold() for each in old}
    return old + tuple(each for each in new if each.casefold() not in seen)


def enriched(old: Entry, new: Entry, *, prefer_new: bool = False) -> Entry:
    """Return a record's text with what `new` adds; with `prefer_new` its title and summary stand where it has them.

    Identifiers, headings, keywords and types are united; the longer summary stays; what was missing is filled in. A
    DOI, PMID or PMCID that is there is never replaced or joined by a second one.
    """
    have = {each.scheme for each in old.identifiers if each.scheme in ("doi", "pmid", "pmcid")}
    more = [each for each in new.identifiers if each not in old.identifiers and each.scheme not in have]
    longer = len(new.summary) > len(old.summary)
    taken = new if (longer or (prefer_new and new.summary and not _extends(old.summary, new.summary))) else old
    own = new if prefer_new else old
    return replace(
        old,
        key=new.key if taken is new or prefer_new else old.key,
        fingerprint=new.fingerprint if taken is new or prefer_new else old.fingerprint,
        title=own.title,
        link=own.link or old.link or new.link,
        summary=taken.summary,
        summary_html=taken.summary_html,
        authors=max(old.authors, new.authors, key=len),
        journal=old.journal or new.journal,
        publisher=old.publisher or new.publisher,
        volume=(new.volume if prefer_new else "") or old.volume or new.volume,
        issue=(new.issue if prefer_new else "") or old.issue or new.issue,
        pages=(new.pages if prefer_new else "") or old.pages or new.pages,
        published=old.published or new.published,
        updated=max((each for each in (old.updated, new.updated) if each), default=None),
        date_kind=old.date_kind if old.published else new.date_kind or old.date_kind,
        language=old.language or new.language,
        keywords=_united(old.keywords, new.keywords)[:100],
        headings=_united(old.headings, new.headings)[:200],
        publication_types=_united(old.publication_types, new.publication_types)[:20],
        affiliations=_united(old.affiliations, new.affiliations)[:100],
        identifiers=old.identifiers + tuple(more),
        issn=_united(old.issn, new.issn),
        licence=old.licence or new.licence,
        open_access=old.open_access if new.open_access is None else new.open_access,
        closes=new.closes if prefer_new and new.closes else old.closes or new.closes,
        change_note=new.change_note or old.change_note,
    )


def _text_of(old: Entry, new: Entry, *, own: bool) -> Entry | None:
    """Return the record's new text, or `None` when nothing that is kept, shown or matched differs."""
    text = enriched(old, new, prefer_new=own)
    return None if replace(text, key=old.key, fingerprint=old.fingerprint) == old else text


def _words_changed(old: Entry, new: Entry) -> bool:
    """Tell whether title, summary or closing date changed otherwise than by growing or being cut."""
    if titles.words(old.title) != titles.words(new.title):
        return True
    if old.closes and new.closes and old.closes != new.closes:
        return True
    if titles.words(old.summary) == titles.words(new.summary) or not new.summary or not old.summary:
        return False
    return not (_extends(new.summary, old.summary) or _extends(old.summary, new.summary))


def _only_polished(old: Entry, new: Entry) -> bool:
    """Tell whether a journal merely tidied a citation: same DOI or PMID, nearly the same words, the same numbers.

    An article's proof becomes its final version without anybody having to read it again; a correction comes as a
    notice.
    """
    if not any(
        old.identifier(scheme) and old.identifier(scheme) == new.identifier(scheme) for scheme in ("doi", "pmid")
    ):
        return False
    before, after = f"{old.title} {old.summary}"[:2_000], f"{new.title} {new.summary}"[:2_000]
    return titles.likeness(old.title, new.title) >= _POLISHED and titles.shares_words(before, after) >= _POLISHED


def marked(old: Entry, new: Entry, events: Sequence[Event], *, own: bool) -> Change | None:
    """Return the change that a mark ("RETRACTED: …") makes of a record that did not carry it."""
    mark = mark_of(new)
    if mark is None or mark_of(old) is not None or any(each.kind == mark.event for each in events):
        return None
    text = _text_of(old, new, own=True) if own else replace(enriched(old, new), title=new.title)
    return Change(
        f"its publisher now calls it {mark.event}", text, mark.event, f"Marked as {mark.event} by its publisher"
    )


def change(
    old: Entry, new: Entry, *, own: bool, policy: UpdatePolicy, events: Sequence[Event], now: datetime
) -> Change:
    """Return what `new` changes of a record whose text is `old`.

    `own`: the record's text comes from this very source, so that it can be compared word by word; else `new` only
    enriches.
    """
    if withdrawn := marked(old, new, events, own=own):
        return withdrawn
    text = _text_of(old, new, own=own)
    if policy == "date":
        return _by_date(old, new, text, events, now)
    if not own:
        return Change("it adds to what the record says" if text else "it says nothing new", text)
    if not _words_changed(old, new):
        return Change("it was enriched, which is no news" if text else "only its form changed", text)
    if policy == "never":
        return Change("its text changed, and this source’s changes are never news", text)
    if _only_polished(old, new):
        return Change("its citation was tidied by the publisher, which is no news", text)
    return Change("its text changed", text, "updated", update_note(new, now))


def _by_date(old: Entry, new: Entry, text: Entry | None, events: Sequence[Event], now: datetime) -> Change:
    """Return the change where the publisher's date of update is the signal: at most one event a week."""
    before = max((each for each in (old.updated, old.published) if each), default=None)
    if new.updated is None or before is None or new.updated <= before:
        return Change("its date of update is the same" if text is None else "its text changed without a new date", text)
    recent = any(each.kind == "updated" and now - each.happened_at < WEEK for each in events)
    if recent:
        return Change("it was updated again within a week, which was told already", text)
    return Change("its publisher gives a new date of update", text, "updated", update_note(new, now))
