"""From the text of a strategy to its lines.

Strategies are numbered `1.`, `1`, `#1` or not at all; word processors wrap their lines; databases add hit counts. A
line goes on after an unbalanced bracket, after a trailing operator and, in a numbered strategy, where a number is
missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from alerts.search.dialects.debris import PhysicalLine, Sheet
from alerts.search.dialects.export_headers import MARKS, SYNTAX
from alerts.search.dialects.source import MOST_LINES

_OPERATOR = r"(?:and|or|not|adj\d*|near(?:/\d+)?|next(?:/\d+)?)"
_ENDS_IN_OPERATOR = re.compile(rf"(?:^|[\s)\]\"./]){_OPERATOR}$", re.IGNORECASE)
_ENDS_IN_LIST = re.compile(r"(?:or|and)\s*/[\d\s,-]*$", re.IGNORECASE)
_LEADING = re.compile(rf"\s*(?:{_OPERATOR}(?=[\s(\"]|$)|[)\]])", re.IGNORECASE)
_ONLY_OPERATOR = re.compile(r"\s*(?:and|or|not)\s*$", re.IGNORECASE)
_STRONG = re.compile(
    r"\s*(?:#?\s?(?P<n>\d{1,3})\s?[.):](?!\d(?!\d{0,2}\s+(?:and|or|not)\b))(?![a-z]{2}[.,])"
    r"|\((?P<m>\d{1,3})\)(?=\s+\S)(?!\s+(?:and|or|not|adj\d*)\b))",
    re.IGNORECASE,
)
_HASH = re.compile(r"\s*#\s?(?P<n>\d{1,3})(?!\d)(?!\s+(?:and|or|not)\b(?!\s*/))(?!\s*[)#]\s*$)(?=\s*\S)", re.IGNORECASE)
_WEAK = re.compile(r"\s*(?P<n>\d{1,3})(?=\s+\S)(?!\s+(?:and|or|not|adj\d*)\b(?!\s*/))(?!\s+to\b)", re.IGNORECASE)
_DASHED = re.compile(r"\s*(?P<n>\d{1,3})\s-\s(?!\s*\d+\s?/)")
_ALONE = re.compile(r"\s*(?P<n>\d{1,3})\s*$")
_COUNT = re.compile(
    r"(?P<count>\s*[(\[]\s*(?:n\s?=\s?)?\d[\d,.\s]*[)\]]|\s+(?:[-=:]\s?|n\s?=\s?)?\d[\d,]*)\s*$", re.IGNORECASE
)
_ONLY_COUNT = re.compile(r"\s*[(\[]?\s*\d[\d,]*\s*[)\]]?\s*$")
_ENDS_CLOSED = re.compile(r"(?:[.,]\s?[a-z]{2}\s?\.?|/(?:[a-z]{2}(?:\s?,\s?[a-z]{2})*)?|\)|\]|\d)\s*$", re.IGNORECASE)
_NUMBERED_REFERENCES = re.compile(r"#\s?\d")
_COMBINES = re.compile(r"\d[\s)]+(?:and|or|not)\b|\b(?:and|or|not)[\s(]+\d", re.IGNORECASE)
_SURELY_FIRST = re.compile(r"\s*1(?:\t|\s+(?:\(|exp\s))", re.IGNORECASE)
_ONLY_REFERENCES = re.compile(r"[\s()]*\d{1,3}[\s()]*(?:(?:and|or|not)[\s()]*\d{1,3}[\s()]*)+", re.IGNORECASE)

Style = Literal["strong", "hash", "weak", "alone"]
_STYLES: tuple[tuple[Style, re.Pattern[str]], ...] = (
    ("strong", _STRONG),
    ("hash", _HASH),
    ("weak", _DASHED),
    ("weak", _WEAK),
    ("alone", _ALONE),
)


@dataclass(slots=True)
class RawLine:
    """One line of the strategy before it is read: its number and code points [start, end) of the sheet."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Label:
    """What could be a line number: its value, how it is written and where the text after it begins."""

    number: int
    style: Style
    end: int


def _label(text: str) -> _Label | None:
    """Return the line number that `text` seems to begin with."""
    for style, pattern in _STYLES:
        found = pattern.match(text)
        if found:
            return _Label(int(found.group(found.lastgroup or "n")), style, found.end())
    return None


def _labels(texts: list[str]) -> list[_Label | None]:
    """Return for each line the number it seems to begin with.

    A number that is all there is on its line (tables lose their columns in copying) counts only as the next of several
    such, for hit counts stand alone too.
    """
    labels = [_label(text) for text in texts]
    following, kept = 1, []
    for nth, label in enumerate(labels):
        if label is None:
            continue
        if label.style != "alone":
            following = label.number + 1
        elif label.number == following and not (nth and is_open(texts[nth - 1][-400:])):
            following += 1
            kept.append(nth)
        else:
            labels[nth] = None
    if len(kept) < 2 or len(kept) * 4 < len(texts):
        for nth in kept:
            labels[nth] = None
    return labels


