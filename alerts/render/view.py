"""What the templates see of an issue: text cut into pieces, lines joined, links numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alerts.model.bulletins import IssueContent, Item
from alerts.render import addresses
from alerts.render.message import Kind, Marks, leave_mailto

Segment = tuple[str, bool]
"""A run of text, and whether it is marked (a word that matched)."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as templates show it; `meta` is what is `said` of it in one line.

    `ref`, `access_ref` and `notice_ref` number its links in the text part (0: no link);
    `is_wrong` says that the publication was corrected, withdrawn or retracted.
    """

    item: Item
    said: tuple[str, ...]
    meta: str
    also: str
    why: str
    topics: str
    matched: str
    title: tuple[Segment, ...]
    paragraphs: tuple[tuple[Segment, ...], ...]
    ref: int
    access_ref: int
    notice_ref: int
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """A heading, what is told under it, its items and, for the text part, its links by number.

    `groups` are the same items by the heading that they would have stood under, where that is another.
    """

    title: str
    told: str
    items: tuple[ItemView, ...]
    empty_text: str
    links: tuple[tuple[int, str], ...]
    anchor: str
    groups: tuple[SectionView, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue as templates show it. Addresses are empty where there is nothing to link to.

    `box` is where answers go; `searched` are the sources searched, as the foot of a mail says them.
    """

    content: IssueContent
    sections: tuple[SectionView, ...]
    corrections: SectionView | None
    remainder: SectionView | None
    more: str
    contents: tuple[tuple[int, str, str], ...]
    issue_address: str
    archive_address: str
    leave_address: str
    leaves_by_mail: bool
    box: str
    why: str
    feedback_address: str
    feedback_said: str
    copy_address: str
    copy_said: str
    contact_address: str
    period: str
    searched: str


def issue_view(content: IssueContent, kind: Kind, marks: Marks | None) -> IssueView:
    """Return the view of an issue: for mail to readers of one kind with `marks`, or for the page (`marks` is None)."""
    public = content.public_address
    numbers = _Numbers()
    sections = tuple(
        _section(section.title, section.items, numbers, f"section-{index}", empty=section.empty_text)
        for index, section in enumerate(content.sections, 1)
    )
    wrong = content.corrections
    corrections = _section("Corrections", wrong, numbers, "corrections", told=CORRECTIONS_TOLD) if wrong else None
    remainder = _remainder(content, numbers, is_page=marks is None)
    by_mail = kind == "list" or not public
    feedback_address, feedback_said = _feedback(content)
    own_link = addresses.leave_address(public, marks.token) if marks and not by_mail else ""
    headed = [*sections, *([corrections] if corrections else []), *([remainder] if remainder and marks is None else [])]
    waiting = len(content.remainder) + content.waiting
    said = "more in the web version" if public else "more, by title only"
    more = [(len(content.remainder), said, "")] if marks and content.remainder else []
    return IssueView(
        content=content,
        sections=sections if any(each.items for each in headed) else (),
        corrections=corrections,
        remainder=remainder,
        more=f"{waiting} more {'item' if waiting == 1 else 'items'}" if waiting else "",
        contents=(*((len(each.items), each.title, each.anchor) for each in headed if each.items), *more),
        issue_address=addresses.issue_address(public, content.bulletin_id, content.number) if public else "",
        archive_address=addresses.bulletin_address(public, content.bulletin_id) if public else "",
        leave_address=own_link or leave_mailto(content),
        leaves_by_mail=by_mail,
        box=_box(content),
        why=marks.why if marks else "",
        feedback_address=feedback_address,
        feedback_said=feedback_said,
        copy_address=_copy(content),
        copy_said=_copy(content) if _is_joined(content) else _box(content),
        period=content.period_line.replace("Up to", "up to", 1),
        searched=_searched(content.sources_searched, named_on_page=bool(public)),
        contact_address=addresses.mailto(_box(content), f"{content.bulletin_title}, issue {content.number}"),
    )


