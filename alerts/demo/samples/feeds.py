"""Render the samples as their publishers would: RSS 2.0, RDF with Dublin Core and PRISM, Atom, JSON Feed, a web page.

Each form copies the habits of real feeds, good and bad: where the DOI hides, whether there are dates, what the guid is.
Sources: RSS 2.0 and 1.0, PRISM 2.0, RFC 4287 (Atom), JSON Feed 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from alerts.demo.samples import govuk, searches
from alerts.demo.samples.publications import Publication, SampleSource

_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_PRISM = 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
_CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'


@dataclass(frozen=True, slots=True)
class Feed:
    """What a sample source answers: a status, a content type and a body."""

    path: str
    content_type: str
    body: bytes
    status: int = 200


def feed_of(source: SampleSource) -> Feed:
    """Render a source in its form."""
    if source.form == "down":
        return Feed(path_of(source), "text/plain; charset=utf-8", b"Out of service, on purpose.\n", 503)
    render, content_type = _FORMS[source.form]
    return Feed(path_of(source) + _below(source), content_type, render(source).encode())


def _below(source: SampleSource) -> str:
    """Return what the service asks for below a source's address, where that is only where an API begins."""
    return f"/journals/{dict(source.keys)['issn']}/works" if source.form == "crossref" else ""


def pages_of(source: SampleSource) -> Iterator[Feed]:
    """Yield what is asked beside the feed: the pages of GOV.UK."""
    if source.form == "govuk":
        for path, body in govuk.pages(source):
            yield Feed(path, "application/json; charset=utf-8", body.encode())


def path_of(source: SampleSource) -> str:
    """Return the path under which a source is served, ending as feeds of its make do."""
    make = source.form.partition("-")[0]
    if make == "govuk":
        return f"/search/{source.id}.atom"
    endings = {
        "rdf": "rdf", "atom": "atom", "json": "json", "europepmc": "json", "pubmed": "xml", "page": "html",
        "crossref": "json",
    }  # fmt: skip
    return f"/{source.id}.{endings.get(make, 'rss')}"


