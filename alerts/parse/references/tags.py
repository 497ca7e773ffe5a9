"""Reference files with a tag on every line: RIS, and PubMed's own format (NBIB, also called MEDLINE format).

Sources: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions"; RIS format specifications (Refman). Readers yield
(line of the file, named values).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NBIB_LINE = re.compile(r"([A-Z]{2,4}) *- ?(.*)")
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)")
_LOOSE_RIS_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,3}- ?(.*)")
_LISTS = {"KW", "OT", "MH"}
"""Tags below which each further line is a value of its own, as EndNote writes keywords."""
_OWN = {"N1", "LB", "CA", "DB", *(f"C{n}" for n in range(1, 9)), *(f"U{n}" for n in range(1, 6))}
"""Tags that people put their own decisions and labels under."""

Tagged = dict[str, list[str]]


def _tagged(text: str, pattern: re.Pattern[str], starts: str, *, lists: bool) -> Iterator[tuple[int, Tagged]]:
    """Yield (line, values by tag) of each record; a record begins at the tag `starts`.

    Lines without a tag continue the one before. With `lists`, below a keyword they are further keywords.
    """
    record: Tagged = {}
    parts: list[str] = []  # of the value last begun: joined once, however many lines it has
    last, begun = "", 1

    def close() -> None:
        if last:
            record[last].append(" ".join(filter(None, parts)))

    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        found = pattern.match(line)
        tag = found[1] if found else ""
        if not found:
            if lists and last in _LISTS and line.strip():
                record[last].extend(filter(None, parts))
                parts = [line.strip()]
            elif last:
                parts.append(line.strip())
            continue
        close()
        parts, last = [found[2].strip()], tag
        if tag == "ER":
            last = ""
            continue
        if tag == starts and record:
            yield begun, record
            record = {}
        begun = begun if record else number
        record.setdefault(tag, [])
    close()
    if record:
        yield begun, record


def nbib_records(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the records of PubMed's own format (`PMID- …`) and of Ovid's like it (`UI  - …`)."""
    first = re.search(r"^([A-Z]{2,4}) *- ", text, re.MULTILINE)
    starts = "PMID" if re.search(r"^PMID *- ", text, re.MULTILINE) else first[1] if first else ""
    for line, record in _tagged(text, _NBIB_LINE, starts, lists=False):
        doi = next((each for each in record.get("LID", []) + record.get("AID", []) if each.endswith("[doi]")), "")
        yield (
            line,
            {
                "pmid": _first(record, "PMID", "UI"),
                "title": _first(record, "TI", "BTI", "TT"),
                "abstract": _first(record, "AB"),
                "authors": list(dict.fromkeys([*record.get("FAU", []), *record.get("AU", []), *record.get("CN", [])])),
                "journal": _first(record, "JT", "TA", "SO"),
                "date": _first(record, "DP", "DEP", "EDAT"),
                "language": _first(record, "LA", "LG"),
                "keywords": record.get("OT") or record.get("KW"),
                "mesh": record.get("MH"),
                "publication_types": record.get("PT"),
                "affiliations": record.get("AD"),
                "doi": doi or _first(record, "DO", "DI"),
                "pmcid": _first(record, "PMC"),
                "volume": _first(record, "VI", "VO"),
                "issue": _first(record, "IP"),
                "pages": _first(record, "PG"),
                "issn": record.get("IS"),
            },
        )


def ris_records(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the records of RIS (`TY  - JOUR` … `ER  -`)."""
    exact = re.search(r"^TY  - ", text, re.MULTILINE) is not None
    for line, record in _tagged(text, _RIS_LINE if exact else _LOOSE_RIS_LINE, "TY", lists=True):
        keywords = record.get("KW", [])
        yield (
            line,
            {
                **{tag: "; ".join(values) for tag, values in record.items() if tag in _OWN},
                "id": _first(record, "ID"),
                "accession_number": _first(record, "AN", "U1"),
                "title": _first(record, "TI", "T1", "CT", "BT"),
                "abstract": _first(record, "AB", "N2"),
                "authors": record.get("AU") or record.get("A1"),
                "journal": _first(record, "JO", "JF", "T2", "JA", "J2"),
                "publisher": _first(record, "PB"),
                "date": _first(record, "DA"),
                "year": _first(record, "PY", "Y1", "Y2"),
                "volume": _first(record, "VL"),
                "issue": _first(record, "IS", "CP"),
                "start_page": _first(record, "SP"),
                "end_page": _first(record, "EP"),
                "issn": record.get("SN"),
                "database": _first(record, "DB", "DP"),
                "language": _first(record, "LA"),
                "keywords": keywords,
                # a focus mark shows that these are MEDLINE's own headings, which Ovid and EndNote export as keywords
                "mesh": keywords if any(each.startswith("*") for each in keywords) else [],
                "publication_types": record.get("M3"),
                "affiliations": record.get("AD"),
                "doi": _first(record, "DO", "M3"),
                "pmcid": _first(record, "C2"),
                "link": record.get("UR") or record.get("L2") or record.get("UK"),
            },
        )


def _first(record: Mapping[str, list[str]], *tags: str) -> str:
    """Return the first value of the first of these tags that is there."""
    return next((value for tag in tags for value in record.get(tag, ()) if value), "")
