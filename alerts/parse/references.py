"""Reference files: RIS, NBIB (MEDLINE), PubMed XML, CSV and JSON Lines, as records that strategies can be tried on.

Librarians validate a strategy against a set of records they know, exported from a database or a reference manager. The
format is told from the content. Text is kept as it is in the file; a record that cannot be read costs only itself.

Sources: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions" and PubMed DTD; RIS format specifications (Refman).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from xml.etree.ElementTree import Element, ParseError, fromstring

from alerts.errors import AlertsError, Problem
from alerts.model.identifiers import Identifier, find_doi, normalise_pmcid, normalise_pmid
from alerts.model.records import Entry

Format = Literal["jsonl", "pubmed-xml", "nbib", "ris", "csv"]

_MONTHS = {name: nth for nth, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_NBIB_LINE = re.compile(r"([A-Z]{2,4}) *- ?(.*)")
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9])  ?- ?(.*)")
_LIST = re.compile(r"\s*[;|]\s*")


_MEND = "Mend the line, or export the records again."


class NotReferences(AlertsError):
    """The file holds no records in a format that can be read."""

    code = "P090"
    remedy = "Export the records as RIS, NBIB (PubMed format), PubMed XML, CSV or JSON Lines."


@dataclass(frozen=True, slots=True)
class Reference:
    """One record: its id (`id`, PMID, DOI or its number in the file), the entry, and what else the file says of it."""

    id: str
    entry: Entry
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class References:
    """All records of a file; `problems` are those of single records, with their line."""

    format: Format
    records: tuple[Reference, ...]
    problems: tuple[Problem, ...] = ()


def read_references(body: bytes) -> References:
    """Read a file of references; raise `NotReferences` when it holds none."""
    text = _decoded(body)
    start = text.lstrip("\ufeff \t\r\n")[:4000]
    problems: list[Problem] = []
    kind: Format
    read: Callable[[str, list[Problem]], Iterator[Reference]]
    if start.startswith(("{", "[")):
        kind, read = "jsonl", _json
    elif start.startswith("<"):
        kind, read = "pubmed-xml", _xml
    elif re.search(r"^TY  ?- ", start, re.MULTILINE):
        kind, read = "ris", _ris
    elif re.search(r"^PMID- ", start, re.MULTILINE) or re.search(r"^(?:TI|AB|DCOM|OWN) *- ", start, re.MULTILINE):
        kind, read = "nbib", _nbib
    else:
        kind, read = "csv", _csv
    records = tuple(read(text, problems))
    if not records:
        raise NotReferences("The file holds no records that can be read.")
    return References(kind, records, tuple(problems))


def _decoded(body: bytes) -> str:
    """Return the text: UTF-8 or UTF-16 with a mark, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _reference(number: int, values: Mapping[str, Any]) -> Reference:
    """Make a record of named values, whatever the format called them."""
    found = {
        str(name).strip().casefold().replace(" ", "_"): value for name, value in values.items() if name is not None
    }
    title = _text(found, "title", "ti", "article_title")
    abstract = _text(found, "abstract", "ab", "summary", "notes_abstract")
    pmid = normalise_pmid(_text(found, "pmid", "pubmed_id", "accession_number")) or ""
    doi = find_doi(_text(found, "doi")) or ""
    pmcid = normalise_pmcid(_text(found, "pmcid", "pmc")) or ""
    name = _text(found, "id", "record_id", "pmid", "pubmed_id", "doi") or str(number)
    identifiers = [("pmid", pmid), ("doi", doi), ("pmcid", pmcid)]
    entry = Entry(
        key=name,
        title=title,
        summary=abstract,
        link=_text(found, "link", "url", "ur"),
        authors=_values(found, "authors", "author", "au"),
        journal=_text(found, "journal", "jt", "source", "publication_title", "secondary_title"),
        publisher=_text(found, "publisher"),
        published=_date(_text(found, "published", "date", "publication_date", "year", "dp", "py")),
        language=_text(found, "language", "la", "lang"),
        keywords=_values(found, "keywords", "keyword", "kw", "ot"),
        headings=_values(found, "mesh", "headings", "mesh_terms", "mh", "subject_headings"),
        publication_types=_values(found, "publication_types", "publication_type", "pt", "ptyp"),
        affiliations=_values(found, "affiliations", "affiliation", "ad"),
        identifiers=tuple(Identifier(scheme, value) for scheme, value in identifiers if value),  # type: ignore[arg-type]  # three schemes
    )
    return Reference(name, entry, dict(values))


def _text(values: Mapping[str, Any], *names: str) -> str:
    """Return the first of the named values that is there, as text."""
    for name in names:
        value = values.get(name)
        if isinstance(value, list):
            value = " ".join(str(part) for part in value if part is not None)
        if value is not None and str(value).strip():
            return str(value).strip()
    return ""


