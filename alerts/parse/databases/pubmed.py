"""What NCBI's E-utilities answer about PubMed: ESearch's count and findings, EFetch's articles and books.

`parse_body` is the door for both. The articles are read by `references.xml`, the one reader of PubMed XML; here they
become entries: clean text, one date, own identifiers, and what PubMed says outright of two publications
(`CommentsCorrections`) as relations. An article that cannot be understood costs only itself; an answer that is cut or
of another shape is an error, since what it would have held must be asked for again.

Sources: NLM, "E-utilities In-Depth" (NBK25499), PubMed DTD 2025, "PubMed XML element descriptions".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Literal, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from alerts.errors import AlertsError
from alerts.model.identifiers import (
    Identifier,
    find_doi,
    normalise_doi,
    normalise_issn,
    normalise_pmcid,
    normalise_pmid,
)
from alerts.model.records import Entry, Relation, RelationKind
from alerts.parse import clean, dates, encoding, html, keys, names, words
from alerts.parse.body import ENTRY_LIMIT, Page, Parsed
from alerts.parse.problems import NotAsDocumented, NotReferences, unreadable_records
from alerts.parse.references.xml import article_values, articles, date_in, inside, sections

PAGE = "https://pubmed.ncbi.nlm.nih.gov/"
RELATIONS: Mapping[str, RelationKind] = {
    "RetractionOf": "retraction of",
    "RetractionIn": "retracted by",
    "RetractedandRepublishedIn": "retracted by",
    "RetractedandRepublishedFrom": "update of",  # the new version, which is no notice
    "PartialRetractionOf": "correction of",
    "PartialRetractionIn": "corrected by",
    "ErratumFor": "correction of",
    "ErratumIn": "corrected by",
    "CorrectedandRepublishedFrom": "update of",
    "CorrectedandRepublishedIn": "corrected by",
    "ExpressionOfConcernFor": "concern about",
    "ExpressionOfConcernIn": "concern told by",
    "UpdateOf": "update of",
    "UpdateIn": "updated by",
    "RepublishedFrom": "update of",
    "RepublishedIn": "updated by",
}
"""What PubMed's `CommentsCorrections` say of two publications; comments, cited papers and summaries say nothing."""
_MOST_RELATIONS = 20
_LONGEST_MESSAGE = 300
_MOST_PHRASES = 20


class SearchGone(AlertsError):
    """PubMed no longer has the search whose records were asked for, or refused to give them."""

    code = "F614"
    remedy = "Nothing to do unless it lasts: everything is asked for again."


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What ESearch answered: how many records, the first of their PMIDs, and where its history server keeps them.

    `refusal` is its own error; `not_found` are phrases and fields that it does not know, and `ignored` quoted phrases
    and words that it left out: records may be missing.
    """

    count: int = 0
    ids: tuple[str, ...] = ()
    query_key: str = ""
    history: str = ""
    refusal: str = ""
    not_found: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def parse_body(
    body: bytes,
    *,
    address: str = "",
    content_type: str = "",
    limit: int = ENTRY_LIMIT,
    answer: Literal["search", "articles"] = "articles",
) -> Parsed | SearchAnswer:
    """Return what ESearch ("search") or EFetch ("articles") answered; raises NotAsDocumented and SearchGone."""
    decoded = encoding.decode(body, content_type)
    text, _ = encoding.without_doctype(decoded.text.lstrip("\ufeff\x00 \t\r\n"))
    text = re.sub(r"^\s*<\?xml[^>]{0,300}\?>", "", text, count=1).lstrip()
    root = re.match(r"<([A-Za-z][\w.-]{0,60})", text)
    name = root.group(1) if root else ""
    if name == "eFetchResult" or (answer == "search" and name == "eSearchResult"):
        found = _search(text)
        if name == "eFetchResult":
            raise SearchGone(f"PubMed did not give the records: {found.refusal or 'it does not say why'}.")
        return found
    if answer == "search" or name not in ("PubmedArticleSet", "PubmedArticle", "PubmedBookArticle"):
        raise NotAsDocumented(f"PubMed answered with {_called(text, name)}, not with what it was asked for.")
    return _articles(text, limit)


def _called(text: str, name: str) -> str:
    """Say what an answer is in place of PubMed's XML, in a librarian's words."""
    if not text:
        return "nothing at all"
    if name.lower() == "html" or text[:15].lower().startswith("<!doctype html"):
        return "a web page"
    if text[0] in "{[":
        said = re.search(r'"error"\s*:\s*"([^"]{1,200})"', text[:2_000])
        return f"“{clean.line(said.group(1), 200)}”" if said else "JSON"
    return f"XML of another kind (its root is “{name[:40]}”)" if name else "something that is no XML"


def _search(text: str) -> SearchAnswer:
    """Read ESearch's answer; its list of PMIDs is bounded by what it was asked for, and by the limit for bodies."""
    parser: XMLPullParser[Element] = XMLPullParser(events=("end",))
    found: dict[str, list[str]] = {}
    try:
        parser.feed(text)
        parser.close()
        elements = [cast("tuple[str, Element]", event)[1] for event in parser.read_events()]
    except (ParseError, ValueError) as error:
        raise NotAsDocumented(f"PubMed’s answer to the search cannot be read: {str(error)[:80]}.") from None
    for element in elements:
        if len(element) == 0:
            found.setdefault(element.tag, []).append(clean.line(element.text or "", _LONGEST_MESSAGE))
    # the first of each: the terms of the translation (`TermSet`) have counts of their own, which come later
    counted, refusal = next(iter(found.get("Count", ())), ""), " ".join(filter(None, found.get("ERROR", ())))
    if not refusal and not counted.isdigit():
        raise NotAsDocumented("PubMed’s answer to the search does not say how many records it found.")
    return SearchAnswer(
        int(counted) if counted.isdigit() and len(counted) < 12 else 0,
        tuple(each for each in found.get("Id", ()) if each.isdigit()),
        next(iter(found.get("QueryKey", ())), ""),
        next(iter(found.get("WebEnv", ())), ""),
        refusal[:_LONGEST_MESSAGE],
        _phrases(found, "PhraseNotFound", "FieldNotFound"),
        _phrases(found, "QuotedPhraseNotFound", "PhraseIgnored"),
    )


