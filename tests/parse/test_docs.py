"""The problem codes of feeds and their page are the same list, and every documented example gives its code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts.errors import Problem
from alerts.parse import body as bodies
from alerts.parse import parse_body, problems
from alerts.parse.problems import NotAFeed, NotReferences
from alerts.parse.references import read_references

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "feed-problems.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = dict(re.findall(r"^## (P\d{3}) .*?\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
EXAMPLES = [
    (code, *found)
    for code, section in SECTIONS.items()
    for found in re.findall(r"^```(\w+)(?: ([\w-]+))?\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
]
SHOWN_ELSEWHERE = {"P004", "P007", "P012", "P013", "P091", "P095", "P100", "P101"} | {
    f"P1{n}" for n in (*range(12, 17), 21, 23, *range(30, 34), *range(40, 48), *range(50, 59))
}
FEED = "<rss version='2.0'><channel><title>News</title>{}</channel></rss>"
ITEM = "<item><title>{}</title><link>https://example.org/{}</link></item>"


def _codes(folder: Path) -> set[str]:
    return {
        code for file in folder.rglob("*.py") for code in re.findall(r'"(P\d{3})"', file.read_text(encoding="utf-8"))
    }


def _found(example: str, language: str, encoding: str) -> list[Problem]:
    body = example.encode(encoding or "utf-8")
    try:
        if language == "references":
            return list(read_references(body).problems)
        return list(parse_body(body, address="https://example.org/feed").problems)
    except (NotAFeed, NotReferences) as error:
        return [Problem(error.code, "error", error.sentence, error.remedy)]


def _severity(code: str) -> str:
    return SECTIONS[code].split()[0].rstrip(".").lower()


def _assert_said(found: list[Problem], code: str) -> None:
    """The code is said, as severely as the page has it, with a remedy."""
    said = [each for each in found if each.code == code]
    assert [each.severity for each in said] == [_severity(code)], found
    assert all(each.message.endswith(".") and each.remedy.endswith(".") for each in said)


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    assert list(SECTIONS) == sorted(_codes(ROOT / "alerts"))
    assert _codes(ROOT / "alerts" / "parse") == set(SECTIONS) - {"P091"}


@pytest.mark.parametrize("code", SECTIONS)
def test_a_section_says_how_bad_it_is_and_what_to_do(code: str) -> None:
    assert _severity(code) in ("error", "warning", "note")
    parts = re.sub(r"^```.*?^```", "", SECTIONS[code], flags=re.MULTILINE | re.DOTALL).strip().split("\n\n")
    assert len(parts) >= 2, "a meaning, then what to do"
    assert re.search(
        r"\b(?:Nothing to do|Tell the publisher|tell the publisher|Open|Use|Look|Please report|Export|Name|Mend)\b",
        parts[-1],
    )


def test_every_code_has_an_example_or_a_test_of_its_own() -> None:
    assert {code for code, *_ in EXAMPLES} | SHOWN_ELSEWHERE == set(SECTIONS)


@pytest.mark.parametrize(("code", "language", "encoding", "text"), EXAMPLES, ids=[each[0] for each in EXAMPLES])
def test_a_documented_example_gives_its_code_and_no_other(code: str, language: str, encoding: str, text: str) -> None:
    found = _found(text, language, encoding)
    _assert_said(found, code)
    assert {each.code for each in found} == {code}


@pytest.mark.parametrize(
    ("code", "body", "limit"),
    [
        ("P004", FEED.format(ITEM.format("One @ two", 1)).encode().replace(b"@", b"\xe2\x82"), 2_000),
        ("P007", FEED.format(ITEM.format("One", 1) + ITEM.format("Two", 2)).encode(), 1),
        ("P012", FEED.format(ITEM.format("long " * 300, 1)).encode(), 2_000),
    ],
)
def test_what_cannot_be_printed_gives_its_code_too(code: str, body: bytes, limit: int) -> None:
    _assert_said(list(parse_body(body, address="https://example.org/feed", limit=limit).problems), code)


def test_an_item_that_nobody_foresaw_gives_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise LookupError("unforeseen")

    monkeypatch.setattr(bodies, "entry_of", fails)
    found = parse_body(FEED.format(ITEM.format("One", 1)).encode(), address="https://example.org/feed").problems
    _assert_said(list(found), "P013")


def test_the_limits_that_the_page_names_are_the_limits() -> None:
    from alerts.parse import clean

    assert f"first {bodies.ENTRY_LIMIT:,} items" in SECTIONS["P007"]
    assert f"{clean.TITLE_LIMIT:,} characters" in SECTIONS["P012"]
    assert f"summary {clean.SUMMARY_LIMIT:,}" in SECTIONS["P012"]
    assert problems.too_many(bodies.ENTRY_LIMIT).code == "P007"