def _values(values: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """Return the first of the named values that is there, as a list; text is split at `;` and `|`."""
    for name in names:
        value = values.get(name)
        if isinstance(value, list):
            kept = tuple(_name_of(part) for part in value if part is not None)
            if any(kept):
                return tuple(each for each in kept if each)
        elif value is not None and str(value).strip():
            return tuple(part for part in _LIST.split(str(value).strip()) if part)
    return ()


def _name_of(part: object) -> str:
    """Return the text of one value of a list: itself, or its name where it is an object."""
    if isinstance(part, Mapping):
        part = next((part[name] for name in ("name", "term", "descriptor", "heading", "value") if name in part), "")
    return str(part).strip()


def _date(text: str) -> datetime | None:
    """Read a date as precise as it is: `2020`, `2020 Sep 3`, `2020-09-03`, `2020/09/03/`."""
    found = re.match(r"(\d{4})(?:[\s/-]+(\d{1,2}|[A-Za-z]{3})[a-z]*)?(?:[\s/-]+(\d{1,2}))?", text)
    if found is None:
        return None
    month = found.group(2) or "1"
    number = int(month) if month.isdigit() else _MONTHS.get(month.casefold(), 1)
    try:
        return datetime(int(found.group(1)), number, int(found.group(3) or 1), tzinfo=UTC)
    except ValueError:
        try:
            return datetime(int(found.group(1)), 1, 1, tzinfo=UTC)
        except ValueError:
            return None


def _json(text: str, problems: list[Problem]) -> Iterator[Reference]:
    """Read JSON Lines, or one JSON list of objects."""
    if text.lstrip("\ufeff \t\r\n").startswith("["):
        try:
            whole = json.loads(text.lstrip("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise NotReferences(f"The JSON cannot be read: {error}.") from error
        for number, each in enumerate(whole, 1):
            if isinstance(each, dict):
                yield _reference(number, each)
        return
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield _reference(number, value)
        else:
            problems.append(
                Problem("P092", "warning", "This line is no JSON object and was left out.", _MEND, line=number)
            )


def _csv(text: str, problems: list[Problem]) -> Iterator[Reference]:
    """Read a table with a row of names; comma, semicolon or tab."""
    lines = text.lstrip("\ufeff")
    head = lines.splitlines()[0] if lines.strip() else ""
    separator = max(",;\t", key=head.count)
    names = {name.strip().strip('"').casefold().replace(" ", "_") for name in head.split(separator)}
    if not names & {"title", "ti", "article_title", "abstract", "ab"}:
        raise NotReferences("The file is no reference file, and its first line names no column called title.")
    csv.field_size_limit(10_000_000)
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(lines), delimiter=separator), 1):
            yield _reference(number, {name: value for name, value in row.items() if isinstance(name, str)})
    except csv.Error as error:
        problems.append(Problem("P092", "warning", f"The table could not be read to its end: {error}.", _MEND))


def _tagged(text: str, pattern: re.Pattern[str], ends: Callable[[str, bool], bool]) -> Iterator[dict[str, list[str]]]:
    """Yield the tagged lines of each record; lines without a tag continue the one before."""
    record: dict[str, list[str]] = {}
    last = ""
    for line in text.lstrip("\ufeff").splitlines():
        found = pattern.match(line)
        tag = found.group(1) if found else ""
        if record and ends(tag, not line.strip()):
            yield record
            record, last = {}, ""
        if found:
            last = tag
            record.setdefault(tag, []).append(found.group(2).strip())
        elif line.strip() and last:
            record[last][-1] = f"{record[last][-1]} {line.strip()}".strip()
    if record:
        yield record


def _nbib(text: str, problems: list[Problem]) -> Iterator[Reference]:
    """Read PubMed's own format (`PMID- …`)."""
    for number, record in enumerate(_tagged(text, _NBIB_LINE, lambda tag, _: tag == "PMID"), 1):
        doi = next((each for each in record.get("LID", []) + record.get("AID", []) if each.endswith("[doi]")), "")
        yield _reference(
            number,
            {
                "pmid": _first(record, "PMID"),
                "title": _first(record, "TI", "BTI"),
                "abstract": _first(record, "AB"),
                "authors": record.get("FAU") or record.get("AU"),
                "journal": _first(record, "JT", "TA"),
                "date": _first(record, "DP", "DEP", "EDAT"),
                "language": _first(record, "LA"),
                "keywords": record.get("OT"),
                "mesh": record.get("MH"),
                "publication_types": record.get("PT"),
                "affiliations": record.get("AD"),
                "doi": doi,
                "pmcid": _first(record, "PMC"),
            },
        )


def _ris(text: str, problems: list[Problem]) -> Iterator[Reference]:
    """Read RIS (`TY  - JOUR` … `ER  -`)."""
    for number, record in enumerate(_tagged(text, _RIS_LINE, lambda tag, _: tag == "TY"), 1):
        accession = _first(record, "AN", "C7")
        yield _reference(
            number,
            {
                "id": _first(record, "ID") or accession,
                "pmid": accession if accession.isdigit() else "",
                "title": _first(record, "TI", "T1", "CT"),
                "abstract": _first(record, "AB", "N2"),
                "authors": record.get("AU") or record.get("A1"),
                "journal": _first(record, "JO", "JF", "T2", "JA"),
                "publisher": _first(record, "PB"),
                "date": _first(record, "DA", "PY", "Y1"),
                "language": _first(record, "LA"),
                "keywords": record.get("KW"),
                "publication_types": record.get("M3"),
                "affiliations": record.get("AD"),
                "doi": _first(record, "DO", "M3"),
                "link": _first(record, "UR"),
            },
        )


def _first(record: Mapping[str, list[str]], *tags: str) -> str:
    """Return the first value of the first of these tags that is there."""
    return next((record[tag][0] for tag in tags if record.get(tag) and record[tag][0]), "")


def _xml(text: str, problems: list[Problem]) -> Iterator[Reference]:
    """Read PubMed XML."""
    bare = re.sub(r"<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>|^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"), count=2)
    try:
        root = fromstring(bare.strip())  # noqa: S314 - the document type, and with it every entity, was taken away
    except (ParseError, RecursionError) as error:
        raise NotReferences(f"The XML cannot be read: {error}.") from error
    articles = [each for each in root.iter() if each.tag in {"PubmedArticle", "PubmedBookArticle"}]
    for number, article in enumerate(articles, 1):
        yield _reference(number, _pubmed_article(article))


