"""Ovid: `((smok* or tobacco) adj3 quit*).ti,ab.`, `exp Smoking/`, `or/1-5`, `limit 6 to yr="2015 -Current"`.

Words side by side are a phrase; a field tag binds to the operand before it, to several only after a bracket. Source:
Ovid's help pages on operators, truncation, fields and limits, and the strategies that libraries publish.
"""

from __future__ import annotations

import re

from alerts.search.dialects.builder import Builder, Op
from alerts.search.dialects.line_lists import read_list
from alerts.search.dialects.lines_in_fields import EarlierLines
from alerts.search.dialects.marks import ADJ, BLOCK, REFERENCE
from alerts.search.dialects.ovid_commands import limit_inside, read_command
from alerts.search.dialects.ovid_headings import goes_on, reach_back, slash_at, tagged_brackets
from alerts.search.dialects.ovid_tags import read_suffix, skip_frequency, suffix_at
from alerts.search.dialects.tags import nearest, ovid_fields
from alerts.search.dialects.terms import term_of
from alerts.search.headings.vocabulary import Vocabulary
from alerts.search.problems import Findings
from alerts.search.tree import BlockRef, Group, Heading, LineRef, Node

WILDCARDS = {"*": "*", "$": "*", ":": "*", "#": "#", "?": "?"}

_REMARK = re.compile(r"\s*\((?P<text>[a-z][a-z ,&-]*)\)(?=\s*$|\s+(?:or|and|not)\b|\s*\))", re.IGNORECASE)
_LIST = re.compile(
    r"(and|or)\s?/\s?(#?\d{1,4}(?:\s?-\s?#?\d{1,4})?(?:\s?,\s?#?\d{1,4}(?:\s?-\s?#?\d{1,4})?){0,500})(?=$|[\s)\]])",
    re.IGNORECASE,
)
_LIST_FIRST = re.compile(r"(\d{1,4}\s?-\s?\d{1,4})\s?/\s?(and|or)(?=$|[\s)\]])", re.IGNORECASE)
_NEAR = re.compile(r"(near|next)/?(\d{1,3})$", re.IGNORECASE)
_APART = re.compile(r"\s{1,3}\d{1,2}(?=\s+(?!(?:or|and|not|adj\d*)\b)[\w(\"])", re.IGNORECASE)
_BARE_SLASH = re.compile(r"/(?=$|[\s)\]])")
_NO_WORD = re.compile(r"(?:[^\w*$?#:]|_)+")


