"""What PubMed would do differently with a term's wildcards and proximity."""

from __future__ import annotations

from alerts.search.patterns import is_wild, literal_prefix
from alerts.search.problems import Findings
from alerts.search.text import BIT
from alerts.search.tree import FieldSet, Term

LEAST_LETTERS = 4
"""Letters before `*` that PubMed asks for."""
_WITH_PROXIMITY = frozenset({BIT["ti"], BIT["ti"] | BIT["ab"] | BIT["kw"], BIT["ad"]})
"""Fields in which PubMed has proximity."""


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


def windowed(node: Term, window: int, fields: FieldSet, end: int, findings: Findings) -> Term:
    """Make a PubMed proximity, unless a truncation inside makes it a phrase."""
    place = {"start": node.start, "end": end}
    if any(is_wild(word) for word in node.words):
        findings.add(
            "S039",
            "PubMed ignores truncation in a proximity: taken as the phrase.",
            "Write the words out, or leave the proximity out.",
            **place,
        )
        return node
    if len(node.words) < 2:
        findings.add(
            "S050", "A proximity of one word is that word.", "Put the words in quotation marks before it.", **place
        )
    elif fields.mask not in _WITH_PROXIMITY:
        findings.add(
            "S050",
            f"PubMed has proximity in title, title and abstract, and affiliation only; here {fields.written} is"
            " searched so too.",
            f"Write [tiab:~{window}].",
            **place,
        )
    return Term(node.words, node.written, node.start, node.end, node.quoted, window)
