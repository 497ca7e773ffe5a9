"""What brackets may hold: AND and OR together are a warning in Ovid and PubMed, whose own pages differ, and an error in
plain strategies; a field tag after a bracket needs words in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.search.problems import Findings
from alerts.search.tree import Group, LineRef, Near, Node, Not, Term


def check_mixing(operators: Sequence[tuple[str, int, int]], precedence: str, findings: Findings) -> None:
    """Report AND (or NOT) and OR among the operators of one bracket, each with its place, at the first odd one."""
    names = {"or" if name == "or" else "and" for name, _, _ in operators}
    if len(names) < 2:
        return
    first = operators[0][0] == "or"
    start, end = next((start, end) for name, start, end in operators if (name == "or") != first)
    if precedence == "plain":
        findings.add(
            "S014",
            "AND and OR stand in one line without brackets.",
            "Put brackets around what belongs together.",
            start=start,
            end=end,
        )
        return
    how = "from left to right" if precedence == "pubmed" else "AND and NOT first, from left to right, then OR"
    findings.add(
        "S030",
        f"AND or NOT and OR are mixed without brackets: read {how}.",
        "Put brackets around what belongs together; databases differ here.",
        start=start,
        end=end,
    )


def takes_tag(node: Node) -> bool:
    """Tell whether a node has words without a tag of their own."""
    waiting: list[Node | None] = [node]
    while waiting:
        match waiting.pop():
            case Term() | LineRef(bare=True):
                return True
            case Group(children=children):
                waiting.extend(reversed(children))
            case Not(left=left, right=right) | Near(left=left, right=right):
                waiting.extend((right, left))
            case _:
                pass
    return False
