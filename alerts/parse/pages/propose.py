"""Where the list on a page stands, guessed: selectors for a librarian to look over, or honestly none.

A list is a number of elements of the same build (tag, classes, and the same for what is around them), each with a link.
Lists are told from menus by what they hold: titles long enough to be titles, dates, headings, links that lead to
different places; and by where they stand: not in `nav`, `header`, `footer`, `aside` or what is named like these. Every
proposal is tried on the page at once by `read_page`, the very code that will read it later, and only what works is
proposed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from alerts.model.sources import PageItems
from alerts.parse import dates, html
from alerts.parse.body import ENTRY_LIMIT, Parsed
from alerts.parse.pages import selectors
from alerts.parse.pages.describing import DULL, HEADINGS, Item, date_of, summary_of, title_and_link
from alerts.parse.pages.instead import NoList, instead_of
from alerts.parse.pages.naming import ancestors, classes, stable_id, step, ways_to
from alerts.parse.pages.page import WebPage, read_page

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST = 3
"""Proposals that are made for a page."""
_MOST_LINKS = 3_000
_MOST_TRIED = 12
_LEAST = 3
_SAMPLE = 60
_LEVELS = 7
_LONGEST_ITEM = 4_000
_ITEMS = frozenset(
    [
        "li",
        "tr",
        "article",
        "section",
        "div",
        "dt",
        "a",
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "td",
        "details",
        "figure",
        "tbody",
        "dl",
        "blockquote",
        "summary",
        "span",
        "ul",
    ]
)
_OUTSIDE = frozenset(["nav", "header", "footer", "aside", "form", "select", "dialog"])
_OUTSIDE_ROLES = frozenset(
    ["navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "dialog", "tablist"]
)
_OUTSIDE_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|mega-?menu|breadcrumbs?|footer|sidebar|side-?nav|pagination|pager|paging"
    r"|cookies?|skip|social|share|sharing|toolbar|topbar|masthead|tags|filters?|facets?|related|a-?z|language)"
    r"(?:$|[-_ ])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proposal(Parsed):
    """What the best proposal finds on the page that was tried, with all proposals, best first."""

    proposals: tuple[Proposed, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """Selectors, and what they find on the page."""

    items: PageItems
    found: Parsed


def read_proposals(body: bytes, *, address: str, content_type: str = "", limit: int = ENTRY_LIMIT) -> Proposal:
    """Return what may be the lists of a page, best first; raises `NoList` when there is nothing to choose from."""
    page = WebPage.of(body, address, content_type)
    made: list[tuple[float, Proposed]] = []
    for group in _groups(page)[:_MOST_TRIED]:
        items = _described(page, group)
        if items is None:
            continue
        try:
            found = read_page(body, address=address, content_type=content_type, limit=limit, items=items)
        except NoList:
            continue
        worth = _worth(found, len(group))
        if worth > 0:
            made.append((worth, Proposed(items, found)))
    made.sort(key=lambda each: -each[0])
    chosen = tuple(_different(each for _, each in made))[:MOST]
    if not chosen:
        raise instead_of(page) or NoList(
            "No list of items was recognised on the page.",
            remedy="If the page shows a list in a browser without JavaScript, write items: yourself (docs/sources.md).",
        )
    best = chosen[0].found
    return Proposal(
        best.format, best.title, best.link, best.entries, best.problems, language=best.language, proposals=chosen
    )


def _different(made: Iterable[Proposed]) -> Iterator[Proposed]:
    """Leave out what finds the same items as a better proposal."""
    known: list[set[str]] = []
    for each in made:
        there = {entry.link for entry in each.found.entries}
        if not any(len(there & other) * 2 > min(len(there), len(other)) for other in known):
            known.append(there)
            yield each


def _worth(found: Parsed, count: int) -> float:
    """Judge a list by what was read from it; nothing or less means that it is none."""
    entries = found.entries
    n = len(entries)
    if n < _LEAST or n * 3 < count:
        return 0.0
    dated = sum(each.published is not None for each in entries) / n
    long = median(len(each.title) for each in entries)
    dull = sum(bool(DULL.match(each.title)) and len(each.title) < 25 for each in entries) / n
    told = sum(bool(each.summary) for each in entries) / n
    files = sum(bool(re.search(r"\.(?:pdf|docx?|xlsx?)(?:$|\?)", each.link, re.IGNORECASE)) for each in entries) / n
    distinct = len({each.title.casefold() for each in entries}) / n
    if files < 0.9 and ((long < 12 and dated < 0.5) or dull > 0.6 or distinct < 0.4):
        return 0.0
    worth = min(n, 20) / 20 + 2.2 * dated + min(long, 60) / 40 + 0.8 * told + 0.8 * files + distinct - 1.5 * dull
    return worth if dated > 0.5 or told > 0.5 or files > 0.5 or long >= 24 else 0.0


def _groups(page: WebPage) -> list[list[Item]]:
    """Return the groups of elements of the same build that may be lists, likeliest first."""
    anchors = [
        (anchor, link)
        for anchor in page.tree.css("a[href]")[:_MOST_LINKS]
        if (link := page.link(anchor.attributes.get("href") or "")) and not _is_outside(anchor)
    ]
    held: dict[int, list[tuple[LexborNode, str]]] = defaultdict(list)
    nodes: dict[int, LexborNode] = {}
    for anchor, link in anchors:
        node: LexborNode | None = anchor
        for _ in range(_LEVELS):
            if node is None or node.tag in ("body", "html", "main"):
                break
            nodes[node.mem_id] = node
            held[node.mem_id].append((anchor, link))
            node = node.parent
    built: dict[str, list[Item]] = defaultdict(list)
    for name, node in nodes.items():
        if node.tag in _ITEMS and len({link for _, link in held[name]}) <= 8:
            built[_build(node)].append(Item(node, tuple(held[name])))
    groups = {frozenset(item.node.mem_id for item in group): group for each in built.values() for group in _alike(each)}
    return sorted(groups.values(), key=_promise, reverse=True)


def _alike(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield the items that share a class, for each class (posts of all categories are posts); else all together."""
    shared: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for name in classes(item.node):
            shared[name].append(item)
    for group in (*shared.values(), list(items)):
        if len(group) >= _LEAST:
            yield group


