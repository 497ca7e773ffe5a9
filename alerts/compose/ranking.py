"""The order of items under a heading, and how many of them an issue holds.

The order is explainable to a reader: pinned by the librarian, then what closes first, then local, then more terms of
the strategy in the title, then more of its lines satisfied, then the newest. What can still be answered has up to half
of the budget to itself, since next week may be too late for it. The rest is shared fairly: the best item of each
section in turn, in the bulletin's order, until the issue is full, so that one busy section cannot crowd out the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from alerts.compose import words
from alerts.compose.places import ELSEWHERE, LOCAL
from alerts.compose.sections import Placed
from alerts.compose.stories import Story
from alerts.model.bulletins import Section

FIRST_YEAR = 1900


def dated(story: Story, now: datetime) -> datetime | None:
    """Return when the record was published, or updated if that is all its publisher says; `None` for impossible dates.

    Publishers say year 1 and year 9999; a journal issue may be dated some months ahead (SAFETY 18).
    """
    entry = story.record.entry
    when = entry.published or entry.updated
    if when is None or not FIRST_YEAR <= when.year <= now.year + 1:
        return None
    return when


def newest(story: Story, now: datetime) -> datetime:
    """Return the moment that sorts a story: its date, never later than now, or when the service first saw it."""
    return min(dated(story, now) or story.record.first_seen_at, now)


def order(placed: Sequence[Placed], first: Sequence[int], today: date, now: datetime) -> list[Placed]:
    """Return stories in the order in which readers see them under one heading.

    `first` are the records that the librarian pinned or put in an order; the earliest mention of each counts.
    """
    pinned = {record_id: place for place, record_id in reversed(list(enumerate(first)))}

    def key(each: Placed) -> tuple[int, int, int, int, int, float, int]:
        story = each.story
        open_until = each.closes.toordinal() if each.closes and each.closes >= today else date.max.toordinal()
        return (
            pinned.get(story.record.id, len(first)),
            open_until,
            -each.locality.level,
            -story.title_terms,
            -story.concept_lines,
            -newest(story, now).timestamp(),
            story.record.id,
        )

    return sorted(placed, key=key)


def explained(placed: Placed, *, pinned: bool, today: date, now: datetime) -> str:
    """Return why a story stands where it stands, as one line for a librarian."""
    story = placed.story
    reasons = ["pinned by the library"] if pinned else []
    if placed.closes and placed.closes >= today:
        reasons.append(f"closes {words.short_day(placed.closes, today)}")
    if placed.locality.level == LOCAL:
        reasons.append(f"local ({placed.locality.place})")
    elif placed.locality.level > ELSEWHERE:
        reasons.append(placed.locality.place)
    if story.is_own:
        reasons.append("added by the library")
    else:
        reasons.append(f"{words.count(story.title_terms, 'term')} in the title")
        reasons.append(f"{words.count(story.concept_lines, 'line')} of the search satisfied")
    reasons.append(words.day(newest(story, now).date()))
    return "; ".join(reasons)


def picked(
    ranked: Mapping[int, Sequence[Placed]],
    sections: Sequence[Section],
    items: int,
    first: Callable[[Placed], bool],
    today: date,
) -> list[Placed]:
    """Return the stories that an issue has room for, the most deserving first.

    What `first` says comes before all (pinned by the librarian, or the librarian's own) and no limit stops it; then
    what closes `today` or later, the soonest first, in up to half of the places; then one story of each section in turn
    until there are `items`, those sections waiting that have had a story more. No section has more than its own limit.
    """
    everything = [each for index in sorted(ranked) for each in ranked[index]]
    chosen = [each for each in everything if first(each)]
    taken = Counter(each.section for each in chosen)
    queues = {index: [each for each in ranked[index] if not first(each)] for index in sorted(ranked)}

    def take(each: Placed) -> None:
        chosen.append(each)
        taken[each.section] += 1
        queues[each.section].remove(each)

    def is_full(index: int) -> bool:
        limit = sections[index].limit
        return len(chosen) >= items or (limit is not None and taken[index] >= limit)

    urgent = sorted((each for each in everything if not first(each) and is_open(each, today)), key=_closing)
    for each in urgent[: max(1, items // 2)]:
        if not is_full(each.section):
            take(each)
    while waiting := [index for index, queue in queues.items() if queue and not is_full(index)]:
        take(queues[min(waiting, key=lambda index: (taken[index], index))][0])
    return chosen


def is_open(placed: Placed, today: date) -> bool:
    """Tell whether something can still be answered: it has a closing date, and that has not passed."""
    return placed.closes is not None and placed.closes >= today


def _closing(placed: Placed) -> date:
    return placed.closes or date.max
