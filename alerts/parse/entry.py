"""One raw item understood: every field of an entry, from wherever its publisher put it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from alerts.model.records import Entry
from alerts.parse import clean, dates, html, journals, keys, labels, links, names, own, words
from alerts.parse.raw import RawItem, Value

_PUBLISHED = (
    "pubdate", "published", "issued", "atom:published", "dc:date", "dcterms:issued", "dcterms:available",
    "dcterms:date", "prism:publicationdate", "dcterms:created", "dc:created", "created", "date", "x:pubdate",
)  # fmt: skip
_UPDATED = ("updated", "modified", "atom:updated", "dcterms:modified", "dc:modified", "prism:modificationdate")
_ISSUE = ("prism:coverdate", "prism:coverdisplaydate")
_SHORT_TEXTS = ("description", "summary", "dc:description", "dcterms:abstract", "dcterms:description", "prism:teaser",
                "itunes:summary", "media:description")  # fmt: skip
_LONG_TEXTS = ("content:encoded", "content", "xhtml:body", "body", "atom:content", "fulltext")
_CREATORS = frozenset(
    {"dc:creator", "author", "atom:author", "foaf:maker", "dcterms:creator", "itunes:author", "x:creator", "x:author"}
)
_FULL_TEXT = 12_000
"""Content longer than this is an article's or a post's full text, not its abstract; the description is preferred."""
_EXCERPT = 200


@dataclass(slots=True)
class Noticed:
    """What building entries noticed, for the feed's problems."""

    bad_dates: list[str] = field(default_factory=list)
    cut: int = 0


def _link_of(item: RawItem) -> str:
    """Return the address of the item itself: RSS link, Atom alternate, original before a relay's, a permanent guid."""
    candidates: list[tuple[str, str]] = []
    for value in item.values.get("feedburner:origlink", ()):
        candidates.append((value.text, value.base))
    typed: list[tuple[str, str]] = []
    for value in (*item.values.get("link", ()), *item.values.get("atom:link", ())):
        href = value.attributes.get("href")
        if href is None:
            candidates.append((value.text, value.base))
        elif value.attributes.get("rel", "alternate").lower() in ("alternate", "", "bookmark", "canonical"):
            is_page = value.attributes.get("type", "text/html").lower() in ("text/html", "application/xhtml+xml")
            (candidates if is_page else typed).append((href, value.base))
    candidates += typed
    for value in item.values.get("guid", ()):
        if value.attributes.get("isPermaLink", value.attributes.get("ispermalink", "true")).lower() != "false":
            candidates.append((value.text if "://" in value.text else "", ""))
    for name in ("id", "prism:url", "dc:identifier", "external", "comments"):
        candidates += [(value.text, "") for value in item.values.get(name, ()) if value.text.strip().startswith("http")]
    candidates.append((item.about if item.about.startswith("http") else "", ""))
    candidates += [
        (value.attributes.get("url") or value.attributes.get("href") or "", value.base)
        for name in ("enclosure", "link", "atom:link", "media:content")
        for value in item.values.get(name, ())
        if "link" not in name or value.attributes.get("rel") in ("enclosure", "related", "via", "self")
    ]
    for address, base in candidates:
        address = address.strip()
        found = links.canonical(address, base or item.base) if address else ""
        if found:
            return found
    return ""


# Drupal puts the item's title, its author's login and the day of writing before the text.
_DRUPAL = re.compile(
    r"<span[^<>]*\bfield--name-(?:title|uid|created|changed)\b[^<>]*>"
    r"(?:[^<]|<(?!/?span\b)[^<>]*>|<span\b[^<>]*>[^<]*(?:<(?!/?span\b)[^<>]*>[^<]*)*</span>)*</span>",
    re.IGNORECASE,
)


def _rendered(value: Value) -> tuple[str, str]:
    """Return (text, allow-listed HTML) of one value."""
    if "field--name-" in value.text:
        value = value._replace(text=_DRUPAL.sub("", value.text))
    if value.kind == "html":
        return html.both(value.text)
    if value.kind == "text" and "</" not in value.text:
        text = html.plain(
            value.text.replace("&", "&amp;") if "&" in value.text and ";" not in value.text else value.text
        )
        return text, html.allow_listed(text)
    return html.both(value.text)


