"""What an entry adds to a record that is known: nothing, words that only enrich it, or news for those who had it.

Text that grows is both: a journal's feed gives the abstract some days after the title, which is no news, while a page
of guidance is amended by adding to it, which is. So the record's type of evidence decides: see `_GROWS_QUIETLY`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from alerts.identify.comparing import stated, titles
from alerts.identify.comparing.notices import mark_of
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, EventKind
from alerts.model.sources import UpdatePolicy

WEEK = timedelta(days=7)
MOST_RELATIONS = 100
_REWORDED = "its text changed"
_POLISHED = 0.8
_GROWS_QUIETLY = frozenset({"study", "review", "preprint", "protocol", "news", "correction", "retraction", "event"})
"""Types whose text grows because more of it is given, not because more was published."""
_FEW_WORDS = 4
"""So many added words are a label or a "Read more", not an amendment."""
_SENTENCE_LIKE = 100
"""A shorter text (in characters) without a full stop is a phrase, not a text cut off at a limit."""
_SLIP = 80.0
"""Words as alike as this are one word and its misprint; "increase" and "decrease" are 75."""
_TITLE_WORDS = 4
_SMALL = frozenset({"a", "an", "the", "of", "in", "on", "for", "and", "to"})
_EDITION = frozenset({"update", "updated", "revised", "revision", "edition", "version", "final", "draft", "interim",
                      "withdrawn", "retracted", "new", "part", "supplement", "annex", "response"})  # fmt: skip
_INVITATION = re.compile(r"(?:\[\s*more\s*\]|\b(?:read more|continue reading))\W*$", re.IGNORECASE)
_CUT = re.compile(r"(?:…|\.{3}|\[\s*\.\.\s*\])\W*$")


@dataclass(frozen=True, slots=True)
class Change:
    """The record's text afterwards (`None`: as it was), the event to tell of, its note, and the reason."""

    reason: str
    text: Entry | None = None
    event: EventKind | None = None
    note: str = ""


def _words(summary: str) -> tuple[str, ...]:
    """Return a summary's words without the "Read more" that a site hangs on it."""
    return titles.words(_INVITATION.sub("", summary))


def extends(new: str, old: str) -> bool:
    """Tell whether a summary only says more than the old one: it was empty, cut off, or an extract."""
    first, second = _words(new), _words(old)
    if len(second) >= len(first):
        return False
    return first[: max(len(second) - 1, 0)] == second[:-1] or f" {' '.join(second)} " in f" {' '.join(first)} "


def _was_cut(old: str, new: str) -> bool:
    """Tell whether the old summary stopped where a feed's limit fell: at "…", in a word, or within a sentence."""
    if _CUT.search(old[-12:]) or _INVITATION.search(old):
        return True
    before, after = _words(old), _words(new)
    if not before or not old.rstrip()[-1:].isalnum() or after[: len(before) - 1] != before[:-1]:
        return False
    last, there = before[-1], after[len(before) - 1]
    if last != there:
        return there.startswith(last)
    going_on = " ".join(new.split())[len(" ".join(old.split())) :].lstrip()
    return len(old) >= _SENTENCE_LIKE and going_on[:1].islower()


def _was_added_to(old: Entry, new: Entry) -> bool:
    """Tell whether more than a few words were added to a summary that was whole."""
    added = len(_words(new.summary)) - len(_words(old.summary))
    return (
        bool(old.summary)
        and added > _FEW_WORDS
        and extends(new.summary, old.summary)
        and not _was_cut(old.summary, new.summary)
    )


