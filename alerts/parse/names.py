"""Authors' names: one list out of one name an element, or all names in one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from alerts.parse import clean, html

LIMIT = 200
_LONGEST = 30_000
"""Characters of one element that are looked at: more than the names of a large collaboration need."""
_MAIL = re.compile(r"^\s*<?([^\s<>()]+@[^\s<>()]+)>?\s*(?:\((.*)\))?\s*$")
_MAIL_AFTER = re.compile(r"\s*(?:<[^\s<>@]{1,80}@[^\s<>]{1,120}>|&lt;[^\s<>@;]{1,80}@[^\s<>;]{1,120}&gt;)\s*$")
_INITIALS = re.compile(r"^(?:[A-Z]\.?[- ]?){1,4}$")
_BODY = re.compile(
    r"\b(?:department|ministry|office|institute|centre|center|university|society|college|agency|council|association|trust"
    r"|foundation|service|services|committee|commission|group|network|library|board|authority|organi[sz]ation|team"
    r"|collaboration|collaborative|consortium|investigators|of|for)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"^(?:\d+\s?)?(?:the )?(?:department|division|school|faculty|institute|centre|center|university|college|unit"
    r"|hospital)\b|\b(?:university|hospital|college)\b",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"^(?:MD|PhD|Ph\.D\.?|M\.D\.?|DPhil|MSc|MPH|MBBS|MBChB|BSc|BA|MA|MBA|MS|MHS|ScD|DrPH|PharmD|RN|DNP|FRCP|FRCS|MRCP|FFPH"
    r"|MSPH|DO|JD|Jr\.?|Sr\.?|II|III)$"
)
_NOBODY = re.compile(
    r"^(?:et al\.?|and others|unknown|anonymous|n/?a|none|no author.*|[a-z]*admin|webmaster|editor|null)$",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:by|and|&|on behalf of(?: the)?|for the)\s+(?=\S)", re.IGNORECASE)
# Numbers and signs that point to affiliations: "Jane Roe1,2*".
_POINTERS = re.compile(r"(?<=[a-z.])(?:\d{1,2}(?:,\d{1,2})*|[*†‡§¶]+)+$")


def _paired(parts: list[str]) -> list[str] | None:
    """Join "Roe | J. | Doe | P. A. | The X Group" to "Roe, J." and so on; `None` when it is no such list."""
    names: list[str] = []
    pairs = 0
    for part in parts:
        if _INITIALS.match(part) and names and "," not in names[-1]:
            names[-1] = f"{names[-1]}, {part}"
            pairs += 1
        else:
            names.append(part)
    alone = [name for name in names if "," not in name]
    if not pairs or any(not (_BODY.search(name) or _NOBODY.match(name)) for name in alone):
        return None
    return names


_ONE_NAME = re.compile(r"[A-Z][a-z'’-]+(?: [A-Z][a-z'’.-]*){1,3}")


_ET_AL = re.compile(r"[\s,]+et al\.?$")
# A name that is clean as it stands: "Jane Roe", "Jane P. McRoe", "Roe JP". Some words in front of a name are not of it.
_PLAIN = re.compile(
    r"(?!(?i:(?:by|and|on|for|no|et)\b|http))[A-Z][A-Za-z'-]*(?: [A-Z][A-Za-z'.-]*){0,2} [A-Z][A-Za-z'-]*"
)


def _parts(text: str) -> list[str]:
    """Split one element that may hold several names."""
    if _ONE_NAME.fullmatch(text):  # "Jane Roe", "Jane P. Roe": most are
        return [text]
    if ";" in text or "；" in text:
        return re.split("[;；]", text)
    if "|" in text:
        return text.split("|")
    if re.search("[\u3040-\u9fff]", text):
        return re.split("[,，、]", text)
    if len(text) < 500 and re.fullmatch(
        r"[^,&]+, [^,&]+?(?: (?:and|&) [^,&]+, [^,&]+)+", text
    ):  # "Roe, Jane and Doe, Peter"
        return re.split(r" (?:and|&) ", text)
    between = r",\s+(?:(?:and|&)\s+)?" if _BODY.search(text) else r",\s+(?:(?:and|&)\s+)?|\s+and\s+|\s+&\s+"
    parts = [part.strip() for part in re.split(between, f"{text} ") if part.strip()]
    if len(parts) > 1:
        parts = [part for part in parts if not _DEGREE.match(part)]
    if len(parts) < 2:
        return parts or [text]
    paired = _paired(parts)
    if paired is not None:
        return paired
    if len(parts) == 2 and "," in text and (len(parts[0].split()) == 1 or len(parts[1].split()) == 1):
        return [text]  # "Marshall, Judith"
    if _WHERE.search(parts[1]) and not _BODY.search(parts[0]) and 2 <= len(parts[0].split()) <= 4:
        return parts[:1]  # "Jane Roe, Department of Health, University of Leeds, Leeds, UK"
    if len(parts) < 3 and _BODY.search(text):
        return [text]  # "Institute of Health, University of Leeds"
    if all(len(part.split()) >= 2 or _NOBODY.match(part) for part in parts):
        return parts
    return [text]


def one(text: str) -> str:
    """Return one name as a clean line, out of "name@example.org (Name)" or HTML too."""
    mail = _MAIL.match(text)
    if mail:
        text = mail.group(2) or ""
    if "@" in text:
        text = _MAIL_AFTER.sub("", text)
    name = clean.line(html.to_line(text), clean.NAME_LIMIT).strip(" ,;.*")
    name = _LEAD.sub("", name)
    return _POINTERS.sub("", name) if " " in name else name


def read(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the authors named by some elements' texts, in order, each once, at most `LIMIT`."""
    names: dict[str, None] = {}
    for text in (each if len(each) <= _LONGEST else re.split(r"[,;](?=[^,;]*$)", each[:_LONGEST])[0] for each in texts):
        mail = _MAIL.match(text)
        if mail:
            text = mail.group(2) or ""
        pieces = [text] if "@" in text else _parts(text)
        for piece in pieces:
            if _PLAIN.fullmatch(piece) and len(piece) <= clean.NAME_LIMIT:
                names.setdefault(piece)
                continue
            name = _ET_AL.sub("", one(piece))
            if name and not _NOBODY.match(name) and not name.lower().startswith("http") and not _is_place(name):
                names.setdefault(name)
    return tuple(names)[:LIMIT]


def _is_place(name: str) -> bool:
    """Tell whether a "name" is an affiliation with its number: "1Department of Health, University of Leeds"."""
    return name[0].isdigit() and _WHERE.search(name) is not None
