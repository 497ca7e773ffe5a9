"""Read the plain YAML that people write, thirty times faster than a full reader: block style, short flow lists, `|`.

This reader knows a part of YAML and nothing wrong in it: whatever it is not sure of (anchors, tags, tabs, escapes,
texts over several lines, keys given twice, any error) raises `Unusual`, and `composed` reads the file from the
beginning. For what it does read, it must give the very tree that `composed` gives; tests hold the two together on
generated and real files.
"""

from __future__ import annotations

import re

from alerts.config.tree import Mapping, Node, Sequence, Text


class Unusual(Exception):
    """The file has something that this reader leaves to the full one. Never leaves `reading`."""


_STRANGE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_DOCUMENT = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)
_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_ -]{0,98}[A-Za-z0-9_-])?"
_KEY = re.compile(rf"({_WORD}):(?: +|$)")
_REST = re.compile(r" *(?: #.*)?$")
_SINGLE = re.compile(r"'((?:[^'\n]|'')*)'")
_DOUBLE = re.compile(r'"([^"\\\n]*)"')
_PLAIN = re.compile(r"[^\s\[\]{},#&*!|>'\"%@`?:-](?:[^#:]|(?<! )#|:(?=[^ ]))*")
_FLOW_PLAIN = re.compile(r"[^\s\[\]{},#&*!|>'\"%@`?:-][^\[\]{},#:\n]*")
_SPACE = re.compile(r" *")
_BLOCK = re.compile(r"([|>])(-?) *(?: #.*)?$")
MAX_DEPTH = 12
"""Levels read here; deeper files go to the full reader, which has a limit of its own."""


def read(text: str) -> Node:
    """Return the tree of `text`, or raise `Unusual`."""
    if _STRANGE.search(text) or _DOCUMENT.search(text):
        raise Unusual
    reader = _Reader(text)
    if reader.indent() != 0:
        raise Unusual
    root = reader.block(0, 0)
    if reader.indent() >= 0:
        raise Unusual
    return root


