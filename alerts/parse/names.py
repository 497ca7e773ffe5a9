"""Authors' names: one list out of one name an element, or all names in one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from alerts.parse import clean, html

LIMIT = 200
_MAIL = re.compile(r"^\s*<?([^\s<>()]+@[^\s<>()]+)>?\s*(?:\((.*)\))?\s*$")
_INITIALS = re.compile(r"^(?:[A-Z]\.?[- ]?){1,4}$")
_BODY = re.compile(
    r"\b(?:department|ministry|office|institute|centre|center|university|society|college|agency|council|association|trust"
    r"|foundation|service|services|committee|commission|group|network|library|board|authority|organi[sz]ation|team|of|for)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"^(?:et al\.?|and others|unknown|anonymous|n/?a|none|no author.*|admin|null)$", re.IGNORECASE)


def _parts(text: str) -> list[str]:
    """Split one element that may hold several names."""
    if ";" in text or "；" in text:
        return re.split("[;；]", text)
    if re.search("[\u3040-\u9fff]", text):
        return re.split("[,，、]", text)
    between = r",\s+(?:and\s+)?" if _BODY.search(text) else r",\s+(?:and\s+)?|\s+and\s+|\s+&\s+"
    parts = [part.strip() for part in re.split(between, text) if part.strip()]
    if len(parts) < 2:
        return [text]
    if len(parts) % 2 == 0 and all(_INITIALS.match(part) for part in parts[1::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and "," in text and (len(parts[0].split()) == 1 or len(parts[1].split()) == 1):
        return [text]  # "Marshall, Judith"
    if _BODY.search(text) and len(parts) < 3:
        return [text]  # "Institute of Health, University of Leeds"
    if all(len(part.split()) >= 2 or _NOBODY.match(part) for part in parts):
        return parts
    return [text]


def one(text: str) -> str:
    """Return one name as a clean line, out of "name@example.org (Name)" or HTML too."""
    mail = _MAIL.match(text)
    if mail:
        text = mail.group(2) or ""
    return clean.line(html.to_line(text), clean.NAME_LIMIT).strip(" ,;.*").removeprefix("by ").strip()


def read(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the authors named by some elements' texts, in order, each once, at most `LIMIT`."""
    texts = list(texts)
    names: dict[str, None] = {}
    for text in texts:
        mail = _MAIL.match(text)
        pieces = [text] if mail or "@" in text else _parts(text)
        for piece in pieces:
            name = one(piece)
            name = re.sub(r"[\s,]+et al\.?$", "", name)
            if name and not _NOBODY.match(name) and not name.lower().startswith("http"):
                names.setdefault(name)
    return tuple(names)[:LIMIT]
