"""AND and OR in one bracket: a warning in Ovid and PubMed, whose own pages differ; an error in plain strategies."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.search.problems import Findings


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