class _Reader:
    """Reads line by line; `at` is the line it stands on, from 0."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.ends_in_break = text.endswith("\n")
        self.at = 0

    def indent(self) -> int:
        """Go on to the next line that says something; return its indentation, -1 at the end."""
        lines = self.lines
        while self.at < len(lines):
            said = lines[self.at].lstrip(" ")
            if said and said[0] != "#":
                return len(lines[self.at]) - len(said)
            self.at += 1
        return -1

    def block(self, indent: int, depth: int) -> Node:
        """Read the list or mapping that begins on this line."""
        if depth > MAX_DEPTH:
            raise Unusual
        line = self.lines[self.at]
        if line.startswith("- ", indent) or line[indent:] == "-":
            return self.sequence(indent, depth)
        return self.mapping(indent, depth)

    def mapping(self, indent: int, depth: int) -> Mapping:
        first = self.at + 1
        pairs: list[tuple[Text, Node]] = []
        seen: set[str] = set()
        while self.indent() == indent:
            found = _KEY.match(self.lines[self.at], indent)
            if found is None or found[1] in seen:
                raise Unusual
            seen.add(found[1])
            line = self.at + 1
            key = Text(found[1], line, indent + 1, "plain", line, indent + 1, line)
            pairs.append((key, self.value(found.end(), found.end(1) + 1, indent, depth)))
        if self.indent() > indent:
            raise Unusual
        return Mapping(tuple(pairs), first, indent + 1)

    def sequence(self, indent: int, depth: int) -> Sequence:
        first = self.at + 1
        items: list[Node] = []
        while self.indent() == indent:
            line = self.lines[self.at]
            if not (line.startswith("- ", indent) or line[indent:] == "-"):
                break  # a list may stand as deep as its key: what follows is the next key
            found = _SPACE.match(line, indent + 1)
            start = found.end() if found else indent + 1
            if _KEY.match(line, start) or line.startswith("- ", start):
                # The mapping begins beside the dash; with a space for the dash it is like any other.
                self.lines[self.at] = " " * start + line[start:]
                items.append(self.block(start, depth + 1))
            else:
                items.append(self.value(start, start, indent, depth, in_list=True))
        if self.indent() > indent:
            raise Unusual
        return Sequence(tuple(items), first, indent + 1)

    def value(self, start: int, after: int, indent: int, depth: int, *, in_list: bool = False) -> Node:
        """Read the value whose text begins at column `start` of this line; `after` is where nothing would stand."""
        line = self.lines[self.at]
        if start == len(line) or line[start] == "#" or _REST.match(line, after):
            return self.below(after, indent, depth, in_list=in_list)
        if line[start] in "[{":
            return self.flow_value(start, indent)
        if line[start] in "|>":
            return self.block_text(start, indent)
        return self.scalar(start)

    def below(self, after: int, indent: int, depth: int, *, in_list: bool) -> Node:
        """Read what stands below a key with nothing beside it."""
        line = self.at + 1
        self.at += 1
        deeper = self.indent()
        if deeper > indent:
            return self.block(deeper, depth + 1)
        if in_list:
            raise Unusual
        if deeper == indent and (self.lines[self.at].startswith("- ", indent) or self.lines[self.at][indent:] == "-"):
            return self.sequence(indent, depth + 1)
        return Text("", line, after + 1, "plain", line, after + 1, line)

    def scalar(self, start: int) -> Text:
        """Read a text on one line: plain, or in quotes without escapes."""
        line = self.lines[self.at]
        text = self.quoted(start)
        if text is None:
            found = _PLAIN.match(line, start)
            if found is None:
                raise Unusual
            value = found.group().rstrip(" ")
            text, end = (
                Text(value, self.at + 1, start + 1, "plain", self.at + 1, start + 1, self.at + 1),
                start + len(value),
            )
            if value.endswith(":"):
                raise Unusual
        else:
            end = self.quoted_end
        if not _REST.match(line, end):
            raise Unusual
        self.at += 1  # where the text goes on below, the list or mapping around it stumbles over the deeper line
        return text

    def quoted(self, start: int) -> Text | None:
        """Read a text in quotes at `start`, if there is one; `quoted_end` is then where it ends."""
        line = self.lines[self.at]
        mark = line[start]
        if mark not in "'\"":
            return None
        found = (_SINGLE if mark == "'" else _DOUBLE).match(line, start)
        if found is None:
            raise Unusual
        self.quoted_end = found.end()
        number = self.at + 1
        if mark == "'":
            return Text(found[1].replace("''", "'"), number, start + 1, "single", number, start + 2, number)
        return Text(found[1], number, start + 1, "double", number, start + 2, number)

    def block_text(self, start: int, indent: int) -> Text:
        """Read a text below `|`, or a single paragraph below `>`."""
        header = _BLOCK.match(self.lines[self.at], start)
        if header is None:
            raise Unusual
        line = self.at + 1
        self.at += 1
        inside = self.text_indent()
        if inside <= indent:
            raise Unusual
        taken = self.taken_lines(inside)
        if 0 <= indent < self.here() < inside or (self.at >= len(self.lines) and not self.ends_in_break):
            raise Unusual
        while taken and not taken[-1]:
            taken.pop()
        if header[1] == ">":
            if not all(taken) or any(each.startswith(" ") for each in taken):
                raise Unusual
            value = " ".join(taken)
        else:
            value = "\n".join(taken)
        value += "" if header[2] else "\n"
        return Text(value, line, start + 1, "literal" if header[1] == "|" else "folded", line + 1, inside + 1)

    def text_indent(self) -> int:
        """Return the indentation of the first line with something in it; blank lines before it must be quite empty."""
        for line in self.lines[self.at :]:
            said = line.lstrip(" ")
            if said:
                return len(line) - len(said)
            if line:
                break
        raise Unusual

    def taken_lines(self, inside: int) -> list[str]:
        """Take the lines of a block text and stand on the first one after it."""
        taken: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            said = line.lstrip(" ")
            if said and len(line) - len(said) < inside:
                break
            if not said and len(line) > inside:
                raise Unusual
            taken.append(line[inside:])
            self.at += 1
        return taken

    def here(self) -> int:
        """Return the indentation of this very line, comment or not; -1 at the end."""
        if self.at >= len(self.lines):
            return -1
        return len(self.lines[self.at]) - len(self.lines[self.at].lstrip(" "))

    def flow_value(self, start: int, indent: int) -> Node:
        """Read a list or mapping in brackets, which may go over several lines."""
        node, end = self.flow(start, indent, 0)
        if not _REST.match(self.lines[self.at], end):
            raise Unusual
        self.at += 1
        return node

    def flow(self, start: int, indent: int, depth: int) -> tuple[Node, int]:
        """Read the part of a flow list that begins at `start` of this line; return it and where it ends."""
        line = self.lines[self.at]
        if line[start] == "[" and depth < MAX_DEPTH:
            return self.flow_list(start, indent, depth)
        if line[start] == "{" and depth < MAX_DEPTH:
            return self.flow_mapping(start, indent, depth)
        text = self.quoted(start)
        if text is not None:
            return text, self.quoted_end
        found = _FLOW_PLAIN.match(line, start)
        if found is None:
            raise Unusual
        value = found.group().rstrip(" ")
        number = self.at + 1
        return Text(value, number, start + 1, "plain", number, start + 1, number), start + len(value)

    def flow_list(self, start: int, indent: int, depth: int) -> tuple[Node, int]:
        first = self.at + 1
        items: list[Node] = []
        at = self.flow_next(start + 1, indent)
        while self.lines[self.at][at] != "]":
            item, end = self.flow(at, indent, depth + 1)
            items.append(item)
            at = self.flow_comma(end, indent, "]")
        return Sequence(tuple(items), first, start + 1), at + 1

    def flow_mapping(self, start: int, indent: int, depth: int) -> tuple[Node, int]:
        first = self.at + 1
        pairs: list[tuple[Text, Node]] = []
        seen: set[str] = set()
        at = self.flow_next(start + 1, indent)
        while self.lines[self.at][at] != "}":
            found = _KEY.match(self.lines[self.at], at)
            if found is None or found[1] in seen or found.end() == len(self.lines[self.at]):
                raise Unusual
            seen.add(found[1])
            number = self.at + 1
            key = Text(found[1], number, at + 1, "plain", number, at + 1, number)
            item, end = self.flow(found.end(), indent, depth + 1)
            pairs.append((key, item))
            at = self.flow_comma(end, indent, "}")
        return Mapping(tuple(pairs), first, start + 1), at + 1

    def flow_comma(self, end: int, indent: int, closing: str) -> int:
        """Return where the next part stands after a comma, or the closing bracket."""
        at = self.flow_next(end, indent)
        if self.lines[self.at][at] == closing:
            return at
        if self.lines[self.at][at] != ",":
            raise Unusual
        at = self.flow_next(at + 1, indent)
        if self.lines[self.at][at] == closing:
            raise Unusual
        return at

    def flow_next(self, at: int, indent: int) -> int:
        """Skip spaces, comments and line ends inside brackets; lines in brackets stand deeper than their key."""
        while True:
            line = self.lines[self.at]
            found = _SPACE.match(line, at)
            at = found.end() if found else at
            if at < len(line) and (line[at] != "#" or (at and line[at - 1] != " ")):
                return at
            self.at += 1
            at = 0
            deeper = self.indent()
            if deeper <= indent:
                raise Unusual