def _united(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    seen = {each.casefold() for each in old}
    return old + tuple(each for each in new if each.casefold() not in seen)


def _says_less(new: str, old: str) -> bool:
    """Tell whether a title is the old one cut off, or without the mark of a retraction."""
    if titles.words(_unmarked(old)) == titles.words(new) != titles.words(old):
        return True
    return bool(_CUT.search(new)) and not _CUT.search(old) and _is_retouched(old, new)


def enriched(old: Entry, new: Entry, *, prefer_new: bool = False) -> Entry:
    """Return a record's text with what `new` adds; with `prefer_new` its title and summary stand where it has them.

    Identifiers, headings, keywords and types are united; the longer summary stays; what was missing is filled in. A
    DOI, PMID or PMCID that is there is never replaced or joined by a second one.
    """
    have = {each.scheme for each in old.identifiers if each.scheme in ("doi", "pmid", "pmcid")}
    more = [each for each in new.identifiers if each not in old.identifiers and each.scheme not in have]
    longer = len(new.summary) > len(old.summary)
    taken = new if (longer or (prefer_new and new.summary and not extends(old.summary, new.summary))) else old
    own = new if prefer_new and not _says_less(new.title, old.title) else old
    return replace(
        old,
        key=new.key if taken is new or prefer_new else old.key,
        fingerprint=new.fingerprint if taken is new or prefer_new else old.fingerprint,
        title=own.title,
        link=(new.link if prefer_new else "") or old.link or new.link,
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
        relations=tuple(dict.fromkeys((*old.relations, *new.relations)))[:MOST_RELATIONS],
        licence=old.licence or new.licence,
        open_access=old.open_access if new.open_access is None else new.open_access,
        closes=new.closes if prefer_new and new.closes else old.closes or new.closes,
        change_note=new.change_note if prefer_new else old.change_note or new.change_note,
    )


def _text_of(old: Entry, new: Entry, *, own: bool) -> Entry | None:
    """Return the record's new text, or `None` when nothing that is kept, shown or matched differs."""
    text = enriched(old, new, prefer_new=own)
    return None if replace(text, key=old.key, fingerprint=old.fingerprint) == old else text


def _closes_anew(old: Entry, new: Entry, now: datetime) -> bool:
    """Tell whether a closing date was moved, or appears for the first time and is still to come."""
    if new.closes is None or new.closes == old.closes:
        return False
    return old.closes is not None or new.closes.date() >= now.date()


def _words_changed(old: Entry, new: Entry) -> bool:
    """Tell whether title or summary changed otherwise than by growing, being cut, or a slip of the pen mended."""
    if not _is_retouched(old.title, new.title):
        return True
    before, after = _words(old.summary), _words(new.summary)
    if before == after or not after or not before or _only_slips(before, after):
        return False
    return not (extends(new.summary, old.summary) or extends(old.summary, new.summary))


def _is_retouched(old: str, new: str) -> bool:
    """Tell whether a title is the same but for its form: a slip mended, a subtitle given, an end cut off.

    Another number, or words that say it is another edition, make another title.
    """
    before, after = titles.words(_unmarked(old)), titles.words(_unmarked(new))
    if before == after or "".join(before) == "".join(after):
        return True
    shorter, longer = sorted((titles.words(_CUT.sub("", old)), titles.words(_CUT.sub("", new))), key=len)
    if _CUT.search(old) or _CUT.search(new):
        return longer[: len(shorter) - 1] == shorter[:-1] and longer[len(shorter) - 1].startswith(shorter[-1])
    if titles.numbers_differ(old, new):
        return False
    if len(shorter) >= _TITLE_WORDS and longer[: len(shorter)] == shorter:
        return not _EDITION.intersection(longer[len(shorter) :])
    return _only_slips(*(tuple(each for each in one if each not in _SMALL) for one in (before, after)))


def _unmarked(title: str) -> str:
    mark = mark_of(Entry("", title))
    return mark.title if mark else title


def _only_slips(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Tell whether two texts differ in the spelling of a few words and in no number."""
    if len(before) != len(after):
        return False
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    return len(pairs) <= max(2, len(before) // 50) and all(
        not any(map(str.isdigit, one + other)) and fuzz.ratio(one, other) >= _SLIP for one, other in pairs
    )


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
    if stated.mark(new) == mark.event:
        notice = "Retraction" if mark.event == "retracted" else "Withdrawal"
        reason, note = f"a database says that it was {mark.event}", f"{notice} published"
    else:
        says = new.change_note if mark_of(replace(new, change_note="")) is None else ""
        reason = f"its publisher now calls it {mark.event}"
        note = says or f"Marked as {mark.event} by its publisher"
    text = _text_of(old, new, own=True) if own else enriched(old, new)
    if text is not None and not own and mark.title != new.title:
        text = replace(text, title=new.title)
    return Change(reason, text, mark.event, note)


def _corrected(
    old: Entry, new: Entry, text: Entry | None, events: Sequence[Event], settled: Collection[Identifier]
) -> Change | None:
    """Return the change that a database's word of a correction makes, unless that was told already."""
    notes = [each.note for each in events if each.kind == "corrected"]
    found = stated.told_anew(old, new, settled, notes) if new.relations else None
    if found is None:
        return None
    kind, event = found
    reason = f"a database says that there is a notice about it ({kind.lower()})"
    return Change(reason, text, event, f"{kind} published")


def _news(old: Entry, new: Entry, evidence_type: str, now: datetime) -> str:
    """Return why a difference in the record's own source is news to those who had it, or an empty string."""
    if _closes_anew(old, new, now):
        return _closing_news(old)
    if _is_noted(old, new):
        return "its publisher says what changed"
    if evidence_type not in _GROWS_QUIETLY and _was_added_to(old, new):
        return "its publisher added to its text"
    return _REWORDED if _words_changed(old, new) else ""


def _closing_news(old: Entry) -> str:
    return "its closing date is new" if old.closes is None else "its closing date changed"


def _is_noted(old: Entry, new: Entry) -> bool:
    """Tell whether the publisher notes a change, under a date that is newer than all that was known."""
    before = max((each for each in (old.updated, old.published) if each), default=None)
    is_newer = new.updated is not None and before is not None and new.updated > before
    return is_newer and bool(new.change_note) and new.change_note != old.change_note


def _updated(reason: str, old: Entry, new: Entry, text: Entry | None) -> Change:
    """Return an update with the publisher's own note on it; a note of an earlier update does not stay on the record."""
    noted = replace(text or old, change_note=new.change_note)
    return Change(reason, None if noted == old else noted, "updated", new.change_note)


def change(
    old: Entry,
    new: Entry,
    *,
    own: bool,
    evidence_type: str,
    policy: UpdatePolicy,
    events: Sequence[Event],
    now: datetime,
    settled: Collection[Identifier] = (),
) -> Change:
    """Return what `new` changes of a record whose text is `old` and whose type of evidence is `evidence_type`.

    `own`: the record's text comes from this very source, so that it can be compared word by word; else `new` only
    enriches. `settled` are the notices about it that were told already. The note of an update is what the publisher
    says changed; it is empty when the source says nothing.
    """
    if withdrawn := marked(old, new, events, own=own):
        return withdrawn
    text = _text_of(old, new, own=own)
    if corrected := _corrected(old, new, text, events, settled):
        return corrected
    if mark_of(new) is not None:
        return Change("it was withdrawn or retracted already", text)
    if policy == "date":
        if own and _closes_anew(old, new, now):
            return _updated(_closing_news(old), old, new, text)
        return _by_date(old, new, text, events, now)
    if not own:
        return Change("it adds to what the record says" if text else "it says nothing new", text)
    reason = _news(old, new, evidence_type, now)
    if not reason:
        if text is not None and replace(text, title=old.title, key=old.key, fingerprint=old.fingerprint) == old:
            return Change("its title was tidied, which is no news", text)
        return Change("it was enriched, which is no news" if text else "only its form changed", text)
    if policy == "never":
        return Change(f"{reason}, and this source’s changes are never news", text)
    if reason == _REWORDED and _only_polished(old, new):
        return Change("its citation was tidied by the publisher, which is no news", text)
    return _updated(reason, old, new, text)


def _by_date(old: Entry, new: Entry, text: Entry | None, events: Sequence[Event], now: datetime) -> Change:
    """Return the change where the publisher's date of update is the signal: at most one event a week."""
    before = max((each for each in (old.updated, old.published) if each), default=None)
    if new.updated is None or before is None or new.updated <= before:
        return Change("its date of update is the same" if text is None else "its text changed without a new date", text)
    recent = any(each.kind == "updated" and now - each.happened_at < WEEK for each in events)
    if recent:
        return Change("it was updated again within a week, which was told already", text)
    return _updated("its publisher gives a new date of update", old, new, text)