def _pubmed_article(article: Element) -> dict[str, Any]:
    """Return the named values of one PubMed article."""
    citation = article.find("MedlineCitation")
    citation = article if citation is None else citation
    sections = [
        (f"{part.get('Label')}: " if part.get("Label") else "") + _inside(part)
        for part in citation.iterfind(".//Abstract/AbstractText")
    ]
    authors = [
        ", ".join(name for name in (each.findtext("LastName", ""), each.findtext("ForeName", "")) if name)
        or each.findtext("CollectiveName", "")
        for each in citation.iterfind(".//AuthorList/Author")
    ]
    identifiers = {
        each.get("IdType", ""): (each.text or "").strip()
        for each in article.iterfind("PubmedData/ArticleIdList/ArticleId")
    }
    dates = [citation.find(path) for path in (".//Article/ArticleDate", ".//JournalIssue/PubDate", ".//PubDate")]
    return {
        "pmid": citation.findtext("PMID") or citation.findtext(".//PMID") or "",
        "title": _inside(citation.find(".//ArticleTitle")) or _inside(citation.find(".//BookTitle")),
        "abstract": " ".join(section for section in sections if section),
        "authors": [name for name in authors if name],
        "journal": citation.findtext(".//Journal/Title", ""),
        "date": next((_pubmed_date(each) for each in dates if each is not None), ""),
        "language": citation.findtext(".//Language", ""),
        "keywords": [_inside(each) for each in citation.iterfind(".//KeywordList/Keyword")],
        "mesh": [heading for each in citation.iterfind(".//MeshHeadingList/MeshHeading") for heading in _mesh(each)],
        "publication_types": [_inside(each) for each in citation.iterfind(".//PublicationTypeList/PublicationType")],
        "affiliations": [_inside(each) for each in citation.iterfind(".//AffiliationInfo/Affiliation")],
        "doi": identifiers.get("doi") or citation.findtext(".//ELocationID[@EIdType='doi']", ""),
        "pmcid": identifiers.get("pmc", ""),
    }


def _inside(element: Element | None) -> str:
    """Return all text inside an element; inline mark-up does not separate words."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _mesh(heading: Element) -> list[str]:
    """Return a heading as often as it has subheadings, focus marked with `*`."""
    name = _inside(heading.find("DescriptorName"))
    major = (
        "*"
        if (descriptor := heading.find("DescriptorName")) is not None and descriptor.get("MajorTopicYN") == "Y"
        else ""
    )
    qualifiers = [_inside(each) for each in heading.iterfind("QualifierName")]
    return [f"{major}{name}/{qualifier}" for qualifier in qualifiers] or ([major + name] if name else [])


def _pubmed_date(element: Element) -> str:
    """Return a PubMed date as text."""
    medline = element.findtext("MedlineDate", "")
    parts = [element.findtext(name, "") for name in ("Year", "Month", "Day")]
    return medline or "-".join(part for part in parts if part)
