"""Plain: `ti:(vaping OR "e-cigarettes") AND (school* NEAR/3 policy) NOT mesh+:"Animals"`.

For those who know neither Ovid nor PubMed: words side by side are all required, a phrase needs quotation marks, a field
stands before what it applies to, and brackets are required when AND and OR mix.
"""

from __future__ import annotations

import re

from alerts.search.builder import Builder, Op
from alerts.search.dates import read_range
from alerts.search.limits import note_past
from alerts.search.marks import ADJ, BLOCK, NEAR, ONLY_NUMBERS, REFERENCE
from alerts.search.problems import Findings
from alerts.search.tags import nearest, plain_fields
from alerts.search.terms import term_of
from alerts.search.tree import BlockRef, Dates, FieldSet, Heading, LineRef, Node, Scoped

WILDCARDS = {"*": "*", "?": "?", "$": "*"}

_FIELD = re.compile(r"([A-Za-z]{2,12}\+?(?:,[A-Za-z]{2,12})*):(?=[\"\w(*{])")
_COCHRANE = re.compile(r":((?:ti|ab|kw|pt|au|so)(?:,(?:ti|ab|kw|pt|au|so))*)(?=$|[\s)])", re.IGNORECASE)
_DATE_VALUE = re.compile(
    r"\"?\d{4}[-/\d]*(?:\s?[:-]\s?(?:\d{4}[-/\d]*|current|present)?)?\"?(?=$|[\s)])", re.IGNORECASE
)
_NEAR_BARE = re.compile(r"(near|next)$", re.IGNORECASE)


