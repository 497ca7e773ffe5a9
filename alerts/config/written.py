"""Sources as the text of a file for `config/sources/`, for a librarian to look over."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from alerts.config.fields import parse_web_address
from alerts.config.register import is_id
from alerts.config.shape import Refused
from alerts.model.sources import PageItems, Source
from alerts.model.text import cut, one_line

_PLAIN = re.compile(r"[A-Za-z0-9](?:[\w .,/()&+'’–-]*[\w.)])?")


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why an address cannot be that of a source."""

    reason: str


def checked_address(address: str) -> str | Unusable:
    """Return a web address as a source may have it, or why not."""
    try:
        return parse_web_address(address)
    except Refused as refused:
        return Unusable(refused.sentence)


def new_id(title: str, address: str, taken: Collection[str]) -> str:
    """Return an id that nobody has yet, made of the title's words, else of the host's name."""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    made = as_id(title) or as_id(host) or "source"
    unique, n = made, 1
    while unique in taken:
        n += 1
        unique = f"{made}-{n}"
    return unique


def as_id(text: str) -> str:
    """Return a text as an id: plain small letters and digits, words joined by hyphens; nothing when none is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    made = ""
    for word in words:
        if len(made) + len(word) > 40:
            break
        made = f"{made}-{word}".strip("-")
    return made if is_id(made) else ""


def sources_yaml(sources: Iterable[Source], *, comment: str = "", checked: str = "") -> str:
    """Return the text of a file of sources; `comment` stands at its top, `checked` is the day they were looked at."""
    lines = [f"# {each}".rstrip() for each in comment.splitlines()]
    lines.append("sources:")
    for source in sources:
        pairs = (
            ("id", source.id),
            ("title", _scalar(cut(one_line(source.title), 250))),
            ("publisher", _scalar(cut(one_line(source.publisher), 250))),
            ("address", _scalar(source.address)),
            ("kind", source.kind if source.kind != "feed" else ""),
            ("type", source.evidence_type),
            ("language", source.language if source.language != "en" else ""),
            ("tags", f"[{', '.join(sorted(source.tags))}]" if source.tags else ""),
            ("sure", source.sure),
            ("checked", checked),
            ("note", _scalar(cut(one_line(source.note), 300))),
        )
        said = [f"{name}: {value}" for name, value in pairs if value]
        lines += [f"  - {said[0]}", *(f"    {each}" for each in (*said[1:], *_items(source.items))), ""]
    return "\n".join(lines).rstrip() + "\n"


def _items(items: PageItems | None) -> list[str]:
    """Return where the items of a watched page stand, as the lines below its source."""
    if items is None:
        return []
    pairs = (
        ("each", items.each), ("title", items.title), ("link", items.link), ("date", items.date),
        ("summary", items.summary), ("next", items.next),
    )  # fmt: skip
    lines = [f"  {name}: {_scalar(value)}" for name, value in pairs if value]
    lines += [f"  pages: {items.pages}"] if items.next else []
    return ["items:", *lines, *(["  turnover: true"] if items.turnover else [])]


def _scalar(text: str) -> str:
    """Return a text as a YAML value on one line: as it stands where that is safe, else between double quotes."""
    if not text or (_PLAIN.fullmatch(text) and ": " not in text):
        return text
    return json.dumps(text, ensure_ascii=False)
