"""From the tree, as written, to the plan, as evaluated.

Every line is bound up to three times: as it stands; under a NOT (headings look at the record's own indexing only,
what a record does not say counts against the exclusion); and under two NOTs. Lines refer to earlier lines only, so
binding them in order needs no recursion across lines; within a line the depth of the tree is bounded by the parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from alerts.model.profiles import Block
from alerts.search.authors import author_forms
from alerts.search.dialects.dates import read_date
from alerts.search.dialects.limits import note_past
from alerts.search.headings.meanings import HeadingReader
from alerts.search.leaves import (
    AnyLeaf,
    DateLeaf,
    FixedLeaf,
    Leaf,
    LimitLeaf,
    NearLeaf,
    PlaceLeaf,
    SpanLeaf,
    TermLeaf,
    WindowLeaf,
)
from alerts.search.patterns import is_wild
from alerts.search.plan import PlanNode
from alerts.search.problems import Findings
from alerts.search.spelling import Spelling
from alerts.search.text import BIT, DEFAULT, HEADINGS
from alerts.search.tree import (
    BlockRef,
    Dates,
    FieldSet,
    Group,
    Heading,
    Limit,
    LineRef,
    Near,
    Node,
    Not,
    Scoped,
    Syntax,
    Term,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a node is to be read: under any NOT (`strict`), and under an odd number of them (`negative`)."""

    strict: bool = False
    negative: bool = False

    def negated(self) -> Reading:
        """The reading of what stands right of a NOT."""
        return Reading(True, not self.negative)


AS_WRITTEN = Reading()
READINGS = (AS_WRITTEN, Reading(True, True), Reading(True, False))


def _date_leaf(span: tuple[date | None, date | None], reading: Reading) -> Leaf:
    """Return the leaf of a date range; one that is open on both sides (`last 5 years`) counts as met."""
    return FixedLeaf(not reading.negative) if span == (None, None) else DateLeaf(*span, not reading.negative)


