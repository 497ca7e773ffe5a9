"""Reference files: RIS, NBIB (MEDLINE), PubMed XML, CSV and JSON Lines, as records that strategies can be tried on.

Librarians validate a strategy against a set of records they know, exported from a database or a reference manager. The
format is told from the content, never from the file's name. Each format has a reader that yields bags of named values
(`tables`, `tags`, `xml`), and `Reference.from_values` understands them with `fields`. Text is kept as
it is in the file; a record that cannot be read costs only itself, and is told.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from alerts.errors import Problem
from alerts.model.identifiers import Identifier, normalise_pmcid, normalise_pmid
from alerts.model.records import Entry
from alerts.parse.problems import NotReferences
from alerts.parse.references import fields
from alerts.parse.references.tables import csv_rows, json_objects
from alerts.parse.references.tags import nbib_records, ris_records
from alerts.parse.references.xml import pubmed_articles

Format = Literal["jsonl", "pubmed-xml", "nbib", "ris", "csv"]

_MONTHS = {name: nth for nth, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_LIST = re.compile(r"\s*[;|\r\n]\s*")
_OTHER_IDS = ("accession_number", "doi")
_TYPES = ("publication_types", "publication_type", "pt", "ptyp", "document_type", "type", "item_type", "reference_type")


@dataclass(frozen=True, slots=True)
class Reference:
    """One record: its id (`id`, PMID, DOI or its number in the file), the entry, and what else the file says of it."""

    id: str
    entry: Entry
    fields: Mapping[str, Any] = field(default_factory=dict)
    is_numbered: bool = False
    """True when the file does not say its id, so that it goes by its number in the file."""
    line: int = 0
    """Where it begins in the file; 0 where a format has no lines (XML)."""

    @property
    def said(self) -> str | int:
        """The id as the file has it: a number of JSON stays a number."""
        own = self.fields.get("id", self.fields.get("pmid"))
        return own if isinstance(own, int) and str(own) == self.id else self.id

    @property
    def own_ids(self) -> dict[str, str | int]:
        """The ids that the file gives the record, by their plain names; numbers of JSON stay numbers."""
        found: dict[str, str | int] = {}
        for name, value in self.fields.items():
            plain = fields.plain_name(name)
            if plain not in fields.IDS or not isinstance(value, str | int) or isinstance(value, bool):
                continue
            if str(value).strip() and not fields.is_nothing(str(value)):
                found.setdefault(plain, value if isinstance(value, int) else value.strip())
        return found

    @property
    def source_places(self) -> frozenset[str]:
        """The places of the source that had it (`source_place`), where the file says so: a block may be met by one."""
        named = {name: self.fields[name] for name in ("source_place", "source_places") if name in self.fields}
        return frozenset(_values(named, *named))

    @classmethod
    def from_values(cls, number: int, values: Mapping[str, Any], line: int = 0) -> Reference:
        """Make the `number`-th record of a file from named values, whatever the format called them."""
        found = {fields.plain_name(name): value for name, value in reversed(list(values.items()))}
        own = _text(found, *fields.IDS, *_OTHER_IDS)
        abstract = _text(found, *fields.ABSTRACTS)
        entry = Entry(
            key=own or str(number),
            title=_text(found, *fields.TITLES) or ("" if abstract else _text(found, "citation")),
            summary=abstract,
            link=next(iter(_values(found, *fields.LINKS)), ""),
            authors=_authors(found),
            journal=_journal(found),
            publisher=_text(found, "publisher"),
            volume=fields.short_number(found, fields.VOLUMES),
            issue=fields.short_number(found, fields.ISSUES),
            pages=fields.pages_of(found),
            published=next(filter(None, (date_of(_text(found, name)) for name in fields.DATES)), None),
            language=_text(found, "language", "la", "lang", "language_of_original_document"),
            keywords=_values(found, "keywords", "keyword", "kw", "ot", "author_keywords", "manual_tags", "tags"),
            headings=_values(found, "mesh", "headings", "mesh_terms", "mesh_headings", "mh", "subject_headings"),
            publication_types=_values(found, *_TYPES),
            affiliations=_values(found, "affiliations", "affiliation", "ad"),
            identifiers=_identifiers(found),
            issn=fields.issns_in(text for name in fields.ISSNS for text in _values(found, name)),
        )
        return cls(entry.key, entry, values, is_numbered=not own, line=line)


@dataclass(frozen=True, slots=True)
class References:
    """All records of a file; `problems` are those of single records, with their line."""

    format: Format
    records: tuple[Reference, ...]
    problems: tuple[Problem, ...] = ()


def read_references(body: bytes) -> References:
    """Read a file of references; raise `NotReferences` when it holds none."""
    problems: list[Problem] = []
    kind, records = each_reference(body, problems)
    return References(kind, tuple(records), tuple(problems))


def each_reference(body: bytes, problems: list[Problem]) -> tuple[Format, Iterator[Reference]]:
    """Return the format of a file of references and its records one after the other.

    What is wrong is added to `problems` as it is met. Raises `NotReferences`, at the latest where the records end, when
    there is none.
    """
    head = _decoded(body[:8000]).lstrip("\ufeff \t\r\n")
    if not head and len(body) < 8000:
        raise NotReferences("The file is empty.")
    if head.startswith("<"):
        return "pubmed-xml", _records(pubmed_articles(_as_xml(body), problems), problems)
    text = _decoded(body).lstrip("\ufeff")
    if head.startswith(("{", "[")):
        return "jsonl", _records(json_objects(text, problems), problems)
    if re.search(r"^TY  ?- ", head, re.MULTILINE):
        return "ris", _records(ris_records(text), problems)
    if re.search(r"^PMID- ", head, re.MULTILINE) or re.search(r"^(?:TI|AB|UI|DCOM|OWN) *- ", head, re.MULTILINE):
        return "nbib", _records(nbib_records(text), problems)
    return "csv", _records(csv_rows(text, problems), problems)


def _records(bags: Iterator[tuple[int, Mapping[str, Any]]], problems: list[Problem]) -> Iterator[Reference]:
    """Make records of (line, named values); empty rows of a table are none, and records without a word are told."""
    number, without = 0, []
    for line, values in bags:
        reference = Reference.from_values(number + 1, values, line)
        if not (reference.entry.title or reference.entry.summary):
            if reference.is_numbered and not any(value not in (None, "", []) for value in values.values()):
                continue
            without.append(line)
        number += 1
        yield reference
    if not number:
        raise NotReferences("The file holds no records that can be read.")
    if without:
        have = "1 record has" if len(without) == 1 else f"{len(without):,} records have"
        sentence = f"{have} neither a title nor an abstract: only a search in other fields can find such a one."
        problems.append(Problem("P093", "note", sentence, "Export them with title and abstract.", line=without[0]))


def _encoding(body: bytes) -> str:
    """Return UTF-16 or UTF-8 by the mark at the start or by zero bytes, nothing when neither shows."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if body.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if body[:200].count(0) > len(body[:200]) // 4:
        return "utf-16-be" if body[:1] == b"\x00" else "utf-16-le"
    return ""


