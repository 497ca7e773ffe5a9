"""PubMed XML, one article at a time: of a file of 30,000 citations no more is held than one of them.

Source: NLM, PubMed DTD. `pubmed_articles` yields (number of the article, named values).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from alerts.errors import Problem
from alerts.parse.problems import NotReferences, left_out

_CHUNK = 1 << 18
_ARTICLES = {"PubmedArticle", "PubmedBookArticle"}
_MOST_ELEMENTS = 500_000
"""Elements of one article, and of what is between two: ten times what one with five thousand authors has."""


def pubmed_articles(body: bytes, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the articles; what follows a place where the XML is broken is left out, which is told."""
    number = 0
    try:
        for article in articles(body):
            number += 1
            yield 0, article_values(article)
    except ParseError as error:
        if not number:
            raise NotReferences(f"The XML cannot be read: {error}.") from error
        sentence = f"The XML is broken ({error}): what follows its article {number} was left out."
        left_out(problems, sentence, error.position[0])


def articles(body: bytes) -> Iterator[Element]:
    """Yield each article as soon as it is complete, and forget it."""
    parser: XMLPullParser[Element] = XMLPullParser(events=("start", "end"))
    root: Element | None = None
    held = 0
    for first in range(0, len(body) + 1, _CHUNK):
        failure: ParseError | None = None
        try:
            parser.feed(body[first : first + _CHUNK])
            if first + _CHUNK > len(body):
                parser.close()
        except ParseError as error:
            failure = error
        except (LookupError, ValueError) as error:
            raise NotReferences(f"The XML declares an encoding that is not known here: {error}.") from error
        for item in parser.read_events():
            event, element = cast("tuple[str, Element]", item)
            if root is None:
                root = element
            held += event == "start"
            if event == "end" and element.tag in _ARTICLES:
                yield element
                if element is not root:
                    root.clear()
                held = 0
        if held > _MOST_ELEMENTS:
            raise NotReferences(f"The XML has more than {_MOST_ELEMENTS:,} elements in one article, or in none.")
        if failure is not None:
            raise failure


def article_values(article: Element) -> dict[str, Any]:
    """Return the named values of one PubMed article or book."""
    citation = article.find("MedlineCitation")
    citation = article.find("BookDocument") if citation is None else citation
    citation = article if citation is None else citation
    identifiers = _identifiers(article, citation)
    dates = [citation.find(path) for path in (".//Article/ArticleDate", ".//JournalIssue/PubDate", ".//PubDate")]
    return {
        "pmid": inside(citation.find("PMID")) or inside(citation.find(".//PMID")),
        "title": inside(citation.find(".//ArticleTitle"))
        or inside(citation.find(".//BookTitle"))
        or inside(citation.find(".//VernacularTitle")),
        "abstract": " ".join(": ".join(part for part in each if part) for each in sections(citation)),
        "authors": [name for each in citation.iterfind(".//AuthorList/Author") for name in _names(each)],
        "journal": citation.findtext(".//Journal/Title", "") or citation.findtext(".//MedlineTA", ""),
        "publisher": citation.findtext("Book/Publisher/PublisherName", ""),
        "date": next((date_in(each) for each in dates if each is not None), ""),
        "language": citation.findtext(".//Language", ""),
        "keywords": [inside(each) for each in citation.iterfind(".//KeywordList/Keyword")],
        "mesh": [heading for each in citation.iterfind(".//MeshHeadingList/MeshHeading") for heading in _mesh(each)],
        "publication_types": [
            inside(each)
            for path in (".//PublicationTypeList/PublicationType", "PublicationType")
            for each in citation.iterfind(path)
        ],
        "affiliations": [inside(each) for each in citation.iterfind(".//AffiliationInfo/Affiliation")],
        "volume": citation.findtext(".//JournalIssue/Volume", ""),
        "issue": citation.findtext(".//JournalIssue/Issue", ""),
        "pages": citation.findtext(".//Pagination/MedlinePgn", ""),
        "issn": [each.text or "" for path in _ISSNS for each in citation.iterfind(path)],
        "doi": identifiers.get("doi", ""),
        "pmcid": identifiers.get("pmc", ""),
    }


_ISSNS = (".//Journal/ISSN", "MedlineJournalInfo/ISSNLinking")


def _identifiers(article: Element, citation: Element) -> dict[str, str]:
    """Return the article's own identifiers by their kind; those of its reference list are not its own."""
    found: dict[str, str] = {}
    for path in ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"):
        for each in article.iterfind(path):
            found.setdefault(each.get("IdType", ""), inside(each))
    for each in citation.iterfind("ArticleIdList/ArticleId"):
        found.setdefault(each.get("IdType", ""), inside(each))
    for each in citation.iterfind(".//ELocationID"):
        if each.get("ValidYN") != "N":
            found.setdefault(each.get("EIdType", ""), inside(each))
    return found


def sections(citation: Element) -> list[tuple[str, str]]:
    """Return the abstract's sections that have text, each with its label (empty where it has none)."""
    found = [(part.get("Label", ""), inside(part)) for part in citation.iterfind(".//Abstract/AbstractText")]
    return [(label, text) for label, text in found if text]


def _names(author: Element) -> list[str]:
    """Return an author in full and, as strategies name authors, with initials."""
    last, fore, initials = (author.findtext(name, "") for name in ("LastName", "ForeName", "Initials"))
    names = [", ".join(part for part in (last, fore) if part), f"{last} {initials}" if last and initials else ""]
    return [name for name in (*names, inside(author.find("CollectiveName"))) if name]


def inside(element: Element | None) -> str:
    """Return all text inside an element; inline mark-up does not separate words."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _mesh(heading: Element) -> list[str]:
    """Return a heading as often as it has subheadings; `*` marks what the article is mainly about, as in MEDLINE."""
    name, major = _topic(heading.find("DescriptorName"))
    if not name:
        return []
    pairs = [_topic(each) for each in heading.iterfind("QualifierName")]
    return [f"{major}{name}/{mark}{qualifier}" for qualifier, mark in pairs] or [major + name]


def _topic(element: Element | None) -> tuple[str, str]:
    is_major = element is not None and element.get("MajorTopicYN") == "Y"
    return inside(element), "*" if is_major else ""


def date_in(element: Element) -> str:
    """Return a PubMed date as text."""
    medline = element.findtext("MedlineDate", "")
    parts = [element.findtext(name, "") for name in ("Year", "Month", "Day")]
    return medline or "-".join(part for part in parts if part)
