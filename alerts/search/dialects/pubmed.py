"""PubMed: `("Smoking"[Mesh] OR smok*[tiab]) AND 2015:2024[dp]`.

Words before a tag are a phrase; words without a tag are all required; a phrase in quotation marks stands by itself.
Source: NLM's PubMed user guide (tags, truncation, proximity, order of operators: left to right).
"""

from __future__ import annotations

import re

from alerts.search.dialects.builder import Builder, Op
from alerts.search.dialects.marks import ADJ, NEAR, ONLY_NUMBERS, line_meant, quoted_at, reference_at
from alerts.search.dialects.other_ways import field_before, heading_in_ovid, tag_after
from alerts.search.dialects.pubmed_dates import date_range_at, single_date
from alerts.search.dialects.pubmed_headings import as_headings, heading_of
from alerts.search.dialects.pubmed_history import without_filters
from alerts.search.dialects.pubmed_wildcards import check_wildcards, windowed
from alerts.search.dialects.tags import (
    PUBMED_HEADINGS,
    is_pubmed_tag,
    nearest,
    pubmed_field_list,
    pubmed_fields,
    pubmed_tag,
)
from alerts.search.dialects.terms import Run, term_of
from alerts.search.problems import Findings
from alerts.search.tree import Dates, FieldSet, LineRef, Node, Scoped, Term

WILDCARDS = {"*": "*", "$": "*", "?": "?", "#": "#"}
"""`*` is PubMed's own; the others are read as those that write them mean them, with a warning."""

_TAG = re.compile(r"\[([^\[\]]{0,200})\]")
_SEARCH = re.compile(r"(?:(?i:search[ \t](?:details|query|strategy):|search:|query:|pubmed:)|Search)(?=\s+\S)")
"""What PubMed writes before a search."""


