"""compose: matches → issue. Selection is by ledger: what comes in has no disposition yet; each one settled gets one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.compose import ranking, sections, words
from alerts.compose.items import Voice, closing_day, item
from alerts.compose.places import Lens, Locality, lens
from alerts.compose.sections import Placed, Plan
from alerts.compose.stories import Story, gather, gone_before_carried, gravity
from alerts.model.bulletins import (
    Bulletin,
    Candidate,
    Composed,
    Disposition,
    DispositionKind,
    IssueContent,
    IssueSection,
    Item,
    Team,
)
from alerts.model.catalogue import Place
from alerts.model.text import cut, one_line

LISTED_IN_MAIL = 40
"""With no web address the mail lists the remainder itself, up to so many titles; the rest waits for the next issue."""
NOTHING_NEW = "Nothing new."


@dataclass(frozen=True, slots=True)
class Setting:
    """What composing one issue needs to know beside the bulletin and its candidates.

    `since` is the first local day that the issue covers (`None`: no issue before it); `missed` the keys of periods
    that should have gone out earlier and are covered too; `was_due` the earlier day on which this one should have;
    `subject`, `note`, `pins` and `drops` (record id → reason) are the librarian's. `public_address` is empty where
    readers cannot reach any page.
    Of an issue that was held for review: `until` is the last day that it covers (`None`: today), `chosen` the records
    that are shown whatever the budget of items says (`None`: the budget chooses), `order` the librarian's own.
    A bulletin without places of its own looks through those of its profiles (`profile_places`). `followed` are the ids
    of the sources that its profiles listen to: an item is credited to one of them where it can be.
    """

    number: int
    period_key: str
    now: datetime
    team: Team
    since: date | None = None
    missed: tuple[str, ...] = ()
    was_due: date | None = None
    type_labels: Mapping[str, str] = field(default_factory=dict)
    profile_titles: Mapping[str, str] = field(default_factory=dict)
    profile_places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Sequence[Place] = ()
    followed: Collection[str] = frozenset()
    sources_searched: tuple[str, ...] = ()
    sources_failed: tuple[str, ...] = ()
    public_address: str = ""
    subject: str = ""
    note: str = ""
    pins: tuple[int, ...] = ()
    drops: Mapping[int, str] = field(default_factory=dict)
    until: date | None = None
    chosen: Collection[int] | None = None
    order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Stories sorted out: to be shown under headings, to be told as corrections, and dropped with a reason."""

    plan: Plan
    ranked: Mapping[int, Sequence[Placed]]
    corrections: tuple[Story, ...]
    dropped: tuple[tuple[Story, str], ...]


def compose(
    bulletin: Bulletin,
    candidates: Sequence[Candidate],
    *,
    setting: Setting,
    measure: Callable[[IssueContent], int],
) -> Composed | None:
    """Return the issue that `bulletin` makes of `candidates`; `None` when there is nothing to say and it says nothing.

    `measure` gives the bytes of the finished HTML mail. Every candidate that the issue settles has exactly one
    disposition; one without stays open on purpose and is offered again next time.
    """
    voice = Voice(setting.now, ZoneInfo(bulletin.schedule.zone), setting.team, setting.type_labels)
    sorted_out = _sort_out(bulletin, gather(candidates, bulletin.profiles, setting.followed), setting, voice)
    if not (sorted_out.corrections or any(sorted_out.ranked.values())) and bulletin.when_empty == "skip":
        return None
    chosen, content, listed = _fit(bulletin, sorted_out, setting, voice, measure)
    return Composed(content, tuple(_dispositions(bulletin, sorted_out, chosen, listed)))


def _sort_out(bulletin: Bulletin, stories: Sequence[Story], setting: Setting, voice: Voice) -> _Sorted:
    """Decide for every story: correction, dropped (and why), or under which heading and in which place."""
    corrections: list[Story] = []
    dropped: list[tuple[Story, str]] = []
    wanted: list[Story] = []
    for story in stories:
        if story.is_correction:
            corrections.append(story)
        elif reason := _drop_reason(bulletin, story, setting, voice):
            dropped.append((story, reason))
        else:
            wanted.append(story)
    headings = sections.plan(bulletin, wanted, setting.profile_titles)
    own = (place for each in bulletin.profiles for place in setting.profile_places.get(each, ()))
    looking = lens(bulletin.places or tuple(dict.fromkeys(own)), setting.places)
    ranked: dict[int, list[Placed]] = {}
    for story in wanted:
        locality = _locality(looking, story)
        closes = closing_day(story, voice)
        index = sections.section_of(
            bulletin, headings, story, closes=closes, today=voice.today, locality=locality
        )  # fmt: skip
        ranked.setdefault(index, []).append(Placed(story, index, locality, closes))
    places = (*setting.pins, *setting.order)
    ordered = {index: ranking.order(group, places, voice.today, voice.now) for index, group in ranked.items()}
    return _Sorted(headings, ordered, tuple(sorted(corrections, key=gravity)), tuple(dropped))