@dataclass(slots=True)
class Binder:
    """Binds one strategy and the blocks it names into one list of nodes."""

    findings: Findings
    headings: HeadingReader
    spelling: Spelling
    nodes: list[PlanNode] = field(default_factory=list)
    _lines: dict[tuple[str, int, Reading], int] = field(default_factory=dict)
    _sensitive: dict[tuple[str, int], bool] = field(default_factory=dict)
    _bound_blocks: dict[tuple[str, Reading], int] = field(default_factory=dict)
    _line: int = 0
    _quiet: bool = False

    def bind(self, syntax: Syntax) -> dict[int, int]:
        """Bind all lines; return the node of each line as it stands."""
        for line in syntax.lines:
            if line.node is not None:
                self._bind_line("", line.number, line.node)
        return {
            number: at for (block, number, reading), at in self._lines.items() if not block and reading == AS_WRITTEN
        }

    def bind_block(self, noun: Block, syntax: Syntax, line: int) -> None:
        """Bind a shared block that `line` names first; the blocks that it names itself come before it."""
        self._line = line
        name = "#" + noun.id
        for each in syntax.lines:
            if each.node is not None:
                self._bind_line(name, each.number, each.node)
        last = next((each for each in reversed(syntax.lines) if each.node is not None), None)
        if last is None:
            return
        for reading in READINGS:
            at = self._lines[(name, last.number, reading)]
            if noun.met_by_places:
                places = PlaceLeaf(frozenset(place.casefold() for place in noun.met_by_places))
                at = self._add("or", (at, self._add("leaf", (), places, None, name)), None, None, name)
            self._bound_blocks[(noun.id, reading)] = at

    def line_in(self, number: int, reading: Reading) -> int | None:
        """Return the node of a line in one reading."""
        return self._lines.get(("", number, reading))

    def _bind_line(self, block: str, number: int, node: Node) -> None:
        """Bind one line in every reading in which it can differ."""
        if not block:
            self._line = number
        at = self._node(node, None, AS_WRITTEN, block)
        self._lines[(block, number, AS_WRITTEN)] = at
        sensitive = self._is_sensitive(node, block)
        self._sensitive[(block, number)] = sensitive
        was_quiet, self._quiet = self._quiet, True
        for reading in READINGS[1:]:
            self._lines[(block, number, reading)] = self._node(node, None, reading, block) if sensitive else at
        self._quiet = was_quiet

    def _is_sensitive(self, node: Node, block: str) -> bool:
        """Tell whether a node means something else under a NOT."""
        waiting: list[Node] = [node]
        while waiting:
            current = waiting.pop()
            match current:
                case Heading() | Dates() | Limit() | BlockRef():
                    return True
                case Scoped():
                    if current.fields.heading or current.fields.is_date:
                        return True
                    waiting.append(current.child)
                case Group():
                    waiting.extend(current.children)
                case Not():
                    waiting.append(current.right)
                    if current.left is not None:
                        waiting.append(current.left)
                case Near():
                    waiting.extend((current.left, current.right))
                case LineRef():
                    if self._sensitive.get((block, current.number), False):
                        return True
                case Term():
                    pass
        return False

    def _add(self, op: str, args: tuple[int, ...], leaf: Leaf | None, node: Node | None, block: str) -> int:
        """Add a node to the plan."""
        start, end = (node.start, node.end) if node is not None and not block else (-1, -1)
        self.nodes.append(PlanNode(op, args, leaf, self._line, start, end))  # type: ignore[arg-type]  # one of the five
        return len(self.nodes) - 1

    def _fixed(self, value: bool, node: Node, block: str) -> int:
        """Add a leaf that every record answers alike."""
        return self._add("leaf", (), FixedLeaf(value), node, block)

    def _node(self, node: Node, fields: FieldSet | None, reading: Reading, block: str) -> int:
        """Bind one node and what is below it."""
        match node:
            case Term():
                return self._term(node, fields, reading, block)
            case Heading():
                return self._heading(node, reading, block)
            case Group():
                args = tuple(self._node(child, fields, reading, block) for child in node.children)
                return self._add(node.op, args, None, node, block)
            case Not():
                left = self._add("all", (), None, node, block)
                if node.left is not None:
                    left = self._node(node.left, fields, reading, block)
                right = self._node(node.right, fields, reading.negated(), block)
                return self._add("not", (left, right), None, node, block)
            case Near():
                leaf = self._near(node, fields, reading)
                return self._fixed(False, node, block) if leaf is None else self._add("leaf", (), leaf, node, block)
            case Scoped():
                return self._node(node.child, node.fields, reading, block)
            case LineRef():
                return self._line_ref(node, fields, reading, block)
            case BlockRef():
                return self._block(node, reading, block)
            case Dates(first=None, last=None):  # nothing that an item could answer, like a limit of its kind
                return self._fixed(not reading.negative, node, block)
            case Dates():
                return self._add("leaf", (), _date_leaf((node.first, node.last), reading), node, block)
            case Limit():
                return self._limit(node, fields, reading, block)

    def _say(self, code: str, message: str, remedy: str, node: Node, block: str) -> None:
        """Report a finding about the strategy itself, not about a block it names, and once."""
        if not block and not self._quiet:
            self.findings.add(code, message, remedy, start=node.start, end=node.end)

    def _places(self, node: Term) -> tuple[tuple[str, ...], ...]:
        """Return for each word of a term the ways in which it may be spelt."""
        return tuple(self.spelling.variants(word) for word in node.words)

    def _span_leaf(self, node: Term, mask: int) -> SpanLeaf:
        """Return the leaf of a term in these fields."""
        places = self._places(node)
        if node.window is not None and len(places) > 1:
            return WindowLeaf(places, node.window, mask, node.written)
        leaf = TermLeaf(places, mask, node.written)
        if mask == BIT["au"]:
            forms = author_forms(node.words)
            return AnyLeaf((leaf, *(TermLeaf(form, mask, node.written) for form in forms))) if forms else leaf
        return leaf

    def _term(self, node: Term, fields: FieldSet | None, reading: Reading, block: str) -> int:
        """Bind a term with the tag that applies to it."""
        if fields is None:
            return self._add("leaf", (), self._span_leaf(node, DEFAULT), node, block)
        if fields.is_date and not fields.mask:
            return self._date_term(node, reading, block)
        parts: list[int] = []
        mask = fields.mask
        if fields.heading and any(is_wild(word) for word in node.words):
            mask = _mask(fields, reading)
            self._say(
                "S080",
                f"“{node.written}” is not one heading: it is looked for in the words of headings, title and abstract.",
                "",
                node,
                block,
            )
        elif fields.heading:
            parts.append(self._heading(Heading(node.written.strip('"'), False, node.start, node.end), reading, block))
        if mask:
            parts.append(self._add("leaf", (), self._span_leaf(node, mask), node, block))
        if not parts and not fields.unanswerable:
            return self._add("leaf", (), self._span_leaf(node, DEFAULT), node, block)
        if not parts:
            return self._fixed(False, node, block)
        return parts[0] if len(parts) == 1 else self._add("or", tuple(parts), None, node, block)

    def _date_term(self, node: Term, reading: Reading, block: str) -> int:
        """Bind `2015.yr.` and `202001*.dt.`."""
        span = read_date(node.written)
        if span is None:
            self._say(
                "S018",
                f"“{node.written}” is not a date.",
                'Write 2015.yr. or limit … to yr="2015 -Current".',
                node,
                block,
            )
            return self._fixed(False, node, block)
        self._say("S061", f"The date {node.written} counts as met where a record has none.", "", node, block)
        if span[1] is not None and not block and not self._quiet:
            note_past(span[1].isoformat(), node.written, node.start, node.end, self.findings)
        return self._add("leaf", (), _date_leaf(span, reading), node, block)

    def _heading(self, node: Heading, reading: Reading, block: str) -> int:
        """Bind a heading."""
        leaf = self.headings.leaf(node.name, explode=node.explode, own_only=reading.strict)
        return self._add("leaf", (), leaf, node, block)

    def _near(self, node: Near, fields: FieldSet | None, reading: Reading) -> NearLeaf | None:
        """Return the leaf of a proximity, or `None` (reported) when something stands in it that cannot."""
        left, right = self._side(node.left, fields, reading), self._side(node.right, fields, reading)
        if fields is None and all(
            isinstance(side, Term) and side.written.isdigit() for side in (node.left, node.right)
        ):
            self._no_side("A line", node)
            left = None
        return None if left is None or right is None else NearLeaf(left, right, node.gap, node.ordered)

    def _side(self, node: Node, fields: FieldSet | None, reading: Reading) -> SpanLeaf | None:
        """Return the leaf of one side of a proximity."""
        match node:
            case Term():
                return self._span_leaf(node, _mask(fields, reading))
            case LineRef() if node.bare:
                word = Term((str(node.number),), str(node.number), node.start, node.end)
                return self._side(word, fields, reading)
            case Scoped():
                return self._side(node.child, node.fields, reading)
            case Near():
                return self._near(node, fields, reading)
            case Group() if node.op == "or":
                options = [self._side(child, fields, reading) for child in node.children]
                kept = tuple(option for option in options if option is not None)
                return AnyLeaf(kept) if len(kept) == len(options) else None
        what = {"Group": "AND", "Not": "NOT", "Heading": "A heading", "LineRef": "A line", "BlockRef": "A block"}
        self._no_side(what.get(type(node).__name__, "A limit"), node)
        return None

    def _no_side(self, name: str, node: Node) -> None:
        """Report what cannot stand in a proximity."""
        if not self._quiet:
            self.findings.add(
                "S013",
                f"{name} cannot stand in a proximity.",
                "Keep only words, phrases and OR in it.",
                start=node.start,
                end=node.end,
            )

    def _line_ref(self, node: LineRef, fields: FieldSet | None, reading: Reading, block: str) -> int:
        """Bind a reference to a line; what it refers to was checked before."""
        if node.bare and fields is not None:
            word = Term((str(node.number),), str(node.number), node.start, node.end)
            return self._term(word, fields, reading, block)
        at = self._lines.get((block, node.number, reading))
        return self._fixed(False, node, block) if at is None else at

    def _limit(self, node: Limit, fields: FieldSet | None, reading: Reading, block: str) -> int:
        """Bind a limit: the limited line and each condition."""
        child = self._node(node.child, fields, reading, block)
        leaves: list[int] = []
        for condition in node.conditions:
            leaf: Leaf = LimitLeaf(condition, not reading.negative)
            if condition.kind == "date":
                leaf = DateLeaf(condition.first, condition.last, not reading.negative)
            leaves.append(self._add("leaf", (), leaf, node, block))
        if node.any_of and len(leaves) > 1:
            leaves = [self._add("or", tuple(leaves), None, node, block)]
        return self._add("and", (child, *leaves), None, node, block)

    def _block(self, node: BlockRef, reading: Reading, block: str) -> int:
        """Bind a reference to a shared block, which was bound before."""
        at = self._bound_blocks.get((node.id, reading))
        return self._fixed(False, node, block) if at is None else at


def _mask(fields: FieldSet | None, reading: Reading) -> int:
    """Return the fields that a truncated term or a proximity is looked for in; none where no item has its field.

    What is less than a whole heading stands in the words of headings or, but for under a NOT, in those of the text.
    """
    if fields is None:
        return DEFAULT
    if not fields.heading:
        return fields.mask
    return fields.mask | (HEADINGS if reading.strict else DEFAULT)
