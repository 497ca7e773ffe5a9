"""Render the samples of databases as those answer to a search, whatever they are asked: all that there is.

Source: Europe PMC's Articles RESTful API, version 6.9 (`resultType=core`).
"""

from __future__ import annotations

import json
from typing import Any

from alerts.demo.samples.publications import Publication, SampleSource

_FIRST_NUMBER = 99_000_001
"""No record of PubMed has so high a number."""


def europepmc(source: SampleSource) -> str:
    """Return the one page of results of a search of Europe PMC."""
    results = [_record(_FIRST_NUMBER + place, item) for place, item in enumerate(source.items)]
    page = {"version": "6.9", "hitCount": len(results), "resultList": {"result": results}}
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


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
