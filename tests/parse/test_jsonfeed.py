"""JSON Feed 1.x: what the form allows, and what publishers send instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alerts.model.records import Entry
from alerts.parse import NotAFeed, Parsed, parse_body


def parsed(*items: Any, **feed: Any) -> Parsed:
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": list(items), **feed}
    return parse_body(json.dumps(document).encode(), address="https://example.org/feed.json")


def one(item: dict[str, Any]) -> Entry:
    (entry,) = parsed(item).entries
    return entry


def test_an_item_gives_its_fields() -> None:
    entry = one(
        {
            "id": "https://example.org/1", "url": "/1", "title": "T &amp; U", "content_html": "<p>One</p><p>Two</p>",
            "date_published": "2026-11-02T09:00:00+01:00", "date_modified": "2026-11-03T09:00:00Z", "tags": ["a", "b"],
            "authors": [{"name": "Ann"}, {"name": "Bob"}], "language": "en-GB", "_doi": "10.1000/x",
        }
    )  # fmt: skip
    assert (entry.key, entry.link, entry.title) == ("https://example.org/1", "https://example.org/1", "T & U")
    assert entry.summary == "One\nTwo"
    assert entry.keywords == ("a", "b")
    assert entry.authors == ("Ann", "Bob")
    assert entry.language == "en"
    assert entry.published is not None
    assert entry.published.hour == 8
    assert entry.updated is not None


@pytest.mark.parametrize(
    ("item", "authors"),
    [
        ({"author": {"name": "Old Form"}}, ("Old Form",)),
        ({"author": "Bare Name"}, ("Bare Name",)),
        ({"authors": None, "author": None}, ()),
    ],
)
def test_authors_of_either_version_are_read(item: dict[str, Any], authors: tuple[str, ...]) -> None:
    assert one({"id": 1, "title": "T", **item}).authors == authors


def test_null_and_numbers_stand_for_text() -> None:
    entry = one({"id": 7, "title": None, "summary": None, "content_text": "Words.", "url": None, "tags": "single"})
    assert (entry.key, entry.title, entry.keywords) == ("7", "Words.", ("single",))


def test_plain_content_is_not_read_as_mark_up() -> None:
    assert one({"id": "1", "title": "T", "content_text": "p < 0.05 & n > 3"}).summary == "p < 0.05 & n > 3"


def test_an_external_address_is_the_last_resort() -> None:
    assert (
        one({"id": "1", "title": "T", "external_url": "https://other.example.org/"}).link
        == "https://other.example.org/"
    )


def test_an_extension_may_hold_a_citation() -> None:
    extension = {"doi": "https://doi.org/10.1136/bmj-2026-3", "journal": "BMJ", "volume": 395, "ids": {"pmid": 123}}
    entry = one({"id": "3", "url": "/3", "title": "A title", "_journal": extension})
    assert (entry.identifier("doi"), entry.identifier("pmid")) == ("10.1136/bmj-2026-3", "123")
    assert (entry.journal, entry.volume) == ("BMJ", "395")


def test_the_page_that_a_linked_item_is_about_gives_it_no_doi() -> None:
    entry = one(
        {"id": "2", "url": "https://blog.example.org/2", "external_url": "https://doi.org/10.1136/cited", "title": "A"}
    )
    assert entry.identifier("doi") == ""


def test_an_item_that_is_not_of_the_form_costs_at_most_itself() -> None:
    result = parsed(
        {"id": "1", "title": "Good"},
        "words",
        7,
        None,
        {"id": "2", "title": "Half", "authors": 5, "tags": {}, "url": ["x"]},
    )
    assert [entry.title for entry in result.entries] == ["Good", "Half"]
    assert [each.code for each in result.problems] == ["P011"]


def test_lone_surrogates_and_nul_do_not_get_through() -> None:
    body = b'{"items": [{"id": "1", "title": "a\\ud83db\\u0000c\\ud83d\\ude00"}]}'
    (entry,) = parse_body(body, address="").entries
    assert entry.title == "abc😀"


def test_other_members_of_any_type_do_not_matter() -> None:
    assert (
        len(parsed({"id": "1", "title": "T", "attachments": 3, "image": []}, authors=7, icon={}, hubs="x").entries) == 1
    )
    assert len(parsed({"id": "1", "title": "T"}, title={"no": "text"}).entries) == 1


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"items": {}}', b'{"items": "x"}', b"[1, 2]", b'{"items": [1,'])
def test_other_json_is_no_feed(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        parse_body(body, address="https://example.org/")


def test_deep_json_is_refused_not_crashed_on() -> None:
    with pytest.raises(NotAFeed):
        parse_body(b'{"items":' + b"[" * 200_000, address="")


ITEMS = [
    json.dumps(
        {
            "id": f"g{n}",
            "url": f"https://example.org/{n}",
            "title": f"Item {n}",
            "content_text": f"Words of item {n}.",
            "authors": [{"name": "Ann", "url": f"https://example.org/ann/{n}"}],
        }
    )
    for n in range(5)
]
HEAD = '{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": ['


def codes(result: Parsed) -> list[str]:
    return [each.code for each in result.problems]


@pytest.mark.parametrize(
    "broken",
    [
        ITEMS[2].replace("Words", 'A "quoted" word'),
        ITEMS[2].replace("Words", "A \\x word"),
        ITEMS[2].replace('"title": ', '"title" '),
        ITEMS[2].replace('"name": "Ann', '"name": "Ann"s'),
        ITEMS[2][:-20],
    ],
)
def test_a_damaged_item_costs_at_most_itself(broken: str) -> None:
    result = parse_body((HEAD + ", ".join([*ITEMS[:2], broken, *ITEMS[3:]]) + "]}").encode(), address="https://e.org/")
    healthy = parse_body((HEAD + ", ".join(ITEMS) + "]}").encode(), address="https://e.org/")
    assert [entry for entry in result.entries if entry.key != "g2"] == [*healthy.entries[:2], *healthy.entries[3:]]
    assert [entry.key for entry in result.entries] == ["g0", "g1", "g2", "g3", "g4"]
    assert (result.title, codes(result)) == ("F", ["P006"])
    assert "4 whole, 1 damaged" in result.problems[0].message


def test_two_damaged_items_side_by_side_stay_two() -> None:
    body = HEAD + ", ".join([ITEMS[0], ITEMS[1].replace("Words", '"'), ITEMS[2].replace("Words", '"'), ITEMS[3]])
    assert [entry.key for entry in parse_body(body.encode(), address="https://e.org/").entries] == [
        f"g{n}" for n in range(4)
    ]


def test_a_json_feed_cut_off_in_the_middle_keeps_what_came() -> None:
    whole = HEAD + ", ".join(ITEMS) + "]}"
    result = parse_body(whole[: whole.index("Words of item 3")].encode(), address="https://e.org/")
    assert [entry.title for entry in result.entries] == [f"Item {n}" for n in range(4)]


@pytest.mark.parametrize(
    ("before", "after", "code"), [("<b>Warning</b>: old PHP<br>\n", "", []), ("", "\n<!-- served by x -->", ["P005"])]
)
def test_what_a_server_puts_around_a_json_feed_costs_nothing(before: str, after: str, code: list[str]) -> None:
    result = parse_body((before + HEAD + ", ".join(ITEMS) + "]}" + after).encode(), address="https://e.org/")
    assert (len(result.entries), codes(result)) == (5, code)


@pytest.mark.parametrize("unit", ['{"id":"x', '{"id":1,'])
def test_broken_json_without_end_has_only_so_many_items(unit: str) -> None:
    assert 1 <= len(parse_body((HEAD + unit * 5_000).encode(), address="https://e.org/").entries) <= 2_000


@pytest.mark.parametrize("unit", ['{"a":', "[", '"', "\\"])
def test_broken_json_without_an_item_is_refused_plainly(unit: str) -> None:
    with pytest.raises(NotAFeed, match="broken or cut off"):
        parse_body((HEAD + unit * 20_000).encode(), address="https://e.org/")
