"""A list on a web page, found by the librarian's CSS selectors, as entries.

HTML is read as browsers read it. What a selector finds goes into the same bag of named values as a feed's item, so that
links, dates, identifiers and text are understood by the one place that understands them. What no selector names is
looked for where nearly every list has it: the title in a heading or in the link, the link in the first usable `a`, the
date in a `time`.

A page is made for people, and its layout changes without a word. So there is no such thing as an empty list here: what
finds nothing, or finds nothing that tells items apart, raises `NoList`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from alerts.errors import Problem
from alerts.model.sources import PageItems
from alerts.parse import clean, dates, encoding, html, keys, links, problems
from alerts.parse.body import ENTRY_LIMIT, Page, Parsed
from alerts.parse.entry import Noticed, entry_of
from alerts.parse.pages import findings, selectors
from alerts.parse.pages.instead import NoList, instead_of
from alerts.parse.pages.titles import as_title, is_only_a_day, with_subject
from alerts.parse.raw import RawItem, Value

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from alerts.model.records import Entry

_META = re.compile(rb"""<meta\b[^<>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 4096
_DAY_TEXT = 200
_ALIKE_FROM = 3
_PROPOSES = "“alerts source try ADDRESS” proposes selectors."


@dataclass(slots=True)
class _List:
    """What came of the items of a page: entries, and how many lacked a link, a title, a date."""

    entries: list[Entry] = field(default_factory=list)
    without_link: int = 0
    without_title: int = 0
    undated: int = 0
    failures: list[str] = field(default_factory=list)
    noticed: Noticed = field(default_factory=Noticed)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as a browser would read it: its tree, the base of its links, its own address and title."""

    tree: LexborHTMLParser
    address: str
    base: str
    title: str
    language: str
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, body: bytes, address: str, content_type: str) -> WebPage:
        """Read a body, whatever charset it is in; raises `NoList` for what is no web page at all."""
        from selectolax.lexbor import LexborHTMLParser

        decoded = encoding.decode(body, with_charset(body, content_type))
        if "<" not in decoded.text:
            raise NoList("The address answered with something that is no web page.")
        tree = LexborHTMLParser(decoded.text)
        base = tree.css_first("base[href]")
        root, heading = tree.css_first("html"), tree.css_first("title")
        return cls(
            tree,
            address,
            _joined(address, _attribute(base, "href")) if base else address,
            html.to_line(heading.text(), 200) if heading else "",
            _attribute(root, "lang") if root else "",
            decoded.problems,
        )

    @property
    def named(self) -> str:
        """Return the page's title as it is put into a sentence."""
        return f" (“{clean.line(self.title, 80)}”)" if self.title else ""

    @property
    def subject(self) -> str:
        """Return what the page is about: its title up to the name of the site."""
        return re.split(r"\s+[|–—·]\s+|\s+-\s+(?!.*\s-\s)", self.title)[0].strip()

    def link(self, href: str) -> str:
        """Return the address that a link leads to; nothing for one that leads nowhere else, or not by the web."""
        href = href.strip()
        if not href or href == "#":
            return ""
        found = links.canonical(href, self.base)
        return "" if links.identity(found) == links.identity(links.canonical(self.address)) else found


def with_charset(body: bytes, content_type: str) -> str:
    """Return the content type with the charset that the page itself names, where the header names none."""
    if "charset" in content_type.lower():
        return content_type
    named = _META.search(body[:_META_WITHIN])
    if named is None or named.group(1).lower().startswith(b"utf-16"):  # it could not be read if it were
        return content_type
    return f"{content_type}; charset={named.group(1).decode('ascii')}"


def read_page(
    body: bytes, *, address: str, content_type: str = "", limit: int = ENTRY_LIMIT, items: PageItems
) -> Parsed:
    """Return the items that the selectors find on a page; raises `NoList` when they find none that can be told apart.

    `address` is where the page came from; `Parsed.page.next` where `items.next` leads to, if that is a selector.
    """
    page = WebPage.of(body, address, content_type)
    found = selectors.each(page.tree, items.each)
    if not found:
        raise _nothing(page, items)
    listed = _read(page, items, found[:limit])
    _must_be_told_apart(listed, len(found), items)
    entries, renamed = keys.told_apart(list({(each.key, each.fingerprint): each for each in listed.entries}.values()))
    entries = keys.without_shared_links(entries, "")
    return Parsed(
        format="page",
        title=page.title,
        link=links.canonical(address),
        entries=tuple(entries),
        problems=(*page.problems, *_noticed(listed, len(found), limit, renamed, items)),
        language=page.language,
        page=Page(next=_next(page, items.next), counted=len(found), given=len(found)),
    )


def _read(page: WebPage, items: PageItems, found: Sequence[LexborNode]) -> _List:
    listed = _List()
    starts = {node.mem_id for node in found}
    channel = RawItem(language=page.language)
    for node in found:
        try:
            item = _raw(page, node, items, starts, listed)
            if item is not None:
                listed.entries.append(entry_of(item, channel, set(), listed.noticed))
        except Exception as error:  # noqa: BLE001  one bad item costs only itself, whatever is wrong with it
            listed.failures.append(type(error).__name__)
    return listed


def _raw(page: WebPage, node: LexborNode, items: PageItems, starts: set[int], listed: _List) -> RawItem | None:
    """Return an item as a bag of values, or nothing where it has no link or no title."""
    anchor, link = _link(page, node, items, starts)
    if not link:
        listed.without_link += 1
        return None
    title = _title(node, anchor, items, starts)
    if is_only_a_day(title):
        title = with_subject(title, anchor, page.subject)
    if not title:
        listed.without_title += 1
        return None
    day = _day(node, items, starts)
    listed.undated += not day
    made = RawItem(base=page.base, language=page.language)
    made.add("title", Value(title, "text"))
    made.add("link", Value(link))
    if day:
        made.add("pubdate", Value(day))
    if items.summary:
        parts = [each.html or "" for each in selectors.within(node, items.summary, starts)]
        made.add("description", Value("".join(parts), "html", base=page.base))
    return made


def _link(page: WebPage, node: LexborNode, items: PageItems, starts: set[int]) -> tuple[LexborNode | None, str]:
    """Return the first usable link, and the element that it is of."""
    named = items.link or items.title
    places = selectors.within(node, named, starts) if named else []
    if not items.link:
        places = [*places, *([node.parent] if node.parent and node.parent.tag == "a" else []), node]
    for place in places:
        around = [place.parent] if place.parent is not None and place.parent.tag == "a" and items.link == "" else []
        for anchor in [*place.css("a[href], area[href]"), *around]:
            found = page.link(_attribute(anchor, "href"))
            if found:
                return anchor, found
    return None, ""


def _title(node: LexborNode, anchor: LexborNode | None, items: PageItems, starts: set[int]) -> str:
    if items.title:
        places = selectors.within(node, items.title, starts)
    else:
        places = [*node.css("h1, h2, h3, h4, h5, h6"), *([anchor] if anchor is not None else []), node]
    for place in places:
        title = as_title(place)
        if title:
            return title
    return ""


def _day(node: LexborNode, items: PageItems, starts: set[int]) -> str:
    for place in selectors.within(node, items.date or "time", starts):
        day = day_of(place)
        if day:
            return day
    return ""


def day_of(node: LexborNode) -> str:
    """Return the text of the date that an element names: by its `datetime`, else the first in its text."""
    for name in ("datetime", "content", "data-date"):
        said = _attribute(node, name).strip()
        if said and dates.read(said) is not None:
            return said
    return dates.found_in(html.to_line(node.html or "", _DAY_TEXT))


def _attribute(node: LexborNode | None, name: str) -> str:
    return (node.attributes.get(name) or "") if node is not None else ""


def _joined(address: str, href: str) -> str:
    try:
        return urljoin(address, href.strip())
    except ValueError:
        return address


def _next(page: WebPage, selector: str) -> str:
    """Return the next page's address, on this very host."""
    if not selector or "{" in selector:
        return ""
    for node in page.tree.css(selector):
        for anchor in (node, *node.css("a[href]")):
            address = clean.line(_joined(page.base, _attribute(anchor, "href")).partition("#")[0], links.LINK_LIMIT)
            if _attribute(anchor, "href") and _is_here(address, page.address) and address != page.address:
                return address
    return ""


def _is_here(address: str, page: str) -> bool:
    try:
        there, here = urlsplit(address), urlsplit(page)
        return there.scheme in ("http", "https") and (there.hostname, there.port) == (here.hostname, here.port)
    except ValueError:
        return False


def _must_be_told_apart(listed: _List, count: int, items: PageItems) -> None:
    """Raise `NoList` when what was found is no list of things that have a link and a title of their own."""
    entries = listed.entries
    if not entries:
        what = "a link to another page" if listed.without_link else "a title"
        raise NoList(
            f"“{items.each}” finds {count:,} element{'s' if count > 1 else ''} on the page, but none has {what}.",
            remedy=f"Correct each:, link: or title: below items: of this source. {_PROPOSES}",
        )
    if len(entries) < _ALIKE_FROM:
        return
    title, times = Counter(each.title.casefold() for each in entries).most_common(1)[0]
    if times == len(entries):
        raise NoList(
            f"All {times} items have the same title, “{entries[0].title[:80] if title else ''}”: it is none.",
            remedy=f"Correct title: below items: of this source. {_PROPOSES}",
        )
    if len({each.link for each in entries}) == 1:
        raise NoList(
            f"All {len(entries)} items lead to the same page, {entries[0].link[:200]}.",
            remedy=f"Correct link: below items: of this source. {_PROPOSES}",
        )


def _nothing(page: WebPage, items: PageItems) -> NoList:
    """Return the error for a page without the list, which says what the page is instead."""
    anchors = len(page.tree.css("a[href]"))
    return instead_of(page) or NoList(
        f"“{items.each}” finds nothing on the page{page.named}, which holds {anchors:,} "
        f"link{'s' if anchors != 1 else ''}: its layout is another than this source expects."
    )


def _noticed(listed: _List, count: int, limit: int, renamed: int, items: PageItems) -> list[Problem]:
    found: list[Problem] = []
    if count > limit:
        found.append(problems.too_many(limit))
    left_out = listed.without_link + listed.without_title
    if left_out:
        found.append(findings.left_out_of_page(left_out, count))
    if items.date and listed.undated == len(listed.entries) and listed.entries:
        found.append(findings.no_dates_on_page(items.date))
    elif items.date and listed.undated:
        found.append(findings.some_undated(listed.undated, len(listed.entries)))
    if listed.noticed.bad_dates:
        found.append(problems.unreadable_dates(len(listed.noticed.bad_dates), listed.noticed.bad_dates[0]))
    if listed.noticed.cut:
        found.append(problems.shortened(listed.noticed.cut))
    if listed.failures:
        found.append(problems.failed_item(len(listed.failures), listed.failures[0]))
    if renamed:
        found.append(findings.same_links(renamed))
    return found


def together(pages: Sequence[Parsed], limit: int, further: Sequence[Problem] = ()) -> Parsed:
    """Return the items of several pages of one list as one answer: each item once, as the first page has it."""
    entries: dict[str, Entry] = {}
    for page in pages:
        for each in page.entries:
            entries.setdefault(each.key, each)
    said = dict.fromkeys(each for page in pages for each in page.problems)
    kept = tuple(entries.values())
    many = (problems.too_many(limit),) if len(kept) > limit else ()
    return replace(pages[0], entries=kept[:limit], problems=(*said, *many, *further))
