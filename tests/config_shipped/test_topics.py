"""The shipped profiles on titles of the kind that GOV.UK, NHS England and think tanks publish.

Every list was written and labelled before any strategy had been run on it, and no label was changed afterwards. On
their first run the strategies found 75 in 100 of what is labelled in `titles.csv`, and 95 in 100 of what they found was
right; they were then sharpened on that list and on `titles_second.csv`. `titles_unseen.csv` was written third and
nothing was changed for it: its figures are the honest ones (95 and 92 in 100 then), and a later edit is held near them.

`titles_blind.csv` covers eight of the topics, with a summary for every fourth title, and was written by someone who had
read no strategy and none of the other lists, only outlines of some topics. On its first run 87 in 100 of what those
eight want was found (82 by the titles alone), and 93 in 100 of what was found was right; neighbourhood health (7 of 13)
and immunisation (10 of 13) were sharpened most. What it says now is of strategies that have seen it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.config.catalogue import Loaded
from alerts.model.records import Entry
from alerts.search import Index, searchable

HERE = Path(__file__).resolve().parent
LISTS = ("titles.csv", "titles_second.csv", "titles_unseen.csv")
BLIND = "titles_blind.csv"
TOPICS = (
    "tobacco",
    "healthy-weight",
    "alcohol-and-drugs",
    "immunisation",
    "sexual-health",
    "mental-health-and-suicide-prevention",
    "children-and-young-people",
    "inequalities-and-air-quality",
    "strategic-commissioning",
    "neighbourhood-health",
    "virtual-wards",
    "urgent-care",
    "discharge-and-intermediate-care",
    "elective-and-outpatients",
    "population-health-management",
    "access-and-digital",
)
BLIND_TOPICS = (
    "tobacco",
    "healthy-weight",
    "alcohol-and-drugs",
    "immunisation",
    "neighbourhood-health",
    "urgent-care",
    "discharge-and-intermediate-care",
    "elective-and-outpatients",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one topic made of the titles of one list."""

    found: frozenset[str]
    wanted: frozenset[str]

    @property
    def recall(self) -> float:
        return len(self.found & self.wanted) / len(self.wanted)

    @property
    def precision(self) -> float:
        return len(self.found & self.wanted) / max(len(self.found), 1)

    def __str__(self) -> str:
        return (
            f"recall {self.recall:.2f}, precision {self.precision:.2f}; "
            f"missed {sorted(self.wanted - self.found)}; noise {sorted(self.found - self.wanted)}"
        )


def labelled(name: str) -> dict[str, frozenset[str]]:
    """Return title → topics."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return {row["title"]: frozenset(filter(None, row["topics"].split(";"))) for row in csv.DictReader(file)}


def summaries(name: str) -> dict[str, str]:
    """Return title → summary, for the titles that have one."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return {row["title"]: row["summary"] for row in csv.DictReader(file) if row.get("summary")}


def outcomes(
    loaded: Loaded, titles: Mapping[str, frozenset[str]], summary: Mapping[str, str] | None = None
) -> dict[str, Outcome]:
    """Run every shipped strategy over the titles, as items of an English source, with its `summary` if any."""
    strategies = {topic: compiled.strategy for topic, compiled in loaded.compiled.items() if compiled.strategy}
    index = Index(strategies)
    place = frozenset({"England"})
    found = {
        title: set(
            index.find(
                searchable(Entry(key=title, title=title, summary=(summary or {}).get(title, "")), source_places=place)
            )
        )
        for title in titles
    }
    return {
        topic: Outcome(
            found=frozenset(title for title, topics in found.items() if topic in topics),
            wanted=frozenset(title for title, topics in titles.items() if topic in topics),
        )
        for topic in TOPICS
    }


@pytest.fixture(scope="session", params=["titles.csv", "titles_second.csv"])
def on_titles(request: pytest.FixtureRequest, loaded: Loaded) -> dict[str, Outcome]:
    return outcomes(loaded, labelled(request.param))


@pytest.fixture(scope="session")
def on_unseen(loaded: Loaded) -> dict[str, Outcome]:
    return outcomes(loaded, labelled("titles_unseen.csv"))


@pytest.fixture(scope="session")
def on_blind(loaded: Loaded) -> dict[str, Outcome]:
    return outcomes(loaded, labelled(BLIND), summaries(BLIND))


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_finds_nine_in_ten_of_what_is_its_own_and_is_right_half_the_time(
    on_titles: dict[str, Outcome], topic: str
) -> None:
    outcome = on_titles[topic]
    assert outcome.recall >= 0.9, outcome
    assert outcome.precision >= 0.5, outcome


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_does_nearly_as_well_on_titles_it_was_not_sharpened_on(
    on_unseen: dict[str, Outcome], topic: str
) -> None:
    outcome = on_unseen[topic]
    assert outcome.recall >= 0.8, outcome
    assert outcome.precision >= 0.5, outcome


def test_all_topics_together_find_nine_in_ten_of_unseen_titles(on_unseen: dict[str, Outcome]) -> None:
    right = sum(len(outcome.found & outcome.wanted) for outcome in on_unseen.values())
    assert right / sum(len(outcome.wanted) for outcome in on_unseen.values()) >= 0.9


@pytest.mark.parametrize("topic", BLIND_TOPICS)
def test_a_topic_finds_nine_in_ten_of_titles_with_summaries(on_blind: dict[str, Outcome], topic: str) -> None:
    outcome = on_blind[topic]
    assert outcome.recall >= 0.9, outcome
    assert outcome.precision >= 0.5, outcome


def test_half_of_the_titles_with_summaries_are_wanted_by_none_of_their_eight_topics() -> None:
    titles = labelled(BLIND)
    assert len(titles) >= 200
    assert sum(topics.isdisjoint(BLIND_TOPICS) for topics in titles.values()) >= 100
    for topic in BLIND_TOPICS:
        assert sum(topic in topics for topics in titles.values()) >= 12, topic
    assert len(summaries(BLIND)) >= len(titles) / 4


@pytest.mark.parametrize("name", LISTS)
def test_the_titles_are_enough_and_a_third_of_them_are_nobodys(name: str) -> None:
    titles = labelled(name)
    assert len(titles) >= (190 if name == "titles_unseen.csv" else 200)
    assert sum(not topics for topics in titles.values()) >= len(titles) / 3
    assert {topic for topics in titles.values() for topic in topics} == set(TOPICS)
    for topic in TOPICS:
        assert sum(topic in topics for topics in titles.values()) >= 6, topic


def test_no_title_is_in_two_lists() -> None:
    titles = [title for name in (*LISTS, BLIND) for title in labelled(name)]
    assert len(titles) == len(set(titles))
