"""The Cochrane Library's headings and lists in a plain strategy: `MeSH descriptor: [Asthma] explode all trees`,
`[mh "Asthma"]`, `{or #1-#4}`.
"""

from __future__ import annotations

import re
from typing import Literal

from alerts.search.dialects.line_lists import read_list
from alerts.search.problems import Findings
from alerts.search.tree import Group, Heading, Node

_AFTER = (
    r"(?:,?\s{1,3}"
    r"(?P<how>explode\s(?:all\strees|trees?\s?[\d, ]{1,20})|this\sterm\sonly|single\sterm\s\(unexploded\)))?"
    r"(?:\s{1,3}(?:and\s)?with\squalifiers?(?:\(s\))?:?\s?(?P<codes>\[[^\]\n]{0,200}\]|[A-Z]{2}(?:,\s?[A-Z]{2}){0,20}))?"
)
_DESCRIPTOR = re.compile(
    r"MeSH\s{1,3}descriptors?:?\s{0,3}(?:\[(?P<name>[^\]\n]{1,200})\]" + _AFTER + r"|(?P<bare>[^\[\]\n:()]{1,200}?),?"
    r"\s{1,3}(?P<bare_how>explode\s(?:all\strees|trees?\s?[\d, ]{1,20})|this\sterm\sonly))",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"\[mh\s{1,3}(?P<only>\^)?\s?\"?(?P<name>[^\]\"/\n]{1,200})\"?(?:/(?P<codes>[A-Za-z]{2}(?:,[A-Za-z]{2}){0,20}))?\s?\]",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b[A-Z]{2}\b")
_LIMITS = re.compile(
    r"\s(?P<limits>with\s(?:Cochrane\sLibrary\s)?publication\s(?:date|year)\s[^\n]{1,120}"
    r"|(?:,\s?)?in\s(?:Cochrane\s)?(?:Reviews|Trials|Protocols|Clinical\sAnswers|Editorials)\b[^\n\"():]{0,120})\s*$",
    re.IGNORECASE,
)
_LIST = re.compile(r"\{\s?(?P<op>and|or)\s(?P<lines>#?\d{1,4}(?:\s?[-,]\s?#?\d{1,4}){0,200})\s?\}", re.IGNORECASE)


def read_cochrane(text: str, at: int, end: int, findings: Findings) -> tuple[Node, int] | None:
    """Return the heading or the list of lines that begins at `at` and where it ends, or `None`; warns of it."""
    listed = _LIST.match(text, at, end)
    if listed:
        lines = read_list(listed.group("lines"), listed.start("lines"), findings)
        op: Literal["and", "or"] = "or" if listed.group("op").casefold() == "or" else "and"
        numbers = f" {op.upper()} ".join(f"#{line.number}" for line in lines[:3])
        _warn(findings, listed, f"Write {numbers}{' …' if len(lines) > 3 else ''}")
        return (lines[0] if len(lines) == 1 else Group(op, lines, *listed.span())), listed.end()
    short = _SHORT.match(text, at, end)
    found = short or _DESCRIPTOR.match(text, at, end)
    if found is None:
        return None
    parts = found.groupdict()
    name = " ".join((parts["name"] or parts.get("bare") or "").split())
    how = (parts.get("how") or parts.get("bare_how") or "").casefold()
    explode = not parts["only"] if short else not how.startswith(("this", "single"))
    codes = tuple(code.casefold() for code in _CODE.findall(parts["codes"] or ""))
    _warn(findings, found, f'Write mesh{"+" if explode else ""}:"{name}"')
    return Heading(name, explode, *found.span(), subheadings=codes), found.end()


def without_limits(text: str, start: int, end: int, findings: Findings) -> int:
    """Return where a line ends without the limits that the Cochrane Library shows behind a combination of lines."""
    found = _LIMITS.search(text, start, end)
    if found is None or not re.search(r"#\d", text[start : found.start()]):
        return end
    findings.add(
        "S061",
        f"“{found.group('limits').strip()}” is passed over: it counts as met.",
        "Use limits: in the profile where that fits.",
        start=found.start("limits"),
        end=found.end("limits"),
    )
    return found.start()


def _warn(findings: Findings, found: re.Match[str], remedy: str) -> None:
    """Say whose way of writing it is."""
    findings.add(
        "S046",
        f"“{found.group().strip()}” is the Cochrane Library's; it is read as meant there.",
        remedy,
        start=found.start(),
        end=found.end(),
    )
