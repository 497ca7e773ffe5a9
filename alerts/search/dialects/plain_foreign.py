"""Other dialects' ways of writing in a plain strategy: read as they are meant there, or named."""

from __future__ import annotations

import re

from alerts.search.dialects.builder import Builder
from alerts.search.dialects.pubmed_headings import as_headings
from alerts.search.dialects.tags import PUBMED_HEADINGS, is_pubmed_tag, nearest, pubmed_fields, pubmed_tag
from alerts.search.problems import Findings
from alerts.search.tree import Term

_LIKE_A_TAG = re.compile(r"[\w /:,~-]{1,40}")


def square_tag(text: str, start: int, end: int, builder: Builder, findings: Findings) -> None:
    """Read PubMed's tag in square brackets, code points [start, end); pass over a remark; refuse a tag of nobody's."""
    inside = text[start + 1 : end - 1]
    name, window = pubmed_tag(inside)
    attached = builder.last is not None and start > 0 and not text[start - 1].isspace()
    if re.match(r"mh\s", inside, re.IGNORECASE):
        return
    if builder.last is None or not (is_pubmed_tag(name) or (attached and _LIKE_A_TAG.fullmatch(inside))):
        findings.add("S067", "A remark in brackets is passed over.", start=start, end=end)
        return
    if not is_pubmed_tag(name):
        near = nearest(name, "pubmed")
        findings.add(
            "S005",
            f"There is no field tag “{text[start:end]}”.",
            f"The nearest is {near}, PubMed's; in a plain strategy write ti: or ab: before the term.",
            start=start,
            end=end,
        )
        return
    findings.add(
        "S046",
        f"“{text[start:end]}” is PubMed's field tag; it is read as that field.",
        "Write ti: or ab: before the term, or choose dialect: pubmed.",
        start=start,
        end=end,
    )
    if window is not None:
        findings.add("S050", "The proximity is passed over.", "Write NEAR/3 between two terms.", start=start, end=end)
    if name in PUBMED_HEADINGS:
        as_headings(builder, name)
    else:
        fields = pubmed_fields(name)
        if fields is not None:
            builder.scope(fields, start, end)


def minus_at(text: str, start: int, end: int, findings: Findings) -> None:
    """Warn of `-rats`, which excludes in a web search engine."""
    if (
        text[start] == "-"
        and end - start > 1
        and text[start + 1].isalnum()
        and (start == 0 or text[start - 1].isspace())
    ):
        word = text[start + 1 : end]
        findings.add(
            "S046",
            f"“-{word}” does not exclude here: it is read as the word {word}.",
            f"Write NOT {word} if that is meant.",
            start=start,
            end=end,
        )


def strange_wildcards(node: Term, findings: Findings) -> None:
    """Warn of wildcards that plain strategies do not have."""
    for mark, meant in (("$", "any ending"), ("#", "exactly one letter")):
        if mark in node.written and (mark == "$" or any(mark in word for word in node.words)):
            findings.add(
                "S040",
                f"{mark} is Ovid's; it is read as {meant}.",
                "Write * for any ending, ? for one letter or none.",
                start=node.start,
                end=node.end,
            )