class OvidReader:
    """Reads one line."""

    __slots__ = (
        "_at",
        "_builder",
        "_earlier",
        "_end",
        "_exp",
        "_findings",
        "_name_ops",
        "_run",
        "_square_pairs",
        "_squares",
        "_tagged",
        "_text",
        "_vocabulary",
    )

    def __init__(
        self, text: str, findings: Findings, vocabulary: Vocabulary | None, earlier: EarlierLines | None = None
    ) -> None:
        self._text = text
        self._earlier = earlier or EarlierLines()
        self._findings = findings
        self._vocabulary = vocabulary
        self._builder = Builder("ovid", findings)
        self._at = 0
        self._end = 0
        self._run: list[tuple[int, int, bool]] = []
        self._exp = -1
        self._squares: list[bool] = []
        self._tagged: list[tuple[int, int]] | None = None
        self._square_pairs: dict[int, int] | None = None

    def read(self, start: int, end: int) -> Node | None:
        """Return the expression of code points [start, end) of the text."""
        command = read_command(self._text, start, end, self._findings, self._apart)
        if command is not None:
            return command
        self._at, self._end = start, end
        while self._at < end and not self._builder.too_deep:
            self._step()
        self._flush()
        return self._builder.finish(end)

    def _apart(self, start: int, end: int) -> Node | None:
        """Return the expression of a part of the line, read for itself."""
        return OvidReader(self._text, self._findings, self._vocabulary, self._earlier).read(start, end)

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
        elif char == '"':
            self._quote('"')
        elif char == "{":
            self._findings.add("S077", "Braces are read as quotation marks.", start=self._at, end=self._at + 1)
            self._quote("}")
        elif char in "[]":
            self._square(char)
        elif (char == "." and self._suffix()) or (char == "/" and (self._slash() or self._bare_slash())):
            pass
        elif not self._reference():
            self._word()

    def _quote(self, closing: str) -> None:
        """Read a quoted phrase."""
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

    def _square(self, char: str) -> None:
        """Read a square bracket: a remark, or a round bracket in disguise."""
        if char == "]":
            self._at += 1
            if self._squares and self._squares.pop():
                self._flush()
                self._builder.close(self._at)
            else:
                self._findings.add(
                    "S001", "This bracket closes nothing.", "Remove it.", start=self._at - 1, end=self._at
                )
            return
        close = self._matching_square()
        if close < 0:
            self._findings.add(
                "S001", "This bracket is never closed.", "Close it, or remove it.", start=self._at, end=self._at + 1
            )
            self._at += 1
            return
        inside = self._text[self._at + 1 : close]
        searches = re.search(r"\.[a-z]{2}[.,]|\.[a-z]{2}$|[a-z]/|[*$]|\badj\d*\b", inside, re.IGNORECASE)
        expected = not self._run and self._builder.expects_operand
        if expected and searches and not re.match(r"\s*\w\w\s*=", inside):
            self._findings.add("S077", "Square brackets are read as round ones.", start=self._at, end=self._at + 1)
            self._squares.append(True)
            self._builder.open(self._at)
            self._at += 1
            return
        self._findings.add("S067", "A remark in brackets is passed over.", start=self._at, end=close + 1)
        self._at = close + 1

    def _matching_square(self) -> int:
        """Return where the square bracket at the current place is closed, or -1."""
        if self._square_pairs is None:
            self._square_pairs = {}
            open_squares: list[int] = []
            for at in range(self._at, self._end):
                if self._text[at] == "[":
                    open_squares.append(at)
                elif self._text[at] == "]" and open_squares:
                    self._square_pairs[open_squares.pop()] = at
        return self._square_pairs.get(self._at, -1)

    def _suffix(self) -> bool:
        """Read a field suffix, if that is what stands here."""
        found = read_suffix(self._text, self._at, self._end, self._findings)
        if found is None:
            return False
        tags, end = found
        fields, unknown = ovid_fields(tags, self._text[self._at : end])
        for tag in unknown:
            near = nearest(tag, "ovid")
            self._findings.add(
                "S005",
                f"There is no field tag “{tag}”.",
                f"The nearest is {near}" if near else "Use .ti,ab,kf. for title, abstract and keywords.",
                start=self._at,
                end=end,
            )
        quoted = any(each[2] for each in self._run)
        self._flush(tagged=True)
        last = self._builder.last
        if last is not None and isinstance(last.node, Heading):
            self._findings.add("S046", "A field tag after a heading is passed over.", start=self._at, end=end)
        else:
            lines = None
            if last is not None and not quoted:
                lines = self._earlier.in_fields(last.node, self._text[self._at : end], end, self._findings)
            self._builder.scope(fields, self._at, end, lines)
        self._at = skip_frequency(self._text, end, self._end, self._findings)
        return True

    def _slash(self) -> bool:
        """Read the slash that ends a heading, with its subheadings."""
        found = self._slash_at(self._begin(), self._at) if self._run else None
        if found is None:
            return False
        codes, end = found
        self._heading(codes, end)
        self._at = end
        remark = _REMARK.match(self._text, self._at, self._end) if codes else None
        if remark:
            self._findings.add("S067", "A remark in brackets is passed over.", start=remark.start(), end=remark.end())
            self._at = remark.end()
        return True

    def _slash_at(self, begin: int, at: int) -> tuple[tuple[str, ...], int] | None:
        """Return the subheadings after a slash that ends a heading, and where they end."""
        if self._tagged is None:
            self._tagged = tagged_brackets(self._text, self._at, self._end)
        return slash_at(self._text, begin, at, self._end, self._exp >= 0, self._tagged)

    def _bare_slash(self) -> bool:
        """Report a slash with no heading before it."""
        if self._run or not _BARE_SLASH.match(self._text, self._at, self._end):
            return False
        start, self._exp = self._exp if self._exp >= 0 else self._at, -1
        self._findings.add(
            "S003", "There is no heading before this slash.", "Write one.", start=start, end=self._at + 1
        )
        self._at += 1
        return True

    def _begin(self, otherwise: int = -1) -> int:
        """Return where the words read so far begin."""
        return self._run[0][0] - self._run[0][2] if self._run else otherwise

    def _heading(self, codes: tuple[str, ...], end: int) -> None:
        """Make a heading of the words read so far; `and` and `or` may be part of its name."""
        start = self._begin()
        exp = self._exp
        last_end = self._run[-1][1]
        quoted = any(each[2] for each in self._run)
        self._run, self._exp = [], -1
        if not quoted and exp < 0:
            start = reach_back(self._text, self._builder, self._vocabulary, self._findings, start, last_end)
        name = " ".join(self._text[start:last_end].replace('"', " ").split())
        focus = name.startswith("*")
        name = name.lstrip("* ")
        if focus and name[:4].casefold() == "exp ":
            name, exp = name[4:].lstrip("* "), start
        if not name:
            self._findings.add("S003", "There is no heading before this slash.", "Write one.", start=end - 1, end=end)
            return
        begin = exp if exp >= 0 else start
        self._builder.operand(Heading(name, exp >= 0, begin, end, focus, codes), closed=True)

    def _reference(self) -> bool:
        """Read `or/1-5`, `#4` and `#uk-filter`."""
        if self._run and not self._text[self._at - 1].isspace():
            return False
        text, at, end = self._text, self._at, self._end
        found = _LIST.match(text, at, end)
        if found and self._builder.expects_operand and not self._run:
            self._list(found.group(1), found.group(2), found.start(2), found)
            return True
        found = _LIST_FIRST.match(text, at, end)
        if found and not self._run:
            self._list(found.group(2), found.group(1), found.start(1), found)
            return True
        found = REFERENCE.match(text, at, end)
        if found:
            self._closed(LineRef(int(found.group(1)), at, found.end()), found.end())
            return True
        found = BLOCK.match(text, at, end)
        if found:
            self._closed(BlockRef(found.group(1), at, found.end()), found.end())
            return True
        return False

    def _closed(self, node: Node, end: int) -> None:
        """Add an operand that is complete in itself."""
        self._flush()
        self._builder.operand(node, closed=True)
        self._at = end

    def _list(self, operator: str, ranges: str, start: int, found: re.Match[str]) -> None:
        """Make a group of `or/1-5,7`; `start` is the place of its ranges."""
        listed = read_list(ranges, start, self._findings)
        self._flush()
        self._at = found.end()
        if len(listed) == 1:
            self._builder.operand(listed[0], closed=True)
        elif listed:
            op = "or" if operator.casefold() == "or" else "and"
            self._builder.operand(Group(op, listed, found.start(), found.end()), closed=True)  # type: ignore[arg-type]  # one of two

    def _word(self) -> None:
        """Read one word: an operator, or more of the phrase."""
        start = self._at
        at = start + 1
        text, end = self._text, self._end
        while at < end:
            char = text[at]
            if char.isspace() or char in '()[]"{':
                break
            if (char == "." and suffix_at(text, at, end)) or (char == "/" and self._slash_at(self._begin(start), at)):
                break
            at += 1
        word = text[start:at]
        self._at = at
        lower = word.casefold()
        if lower in {"and", "or"} and self._exp >= 0 and self._run and goes_on(text, start, end):
            self._run.append((start, at, False))
            return
        if lower in {"and", "or", "not"}:
            self._operator(Op(lower, start, at))  # type: ignore[arg-type]  # one of the three
            return
        adj = ADJ.match(word)
        near = _NEAR.match(word)
        if adj:
            number = int(adj.group(1) or 0)
            apart = _APART.match(text, at, end) if not number else None
            if apart:
                self._findings.add(
                    "S048",
                    f"“{text[start : apart.end()]}” is read as ADJ and the word {apart.group().strip()}.",
                    "Write the number without a space: adj3.",
                    start=start,
                    end=apart.end(),
                )
            self._operator(Op("near", start, at, max(number - 1, 0), not number))
        elif near:
            self._findings.add(
                "S046", f"{word} is not Ovid's; it is read as within {near.group(2)} words.", start=start, end=at
            )
            self._operator(Op("near", start, at, int(near.group(2)), near.group(1).casefold() == "next"))
        elif not self._run and _NO_WORD.fullmatch(word):
            self._findings.add("S075", f"“{word[:20]}” is no word and is passed over.", start=start, end=at)
        elif lower == "exp" and not self._run and self._exp < 0 and at < end and text[at].isspace():
            self._exp = start
        else:
            if lower == "limit" and not self._run:
                limit_inside(text, start, end, self._findings)
            self._run.append((start, at, False))

    def _operator(self, op: Op) -> None:
        """End the phrase and add an operator."""
        self._flush()
        self._builder.operator(op)

    def _flush(self, *, tagged: bool = False) -> None:
        """Make an operand of the words read so far."""
        if not self._run:
            if self._exp >= 0:
                self._run = [(self._exp, self._exp + 3, False)]
                self._exp = -1
            else:
                return
        run, exp = self._run, self._exp
        self._run, self._exp = [], -1
        while len(run) > 1 and not run[-1][2] and _NO_WORD.fullmatch(self._text, *run[-1][:2]):
            first, last, _ = run.pop()
            self._findings.add(
                "S075", f"“{self._text[first:last][:20]}” is no word and is passed over.", start=first, end=last
            )
        node = term_of(self._text, run, WILDCARDS, self._findings)
        if node is None:
            return
        written = node.written
        if exp >= 0:
            self._findings.add(
                "S046",
                f"“exp {written}” has no slash: read as the exploded heading.",
                f"Write exp {written}/",
                start=exp,
                end=node.end,
            )
            self._builder.operand(Heading(written.replace('"', ""), True, exp, node.end), closed=True)
        elif len(run) > 1 and not tagged and all(self._text[first:last].isdigit() for first, last, _ in run):
            self._findings.add(
                "S004",
                f"There is no operator between the lines {written}.",
                "Put AND or OR between them; for a phrase of numbers use quotation marks.",
                start=node.start,
                end=node.end,
            )
            self._builder.operand(LineRef(int(self._text[run[0][0] : run[0][1]][:4]), node.start, node.end))
        elif (
            len(run) == 1
            and not run[0][2]
            and not tagged
            and (digits := re.fullmatch(r"[^\w\s*$?:#]*(\d{1,4})[^\w\s*$?:#]*", written))
        ):
            self._builder.operand(LineRef(int(digits.group(1)), node.start, node.end, bare=True))
        else:
            self._builder.operand(node)
