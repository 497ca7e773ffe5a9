"""What a reader of one format hands on: items as bags of named values, before anything is understood of them.

Names are lower case. Elements of RSS, of RDF and (in an Atom feed) of Atom have bare names (`title`, `link`); those of
modules carry the module's usual prefix, whatever prefix the publisher chose: `dc:creator`, `prism:doi`,
`content:encoded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Format = Literal["rss", "rdf", "atom", "json", "europepmc", "page", "mail"]
Kind = Literal["", "text", "html"]


class Value(NamedTuple):
    """One value: its text, how it is to be read (`""` means unsaid), the element's attributes, and its base address."""

    text: str
    kind: Kind = ""
    attributes: Mapping[str, str] = {}
    base: str = ""


@dataclass(slots=True)
class RawItem:
    """One item: every value of every name, in the order given."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    about: str = ""
    base: str = ""
    language: str = ""

    def add(self, name: str, value: Value) -> None:
        """Append a value."""
        self.values.setdefault(name, []).append(value)

    def first(self, *names: str) -> str:
        """Return the first text under the first of `names` that has any, without surrounding space."""
        for name in names:
            for value in self.values.get(name, ()):
                text = value.text.strip()
                if text:
                    return text
        return ""

    def texts(self, *names: str) -> list[str]:
        """Return all texts under `names`, empty ones left out."""
        values = self.values
        return [text for name in names if name in values for value in values[name] if (text := value.text.strip())]


@dataclass(slots=True)
class RawFeed:
    """A feed: its own values, and its items."""

    format: Format
    channel: RawItem = field(default_factory=RawItem)
    items: list[RawItem] = field(default_factory=list)


_EXACT = {
    "": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss191": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://cyber.law.harvard.edu/rss/rss.html": "",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
_PARTS = (
    ("purl.org/dc/terms", "dcterms"),
    ("purl.org/dc/", "dc"),
    ("prism", "prism"),
    ("modules/content", "content"),
    ("modules/syndication", "sy"),
    ("search.yahoo.com/mrss", "media"),
    ("itunes", "itunes"),
    ("arxiv", "arxiv"),
    ("feedburner", "feedburner"),
    ("creativecommons", "cc"),
    ("web.resource.org/cc", "cc"),
    ("creativecommonsrssmodule", "cc"),
    ("bibo", "bibo"),
    ("foaf", "foaf"),
    ("w3.org/xml/1998", "xml"),
    ("purl.org/atom/", "atom"),
    ("w3.org/2005/atom", "atom"),
)


def prefix_of(namespace: str) -> str:
    """Return the usual prefix of a namespace, however publishers misspell it; `x` for one that we do not know."""
    lowered = namespace.lower().strip()
    exact = _EXACT.get(lowered)
    if exact is not None:
        return exact
    return next((prefix for part, prefix in _PARTS if part in lowered), "x")
