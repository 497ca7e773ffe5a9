"""From the text of a strategy to its tree, whatever the dialect: the front half of compiling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.search.dialects.debris import Sheet
from alerts.search.dialects.detect import Dialect, detect
from alerts.search.dialects.foreign import refuse_foreign
from alerts.search.dialects.lines import LineReader, RawLine
from alerts.search.dialects.lines_in_fields import EarlierLines
from alerts.search.dialects.ovid import OvidReader
from alerts.search.dialects.plain import PlainReader
from alerts.search.dialects.pubmed import PubMedReader
from alerts.search.dialects.pubmed_history import history_lines, oldest_first
from alerts.search.dialects.source import MOST_CHARACTERS, MOST_LINES_OF_TEXT, readable
from alerts.search.headings.vocabulary import Vocabulary
from alerts.search.problems import Findings
from alerts.search.tree import BlockRef, Group, Limit, Line, LineRef, Near, Node, Not, Scoped, Syntax


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a text gave: its tree, and what was found on the way."""

    syntax: Syntax
    findings: Findings


def read_strategy(text: str, dialect: Dialect | None, vocabulary: Vocabulary | None = None) -> Read:
    """Read a strategy. Never raises: what cannot be read is reported."""
    findings = Findings()
    if len(text) > MOST_CHARACTERS:
        findings.add(
            "S010",
            f"The strategy has {len(text):,} characters; {MOST_CHARACTERS:,} can be read.",
            "Split it into several profiles.",
        )
        return Read(Syntax(dialect or "ovid"), findings)
    plain = readable(text)
    if sum(1 for line in plain.split("\n") if line.strip()) > MOST_LINES_OF_TEXT:
        findings.add("S010", f"The text has more than {MOST_LINES_OF_TEXT:,} lines.", "Split it into several profiles.")
        return Read(Syntax(dialect or "ovid"), findings)
    sheet = Sheet(text, plain, findings)
    history = history_lines(sheet)
    if history is None:
        sheet.clean()
        oldest_first(sheet)
    elif dialect is None:
        dialect = "pubmed"
    if dialect is None:
        dialect, sure = detect(sheet.text(0, len(text)))
        if not sure and sheet.text(0, len(text)).strip():
            findings.add(
                "S041",
                f"Nothing shows for certain which dialect this is: read as {dialect}.",
                f"Write dialect: {dialect} (or another) in the profile.",
            )
    refuse_foreign(sheet.text(0, len(text)), dialect, findings)
    reader = LineReader(sheet)
    raw = reader.read(one_line=dialect != "ovid") if history is None else history
    syntax = Syntax(dialect, numbered=history is not None or reader.numbered, database=sheet.database)
    whole = sheet.text(0, len(text))
    earlier: dict[int, Node | None] = {}
    for line in raw:
        made = _read_line(whole, line, dialect, findings, vocabulary, EarlierLines(earlier, len(raw)))
        syntax.lines.append(made)
        earlier[made.number] = made.node
    if not any(line.node is not None for line in syntax.lines) and not findings.is_refused():
        findings.add("S009", "There is nothing to search for.", "Write at least one term.")
    return Read(syntax, findings)


def _read_line(
    whole: str,
    line: RawLine,
    dialect: Dialect,
    findings: Findings,
    vocabulary: Vocabulary | None,
    earlier: EarlierLines,
) -> Line:
    """Read one line in its dialect."""
    node: Node | None
    if dialect == "ovid":
        node = OvidReader(whole, findings, vocabulary, earlier).read(line.start, line.end)
    elif dialect == "pubmed":
        node = PubMedReader(whole, findings).read(line.start, line.end, line.number)
    else:
        node = PlainReader(whole, findings).read(line.start, line.end, line.number)
    written = " ".join(whole[line.start : line.end].split())
    return Line(line.number, node, written, line.start, line.end)


def walk(node: Node) -> Iterator[tuple[Node, bool, bool]]:
    """Yield every node below and with `node`: (node, under a field tag or in a proximity, under a NOT), in reading
    order.
    """
    waiting: list[tuple[Node, bool, bool]] = [(node, False, False)]
    while waiting:
        current, tagged, negated = waiting.pop()
        yield current, tagged, negated
        match current:
            case Group():
                waiting.extend((child, tagged, negated) for child in reversed(current.children))
            case Not():
                waiting.append((current.right, tagged, True))
                if current.left is not None:
                    waiting.append((current.left, tagged, negated))
            case Near():
                waiting.append((current.right, True, negated))
                waiting.append((current.left, True, negated))
            case Scoped():
                waiting.append((current.child, True, negated))
            case Limit():
                waiting.append((current.child, tagged, negated))
            case _:
                pass


def line_references(node: Node) -> list[LineRef]:
    """Return the lines that a line refers to; bare digits that are words (tagged, in a proximity) are none."""
    found: list[LineRef] = []
    for each, tagged, _ in walk(node):
        if isinstance(each, LineRef) and not (each.bare and tagged):
            found.append(each)
        elif isinstance(each, Scoped):
            found.extend(each.lines)
    return found


def block_references(syntax: Syntax) -> list[tuple[BlockRef, int]]:
    """Return the blocks that a strategy names, with the lines that do."""
    return [
        (each, line.number)
        for line in syntax.lines
        if line.node is not None
        for each, _, _ in walk(line.node)
        if isinstance(each, BlockRef)
    ]
