"""The items of the samples, read from the YAML files beside this one and dated back from the anchor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

FILES = ("journals.yaml", "official.yaml", "searches.yaml")
_FIRST_MINUTES, _MINUTES_APART = 30, 17
_PLACEHOLDER = re.compile(r"\{(?:\+(?P<days>\d+)|month(?:-(?P<months>\d+))?)\}")
_LATER = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Publication:
    """One item of one source. `key` is its stable name; `published` and `updated` are aware datetimes."""

    source_id: str
    key: str
    title: str
    published: datetime
    updated: datetime
    summary: str = ""
    doi: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    change_note: str = ""
    document_type: str = ""
    closes: datetime | None = None
    attachments: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """Where it can be read: its DOI if it is a real article, else an address that leads nowhere on purpose."""
        if self.doi and not self.doi.startswith("10.5555/"):
            return f"https://doi.org/{self.doi}"
        return f"https://{self.source_id}.example.org/{self.key}"


@dataclass(frozen=True, slots=True)
class SampleSource:
    """A source of the samples: who publishes, in which make (`form`), and what the configuration says of it.

    `keys` are what it says of a source of its kind alone.
    """

    id: str
    title: str
    publisher: str
    form: str
    type: str
    place: str
    tags: tuple[str, ...]
    note: str
    items: tuple[Publication, ...]
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        """Which kind of source it is in the configuration."""
        return dict(self.keys).get("kind", "feed")


def read_sources(anchor: datetime, edition: int = 1) -> tuple[SampleSource, ...]:
    """Read every sample source, in the order of the files, dated back from `anchor`."""
    from ruamel.yaml import YAML  # slow to import, and wanted by nobody but the demo

    yaml = YAML(typ="safe", pure=True)
    found: list[SampleSource] = []
    for name in FILES:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        found += (_source(raw, anchor, edition) for raw in yaml.load(text)["sources"])
    return tuple(found)


def _source(raw: dict[str, Any], anchor: datetime, edition: int) -> SampleSource:
    items = tuple(_item(raw, place, each, anchor, edition) for place, each in enumerate(raw["items"]))
    return SampleSource(
        id=raw["id"],
        title=raw["title"],
        publisher=raw["publisher"],
        form=raw["form"],
        type=raw["type"],
        place=raw.get("place", ""),
        tags=tuple(raw["tags"]),
        note=raw.get("note", ""),
        items=items,
        keys=tuple((name, str(value)) for name, value in raw.get("keys", {}).items()),
    )


def _item(source: dict[str, Any], place: int, raw: dict[str, Any], anchor: datetime, edition: int) -> Publication:
    first = anchor - timedelta(minutes=_FIRST_MINUTES + _MINUTES_APART * place)
    published = first - timedelta(days=raw["days"])
    updated = first - timedelta(days=raw.get("updated", raw["days"]))
    summary, note = str(raw.get("says", "")), str(raw.get("note", ""))
    if edition > 1 and "later" in raw:
        summary = note = str(raw["later"])
        updated = anchor + _LATER
    title = _filled(raw["title"], anchor)
    return Publication(
        source_id=source["id"],
        key=slug(raw["title"]),
        title=title,
        published=published,
        updated=updated,
        summary=_filled(summary, anchor),
        doi=raw.get("doi", ""),
        authors=tuple(name.strip() for name in raw.get("by", "").split(";") if name.strip()),
        journal=raw.get("journal") or (source["title"] if "doi" in raw else ""),
        change_note=note,
        document_type=raw.get("document_type", ""),
        closes=anchor + timedelta(days=raw["closes"]) if "closes" in raw else None,
        attachments=tuple(raw.get("attachments", ())),
    )


def slug(title: str) -> str:
    """Return a title as the last part of an address: whole words of letters and digits, at most 60 characters."""
    name = "-".join(re.findall(r"[a-z0-9]+", _PLACEHOLDER.sub(" ", title).lower()))
    return name if len(name) <= 60 else name[:61].rpartition("-")[0]


def day(moment: datetime) -> str:
    """Write a date as readers do: 9 January 2027."""
    return f"{moment.day} {moment:%B %Y}"


def _filled(text: str, anchor: datetime) -> str:
    """Fill `{+30}` (a date to come) and `{month-1}` (a month gone by)."""

    def fill(found: re.Match[str]) -> str:
        if found["days"]:
            return day(anchor + timedelta(days=int(found["days"])))
        months = anchor.year * 12 + anchor.month - 1 - int(found["months"] or 0)
        return f"{anchor.replace(year=months // 12, month=months % 12 + 1, day=1):%B %Y}"

    return _PLACEHOLDER.sub(fill, text)