def _drop_reason(bulletin: Bulletin, story: Story, setting: Setting, voice: Voice) -> str:
    """Return why a story is not carried, or nothing. The librarian's own items are carried whatever their type."""
    if story.record.id in setting.drops:
        return setting.drops[story.record.id] or "dropped by the library"
    if gone := gone_before_carried(story):
        return gone
    kind, closes = story.record.evidence_type, closing_day(story, voice)
    if story.lead.kind == "closing" and (over := sections.closed(closes, kind, voice.today, reminds=True)):
        return over
    if story.is_own:
        return ""
    return sections.unwanted(kind, bulletin.sections) or sections.closed(closes, kind, voice.today)


def _locality(looking: Lens, story: Story) -> Locality:
    entry = story.record.entry
    return looking.look((each.place for each in story.seen_in if each.place), entry.title, entry.summary)


def _fit(
    bulletin: Bulletin, sorted_out: _Sorted, setting: Setting, voice: Voice, measure: Callable[[IssueContent], int]
) -> tuple[list[Placed], IssueContent, list[Placed]]:
    """Return the stories shown, the content, and the stories of the remainder, within both budgets.

    The item budget chooses; then the byte budget keeps as many of the chosen as fit, found by halving. Corrections are
    never cut, and one item is always shown.
    """

    def comes_first(placed: Placed) -> bool:
        return placed.story.is_own or placed.story.record.id in setting.pins

    if setting.chosen is None:
        items = bulletin.budget.items
        picks = ranking.picked(sorted_out.ranked, sorted_out.plan.sections, items, comes_first, voice.today)
    else:
        everything = (each for index in sorted(sorted_out.ranked) for each in sorted_out.ranked[index])
        chosen = [each for each in everything if each.story.record.id in setting.chosen]
        picks = sorted(chosen, key=lambda each: not comes_first(each))

    ready: dict[int, Item] = {}

    def as_item(placed: Placed) -> Item:
        number = placed.story.record.id
        if number not in ready:
            line = ranking.explained(placed, pinned=number in setting.pins, today=voice.today, now=voice.now)
            heading = sorted_out.plan.sections[placed.section].title
            ready[number] = item(placed.story, voice, locality=placed.locality, ranking_line=line, heading=heading)
        return ready[number]

    def made(size: int) -> tuple[list[Placed], IssueContent, list[Placed]]:
        return _content(bulletin, sorted_out, picks[:size], setting, voice, as_item)

    def fits(size: int) -> bool:
        return measure(made(size)[1]) <= bulletin.budget.html_bytes

    most = len(picks)
    least = min(1, most)
    if most > least and not fits(most):
        while most - least > 1:
            middle = (most + least) // 2
            least, most = (middle, most) if fits(middle) else (least, middle)
        most = least
    return made(most)


def _content(
    bulletin: Bulletin,
    sorted_out: _Sorted,
    picks: Sequence[Placed],
    setting: Setting,
    voice: Voice,
    as_item: Callable[[Placed], Item],
) -> tuple[list[Placed], IssueContent, list[Placed]]:
    """Put the content together for one choice of stories."""
    chosen_ids = {each.story.record.id for each in picks}
    everything = [each for index in sorted(sorted_out.ranked) for each in sorted_out.ranked[index]]
    shown = [each for each in everything if each.story.record.id in chosen_ids]
    left = [each for each in everything if each.story.record.id not in chosen_ids]
    listed = left if setting.public_address else _listed_in_mail(left, voice)
    headed = _headed(sorted_out.plan, shown, as_item)
    corrections = tuple(item(story, voice, locality=Locality()) for story in sorted_out.corrections)
    content = IssueContent(
        bulletin_id=bulletin.id,
        bulletin_title=one_line(bulletin.title),
        number=setting.number,
        period_key=setting.period_key,
        period_line=period_line(setting, voice),
        date_line=words.day(voice.today),
        subject="",
        preheader="",
        introduction=one_line(bulletin.introduction),
        late_line=late_line(setting.missed, setting.was_due),
        sections=headed,
        corrections=corrections,
        remainder=tuple(as_item(each) for each in listed),
        sources_searched=setting.sources_searched,
        sources_failed=setting.sources_failed,
        team=setting.team,
        public_address=setting.public_address.rstrip("/"),
        note=one_line(setting.note),
        waiting=len(left) - len(listed),
        remainder_line=remainder_line(bulletin, sorted_out.plan, left, setting.type_labels),
        signs_up=bulletin.sign_up is not None,
    )
    content = replace(content, subject=one_line(setting.subject) or subject_line(content), preheader=preheader(content))
    return shown, content, listed


