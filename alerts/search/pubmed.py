"""PubMed: `("Smoking"[Mesh] OR smok*[tiab]) AND 2015:2024[dp]`.

Words before a tag are a phrase; words without a tag are all required. Source: NLM's PubMed user guide (tags,
truncation, proximity, order of operators: left to right).
"""

from __future__ import annotations

import re
from datetime import date

from alerts.search.builder import Builder, Op
from alerts.search.dates import read_range
from alerts.search.limits import note_past
from alerts.search.marks import ADJ, BLOCK, NEAR, ONLY_NUMBERS, REFERENCE
from alerts.search.patterns import is_wild
from alerts.search.problems import Findings
from alerts.search.pubmed_wildcards import check_wildcards
from alerts.search.subheadings import code_of
from alerts.search.tags import PUBMED_HEADINGS, is_ovid_tag, nearest, ovid_fields, pubmed_fields
from alerts.search.terms import term_of
from alerts.search.tree import BlockRef, Dates, FieldSet, Heading, LineRef, Node, Scoped, Term

WILDCARDS = {"*": "*", "$": "*"}

_TAG = re.compile(r"\[([^\[\]]{0,200})\]")
_WINDOW = re.compile(r"(.+?)\s*:\s*~\s*(\d{1,4})")
_DATE = r"\"?(\d{4}(?:/\d{1,2}){0,2})\"?"
_DATES = re.compile(
    rf"{_DATE}\s{{0,9}}(?:\[(?P<tag1>[^\[\]]{{0,60}})\])?\s{{0,9}}:\s{{0,9}}\"?(?P<last>\d{{4}}(?:/\d{{1,2}}){{0,2}}|present|current)\"?\s*\[(?P<tag2>[^\[\]]*)\]",
    re.IGNORECASE,
)
_LAST_YEARS = re.compile(r"last\s+\d+\s+(?:year|month|week|day)s?", re.IGNORECASE)
_OVID_SUFFIX = re.compile(r"(?<=[\w*$\"?])\.([a-z]{2}(?:,[a-z]{2})*)\.?$", re.IGNORECASE)
_SEARCH = re.compile(r"Search:?(?=\s+\S)")
_FILTERS = re.compile(r"\s(?:Filters?|Sort by)(?: applied)?:.*$", re.IGNORECASE | re.DOTALL)


