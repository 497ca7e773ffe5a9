"""OPML, in which readers of feeds keep and exchange their lists of subscriptions (opml.org, OPML 2.0).

Read strictly, by expat and without a document type: the one list reader there is (listparser) takes the readable part
of a file that was cut off for the whole, so that half the subscriptions would go missing without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from alerts.errors import AlertsError
from alerts.parse import clean, encoding

MOST_BYTES = 5_000_000
MOST_FEEDS = 5_000
_DEPTH = 100


class NotOpml(AlertsError):
    """The file is no list of subscriptions in OPML, or it is damaged or too large."""

    code = "P095"
    remedy = "Export the list again from your reader of feeds, as OPML."


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One feed of a list: its address, what the list calls it, its web page, its folders and categories."""

    address: str
    title: str = ""
    page: str = ""
    folders: tuple[str, ...] = ()


def read_opml(body: bytes) -> tuple[Subscribed, ...]:
    """Return the feeds of a list, each address once with all its folders, in the order of the list."""
    if len(body) > MOST_BYTES:
        raise NotOpml(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", remedy="Split the list.")
    root = _root(body)
    found: dict[str, Subscribed] = {}
    stack: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    while stack:
        element, folders = stack.pop()
        if len(folders) > _DEPTH:
            raise NotOpml(f"Its folders lie more than {_DEPTH} deep in each other.")
        told = _attributes(element) if _name(element) == "outline" else {}
        inside = folders
        if told.get("xmlurl"):
            each = _subscribed(told, folders)
            before = found.get(each.address)
            if before is not None:
                each = replace(before, folders=tuple(dict.fromkeys((*before.folders, *each.folders))))
            found[each.address] = each
        elif told:
            inside = (*folders, title) if (title := told.get("text") or told.get("title", "")) else folders
        stack.extend((child, inside) for child in reversed(element))
        if len(found) > MOST_FEEDS:
            raise NotOpml(f"The list holds more than {MOST_FEEDS:,} feeds.", remedy="Split the list.")
    return tuple(found.values())


def _root(body: bytes) -> Element:
    text, _ = encoding.without_doctype(encoding.decode(body).text.lstrip("\ufeff\x00 \t\r\n"))
    at = text.find("?>") + 2 if text.startswith("<?xml") else 0  # what it says of its encoding is done
    try:
        root = ElementTree.fromstring(text[at:].lstrip())  # noqa: S314 - no document type is left, so no entity
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise NotOpml(f"The file is damaged, or not XML: {str(error)[:120]}.") from None
    if _name(root) != "opml":
        raise NotOpml(f"The file is XML of another kind (its root is “{_name(root)[:40]}”), not OPML.")
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _attributes(element: Element) -> Mapping[str, str]:
    """Return the attributes as clean lines by their names in small letters: exporters write xmlUrl, xmlURL, xmlurl."""
    return {name.rpartition("}")[2].lower(): clean.line(value) for name, value in element.attrib.items()}


def _subscribed(told: Mapping[str, str], folders: tuple[str, ...]) -> Subscribed:
    parts = (part for category in told.get("category", "").split(",") for part in category.split("/"))
    labels = dict.fromkeys((*folders, *(part.strip() for part in parts if part.strip())))
    title = told.get("title") or told.get("text", "")
    return Subscribed(told["xmlurl"], title, told.get("htmlurl", ""), tuple(labels))


def write_opml(title: str, feeds: Iterable[Subscribed], created: str) -> bytes:
    """Return a list of subscriptions, each feed in the folder that is its first; `created` as RFC 822 writes dates."""
    root = Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = title
    ElementTree.SubElement(head, "dateCreated").text = created
    body = ElementTree.SubElement(root, "body")
    within: dict[str, Element] = {}
    for feed in feeds:
        parent = body
        if feed.folders:
            name = feed.folders[0]
            if name not in within:
                within[name] = ElementTree.SubElement(body, "outline", text=name, title=name)
            parent = within[name]
        told = {"type": "rss", "text": feed.title, "title": feed.title, "xmlUrl": feed.address}
        if feed.page:
            told["htmlUrl"] = feed.page
        if len(feed.folders) > 1:
            told["category"] = ",".join(feed.folders[1:])
        ElementTree.SubElement(parent, "outline", told)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
