"""Which heading a story goes under, and why one goes under none.

By type: the sections of the bulletin in their order, its lenses first. A section with the lens `dated` takes what can
still be answered (a closing date today or later), `local` what the place lens finds near; both take any type that the
bulletin carries, so they lift items out of the other sections and never bring in a type that nobody asked for. News,
events, safety alerts, preprints and bare correction notices are carried only where a section names them.
By profile or by publisher: the same types, other headings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alerts.compose.places import LOCAL, Locality
from alerts.compose.stories import Story
from alerts.model.bulletins import Bulletin, Section

OFF_UNLESS_ASKED = frozenset({"news", "event", "safety alert", "preprint", "correction", "retraction"})
"""Types that a bulletin carries only when one of its sections names them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A story under a heading (the index of its section), with what the ranking needs to know."""

    story: Story
    section: int
    locality: Locality
    closes: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The headings of one issue, in order."""

    sections: tuple[Section, ...]
    keys: Mapping[str, int]


def closed(closes: date | None, evidence_type: str, today: date, *, reminds: bool = False) -> str:
    """Return why something that can no longer be answered is left out; an empty string otherwise.

    `reminds`: it would be told only because it closes soon.
    """
    if reminds and closes is None:
        return "it has no closing date any more"
    if (reminds or evidence_type == "consultation") and closes and closes < today:
        return f"closed on {closes.isoformat()}"
    return ""


def unwanted(evidence_type: str, sections: Sequence[Section]) -> str:
    """Return why no section of the bulletin takes this type; an empty string when one does.

    A bulletin without sections of its own takes every type but those that are off unless asked for; so does one with a
    lens, for types that have a use there: a consultation is always something to answer.
    """
    if any(evidence_type in section.types for section in sections):
        return ""
    if evidence_type in OFF_UNLESS_ASKED:
        return f"type “{evidence_type}” is not asked for in this bulletin"
    if not any(section.types for section in sections):
        return ""
    if evidence_type == "consultation" and any(section.lens == "dated" for section in sections):
        return ""
    return f"no section of this bulletin takes the type “{evidence_type}”"


def by_type(sections: Sequence[Section], evidence_type: str, *, is_dated: bool, is_local: bool) -> int:
    """Return the section that a wanted type goes under: a lens where it applies, else the first that names it."""
    for lens, applies in (("dated", is_dated), ("local", is_local)):
        if applies:
            for index, section in enumerate(sections):
                if section.lens == lens:
                    return index
    for index, section in enumerate(sections):
        if evidence_type in section.types:
            return index
    return next((index for index, section in enumerate(sections) if section.lens == "dated"), 0)


def plan(bulletin: Bulletin, stories: Sequence[Story], profile_titles: Mapping[str, str]) -> Plan:
    """Return the headings of an issue: the bulletin's own, or its profiles, or the publishers of its stories A to Z."""
    if bulletin.group_by == "profile":
        titles = {reason.profile_id: reason.profile_title for story in stories for reason in story.reasons}
        ids = dict.fromkeys((*bulletin.profiles, *titles))
        names = {each: profile_titles.get(each) or titles.get(each, "") for each in ids}
        shown = [each for each in ids if names[each]]
        headings = (*(Section(names[each]) for each in shown), Section("Added by the library"))
        return Plan(headings, {each: index for index, each in enumerate(shown)} | {"": len(shown)})
    if bulletin.group_by == "publisher":
        publishers = sorted({publisher_of(story) for story in stories}, key=str.casefold)
        return Plan(
            tuple(Section(each or "Other publishers") for each in publishers),
            {each: index for index, each in enumerate(publishers)},
        )
    return Plan(bulletin.sections or (Section("What is new"),), {})


def publisher_of(story: Story) -> str:
    """Return who published a story's record: the journal, else the publisher, else the first source that carries it."""
    entry = story.record.entry
    first = story.seen_in[0] if story.seen_in else None
    return entry.journal or entry.publisher or (first.publisher or first.title if first else "")


def section_of(
    bulletin: Bulletin, headings: Plan, story: Story, *, closes: date | None, today: date, locality: Locality
) -> int:
    """Return the index of the heading that `story` goes under."""
    if bulletin.group_by == "profile":
        return headings.keys[next((each.profile_id for each in story.reasons if each.profile_id in headings.keys), "")]
    if bulletin.group_by == "publisher":
        return headings.keys[publisher_of(story)]
    return by_type(
        headings.sections,
        story.record.evidence_type,
        is_dated=closes is not None and closes >= today,
        is_local=locality.level == LOCAL,
    )