def _promise(group: Sequence[Item]) -> float:
    """Judge quickly, by links, dates, headings and place, which groups are worth a closer look."""
    sample = group[:12]
    texts = [html.to_line(each.node.text(separator=" "), _LONGEST_ITEM) for each in sample]
    dated = sum(bool(dates.found_in(text[:600])) for text in texts) / len(sample)
    headed = sum(each.node.css_first(HEADINGS) is not None for each in sample) / len(sample)
    titles = [max((len(anchor.text().strip()) for anchor, _ in each.links), default=0) for each in sample]
    single = sum(len({link for _, link in each.links}) <= 2 for each in sample) / len(sample)
    long = median(len(text) for text in texts)
    return (
        min(len(group), 20) / 20 + 2 * dated + headed + min(median(titles), 60) / 40 + single
        - (1.0 if long > 1_500 else 0.0) + (0.6 if _is_in_main(sample[0].node) else 0.0)
    )  # fmt: skip


def _is_outside(node: LexborNode) -> bool:
    """Tell whether a link stands in what is around a page rather than in it."""
    for each in ancestors(node):
        if each.tag == "main" or each.attributes.get("role") == "main":
            return False
        named = f"{each.attributes.get('class') or ''} {each.attributes.get('id') or ''}"
        if each.tag == "header" and any(above.tag in ("article", "li", "section") for above in ancestors(each)):
            continue
        if each.tag in _OUTSIDE and each.tag != "form":
            return True
        if (each.attributes.get("role") or "") in _OUTSIDE_ROLES or (
            each.tag != "body" and _OUTSIDE_NAMES.search(named) and len(named) < 120
        ):
            return True
    return False


def _is_in_main(node: LexborNode) -> bool:
    return any(each.tag in ("main", "article") or each.attributes.get("role") == "main" for each in ancestors(node))


def _build(node: LexborNode) -> str:
    """Return how an element is built and what it stands in: what the items of one list have in common."""
    steps = [node.tag or ""]
    for above in list(ancestors(node))[:4]:
        steps.append(f"#{stable_id(above)}" if stable_id(above) else step(above))
        if stable_id(above):
            break
    return ">".join(steps)


def _described(page: WebPage, group: Sequence[Item]) -> PageItems | None:
    """Return selectors for a group: the shortest that finds these items and no others, and what is in each."""
    each = _shortest(page.tree, group)
    if not each:
        return None
    starts = {item.node.mem_id for item in group}
    sample = group[:_SAMPLE]
    title, link = title_and_link(sample, starts)
    if not title and not link and not group[0].links:
        return None
    items = PageItems(each, title=title, link=link)
    items = replace(items, date=date_of(sample, starts))
    return replace(items, summary=summary_of(sample, items.title, starts))


def _shortest(tree: LexborHTMLParser, group: Sequence[Item]) -> str:
    wanted = {item.node.mem_id for item in group}
    shared = set(classes(group[0].node)).intersection(*(classes(item.node) for item in group))
    for selector in ways_to(group[0].node, [each for each in classes(group[0].node) if each in shared]):
        for tried in (selector, f"{selector}:has(a[href])"):
            try:
                selectors.check(tried)
            except selectors.BadSelector:
                break
            found = {node.mem_id for node in tree.css(tried)}
            if found == wanted:
                return tried
            if not wanted <= found:
                break
    return ""
