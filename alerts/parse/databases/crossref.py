"""Works as Crossref's REST API gives them: a page of a list (`work-list`), or one work (`work`).

Its documentation: https://www.crossref.org/documentation/retrieve-metadata/rest-api/ and the OpenAPI description at
https://api.crossref.org/swagger-ui/. Whatever a publisher deposited comes out again unchecked, so every member is read
as if it could be missing or of another shape; a work that cannot be read costs only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from alerts.errors import Problem
from alerts.model.identifiers import Identifier, normalise_doi, normalise_issn
from alerts.model.records import Entry
from alerts.parse import clean, dates, html, keys, links, names, problems, words
from alerts.parse.body import ENTRY_LIMIT, Page, Parsed
from alerts.parse.databases import api
from alerts.parse.databases.crossref_updates import Updates, notice_types, relations_of
from alerts.parse.problems import NotAsDocumented, QuestionRefused

_NO_ITEMS = frozenset(
    {
        "journal", "journal-issue", "journal-volume", "component", "peer-review", "grant", "database", "book-series",
        "book-set", "book-track", "proceedings", "proceedings-series", "report-series", "report-component",
    }
)  # fmt: skip
"""Types that are containers or parts of publications, or reviewers' reports on them: nothing a bulletin lists."""
_TYPES = {
    "posted-content": "Preprint", "proceedings-article": "Conference paper", "book-chapter": "Book chapter",
    "book-section": "Book chapter", "book-part": "Book chapter", "book": "Book", "edited-book": "Book",
    "monograph": "Book", "reference-book": "Book", "report": "Report", "dataset": "Dataset", "standard": "Standard",
    "dissertation": "Dissertation", "reference-entry": "Reference entry",
}  # fmt: skip
"""Types of work as publication types; `journal-article` says nothing that a reader would ask for."""
_OWN_VERSIONS = frozenset({"vor", "unspecified", ""})
"""Versions whose licence is the publication's own: not the manuscript's (`am`), nor that for text mining (`tdm`)."""
_HEADING = re.compile(r"^(?:abstract|summary)\s*(?::\s*|\n)", re.IGNORECASE)
_ADDRESS = re.compile(r"\S+@\S+")
_MANY = 100
_SHORT = 60


@dataclass(slots=True)
class _Noticed:
    """What reading the works of a page noticed, for the answer's problems."""

    bad: int = 0
    cut: int = 0
    bad_dates: list[str] = field(default_factory=list)
    updates: Updates = field(default_factory=Updates)


def works(body: bytes, *, address: str, content_type: str = "", limit: int = ENTRY_LIMIT) -> Parsed:
    """Return the works in an answer of the API; at most `limit`. `address` is of no use here: works name their own.

    Raises `QuestionRefused` with the API's own words when it refuses the question, `NotAsDocumented` when this is none
    of its answers.
    """
    message = _message(api.document(body, content_type, "Crossref"))
    is_list = "items" in message or "total-results" in message
    given = message.get("items") if is_list else [message]
    if not isinstance(given, list):
        raise NotAsDocumented("Crossref’s answer has no list of works.")
    noticed = _Noticed()
    entries = list(_entries(given[:limit], noticed))
    if given and noticed.bad == len(given[:limit]):
        raise NotAsDocumented("Crossref’s answer has works of another form: none has a DOI that can be read.")
    counted = api.number(message, "total-results") if is_list else 1
    return Parsed(
        "json",
        next((each.journal for each in entries if each.journal), ""),
        "",
        tuple(entries),
        tuple(_problems(noticed, is_cut=len(given) > limit, limit=limit)),
        may_be_empty=True,
        page=Page(api.text(message, "next-cursor")[:4_000], counted, len(given)),
    )


