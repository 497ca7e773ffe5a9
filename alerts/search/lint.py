"""What is legal but suspicious in a strategy, and what cannot work on feed items: found on the tree and on the plan."""

from __future__ import annotations

import re

from alerts.search.dialects.reading import line_references, walk
from alerts.search.dialects.subheadings import CODES as SUBHEADINGS
from alerts.search.dialects.tags import near_fields, tag_help
from alerts.search.headings.everyday import EVERYDAY
from alerts.search.headings.meanings import HeadingReader
from alerts.search.headings.vocabulary import Vocabulary, key_of, natural_orders
from alerts.search.leaves import HeadingLeaf
from alerts.search.lint_plan import lint_plan
from alerts.search.patterns import letters
from alerts.search.plan import Plan, PlanNode
from alerts.search.problems import Findings
from alerts.search.tree import Heading, Line, LineRef, Node, Not, Scoped, Syntax, Term

_MESH_DATABASES = re.compile(r"medline|pubmed|medall|cochrane|central|ppez|pmoz", re.IGNORECASE)
_MOST_NEAREST = 100
"""Strange headings of one strategy for which the nearest is looked up."""
_ANIMALS = frozenset(
    {
        "animal",
        "animals",
        "human",
        "humans",
        "animal experiment",
        "animal experimentation",
        "models animal",
        "nonhuman",
        "human experiment",
    }
)


def check_lines(syntax: Syntax, findings: Findings) -> None:
    """Report references to lines that do not exist, come later, or are the line itself."""
    known = {line.number for line in syntax.lines}
    empty = {line.number for line in syntax.lines if line.node is None}
    last = max(known, default=0)
    for line in syntax.lines:
        if line.node is None:
            continue
        for reference in line_references(line.node):
            place = {"start": reference.start, "end": reference.end}
            if reference.number == line.number:
                findings.add("S008", f"Line {line.number} refers to itself.", "Refer to an earlier line.", **place)
            elif reference.number not in known:
                remedy = f"The strategy has the lines {min(known)} to {last}."
                if reference.bare:
                    remedy += " If the number is a word to search for, give it a field tag or quotation marks."
                findings.add(
                    "S006",
                    f"Line {line.number} refers to line {reference.number}, which does not exist.",
                    remedy,
                    **place,
                )
            elif reference.number in empty and not findings.is_refused():
                findings.add(
                    "S006",
                    f"Line {line.number} refers to line {reference.number}, in which there is nothing to search for.",
                    "Write that line, or leave it out.",
                    **place,
                )
            elif reference.number > line.number:
                findings.add(
                    "S007",
                    f"Line {line.number} refers to line {reference.number}, which comes later.",
                    "Refer to earlier lines only.",
                    **place,
                )


def lint(
    syntax: Syntax,
    findings: Findings,
    vocabulary: Vocabulary | None,
    plan: Plan | None = None,
    headings: HeadingReader | None = None,
) -> None:
    """Report everything that needs the strategy as a whole."""
    check = _Lint(syntax, findings, vocabulary)
    for line in syntax.lines:
        if line.node is not None:
            check.line(line, line.node)
    check.vocabulary_as_a_whole()
    if plan is not None:
        check.unused(plan)
        check.under_not(plan)
        if headings is not None and vocabulary is not None:
            check.everyday(headings, plan)
        if not findings.is_refused():
            lint_plan(plan, findings)


