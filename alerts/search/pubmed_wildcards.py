"""What PubMed would do differently with a term's wildcards."""

from __future__ import annotations

from alerts.search.patterns import is_wild, literal_prefix
from alerts.search.problems import Findings
from alerts.search.tree import Term

LEAST_LETTERS = 4
"""Letters before `*` that PubMed asks for."""


def check_wildcards(node: Term, findings: Findings) -> None:
    """Warn of wildcards that PubMed does not have, or would not apply."""
    place = {"start": node.start, "end": node.end}
    if "$" in node.written:
        findings.add("S040", "$ is not PubMed's; it is read as *.", "Write *.", **place)
    for word in node.words:
        if is_wild(word):
            if not word.endswith("*") or is_wild(word[:-1]):
                findings.add(
                    "S040", f"PubMed truncates at the end of a word only: {word} is read as it stands.", "", **place
                )
            elif len(literal_prefix(word)) < LEAST_LETTERS:
                findings.add(
                    "S032",
                    f"“{word}” has fewer than four letters before the truncation; PubMed would not truncate it.",
                    "Write more letters.",
                    **place,
                )
