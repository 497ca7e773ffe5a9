"""Times of day that happen exactly once on every day: what the clock change skips or repeats is refused (SAFETY 34)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.config.fields import WEEKDAYS
from alerts.config.nearest import did_you_mean
from alerts.config.nouns import day_of

if TYPE_CHECKING:
    from alerts.config import forms
    from alerts.config.drafts import Draft
    from alerts.errors import Problem
    from alerts.model.catalogue import Catalogue

EARLY = timedelta(days=183)
_FIRST, _LAST = date(2025, 1, 1), date(2038, 1, 1)
"""The years looked at: rules of later years are those of the last one the tz database knows."""


def check_schedule(draft: Draft, form: forms.ScheduleForm) -> list[Problem]:
    """Return what is wrong with a schedule."""
    return [*_check_day(draft, form), *_check_time(draft, form)]


def check_readable(draft: Draft, values: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a schedule of which only some keys can be read."""
    from alerts.config import forms

    problems: list[Problem] = []
    form = forms.ScheduleForm(**{"every": "day", "at": time(12), **values})  # at noon no clock changes
    if "every" in values:
        problems += _check_day(draft, form)
    elif form.on and day_of(form.on) is None:
        problems.append(_not_a_day(draft, form.on))
    return problems + _check_time(draft, form)


def check_reach(catalogue: Catalogue, today: date) -> list[Problem]:
    """Return a warning when half a year from now bank holidays matter that had not been announced."""
    from alerts.compose.calendar import KNOWN_UNTIL, reaches_beyond
    from alerts.errors import Problem

    soon = today + EARLY
    concerned = [
        each.title
        for each in catalogue.bulletins.values()
        if each.schedule.working_days_only and reaches_beyond(each.schedule.calendar, soon)
    ]
    if not concerned:
        return []
    sentence = (
        f"Bank holidays after {KNOWN_UNTIL.day} {KNOWN_UNTIL:%B %Y} had not been announced when this version was made: "
        f"those computed by rule are used ({', '.join(sorted(concerned)[:3])}{' and others' if concerned[3:] else ''})."
    )
    remedy = "Install a newer version, and put days that are proclaimed only once into calendar.yaml meanwhile."
    return [Problem("C043", "warning", sentence, remedy, file="calendar.yaml")]


def _not_a_day(draft: Draft, on: str) -> Problem:
    remedy = did_you_mean(on, WEEKDAYS, "Write a day: Tuesday; for a month: first Tuesday, last Friday.")
    return draft.finding("C022", ("schedule", "on"), f"“{on}” is not a day.", remedy)


def _check_day(draft: Draft, form: forms.ScheduleForm) -> list[Problem]:
    on = day_of(form.on) if form.on else None
    path = ("schedule", "on")
    if form.on and on is None:
        return [_not_a_day(draft, form.on)]
    if form.every == "day" and form.on:
        return [draft.finding("C042", path, "Every day has no “on”.", "Take it away, or write every: week.")]
    if form.every == "week" and on is None:
        return [draft.finding("C042", ("schedule",), "The day of the week is missing.", "Add on: Tuesday.")]
    if form.every == "month" and (on is None or not on[0]):
        remedy = "Write for example on: first Tuesday, or on: last Friday."
        return [
            draft.finding("C042", path if form.on else ("schedule",), "Which day of the month is not said.", remedy)
        ]
    if form.every in {"week", "fortnight"} and on is not None and on[0]:
        sentence = f"“{form.on}” is a day of a month, but every: is {form.every}."
        return [draft.finding("C042", path, sentence, f"Write on: {WEEKDAYS[on[1]]}.")]
    return _check_starting(draft, form, on)


def _check_starting(draft: Draft, form: forms.ScheduleForm, on: tuple[int, int] | None) -> list[Problem]:
    if form.every != "fortnight":
        if form.starting is None:
            return []
        return [draft.finding("C042", ("schedule", "starting"), "Only a fortnight has “starting”.", "Take it away.")]
    if form.starting is None:
        remedy = "Add starting: and the day of the first issue, so that the weeks can be told apart."
        return [draft.finding("C042", ("schedule",), "“starting” is missing.", remedy)]
    if on is not None and form.starting.weekday() != on[1]:
        sentence = f"{form.starting} is a {WEEKDAYS[form.starting.weekday()]}, not a {WEEKDAYS[on[1]]}."
        return [draft.finding("C042", ("schedule", "starting"), sentence, "Choose one of the two.")]
    return []


def _check_time(draft: Draft, form: forms.ScheduleForm) -> list[Problem]:
    try:
        when = skipped_or_repeated(form.zone, form.at)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [
            draft.finding("C041", ("schedule", "zone"), f"“{form.zone}” is not a time zone.", _zone_remedy(form.zone))
        ]
    if when is None:
        return []
    day = f"{when.day} {when:%B %Y}"
    sentence = f"{form.at:%H:%M} in {form.zone} is skipped or comes twice when the clocks change, as on {day}."
    return [
        draft.finding("C040", ("schedule", "at"), sentence, "Choose a time that every day has once, such as 07:30.")
    ]


def _zone_remedy(zone: str) -> str:
    from zoneinfo import available_timezones

    return did_you_mean(zone, available_timezones(), "Write it like Europe/London.")


def skipped_or_repeated(zone: str, at: time) -> date | None:
    """Return a day on which `at` does not happen exactly once in `zone`, or None when there is none.

    Raises `ZoneInfoNotFoundError` or `ValueError` for a zone that does not exist.
    """
    there = ZoneInfo(zone)
    for day in changes(zone):
        # PEP 495: the two folds of a local time differ exactly in a gap and in an overlap.
        moment = datetime.combine(day, at, there)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            return day
    return None


@lru_cache(maxsize=64)
def changes(zone: str) -> tuple[date, ...]:
    """Return the days of the years looked at on which, or on whose eve after noon, the clocks of `zone` change."""
    there = ZoneInfo(zone)
    noons = [datetime.combine(_FIRST + timedelta(days=n), time(12), there) for n in range((_LAST - _FIRST).days)]
    offsets = [noon.utcoffset() for noon in noons]
    changed = [n for n in range(1, len(noons)) if offsets[n] != offsets[n - 1]]
    return tuple(noons[m].date() for n in changed for m in (n - 1, n))
