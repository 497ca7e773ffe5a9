"""A draft under review: what the librarian decides, applied; and the issue that comes of it.

What a draft tells is frozen when it is made: what the librarian was shown is what goes out. Only what has happened to
its own records since (a correction, a retraction) is taken in, by `with_records`, and what closed meanwhile is left
out by `compose` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from alerts.compose.issue import Setting, compose
from alerts.model.bulletins import Bulletin, Candidate, Composed, Disposition, IssueContent, Item
from alerts.model.drafts import Change, Changes, Draft, Keep

DROPPED = "dropped by the library"


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One item of a draft, for people: its number, the heading it stands under, and what is to become of it."""

    number: int
    record_id: int
    title: str
    heading: str
    keep: Keep
    is_pinned: bool = False
    note: str = ""
    reason: str = ""
    is_correction: bool = False


def begun(
    candidates: Sequence[Candidate],
    composed: Composed,
    *,
    until: date,
    since: date | None,
    sources_searched: Sequence[str],
    sources_failed: Sequence[str],
    before: Draft | None = None,
) -> Draft:
    """Return the draft of an issue that was composed of these candidates.

    `before` is a draft that this one takes in: its decisions and numbers stay.
    """
    shown, rest = in_order(composed.content), [each.record_id for each in composed.content.remainder]
    known = before.numbers if before else ()
    settled = dict.fromkeys(each.record.id for each in candidates)
    numbers = tuple(dict.fromkeys((*known, *shown, *rest, *settled)))
    return replace(
        before or Draft((), until),
        candidates=tuple(candidates),
        until=until,
        since=since,
        sources_searched=tuple(sources_searched),
        sources_failed=tuple(sources_failed),
        chosen=tuple(shown),
        numbers=numbers,
    )


def in_order(content: IssueContent) -> list[int]:
    """Return the records that an issue shows, in the order of reading; corrections last."""
    return [each.record_id for each in _shown(content)]


def _shown(content: IssueContent) -> list[Item]:
    return [*(each for section in content.sections for each in section.items), *content.corrections]


def composed_of(
    bulletin: Bulletin, draft: Draft, *, setting: Setting, measure: Callable[[IssueContent], int]
) -> Composed | None:
    """Return the issue that a draft comes to, `None` when nothing is left to say and the bulletin says nothing.

    `setting` gives the moment, the number and what the configuration says; the draft gives the rest.
    """
    return compose(bulletin, _decided(draft), setting=_set(draft, setting), measure=measure)


def composed_with(
    bulletin: Bulletin,
    draft: Draft,
    fresh: Sequence[Candidate],
    *,
    setting: Setting,
    measure: Callable[[IssueContent], int],
) -> Composed | None:
    """Return the issue that a draft and fresh candidates make together: the budget chooses anew among all of them."""
    setting = replace(_set(draft, setting), chosen=None, until=setting.until, since=setting.since)
    setting = replace(setting, pins=tuple(dict.fromkeys((*draft.pins, *draft.raised))))
    return compose(bulletin, [*_decided(draft), *fresh], setting=setting, measure=measure)


def _decided(draft: Draft) -> list[Candidate]:
    """Return the candidates that are not put off, with the librarian's own words in place of a summary."""
    notes = dict(draft.notes)
    return [
        replace(each, own_note=notes.get(each.record.id, each.own_note))
        for each in draft.candidates
        if each.record.id not in draft.later
    ]


def _set(draft: Draft, setting: Setting) -> Setting:
    return replace(
        setting,
        since=draft.since,
        until=draft.until,
        sources_searched=draft.sources_searched,
        sources_failed=draft.sources_failed,
        subject=draft.subject,
        note=draft.note,
        pins=draft.pins,
        drops=dict(draft.drops),
        chosen=frozenset(each for each in draft.records if draft.keep_of(each) == "yes"),
        order=draft.order,
    )


def fingerprint(composed: Composed | None) -> str:
    """Return what tells one state of an issue from another: all that readers see, but for its number and its day."""
    if composed is None:
        return "nothing"
    content = composed.content
    seen = replace(content, number=0, date_line="", team=replace(content.team, file=""))  # where it lies, none sees
    return sha256(repr(seen).encode("utf-8", "replace")).hexdigest()[:32]


def emptied(draft: Draft, bulletin_id: str) -> tuple[Disposition, ...]:
    """Return what becomes of the events of a draft that is closed without an issue: what was dropped is dropped."""
    reasons = dict(draft.drops)
    return tuple(
        Disposition(bulletin_id, each.event.id, "dropped", reasons[each.record.id] or DROPPED)
        for each in draft.candidates
        if each.record.id in reasons and each.record.id not in draft.later
    )


