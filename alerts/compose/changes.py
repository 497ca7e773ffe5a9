"""What happened to something already published, in one line, and the notice that told of it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from alerts.compose import summaries, words
from alerts.compose.stories import Story
from alerts.model.identifiers import Identifier
from alerts.model.records import Event, EventKind, Record, RelationKind
from alerts.model.text import cut, one_line

NOTE_LENGTH = 400
CLOSING = "Closing soon: you had this before"
NOTICES: dict[EventKind, str] = {
    "corrected": "Correction notice",
    "withdrawn": "Withdrawal notice",
    "retracted": "Retraction notice",
}
_STATED: dict[RelationKind, tuple[EventKind, str]] = {
    "corrected by": ("corrected", "Correction notice"),
    "concern told by": ("corrected", "Expression of concern"),
    "withdrawn by": ("withdrawn", "Withdrawal notice"),
    "retracted by": ("retracted", "Retraction notice"),
}
_LONG_BEFORE = timedelta(days=1)
_ONLY_THE_KIND = re.compile(
    r"(?:correction|withdrawal|retraction|erratum|corrigendum)(?: published)?\.?", re.IGNORECASE
)
_ONLY_THE_DAY = re.compile(
    rf"(?:(?:last )?updated(?: on)?:? )?\d{{1,2}} (?:{'|'.join(words.MONTHS)})(?: \d{{4}})?\.?", re.IGNORECASE
)


def told(story: Story) -> Event | None:
    """Return the event that an item has to explain: what happened to something old, or to something new since."""
    if story.lead.kind != "new":
        return story.lead
    return next((event for event in story.events if event.kind == "corrected"), None)


def notice_of(story: Story) -> Record | None:
    """Return the notice that told of the event, where there is one beside the record itself."""
    event = told(story)
    notice = story.notices.get(event.id) if event else None
    return notice if notice is not None and notice.id != story.record.id else None


def stated_notice(story: Story, event: Event) -> tuple[str, Identifier] | None:
    """Return what a database names as the notice of this very event, by DOI before PMID, and what it is called.

    Of several corrections nobody can tell which one it was: then none.
    """
    entry = story.record.entry
    named = [
        (_STATED[each.kind][1], each.other)
        for each in entry.relations
        if each.kind in _STATED and _STATED[each.kind][0] == event.kind and each.other not in entry.identifiers
    ]
    for scheme in ("doi", "pmid"):
        found = [each for each in named if each[1].scheme == scheme]
        if found:
            return found[0] if len(found) == 1 or event.kind != "corrected" else None
    return None


def is_gone(story: Story) -> bool:
    """Tell whether what is to be told includes that the publication was withdrawn or retracted."""
    return any(each.kind in ("withdrawn", "retracted") for each in story.events)


def line(story: Story, happened: date, today: date) -> str:
    """Return "Updated 12 November: new section on dosing"; "Updated 12 November" where no note says more."""
    event = told(story)
    if event is None:
        return _before_it_came(story, happened, today)
    if event.kind == "closing":
        return CLOSING
    note = event.note or (story.record.entry.change_note if event.kind == "updated" else "")
    note = one_line(note)
    if _ONLY_THE_DAY.fullmatch(note) or (event.kind != "updated" and _ONLY_THE_KIND.fullmatch(note)):
        note = ""
    note = note or _sentence(story)
    what = f"{event.kind.capitalize()} {words.short_day(happened, today)}"
    return cut(f"{what}: {note}" if note else what, NOTE_LENGTH)


def _before_it_came(story: Story, updated: date, today: date) -> str:
    """Return what changed in something that is new here but was published long before: "Updated 12 November: …"."""
    entry = story.record.entry
    if not (entry.change_note and entry.published and entry.updated) or entry.updated - entry.published < _LONG_BEFORE:
        return ""
    return cut(f"Updated {words.short_day(updated, today)}: {one_line(entry.change_note)}", NOTE_LENGTH)


def _sentence(story: Story) -> str:
    """Return the first sentence of the notice, where the sources' rules for summaries allow it."""
    notice = notice_of(story)
    if notice is None or summaries.strictest(each.abstract_mail for each in story.seen_in) == "none":
        return ""
    text = notice.entry.summary
    spans = summaries.sentences(text)
    return cut(one_line(text[slice(*spans[0])]), summaries.MAIL_SNIPPET) if spans else ""
