"""What stands where within the items of a list: selectors of title, link, date and summary that most items agree on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from alerts.parse import dates, html
from alerts.parse.pages import selectors
from alerts.parse.pages.naming import step, ways_within
from alerts.parse.pages.page import day_of
from alerts.parse.pages.titles import as_title, is_only_a_day

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

DULL = re.compile(
    r"^(?:read|find out|learn|view|see|show|load|discover|more|download|open|continue|full|click|visit|go|next|previous"
    r"|pdf|word|excel|register|book|details|here|link|website|home|share|print|email|back|agenda|minutes|papers?)\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?:^|[-_])(?:date|time|published|posted|created|updated|meta|day)", re.IGNORECASE)
_SUMMARISED = re.compile(
    r"summary|excerpt|description|teaser|intro|abstract|standfirst|snippet|body|text", re.IGNORECASE
)
_WORDS = frozenset(["strong", "b", "dt", "td", "th", "span", "p", "div"])
HEADINGS = "h1, h2, h3, h4, h5, h6"


@dataclass(frozen=True, slots=True)
class Item:
    """An element that may be an item of a list, with its own links and their addresses."""

    node: LexborNode
    links: tuple[tuple[LexborNode, str], ...]


def _agreed(group: Sequence[Item], candidates: Callable[[Item], Iterable[str]], least: float) -> str:
    """Return the selector that most items name among their first candidates, if enough of them do."""
    votes = Counter(selector for item in group for selector in dict.fromkeys(candidates(item)))
    if not votes:
        return ""
    most = max(votes.values())
    best = next(selector for selector, times in votes.items() if times == most)
    return best if most >= least * len(group) else ""


def title_and_link(group: Sequence[Item], starts: set[int]) -> tuple[str, str]:
    """Return selectors of title and link; empty where reading finds the right ones by itself."""
    if _share(group, lambda item: bool(item.node.css_first(HEADINGS))) > 0.8:
        return "", _agreed(group, _link_in_heading, 0.8)

    def telling(item: Item) -> Iterator[str]:
        best = max(item.links, key=lambda each: _length(as_title(each[0])))
        if best[0].mem_id != item.node.mem_id:
            yield from ways_within(best[0], item.node)

    texts = [max(_length(as_title(anchor)) for anchor, _ in item.links) for item in group]
    if median(texts) >= 8:
        if _share(group, _is_a_card) > 0.6 and (found := _distinct(group, _words_of, starts)):
            return found, ""
        chosen = _agreed(group, telling, 0.6)
        firsts = _share(group, lambda item: _length(as_title(item.links[0][0])) >= 8)
        return ("", "") if firsts > 0.9 and not chosen.startswith("td") else (chosen, "")
    return _distinct(group, _words_of, starts), _agreed(group, telling, 0.6)


def _is_a_card(item: Item) -> bool:
    """Tell whether the first telling link of an item holds several blocks: its title and more."""
    link = next((anchor for anchor, _ in item.links if _length(as_title(anchor)) >= 8), None)
    return link is not None and len([each for each in link.css("p, div, span, h2, h3, h4") if _is_leaf(each)]) > 1


def _is_leaf(node: LexborNode) -> bool:
    """Tell whether an element has text and no further block in it."""
    inner = sum(each.mem_id != node.mem_id for each in node.css("td, th, div, p, li"))
    return node.tag in _WORDS and not inner and bool(node.text().strip())


def _words_of(item: Item) -> Iterator[str]:
    """Yield selectors of what may be the title where no link or heading is."""
    for node in item.node.css("*"):
        text = html.to_line(node.html or "")
        if _is_leaf(node) and _length(text) >= 8 and not is_only_a_day(text):
            yield from ways_within(node, item.node)


def _distinct(group: Sequence[Item], candidates: Callable[[Item], Iterable[str]], starts: set[int]) -> str:
    """Return the first selector that most items name and that finds other words in each: "Long read" is no title."""
    votes = Counter(selector for item in group for selector in dict.fromkeys(candidates(item)))
    for selector, times in votes.items():
        if times >= 0.6 * len(group):
            found = [as_title(nodes[0]) for item in group if (nodes := selectors.within(item.node, selector, starts))]
            if len(set(found)) >= 0.6 * len(group):
                return selector
    return ""


def _link_in_heading(item: Item) -> Iterator[str]:
    """Say nothing where the first link is the heading's: an image's or a topic's before it would be taken else."""
    heading = item.node.css_first(HEADINGS)
    if heading is None:
        return
    inside = heading.css_first("a[href]")
    if inside is not None and item.links and inside.mem_id != item.links[0][0].mem_id:
        yield from ways_within(inside, item.node)
        yield f"{heading.tag} a"


