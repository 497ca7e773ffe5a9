"""Plain: `ti:(vaping OR "e-cigarettes") AND (school* NEAR/3 policy) NOT mesh+:"Animals"`.

For those who know neither Ovid nor PubMed: words side by side are all required, a phrase needs quotation marks, a field
stands before what it applies to, and brackets are required when AND and OR mix.
"""

from __future__ import annotations

import re

from alerts.search.dialects.builder import Builder, Op
from alerts.search.dialects.cochrane import read_cochrane, without_limits
from alerts.search.dialects.dates import read_range
from alerts.search.dialects.limits import note_past
from alerts.search.dialects.marks import ADJ, NEAR, ONLY_NUMBERS, line_meant, quoted_at, reference_at
from alerts.search.dialects.other_ways import heading_in_ovid, tag_after
from alerts.search.dialects.plain_foreign import minus_at, square_tag, strange_wildcards
from alerts.search.dialects.tags import nearest, plain_fields
from alerts.search.dialects.terms import term_of
from alerts.search.problems import Findings
from alerts.search.tree import Dates, FieldSet, Heading, LineRef, Node, Scoped

WILDCARDS = {"*": "*", "?": "?", "$": "*", "#": "#"}
"""`*` and `?` are plain's own; the others are read as Ovid means them, with a warning."""

_FIELD = re.compile(r"([A-Za-z]{2,12}\+?(?:,[A-Za-z]{2,12}){0,20}):(?P<space>[ \t]{0,3})(?=[\"\w(*{'<>=]|$|[\r\n)])")
_COCHRANE = re.compile(r":((?:ti|ab|kw|pt|au|so)(?:,(?:ti|ab|kw|pt|au|so))*)(?=$|[\s)])", re.IGNORECASE)
_DATE_VALUE = re.compile(
    r"\"?\d{4}[-/\d]*(?:\s?[:-]\s?(?:\d{4}[-/\d]*|current|present)?)?\"?(?=$|[\s)])", re.IGNORECASE
)
_AFTER_NUMBER = re.compile(r"\s{0,99}(?:$|\)|(?:and|or|not)\b)", re.IGNORECASE)
_EXPLODED = re.compile(r"exp\s{1,9}[^()\[\]\"/\n]{1,200}/(?=$|[\s)])", re.IGNORECASE)
_NEAR_BARE = re.compile(r"(near|next)$", re.IGNORECASE)


