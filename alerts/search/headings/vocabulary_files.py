"""Reading vocabularies: NLM's MeSH descriptors (XML, as published each year), a table of MeSH, and a library's own CSV.

All readers take open streams and give one heading at a time, so that a file of 300 MB needs no more memory than one
of its records. What is done with the headings (a `Vocabulary`, rows of a database) is the caller's.

Sources: NLM, "MeSH XML Data Elements" (DescriptorRecord, ConceptList, TermList, TreeNumberList).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from alerts.errors import AlertsError
from alerts.search.headings.vocabulary import Descriptor

CHUNK = 256 * 1024
"""Bytes read at a time."""


class NotAVocabulary(AlertsError):
    """The file is not a vocabulary that can be read."""

    code = "S090"
    remedy = (
        "Use NLM's desc2026.xml (or .gz), a table with the columns ui, heading, entry_terms, tree_numbers, or a CSV."
    )


def read_mesh_xml(stream: IO[bytes]) -> Iterator[Descriptor]:
    """Yield the headings of NLM's descriptor XML, one at a time.

    Expat bounds the expansion of entities itself; the file needs none beyond XML's own five.
    """
    parser: XMLPullParser[Element] = XMLPullParser(events=("end",))
    seen = False
    try:
        while True:
            chunk = stream.read(CHUNK)
            if chunk:
                parser.feed(chunk)
            else:
                parser.close()
            for item in parser.read_events():
                _, element = cast("tuple[str, Element]", item)
                if element.tag == "DescriptorRecord":
                    descriptor = _descriptor(element)
                    if descriptor.name:
                        seen = True
                        yield descriptor
                    element.clear()  # what is left of it is small: the file has some thirty thousand
            if not chunk:
                break
    except ParseError as error:
        raise NotAVocabulary(f"The vocabulary is not well-formed XML: {error}.") from error
    except (LookupError, ValueError) as error:
        raise NotAVocabulary(f"The vocabulary declares an encoding that is not known here: {error}.") from error
    if not seen:
        raise NotAVocabulary("The XML holds no MeSH descriptors.")


def _descriptor(record: Element) -> Descriptor:
    """Read one descriptor record."""
    name = record.findtext("DescriptorName/String", "").strip()
    terms: dict[str, None] = {}
    for term in record.iterfind("ConceptList/Concept/TermList/Term/String"):
        if term.text and term.text.strip() != name:
            terms[term.text.strip()] = None
    numbers = tuple(each.text.strip() for each in record.iterfind("TreeNumberList/TreeNumber") if each.text)
    return Descriptor(name, tuple(terms), numbers, ui=record.findtext("DescriptorUI", "").strip())


def read_table(lines: Iterable[str]) -> Iterator[Descriptor]:
    """Yield the headings of a tab-separated table: ui, heading, entry_terms and tree_numbers (both `|`-separated)."""
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    if "heading" not in header:
        raise NotAVocabulary("The table has no column called heading.")
    at = {name: nth for nth, name in enumerate(header)}
    for row in rows:
        cells = {name: row[nth] if nth < len(row) else "" for name, nth in at.items()}
        if cells["heading"].strip():
            yield Descriptor(
                cells["heading"].strip(),
                _parts(cells.get("entry_terms", ""), "|"),
                _parts(cells.get("tree_numbers", ""), "|"),
                ui=cells.get("ui", ""),
            )


def read_csv(lines: Iterable[str]) -> Iterator[Descriptor]:
    """Yield the headings of a library's own vocabulary: columns term, synonyms, narrower (`;` between values).

    The columns may be separated by semicolons or tabs too, as Excel does in many countries; values that hold one are
    then in quotation marks.
    """
    waiting = iter(lines)
    head = next(waiting, "")
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(chain((head,), waiting), delimiter=separator)
    names = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
    if "term" not in names:
        raise NotAVocabulary("The CSV has no column called term.")
    for row in rows:
        term = (row.get(names["term"]) or "").strip()
        if term:
            yield Descriptor(
                term,
                _parts(row.get(names.get("synonyms", "")) or ""),
                narrower=_parts(row.get(names.get("narrower", "")) or ""),
            )


def read_changes(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (old name, new name) of a table of changes: change, ui, old_heading, new_heading.

    A new heading has no old name, a removed one no new name.
    """
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        old, new = (row.get("old_heading") or "").strip(), (row.get("new_heading") or "").strip()
        if old or new:
            yield old, new


def _parts(cell: str, separator: str = "") -> tuple[str, ...]:
    """Split a cell that holds several values; a librarian may write either mark between them."""
    separator = separator or ("|" if "|" in cell else ";")
    return tuple(part.strip() for part in cell.split(separator) if part.strip())