def _message(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of an answer that matters; raises when it is a refusal, or none of the API's answers."""
    message = answer.get("message")
    if answer.get("status") == "failed" or isinstance(message, list):
        said = [api.text(each, "message") or api.text(each) for each in api.many(answer, "message")[:5]]
        told = clean.line(_ADDRESS.sub("…", " ".join(each for each in said if each)), 300)
        raise QuestionRefused(f"Crossref refuses the question: {told or 'it does not say why.'}")
    if not isinstance(message, dict):
        raise NotAsDocumented("Crossref’s answer is not of the form that its documentation describes.")
    return message


def _problems(noticed: _Noticed, *, is_cut: bool, limit: int) -> Iterator[Problem]:
    if is_cut:
        yield problems.too_many(limit)
    if noticed.bad_dates:
        yield problems.unreadable_dates(len(noticed.bad_dates), noticed.bad_dates[0])
    if noticed.cut:
        yield problems.shortened(noticed.cut)
    if noticed.bad:
        yield problems.unreadable_records(noticed.bad, "Crossref")
    if noticed.updates.unknown:
        yield problems.unknown_updates(sorted(noticed.updates.unknown))


def _entries(given: Iterable[Any], noticed: _Noticed) -> Iterator[Entry]:
    for work in given:
        doi = normalise_doi(api.text(work, "DOI"))
        if doi is None:
            noticed.bad += 1
            continue
        if api.text(work, "type") in _NO_ITEMS:
            continue
        try:
            yield _entry(work, doi, noticed)
        except Exception:  # noqa: BLE001  one bad work costs only itself, whatever is wrong with it
            noticed.bad += 1


def _entry(work: Mapping[str, Any], doi: str, noticed: _Noticed) -> Entry:
    title = _title(work) or "Untitled item"
    summary, marked = _abstract(work, noticed)
    published, date_kind = _published(work, noticed)
    relations = relations_of(work, doi, noticed.updates)
    licence = _licence(work)
    page = _link(work)
    identifiers = [Identifier("doi", doi), *([Identifier("link", page)] if page else [])]
    kind = _TYPES.get(api.text(work, "type"), "")
    entry = Entry(
        key=keys.key(doi, "", title),
        title=title,
        link=f"https://doi.org/{doi}",
        summary=summary,
        summary_html=marked,
        authors=_authors(work),
        journal=_first(work, "container-title"),
        publisher=html.to_line(api.text(work, "publisher"), clean.NAME_LIMIT),
        volume=clean.line(api.text(work, "volume"), _SHORT),
        issue=clean.line(api.text(work, "issue"), _SHORT),
        pages=clean.line(api.text(work, "page") or api.text(work, "article-number"), _SHORT),
        published=published,
        date_kind=date_kind,
        language=words.language(api.text(work, "language")),
        publication_types=tuple(dict.fromkeys(each for each in (kind, *notice_types(relations)) if each)),
        affiliations=_affiliations(work),
        identifiers=tuple(identifiers),
        issn=_issns(work),
        licence=licence,
        open_access=True if licence else None,
        relations=relations,
    )
    return replace(entry, fingerprint=keys.fingerprint(entry))


def _maps(value: object, *path: str, most: int = 1_000) -> list[Mapping[str, Any]]:
    return [each for each in api.many(value, *path)[:most] if isinstance(each, dict)]


def _first(work: Mapping[str, Any], name: str) -> str:
    return next((line for each in api.texts(work, name)[:_MANY] if (line := html.to_line(each))), "")


def _title(work: Mapping[str, Any]) -> str:
    """Return the title with its subtitle, where the title does not have that in it already."""
    title, subtitle = _first(work, "title"), _first(work, "subtitle")
    if not title or not subtitle or subtitle.casefold() in title.casefold():
        return title or subtitle
    between = " " if title[-1] in "?!:.…–—" else ": "
    return clean.line(f"{title}{between}{subtitle}")


def _abstract(work: Mapping[str, Any], noticed: _Noticed) -> tuple[str, str]:
    raw = api.text(work, "abstract")
    text, marked = html.both(raw) if raw else ("", "")
    if len(raw) > html.HTML_LIMIT or len(text) >= clean.SUMMARY_LIMIT:
        noticed.cut += 1
    return _HEADING.sub("", text), html.without_abstract_heading(marked)


def _authors(work: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for each in _maps(work, "author", most=10 * names.LIMIT):
        person = " ".join(part for name in ("given", "family", "suffix") if (part := api.text(each, name)))
        name = names.one((person or api.text(each, "name"))[: 2 * clean.NAME_LIMIT])
        if name:
            found.setdefault(name)
    return tuple(found)[: names.LIMIT]


def _affiliations(work: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for author in _maps(work, "author", most=names.LIMIT):
        for each in _maps(author, "affiliation", most=20):
            name = html.to_line(api.text(each, "name")[: 4 * clean.NAME_LIMIT], clean.NAME_LIMIT)
            if name:
                found.setdefault(name)
    return tuple(found)[:_MANY]


def _issns(work: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(issn for each in api.texts(work, "ISSN")[:_MANY] if (issn := normalise_issn(each))))


def _link(work: Mapping[str, Any]) -> str:
    """Return the publisher's page of the work in the form in which a feed's link to it is known."""
    address = links.canonical(api.text(work, "resource", "primary", "URL"))
    return links.identity(address) if address and not address.startswith("https://doi.org/") else ""


def _parts(value: object, name: str, noticed: _Noticed) -> tuple[int, ...]:
    """Return the parts of a date (`{"date-parts": [[2026, 11, 3]]}`): year, month and day, as far as they are given."""
    rows = api.many(value, name, "date-parts")
    given = [api.text(each) for each in api.many(rows[0])[:3]] if rows else []
    kept = []
    for each in given:
        if not re.fullmatch(r"\d{1,4}", each, re.ASCII):
            break
        kept.append(int(each))
    if kept:
        try:
            datetime(*_whole(kept), tzinfo=UTC)
        except ValueError:
            noticed.bad_dates.append("-".join(given))
            return ()
    return tuple(kept)


def _whole(parts: Sequence[int]) -> tuple[int, int, int]:
    year, month, day = (*parts, 1, 1)[:3]
    return year, month, day


def _moment(parts: Sequence[int]) -> datetime:
    return dates.clamped(datetime(*_whole(parts), tzinfo=UTC))


def _published(work: Mapping[str, Any], noticed: _Noticed) -> tuple[datetime | None, Literal["published", "issue", ""]]:
    """Return when a work was published: the first whole day that is given, online before in print.

    For one of which a month or a year is given, the day on which its DOI was made stands if it lies within; where no
    day can be had the month is that of an issue.
    """
    given = [each for name in _DATES if (each := _parts(work, name, noticed))]
    created = _parts(work, "created", noticed)
    for each in given or [()]:
        if len(each) == 3:
            return _moment(each), "published"
        if len(created) == 3 and created[: len(each)] == each:
            return _moment(created), "published"
    return (_moment(given[0]), "issue") if given else (None, "")


_DATES = ("published-online", "posted", "published", "issued", "published-print")


def _licence(work: Mapping[str, Any]) -> str:
    """Return the open licence that the publication itself has by now: some begin only after an embargo.

    By now means when Crossref last looked at the work, which it says itself.
    """
    now = _parts(work, "indexed", _Noticed())
    for each in _maps(work, "license", most=_MANY):
        begins = _parts(each, "start", _Noticed())
        if api.text(each, "content-version").lower() not in _OWN_VERSIONS or (now and begins and begins > now):
            continue
        found = words.licence([api.text(each, "URL")])
        if found:
            return found
    return ""