class PlainReader:
    """Reads one line."""

    __slots__ = (
        "_at",
        "_builder",
        "_end",
        "_fields",
        "_findings",
        "_no_brace",
        "_no_square",
        "_number",
        "_numbers_are_lines",
        "_text",
    )

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._builder = Builder("plain", findings)
        self._at = 0
        self._end = 0
        self._fields: tuple[FieldSet, int] | None = None
        self._number = 1
        self._numbers_are_lines = False
        self._no_square = False
        self._no_brace = False

    def read(self, start: int, end: int, number: int = 1) -> Node | None:
        """Return the expression of code points [start, end) of the text, the line of this number."""
        end = without_limits(self._text, start, end, self._findings)
        self._at, self._end, self._number = start, end, number
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
        elif char in "[{Mm" and self._cochrane():
            pass
        elif char in '"{':
            self._quote("}" if char == "{" else '"')
        elif char == "[":
            self._square()
        elif char == "]":
            self._findings.add("S001", "This bracket closes nothing.", "Remove it.", start=self._at, end=self._at + 1)
            self._at += 1
        elif not (self._field() or self._reference() or self._single_quotes() or self._tag_after_bracket()):
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

    def _cochrane(self) -> bool:
        """Read the Cochrane Library's `MeSH descriptor: [Asthma] explode all trees` and `{or #1-#4}`."""
        found = read_cochrane(self._text, self._at, self._end, self._findings)
        if found is None:
            return False
        node, self._at = found
        self._pending_field()
        self._builder.operand(node, closed=True)
        return True

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
        start, self._at = self._at, close + 1
        square_tag(self._text, start, close + 1, self._builder, self._findings)

    def _tag_after_bracket(self) -> bool:
        """Read Cochrane's `:ti,ab,kw` after a bracket."""
        found = _COCHRANE.match(self._text, self._at, self._end) if self._builder.last is not None else None
        if found is None:
            return False
        fields = self._cochrane_fields(found)
        self._builder.scope(fields, *found.span())
        self._at = found.end()
        return True

    def _cochrane_fields(self, found: re.Match[str]) -> FieldSet:
        """Return the fields of Cochrane's tag, with a warning."""
        names = [{"so": "jn"}.get(name, name) for name in found.group(1).casefold().split(",")]
        self._findings.add(
            "S046",
            f"“{found.group()}” is Cochrane's field tag; it is read as such.",
            "Write ti: before the term or bracket.",
            start=found.start(),
            end=found.end(),
        )
        return plain_fields(names, found.group()) or FieldSet(written=found.group())

    def _field(self) -> bool:
        """Read `ti:` and its like."""
        found = _FIELD.match(self._text, self._at, self._end)
        if found is None or self._fields is not None:
            return False
        names = found.group(1).casefold().split(",")
        bare = found.group("space") or found.end() >= self._end or self._text[found.end()] in ")\r\n"
        if bare and names[0].rstrip("+") not in {"mesh", "mh"} and plain_fields(names, "") is None:
            return False
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
        if not any(char.isalnum() for char in name):
            self._findings.add(
                "S003",
                "There is no heading here.",
                'Write mesh:"Smoking", each heading by itself.',
                start=start,
                end=self._at,
            )
            return
        if name.rstrip().endswith(("*", "$")):
            self._findings.add(
                "S040",
                f"A truncated heading ({name}) is read as a heading's name.",
                "Write the heading out.",
                start=start,
                end=self._at,
            )
        self._builder.operand(Heading(name.strip(" *$"), explode, start, end), closed=True)

    def _reference(self) -> bool:
        """Read `#4` and `#uk-filter`."""
        node = reference_at(self._text, self._at, self._end)
        if node is None:
            return False
        self._pending_field()
        self._builder.operand(node, closed=True)
        self._at = node.end
        return True

    def _single_quotes(self) -> bool:
        """Read `'quit smoking'`."""
        close = quoted_at(self._text, self._at, self._end, self._findings)
        if close < 0:
            return False
        piece = (self._at + 1, close, True)
        self._at = close + 1
        self._add(piece)
        return True

    def _quote(self, closing: str) -> None:
        """Read a quoted phrase."""
        if closing == "}":
            self._findings.add("S077", "Braces are read as quotation marks.", start=self._at, end=self._at + 1)
        close = -1 if closing == "}" and self._no_brace else self._text.find(closing, self._at + 1, self._end)
        if close < 0:
            self._no_brace = self._no_brace or closing == "}"
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
            number = 0 if lower == "next" else 6
            self._findings.add(
                "S046",
                f"{word} needs a number; read as {word}/{number}, as in the Cochrane Library.",
                f"Write {word}/{number}.",
                start=start,
                end=at,
            )
            self._builder.operator(Op("near", start, at, number, lower == "next"))
        elif adj and self._builder.last:
            number = int(adj.group(1) or 0)
            self._findings.add(
                "S046", f"{word} is Ovid's.", "Write NEAR/2, or choose dialect: ovid.", start=start, end=at
            )
            self._builder.operator(Op("near", start, at, max(number - 1, 0), not number))
        elif (line := self._line(word, start, at)) is not None:
            self._builder.operand(line, closed=True)
        elif not self._ovid_way(start, at):
            minus_at(self._text, start, at, self._findings)
            self._add((start, at, False))

    def _ovid_way(self, start: int, end: int) -> bool:
        """Read `exp Smoking/`, `Smoking/` and `smoking.ti,ab.`, with a warning."""
        exploded = _EXPLODED.match(self._text, start, self._end)
        run = [(start, start + 3, False), (start + 3, exploded.end(), False)] if exploded else [(start, end, False)]
        heading = heading_in_ovid(self._text, run, self._findings) if exploded or self._text[end - 1] == "/" else None
        if heading is not None:
            self._builder.operand(heading, closed=True)
            self._at = heading.end
            return True
        fields, trimmed = tag_after(self._text, run, self._findings)
        if fields is None:
            return False
        node = term_of(self._text, trimmed, WILDCARDS, self._findings) if trimmed else None
        if node is not None:
            self._builder.operand(Scoped(node, fields, node.start, end), closed=True)
        elif not trimmed:
            self._builder.scope(fields, start, end)
        return True

    def _line(self, word: str, start: int, end: int) -> LineRef | None:
        """Read a number that stands alone between operators as the line it means."""
        if not word.isdecimal() or self._fields is not None or not self._builder.expects_operand:
            return None
        after = _AFTER_NUMBER.match(self._text, end, self._end)
        number = line_meant(word, start, self._number, self._findings, said=self._numbers_are_lines) if after else 0
        return LineRef(number, start, end) if number else None

    def _add(self, piece: tuple[int, int, bool]) -> None:
        """Add a term, with the field before it or (Cochrane's way) after it."""
        fields, self._fields = self._fields, None
        node = term_of(self._text, [piece], WILDCARDS, self._findings)
        if node is None:
            return
        strange_wildcards(node, self._findings)
        after = _COCHRANE.match(self._text, self._at, self._end)
        if after:
            tagged = self._cochrane_fields(after)
            self._at = after.end()
            self._builder.operand(Scoped(node, tagged, node.start, after.end()), closed=True)
            return
        if fields is not None:
            self._builder.operand(Scoped(node, fields[0], fields[1], node.end), closed=True)
        else:
            self._builder.operand(node, loose=True)
