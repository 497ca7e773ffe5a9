"""What real strategies carry that is not search: export headers, history tables, comments, rulers, section headings.

Everything passed over is blanked in place, so that what remains keeps its columns, and is said in a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alerts.search.dialects.cells import rows
from alerts.search.dialects.export_headers import MARKS, header
from alerts.search.problems import Findings

_TABLE_HEADER = re.compile(
    r"(?:#|no\.?|set|line|step|search)?\s{0,9}[▲▼↑↓]?\s{0,9}"
    r"(?:searches|search(?: (?:terms?|query|strategy|statement|history))?|query|terms?)\W+"
    r"(?:(?:no\.?|number) of )?(?:results|hits|records|items found|articles)\b.*",
    re.IGNORECASE,
)
_BAR_ROW = re.compile(r"\s*\|.*\|\s*")
_SPACED_ROW = re.compile(r"\s*\S[^\n]*\S(?P<rest>\s{2,}\d[\d,]*\s*)$")
_BARE_ROW = re.compile(r"(?P<search>\s*+(?=\d*+[^\t\n\d])[^\t\n]++)(?P<rest>\t\s*[\d,]+\s*(?:\t[^\n]*)?)$")
_TABLE_ROW = re.compile(r"\s*#?\d{1,3}[.)]? ?\t(?P<search>[^\t\n]+)(?P<rest>\t\s*[\d,]+\s*(?:\t[^\n]*)?)$")
_ROW_TYPE = re.compile(r"\s[\d,]+\s{1,9}(?:Advanced|Basic|Multi-field)\b[^\n]*$", re.IGNORECASE)
_RULER = re.compile(r"\s*(?:[-=_*~+·•.#]\s*){3,}")
_FILE = (
    r"(?:pp?ezv?|med[a-z0-9]{1,4}|mes[xz]|mv[a-z]{2}|prem\w{0,2}|pmoz|em[a-z]{2,6}\d{0,2}|oemezd|psy[a-z]{1,4}|cctr|coch"
    r"|cl[a-z]{3}|dare|hmic|amed|cagh|sppo?|soca|mwic|hstr|caba|jlgs)"
)
_MORE_FILES = r"\b(?:\s*,\s*[a-z]{3,9}\d{0,2}\b){0,20}\s*$"
_RELATED_TERMS = re.compile(r"\{(?:no|include|including)(?: limited)? related terms\}", re.IGNORECASE)
_USE = re.compile(
    rf"(?:^|(?<=[\s)]))use\s+{_FILE}{_MORE_FILES}|(?<=[\d).\]/\"])\s+use\s+[a-z]{{3,9}}\d{{0,2}}{_MORE_FILES}",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:--|//)")
_MARKDOWN_HEADING = re.compile(r"\s*(?:#{1,6}\s+\D.*|\*\*[^*]+\*\*:?\s*|#{2,6}\D.*)$")
_PLAIN_HEADING = re.compile(r"\s*[^\W\d_][\w ,&'()/-]*:\s*$")
_LETTERED = re.compile(r"\s*([SLQ]|(?:line|search|query|step)\s{1,3})(\d{1,3})(?!\w)", re.IGNORECASE)
_BULLET = re.compile(r"\s{0,20}[•·▪▫‣●○■□◦►▶➢➤✓✔\uf0b7\uf0a7\uf0d8]\s{0,20}")
_HYPHEN = re.compile(r"\s{0,20}-\s{1,20}(?=\S)")


@dataclass(slots=True)
class PhysicalLine:
    """One line of the file: code points [start, end) without its line end."""

    start: int
    end: int


class Sheet:
    """A strategy's readable text, in which debris is blanked as it is recognised."""

    __slots__ = ("_chars", "database", "findings", "given", "lines")

    def __init__(self, given: str, readable_text: str, findings: Findings) -> None:
        self.given = given
        self._chars = list(readable_text)
        self.findings = findings
        self.database = ""
        self.lines: list[PhysicalLine] = []
        at = 0
        for piece in readable_text.split("\n"):
            self.lines.append(PhysicalLine(at, at + len(piece)))
            at += len(piece) + 1

    def text(self, start: int, end: int) -> str:
        """Return what is left of code points [start, end)."""
        return "".join(self._chars[start:end])

    def line_text(self, line: PhysicalLine) -> str:
        """Return what is left of one line."""
        return self.text(line.start, line.end)

    def blank(self, start: int, end: int) -> None:
        """Replace code points [start, end) by spaces."""
        for at in range(start, end):
            if self._chars[at] != "\n":
                self._chars[at] = " "

    def pass_over(self, code: str, message: str, start: int, end: int) -> None:
        """Blank a stretch and note it."""
        self.findings.add(code, message, start=start, end=end)
        self.blank(start, end)

    def clean(self) -> None:
        """Blank everything that is recognised as debris line by line."""
        self._code_quotes()
        self._letters_before_numbers()
        self._bullets()
        self._tabs()
        texts = [text for line in self.lines if (text := self.line_text(line)).strip()]
        table_rows = sum(1 for text in texts if _TABLE_ROW.match(text))
        headed = any(_TABLE_HEADER.fullmatch(text.strip()) for text in texts)
        tabbed = len(texts) > 1 and all(_TABLE_ROW.match(text) or _BARE_ROW.match(text) for text in texts)
        has_table = table_rows >= 2 or headed or tabbed
        spaced = headed and all(_SPACED_ROW.match(text) or _TABLE_HEADER.fullmatch(text.strip()) for text in texts)
        begun = False
        alone = sum(1 for line in self.lines if self.line_text(line).strip()) == 1
        for line in self.lines:
            text = self.line_text(line)
            if not text.strip():
                continue
            self._comment(line, text)
            if has_table:
                self._table(line, spaced=spaced)
            text = self.line_text(line)
            if not text.strip():
                continue
            if self._is_header(line, text, begun=begun, alone=alone):
                continue
            begun = True
            for related in _RELATED_TERMS.finditer(text):
                place = (line.start + related.start(), line.start + related.end())
                self.pass_over("S067", "Ovid's basic search says this of related terms: it is passed over.", *place)
            used = _USE.search(text)
            if used:
                self.pass_over(
                    "S068",
                    "A choice of database is passed over: items come from feeds.",
                    line.start + used.end() - len(used.group().lstrip()),
                    line.start + used.start() + len(used.group().rstrip()),
                )

    def _code_quotes(self) -> None:
        """Read a strategy that a web page wraps in backticks: what stands outside them is remarks."""
        whole = "".join(self._chars)
        first = whole.find("`")
        if first < 0 or whole[:first].strip():
            return
        last = whole.find("`", first + 1)
        if last < 0:
            return
        self.blank(first, first + 1)
        if whole[last + 1 :].strip():
            self.pass_over(
                "S065", "What follows the closing backtick is read as remarks and passed over.", last + 1, len(whole)
            )
        self.blank(last, last + 1)

    def _letters_before_numbers(self) -> None:
        """Read line numbers like EBSCO's (`S1`, `S2 AND S3`) as `#1` and `Line 1` as `1`, where most lines have one."""
        texts = [self.line_text(line) for line in self.lines]
        begins = [found for text in texts if (found := _LETTERED.match(text))]
        if len(begins) < 2:
            return
        mark, count = begins[0].group(1).strip().casefold(), sum(1 for text in texts if text.strip())
        if len(begins) * 2 < count or (mark != "s" and len(begins) < count):
            return
        numbers = [int(found.group(2)) for found in begins if found.group(1).strip().casefold() == mark]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            return
        for found in re.finditer(rf"(?<![\w#]){mark}(?=\s{{0,3}}\d{{1,3}}(?!\w))", "".join(self._chars), re.IGNORECASE):
            self.blank(found.start(), found.end())
            if len(mark) == 1:
                self._chars[found.start()] = "#"

    def _bullets(self) -> None:
        """Blank the bullets of a list; hyphens are bullets where every line has one."""
        texts = [(line, self.line_text(line)) for line in self.lines]
        texts = [(line, text) for line, text in texts if text.strip()]
        hyphens = len(texts) > 1 and all(_HYPHEN.match(text) for _, text in texts)
        for line, text in texts:
            found = _BULLET.match(text) or (_HYPHEN.match(text) if hyphens else None)
            if found:
                self.blank(line.start, line.start + found.end())

    def _comment(self, line: PhysicalLine, text: str) -> None:
        """Blank a comment: at the start of a line or after a space, outside quotation marks."""
        for found in _COMMENT.finditer(text):
            place = line.start + found.start()
            if self.given[place : place + 2] not in {"--", "//"} or text.count('"', 0, found.start()) % 2:
                continue
            if text[: found.start()].strip() and MARKS.search(text, found.end()):
                self.findings.add(
                    "S065",
                    f"What follows {found.group()} is read as a comment and passed over.",
                    "If it is meant to be searched, write the words without it, or in quotation marks.",
                    start=place,
                    end=line.end,
                )
            self.blank(place, line.end)
            return

    def _tabs(self) -> None:
        """Let tabs stand between the cells of a table with bars, or with commas and quotation marks."""
        lines = [line for line in self.lines if self.line_text(line).strip()]
        if len(lines) > 1 and all(_BAR_ROW.fullmatch(self.line_text(line)) for line in lines):
            for line in lines:
                text = self.line_text(line)
                if not re.search(r"\w", text):
                    self.blank(line.start, line.end)
                bars = [line.start + found.start() for found in re.finditer(r"\|", text)]
                self.blank(bars[0], bars[0] + 1)
                self.blank(bars[-1], bars[-1] + 1)
                self._separate(bars[1:-1])
        head = self.line_text(lines[0]).replace('"', " ") if lines else ""
        if "\t" in head or "," not in head or not _TABLE_HEADER.fullmatch(head.replace(",", " ").strip()):
            return
        for cells in rows("".join(self._chars), lines[0].start, ","):
            marks: list[int] = []
            for cell in cells:
                marks.append(cell.start - 1)
                whole = self.text(cell.start, cell.end)
                for found in re.finditer('""', whole):
                    self.blank(cell.start + found.start(), cell.start + found.start() + 1)
                if self.text(cell.end, cell.end + 1) == '"':
                    marks[-1] -= 1
                    self.blank(cell.start - 1, cell.start)
                    self.blank(cell.end, cell.end + 1)
            self._separate(marks[1:])

    def _separate(self, places: list[int]) -> None:
        """Put tabs in these places."""
        for place in places:
            self._chars[place] = "\t"

    def _table(self, line: PhysicalLine, *, spaced: bool) -> None:
        """Blank the columns of Ovid's history table that are not the search."""
        text = self.line_text(line)
        if _TABLE_HEADER.fullmatch(text.strip()):
            self.pass_over("S065", "The heading of a search history table is passed over.", line.start, line.end)
            return
        row = _TABLE_ROW.match(text) or _BARE_ROW.match(text) or (_SPACED_ROW.match(text) if spaced else None)
        typed = None if row else _ROW_TYPE.search(text)
        if row or typed:
            start = line.start + (row.start("rest") if row else typed.start() if typed else 0)
            if not self.findings.has("S066"):
                message = "Results and types of a search history table are passed over."
                self.findings.add("S066", message, start=start, end=line.end)
            self.blank(start, line.end)

    def _is_header(self, line: PhysicalLine, text: str, *, begun: bool, alone: bool) -> bool:
        """Recognise and blank a ruler, an export header, a database's name or a section heading."""
        if _RULER.fullmatch(text):
            self.blank(line.start, line.end)
            return True
        is_header, database = header(text, begun=begun, alone=alone)
        if is_header:
            self.database = database or self.database
            self.pass_over("S065", "A heading of the export is passed over.", line.start, line.end)
            return True
        plain_heading = _PLAIN_HEADING.fullmatch(text)
        titled = text.strip()[:1].isupper() or len(text.split()) > 1
        if _MARKDOWN_HEADING.fullmatch(text) or (
            plain_heading and titled and len(text.split()) <= 10 and "/" not in text
        ):
            self.pass_over("S065", "A section heading is passed over.", line.start, line.end)
            return True
        return False
