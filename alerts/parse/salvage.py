"""Broken XML: mend it if small mendings do, else read it item by item, the damaged ones through feedparser.

So a stray ampersand costs nothing, and an item with broken mark-up costs at most itself.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import NamedTuple
from xml.etree import ElementTree

from alerts.parse import lenient, strict
from alerts.parse.raw import RawFeed, RawItem, Value

_PROTECTED = re.compile(r"<!\[CDATA\[|<!--")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|(\d{1,10}));")
_AMPERSAND = re.compile(r"&(?:(amp|lt|gt|quot|apos);|(#\d+;|#x[0-9a-fA-F]+;)|([A-Za-z][A-Za-z0-9]*);|)")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=")
_MARK = re.compile(
    r"<(?P<end>/)?(?P<name>(?:[A-Za-z_][\w.-]*:)?(?:item|entry))(?=[\s>])(?(end)\s*>|(?![^<>]{0,500}/>))", re.IGNORECASE
)
"""Where an item begins or ends; `<item/>` does neither."""
_LEAF = re.compile(r"<(?P<name>(?:[A-Za-z]+:)?[A-Za-z]+)(?:\s[^<>]*)?>(?P<text>[^<>]*)</(?P=name)\s*>")
_CONTENT = re.compile(r"<(?:title|link|id|guid|description|pubDate|updated)[\s>]", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)(\s[^<>]*)?>")
_BARE_ATTRIBUTE = re.compile(
    r"(<[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s+[\w.:-]+)(?=[\s/>])(?!\s*=)"
)
DAMAGED_LIMIT = 100_000
"""Characters of a damaged piece that feedparser is given: it is quadratic on some."""
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "atom": "http://www.w3.org/2005/Atom",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "cc": "http://web.resource.org/cc/",
}


class Salvaged(NamedTuple):
    """A feed read from broken XML: items read strictly, and items that had to be guessed."""

    feed: RawFeed
    whole: int
    broken: int


def _legal_reference(found: re.Match[str]) -> str:
    number = int(found.group(1), 16) if found.group(1) else int(found.group(2))
    return found.group() if number < 0x110000 and not _ILLEGAL.match(chr(number)) else ""


def _legal_ampersand(found: re.Match[str]) -> str:
    known, numeric, name = found.groups()
    if known or numeric:
        return found.group()
    if name and name in name2codepoint:
        return f"&#{name2codepoint[name]};"
    return "&amp;" + found.group()[1:]


def _declared(text: str) -> str:
    """Declare, at the root, the namespace prefixes that the text uses and nobody declares."""
    root = _ROOT.search(text)
    if root is None:
        return text
    used = {name for found in _PREFIX.finditer(text) for name in found.groups() if name} - {"xml", "xmlns"}
    missing = [name for name in sorted(used) if f"xmlns:{name}" not in (root.group(2) or "")]
    extra = "".join(f' xmlns:{name}="{_NAMESPACES.get(name.lower(), "urn:undeclared:" + name)}"' for name in missing)
    at = root.end(1)
    return text[:at] + extra + text[at:]


def mended(text: str) -> str:
    """Return `text` without illegal characters, stray ampersands, unknown entities and undeclared prefixes."""
    text = _ILLEGAL.sub("", text)
    pieces: list[str] = []
    for piece, is_markup in _pieces(text):
        pieces.append(_AMPERSAND.sub(_legal_ampersand, _REFERENCE.sub(_legal_reference, piece)) if is_markup else piece)
    return _declared("".join(pieces))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in order, CDATA sections and comments apart (False); one that never closes is not one."""
    at = 0
    while (found := _PROTECTED.search(text, at)) is not None:
        close = "]]>" if found.group().startswith("<![") else "-->"
        end = text.find(close, found.end())
        if end < 0:
            break
        yield text[at : found.start()], True
        yield text[found.start() : end + 3], False
        at = end + 3
    yield text[at:], True


def swallowed(text: str, items: int) -> bool:
    """Tell whether a CDATA section or comment that lost its end holds the beginning of the next item.

    Such a feed can be well-formed and still be an item short of what was published; one that writes about feeds holds
    whole items there. `items` is how many were found.
    """
    begun = sum(map(text.count, ("<item>", "<item ", "<entry>", "<entry ")))
    if max(begun, text.count("</item>") + text.count("</entry>")) <= items:
        return False
    return any(_holds_a_beginning(piece) for piece, is_markup in _pieces(text) if not is_markup)