def _listed_in_mail(left: Sequence[Placed], voice: Voice) -> list[Placed]:
    """Return the stories whose titles a mail lists where there is no page: what can still be answered never waits."""
    urgent = sorted(left, key=lambda each: not ranking.is_open(each, voice.today))
    listed = {each.story.record.id for each in urgent[:LISTED_IN_MAIL]}
    return [each for each in left if each.story.record.id in listed]


def remainder_line(bulletin: Bulletin, plan: Plan, left: Sequence[Placed], labels: Mapping[str, str]) -> str:
    """Return how much of what had no room stands under which heading: "20 studies, 11 data, 1 policy", most first.

    By topic or publisher: "4 on Tobacco, 1 added by the library", "3 from Heart, 1 from other publishers".
    """
    counted: dict[int, list[Placed]] = {}
    for each in left:
        counted.setdefault(each.section, []).append(each)
    told = []
    key_of = {index: key for key, index in plan.keys.items()}
    for index in sorted(counted, key=lambda index: (-len(counted[index]), index)):
        section, group = plan.sections[index], counted[index]
        name = one_line(section.title)
        if bulletin.group_by == "type":
            kind = group[0].story.record.evidence_type
            alone = len(group) == 1 and not section.lens and kind in section.types
            name = lower_first(labels.get(kind, kind) if alone else name)
        elif not key_of[index]:
            name = lower_first(name) if bulletin.group_by == "profile" else f"from {lower_first(name)}"
        else:
            name = f"on {name}" if bulletin.group_by == "profile" else f"from {name}"
        told.append(f"{len(group)} {name}")
    return ("; " if any("," in each for each in told) else ", ").join(told)


def _headed(plan: Plan, shown: Sequence[Placed], as_item: Callable[[Placed], Item]) -> tuple[IssueSection, ...]:
    """Return the sections of the issue: those with items, and empty ones that the bulletin wants to say so."""
    headed = []
    for index, section in enumerate(plan.sections):
        items = tuple(as_item(each) for each in shown if each.section == index)
        if items or section.empty == "say":
            headed.append(IssueSection(one_line(section.title), items, "" if items else NOTHING_NEW))
    return tuple(headed)


def period_line(setting: Setting, voice: Voice) -> str:
    """Return the days that the issue covers: "9 to 16 November 2026"; for a first issue "Up to 16 November 2026"."""
    until = setting.until or voice.today
    return words.span(setting.since, until) if setting.since else f"Up to {words.day(until)}"


def late_line(missed: Sequence[str], was_due: date | None = None) -> str:
    """Return what a late issue says: "This issue is late: it also covers the issues that were due on 3 and 10 …"."""
    if not missed:
        return f"This issue is late: it was due on {words.day(was_due)}." if was_due else ""
    days = [date.fromisoformat(key) for key in missed]
    if len(days) > 3:
        return f"This issue is late: it also covers {len(days)} issues due from {words.span(days[0], days[-1])}."
    number = "the issue that was" if len(days) == 1 else "the issues that were"
    return f"This issue is late: it also covers {number} due on {words.listed([words.day(each) for each in days])}."


def subject_line(content: IssueContent) -> str:
    """Return the subject: the first thing in the issue and how many more; a correction where there is nothing else."""
    items = [each for section in content.sections for each in section.items] or list(content.corrections)
    if not items:
        return cut(f"{words.lead(content.bulletin_title, 45)}: nothing new", words.SUBJECT_LENGTH)
    first = items[0]
    return words.subject(first.title, first.event, content.item_count - 1, closes=first.closes)


def preheader(content: IssueContent) -> str:
    """Return the hidden line that a mailbox shows after the subject: bulletin, days, counts."""
    counts = [f"{each.title} ({len(each.items)})" for each in content.sections if each.items]
    if content.corrections:
        counts.append(f"Corrections ({len(content.corrections)})")
    told = ", ".join(counts) if counts else "nothing new"
    return cut(f"{content.bulletin_title}, {lower_first(content.period_line)}: {told}", 150)


def lower_first(text: str) -> str:
    """Return `text` with a small first letter, unless its first word is an abbreviation ("NHS", "ICB")."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _dispositions(
    bulletin: Bulletin, sorted_out: _Sorted, chosen: Sequence[Placed], listed: Sequence[Placed]
) -> list[Disposition]:
    """Return what became of every event: all events of a story share its fate."""

    def all_of(story: Story, kind: DispositionKind, reason: str) -> list[Disposition]:
        return [Disposition(bulletin.id, event.id, kind, reason) for event in story.events]

    titles = [section.title for section in sorted_out.plan.sections]
    settled = [all_of(each.story, "issued", titles[each.section]) for each in chosen]
    settled += [all_of(story, "issued", "Corrections") for story in sorted_out.corrections]
    settled += [all_of(each.story, "remainder", f"over budget: {titles[each.section]}") for each in listed]
    settled += [all_of(story, "dropped", reason) for story, reason in sorted_out.dropped]
    return [each for group in settled for each in group]