def _remainder(content: IssueContent, numbers: _Numbers, *, is_page: bool) -> SectionView | None:
    """Return what had no room: all of it on the page and where there is no page, else what can still be answered."""
    rest = content.remainder
    if not is_page and content.public_address:
        rest = tuple(each for each in rest if each.closes)[:CLOSING_LISTED]
    if not rest:
        return None
    made = _section("Also found", rest, numbers, "also-found", told=NO_ROOM, titles_only=True)
    by_heading: dict[str, list[ItemView]] = {}
    for view in made.items:
        by_heading.setdefault(view.item.heading, []).append(view)
    groups = tuple(
        SectionView(heading, "", tuple(views), "", (), f"also-found-{index}")
        for index, (heading, views) in enumerate(by_heading.items(), 1)
        if heading
    )
    return replace(made, groups=groups)


def _box(content: IssueContent) -> str:
    return content.team.reply_to or content.team.owner_address or content.team.sender_address


def _feedback(content: IssueContent) -> tuple[str, str]:
    """Return where a reader tells what was of use, as a link and as the text part says it."""
    if content.public_address:
        page = addresses.feedback_address(content.public_address, content.bulletin_id, content.number)
        return page, page
    box = content.team.feedback_address or _box(content)
    link = addresses.mailto(
        box,
        f"I used something in {content.bulletin_title}, issue {content.number}",
        "Which item, and what did it help you with?\r\n\r\n",
    )
    return link, box


def _searched(sources: Sequence[str], *, named_on_page: bool) -> str:
    """Return "2 (The first; The second)"; a page names all of many, and where there is none the mail does."""
    names = "; ".join(sources[:SOURCES_NAMED])
    if len(sources) > FEW_SOURCES and named_on_page:
        return f"{len(sources)}, all named in the web version"
    over = len(sources) - SOURCES_NAMED
    return f"{len(sources)} ({names}{f' and {over} more' if over > 0 else ''})" if sources else ""


def _is_joined(content: IssueContent) -> bool:
    """Tell whether readers can ask for a bulletin by themselves, on a page."""
    return bool(content.public_address) and content.signs_up


def _copy(content: IssueContent) -> str:
    """Return where one asks for a copy of one's own: the page for joining where it is open, else a mail."""
    if _is_joined(content):
        return addresses.join_address(content.public_address, content.bulletin_id)
    return addresses.mailto(_box(content), f"Please send me {content.bulletin_title}")


NO_ROOM = "There was no room to describe these in the mail."
CORRECTIONS_TOLD = "Items that this bulletin carried before, and what has happened to them since."
NO_CHANNEL = "This bulletin is no channel for safety alerts: do not rely on it to receive them in time."


CLOSING_LISTED = 20
"""How many titles with a closing date a mail lists of what it had no room for; the page has them all."""
FEW_SOURCES, SOURCES_NAMED = 12, 100
"""How many sources a mail names where a page names them all, and where there is no page."""
WORDS_FOUND = 2
"""How many of the words that matched a mail names; the page names all."""


class _Numbers:
    """Numbers the links of the text part through the whole issue, each address once per section."""

    def __init__(self) -> None:
        self._last = 0
        self._of: dict[str, int] = {}

    def start_section(self) -> None:
        self._of = {}

    def number(self, address: str) -> int:
        if not address:
            return 0
        if address not in self._of:
            self._last += 1
            self._of[address] = self._last
        return self._of[address]

    def links(self) -> tuple[tuple[int, str], ...]:
        return tuple((number, address) for address, number in self._of.items())


def _section(
    title: str,
    items: Sequence[Item],
    numbers: _Numbers,
    anchor: str,
    *,
    told: str = "",
    empty: str = "",
    titles_only: bool = False,
) -> SectionView:
    numbers.start_section()
    views = tuple(_item(each, numbers, title, titles_only=titles_only) for each in items)
    if any(each.type == "safety alert" for each in items):
        told = f"{told} {NO_CHANNEL}".strip()
    return SectionView(title, told, views, empty, numbers.links(), anchor)


