"""Strategies in Word documents: what a reader of the page sees, one strategy line to a line of text.

Word keeps the numbers of an automatically numbered list apart from its text, Ovid's history pasted from a browser is a
table, and a document under review holds words that were deleted. All of that is read as it shows: automatic numbers are
written out, the cells of a row stand between tabs, deleted text is left out. What stands beside the page (headers,
footers, footnotes, text boxes, comments) is not read, which is said.

The file may be hostile: its size packed and unpacked is bounded before anything is read, and no document type, and so
no entity, is let in. Needs the extra `word`. Source: ECMA-376 part 1, sections 17.3 (paragraphs and runs), 17.9
(numbering), 17.13.5 (revisions).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from alerts.errors import Problem

if TYPE_CHECKING:
    from docx.document import Document

MAX_PACKED = 10_000_000
"""Bytes of a document, pictures included."""
MAX_UNPACKED = 50_000_000
MAX_PARTS = 2_000
MAX_TAGS = 1_000_000
"""Tags of XML: ten times what a strategy with every word in a run of its own has."""
MAX_CHARACTERS = 1_000_000
"""Characters of a document: what is longer holds more than strategies."""

_NO_EXTRA = "Install the extra “word” (pip install 'alerts[word]'), or save it as plain text (.txt)."
_SAVE_AGAIN = "Open it in Word and save it again as a Word document (.docx), or as plain text (.txt)."
_SPACES = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LEFT_OUT = {"del", "moveFrom"}
_INSIDE = {"ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo", "r"}
_NUMBER = re.compile(r"#?\d{1,3}[.):]?")
_LABEL = re.compile(r"#?%1[.):]?")
_BESIDE = {"header": "headers", "footer": "footers", "footnotes": "footnotes", "endnotes": "endnotes",
           "comments": "comments"}  # fmt: skip


class _TooLong(Exception):
    """The document has more text than any strategy."""


def word_text(body: bytes, shown: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a Word document and what of it was not read; None with an error when it cannot be read."""
    try:
        from docx import Document
    except ImportError:
        sentence = "This is a Word document, and this installation does not read those."
        return None, [Problem("C038", "error", sentence, _NO_EXTRA, file=shown)]
    refused = _refused(body)
    if refused:
        return None, [Problem("C038", "error", refused, _SAVE_AGAIN, file=shown)]
    try:
        document = Document(io.BytesIO(body))
        page = _Page(document)
        text = page.text()
        beside = page.beside | _parts_beside(document)
    except _TooLong:
        sentence = f"The document has more than {MAX_CHARACTERS:,} characters."
        return None, [Problem("C011", "error", sentence, "Keep the strategy in a document of its own.", file=shown)]
    except Exception as failure:  # noqa: BLE001 - a damaged document can trip the library anywhere
        sentence = f"The Word document is damaged and cannot be read ({type(failure).__name__})."
        return None, [Problem("C038", "error", sentence, _SAVE_AGAIN, file=shown)]
    return text, _said(beside, shown, changed=page.is_changed)


def _said(beside: set[str], shown: str, *, changed: bool) -> list[Problem]:
    problems: list[Problem] = []
    if beside:
        sentence = f"The document has {' and '.join(sorted(beside))}: they are not part of the strategy, and not read."
        remedy = "Move what belongs to the strategy into the text."
        problems.append(Problem("C039", "note", sentence, remedy, file=shown))
    if changed:
        sentence = "The document has tracked changes: what was deleted is not read, what was inserted is."
        problems.append(Problem("C039", "note", sentence, "Accept or reject the changes in Word.", file=shown))
    return problems


def _refused(body: bytes) -> str:
    """Return why a file is not opened at all; nothing when it may be."""
    if len(body) > MAX_PACKED:
        return f"The Word document is larger than {MAX_PACKED // 1_000_000} MB."
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                return "The Word document is too large when unpacked."
            if any(part.flag_bits & 1 for part in parts):
                return "The Word document is locked with a password."
            tags = 0
            for part in parts:
                content = packed.read(part) if part.filename.endswith((".xml", ".rels")) else b""
                if b"<!DOCTYPE" in content:
                    return "The Word document declares a document type, which no word processor does."
                tags += content.count(b"<")
            if tags > MAX_TAGS:
                return f"The Word document has more than {MAX_TAGS:,} tags."
    except Exception:  # noqa: BLE001 - many kinds of damage, one answer
        return "This is no Word document (.docx), or a damaged one."
    return ""