def _holds_a_beginning(piece: str) -> bool:
    """Tell whether a piece goes from one item into the next: it closes one first, or opens one that it never closes."""
    marks = list(_MARK.finditer(piece))
    if not marks:
        return False
    return marks[0].group("end") is not None or (
        marks[-1].group("end") is None and _CONTENT.search(piece, marks[-1].end()) is not None
    )


def _after_root(text: str) -> str:
    """Cut what stands after the feed's end (a server's HTML comment, an advertisement, a second document)."""
    ends = [found.end() for found in re.finditer(r"</(?:rss|rdf:RDF|RDF|feed)\s*>", text, re.IGNORECASE)]
    return text[: ends[0]] if ends else text


def _chunks(text: str) -> list[str]:
    """Cut a broken feed into its items, by their start and end tags; either may be missing of a damaged one."""
    chunks: list[str] = []
    opened: int | None = None
    ended = 0
    for mark in _MARK.finditer(text):
        if not mark.group("end"):
            if opened is not None:
                chunks.append(text[opened : mark.start()])
            opened = mark.start()
            continue
        if opened is not None:
            chunks.append(text[opened : mark.end()])
        else:
            chunks += _headless(text[ended : mark.start()], mark.group("name"), is_first=not ended)
        opened, ended = None, mark.end()
    if opened is not None:
        chunks.append(text[opened:])
    return chunks


def _headless(inner: str, name: str, *, is_first: bool) -> list[str]:
    """Return the item whose start tag is damaged, if what stands before its end tag holds one."""
    at = inner.rfind("<title") if is_first else next((found.start() for found in _CONTENT.finditer(inner)), -1)
    return [f"<{name}>{inner[at:]}</{name}>"] if at >= 0 else []


def _root_tag(text: str, before: int) -> tuple[str, str]:
    """Return the root's name and attributes, `rss` when there is none to be found before the first item."""
    for found in _ROOT.finditer(text, 0, max(before, 0)):
        if found.group(1).rpartition(":")[2].lower() in ("rss", "rdf", "feed"):
            return found.group(1), found.group(2) or ""
    return "rss", ""


def item_by_item(text: str, address: str, limit: int) -> Salvaged | None:
    """Return what can be read of each item of a broken feed, or `None` when it shows no items."""
    chunks = _chunks(text)[: limit + 1]
    if not chunks:
        return None
    first = next((found.start() for found in _MARK.finditer(text)), 0)
    name, attributes = _root_tag(text, first)
    head = text[:first]
    opened = f"<{name}{attributes}>"
    feed = _read_or_none(f"{opened}<title/></{name}>", address, limit) or RawFeed("rss")
    feed.channel = lenient.channel(head[:DAMAGED_LIMIT], address)
    whole = broken = 0
    for one in chunks:
        read = _read_or_none(f"{opened}{one}</{name}>", address, 1)
        if read is not None and read.items:
            whole += 1
        else:
            broken += 1
            read = lenient.read(f"{opened}{one[:DAMAGED_LIMIT]}</{name}>", address, 1)
            read.items = [_completed(read.items[0] if read.items else RawItem(base=address), one[:DAMAGED_LIMIT])]
        feed.items.extend(read.items[:1])
    return Salvaged(feed, whole, broken)


def _completed(item: RawItem, damaged: str) -> RawItem:
    """Add to a damaged item the whole elements in it that feedparser lost, or else the bare words."""
    named: set[str] = set()
    for found in _LEAF.finditer(damaged):
        name = found.group("name").lower()
        if name == "guid" and name not in named and not found.group("text").strip().startswith("http"):
            item.values.pop(
                name, None
            )  # feedparser makes an address of it, and the key would not be the healthy item's
        named.add(name)
        if name not in item.values:
            item.add(name, Value(entities.unescape(found.group("text").strip()), "", {}, item.base))
    if not item.values:
        item.add("description", Value(damaged, "html", {}, item.base))
    return item


def _read_or_none(text: str, address: str, limit: int) -> RawFeed | None:
    try:
        return strict.read(_declared(text), address, limit)
    except (ElementTree.ParseError, strict.NotRecognised, ValueError, RecursionError):
        return None


def mended_whole(text: str, address: str, limit: int) -> RawFeed | None:
    """Return the feed if mending makes it well-formed."""
    for attempt in (text, _after_root(text), _BARE_ATTRIBUTE.sub(r'\1=""', text)):
        feed = _read_or_none(attempt, address, limit)
        if feed is not None:
            return feed
    return None


def unescaped_once(text: str) -> str:
    """Return a feed that was escaped as a whole (`&lt;rss…`) as the feed it is."""
    return entities.unescape(text) if re.match(r"\s*&lt;(?:\?xml|rss|feed|rdf)", text, re.IGNORECASE) else text