def _summary_of(item: RawItem, noticed: Noticed) -> tuple[str, str]:
    """Return the text and mark-up that say most about the item short of its full text."""
    short = [value for name in _SHORT_TEXTS for value in item.values.get(name, ()) if value.text.strip()]
    long = [value for name in _LONG_TEXTS for value in item.values.get(name, ()) if value.text.strip()]
    seen: set[str] = set()
    best = ("", "")
    for value in short:
        if value.text not in seen:
            seen.add(value.text)
            best = max(best, _rendered(value), key=lambda both: len(both[0]))
    for value in long:
        if value.text in seen:
            continue
        seen.add(value.text)
        if len(best[0]) >= _EXCERPT and len(value.text) > _FULL_TEXT:
            continue
        best = max(best, _rendered(value), key=lambda both: len(both[0]))
    if len(best[0]) >= clean.SUMMARY_LIMIT or any(len(value.text) > html.HTML_LIMIT for value in short):
        noticed.cut += 1
    return best


def _date(item: RawItem, places: tuple[str, ...], noticed: Noticed) -> tuple[datetime | None, bool]:
    """Return the first date that can be read among `places`, and whether it names a month only."""
    for text in item.texts(*places):
        moment = dates.read(text)
        if moment is None or dates.is_impossible(moment):
            noticed.bad_dates.append(clean.line(text, 60))
        if moment is not None:
            return moment, dates.is_month_only(text)
    return None, False


DateKind = Literal["published", "updated", "issue", ""]


def _dates_of(
    item: RawItem, labelled: labels.Labelled, noticed: Noticed
) -> tuple[datetime | None, datetime | None, DateKind]:
    published, month_only = _date(item, _PUBLISHED, noticed)
    updated, _ = _date(item, _UPDATED, noticed)
    if published is not None:
        return published, updated, "issue" if month_only else "published"
    if updated is not None:
        return None, updated, "updated"
    issue, _ = _date(item, _ISSUE, noticed)
    if issue is not None:
        return issue, None, "issue"
    if labelled.date:
        said = dates.read(labelled.date)
        kind: DateKind = "issue" if dates.is_month_only(labelled.date) else "published"
        return said, None, kind if said else ""
    return None, None, ""


def _many(texts: list[str], limit: int = 100) -> tuple[str, ...]:
    lines = (html.to_line(text, clean.NAME_LIMIT) for text in texts)
    return tuple(dict.fromkeys(each for each in lines if each))[:limit]


def _keywords_of(item: RawItem, dull: set[str]) -> tuple[str, ...]:
    """Return categories and subjects, but for addresses and the names of the feed and the journal."""
    found: list[str] = []
    for value in item.values.get("category", ()):
        found.append(value.attributes.get("label") or value.attributes.get("term") or value.text)
    for text in item.texts("dc:subject", "dcterms:subject"):
        found += text.split(", ") if text.lower().startswith("open access, ") else [text]
    for text in item.texts("itunes:keywords", "media:keywords", "prism:keyword", "keywords"):
        found += re.split("[,;]", text)
    return tuple(each for each in _many(found) if each.casefold() not in dull and "://" not in each)


def _types_of(item: RawItem, keywords: tuple[str, ...], labelled: labels.Labelled) -> tuple[str, ...]:
    texts = item.texts(
        "prism:section", "dc:type", "dcterms:type", "pubtype", "x:pubtype", "prism:genre", "x:document_type"
    )
    found = [words.publication_type(text) for text in (*texts, *labelled.types)]
    return _many([*found, *(each for each in keywords if words.is_publication_type(each))], 20)


_RIGHTS = (
    "cc:license", "dcterms:license", "dc:rights", "dcterms:rights", "rights", "dcterms:accessrights", "prism:copyright",
    "prism:accessrights", "copyright", "category", "openaccess", "x:openaccess",
)  # fmt: skip


