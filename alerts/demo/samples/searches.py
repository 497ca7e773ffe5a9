"""Render the samples of databases as those answer to a search, whatever they are asked: all that there is.

Sources: Europe PMC's Articles RESTful API, version 6.9 (`resultType=core`); NLM's E-utilities and PubMed DTD;
Crossref's REST API (`work-list`).
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from alerts.demo.samples.publications import Publication, SampleSource

_FIRST_NUMBER = 99_000_001
"""No record of PubMed has so high a number."""


def europepmc(source: SampleSource) -> str:
    """Return the one page of results of a search of Europe PMC."""
    results = [_record(_FIRST_NUMBER + place, item) for place, item in enumerate(source.items)]
    page = {"version": "6.9", "hitCount": len(results), "resultList": {"result": results}}
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def crossref(source: SampleSource) -> str:
    """Return the one page of works of a journal at Crossref."""
    works = [_work(item, dict(source.keys)["issn"]) for item in source.items]
    message = {"facets": {}, "total-results": len(works), "items": works, "items-per-page": 100, "next-cursor": "end"}
    answer = {"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message}
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def _work(item: Publication, issn: str) -> dict[str, Any]:
    day = {"date-parts": [[item.published.year, item.published.month, item.published.day]]}
    return {
        "DOI": item.doi,
        "type": "journal-article",
        "title": [item.title],
        "author": [{"family": name, "sequence": "additional", "affiliation": []} for name in item.authors],
        "container-title": [item.journal],
        "publisher": "Sample Press",
        "ISSN": [issn],
        "published-online": day,
        "published": day,
        "issued": day,
        "created": day,
        "indexed": day,
        "abstract": f"<jats:title>Abstract</jats:title><jats:p>{escape(item.summary)}</jats:p>",
        "resource": {"primary": {"URL": f"https://journal.example.org/{item.doi}"}},
    }


def _record(number: int, item: Publication) -> dict[str, Any]:
    day = f"{item.published:%Y-%m-%d}"
    return {
        "id": str(number),
        "source": "MED",
        "pmid": str(number),
        "doi": item.doi,
        "title": f"{item.title}.",
        "authorString": f"{', '.join(item.authors)}.",
        "authorList": {"author": [{"fullName": name} for name in item.authors]},
        "journalInfo": {"journal": {"title": item.journal}},
        "pubYear": day[:4],
        "abstractText": f"<h4>Summary</h4>{item.summary}",
        "language": "eng",
        "pubTypeList": {"pubType": ["Journal Article"]},
        "isOpenAccess": "Y",
        "license": "cc by",
        "firstIndexDate": day,
        "firstPublicationDate": day,
    }


def pubmed(source: SampleSource) -> str:
    """Return the records of a search of PubMed, as EFetch gives them."""
    articles = "".join(_article(_FIRST_NUMBER + 500 + place, item) for place, item in enumerate(source.items))
    return f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n{articles}</PubmedArticleSet>\n'


def esearch(count: int) -> str:
    """Return what ESearch answers to a search that finds so many records."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" ?>\n<eSearchResult><Count>{count}</Count><RetMax>0</RetMax>'
        "<RetStart>0</RetStart><QueryKey>1</QueryKey><WebEnv>SAMPLE</WebEnv><IdList/></eSearchResult>\n"
    )


def _article(number: int, item: Publication) -> str:
    day = "".join(
        f"<{name}>{value:02}</{name}>"
        for name, value in zip(("Year", "Month", "Day"), item.published.timetuple()[:3], strict=True)
    )
    people = "".join(
        f"<Author><LastName>{escape(first)}</LastName><ForeName>{escape(last)}</ForeName></Author>"
        for first, _, last in (name.partition(" ") for name in item.authors)
    )
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{number}</PMID><Article><Journal>'
        f"<JournalIssue><PubDate>{day}</PubDate></JournalIssue><Title>{escape(item.journal)}</Title></Journal>"
        f"<ArticleTitle>{escape(item.title)}.</ArticleTitle>"
        f'<ELocationID EIdType="doi" ValidYN="Y">{item.doi}</ELocationID>'
        f"<Abstract><AbstractText>{escape(item.summary)}</AbstractText></Abstract><AuthorList>{people}</AuthorList>"
        "<Language>eng</Language><PublicationTypeList><PublicationType>Journal Article</PublicationType>"
        f"</PublicationTypeList><ArticleDate>{day}</ArticleDate></Article></MedlineCitation></PubmedArticle>\n"
    )