def _decoded(body: bytes) -> str:
    """Return the text: UTF-8 or UTF-16, else Windows-1252."""
    known = _encoding(body)
    if known:
        return body.decode(known, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as failure:
        if failure.start > len(body) - 4 and len(body) == 8000:  # the head was cut within a letter
            return body[: failure.start].decode("utf-8")
        return body.decode("cp1252", errors="replace")


def _as_xml(body: bytes) -> bytes:
    """Return XML that expat reads as it stands: in the encoding it declares, else UTF-8, without a document type.

    With it go the entities that it declares; those of one that is hidden from this, expat bounds itself.
    """
    if _encoding(body).startswith("utf-16") or b"encoding=" not in body[:200].split(b"?>", 1)[0]:
        body = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", _decoded(body).lstrip("\ufeff").encode(errors="replace"))
    body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    declared = _DOCTYPE.match(body, max(body.find(b"<!DOCTYPE"), 0))
    return body[: declared.start()] + body[declared.end() :] if declared else body


_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+\s*+>")
"""A document type; what it has read it never reads again, whatever follows."""


def _journal(found: Mapping[str, Any]) -> str:
    """Return the journal; a "source" that is a database is none."""
    for name in fields.JOURNALS:
        text = _text(found, name)
        if text and not fields.is_database(text):
            return text
    return ""


def _authors(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the authors one each; a list is taken as it stands."""
    for name in fields.AUTHORS:
        value = found.get(name)
        if isinstance(value, list):
            kept = _values(found, name)
        else:
            text = _text(found, name)
            kept = fields.author_names(text) if text else ()
        if kept:
            return kept
    return ()


def _identifiers(found: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """Return PMID, DOI and PMCID, also where only a link or an accession number holds them."""
    accession = next(filter(None, (_text(found, name) for name in ("accession_number", "accession", "an"))), "")
    pmid = next(filter(None, (normalise_pmid(_text(found, name).removesuffix(".0")) for name in fields.PMIDS)), "")
    links = [link for name in fields.LINKS for link in _values(found, name)]
    doi = fields.doi_in(*(_text(found, name) for name in fields.DOIS)) or fields.doi_of_links(links)
    pmcid = next(filter(None, (normalise_pmcid(_text(found, name)) for name in ("pmcid", "pmc", "pmc_id"))), "")
    pmid = pmid or _pmid_of_accession(accession, _text(found, *fields.DATABASES))
    known = (("pmid", pmid), ("doi", doi), ("pmcid", pmcid))
    return tuple(Identifier(scheme, value) for scheme, value in known if value)  # type: ignore[arg-type]  # three schemes


def _pmid_of_accession(text: str, database: str) -> str:
    """Return the PMID that an accession number is; those of other databases are longer, or higher than PMIDs go."""
    if len(text) > 8 or (database and not re.search("medline|pubmed", database, re.IGNORECASE)):
        return ""
    pmid = normalise_pmid(text) or ""
    return pmid if pmid and int(pmid) < _HIGHEST_PMID else ""


_HIGHEST_PMID = 60_000_000
"""PMIDs reached 41 million in 2025; Ovid's numbers of Embase's meeting abstracts begin at 70 million."""


def _text(values: Mapping[str, Any], *names: str) -> str:
    """Return the first of the named values that is there, as text."""
    for name in names:
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, Mapping):  # an abstract by its sections
            value = [f"{label}: {part}" for label, part in value.items()]
        if isinstance(value, list):
            value = " ".join(_name_of(part) for part in value if part is not None)
        if not isinstance(value, bool) and str(value).strip() and not fields.is_nothing(str(value)):
            return str(value).strip()
    return ""


def _values(values: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """Return the first of the named values that is there, as a list; text is split at `;`, `|` and line ends."""
    for name in names:
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, list):
            kept = tuple(_name_of(part) for part in value if part is not None)
            if any(kept):
                return tuple(each for each in kept if each)
        elif str(value).strip() and not fields.is_nothing(str(value)):
            return tuple(part for part in _LIST.split(str(value).strip()) if part)
    return ()


def _name_of(part: object) -> str:
    """Return the text of one value of a list: itself, or its name where it is an object."""
    if isinstance(part, Mapping):
        part = next((part[name] for name in _NAMES if name in part), "")
    return str(part).strip()


_NAMES = ("name", "term", "descriptor", "descriptorName", "heading", "value", "text", "label", "fullName")


def date_of(text: str) -> datetime | None:
    """Read a date as precise as it is: `2020`, `2020 Sep 3`, `2020-09-03`, `2020/09/03/`, `Sep 2020`, `3/9/2020`."""
    found = re.match(r"(\d{4})(?:[\s/-]+(\d{1,2}|[A-Za-z]{3})[a-z]*)?(?:[\s/-]+(\d{1,2}))?", text)
    if found is None:
        year = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)
        return datetime(int(year.group()), 1, 1, tzinfo=UTC) if year else None
    month = found.group(2) or "1"
    number = int(month) if month.isdigit() else _MONTHS.get(month.casefold(), 1)
    try:
        return datetime(int(found.group(1)), number, int(found.group(3) or 1), tzinfo=UTC)
    except ValueError:
        try:
            return datetime(int(found.group(1)), 1, 1, tzinfo=UTC)
        except ValueError:
            return None