def _rights_of(item: RawItem, channel: RawItem) -> tuple[str, bool | None]:
    texts = item.texts(*_RIGHTS)
    for name in ("cc:license", "dcterms:license", "link", "atom:link"):
        for value in item.values.get(name, ()):
            if "link" not in name or value.attributes.get("rel") == "license":
                texts += value.attributes.values()
    licence = words.licence(texts) or words.licence(channel.texts("cc:license"))
    texts += [text for text in item.texts("dc:subject") if text.lower().startswith("open access")]  # BMJ
    return licence, words.open_access(texts, licence)


def _without_section(item: RawItem, title: str) -> str:
    """Return a title without the "[Articles]" before it that names the journal's section (The Lancet)."""
    section, _, rest = title[1:].partition("] ")
    bare = html.to_line(item.first("dc:title"))
    is_section = section.casefold() in (each.casefold() for each in item.texts("prism:section", "dc:type"))
    return rest if rest and (is_section or rest == bare) else title


def _title_of(item: RawItem, summary: str, noticed: Noticed) -> str:
    for text in item.texts("title", "dc:title", "prism:title", "media:title", "atom:title", "itunes:title"):
        if clean.is_cut(text, clean.TITLE_LIMIT):
            noticed.cut += 1
        title = html.to_line(text)
        if title:
            return _without_section(item, title) if title[0] == "[" else title
    first = re.split(r"(?<=[.!?])\s|\n", summary, maxsplit=1)[0]
    return first if len(first) <= 120 else first[:119].rsplit(" ", 1)[0] + "…"


def entry_of(item: RawItem, channel: RawItem, dull_keywords: set[str], noticed: Noticed) -> Entry:
    """Return the entry that a raw item stands for."""
    text, marked = _summary_of(item, noticed)
    creators = item.texts(*(name for name in item.values if name in _CREATORS)) or item.texts("dc:contributor")
    labelled = labels.read_labels(text, has_authors=bool(creators))
    summary = "\n".join(labelled.lines)
    if labelled.dropped:
        marked = html.without_lines(marked, labelled.dropped) if summary else ""
    marked = html.without_abstract_heading(marked)
    title = _title_of(item, summary, noticed)
    if summary.casefold() == title.casefold():
        summary = marked = ""
    link = _link_of(item)
    published, updated, date_kind = _dates_of(item, labelled, noticed)
    identifiers = own.own_identifiers(item, link=link, title=title, summary=summary, labelled=labelled)
    is_article = any(each.scheme == "doi" for each in identifiers)
    place = journals.place_of(item, channel, title, labelled, is_article=is_article)
    publisher = journals.publisher_of(item, channel)
    keywords = _keywords_of(item, dull_keywords | {place.journal.casefold(), publisher.casefold()})
    licence, open_access = _rights_of(item, channel)
    headings = _many(item.texts("x:meshheading", "dcterms:mesh"))
    closes = words.closing_date(f"{title}\n{summary}", published or updated)
    note = html.to_line(item.first("x:change_note", "x:changenote", "changenote", "change_note"))
    shown = title or "Untitled item"
    return Entry(
        key=keys.key(item.first("guid", "id", "atom:id") or item.about, link, f"{title} {summary}"),
        title=shown,
        link=link,
        summary=summary,
        summary_html=marked,
        authors=names.read(creators or labelled.authors),
        journal=place.journal,
        publisher=publisher,
        volume=place.volume,
        issue=place.issue,
        pages=place.pages,
        published=published,
        updated=updated,
        date_kind=date_kind,
        language=words.language(item.first("dc:language", "language", "dcterms:language") or item.language
                                or channel.first("dc:language", "language")),
        keywords=keywords,
        headings=headings,
        publication_types=_types_of(item, keywords, labelled),
        affiliations=_many(item.texts("arxiv:affiliation")),
        identifiers=identifiers,
        issn=own.issns(item, channel),
        licence=licence,
        open_access=open_access,
        closes=closes,
        change_note=note,
        fingerprint=keys.fingerprint_of(shown, summary, note, closes, identifiers, headings),
    )  # fmt: skip
