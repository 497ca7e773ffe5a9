"""JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1), read by a tolerant pydantic model.

An item that is not of the form costs only itself. Publishers' extensions (members that begin with an underscore, which
are objects by the form) are looked through for what a citation needs; other unknown members are let be.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, NamedTuple

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from alerts.errors import Problem
from alerts.parse import jsonsalvage, problems
from alerts.parse.problems import NotAFeed
from alerts.parse.raw import RawFeed, RawItem, Value


def _text(value: object) -> object:
    """Accept a number where the form wants text (ids are often numbers), and null for nothing."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_text)]


class Author(BaseModel):
    """An author; a bare string is taken as the name."""

    model_config = ConfigDict(extra="ignore")
    name: Text = ""


def _people(value: object) -> object:
    if value is None:
        return []
    people = value if isinstance(value, list) else [value]
    return [{"name": each} if isinstance(each, str) else each for each in people]


def _strings(value: object) -> object:
    """Return a list of the strings that a value holds; a single string counts as one."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


class Item(BaseModel):
    """One item of a JSON Feed, with the members that an entry can use."""

    model_config = ConfigDict(extra="ignore")
    id: Text = ""
    url: Text = ""
    external_url: Text = ""
    title: Text = ""
    content_html: Text = ""
    content_text: Text = ""
    summary: Text = ""
    date_published: Text = ""
    date_modified: Text = ""
    language: Text = ""
    authors: Annotated[list[Author], BeforeValidator(_people)] = []
    author: Annotated[list[Author], BeforeValidator(_people)] = []
    tags: Annotated[list[str], BeforeValidator(_strings)] = []
    doi: Text = Field(default="", validation_alias=AliasChoices("doi", "_doi"))


class Feed(BaseModel):
    """The feed; its items are checked one by one."""

    model_config = ConfigDict(extra="ignore")
    version: Text = ""
    title: Text = ""
    home_page_url: Text = ""
    language: Text = ""
    items: list[Any] = []


class Read(NamedTuple):
    """A JSON Feed as raw values, and what was wrong with it."""

    feed: RawFeed
    problems: list[Problem]


_CITED = {
    "doi": "doi", "pmid": "pmid", "pmcid": "pmcid", "issn": "issn", "journal": "x:journal", "volume": "x:volume",
    "issue": "x:issue", "pages": "x:pages", "publisher": "dc:publisher", "license": "dcterms:license",
    "licence": "dcterms:license", "type": "dc:type",
}  # fmt: skip
"""Members of an extension that are understood, and what they stand for."""


def _extensions(each: dict[str, Any], raw: RawItem) -> None:
    """Add what the extensions of an item say of it, at most two objects deep."""
    for name, value in each.items():
        if name.startswith("_") and isinstance(value, dict):
            for holder in (value, *(inner for inner in value.values() if isinstance(inner, dict))):
                for member, text in holder.items():
                    ours = _CITED.get(member.lower())
                    if ours and isinstance(text, str | int) and not isinstance(text, bool):
                        raw.add(ours, Value(str(text), "text", {}, raw.base))


_NAMES = {
    "id": "guid", "url": "link", "title": "title", "date_published": "published", "date_modified": "updated",
    "language": "language", "doi": "doi", "summary": "description",
}  # fmt: skip


def _raw(item: Item, base: str) -> RawItem:
    raw = RawItem(base=base)
    for ours, theirs in _NAMES.items():
        text = getattr(item, ours)
        if text:
            attributes = {"isPermaLink": "false"} if ours == "id" and not text.startswith("http") else {}
            raw.add(theirs, Value(text, "text" if ours != "title" else "", attributes, base))
    if item.external_url:
        raw.add("external", Value(item.external_url, "text", {}, base))
    if item.content_html:
        raw.add("content", Value(item.content_html, "html", {}, base))
    elif item.content_text:
        raw.add("content", Value(item.content_text, "text", {}, base))
    for author in item.authors or item.author:
        if author.name:
            raw.add("dc:creator", Value(author.name))
    for tag in item.tags:
        raw.add("category", Value(tag))
    return raw


def _document(text: str, limit: int) -> tuple[Any, list[Problem]]:
    """Return the JSON in `text`, salvaged item by item when it is broken; raises `NotAFeed` when nothing can be."""
    try:
        return json.loads(text, strict=False), []
    except (ValueError, RecursionError):
        pass
    try:
        return jsonsalvage.first_value(text), [problems.repaired("something follows its end", "JSON")]
    except (ValueError, RecursionError):
        salvaged = jsonsalvage.item_by_item(text, limit)
    if salvaged is None:
        raise NotAFeed("The address answers with JSON that is broken or cut off.")
    return salvaged.document, [problems.salvaged(salvaged.whole, salvaged.broken, "JSON")]


def read(text: str, address: str, limit: int) -> Read:
    """Return the JSON Feed in `text`, at most `limit` + 1 items; raises `NotAFeed` for other JSON."""
    document, found = _document(text, limit)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed("The address answers with JSON, but not with a JSON Feed (it has no list of items).")
    try:
        feed = Feed.model_validate(document)
    except ValidationError:
        feed = Feed(items=document["items"])
    raw = RawFeed("json")
    raw.channel = RawItem(base=address, language=feed.language)
    raw.channel.add("title", Value(feed.title))
    raw.channel.add("link", Value(feed.home_page_url, "text", {}, address))
    bad = 0
    for each in feed.items[: limit + 1]:
        try:
            item = _raw(Item.model_validate(each), feed.home_page_url or address)
            _extensions(each, item)
            raw.items.append(item)
        except ValidationError:
            bad += 1
            partial = _salvaged(each, address)
            if partial is not None:
                raw.items.append(partial)
    return Read(raw, [*found, problems.bad_json_items(bad)] if bad else found)


def _salvaged(each: object, address: str) -> RawItem | None:
    """Keep the text members of an item that is not of the form, if it has any worth keeping."""
    if not isinstance(each, dict):
        return None
    texts = {name: value for name, value in each.items() if isinstance(value, str) and name in _TEXTS}
    item = _raw(Item.model_validate(texts), address)
    return item if item.first("title", "link", "content", "description") else None


_TEXTS = frozenset(_NAMES) - {"doi"} | {"content_html", "content_text"}