def is_open(text: str) -> bool:
    """Tell whether `text` ends in an operator, an opening bracket or a list of lines that goes on."""
    bare = text.rstrip()
    if bare[-1:] in {"(", "["}:
        return True
    if bare[-1:] in {",", "-"}:
        return _ENDS_IN_LIST.search(bare) is not None
    return _ENDS_IN_OPERATOR.search(bare[-14:]) is not None


def depth_change(text: str) -> int:
    """Return how many more brackets `text` opens than it closes, quotation marks respected."""
    depth = 0
    quoted = False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif not quoted:
            if char in "([":
                depth += 1
            elif char in ")]":
                depth -= 1
    return depth


class LineReader:
    """Splits one sheet into lines."""

    __slots__ = ("_changes", "_depth", "_labels", "_last", "_numbered", "_sheet", "_style", "_texts", "lines")

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._texts = [(line, sheet.line_text(line)) for line in sheet.lines]
        self._texts = [(line, text) for line, text in self._texts if text.strip()]
        self._labels = _labels([text for _, text in self._texts])
        self._changes = [depth_change(text) for _, text in self._texts]
        self._numbered, self._style = self._is_numbered()
        self._depth = 0
        self._last = 0
        self.lines: list[RawLine] = []

    @property
    def numbered(self) -> bool:
        """True when the author numbered the lines."""
        return self._numbered

    def _is_numbered(self) -> tuple[bool, Style]:
        """Decide for the strategy as a whole whether its lines are numbered, and how."""
        labelled = [each for each in self._labels if each is not None]
        if not labelled:
            return False, "weak"
        rising = sum(1 for a, b in pairwise(labelled) if b.number == a.number + 1)
        strong = [each for each in labelled if each.style not in {"weak", "alone"}]
        style: Style = strong[0].style if len(strong) * 2 > len(labelled) else "weak"
        alone = sum(1 for each in labelled if each.style == "alone")
        if alone * 2 > len(labelled):
            style = "alone"
        if len(labelled) == 1:
            if labelled[0].style == "weak":
                return _SURELY_FIRST.match(self._texts[0][1]) is not None, style
            return labelled[0].number == 1 and self._labels[0] is not None, style
        enough = len(labelled) * 5 >= len(self._texts) * 2 or style == "alone"
        numbers = [each.number for each in labelled]
        climbs = len(strong) == len(labelled) and (
            numbers == sorted(set(numbers)) or len(labelled) * 5 >= len(self._texts) * 4
        )
        mixed = sorted(numbers) == list(range(1, len(self._texts) + 1))
        if enough and (rising * 2 >= len(labelled) - 1 or (numbers[0] == 1 and (climbs or mixed))):
            return True, style
        return rising >= 4 and labelled[0].number == 1, style

    def read(self, *, one_line: bool) -> list[RawLine]:
        """Return the lines. `one_line`: unnumbered text is one expression, however it is wrapped (PubMed, plain)."""
        if self._numbered:
            self._read_numbered()
            self._hit_counts()
            self._empty_lines()
        elif one_line and not self._by_position():
            if self._texts:
                self.lines.append(RawLine(1, self._texts[0][0].start, self._texts[-1][0].end))
        else:
            self._read_unnumbered()
        if len(self.lines) > MOST_LINES:
            self._sheet.findings.add(
                "S010", f"The strategy has more than {MOST_LINES} lines.", "Combine terms with OR."
            )
            del self.lines[MOST_LINES:]
        return self.lines

    def _by_position(self) -> bool:
        """Tell whether unnumbered lines are referred to by position."""
        return any(_NUMBERED_REFERENCES.search(text) or _ONLY_REFERENCES.fullmatch(text) for _, text in self._texts)

    def _goes_on(self, text: str, nth: int) -> bool:
        """Tell whether the line before goes on at `text`, the `nth` line of the file that has any."""
        if not self.lines:
            return False
        before = self._tail(400)
        if is_open(before) or _LEADING.match(text):
            return True
        return self._depth > 0 and self._closes(nth)

    def _closes(self, nth: int) -> bool:
        """Tell whether the open bracket is closed further down (in a numbered strategy: before the next number)."""
        depth = self._depth
        for at in range(nth, min(nth + MOST_LINES, len(self._texts))):
            label = self._labels[at]
            if self._numbered and label is not None and label.number == self._last + 1:
                return False
            depth += self._changes[at]
            if depth <= 0:
                return True
        return False

    def _tail(self, length: int) -> str:
        """Return the last characters of the line that is being read."""
        line = self.lines[-1]
        return self._sheet.text(max(line.start, line.end - length), line.end)

    def _open(self, number: int, line: PhysicalLine, start: int, text: str) -> None:
        """Begin a new line."""
        self.lines.append(RawLine(number, start, line.end))
        self._last = number
        self._depth = max(0, depth_change(text))

    def _join(self, line: PhysicalLine, text: str) -> None:
        """Let the line before go on."""
        self.lines[-1].end = line.end
        self._depth = max(0, self._depth + depth_change(text))

    def _read_unnumbered(self) -> None:
        """Read lines that are counted by position."""
        for nth, (line, text) in enumerate(self._texts):
            if len(self.lines) > MOST_LINES:
                break
            if self._goes_on(text, nth):
                self._sheet.findings.add("S070", "This continues the line before.", start=line.start, end=line.end)
                self._join(line, text)
            else:
                self._open(len(self.lines) + 1, line, line.start, text)

    def _read_numbered(self) -> None:
        """Read lines that carry their numbers."""
        after_operator = False
        for nth, (line, text) in enumerate(self._texts):
            if len(self.lines) > MOST_LINES:
                break
            label = self._labels[nth]
            if label is not None and self._begins(label, text[label.end :], nth):
                if after_operator:
                    self._sheet.blank(line.start, line.start + label.end)
                    self._last = label.number
                    self._join(line, text[label.end :])
                else:
                    self._number(label, line)
                    self._open(label.number, line, line.start + label.end, text[label.end :])
                after_operator = False
                continue
            after_operator = bool(self.lines) and bool(_ONLY_OPERATOR.match(text))
            self._without_number(line, text, nth)

    def _begins(self, label: _Label, rest: str, nth: int) -> bool:
        """Tell whether a number at the start of a line is that line's own."""
        if label.style == "weak" and self._style == "alone":
            return False
        if not self.lines or label.number == self._last + 1:
            return bool(self.lines) or label.style != "weak" or label.number == 1 or nth == 0
        if label.style == "weak" and (self._style != "weak" or self._goes_on(rest, nth)):
            return False
        return not (label.style == "weak" and label.number > self._last + 20)

    def _number(self, label: _Label, line: PhysicalLine) -> None:
        """Report a number that does not follow the one before."""
        place = {"start": line.start, "end": line.start + label.end}
        if not self.lines or label.number == self._last + 1:
            return
        if any(each.number == label.number for each in self.lines):
            self._sheet.findings.add(
                "S015",
                f"There are two lines with the number {label.number}.",
                "Number the lines 1, 2, 3 and so on.",
                **place,
            )
        elif label.number < self._last:
            self._sheet.findings.add(
                "S015", f"Line {label.number} comes after line {self._last}.", "Number the lines in order.", **place
            )
        else:
            self._sheet.findings.add(
                "S042",
                f"Line {label.number} follows line {self._last}: the lines between are missing.",
                "Check that nothing was lost when the strategy was copied.",
                **place,
            )

    def _without_number(self, line: PhysicalLine, text: str, nth: int) -> None:
        """Place a line that has no number: a heading, or more of the line before."""
        findings = self._sheet.findings
        if not self.lines:
            if SYNTAX.search(text) and any(
                each is not None and each.number == 2 for each in self._labels[nth + 1 : nth + 2]
            ):
                self._open(1, line, line.start, text)
                return
            self._sheet.pass_over("S065", "Text before the first numbered line is passed over.", line.start, line.end)
            return
        if not self._sheet.text(self.lines[-1].start, self.lines[-1].end).strip():
            self._join(line, text)
            return
        if self._style == "alone" and _ONLY_COUNT.match(text) and not self._goes_on(text, nth):
            self._sheet.pass_over("S066", "A hit count is passed over.", line.start, line.end)
            return
        before = self._tail(60)
        is_closed = _ENDS_CLOSED.search(before) is not None
        marked = MARKS.search(text) or _COMBINES.search(text) or not is_closed
        searches = bool(marked) and SYNTAX.search(text) is not None
        if self._goes_on(text, nth) or searches:
            findings.add(
                "S070", "This line has no number: it continues the line before.", start=line.start, end=line.end
            )
            self._join(line, text)
            return
        if is_closed or not before.strip():
            self._sheet.pass_over(
                "S065", "A line without a number or search syntax is passed over.", line.start, line.end
            )
        else:
            findings.add(
                "S070", "This line has no number: it continues the line before.", start=line.start, end=line.end
            )
            self._join(line, text)

    def _empty_lines(self) -> None:
        """Warn of numbers with nothing after them."""
        for line in self.lines:
            if not self._sheet.text(line.start, line.end).strip():
                self._sheet.findings.add(
                    "S042",
                    f"Line {line.number} is empty.",
                    "Check that nothing was lost when the strategy was copied.",
                    start=max(line.start - len(str(line.number)) - 1, 0),
                    end=line.start,
                )

    def _hit_counts(self) -> None:
        """Blank trailing hit counts, when every line ends in one."""
        found: list[tuple[RawLine, int]] = []
        for line in self.lines:
            tail_from = max(line.start, line.end - 40)
            count = _COUNT.search(self._sheet.text(tail_from, line.end))
            if count is None:
                return
            place = tail_from + count.start("count")
            before = self._sheet.text(line.start, place)
            if not before.strip() or is_open(before[-60:]):
                return
            found.append((line, place))
        if len(found) < 2:
            return
        first, place = found[0]
        message = f"The hit counts at the ends of the {len(found)} lines are passed over."
        self._sheet.findings.add("S066", message, start=place, end=first.end)
        for line, place in found:
            self._sheet.blank(place, line.end)
            line.end = place
