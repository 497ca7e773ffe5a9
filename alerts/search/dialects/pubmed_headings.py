"""PubMed's headings: `"Smoking/prevention and control"[Mesh]`, `Asthma[mh:noexp]`, `(asthma OR copd)[mh]`."""

from __future__ import annotations

from collections.abc import Callable

from alerts.search.dialects.builder import Builder
from alerts.search.dialects.subheadings import code_of
from alerts.search.dialects.tags import PUBMED_HEADINGS
from alerts.search.dialects.terms import Run
from alerts.search.patterns import is_wild
from alerts.search.problems import Findings
from alerts.search.tree import FieldSet, Group, Heading, Node, Not, Scoped, Term


def heading_of(
    text: str, run: Run, tag: str, end: int, findings: Findings, truncated: Callable[[Run], Term | None]
) -> Heading | Scoped | None:
    """Make a heading of the words before its tag; `None` (reported) when there are none.

    What is `truncated` is no heading, but words that headings may begin with.
    """
    explode, focus = PUBMED_HEADINGS[tag]
    start = run[0][0] - run[0][2]
    written = " ".join(text[start : run[-1][1]].replace('"', " ").split())
    name, _, below = written.partition("/")
    subheadings = tuple(code_of(part) or part.strip() for part in below.split("/") if part.strip())
    name = name.strip()
    if name[:4].casefold() == "exp ":
        name = name[4:].strip()
        findings.add("S046", "exp is Ovid's; PubMed explodes as it is.", "Leave it out.", start=start, end=start + 3)
    if not any(char.isalnum() for char in name):
        findings.add("S003", "There is no heading before this tag.", "Write one.", start=start, end=end)
        return None
    term = truncated(run) if name.endswith(("*", "$")) and not below else None
    if term is not None and any(is_wild(word) for word in term.words):
        return Scoped(term, FieldSet(heading=True), start, end)
    return Heading(name.strip("*$ '"), explode, start, end, focus or name.startswith("*"), subheadings)


def as_headings(builder: Builder, tag: str) -> bool:
    """Let a heading tag after a bracket make headings of the words in it; false when there is no bracket."""
    before = builder.last
    if before is None or before.closed or builder.too_deep:
        return False
    before.node = _headings_in(builder, before.node, *PUBMED_HEADINGS[tag])
    before.closed = True
    return True


def _headings_in(builder: Builder, node: Node, explode: bool, focus: bool) -> Node:
    """Return a tree in which the words are headings."""
    match node:
        case Term():
            return Heading(node.written.strip('"*$ '), explode, node.start, node.end, focus)
        case Group():
            children = tuple(_headings_in(builder, child, explode, focus) for child in node.children)
            return builder.instead(node, Group(node.op, children, node.start, node.end, node.spread))
        case Not():
            left = None if node.left is None else _headings_in(builder, node.left, explode, focus)
            right = _headings_in(builder, node.right, explode, focus)
            return builder.instead(node, Not(left, right, node.start, node.end))
        case _:
            return node
