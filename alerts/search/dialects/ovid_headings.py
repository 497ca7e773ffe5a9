"""Headings in Ovid: where one ends (`Smoking/pc, th`, not `HIV/AIDS`) and, when its name holds *and* or *or*, where it
begins: `Surveys and Questionnaires/` is one, `fever and Smoking/` two things.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from alerts.search.dialects.builder import Builder, Op
from alerts.search.dialects.ovid_tags import suffix_at
from alerts.search.dialects.subheadings import CODES
from alerts.search.headings.vocabulary import Vocabulary
from alerts.search.problems import Findings
from alerts.search.tree import Term

_REST = re.compile(r"(?:and|or)\s+(?P<rest>[A-Za-z][A-Za-z ,'&-]{0,100})/", re.IGNORECASE)

_SLASH = re.compile(r"/(?P<codes>[A-Za-z]{2}(?:\s?,\s?[A-Za-z]{2}){0,30})?(?=$|[\s)\]\[,;.])")
_APART = re.compile(
    r"/\s(?P<codes>[a-z]{2}(?:\s?,\s?[a-z]{2}){0,30})(?=\s{0,9}(?:$|[)\]\[]|(?:and|or|not)\b))", re.IGNORECASE
)
_NAME = re.compile(r"\*?[\"A-Z].{3,}", re.DOTALL)


def tagged_brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the outermost brackets of [start, end) that a field tag follows: what stands in them is words."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for at in range(start, end):
        if text[at] == "(":
            opened.append(at)
        elif text[at] == ")":
            begin = opened.pop() if opened else start
            if text[at + 1 : at + 2] == "." and suffix_at(text, at + 1, end):
                while found and found[-1][0] > begin:
                    found.pop()
                found.append((begin, at))
    return found


def slash_at(
    text: str, begin: int, at: int, end: int, exploded: bool, tagged: list[tuple[int, int]]
) -> tuple[tuple[str, ...], int] | None:
    """Return the subheadings after a slash at `at` that ends the heading begun at `begin`, and where they end.

    `None` when the slash stands inside a word (`HIV/AIDS`, `mg/kg`, `IV/IM.ti.`, `(pet/ct or mri).ti.`). A code that is
    no subheading counts as one after what is clearly a heading.
    """
    found = _APART.match(text, at, end)
    if found is None or any(code.strip().casefold() not in CODES for code in found.group("codes").split(",")):
        found = _SLASH.match(text, at, end)
    if found is None:
        return None
    written = found.group("codes") or ""
    codes = tuple(code.strip().casefold() for code in written.split(",") if code.strip())
    if not codes:
        return (), found.end()
    if text[found.end() : found.end() + 1] == "." and suffix_at(text, found.end(), end):
        return None
    nearest = bisect_right(tagged, (at, 0)) - 1
    if nearest >= 0 and at < tagged[nearest][1] and not exploded and text[begin] not in '*"':
        return None
    if all(code in CODES for code in codes):
        return codes, found.end()
    if written.islower() and (exploded or _NAME.match(text, begin, at)):
        return codes, found.end()
    return None


def goes_on(text: str, at: int, end: int) -> bool:
    """Tell whether `and` or `or` at `at` is part of a heading that began with `exp`: its slash is still to come."""
    found = _REST.match(text, at, end)
    return found is not None and re.search(r"\bexp\b", found.group("rest"), re.IGNORECASE) is None


def reach_back(
    text: str, builder: Builder, vocabulary: Vocabulary | None, findings: Findings, start: int, last_end: int
) -> int:
    """Return where the heading read from `start` begins: `Surveys and` may be the first part of its name."""
    items = builder.items
    for _ in range(4):
        if len(items) < 2:
            break
        op, before = items[-1], items[-2]
        if not isinstance(op, Op) or isinstance(before, Op) or op.name not in {"and", "or"}:
            break
        if before.closed or before.bracket or not isinstance(before.node, Term) or before.node.quoted:
            break
        begins = before.node.start
        written = text[begins:last_end]
        known = vocabulary is not None and vocabulary.find(written.lstrip("* ")) is not None
        word = text[op.start : op.end]
        likely = vocabulary is None and written.lstrip("*")[:1].isupper() and word.islower() and "*" not in written[1:]
        if not (known or likely):
            if vocabulary is None or written.lstrip("*")[:1].isupper():
                _doubt(text, before.node, last_end, findings, as_one=False)
            break
        if likely:
            _doubt(text, before.node, last_end, findings, as_one=True)
        del items[-2:]
        start = begins
    return start


def _doubt(text: str, first: Term, end: int, findings: Findings, *, as_one: bool) -> None:
    """Say how `X and Y/` was read."""
    name = " ".join(text[first.start : end].split())
    findings.add(
        "S045",
        f"“{name}” is read as one heading." if as_one else f"“{name}/” is read as a word and a heading.",
        "If it is one heading, put it in quotation marks; if not, give the first part a field tag or brackets.",
        start=first.start,
        end=end,
    )
