"""Headings that databases and authors put above a strategy: the database, the date, the title of an appendix."""

from __future__ import annotations

import re

_DATABASE = re.compile(
    r"\s*(?:(?P<word>ovid|central|global health|social policy and practice|maternity and infant care)"
    r"|ovid (?:medline|embase|healthstar|emcare|nursing)|medline|medall|embase|emcare|(?:apa )?psych?info|cinahl"
    r"|hmic(?: health management information consortium)?|pubmed|cochrane|web of science|scopus|amed|ebm reviews|assia"
    r"|lilacs|journals@ovid)(?:\(r\))?(?![\w.*$?/])(?P<rest>.*)",
    re.IGNORECASE,
)
"""A line that begins with a database's name. `word`: names that are everyday words too."""
_FIELD = re.compile(
    r"\s*(?:databases?|search strategy|search strategies|search history|search name|saved search|search title|host"
    r"|platform|interface|dates?(?: of search| searched| run| range)?|search date|searched(?: on| for)?|search for"
    r"|run date|coverage|provider|vendor|results?(?: found)?|records found|filters applied|saved as|searcher)"
    r"\s*(?:\([^)]{0,100}\)\s*)?:(?=\s|$)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\bdatabase(?:s|\(s\))?\s*:\s*(.+)", re.IGNORECASE)
_TITLE = re.compile(
    r"\s*(?:(?:appendix|annex|supplement\w*|table|box|figure|additional file)\s+\w{1,4}\b.*"
    r"|(?:.{0,60}\s)?search(?:es)?\s+(?:strategy|strategies|history)\b.{0,80}|ovid technologies.*)",
    re.IGNORECASE,
)
_COVERAGE = re.compile(r"<\s*(?:\d{4,8}|inception)\b[^<>]{0,100}>", re.IGNORECASE)
_FILES = re.compile(
    r"(?:[\s,:;&+()®™-]|\d+|\b(?:ovid(?:sp)?|sp|embase|medline|classic|and|or|all|epub|ahead|of|print|in|process|data"
    r"|review|other|non|indexed|citations|daily|update|versions?|to|present|current|week|r)\b){0,80}",
    re.IGNORECASE,
)
_MARKS = (
    r"""\.[a-z]{2}[.,]|\.[a-z]{2}\s*$|[*$?"\[\]]|/(?:\s|$)|\b(?:adj\d*|exp|limit)\b|\b(?:or|and)/\d|[#]\d|\b\w+:\S"""
)
MARKS = re.compile(_MARKS, re.IGNORECASE)
"""What only a search has."""
SYNTAX = re.compile(rf"{_MARKS}|\b(?:and|or|not)\b", re.IGNORECASE)
"""What shows that a line is a search rather than a heading."""


def header(text: str, *, begun: bool, alone: bool) -> tuple[bool, str]:
    """Tell whether a line is such a heading, and which database it names.

    `begun`: lines of the strategy came before; `alone`: there is no other line, which is then what is searched for.
    """
    bare = re.sub(r"\([^)]{0,200}\)", " ", _COVERAGE.sub(" ", text))
    if _FIELD.match(text) and not re.search(r"\.[a-z]{2}(?:,[a-z]{2})*\.", bare):
        named = _NAMED.search(text)
        return True, named.group(1).strip() if named else ""
    if begun:
        return False, ""
    database = _DATABASE.fullmatch(text)
    if database and _COVERAGE.search(text):
        return True, text.strip()
    if alone:
        return False, ""
    if database and not database.group("word"):
        rest = re.sub(r"\([^)]{0,200}\)", " ", database.group("rest"))
        if not SYNTAX.search(rest) or (rest.strip() and _FILES.fullmatch(rest)):
            return True, text.strip()
    return _TITLE.fullmatch(text) is not None and SYNTAX.search(bare) is None, ""