def _phrases(found: Mapping[str, list[str]], *tags: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for tag in tags for each in found.get(tag, ()) if each))[:_MOST_PHRASES]


def _articles(text: str, limit: int) -> Parsed:
    entries: dict[str, Entry] = {}
    failures: Counter[str] = Counter()
    number = 0
    try:
        for number, article in enumerate(articles(text.encode("utf-8", "replace")), 1):
            if number > limit:
                break
            try:
                entry = entry_of(article)
            except Exception as error:  # noqa: BLE001  one bad article costs only itself, whatever is wrong with it
                failures[type(error).__name__] += 1
                continue
            entries[entry.key] = entry
    except (ParseError, NotReferences) as error:
        said = str(error)[:120].rstrip(".")
        raise NotAsDocumented(f"The records cannot be read: {said}, after {number} of them.") from None
    problems = [unreadable_records(sum(failures.values()), "PubMed", next(iter(failures)))] if failures else []
    given = Page(given=number)
    return Parsed("pubmed", "PubMed", PAGE, tuple(entries.values()), tuple(problems), may_be_empty=True, page=given)


class _NoRecord(ValueError):
    """An article without a PMID or without a word of text."""


def entry_of(article: Element) -> Entry:
    """Return the entry that an article or a book is; raises ValueError when it has no PMID or says nothing."""
    values = article_values(article)
    pmid = normalise_pmid(values["pmid"])
    title, parts = _title(article, values["title"]), [(label, html.plain(text)) for label, text in _abstract(article)]
    if pmid is None or not (title or parts):
        raise _NoRecord("no PMID" if pmid is None else "no title")
    published, kind = _published(article)
    entry = Entry(
        key=pmid,
        title=title or "Untitled item",
        link=f"{PAGE}{pmid}/",
        summary=clean.text("\n".join(f"{label}: {text}" if label else text for label, text in parts)),
        summary_html=_marked(parts),
        authors=_authors(article),
        journal=clean.line(html.spelt_out(values["journal"]), clean.NAME_LIMIT) or _book(article, title),
        publisher=clean.line(values["publisher"], clean.NAME_LIMIT),
        volume=clean.line(values["volume"], 40),
        issue=clean.line(values["issue"], 40),
        pages=clean.line(values["pages"], 40),
        published=published,
        date_kind=kind,
        language=words.language(values["language"]),
        keywords=_many(values["keywords"], 100),
        headings=_many(values["mesh"], 200),
        publication_types=_many(values["publication_types"], 20),
        affiliations=_many(values["affiliations"], 100),
        identifiers=_identifiers(pmid, values["doi"], values["pmcid"]),
        issn=tuple(dict.fromkeys(issn for each in values["issn"] if (issn := normalise_issn(each)))),
        relations=tuple(dict.fromkeys(_relations(article, values["publication_types"])))[:_MOST_RELATIONS],
    )
    return replace(entry, fingerprint=keys.fingerprint(entry))


def _title(article: Element, text: str) -> str:
    """Return the title without the brackets of a translated one and the full stop that PubMed puts after each.

    A title that is not there in English is given as it was published.
    """
    title = html.to_line(text)
    own = html.to_line(inside(article.find(".//VernacularTitle")))
    bracketed = re.fullmatch(r"\[([^\[\]]+(?:\[[^\[\]]*\][^\[\]]*)*)\]\.?", title)
    title = bracketed.group(1) if bracketed else title
    if own and (not title or title.lower().startswith("not available")):
        title = own
    return title[:-1].rstrip() if title.endswith(".") and not title.endswith("..") else title


def _abstract(article: Element) -> list[tuple[str, str]]:
    """Return the labels and texts of the abstract, labels as words ("Background")."""
    found = [(clean.line(label, 100), text) for label, text in sections(article)]
    return [("" if label == "UNLABELLED" else label.capitalize() if label.isupper() else label, text)
            for label, text in found]  # fmt: skip


