"""What is stored whole comes back the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.model.bulletins import Bulletin, IssueContent, IssueSection, Item, Team
from alerts.model.profiles import Profile
from alerts.model.records import Entry, Evidence
from alerts.store.codec import decode, encode
from tests.store import making as make

texts = some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
times = some.datetimes(timezones=some.just(UTC))


@given(
    some.builds(
        Entry,
        **dict.fromkeys(("key", "title", "summary", "journal", "change_note"), texts),
        authors=some.lists(texts, max_size=3).map(tuple),
        published=some.none() | times,
        open_access=some.none() | some.booleans(),
        identifiers=some.lists(texts.map(make.doi), max_size=2).map(tuple),
    )
)
def test_every_entry_comes_back(entry: Entry) -> None:
    assert decode(Entry, encode(entry)) == entry


items = some.builds(
    Item,
    **dict.fromkeys(("title", "link", "summary", "note"), texts),
    matched=some.lists(some.tuples(texts, texts), max_size=2).map(tuple),
    title_marks=some.lists(some.tuples(some.integers(0, 99), some.integers(0, 99)), max_size=2).map(tuple),
)


@given(some.lists(items, max_size=3).map(tuple), texts)
def test_every_issue_comes_back(found: tuple[Item, ...], subject: str) -> None:
    team = Team(*("t" * 8))
    content = IssueContent(
        *("b", "B", 1, "2026-11-17", "", "", subject, "", "", ""),
        sections=(IssueSection("S", found, "nothing"),),
        corrections=found,
        remainder=(),
        sources_searched=("a", "b"),
        sources_failed=(),
        team=team,
    )
    assert decode(IssueContent, encode(content)) == content


@pytest.mark.parametrize(
    "value", [make.bulletin("x", "a", "b"), make.profile("p", languages=frozenset({"en", "cy"})), make.evidence()]
)
def test_other_nouns_come_back(value: Bulletin | Profile | Evidence) -> None:
    assert decode(type(value), encode(value)) == value


@dataclass(frozen=True, slots=True)
class Sample:
    day: date
    at: time
    shares: Mapping[str, float]
    pair: tuple[int, str] = (0, "")
    maybe: date | None = None
    flag: bool = False
    names: frozenset[str] = field(default=frozenset())


def test_dates_times_mappings_and_pairs_come_back() -> None:
    value = Sample(date(2026, 11, 17), time(7, 30), {"a": 0.5}, (3, "x"), date(2027, 1, 1), True, frozenset({"b", "a"}))
    assert decode(Sample, encode(value)) == value
    assert json.loads(encode(value))["names"] == ["a", "b"]


def test_empty_defaults_are_left_out_and_others_never() -> None:
    stored = json.loads(encode(Sample(date(2026, 1, 1), time(0), {})))
    assert set(stored) == {"day", "at", "shares", "pair"}


def test_a_field_of_a_later_version_is_ignored() -> None:
    stored = {**json.loads(encode(make.entry("a"))), "colour": "red"}
    assert decode(Entry, json.dumps(stored)) == make.entry("a")


@pytest.mark.parametrize("wrong", ["[]", "3", '"x"', "{", ""])
def test_text_that_is_no_stored_value_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(Entry, wrong)


@dataclass(frozen=True)
class Unstorable:
    what: Any


@dataclass(frozen=True)
class Ambiguous:
    what: int | str


@pytest.mark.parametrize("value", [Unstorable(3), Ambiguous(3)])
def test_a_type_that_could_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        encode(value)


def test_a_moment_keeps_its_zone() -> None:
    entry = make.entry("a")
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    stored = decode(Entry, encode(type(entry)(key="a", title="b", published=moment)))
    assert stored.published == moment
    assert stored.published is not None
    assert stored.published.tzinfo is not None