class PubMedReader:
    """Reads one line."""

    __slots__ = (
        "_at",
        "_builder",
        "_end",
        "_findings",
        "_no_brace",
        "_number",
        "_numbers_are_lines",
        "_run",
        "_said_case",
        "_text",
    )

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._builder = Builder("pubmed", findings)
        self._at = 0
        self._end = 0
        self._run: Run = []
        self._number = 1
        self._numbers_are_lines = False
        self._said_case = False
        self._no_brace = False

    def read(self, start: int, end: int, number: int = 1) -> Node | None:
        """Return the expression of code points [start, end) of the text, the line of this number."""
        end = without_filters(self._text, start, end, self._findings)
        self._at, self._end, self._number = start, end, number
        self._numbers_are_lines = ONLY_NUMBERS.match(self._text[start:end]) is not None
        if self._numbers_are_lines:
            self._findings.add("S044", "The numbers are read as lines.", "Write #1, #2 …", start=start, end=end)
        while self._at < end:
            self._step()
        self._flush()
        return self._builder.finish(end)

    def _step(self) -> None:
        """Read what begins at the current place."""
        char = self._text[self._at]
        if char.isspace():
            self._at += 1
        elif char == "(":
            self._flush()
            self._builder.open(self._at)
            self._at += 1
        elif char == ")":
            self._flush()
            self._at += 1
            self._builder.close(self._at)
        elif char == "[":
            self._bracket()
        elif char == "]":
            self._findings.add("S001", "This bracket closes nothing.", "Remove it.", start=self._at, end=self._at + 1)
            self._at += 1
        elif (char.isdigit() or char == '"') and self._dates():
            pass
        elif char in '"{':
            self._quote("}" if char == "{" else '"')
        elif not (self._reference() or self._single_quotes() or self._plain_way()):
            self._word()

    def _quote(self, closing: str) -> None:
        """Read a quoted phrase."""
        if closing == "}":
            self._findings.add("S077", "Braces are read as quotation marks.", start=self._at, end=self._at + 1)
        close = -1 if closing == "}" and self._no_brace else self._text.find(closing, self._at + 1, self._end)
        if close < 0:
            self._no_brace = self._no_brace or closing == "}"
            self._findings.add(
                "S002",
                "This quotation mark is never closed.",
                "Close it, or remove it.",
                start=self._at,
                end=self._at + 1,
            )
            self._at += 1
            return
        self._run.append((self._at + 1, close, True))
        self._at = close + 1

    def _single_quotes(self) -> bool:
        """Read `'quit smoking'`, which PubMed would take as two words."""
        close = quoted_at(self._text, self._at, self._end, self._findings)
        if close < 0:
            return False
        self._run.append((self._at + 1, close, True))
        self._at = close + 1
        return True

    def _bracket(self) -> None:
        """Read a field tag, or a remark in square brackets."""
        found = _TAG.match(self._text, self._at, self._end)
        if found is None:
            self._findings.add(
                "S001", "This bracket is never closed.", "Close it, or remove it.", start=self._at, end=self._at + 1
            )
            self._at += 1
            return
        start, self._at = found.span()
        name, window = pubmed_tag(found.group(1))
        before = self._builder.last
        if (
            not self._run
            and (before is None or before.closed)
            and not is_pubmed_tag(name)
            and (before is not None or " " in name)
        ):
            self._findings.add("S067", "A remark in brackets is passed over.", start=start, end=self._at)
            return
        if name in PUBMED_HEADINGS:
            self._heading(name, window, start)
            return
        fields = pubmed_fields(name)
        if fields is None:
            fields = self._unknown_tag(name, found.group(1), start)
        self._tag(fields, window, start)

    def _unknown_tag(self, name: str, written: str, start: int) -> FieldSet:
        """Read `[ti,ab]` as both; report any other tag that PubMed does not have."""
        fields = pubmed_field_list(name)
        if fields is not None:
            self._findings.add(
                "S046",
                f"PubMed has no tag “[{written}]”; it is read as any of these fields.",
                "Write [tiab] for title and abstract, else one tag a term.",
                start=start,
                end=self._at,
            )
            return fields
        near = nearest(name, "pubmed")
        self._findings.add(
            "S005",
            f"There is no field tag “[{written}]”.",
            f"The nearest is {near}" if near else "Use [tiab] for title and abstract.",
            start=start,
            end=self._at,
        )
        return FieldSet(written=f"[{written}]")

    def _bound(self) -> Run:
        """Return the words that a tag binds to: a quoted phrase, or the words since the last one. What stands before
        them is flushed.
        """
        run = self._run
        cut = len(run) - 1
        while cut > 0 and not run[cut][2] and not run[cut - 1][2]:
            cut -= 1
        if cut and not run[cut - 1][2] and self._text[slice(*run[cut - 1][:2])].casefold() == "exp":
            cut -= 1
        self._run = run[:cut]
        self._flush()
        return run[cut:]

    def _tag(self, fields: FieldSet, window: int | None, start: int) -> None:
        """Apply a field tag, which begins at `start` and ends here, to the words before it, or to a bracket."""
        end = self._at
        if not self._run:
            self._builder.scope(fields, start, end)
            return
        run = self._bound()
        if fields.is_date:
            first, last = run[0][0], run[-1][1]
            dates = single_date(self._text[first:last].strip(), first - run[0][2], end, self._findings)
            if dates is not None:
                self._builder.operand(dates, closed=True)
                return
        elif fields.unanswerable == ("text",):
            self._counts_as_met(run, end)
            return
        node = self._term(run)
        if node is None:
            return
        if window is not None:
            node = windowed(node, window, fields, end, self._findings)
        self._builder.operand(Scoped(node, fields, node.start, end), closed=True)

    def _counts_as_met(self, run: Run, end: int) -> None:
        """Read `hasabstract[text]`: like a limit, it counts as met."""
        start = run[0][0] - run[0][2]
        self._findings.add("S061", f"“{self._text[start:end]}” counts as met.", start=start, end=end)
        self._builder.operand(Dates(None, None, self._text[start:end], start, end), closed=True)

    def _dates(self) -> bool:
        """Read `1940/01/01:2015/02/28[crdt]`, each side tagged or not."""
        dates = None if self._run else date_range_at(self._text, self._at, self._end, self._findings)
        if dates is None:
            return False
        self._builder.operand(dates, closed=True)
        self._at = dates.end
        return True

    def _heading(self, name: str, window: int | None, start: int) -> None:
        """Make a heading of the words before its tag, or headings of the words in the bracket before it."""
        end = self._at
        if window is not None:
            self._findings.add(
                "S050", "A heading has no proximity: it is passed over.", f"Write [{name}].", start=start, end=end
            )
        if self._run:
            node = heading_of(self._text, self._bound(), name, end, self._findings, self._term)
            if node is not None:
                self._builder.operand(node, closed=True)
        elif not as_headings(self._builder, name):
            self._findings.add(
                "S003", "This heading tag stands after nothing.", "Put the heading before it.", start=start, end=end
            )

    def _reference(self) -> bool:
        """Read `#4` and `#uk-filter`."""
        node = reference_at(self._text, self._at, self._end)
        if node is None:
            return False
        self._flush()
        self._builder.operand(node, closed=True)
        self._at = node.end
        return True

    def _plain_way(self) -> bool:
        """Read `ti:smoking`, with a warning."""
        found = field_before(self._text, self._at, self._end, self._findings)
        if found is None:
            return False
        fields, value_at = found
        self._flush()
        start, self._at = self._at, value_at
        if self._text[value_at] == "(":
            self._builder.open(value_at, fields)
            self._at += 1
            return True
        if self._text[value_at] == '"':
            self._quote('"')
        else:
            self._run.append((value_at, self._word_end(value_at), False))
            self._at = self._run[-1][1]
        run, self._run = self._run, []
        node = self._term(run) if run else None
        if node is not None:
            self._builder.operand(Scoped(node, fields, start, node.end), closed=True)
        return True

    def _word_end(self, start: int) -> int:
        """Return where the word that begins at `start` ends."""
        at = start + 1
        while at < self._end and not self._text[at].isspace() and self._text[at] not in '()[]"{':
            at += 1
        return at

    def _word(self) -> None:
        """Read one word: an operator, or more of the phrase."""
        start = self._at
        if self._builder.expects_operand and not self._run and (found := _SEARCH.match(self._text, start, self._end)):
            self._at = found.end()
            self._findings.add(
                "S065", f"“{found.group()}” at the beginning is passed over.", start=start, end=found.end()
            )
            return
        self._at = at = self._word_end(start)
        word = self._text[start:at]
        lower = word.casefold()
        if lower in {"and", "or", "not"}:
            if not word.isupper() and not self._said_case:
                self._said_case = True
                self._findings.add(
                    "S031",
                    f"“{word}” is read as the operator {word.upper()}.",
                    f"Write {word.upper()}.",
                    start=start,
                    end=at,
                )
            self._flush()
            self._builder.operator(Op(lower, start, at))  # type: ignore[arg-type]  # one of the three
        elif self._foreign_operator(word, start, at):
            pass
        else:
            self._run.append((start, at, False))

    def _foreign_operator(self, word: str, start: int, end: int) -> bool:
        """Read another database's proximity, with a warning."""
        adj, near = ADJ.match(word), NEAR.match(word)
        if not (adj or near) or not (self._run or self._builder.last):
            return False
        self._flush()
        if near:
            op = Op("near", start, end, int(near.group(2)), near.group(1).casefold() == "next")
        else:
            number = int(adj.group(1) or 0) if adj else 0
            op = Op("near", start, end, max(number - 1, 0), not number)
        self._findings.add(
            "S046",
            f"{word} is not PubMed's.",
            'Write "two words"[tiab:~3], or choose dialect: ovid.',
            start=start,
            end=end,
        )
        self._builder.operator(op)
        return True

    def _flush(self) -> None:
        """Make operands of the words that no tag followed: each word, and each quoted phrase, by itself."""
        run, self._run = self._run, []
        if not run:
            return
        heading = heading_in_ovid(self._text, run, self._findings)
        if heading is not None:
            self._builder.operand(heading, closed=True)
            return
        fields, trimmed = tag_after(self._text, run, self._findings)
        if fields is not None:
            self._tagged_elsewhere(trimmed, fields, run)
            return
        if len(run) > 1:
            self._findings.add(
                "S071",
                "Words side by side without a tag are all required, anywhere in the record.",
                'For a phrase use "quotation marks" or a tag. PubMed itself would look for headings too.',
                start=run[0][0] - run[0][2],
                end=run[-1][1] + run[-1][2],
            )
        for piece in run:
            self._loose(piece, alone=len(run) == 1)

    def _tagged_elsewhere(self, trimmed: Run, fields: FieldSet, run: Run) -> None:
        """Apply a tag that was written in another dialect's way to the words or the bracket before it."""
        end = run[-1][1]
        if not trimmed:
            self._builder.scope(fields, run[-1][0], end)
            return
        node = self._term(trimmed)
        if node is not None:
            self._builder.operand(Scoped(node, fields, node.start, end), closed=True)

    def _loose(self, piece: tuple[int, int, bool], *, alone: bool) -> None:
        """Make an operand of one word or quoted phrase without a tag."""
        written = self._text[piece[0] : piece[1]]
        if written.casefold() == "hasabstract" and not piece[2]:
            self._counts_as_met([piece], piece[1])
            return
        if alone and not piece[2]:
            number = line_meant(written, piece[0], self._number, self._findings, said=self._numbers_are_lines)
            if number:
                self._builder.operand(LineRef(number, piece[0], piece[1]), closed=True)
                return
        node = self._term([piece])
        if node is not None:
            self._builder.operand(node, loose=True)

    def _term(self, run: Run) -> Term | None:
        """Make a phrase, and say what PubMed would do differently with its wildcards."""
        node = term_of(self._text, run, WILDCARDS, self._findings)
        if node is not None:
            check_wildcards(node, self._findings)
        return node