class _Lint:
    """Walks the tree once."""

    __slots__ = ("_findings", "_headings", "_lines", "_mesh", "_strange", "_syntax", "_vocabulary")

    def __init__(self, syntax: Syntax, findings: Findings, vocabulary: Vocabulary | None) -> None:
        self._syntax = syntax
        self._findings = findings
        self._vocabulary = vocabulary
        self._lines = {line.number: line for line in syntax.lines}
        self._mesh = not syntax.database or _MESH_DATABASES.search(syntax.database) is not None
        self._headings: list[Heading] = []
        self._strange: list[Heading] = []

    def line(self, line: Line, node: Node) -> None:
        """Check one line."""
        for each, _, _ in walk(node):
            match each:
                case Term():
                    self._term(each)
                case Heading():
                    self._heading(each)
                case Scoped():
                    self._fields(each)
                case Not():
                    self._animals(each)
                case _:
                    pass

    def _term(self, term: Term) -> None:
        """Warn of a truncation that matches nearly everything."""
        for word in term.words:
            if "*" in word and letters(word) < 2 and len(term.words) == 1:
                self._findings.add(
                    "S032",
                    f"“{word}” matches every word with that letter.",
                    "Write more letters before the truncation.",
                    start=term.start,
                    end=term.end,
                )

    def _fields(self, scoped: Scoped) -> None:
        """Note tags that feed items cannot answer, or that are answered by a near field."""
        place = {"start": scoped.start, "end": scoped.end}
        fields = scoped.fields
        if fields.unanswerable:
            what = "never met" if not (fields.mask or fields.heading) else "only the other fields are searched"
            self._findings.add(
                "S060",
                f"Feed items do not have the field {tag_help(fields)}: {what}.",
                "Drop it, or say limits: in the profile."
                if {"filter", "sb", "subset"}.issuperset(fields.unanswerable)
                else "Add the same words in title and abstract (.ti,ab. or [tiab]) if they matter.",
                **place,
            )
        if fields.is_date and (fields.mask or fields.heading):
            self._findings.add(
                "S060", "A date field is not searched together with others: only the others are.", "", **place
            )
        for tag, near in near_fields(fields):
            self._findings.add("S080", f"The field {tag} is read as {near}.", "", **place)

    def _heading(self, heading: Heading) -> None:
        """Note what is dropped from a heading; collect it for what is said once."""
        place = {"start": heading.start, "end": heading.end}
        self._headings.append(heading)
        if heading.focus:
            self._findings.add(
                "S062",
                f"Focus cannot be told from an item: “{heading.name}” is searched without it, which is broader.",
                "",
                **place,
            )
        if heading.subheadings:
            strange = [code for code in heading.subheadings if len(code) == 2 and code not in SUBHEADINGS]
            self._findings.add(
                "S063",
                f"Subheadings cannot be told from an item: “{heading.name}” is searched without"
                f" {', '.join(heading.subheadings)}, which is broader.",
                f"{', '.join(strange)}: no such subheading is known; check it." if strange else "",
                **place,
            )
        if self._vocabulary is not None:
            self._in_vocabulary(heading, self._vocabulary)

    def _in_vocabulary(self, heading: Heading, vocabulary: Vocabulary) -> None:
        """Look a heading up."""
        place = {"start": heading.start, "end": heading.end}
        new_name = vocabulary.now_called(heading.name)
        if new_name is not None:
            message = (
                f"“{heading.name}” is now called “{new_name}”."
                if new_name
                else f"“{heading.name}” is no longer a heading."
            )
            self._findings.add("S074", message, "It is accepted; use the new name when you next edit.", **place)
            return
        if vocabulary.find(heading.name) is not None:
            return
        self._strange.append(heading)
        if self._mesh:
            near = vocabulary.nearest(heading.name) if len(self._strange) <= _MOST_NEAREST else ""
            self._findings.add(
                "S038",
                f"“{heading.name}” is not in the vocabulary: only its own words are looked for.",
                f"The nearest heading is “{near}”." if near else "Check its spelling.",
                **place,
            )

    def vocabulary_as_a_whole(self) -> None:
        """Say once what holds for all headings."""
        if not self._headings:
            return
        first = self._headings[0]
        if self._vocabulary is None:
            self._findings.add(
                "S064",
                "No vocabulary is loaded: each heading means its own words, without entry terms or narrower headings.",
                "Load MeSH with: alerts vocabulary load FILE",
                start=first.start,
                end=first.end,
            )
        if not self._mesh:
            which = ", ".join(dict.fromkeys(each.name for each in self._strange)) if self._strange else ""
            self._findings.add(
                "S073",
                f"The strategy was written for {self._syntax.database}: headings that are not MeSH count as words"
                + (f" ({which[:200]})." if which else "."),
                "Load that vocabulary as CSV beside MeSH, or add the MeSH headings.",
                start=first.start,
                end=first.end,
            )

    def under_not(self, plan: Plan) -> None:
        """Note which headings look at a record's indexing only, in their line or because a line is excluded."""
        leaves = _heading_leaves(plan)
        worded = {node.start for leaf, node in leaves if not leaf.own_only}  # what is found and then excluded again
        for leaf, node in leaves:
            own_only = leaf.own_only and node.start >= 0 and node.start not in worded
            if own_only and " ".join(key_of(leaf.written)) not in _ANIMALS:
                self._findings.add(
                    "S079",
                    f"Under NOT “{leaf.written}” looks at a record's own headings only, never at its words.",
                    "Add words if they are meant too.",
                    start=node.start,
                    end=node.end,
                )

    def everyday(self, headings: HeadingReader, plan: Plan) -> None:
        """Note once which entry terms are not looked for as words."""
        worded = {leaf.key for leaf, _ in _heading_leaves(plan) if not leaf.own_only}
        for heading in self._headings:
            meaning = headings.meaning(heading.name, explode=heading.explode)
            if meaning.key not in worded:
                continue
            worded.discard(meaning.key)
            everyday = dict.fromkeys(name for name in meaning.left_out if not EVERYDAY.isdisjoint(natural_orders(name)))
            if everyday:
                shown = ", ".join(f"“{name}”" for name in [*everyday][:8])
                self._findings.add(
                    "S076",
                    f"Everyday names are not looked for as words for “{heading.name}”: {shown}.",
                    "Write them as terms if they are meant.",
                    start=heading.start,
                    end=heading.end,
                )

    def _animals(self, node: Not) -> None:
        """Recognise the usual animal filters."""
        left = set() if node.left is None else self._names(node.left, 0)
        if left and left <= _ANIMALS:
            return  # the filter itself: noted where it is used
        names = self._names(node.right, 0)
        if names and names <= _ANIMALS and any(name.startswith(("animal", "nonhuman", "models")) for name in names):
            self._findings.add(
                "S072",
                "An animal filter: it excludes only records that are indexed as animal studies and not as human ones.",
                "Feed items are hardly ever indexed; add words such as (rat or rats or mouse or mice).ti. if needed.",
                start=node.right.start,
                end=node.right.end,
            )

    def _names(self, node: Node, depth: int) -> set[str]:
        """Return the headings and words below a node, lines followed."""
        found: set[str] = set()
        waiting: list[tuple[Node, int]] = [(node, depth)]
        seen: set[int] = set()
        while waiting:
            current, level = waiting.pop()
            for each, _, _ in walk(current):
                if isinstance(each, Heading):
                    found.add(" ".join(key_of(each.name)))
                elif isinstance(each, Term):
                    found.add(" ".join(each.words))
                elif isinstance(each, LineRef) and each.number in self._lines and each.number not in seen:
                    seen.add(each.number)
                    child = self._lines[each.number].node
                    if child is not None:
                        waiting.append((child, level + 1))
                if len(found) > len(_ANIMALS):
                    return found
        return found

    def unused(self, plan: Plan) -> None:
        """Warn of lines that the results do not use."""
        used = {plan.full_line, plan.brief_line}
        waiting = list(used)
        while waiting:
            line = self._lines.get(waiting.pop())
            if line is None or line.node is None:
                continue
            for reference in line_references(line.node):
                if reference.number not in used:
                    used.add(reference.number)
                    waiting.append(reference.number)
        unused = [line for line in self._syntax.lines if line.number not in used and line.node is not None]
        referred = {each.number for line in unused if line.node is not None for each in line_references(line.node)}
        for line in unused:
            if line.node is not None and line.number not in referred:
                self._findings.add(
                    "S033",
                    f"Nothing uses line {line.number}.",
                    "Refer to it in a later line, or remove it and the lines that only it uses.",
                    start=min(line.node.start, line.end),
                    end=line.end,
                )


def _heading_leaves(plan: Plan) -> list[tuple[HeadingLeaf, PlanNode]]:
    """Return the headings that the results depend on."""
    nodes = [plan.nodes[at] for at in plan.needed((plan.full, plan.brief))]
    return [(node.leaf, node) for node in nodes if isinstance(node.leaf, HeadingLeaf)]