def items_of(draft: Draft, composed: Composed | None) -> tuple[DraftItem, ...]:
    """Return what is in a draft in the order of reading: what is shown, corrections, what is listed, what is left out.

    What compose leaves out by the bulletin's own rules (a type without a heading) is not among them.
    """
    number = {record_id: place for place, record_id in enumerate(draft.numbers, start=1)}
    notes, reasons = dict(draft.notes), dict(draft.drops)

    def made(record_id: int, title: str, heading: str, *, keep: Keep, is_correction: bool = False) -> DraftItem:
        pinned, note = record_id in draft.pins, notes.get(record_id, "")
        reason = reasons.get(record_id, "")
        return DraftItem(number[record_id], record_id, title, heading, keep, pinned, note, reason, is_correction)

    found: dict[int, DraftItem] = {}
    if composed is not None:
        content = composed.content
        for section in content.sections:
            for each in section.items:
                found[each.record_id] = made(each.record_id, each.title, section.title, keep="yes")
        for each in content.corrections:
            found[each.record_id] = made(each.record_id, each.title, "Corrections", keep="yes", is_correction=True)
        for each in content.remainder:
            found[each.record_id] = made(each.record_id, each.title, each.heading, keep="title")
    for candidate in draft.candidates:
        record = candidate.record
        keep = draft.keep_of(record.id)
        if record.id not in found and keep in ("no", "later"):
            found[record.id] = made(record.id, record.title, "", keep=keep)
    return tuple(found.values())


def decided(draft: Draft, changes: Changes) -> Draft:
    """Return the draft with what the librarian says now; what is not said stays as it was."""
    for each in changes.items:
        draft = _changed(draft, each)
    if changes.order is not None:
        draft = replace(draft, order=_merged(draft.order, changes.order))
    return replace(
        draft,
        subject=draft.subject if changes.subject is None else changes.subject,
        note=draft.note if changes.note is None else changes.note,
    )


def _changed(draft: Draft, change: Change) -> Draft:
    one = change.record_id
    if change.keep is not None:
        clear = replace(
            draft,
            drops=tuple(each for each in draft.drops if each[0] != one),
            later=_without(draft.later, one),
            raised=_without(draft.raised, one),
            listed=_without(draft.listed, one),
        )
        if change.keep == "no":
            clear = replace(clear, drops=(*clear.drops, (one, change.reason or DROPPED)))
        elif change.keep == "later":
            clear = replace(clear, later=(*clear.later, one))
        elif change.keep == "title":
            clear = replace(clear, listed=(*clear.listed, one), pins=_without(clear.pins, one))
        elif one not in clear.chosen:
            clear = replace(clear, raised=(*clear.raised, one))
        draft = clear
    if change.pin is not None:
        pins = _without(draft.pins, one)
        draft = replace(draft, pins=(*pins, one) if change.pin else pins)
        if change.pin:
            draft = replace(draft, listed=_without(draft.listed, one))
    if change.note is not None:
        notes = tuple(each for each in draft.notes if each[0] != one)
        draft = replace(draft, notes=(*notes, (one, change.note)) if change.note else notes)
    return draft


def _without(these: Iterable[int], one: int) -> tuple[int, ...]:
    return tuple(each for each in these if each != one)


def _merged(before: Sequence[int], now: Sequence[int]) -> tuple[int, ...]:
    """Return the order said now, followed by what was said before of others."""
    return tuple(dict.fromkeys((*now, *before)))


def with_records(draft: Draft, fresh: Sequence[Candidate], replaced: Collection[int]) -> Draft:
    """Return the draft with the records `replaced` told anew by `fresh`: corrected, retracted, or merged with another.

    A record that was merged into another hands its number and its decisions on.
    """
    kept = [each for each in draft.candidates if each.record.id not in replaced]
    return replace(draft, candidates=(*kept, *fresh), numbers=_numbered(draft, fresh))


def _numbered(draft: Draft, fresh: Sequence[Candidate]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*draft.numbers, *(each.record.id for each in fresh))))


def renamed(draft: Draft, merged: dict[int, int]) -> Draft:
    """Return the draft with the records that were merged into others called by the id that stays."""

    def now(these: Iterable[int]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(merged.get(each, each) for each in these))

    def pairs(these: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
        return tuple({merged.get(one, one): words for one, words in these}.items())

    # A number whose record went over to one that has a number stays taken: nobody's number ever changes.
    numbers = tuple(
        each if merged.get(each, each) in draft.numbers and each in merged else merged.get(each, each)
        for each in draft.numbers
    )
    return replace(
        draft,
        numbers=numbers,
        drops=pairs(draft.drops),
        notes=pairs(draft.notes),
        chosen=now(draft.chosen),
        raised=now(draft.raised),
        listed=now(draft.listed),
        later=now(draft.later),
        pins=now(draft.pins),
        order=now(draft.order),
    )


def with_own(draft: Draft, own: Sequence[Candidate]) -> Draft:
    """Return the draft with items of the librarian's own: shown, whatever the budget and earlier decisions say."""
    ids = tuple(dict.fromkeys(each.record.id for each in own))
    made = with_records(draft, own, ids)
    return decided(made, Changes(tuple(Change(each, "yes") for each in ids)))
