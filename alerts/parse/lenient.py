"""What is too broken for expat, read by feedparser: forgiving, slower, and one value of each element only.

feedparser gets bytes that are surely UTF-8 and have no declarations, through a stream (a plain string would be opened
as a file or fetched). Its own cleaning is off; ours follows. It can raise anything on hostile input, so anything is
caught and the item simply has no values.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from alerts.parse.raw import Kind, RawFeed, RawItem, Value

_PREFIXES = ("feedburner", "prism", "dcterms", "dc", "arxiv", "itunes", "media", "content", "bibo", "cc")
_PLAIN = {
    "id": "guid",
    "published": "pubdate",
    "created": "created",
    "publisher": "dc:publisher",
    "language": "language",
    "rights": "rights",
    "startpage": "startpage",
    "endpage": "endpage",
    "pubtype": "pubtype",
}
_DETAILED = {"title": "title", "summary": "description", "subtitle": "subtitle"}


def _parsed(text: str, address: str) -> Any:
    """Return feedparser's result, empty when it failed."""
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": address}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return feedparser.parse(
                io.BytesIO(text.encode("utf-8", "replace")),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except Exception:  # noqa: BLE001  feedparser raises whatever its parts raise on hostile input
            return feedparser.util.FeedParserDict(entries=[], feed=feedparser.util.FeedParserDict(), version="")


def _kind(detail: Any) -> Kind:
    said = str(detail.get("type", "")) if isinstance(detail, dict) else ""
    return "html" if "html" in said else ""


def _known_parts(item: RawItem, found: Any, *, is_atom: bool) -> None:
    for ours, theirs in ((name, key) for key, name in _DETAILED.items()):
        value = dict.get(found, theirs)
        if isinstance(value, str):
            detail = dict.get(found, f"{theirs}_detail")
            base = str(detail.get("base") or item.base) if isinstance(detail, dict) else item.base
            item.add(ours, Value(value, _kind(detail), {}, base))
    for theirs, ours in _PLAIN.items():
        value = dict.get(found, theirs)
        if isinstance(value, str) and not (theirs == "publisher" and "@" in value):  # feedparser's name for a webmaster
            item.add(ours, Value(value, "text", {}, item.base))
    updated = dict.get(found, "updated")
    if isinstance(updated, str):
        item.add("updated" if is_atom else "dc:date", Value(updated))


def _dicts(found: Any, key: str) -> list[Any]:
    """Return the mappings in a list of feedparser's; on broken feeds a plain text may stand there instead."""
    value = dict.get(found, key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _lists(item: RawItem, found: Any) -> None:
    for content in _dicts(found, "content"):
        item.add(
            "content:encoded", Value(str(content.get("value", "")), "html", {}, str(content.get("base") or item.base))
        )
    for link in _dicts(found, "links"):
        attributes = {str(name): str(value) for name, value in link.items()}
        item.add("atom:link", Value("", "", attributes, item.base))
    for author in _dicts(found, "authors"):
        if author.get("name"):
            item.add("dc:creator", Value(str(author["name"])))
    source = dict.get(found, "source")
    if isinstance(source, dict) and source.get("title"):
        item.add("source", Value(str(source["title"])))
    for tag in _dicts(found, "tags"):
        if tag.get("term"):
            item.add("category", Value(str(tag["term"])))


def _others(item: RawItem, found: Any) -> None:
    """Take the module elements that feedparser merely passes on (`prism_doi`, `dc_identifier`)."""
    for key, value in dict.items(found):
        prefix, _, local = str(key).partition("_")
        if prefix in _PREFIXES and local and isinstance(value, str):
            item.add(f"{prefix}:{local.lower()}", Value(value, "text", {}, item.base))


def _item(found: Any, base: str, *, is_atom: bool = False) -> RawItem:
    item = RawItem(base=base)
    link = dict.get(found, "link")
    if isinstance(link, str):
        item.add("link", Value(link, "text", {}, base))
    _known_parts(item, found, is_atom=is_atom)
    _lists(item, found)
    _others(item, found)
    if dict.get(found, "guidislink") and item.first("guid"):
        item.values["guid"] = [Value(item.first("guid"), "text", {"isPermaLink": "true"}, base)]
    return item


def read(text: str, address: str, limit: int) -> RawFeed:
    """Return whatever feedparser makes of `text`: perhaps no items, never an exception."""
    parsed = _parsed(text, address)
    version = str(parsed.get("version") or "")
    feed = RawFeed("atom" if version.startswith("atom") else "rdf" if version == "rss10" else "rss")
    feed.channel = _item(parsed.get("feed") or {}, address)
    feed.items = [
        _item(entry, address, is_atom=feed.format == "atom") for entry in parsed.get("entries", ())[: limit + 1]
    ]
    return feed


def channel(head: str, address: str) -> RawItem:
    """Return the channel's values from the text before the first item."""
    return _item(_parsed(head, address).get("feed") or {}, address)