def _parts_beside(document: Document) -> set[str]:
    """Return what stands beside the page and has text."""
    found: set[str] = set()
    for relation in document.part.rels.values():
        name = _BESIDE.get(relation.reltype.rpartition("/")[2])
        if name and not relation.is_external:
            text = re.sub(rb"<[^>]*>", b"", b"".join(_TEXT.findall(relation.target_part.blob)))
            if text.strip():
                found.add(name)
    return found


_TEXT = re.compile(rb"<w:t[ >][^<]*")


def _name(element: Any) -> str:
    """Return an element's name without its namespace; nothing for comments of XML."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element: Any, name: str = "val") -> str:
    """Return an attribute of WordprocessingML."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _child(element: Any, *names: str) -> Any:
    """Return the element that a path of names leads to, or None."""
    for name in names:
        element = next((each for each in element if _name(each) == name), None) if element is not None else None
    return element


def _end_is_deleted(paragraph: Any) -> bool:
    marks = _child(paragraph, "pPr", "rPr")
    return marks is not None and any(_name(each) in _LEFT_OUT for each in marks)


class _Page:
    """Reads the body of a document from its first paragraph to its last."""

    def __init__(self, document: Document) -> None:
        self.body: Any = document.element.body
        self.numbers = _Numbers(document)
        self.beside: set[str] = set()
        self.is_changed = False
        self.length = 0

    def text(self) -> str:
        """Return the text, one line to a paragraph or row."""
        return "\n".join(self._lines(self.body)) + "\n"

    def _lines(self, parent: Any) -> Iterator[str]:
        """Yield the lines of everything in a body, a cell or a content control."""
        held = ""
        for element in parent:
            name = _name(element)
            if name == "p":
                text = "".join(self._pieces(element))
                joined = _end_is_deleted(element)  # then the next paragraph continues this one
                self.is_changed = self.is_changed or joined
                if joined and not text.strip():
                    continue
                held += text if held else self._numbered(element, text)
                if not joined:
                    yield from self._counted(held)
                    held = ""
            elif name == "tbl":
                yield from self._table(element)
            elif name in _INSIDE:
                yield from self._lines(element)
            elif name in _LEFT_OUT:
                self.is_changed = True
        if held:
            yield from self._counted(held)

    def _counted(self, text: str) -> list[str]:
        self.length += len(text) + 1
        if self.length > MAX_CHARACTERS:
            raise _TooLong
        return text.split("\n")

    def _numbered(self, paragraph: Any, text: str) -> str:
        """Return a paragraph with its automatic number; an empty one takes a number and, but in a cell, shows none."""
        number = self.numbers.of(paragraph)
        return number + text if text.strip() or _name(paragraph.getparent()) == "tc" else ""

    def _pieces(self, element: Any) -> Iterator[str]:
        """Yield the text inside a paragraph."""
        for child in element:
            name = _name(child)
            if name == "t":
                yield child.text or ""
            elif name in _SPACES:
                yield _SPACES[name]
            elif name in _INSIDE:
                self.is_changed = self.is_changed or name in {"ins", "moveTo"}
                yield from self._pieces(child)
            elif name in _LEFT_OUT or name == "delText":
                self.is_changed = True
            elif any(_name(each) == "txbxContent" and "".join(each.itertext()).strip() for each in child.iter()):
                self.beside.add("text boxes")

    def _table(self, table: Any) -> Iterator[str]:
        """Yield the rows of a table."""
        for row in table:
            if _name(row) in _INSIDE:
                yield from self._table(row)
            if _name(row) != "tr":
                continue
            if _child(row, "trPr", "del") is not None:
                self.is_changed = True
                continue
            cells = [list(self._lines(cell)) for cell in _cells(row)]
            yield from _row(cells)


