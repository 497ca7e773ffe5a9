"""The identifiers that are an item's own: from the elements meant for them, its names and links, and labelled lines.

The places are asked in order of trust and the first that answers wins, so that one wrong place cannot add a second
DOI. A DOI that is merely cited in the text is never the item's own (`labels.own_doi_in`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alerts.model.identifiers import Identifier, normalise_doi, normalise_issn, normalise_pmcid, normalise_pmid
from alerts.parse import links
from alerts.parse.labels import Labelled
from alerts.parse.raw import RawItem

_DOI_PLACES = ("prism:doi", "bibo:doi", "dc:doi", "doi", "x:doi", "x:citation_doi", "arxiv:doi")
_MIXED_PLACES = ("dc:identifier", "dcterms:identifier", "identifier")
_ADDRESS_PLACES = ("guid", "id", "atom:id", "link", "feedburner:origlink", "prism:url")
_PMC_HOSTS = re.compile(r"https?://(?:www\.)?(?:pmc\.ncbi\.nlm\.nih\.gov/articles|ncbi\.nlm\.nih\.gov/pmc/articles"
                        r"|europepmc\.org/(?:article/pmc|articles?))/(PMC\d+)", re.IGNORECASE)  # fmt: skip
_PUBMED = re.compile(r"^(?:pmid|pubmed)\s*:", re.IGNORECASE)
_NICE = re.compile(
    r"^https?://(?:www\.)?nice\.org\.uk/guidance/((?:ng|ta|cg|qs|ph|hst|dg|ipg|mtg|sc|csg|mpg|htg|htte|esnm|es|ktt|mib|amp|ecd)\d{1,4})"
    r"(?:/chapter/.*)?/?$",
    re.IGNORECASE,
)
_NICE_TITLE = re.compile(r"[\[(]((?:NG|TA|CG|QS|PH|HST|DG|IPG|MTG|SC|HTG|MIB)\d{1,4})[\])]\s*(?:\|.*)?$")
_ARXIV = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf)/|:)\s*([a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE
)
_ISSUE = re.compile(r"\.v\d+\.(?:\d+|issue-?\d+)$")
_DON = re.compile(r"/disease-outbreak-news/item/(\d{4}-DON\d+)", re.IGNORECASE)
_HANDLE = re.compile(r"(?:iris\.who\.int/(?:bitstream/)?handle|apps\.who\.int/iris/handle|hdl\.handle\.net)/(\d+/\d+)")
_ISBN = re.compile(r"^(?:urn:)?isbn[:\s]\s*([\dXx-]{10,17})$", re.IGNORECASE)
_WHO = r"(WHO/[A-Za-z0-9-]{1,20}(?:/[A-Za-z0-9-]{1,20}){0,4}/\d{2,4}(?:\.\d{1,4}){1,2})\b"
_WHO_NUMBER = re.compile(rf"\b{_WHO}")
# Its own number stands alone in a line, perhaps named; one in a sentence is another document's.
_WHO_LINE = re.compile(
    rf"^\W*(?:(?:WHO )?(?:reference|document|publication)?\s*(?:number|no\.?)?\s*:?\s*){_WHO}\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERED = ("nice.org.uk/", "gov.uk/", "arxiv", "/disease-outbreak-news/", "handle")
"""What an address holds that names a document by its number; most hold none of these."""
_GOV_UK = re.compile(
    r"^https?://(?:www\.)?gov\.uk/((?:government/(?:publications|consultations|calls-for-evidence|statistics"
    r"|statistical-data-sets|news|speeches|case-studies|collections)|guidance|drug-safety-update|drug-device-alerts)"
    r"/[a-z0-9][a-z0-9-]*)/?$"
)


def _doi(item: RawItem, addresses: list[str], labelled: Labelled) -> Iterator[str | None]:
    for name in _DOI_PLACES:
        for text in item.texts(name):
            yield normalise_doi(text) or links.doi_in(text)
    for text in item.texts(*_MIXED_PLACES):
        yield normalise_doi(text) or (links.doi_in(text) if text.startswith("http") else None)
    for address in addresses:
        yield normalise_doi(address) or links.doi_in(address)
    yield labelled.doi


def _is_work(doi: str | None) -> bool:
    """Tell whether a DOI names a work, and not a journal, an issue or nothing."""
    return bool(doi) and "(issn)" not in str(doi) and not _ISSUE.search(str(doi))


def _pmid(item: RawItem, addresses: list[str], labelled: Labelled) -> Iterator[str | None]:
    for text in item.texts("prism:pmid", "dc:pmid", "pmid", "x:pmid"):
        yield normalise_pmid(text)
    for text in (*item.texts(*_MIXED_PLACES), *addresses):
        if _PUBMED.match(text) or "pubmed" in text or "europepmc" in text:
            yield normalise_pmid(text)
    yield labelled.pmid


def _pmcid(item: RawItem, addresses: list[str], labelled: Labelled) -> Iterator[str | None]:
    for text in item.texts("pmcid", "x:pmcid", "dc:pmcid"):
        yield normalise_pmcid(text)
    for text in item.texts(*_MIXED_PLACES):
        if re.match(r"(?:pmcid\s*:?\s*|pmc:\s*)?PMC\s?:?\s?\d+$", text, re.IGNORECASE):
            yield normalise_pmcid(text)
    for address in addresses:
        found = _PMC_HOSTS.match(address)
        yield normalise_pmcid(found.group(1)) if found else None
    yield labelled.pmcid


def _documents(item: RawItem, title: str, summary: str, addresses: list[str]) -> Iterator[str]:
    for address in addresses:
        lowered = address.lower()
        if not any(each in lowered for each in _NUMBERED):
            continue
        for prefix, pattern in (
            ("nice", _NICE),
            ("gov.uk", _GOV_UK),
            ("arxiv", _ARXIV),
            ("who", _DON),
            ("handle", _HANDLE),
        ):
            found = pattern.search(address)
            if found:
                yield f"{prefix}:{found.group(1).lower()}"
    named = _NICE_TITLE.search(title)
    if named:
        yield f"nice:{named.group(1).lower()}"
    number = _WHO_NUMBER.search(title) or (_WHO_LINE.search(summary) if "WHO/" in summary else None)
    if number:
        yield f"who:{number.group(1).lower()}"
    for text in item.texts(*_MIXED_PLACES, "prism:isbn"):
        isbn = _ISBN.match(text if text.lower().startswith(("isbn", "urn")) else "")
        if isbn:
            yield f"isbn:{isbn.group(1).replace('-', '').lower()}"


def _first(candidates: Iterable[str | None]) -> str:
    return next((each for each in candidates if each), "")


def own_identifiers(
    item: RawItem, *, link: str, title: str, summary: str, labelled: Labelled
) -> tuple[Identifier, ...]:
    """Return the item's own identifiers: at most one DOI, PMID and PMCID, document numbers, and its canonical link."""
    addresses = [text for text in (*item.texts(*_ADDRESS_PLACES), item.about, link) if text and len(text) < 3_000]
    found: list[Identifier] = []
    doi = _first(each for each in _doi(item, addresses, labelled) if _is_work(each))
    if doi:
        found.append(Identifier("doi", doi))
    pmid = _first(_pmid(item, addresses, labelled))
    if pmid:
        found.append(Identifier("pmid", pmid))
    pmcid = _first(_pmcid(item, addresses, labelled))
    if pmcid:
        found.append(Identifier("pmcid", pmcid))
    found.extend(Identifier("document", each) for each in dict.fromkeys(_documents(item, title, summary, addresses)))
    page = links.identity(link) if link else ""
    if page:
        found.append(Identifier("link", page))
    return tuple(found)


def issns(item: RawItem, channel: RawItem) -> tuple[str, ...]:
    """Return the journal's ISSNs, from the item or else the feed."""
    names = ("prism:issn", "prism:eissn", "prism:e-issn", "issn", "bibo:issn", "x:issn")
    for holder in (item, channel):
        found = [normalise_issn(text) for text in holder.texts(*names)]
        found += [normalise_issn(text) for text in holder.texts("dc:source", "dc:identifier") if "issn" in text.lower()]
        known = tuple(dict.fromkeys(each for each in found if each))
        if known:
            return known
    return ()