def _marked(parts: list[tuple[str, str]]) -> str:
    pieces = (
        f"<p>{f'<strong>{escape(label, quote=False)}:</strong> ' if label else ''}{escape(text, quote=False)}</p>"
        for label, text in parts
    )
    return clean.text("".join(pieces), html.HTML_LIMIT)


def _authors(article: Element) -> tuple[str, ...]:
    """Return people as "Jane P Roe" and bodies as they are called; of a book without authors its editors."""
    found: dict[str, None] = {}
    for author in article.iterfind(".//AuthorList/Author"):
        if author.get("ValidYN") == "N":
            continue
        parts = (author.findtext(name, "") for name in ("ForeName", "LastName", "Suffix"))
        name = names.one(" ".join(part for part in parts if part)) or names.one(inside(author.find("CollectiveName")))
        if name:
            found.setdefault(name)
    return tuple(found)[: names.LIMIT]


def _book(article: Element, title: str) -> str:
    """Return the book that a chapter stands in; a book as a whole stands in none."""
    book = html.to_line(inside(article.find(".//Book/BookTitle")), clean.NAME_LIMIT)
    return "" if book == title else book


def _many(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    lines = (clean.line(html.spelt_out(text), clean.NAME_LIMIT) for text in texts)
    return tuple(dict.fromkeys(each for each in lines if each))[:limit]


def _identifiers(pmid: str, doi: str, pmcid: str) -> tuple[Identifier, ...]:
    found = [Identifier("doi", known)] if (known := normalise_doi(doi)) else []
    found.append(Identifier("pmid", pmid))
    if known := normalise_pmcid(pmcid):
        found.append(Identifier("pmcid", known))
    return tuple(found)


_YEAR = re.compile(r"(?<!\d)((?:1[5-9]|20|21)\d\d)(?!\d)")


def _published(article: Element) -> tuple[datetime | None, Literal["published", "issue", ""]]:
    """Return when an article came out: online, else the day of its issue, else the day on which PubMed had it.

    An issue is often dated by a month, a season or a year, and often ahead. The day on which PubMed had the article is
    nearer to the truth wherever it lies in that time or before; else the issue's own first day stands.
    """
    for online in article.iterfind(".//Article/ArticleDate"):
        if moment := dates.read(date_in(online)):
            return moment, "published"
    issue = article.find(".//JournalIssue/PubDate")
    for place in (issue, article.find(".//Book/PubDate"), article.find(".//ContributionDate")):
        text = date_in(place) if place is not None else ""
        year = _YEAR.search(text)
        if place is None or year is None:
            continue
        arrived = _arrived(article)
        if place.findtext("Day"):
            moment = dates.read(text)
            if moment is not None and (arrived is None or moment <= arrived + timedelta(days=1)):
                return moment, "published"
        begins = dates.read(text) or _month_of(text) or datetime(int(year.group()), 1, 1, tzinfo=UTC)
        if arrived is not None and begins - timedelta(days=366) <= arrived < _end(text, begins):
            return arrived, "published"
        return begins, "issue"
    arrived = _arrived(article)
    return arrived, "published" if arrived else ""


def _arrived(article: Element) -> datetime | None:
    """Return the day on which PubMed had an article."""
    for place in article.iterfind(".//History/PubMedPubDate"):
        if place.get("PubStatus") == "entrez":
            parts = [place.findtext(name, "") for name in ("Year", "Month", "Day")]
            return dates.read("-".join(part.zfill(2) for part in parts)) if all(parts) else None
    return None


def _month_of(text: str) -> datetime | None:
    """Return the first month that a span names: "1998 Dec-1999 Jan" begins in December."""
    found = re.match(r"(\d{4})[ -]+([A-Za-z]{3})", text)
    return dates.read(f"{found.group(2)} {found.group(1)}") if found else None


def _end(text: str, begins: datetime) -> datetime:
    """Return when a time that is named by a month, a season or a year has passed."""
    has_month = dates.is_month_only(text) or _month_of(text) is not None
    last = _YEAR.findall(text)[-1]
    if has_month and last == str(begins.year):
        return begins + timedelta(days=62)
    return datetime(int(last) + 1, 1, 1, tzinfo=UTC)


def _relations(article: Element, types: Iterable[str]) -> Iterator[Relation]:
    """Yield what PubMed says of this publication and others, by their PMIDs and the DOIs it names."""
    is_preprint = any(each.casefold() == "preprint" for each in types)
    for each in article.iterfind(".//CommentsCorrectionsList/CommentsCorrections"):
        kind = RELATIONS.get(each.get("RefType", ""))
        if kind is None:
            continue
        if is_preprint and kind == "updated by":
            kind = "published as"
        pmid, doi = normalise_pmid(each.findtext("PMID", "")), find_doi(inside(each.find("RefSource")))
        if pmid:
            yield Relation(kind, Identifier("pmid", pmid))
        if doi:
            yield Relation(kind, Identifier("doi", doi))