def _item(item: Item, numbers: _Numbers, heading: str, *, titles_only: bool) -> ItemView:
    kind = item.type_label or item.type.capitalize()
    place = "" if item.place.casefold() in item.publisher.casefold() else item.place
    publisher = "" if item.publisher.casefold() == heading.casefold() else item.publisher
    said = tuple(part for part in (publisher, item.date_line, kind, place) if part)
    return ItemView(
        item=item,
        said=said,
        meta=" · ".join(said),
        also=f"Also in {'; '.join(item.also_in)}" if item.also_in else "",
        why=_why(item, heading),
        topics=_topics(item, heading),
        matched=_matched(item),
        title=segments(item.title, item.title_marks),
        paragraphs=paragraphs(item.web_summary, item.summary_marks),
        ref=numbers.number(item.link),
        notice_ref=0 if titles_only else numbers.number(item.notice_link),
        access_ref=0 if titles_only else numbers.number(item.access_link),
        is_wrong=item.event in {"corrected", "withdrawn", "retracted"},
    )


def _matched(item: Item) -> str:
    """Return the words that matched, each once, with the fields it stands in: "“virtual wards” (title, summary)"."""
    fields: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for words, field in item.matched:
        found = fields.setdefault(words.casefold(), [])
        shown.setdefault(words.casefold(), words)
        if field not in found:
            found.append(field)
    return ", ".join(f"“{shown[key]}” ({', '.join(found)})" for key, found in fields.items())


def _why(item: Item, heading: str) -> str:
    """Return why an item is here: its topics (but for one that is the heading) and up to two words found."""
    topics = _topics(item, heading)
    found = ", ".join(f"“{each}”" for each in _found(item)[:WORDS_FOUND])
    if len(item.profiles) > 1 and heading in item.profiles:  # the words are not the other topics' alone
        return f"Found by {found}. {topics}" if found else topics
    if topics and found:
        return f"{topics}, for {found}"
    return topics or (f"Found by {found}" if found else "")


def _topics(item: Item, heading: str) -> str:
    """Return "Topic: Frailty", "Topics: Frailty; Urgent care", or below a topic as heading "Other topic: Frailty"."""
    named = [each for each in item.profiles if each != heading]
    kind = "Topic" if len(named) == len(item.profiles) else "Other topic"
    return f"{kind}{'' if len(named) == 1 else 's'}: {'; '.join(named)}" if named else ""


def _found(item: Item) -> list[str]:
    """Return the words found, as they stand in the item: none twice, none within another, none that a topic says."""
    marked = [item.title[first:last] for first, last in item.title_marks]
    marked += [item.web_summary[first:last] for first, last in item.summary_marks]
    words: dict[str, str] = {}
    for each in marked or [term for term, _ in item.matched]:
        words.setdefault(" ".join(each.casefold().split()), " ".join(each.split()))
    said = {each.casefold() for each in item.profiles}
    return [
        shown
        for word, shown in words.items()
        if word and word not in said and not any(word in other for other in words if other != word)
    ]


def segments(text: str, marks: Sequence[tuple[int, int]], start: int = 0) -> tuple[Segment, ...]:
    """Return `text` (which begins at `start` of the marked text) cut at its marks; marks outside are ignored."""
    cut: list[Segment] = []
    at = 0
    for first, last in marks:
        first, last = max(first - start, at), min(last - start, len(text))
        if first >= last:
            continue
        if first > at:
            cut.append((text[at:first], False))
        cut.append((text[first:last], True))
        at = last
    if at < len(text):
        cut.append((text[at:], False))
    return tuple(cut)


def paragraphs(text: str, marks: Sequence[tuple[int, int]]) -> tuple[tuple[Segment, ...], ...]:
    """Return `text` as paragraphs (its lines), each cut at its marks; blank lines are left out."""
    found: list[tuple[Segment, ...]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            found.append(segments(line, marks, at))
        at += len(line) + 1
    return tuple(found)
