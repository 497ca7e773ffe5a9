"""Read YAML with ruamel (YAML 1.2): the reference reader, and the one that explains what is wrong.

The tree is built from parser events, so that anchors, aliases, tags and duplicate keys are seen where they stand, and
no value is ever resolved: a file can neither expand into a bomb nor name a Python class.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from alerts.config import slips
from alerts.config.tree import Mapping, Node, Sequence, Style, Text
from alerts.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 20
"""No file of ours needs more levels; hostile ones would."""

_STYLES: dict[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not yet ended."""

    is_mapping: bool
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    keys: list[Text | None] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    key: Text | None = None
    key_read: bool = False


class _Builder:
    """Builds the tree from events and notes everything that is refused."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.problems: list[Problem] = []
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0

    def refuse(self, code: str, event: Any, message: str, remedy: str) -> None:
        mark = event.start_mark
        self.problems.append(
            Problem(code, "error", message, remedy, line=mark.line + 1, column=mark.column + 1, length=1)
        )

    def take(self, event: Any) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self.refuse("C014", event, "A second document begins here (`---`).", "Keep one document in a file.")
        elif isinstance(event, AliasEvent):
            self._refuse_alias(event)
            self._add(Text("", event.start_mark.line + 1, event.start_mark.column + 1))
        elif isinstance(event, ScalarEvent):
            self._refuse_marks(event)
            self._add(self._text(event))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._refuse_marks(event)
            self._open(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._close()

    def _refuse_alias(self, event: Any) -> None:
        self.refuse(
            "C015",
            event,
            "An alias (`*name`) is used here.",
            "Write the value out; a text that begins with * needs quotes.",
        )

    def _refuse_marks(self, event: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            self.refuse(
                "C015", event, "An anchor (`&name`) is used here.",
                "Write the value out where it is needed; a text that begins with & needs quotes.",
            )  # fmt: skip
        if _tag_of(event):
            self.refuse(
                "C016", event, "A tag (`!name`) is used here.", "Leave it out; a text that begins with ! needs quotes."
            )

    def _open(self, event: Any) -> None:
        mark = event.start_mark
        if len(self.stack) == MAX_DEPTH:
            self.refuse("C014", event, f"More than {MAX_DEPTH} levels inside each other.", "Make it flatter.")
            raise _TooDeep
        if self.stack and self.stack[-1].is_mapping and not self.stack[-1].key_read:
            self.refuse("C018", event, "A list or mapping stands where a key is expected.", "Keys are plain words.")
        self.stack.append(_Open(isinstance(event, MappingStartEvent), mark.line + 1, mark.column + 1))

    def _close(self) -> None:
        done = self.stack.pop()
        if not done.is_mapping:
            self._add(Sequence(tuple(done.items), done.line, done.column))
            return
        pairs = tuple((key, item) for key, item in zip(done.keys, done.items, strict=True) if key is not None)
        self._add(Mapping(pairs, done.line, done.column))

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node if self.root is None else self.root
            return
        top = self.stack[-1]
        if not top.is_mapping:
            top.items.append(node)
        elif not top.key_read:
            top.key, top.key_read = self._key(top, node), True
        else:
            top.keys.append(top.key)
            top.items.append(_nothing_after(top.key) if top.key and _is_empty(node) else node)
            top.key_read = False

    def _key(self, top: _Open, node: Node) -> Text | None:
        """Return `node` as a key, or None when it cannot be one (already reported)."""
        if not isinstance(node, Text):
            return None
        if node.value not in top.seen:
            top.seen[node.value] = node.line
            return node
        self.problems.append(
            Problem(
                "C017",
                "error",
                f"“{node.value}” is given twice; it was first given in line {top.seen[node.value]}.",
                "Keep one of them.",
                line=node.line,
                column=node.column,
                length=len(node.value),
            )
        )
        return None

    def _text(self, event: Any) -> Text:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        style = _STYLES[event.style]
        if style in {"literal", "folded"}:
            parent = self.stack[-1].column - 1 if self.stack else 0
            text_line, text_column = block_start(self.lines, line, column, parent)
            return Text(event.value, line, column, style, text_line, text_column)
        quoted = 0 if style == "plain" else 1
        return Text(event.value, line, column, style, line, column + quoted, event.end_mark.line + 1)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Text) and node.style == "plain" and not node.value


def _nothing_after(key: Text) -> Text:
    """Return the value of a key with nothing after it, at its colon: the parser puts it wherever it looked last."""
    column = key.column + len(key.value) + 1
    return Text("", key.line, column, "plain", key.line, column, key.line)


class _TooDeep(Exception):
    """Raised to stop reading at the depth limit; never leaves this module."""


def block_start(lines: list[str], line: int, column: int, parent: int) -> tuple[int, int]:
    """Return where the text of a block scalar begins whose `|` stands at (`line`, `column`): the next line, indented.

    Leading blank lines belong to the text, so that its first line is always the one after the indicator. The
    indentation is that of the first line that is not blank (YAML 1.2, 8.1.1.1), unless the indicator says it (`|2`),
    counted from `parent`, the spaces before the keys around it.
    """
    said = re.match(r"[|>][+-]?([1-9])", lines[line - 1][column - 1 :])
    if said:
        return line + 1, parent + int(said.group(1)) + 1
    for text in lines[line:]:
        if text.strip(" \r"):
            return line + 1, len(text) - len(text.lstrip(" ")) + 1
    return line + 1, parent + 1


def _tag_of(event: Any) -> bool:
    """True when the file itself gives a tag (ruamel fills `ctag` for every event)."""
    tag = getattr(event, "ctag", None)
    return tag is not None and str(tag) not in {"", "None"}


def compose(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read `text`; return its tree (None for an empty file or one that cannot be read) and what is wrong with it."""
    builder = _Builder(text)
    try:
        for event in _events(text):
            builder.take(event)
    except MarkedYAMLError as failure:
        builder.problems.append(explained(failure, builder.lines))
        return None, tuple(builder.problems)
    except _TooDeep:
        return None, tuple(builder.problems)
    except ReaderError as failure:
        line, column = _place(text, failure.position)
        message = "The file contains a character that YAML does not allow."
        builder.problems.append(Problem("C014", "error", message, "Delete it.", line=line, column=column, length=1))
        return None, tuple(builder.problems)
    return builder.root, tuple(builder.problems)