class PubMedReader:
    """Reads one line."""

    __slots__ = ("_at", "_builder", "_end", "_findings", "_numbers_are_lines", "_run", "_said_case", "_text")

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._builder = Builder("pubmed", findings)
        self._at = 0
        self._end = 0
        self._run: list[tuple[int, int, bool]] = []
        self._numbers_are_lines = False
        self._said_case = False

    def read(self, start: int, end: int) -> Node | None:
        """Return the expression of code points [start, end) of the text."""
        filters = _FILTERS.search(self._text, start, end)
        if filters:
            self._findings.add(
                "S061",
                f"“{filters.group().strip()}” is passed over: it counts as met.",
                "Use limits: in the profile where that fits.",
                start=filters.start() + 1,
                end=filters.end(),
            )
            end = filters.start()
        self._at, self._end = start, end
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
        elif not self._reference():
            self._word()

    def _quote(self, closing: str) -> None:
        """Read a quoted phrase."""
        if closing == "}":
            self._findings.add("S077", "Braces are read as quotation marks.", start=self._at, end=self._at + 1)
        close = self._text.find(closing, self._at + 1, self._end)
        if close < 0:
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

    def _bracket(self) -> None:
        """Read a field tag, or a remark in square brackets."""
        found = _TAG.match(self._text, self._at, self._end)
        if found is None:
            self._findings.add(
                "S001", "This bracket is never closed.", "Close it, or remove it.", start=self._at, end=self._at + 1
            )
            self._at += 1
            return
        name = " ".join(found.group(1).casefold().split())
        start, end = found.span()
        window = _WINDOW.fullmatch(name)
        bare = window.group(1) if window else name
        self._at = end
        if not self._run and (self._builder.last is None or self._builder.last.closed):
            known = bare in PUBMED_HEADINGS or pubmed_fields(bare) is not None
            if not known and (self._builder.last is not None or " " in name):
                self._findings.add("S067", "A remark in brackets is passed over.", start=start, end=end)
                return
        if bare in PUBMED_HEADINGS:
            self._heading(*PUBMED_HEADINGS[bare], start, end)
            return
        fields = pubmed_fields(bare)
        if fields is None:
            near = nearest(bare, "pubmed")
            self._findings.add(
                "S005",
                f"There is no field tag “[{found.group(1)}]”.",
                f"The nearest is {near}" if near else "Use [tiab] for title and abstract.",
                start=start,
                end=end,
            )
            fields = FieldSet(written=found.group())
        self._tag(fields, int(window.group(2)) if window else None, start, end)

    def _tag(self, fields: FieldSet, window: int | None, start: int, end: int) -> None:
        """Apply a field tag to the words before it, or to a bracket."""
        if not self._run:
            self._builder.scope(fields, start, end)
            return
        run, self._run = self._run, []
        if fields.is_date and self._single_date(run, end):
            return
        if fields.unanswerable == ("text",):
            self._has_abstract(run, end)
            return
        node = self._term(run)
        if node is None:
            return
        if window is not None:
            node = self._window(node, window, end)
        self._builder.operand(Scoped(node, fields, node.start, end), closed=True)

    def _has_abstract(self, run: list[tuple[int, int, bool]], end: int) -> None:
        """Read `hasabstract[text]`: like a limit, it counts as met."""
        start, written = run[0][0] - run[0][2], self._text[run[0][0] : run[-1][1]]
        self._findings.add("S061", f"“{written}[text]” counts as met.", start=start, end=end)
        self._builder.operand(Dates(None, None, written, start, end), closed=True)

    def _window(self, node: Term, window: int, end: int) -> Term:
        """Make a PubMed proximity, unless a truncation inside makes it a phrase."""
        if any(is_wild(word) for word in node.words):
            self._findings.add(
                "S039",
                "PubMed ignores truncation in a proximity: taken as the phrase.",
                "Write the words out, or leave the proximity out.",
                start=node.start,
                end=end,
            )
            return node
        return Term(node.words, node.written, node.start, node.end, node.quoted, window)

    def _single_date(self, run: list[tuple[int, int, bool]], end: int) -> bool:
        """Read `2020[dp]` and `"last 5 years"[dp]`."""
        start = run[0][0] - run[0][2]
        written = self._text[run[0][0] : run[-1][1]].strip()
        if _LAST_YEARS.fullmatch(written):
            self._findings.add("S061", f"“{written}” counts as met: alerts look forward.", start=start, end=end)
            self._builder.operand(Dates(None, None, written, start, end), closed=True)
            return True
        span = read_range(written)
        if span is None:
            self._findings.add("S018", f"“{written}” is not a date.", "Write 2015:2024[dp].", start=start, end=end)
            return True
        self._add_dates(span[0], span[1], written, start, end)
        return True

    def _add_dates(self, first: date | None, last: date | None, written: str, start: int, end: int) -> None:
        """Add a date range."""
        if last is not None:
            note_past(last.isoformat(), written, start, end, self._findings)
        self._findings.add("S061", f"The dates {written} count as met where a record has none.", start=start, end=end)
        self._builder.operand(Dates(first, last, written, start, end), closed=True)

    def _dates(self) -> bool:
        """Read `1940/01/01:2015/02/28[crdt]`, each side tagged or not."""
        found = _DATES.match(self._text, self._at, self._end)
        if found is None or self._run:
            return False
        fields = pubmed_fields(" ".join(found.group("tag2").casefold().split()))
        if fields is None or not fields.is_date:
            return False
        span = read_range(f"{found.group(1)}:{found.group('last')}")
        if span is None:
            self._findings.add(
                "S018",
                f"“{found.group()}” is not a date range.",
                "Write 2015:2024[dp].",
                start=found.start(),
                end=found.end(),
            )
            span = (None, None)
        self._flush()
        self._add_dates(*span, found.group(), found.start(), found.end())
        self._at = found.end()
        return True

    def _heading(self, explode: bool, focus: bool, tag_start: int, end: int) -> None:
        """Make a heading of the words before its tag."""
        if not self._run:
            self._findings.add(
                "S003", "This heading tag stands after nothing.", "Put the heading before it.", start=tag_start, end=end
            )
            return
        run, self._run = self._run, []
        start = run[0][0] - run[0][2]
        written = " ".join(self._text[start : run[-1][1]].replace('"', " ").split())
        name, _, below = written.partition("/")
        subheadings = tuple(code_of(part) or part.strip() for part in below.split("/") if part.strip())
        name = re.sub(r"^exp\s+", "", name.strip(), flags=re.IGNORECASE)
        if not name.strip(' *"'):
            self._findings.add("S003", "There is no heading before this tag.", "Write one.", start=start, end=end)
            return
        term = self._term(run) if name.endswith(("*", "$")) and not below else None
        if term is not None and any(is_wild(word) for word in term.words):
            self._builder.operand(Scoped(term, FieldSet(heading=True), start, end), closed=True)
            return
        self._builder.operand(Heading(name.strip("*$ "), explode, start, end, focus, subheadings), closed=True)

    def _reference(self) -> bool:
        """Read `#4` and `#uk-filter`."""
        for pattern in (REFERENCE, BLOCK):
            found = pattern.match(self._text, self._at, self._end)
            if found:
                self._flush()
                node: Node = (
                    LineRef(int(found.group(1)), *found.span())
                    if pattern is REFERENCE
                    else BlockRef(found.group(1), *found.span())
                )
                self._builder.operand(node, closed=True)
                self._at = found.end()
                return True
        return False

    def _word(self) -> None:
        """Read one word: an operator, or more of the phrase."""
        start = at = self._at
        while at < self._end and not self._text[at].isspace() and self._text[at] not in '()[]"{':
            at += 1
        at = max(at, start + 1)
        word = self._text[start:at]
        self._at = at
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
        elif (
            word == "Search"
            and _SEARCH.match(self._text, start, self._end)
            and not self._run
            and self._builder.expects_operand
        ):
            self._findings.add("S065", "“Search” at the beginning is passed over.", start=start, end=at)
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
        if len(run) > 1 and not run[0][2] and self._text[run[0][0] : run[0][1]].casefold() == "exp":
            written = " ".join(self._text[run[1][0] : run[-1][1]].replace('"', " ").split()).rstrip("/")
            start, end = run[0][0], run[-1][1]
            self._findings.add(
                "S046",
                f"“exp {written}” is Ovid's way of writing a heading.",
                f'Write "{written}"[Mesh].',
                start=start,
                end=end,
            )
            self._builder.operand(Heading(written, True, start, end), closed=True)
            return
        if self._ovid_way(run):
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
            written = self._text[piece[0] : piece[1]]
            if self._numbers_are_lines and written.isdigit():
                self._builder.operand(LineRef(int(written), piece[0], piece[1]), closed=True)
                continue
            node = self._term([piece])
            if node is not None:
                self._builder.operand(node, loose=True)

    def _ovid_way(self, run: list[tuple[int, int, bool]]) -> bool:
        """Read `smoking.ti,ab.` and `Smoking/` in a PubMed strategy, with a warning."""
        start, last = run[0][0] - run[0][2], run[-1]
        written = self._text[start : last[1]]
        if not last[2] and written.endswith("/") and len(written) > 1:
            self._findings.add(
                "S046",
                f"“{written}” is Ovid's way of writing a heading.",
                f'Write "{written[:-1]}"[mh:noexp].',
                start=start,
                end=last[1],
            )
            self._builder.operand(Heading(written[:-1].strip('" '), False, start, last[1]), closed=True)
            return True
        suffix = None if last[2] else _OVID_SUFFIX.search(written)
        if suffix is None or not all(is_ovid_tag(tag) for tag in suffix.group(1).split(",")):
            return False
        fields, _ = ovid_fields(suffix.group(1).split(","), suffix.group())
        cut = start + suffix.start()
        self._findings.add(
            "S046",
            f"“{suffix.group()}” is Ovid's field tag; it is read as such.",
            "Write [tiab] or [ti].",
            start=cut,
            end=last[1],
        )
        trimmed = [(first, min(end, cut), quoted) for first, end, quoted in run if first < cut]
        node = self._term(trimmed)
        if node is not None:
            self._builder.operand(Scoped(node, fields, start, last[1]), closed=True)
        return True

    def _term(self, run: list[tuple[int, int, bool]]) -> Term | None:
        """Make a phrase, and say what PubMed would do differently with its wildcards."""
        node = term_of(self._text, run, WILDCARDS, self._findings)
        if node is None:
            return None
        check_wildcards(node, self._findings)
        return node