def _rss(source: SampleSource, item: Callable[[SampleSource, Publication], str]) -> str:
    items = "".join(f"<item>{item(source, each)}</item>\n" for each in source.items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rss version="2.0" {_DC} {_PRISM} {_CONTENT}><channel>\n'
        f"<title>{escape(source.title)}</title><link>https://{source.id}.example.org/</link>\n"
        f"<description>Sample source: {escape(source.publisher)}</description><language>en-gb</language>\n"
        f"{items}</channel></rss>\n"
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>" if text else ""


def _creators(item: Publication) -> str:
    return "".join(_tag("dc:creator", name) for name in item.authors)


def _plain_item(_: SampleSource, item: Publication) -> str:
    """A journal whose guid is the DOI and whose dates are full."""
    return (
        _tag("title", item.title)
        + _tag("link", item.link)
        + f'<guid isPermaLink="false">{escape(item.doi or item.key)}</guid>'
        + _creators(item)
        + _tag("pubDate", format_datetime(item.published))
        + _tag("prism:publicationName", item.journal)
        + _tag("description", item.summary)
    )


def _prism_item(_: SampleSource, item: Publication) -> str:
    """A journal that names journal and DOI in PRISM, and whose guid is a number of its own."""
    return (
        _tag("title", item.title)
        + _tag("link", item.link)
        + f'<guid isPermaLink="false">http://{item.source_id}.example.org/{item.key}</guid>'
        + _tag("pubDate", format_datetime(item.published))
        + _creators(item)
        + _tag("description", f"<span class='paragraphSection'>{escape(item.summary, quote=False)}</span>")
        + _tag("prism:publicationName", item.journal)
        + _tag("prism:doi", item.doi)
    )


def _undated_item(_: SampleSource, item: Publication) -> str:
    """A journal platform that gives no dates and hides everything in the description."""
    told = f"<p><b>Source:</b> {escape(item.journal)}</p><p>Author(s): {escape(', '.join(item.authors))}</p>"
    return (
        _tag("title", item.title)
        + _tag("link", item.link)
        + f'<guid isPermaLink="false">{escape(item.link)}</guid>'
        + _tag("description", f"{told}<p>{escape(item.summary, quote=False)}</p>")
    )


def _index_item(_: SampleSource, item: Publication) -> str:
    """An index of many journals: its own number as guid, the DOI as a second identifier, no abstract."""
    number = str(40_000_000 + int.from_bytes(item.key.encode()[:8].ljust(8, b"-")) % 999_983)
    told = f"<p>{escape(item.journal)}. doi: {escape(item.doi)}.</p>"
    return (
        _tag("title", item.title)
        + _tag("link", f"https://{item.source_id}.example.org/{number}/")
        + f'<guid isPermaLink="false">index:{number}</guid>'
        + _tag("pubDate", format_datetime(item.published))
        + _tag("dc:identifier", f"index:{number}")
        + _tag("dc:identifier", f"doi:{item.doi}")
        + _creators(item)
        + _tag("dc:source", item.journal)
        + _tag("description", told)
    )


def _news_item(source: SampleSource, item: Publication) -> str:
    """A website of a body: HTML content, categories, a guid that is an address."""
    return (
        _tag("title", item.title)
        + _tag("link", item.link)
        + f'<guid isPermaLink="false">https://{item.source_id}.example.org/?p={item.key}</guid>'
        + _tag("pubDate", format_datetime(item.published))
        + _tag("category", source.type.capitalize())
        + _tag("description", item.summary)
        + f"<content:encoded><![CDATA[<p>{escape(item.summary, quote=False)}</p>]]></content:encoded>"
    )


def _broken(source: SampleSource) -> str:
    """A feed that no XML parser takes: a bare ampersand, an unclosed tag, cut off in its last item."""
    whole = _rss(source, _news_item).replace("&amp;", "&").replace("<description>", "<description><br>", 1)
    return whole[: whole.rindex("</title>") + len("</title>")]


def _rdf(source: SampleSource) -> str:
    """RSS 1.0 as journal platforms make it: channel, then items with Dublin Core and PRISM."""
    listed = "".join(f'<rdf:li rdf:resource="{escape(item.link)}"/>' for item in source.items)
    items = "".join(_rdf_item(source, item) for item in source.items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF {_RDF} {_DC} {_PRISM}>\n'
        f'<channel rdf:about="https://{source.id}.example.org/rss"><title>{escape(source.title)}</title>'
        f"<link>https://{source.id}.example.org/</link><description>{escape(source.publisher)}</description>"
        f"<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    )


def _rdf_item(source: SampleSource, item: Publication) -> str:
    doi = item.doi or f"10.5555/sample.{item.key}"
    return (
        f'<item rdf:about="{escape(item.link)}">'
        + _tag("title", item.title)
        + _tag("link", item.link)
        + _tag("description", item.summary)
        + _creators(item)
        + _tag("dc:date", item.published.date().isoformat() if source.form == "rdf-preprint" else _w3c(item.published))
        + _tag("dc:identifier", f"doi:{doi}")
        + _tag("dc:publisher", source.publisher)
        + _tag("prism:publicationName", item.journal or source.title)
        + _tag("prism:doi", doi)
        + "</item>\n"
    )


def _atom(source: SampleSource) -> str:
    """Atom as the government's website makes it: the id changes with every update, the link does not."""
    newest = max(item.updated for item in source.items)
    entries = "".join(_atom_entry(item) for item in source.items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xml:lang="en-GB" xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:sample="https://{source.id}.example.org/ns">\n'
        f"<id>https://{source.id}.example.org/</id><title>{escape(source.title)}</title>"
        f"<author><name>{escape(source.publisher)}</name></author><updated>{_w3c(newest)}</updated>\n{entries}</feed>\n"
    )


def _atom_entry(item: Publication) -> str:
    return (
        f"<entry><id>{escape(item.link)}#{_w3c(item.updated)}</id>"
        + _tag("updated", _w3c(item.updated))
        + _tag("published", _w3c(item.published))
        + f'<link rel="alternate" type="text/html" href="{escape(item.link)}"/>'
        + _tag("title", item.title)
        + f'<summary type="html">{escape(escape(item.summary, quote=False), quote=False)}</summary>'
        + _tag("sample:change_note", item.change_note)
        + "</entry>\n"
    )


def _json(source: SampleSource) -> str:
    """JSON Feed 1.1."""
    home = f"https://{source.id}.example.org/"
    items = [
        {
            "id": item.key,
            "url": item.link,
            "title": item.title,
            "content_html": f"<p>{escape(item.summary, quote=False)}</p>",
            "summary": item.summary,
            "date_published": _w3c(item.published),
            "authors": [{"name": source.publisher}],
        }
        for item in source.items
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": source.title,
        "home_page_url": home,
        "language": "en-GB",
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _page(source: SampleSource) -> str:
    """A list of cards, as content management systems make them, with a menu around."""
    cards = "".join(
        f'<article class="card"><h2 class="card__title"><a href="{escape(item.link)}">{escape(item.title)}</a></h2>\n'
        f'<p class="card__date">Published {item.published:%d %B %Y}</p>\n'
        f'<p class="card__text">{escape(item.summary)}</p></article>\n'
        for item in source.items
    )
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(source.title)}</title></head>\n"
        '<body><nav><ul><li><a href="/about">About us</a></li><li><a href="/events">Events</a></li></ul></nav>\n'
        f"<main><h1>{escape(source.title)}</h1>\n{cards}</main></body></html>\n"
    )


def _w3c(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rss_form(item: Callable[[SampleSource, Publication], str]) -> tuple[Callable[[SampleSource], str], str]:
    return lambda source: _rss(source, item), "application/rss+xml; charset=utf-8"


_FORMS: dict[str, tuple[Callable[[SampleSource], str], str]] = {
    "rss": _rss_form(_plain_item),
    "rss-prism": _rss_form(_prism_item),
    "rss-undated": _rss_form(_undated_item),
    "rss-index": _rss_form(_index_item),
    "rss-news": _rss_form(_news_item),
    "rss-broken": (_broken, "text/xml; charset=utf-8"),
    "rdf": (_rdf, "application/rdf+xml; charset=utf-8"),
    "rdf-preprint": (_rdf, "text/xml; charset=utf-8"),
    "atom": (_atom, "application/atom+xml; charset=utf-8"),
    "json": (_json, "application/feed+json; charset=utf-8"),
    "page": (_page, "text/html; charset=utf-8"),
    "govuk": (govuk.atom, "application/atom+xml; charset=utf-8"),
    "europepmc": (searches.europepmc, "application/json;charset=UTF-8"),
    "pubmed": (searches.pubmed, "text/xml; charset=UTF-8"),
    "crossref": (searches.crossref, "application/json"),
}
