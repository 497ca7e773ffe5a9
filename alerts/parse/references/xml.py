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
        for article in _elements(body):
            number += 1
            yield 0, _pubmed_article(article)
    except ParseError as error:
        if not number:
            raise NotReferences(f"The XML cannot be read: {error}.") from error
        sentence = f"The XML is broken ({error}): what follows its article {number} was left out."
        left_out(problems, sentence, error.position[0])


def _elements(body: bytes) -> Iterator[Element]:
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


def _pubmed_article(article: Element) -> dict[str, Any]:
    """Return the named values of one PubMed article."""
    citation = article.find("MedlineCitation")
    citation = article if citation is None else citation
    sections = [
        (f"{part.get('Label')}: " if part.get("Label") else "") + _inside(part)
        for part in citation.iterfind(".//Abstract/AbstractText")
    ]
    identifiers = {
        each.get("IdType", ""): (each.text or "").strip()
        for path in ("PubmedData/ArticleIdList/ArticleId", "BookDocument/ArticleIdList/ArticleId")
        for each in article.iterfind(path)
    }
    dates = [citation.find(path) for path in (".//Article/ArticleDate", ".//JournalIssue/PubDate", ".//PubDate")]
    return {
        "pmid": citation.findtext("PMID") or citation.findtext(".//PMID") or "",
        "title": _inside(citation.find(".//ArticleTitle"))
        or _inside(citation.find(".//BookTitle"))
        or _inside(citation.find(".//VernacularTitle")),
        "abstract": " ".join(section for section in sections if section),
        "authors": [name for each in citation.iterfind(".//AuthorList/Author") for name in _names(each)],
        "journal": citation.findtext(".//Journal/Title", "") or citation.findtext(".//MedlineTA", ""),
        "date": next((_pubmed_date(each) for each in dates if each is not None), ""),
        "language": citation.findtext(".//Language", ""),
        "keywords": [_inside(each) for each in citation.iterfind(".//KeywordList/Keyword")],
        "mesh": [heading for each in citation.iterfind(".//MeshHeadingList/MeshHeading") for heading in _mesh(each)],
        "publication_types": [
            _inside(each)
            for path in (".//PublicationTypeList/PublicationType", "BookDocument/PublicationType")
            for each in citation.iterfind(path)
        ],
        "affiliations": [_inside(each) for each in citation.iterfind(".//AffiliationInfo/Affiliation")],
        "volume": citation.findtext(".//JournalIssue/Volume", ""),
        "issue": citation.findtext(".//JournalIssue/Issue", ""),
        "pages": citation.findtext(".//Pagination/MedlinePgn", ""),
        "issn": [each.text or "" for each in citation.iterfind(".//Journal/ISSN")],
        "doi": identifiers.get("doi") or citation.findtext(".//ELocationID[@EIdType='doi']", ""),
        "pmcid": identifiers.get("pmc", ""),
    }


def _names(author: Element) -> list[str]:
    """Return an author in full and, as strategies name authors, with initials."""
    last, fore, initials = (author.findtext(name, "") for name in ("LastName", "ForeName", "Initials"))
    names = [", ".join(part for part in (last, fore) if part), f"{last} {initials}" if last and initials else ""]
    return [name for name in (*names, author.findtext("CollectiveName", "")) if name]


def _inside(element: Element | None) -> str:
    """Return all text inside an element; inline mark-up does not separate words."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _mesh(heading: Element) -> list[str]:
    """Return a heading as often as it has subheadings, focus marked with `*`."""
    descriptor = heading.find("DescriptorName")
    name = _inside(descriptor)
    major = "*" if descriptor is not None and descriptor.get("MajorTopicYN") == "Y" else ""
    qualifiers = [_inside(each) for each in heading.iterfind("QualifierName")]
    return [f"{major}{name}/{qualifier}" for qualifier in qualifiers] or ([major + name] if name else [])


def _pubmed_date(element: Element) -> str:
    """Return a PubMed date as text."""
    medline = element.findtext("MedlineDate", "")
    parts = [element.findtext(name, "") for name in ("Year", "Month", "Day")]
    return medline or "-".join(part for part in parts if part)
