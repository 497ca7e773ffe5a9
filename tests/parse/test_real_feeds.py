"""Every real feed at hand: all items found, own DOIs and no others, and expat and feedparser of one mind."""

from __future__ import annotations

import gzip
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

import pytest

from alerts.model.identifiers import find_doi
from alerts.model.records import Entry
from alerts.parse import NotAFeed, Parsed, body, encoding, lenient, parse_body, strict
from alerts.parse.entry import Noticed, entry_of

EMPTY_ITEMS = {"raw/node-feedparser__illegally-nested.xml": 10, "raw/rss__verify_write_format.xml": 1}
"""Items of the odd feeds that hold nothing at all."""


def read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def index(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def real(shared_data: Path) -> dict[str, tuple[dict[str, Any], Parsed]]:
    folder = shared_data / "feeds"
    return {
        each["file"]: (
            each,
            parse_body(read(folder / each["file"]), address=f"https://feeds.example.org/{each['file']}"),
        )
        for each in index(folder)
    }


def test_every_item_of_every_real_feed_is_found(real: dict[str, tuple[dict[str, Any], Parsed]]) -> None:
    wrong = {
        name: (len(parsed.entries), each["items"])
        for name, (each, parsed) in real.items()
        if each["format"] != "json" and len(parsed.entries) != each["items"]
    }
    assert wrong == {}
    assert all(parsed.entries for each, parsed in real.values() if each["format"] == "json")


def test_most_real_items_have_what_a_bulletin_needs(real: dict[str, tuple[dict[str, Any], Parsed]]) -> None:
    entries = [entry for _, parsed in real.values() for entry in parsed.entries]
    share = {
        name: sum(bool(getattr(entry, name)) for entry in entries) / len(entries) for name in ("title", "link", "key")
    }
    assert min(share.values()) > 0.99
    assert sum(bool(entry.published or entry.updated) for entry in entries) / len(entries) > 0.9
    assert all(entry.fingerprint and entry.key for entry in entries)


@pytest.mark.thorough
def test_a_doi_that_an_item_gives_as_its_own_is_found_and_no_cited_one(
    shared_data: Path, real: dict[str, tuple[dict[str, Any], Parsed]]
) -> None:
    given = found = 0
    for name, (each, parsed) in real.items():
        if each["category"] != "scholarly" or each["format"] == "json":
            continue
        text = unquote(unescape(unescape(read(shared_data / "feeds" / name).decode("utf-8", "replace"))))
        for raw, entry in zip(re.split(r"<(?:item|entry)[ >]", text)[1:], parsed.entries, strict=True):
            dois = {find_doi(each) for each in re.findall(r"10\.\d{4,9}/[^\s\"<>&]+", raw)} - {None}
            own = entry.identifier("doi")
            assert not own or own in dois, (name, own)
            given += bool(dois)
            found += bool(own)
    assert found / given >= 0.98


SAME = (
    "title", "link", "published", "updated", "date_kind", "authors", "identifiers", "journal", "volume", "issue",
    "pages", "publisher", "language", "issn", "licence", "open_access", "publication_types", "closes",
)  # fmt: skip
# Where expat and feedparser differ on the real feeds, and why ours is right: the families of feeds that show it.
DIFFERENT = {
    "key": {"general", "relay-crossref-other"},  # feedparser makes an address of a guid that is none
    "keywords": {"eol-flickr", "general", "usgs"},  # labels before terms; not the tags of Flickr and iTunes
    "summary": {"general"},  # one feed gives two texts in one item, and feedparser keeps the other
}


def _both_readings(text: str) -> list[tuple[Entry, Entry]] | None:
    """Return every item as both readers have it, or `None` for a feed that is not well-formed."""
    try:
        ours = strict.read(text, "https://example.org/", 3_000)
    except (ParseError, strict.NotRecognised):
        return None
    theirs = lenient.read(text, "https://example.org/", 3_000)
    assert len(ours.items) == len(theirs.items)
    return [
        (entry_of(mine, ours.channel, set(), Noticed()), entry_of(other, theirs.channel, set(), Noticed()))
        for mine, other in zip(ours.items, theirs.items, strict=True)
    ]


@pytest.mark.thorough
def test_expat_and_feedparser_read_every_item_of_every_real_feed_the_same(shared_data: Path) -> None:
    """The reader of our own may stand only as long as this holds; each difference that there is has its reason."""
    compared = 0
    differences: dict[str, set[str]] = {name: set() for name in (*SAME, *DIFFERENT)}
    for each in index(shared_data / "feeds"):
        if each["format"] == "json":
            continue
        decoded = encoding.decode(read(shared_data / "feeds" / each["file"])).text.lstrip("\ufeff \r\n\t")
        text, _ = encoding.without_doctype(body._after_prolog(decoded))
        for one, two in _both_readings(text) or ():
            compared += 1
            for name, families in differences.items():
                mine, other = getattr(one, name), getattr(two, name)
                if mine != other and not (name == "summary" and mine.split() == other.split()):
                    families.add(each["family"])
    assert compared > 5_000
    assert {name: found for name, found in differences.items() if found} == DIFFERENT


def test_no_odd_feed_raises_anything_but_a_plain_refusal(shared_data: Path) -> None:
    refused: list[dict[str, Any]] = []
    for each in index(shared_data / "feeds_odd"):
        try:
            parsed = parse_body(read(shared_data / "feeds_odd" / each["file"]), address="https://example.org/feed")
        except NotAFeed:
            refused.append(each)
            continue
        if each["items"]:
            assert len(parsed.entries) == each["items"] - EMPTY_ITEMS.get(each["file"], 0), each["file"]
    assert [each["file"] for each in refused if each["items"]] == []
    assert 5 <= len(refused) <= 15
