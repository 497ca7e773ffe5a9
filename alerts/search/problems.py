"""The problem codes of the search language, and the collector that every reader of a strategy reports to.

An *error* refuses the strategy; a *warning* is legal but suspicious; a *note* says what cannot work, or works
differently, on feed items. `docs/search-problems.md` has a section for each code.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from alerts.errors import Problem, Severity

CODES: dict[str, tuple[Severity, str]] = {
    "S001": ("error", "A bracket is not balanced"),
    "S002": ("error", "A quotation mark is not closed"),
    "S003": ("error", "An operator has nothing on one side"),
    "S004": ("error", "Two terms stand side by side without an operator"),
    "S005": ("error", "A field tag that no vendor has"),
    "S006": ("error", "A line that does not exist is referred to"),
    "S007": ("error", "A later line is referred to"),
    "S008": ("error", "A line or block refers to itself"),
    "S009": ("error", "There is nothing to search for"),
    "S010": ("error", "The strategy is too long"),
    "S011": ("error", "Brackets or proximities are nested too deep"),
    "S012": ("error", "A block that does not exist is named"),
    "S013": ("error", "Something stands in a proximity that cannot"),
    "S014": ("error", "AND and OR need brackets"),
    "S015": ("error", "Lines are numbered twice or out of order"),
    "S016": ("error", "The result line does not exist"),
    "S017": ("error", "Another database's syntax"),
    "S018": ("error", "A limit cannot be read"),
    "S019": ("error", "A wildcard without letters"),
    "S020": ("error", "A line reference without lines"),
    "S030": ("warning", "AND and OR are mixed without brackets"),
    "S031": ("warning", "Lower-case and, or, not in a PubMed strategy"),
    "S032": ("warning", "A term is truncated very short"),
    "S033": ("warning", "Nothing uses this line"),
    "S034": ("warning", "The strategy can never match"),
    "S035": ("warning", "The strategy matches nearly everything"),
    "S036": ("warning", "A date range has an end"),
    "S037": ("warning", "Most feed items cannot meet this requirement"),
    "S038": ("warning", "A heading is not in the vocabulary"),
    "S039": ("warning", "A truncation inside a PubMed proximity"),
    "S040": ("warning", "A wildcard that this dialect does not have"),
    "S041": ("warning", "The dialect is a guess"),
    "S042": ("warning", "Line numbers are missing"),
    "S043": ("warning", "Three or more concepts, and mostly brief items"),
    "S044": ("warning", "A number that may be meant as a line"),
    "S045": ("warning", "and/or inside what reads as one heading"),
    "S046": ("warning", "Another dialect's way of writing"),
    "S047": ("warning", "A bracket and a word side by side"),
    "S048": ("warning", "ADJ and its number stand apart"),
    "S050": ("warning", "A proximity that PubMed does not have"),
    "S051": ("warning", "A field tag with nothing to apply to"),
    "S060": ("note", "A field that feed items do not have"),
    "S061": ("note", "A limit that counts as met where a record does not say"),
    "S062": ("note", "Focus is dropped"),
    "S063": ("note", "Subheadings are dropped"),
    "S064": ("note", "No vocabulary: headings are their own words"),
    "S065": ("note", "Text around the strategy was passed over"),
    "S066": ("note", "Hit counts were passed over"),
    "S067": ("note", "A remark in brackets was passed over"),
    "S068": ("note", "A choice of database was passed over"),
    "S069": ("note", "Removing duplicates was passed over"),
    "S070": ("note", "Lines were joined"),
    "S071": ("note", "Words side by side are all required"),
    "S072": ("note", "An animal filter"),
    "S073": ("note", "Headings of another vocabulary"),
    "S074": ("note", "A heading has been renamed"),
    "S075": ("note", "A stray character"),
    "S076": ("note", "Everyday entry terms are not used as words"),
    "S077": ("note", "Square brackets, braces or single quotation marks read as brackets or quotation marks"),
    "S078": ("note", "and not is read as NOT"),
    "S079": ("note", "A heading under NOT looks at indexing only"),
    "S080": ("note", "A field that is read as a near one"),
    "S081": ("note", "A frequency is dropped"),
    "S082": ("note", "Lines are listed newest first"),
}
"""Every code: how severe it is, and what it says in general."""

MOST_PROBLEMS = 500
"""Findings kept per strategy: hostile text must not cost unbounded memory."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding at code points [start, end) of the strategy as given; `start` -1 means the whole strategy."""

    code: str
    message: str
    remedy: str
    start: int
    end: int


class Findings:
    """What was found in one strategy, in the order of its text when asked."""

    __slots__ = ("_found", "_seen", "errors", "line_references", "overflow")

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._seen: set[tuple[str, int]] = set()
        self.errors = 0
        self.overflow = 0
        self.line_references = 0

    def add(self, code: str, message: str, remedy: str = "", *, start: int = -1, end: int = -1) -> None:
        """Report one finding; the same code at the same place is reported once."""
        if CODES[code][0] == "error":
            self.errors += 1
        if (code, start) in self._seen:
            return
        if len(self._found) >= MOST_PROBLEMS and not (CODES[code][0] == "error" and self.errors < MOST_PROBLEMS):
            self.overflow += 1
            return
        self._seen.add((code, start))
        self._found.append(Finding(code, message, remedy, start, max(end, start)))

    def is_refused(self) -> bool:
        """True when any finding so far is an error."""
        return self.errors > 0

    def has(self, code: str) -> bool:
        """Tell whether `code` was reported anywhere."""
        return any(each.code == code for each in self._found)

    def has_at(self, code: str, start: int) -> bool:
        """Tell whether `code` was reported at this place."""
        return (code, start) in self._seen

    def as_problems(self, text: str) -> tuple[Problem, ...]:
        """Return the findings as problems with line and column of `text`, in reading order."""
        starts = line_starts(text)
        ordered = sorted(self._found, key=lambda each: (each.start, each.code))
        return tuple(_as_problem(each, starts) for each in ordered)


def _as_problem(finding: Finding, starts: list[int]) -> Problem:
    """Give a finding its line and column."""
    severity = CODES[finding.code][0]
    if finding.start < 0:
        return Problem(finding.code, severity, finding.message, finding.remedy)
    line = bisect_right(starts, finding.start)
    column = finding.start - starts[line - 1] + 1
    return Problem(
        finding.code, severity, finding.message, finding.remedy, "", line, column, finding.end - finding.start
    )


def line_starts(text: str) -> list[int]:
    """Return where each line of `text` begins; lines end as in Windows, Unix or old Macintosh files."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


_LINE_END = re.compile(r"\r\n|\r|\n")