def _place(text: str, position: int) -> tuple[int, int]:
    """Return line and column of the code point at `position`."""
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _events(text: str) -> Iterator[Any]:
    reader = YAML(typ="safe", pure=True)
    yield from reader.parse(text)


_INDENT = "Look at the indentation of this line and the one before: keys of one level begin in the same column."
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("\\t", "A tab stands where YAML wants spaces.", "Indent with spaces only."),
    ("mapping values are not allowed", "There is a second “: ” in this line.",
     "Put a text that contains a colon into quotes: \"Swap to Stop: interim evaluation\"."),
    ("found unexpected end of stream", "A quotation mark is opened and never closed.", "Close it, or take it away."),
    (
        "while scanning a quoted scalar",
        "A quotation mark is opened and not closed properly.",
        "Close it, or take it away.",
    ),
    ("found unknown escape character", "A backslash in double quotes begins something that YAML does not know.",
     "Use single quotes, where a backslash is just a backslash."),
    ("cannot start any token", "A text cannot begin with this character.", "Put the text into quotes."),
    ("could not find expected ':'", "This line should have a key and a colon.", _INDENT),
    ("expected ',' or", "A list in square or curly brackets is not closed, or a comma is missing.",
     "Close the bracket; put commas between the parts."),
    ("while scanning an anchor", "A text cannot begin with & here.", "Put the text into quotes."),
    ("while scanning an alias", "A text cannot begin with * here.", "Put the text into quotes."),
    (
        "more indented follow up line",
        "A line of spaces stands before the first line of this text.",
        "Delete the spaces in the empty line above.",
    ),
    ("while scanning a block scalar", "The text after | or > does not begin properly.",
     "Write | alone on its line and indent the text below it."),
    ("<document start>", "This line does not belong to what stands above it.", _INDENT),
    ("expected <block end>", "This line does not belong to what stands above it.", _INDENT),
    ("expected the node content", "Something is missing here.", "Write a value, or take the line away."),
    ("special characters are not allowed", "The file contains a control character.", "Delete it."),
)  # fmt: skip

_ELSEWHERE = ("could not find expected ':'", "<document start>", "expected <block end>", "expected ',' or")
"""What YAML says when it stumbles below the line that somebody got wrong."""


def explained(failure: Any, lines: list[str]) -> Problem:
    """Put ruamel's message into a plain sentence; its own words follow where we have none."""
    said = f"{failure.context or ''} {failure.problem or ''}"
    mark = failure.problem_mark or failure.context_mark
    if failure.context_mark is not None and "quoted scalar" in said:
        mark = failure.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
    slip = slips.unindented(lines, line)
    if slip is None and ("mapping values are not allowed" in said or "expected <block end>" in said):
        slip = slips.too_deep(lines, line, column)
    if slip is None and any(each in said for each in _ELSEWHERE):
        slip = (
            slips.begun_with_a_mark(lines, line) or slips.without_blank(lines, line) or slips.without_key(lines, line)
        )
    if slip is not None:
        return slip
    for words, sentence, remedy in _SENTENCES:
        if words in said:
            return Problem("C014", "error", sentence, remedy, line=line, column=column, length=1)
    return Problem("C014", "error", f"This cannot be read as YAML: {said.strip()}.", _INDENT, line=line, column=column)
