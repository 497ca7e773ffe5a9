"""Ovid's, Cochrane's and plain's ways of writing in another dialect's strategy: read as they are meant there, with a
warning.
"""

from __future__ import annotations

import re

from alerts.search.dialects.tags import is_ovid_tag, ovid_fields, plain_fields
from alerts.search.dialects.terms import Run
from alerts.search.problems import Findings
from alerts.search.tree import FieldSet, Heading

_OVID_SUFFIX = re.compile(r"(?:^|(?<=[\w*$\"?\s]))\.([a-z]{2}(?:,[a-z]{2}){0,40})\.?$", re.IGNORECASE)
_COCHRANE_SUFFIX = re.compile(
    r"(?:^|(?<=[\w*$\"?\s])):((?:ti|ab|kw|pt|au|so)(?:,(?:ti|ab|kw|pt|au|so)){0,9})$", re.IGNORECASE
)
_FIELD = re.compile(r"((?:ti|ab|kw|tiab|title|abstract|keyword)(?:,(?:ti|ab|kw)){0,9}):(?=[\"\w(*])", re.IGNORECASE)


def field_before(text: str, at: int, end: int, findings: Findings) -> tuple[FieldSet, int] | None:
    """Read plain's `ti:` at `at`: its fields and where what it applies to begins, or `None` when there is none."""
    found = _FIELD.match(text, at, end)
    fields = plain_fields(found.group(1).casefold().split(","), found.group()) if found else None
    if found is None or fields is None or (at > 0 and (text[at - 1].isalnum() or text[at - 1] in "/-")):
        return None
    findings.add(
        "S046",
        f"“{found.group()}” before a term is not PubMed's; it is read as that field.",
        "Write [ti], [ab] or [tiab] after the term.",
        start=found.start(),
        end=found.end(),
    )
    return fields, found.end()


def heading_in_ovid(text: str, run: Run, findings: Findings) -> Heading | None:
    """Read `exp Smoking/`, `exp smoking` or `Smoking/`, or return `None` when the words are none of these."""
    start, last = run[0][0] - run[0][2], run[-1]
    written = text[start : last[1]]
    explode = len(run) > 1 and not run[0][2] and text[run[0][0] : run[0][1]].casefold() == "exp"
    if not explode and (last[2] or not written.endswith("/") or len(written) < 2):
        return None
    name = text[run[1][0] - run[1][2] : last[1]] if explode else written
    name = " ".join(name.replace('"', " ").strip(" /*").split())
    if not any(char.isalnum() for char in name):
        return None
    findings.add(
        "S046",
        f"“{' '.join(written.split())}” is Ovid's way of writing a heading.",
        f'In PubMed write "{name}"[{"Mesh" if explode else "mh:noexp"}],'
        f' in plain mesh{"+" if explode else ""}:"{name}".',
        start=start,
        end=last[1] + last[2],
    )
    return Heading(name, explode, start, last[1] + last[2], written.lstrip('"').startswith("*"))


def tag_after(text: str, run: Run, findings: Findings) -> tuple[FieldSet | None, Run]:
    """Read Ovid's `smoking.ti,ab.` and Cochrane's `smoking:ti,ab`: the fields, and the words without the tag.

    No words are left when the tag stands after a bracket.
    """
    start, last = run[0][0] - run[0][2], run[-1]
    if last[2]:
        return None, run
    written = text[last[0] - 1 if last[0] > start else start : last[1]]
    base = last[1] - len(written)
    found = _OVID_SUFFIX.search(written)
    if found and all(is_ovid_tag(tag) for tag in found.group(1).split(",")):
        fields, _ = ovid_fields(found.group(1).split(","), found.group())
        whose = "Ovid"
    else:
        found = _COCHRANE_SUFFIX.search(written)
        names = [{"so": "jn"}.get(name, name) for name in found.group(1).casefold().split(",")] if found else []
        plain = plain_fields(names, found.group()) if found else None
        if found is None or plain is None:
            return None, run
        fields, whose = plain, "Cochrane"
    cut = base + found.start()
    findings.add(
        "S046",
        f"“{found.group()}” is {whose}'s field tag; it is read as such.",
        "Write the field as this dialect does, or choose dialect: ovid.",
        start=cut,
        end=last[1],
    )
    return fields, [(first, min(end, cut), quoted) for first, end, quoted in run if first < cut]