def _length(text: str) -> int:
    """Return how much a title says: its length, or nothing for "Read more" and the like."""
    return 0 if DULL.match(text) and len(text) < 25 else len(text)


def _share(group: Sequence[Item], has: Callable[[Item], bool]) -> float:
    return sum(map(has, group)) / len(group)


def date_of(group: Sequence[Item], starts: set[int]) -> str:
    """Return the selector of the date; empty where there is none, or where reading finds it by itself."""
    if _share(group, lambda item: any(day_of(each) for each in item.node.css("time"))) > 0.6:
        return ""

    def dated(item: Item) -> Iterator[str]:
        found = [node for node in item.node.css("*") if _is_date(node)]
        found.sort(key=lambda node: not _DATED.search(node.attributes.get("class") or ""))
        for node in found[:2]:
            if node.mem_id != item.node.mem_id:
                yield from ways_within(node, item.node)
        yield from _after(item, starts, _is_date)

    chosen = _agreed(group, dated, 0.5)
    if chosen:
        return chosen
    in_title = _share(group, lambda item: any(dates.found_in(as_title(anchor)) for anchor, _ in item.links))
    if in_title > 0.6:
        return "a"
    whole = _share(group, lambda item: bool(day_of(item.node)))
    return (group[0].node.tag or "") if whole > 0.6 else ""


def _is_date(node: LexborNode) -> bool:
    """Tell whether an element is a date and little else, and holds no smaller one that is."""
    text = html.to_line(node.text(separator=" "), 120)
    if not 6 <= len(text) <= 60 or not day_of(node):
        return False
    return len(text) - len(dates.found_in(text)) <= 30 and not any(
        day_of(each) for each in node.css("*") if each.mem_id != node.mem_id
    )


def _after(item: Item, starts: set[int], fits: Callable[[LexborNode], bool]) -> Iterator[str]:
    """Yield selectors of what follows an item that is only a heading or a term, up to the next one."""
    if item.node.tag not in ("dt", "h2", "h3", "h4", "h5"):
        return
    for node in selectors.within(item.node, "~ *", starts):
        if fits(node):
            yield f"~ {step(node)}"


def summary_of(group: Sequence[Item], title: str, starts: set[int]) -> str:
    """Return the selector of what is said about an item; `title` is that of its title."""

    def telling(node: LexborNode) -> bool:
        text = html.to_line(node.text(separator=" "), 2_000)
        return (
            len(text) >= 40
            and len(text) - len(dates.found_in(text)) >= 30
            and not node.css_first(f"{HEADINGS}, li, td")
        )

    def told(item: Item) -> Iterator[str]:
        titles = {anchor.text().strip() for anchor, _ in item.links}
        own = {
            item.node.mem_id,
            *(node.mem_id for node in (selectors.within(item.node, title, starts) if title else ())),
        }
        found = [
            node
            for node in item.node.css("p, div, span, td, dd")
            if node.mem_id not in own and telling(node)
            and not any(title and title in node.text() for title in titles if len(title) > 20)
        ]  # fmt: skip
        found.sort(key=lambda node: (not _SUMMARISED.search(node.attributes.get("class") or ""), node.tag != "p"))
        for node in found[:1]:
            yield from ways_within(node, item.node)
        yield from _after(item, starts, telling)

    return _agreed(group, told, 0.4)
