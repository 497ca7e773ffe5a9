"""Other databases' ways of writing that would be misread as words: found, named and refused."""

from __future__ import annotations

import re

from alerts.search.dialects.detect import Dialect
from alerts.search.problems import Findings

_NOT_AN_OPERATOR = r"(?!or\b|and\b|not\b|adj)"
_EBSCO = (
    r"(?<![\w.])(?:MH|MM|MJ|MW)\s+[\"(]"
    r"|(?<![\w.])(?:TI|AB|TX|SU|KW)\s+(?:[\"(]|[a-z]+\*?\s+(?:OR|AND)\s+(?:TI|AB)\b)"
    rf"|\((?:MH|MM|MW|TI|AB|TX|SU|IP)\s+(?i:{_NOT_AN_OPERATOR})\w[\w*]*\+?\s*\)"
)
_COCHRANE = "the Cochrane Library"
_FORMS = (
    ("Embase.com", re.compile(r"'[^'\n]{1,200}'/(?:exp|de|mj|br)\b|\w/(?:exp|mj)(?:/mj)?(?=[\s)]|$)|\[\w+\]/lim\b")),
    ("EBSCO", re.compile(_EBSCO)),
    ("Web of Science", re.compile(r"(?<![\w.\"])(?:TS|TI|AB|AK|KP|ALL)\s?=\s?[(\"\w]")),
    ("Scopus", re.compile(r"\b(?:TITLE-ABS(?:-KEY)?|INDEXTERMS|KEY|ABS)\s?\((?=[^)])")),
    ("ProQuest", re.compile(r"\b(?:SU|MESH|MJMESH|MAINSUBJECT)\.EXACT\b|\bnoft\(")),
    (_COCHRANE, re.compile(r"\[mh\s[^\]]{1,200}\]|\bMeSH descriptor(?::|\s+\[)|\{(?:or|and) #?\d", re.IGNORECASE)),
)


def refuse_foreign(text: str, dialect: Dialect, findings: Findings) -> None:
    """Report the first place of each other database's syntax in `text`; plain strategies know Cochrane's."""
    for name, pattern in _FORMS:
        if name == _COCHRANE and dialect == "plain":
            continue
        found = pattern.search(text)
        if found:
            findings.add(
                "S017",
                f"“{found.group().strip()}” is how {name} is searched.",
                "Write the strategy as Ovid, PubMed or plain; most databases can export one of these.",
                start=found.start(),
                end=found.end(),
            )