class PlainReader:
    """Reads one line."""

    __slots__ = ("_at", "_builder", "_end", "_fields", "_findings", "_no_square", "_numbers_are_lines", "_text")

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._builder = Builder("plain", findings)
        self._at = 0
        self._end = 0
        self._fields: tuple[FieldSet, int] | None = None
        self._numbers_are_lines = False
        self._no_square = False

    def read(self, start: int, end: int) -> Node | None:
        """Return the expression of code points [start, end) of the text."""
        self._at, self._end = start, end
        self._numbers_are_lines = ONLY_NUMBERS.match(self._text[start:end]) is not None
        if self._numbers_are_lines:
            self._findings.add("S044", "The numbers are read as lines.", "Write #1, #2 …", start=start, end=end)
        while self._at < end:
            self._step()
        self._pending_field()
        return self._builder.finish(end)

    def _step(self) -> None:
        """Read what begins at the current place."""
        char = self._text[self._at]
        if char.isspace():
            self._pending_field()
            self._at += 1
        elif char == "(":
            fields = self._fields[0] if self._fields else None
            self._fields = None
            self._builder.open(self._at, fields)
            self._at += 1
        elif char == ")":
            self._pending_field()
            self._at += 1
            self._builder.close(self._at)
        elif char in '"{':
            self._quote("}" if char == "{" else '"')
        elif char == "[":
            self._square()
        elif char == "]":
            self._findings.add("S001", "This bracket closes nothing.", "Remove it.", start=self._at, end=self._at + 1)
            self._at += 1
        elif not (self._field() or self._reference()):
            self._word()

    def _pending_field(self) -> None:
        """Report a field with nothing after it."""
        if self._fields is not None:
            fields, start = self._fields
            self._fields = None
            self._findings.add(
                "S003",
                f"The field {fields.written} stands before nothing.",
                "Put a term after it.",
                start=start,
                end=self._at,
            )

    def _square(self) -> None:
        """Read a remark in square brackets."""
        close = -1 if self._no_square else self._text.find("]", self._at, self._end)
        self._no_square = close < 0
        if close < 0:
            self._findings.add(
                "S001", "This bracket is never closed.", "Close it, or remove it.", start=self._at, end=self._at + 1
            )
            self._at += 1
            return
        inside = self._text[self._at + 1 : close]
        if not re.match(r"mh\s", inside, re.IGNORECASE):
            self._findings.add("S067", "A remark in brackets is passed over.", start=self._at, end=close + 1)
        self._at = close + 1

    def _field(self) -> bool:
        """Read `ti:` and its like."""
        found = _FIELD.match(self._text, self._at, self._end)
        if found is None or self._fields is not None:
            return False
        names = found.group(1).casefold().split(",")
        if names[0].rstrip("+") in {"mesh", "mh"}:
            self._heading(names[0].endswith("+"), found.end())
            return True
        rest = self._text[found.end() : self._end]
        if _COCHRANE.match(self._text, found.end() - 1, self._end) and plain_fields(names, "") is None:
            return False
        fields = plain_fields(names, found.group(1) + ":")
        if fields is None:
            if rest.startswith("//"):
                return False
            near = nearest(names[0], "plain")
            self._findings.add(
                "S005",
                f"There is no field “{found.group(1)}:”.",
                f"The nearest is {near}" if near else "Use ti:, ab: or kw:.",
                start=found.start(),
                end=found.end(),
            )
            fields = FieldSet(written=found.group())
        if fields.is_date and self._date(found.end()):
            return True
        self._fields = (fields, self._at)
        self._at = found.end()
        return True

    def _date(self, value_at: int) -> bool:
        """Read the value of `dp:2015-2024`."""
        value = _DATE_VALUE.match(self._text, value_at, self._end)
        span = read_range(value.group()) if value else None
        if value is None or span is None:
            self._findings.add(
                "S018", "This is not a date or range.", "Write dp:2015-2024.", start=self._at, end=value_at
            )
            return False
        start, end, written = self._at, value.end(), value.group()
        if span[1] is not None:
            note_past(span[1].isoformat(), written, start, end, self._findings)
        self._findings.add("S061", f"The dates {written} count as met where a record has none.", start=start, end=end)
        self._builder.operand(Dates(*span, written, start, end), closed=True)
        self._at = end
        return True

    def _heading(self, explode: bool, name_at: int) -> None:
        """Read the name after `mesh:` or `mesh+:`."""
        start = self._at
        if self._text[name_at : name_at + 1] == '"':
            close = self._text.find('"', name_at + 1, self._end)
            if close < 0:
                self._findings.add(
                    "S002", "This quotation mark is never closed.", "Close it.", start=name_at, end=name_at + 1
                )
                self._at = name_at + 1
                return
            name, end = self._text[name_at + 1 : close], close + 1
        else:
            end = name_at
            while end < self._end and not self._text[end].isspace() and self._text[end] not in "()":
                end += 1
            name = self._text[name_at:end]
        self._at = max(end, name_at)
        if not name.strip():
            self._findings.add("S003", "There is no heading here.", "Write one.", start=start, end=self._at)
            return
        self._builder.operand(Heading(name.strip(), explode, start, end), closed=True)

    def _reference(self) -> bool:
        """Read `#4` and `#uk-filter`."""
        for pattern in (REFERENCE, BLOCK):
            found = pattern.match(self._text, self._at, self._end)
            if found:
                node: Node = (
                    LineRef(int(found.group(1)), *found.span())
                    if pattern is REFERENCE
                    else BlockRef(found.group(1), *found.span())
                )
                self._pending_field()
                self._builder.operand(node, closed=True)
                self._at = found.end()
                return True
        return False

    def _quote(self, closing: str) -> None:
        """Read a quoted phrase."""
        if closing == "}":
            self._findings.add("S077", "Braces are read as quotation marks.", start=self._at, end=self._at + 1)
        close = self._text.find(closing, self._at + 1, self._end)
        if close < 0:
            self._findings.add(
                "S002", "This quotation mark is never closed.", "Close it.", start=self._at, end=self._at + 1
            )
            self._at += 1
            return
        piece = (self._at + 1, close, True)
        self._at = close + 1
        self._add(piece)

    def _word(self) -> None:
        """Read one word: an operator or a term."""
        start = at = self._at
        while at < self._end and not self._text[at].isspace() and self._text[at] not in '()[]"{':
            if self._text[at] == ":" and _COCHRANE.match(self._text, at, self._end) and at > start:
                break
            at += 1
        at = max(at, start + 1)
        word = self._text[start:at]
        self._at = at
        lower = word.casefold()
        near, adj = NEAR.match(word), ADJ.match(word)
        if lower in {"and", "or", "not"}:
            self._pending_field()
            self._builder.operator(Op(lower, start, at))  # type: ignore[arg-type]  # one of the three
        elif near:
            self._builder.operator(Op("near", start, at, int(near.group(2)), near.group(1).casefold() == "next"))
        elif _NEAR_BARE.match(word) and word.isupper() and self._builder.last:
            self._findings.add(
                "S046", f"{word} needs a number; read as {word}/5.", f"Write {word}/5.", start=start, end=at
            )
            self._builder.operator(Op("near", start, at, 5, lower == "next"))
        elif adj and self._builder.last:
            number = int(adj.group(1) or 0)
            self._findings.add(
                "S046", f"{word} is Ovid's.", "Write NEAR/2, or choose dialect: ovid.", start=start, end=at
            )
            self._builder.operator(Op("near", start, at, max(number - 1, 0), not number))
        elif self._numbers_are_lines and word.isdigit():
            self._builder.operand(LineRef(int(word), start, at), closed=True)
        else:
            self._add((start, at, False))

    def _add(self, piece: tuple[int, int, bool]) -> None:
        """Add a term, with the field before it or (Cochrane's way) after it."""
        fields, self._fields = self._fields, None
        node = term_of(self._text, [piece], WILDCARDS, self._findings)
        if node is None:
            return
        if "$" in node.written:
            self._findings.add("S040", "$ is read as *.", "Write *.", start=node.start, end=node.end)
        after = _COCHRANE.match(self._text, self._at, self._end)
        if after:
            tagged = plain_fields(
                [{"so": "jn"}.get(name, name) for name in after.group(1).casefold().split(",")], after.group()
            )
            self._findings.add(
                "S046",
                f"“{after.group()}” is Cochrane's field tag; it is read as such.",
                start=after.start(),
                end=after.end(),
            )
            self._at = after.end()
            if tagged is not None:
                self._builder.operand(Scoped(node, tagged, node.start, after.end()), closed=True)
                return
        if fields is not None:
            self._builder.operand(Scoped(node, fields[0], fields[1], node.end), closed=True)
        else:
            self._builder.operand(node, loose=True)