def _cells(row: Any) -> Iterator[Any]:
    for cell in row:
        if _name(cell) == "tc":
            yield cell
        elif _name(cell) in _INSIDE:
            yield from _cells(cell)


def _row(cells: list[list[str]]) -> list[str]:
    """Return a row as lines: its cells between tabs, or, where a cell holds a whole strategy, that cell's lines.

    Ovid's history has a row to a search. Appendices also keep a strategy in one cell beside its database's name, or all
    numbers in one cell and all searches in the next.
    """
    kept = [[line for line in cell if line.strip()] for cell in cells]
    filled = [cell for cell in kept if cell]
    several = [cell for cell in filled if len(cell) > 1]
    if len(several) > 1 and len({len(cell) for cell in filled}) == 1:
        return ["\t".join(parts) for parts in zip(*filled, strict=True)]
    is_one_search = len(filled) > 1 and any(_NUMBER.fullmatch(cell[0].strip()) for cell in filled[:2] if len(cell) == 1)
    if several and not is_one_search:
        return [line for cell in filled for line in cell]
    return ["\t".join(" ".join(part.strip() for part in cell) for cell in kept).rstrip()]


class _Numbers:
    """Counts automatically numbered paragraphs as Word does."""

    def __init__(self, document: Document) -> None:
        numbering = next(
            (
                relation.target_part.element
                for relation in document.part.rels.values()
                if relation.reltype.endswith("/numbering") and not relation.is_external
            ),
            (),
        )
        elements = list(numbering)
        self._lists = {_value(each, "numId"): each for each in elements if _name(each) == "num"}
        self._kinds = {_value(each, "abstractNumId"): each for each in elements if _name(each) == "abstractNum"}
        self._styles = {_value(each, "styleId"): each for each in document.styles.element if _name(each) == "style"}
        self._next: dict[str, int] = {}
        self._begun: set[str] = set()

    def of(self, paragraph: Any) -> str:
        """Return the number before a paragraph as text (`3. `); nothing for bullets, letters and lower levels."""
        list_id, level = self._list_of(paragraph)
        known = self._lists.get(list_id)
        if known is None or level != "0":
            return ""
        kind_id = _value(_child(known, "abstractNumId")) if _child(known, "abstractNumId") is not None else ""
        form = self._level(known, self._kinds.get(kind_id))
        if form is None or _value(_child(form, "numFmt")) not in {"decimal", "decimalZero"}:
            return ""
        start = _child(form, "start")
        override = next((_child(each, "startOverride") for each in _levels(known, "lvlOverride")), None)
        if override is not None and list_id not in self._begun:
            self._next[kind_id] = _whole(_value(override), 1)
        self._begun.add(list_id)
        number = self._next.get(kind_id, _whole(_value(start), 1) if start is not None else 1)
        self._next[kind_id] = number + 1
        written = _value(_child(form, "lvlText")) if _child(form, "lvlText") is not None else ""
        label = written.replace("%1", str(number)) if _LABEL.fullmatch(written) else f"{number}."
        return f"{label}\t"

    def _level(self, known: Any, kind: Any) -> Any:
        """Return the first level of a list: its own, else that of its kind."""
        own = next((_child(each, "lvl") for each in _levels(known, "lvlOverride")), None)
        return own if own is not None else next(_levels(kind, "lvl"), None)

    def _list_of(self, paragraph: Any) -> tuple[str, str]:
        """Return the list and the level that a paragraph is in, by itself or by its style."""
        properties = _child(paragraph, "pPr")
        found = _child(properties, "numPr")
        style = _child(properties, "pStyle")
        seen: set[str] = set()
        while found is None and style is not None and _value(style) not in seen:
            seen.add(_value(style))
            named = self._styles.get(_value(style))
            found, style = _child(named, "pPr", "numPr"), _child(named, "basedOn")
        number, level = _child(found, "numId"), _child(found, "ilvl")
        return _value(number) if number is not None else "", _value(level) if level is not None else "0"


def _levels(parent: Any, name: str) -> Iterator[Any]:
    """Return the elements that are about the first level."""
    children: Iterable[Any] = parent if parent is not None else ()
    return (each for each in children if _name(each) == name and _value(each, "ilvl") == "0")


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise
