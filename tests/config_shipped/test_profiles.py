"""Each shipped profile is readable by a librarian, tests itself, and says what to do with short items."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from alerts.config import check_examples, load_catalogue
from alerts.config.catalogue import Loaded
from alerts.model.catalogue import Catalogue
from alerts.model.records import Entry
from alerts.search import Descriptor, Vocabulary, searchable

PROFILES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "config" / "profiles").glob("*.yaml"))


@pytest.mark.parametrize("profile_id", PROFILES)
def test_its_examples_hold_and_each_of_them_bites(loaded: Loaded, profile_id: str) -> None:
    profile = loaded.catalogue.profiles[profile_id]
    problems = check_examples(profile, loaded.compiled[profile_id])
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize("profile_id", PROFILES)
def test_it_has_examples_on_both_sides(catalogue: Catalogue, profile_id: str) -> None:
    profile = catalogue.profiles[profile_id]
    assert len(profile.must_match) >= 4
    assert len(profile.must_not_match) >= 4


@pytest.mark.parametrize("profile_id", PROFILES)
def test_its_result_lines_are_said(catalogue: Catalogue, profile_id: str) -> None:
    profile = catalogue.profiles[profile_id]
    lines = profile.search.strip().count("\n") + 1
    assert 0 < profile.result_full <= lines
    assert profile.result_brief == 0 or profile.result_brief <= profile.result_full


@pytest.mark.parametrize("profile_id", PROFILES)
def test_long_items_are_asked_for_the_topic_of_short_ones_and_where_they_are_from(
    catalogue: Catalogue, profile_id: str
) -> None:
    profile = catalogue.profiles[profile_id]
    lines = profile.search.strip().split("\n")
    brief = profile.result_brief or profile.result_full
    if profile.result_full != brief:
        assert lines[profile.result_full - 1] == f"{profile.result_full}. {brief} and {profile.result_full - 1}"
        assert lines[profile.result_full - 2].endswith(". #uk-filter or #review-filter")
    assert [int(line.split(".")[0]) for line in lines] == list(range(1, len(lines) + 1))
    assert brief >= len(lines) - 2


NOISE = [
    ("strategic-commissioning", "Commissioning and quality assurance of a linear accelerator for clinical care"),
    ("strategic-commissioning", "Trade tariffs and contracts for steel"),
    ("discharge-and-intermediate-care", "Vaginal discharge in pregnancy, patient information"),
    ("neighbourhood-health", "Neighbourhood deprivation and health in a birth cohort"),
    ("elective-and-outpatients", "Elective single embryo transfer and treatment success"),
    ("tobacco", "Vapour pressure osmometry of nicotinamide salts"),
]


@pytest.mark.parametrize(("profile_id", "title"), NOISE)
def test_the_known_noise_of_a_topic_stays_out(loaded: Loaded, profile_id: str, title: str) -> None:
    strategy = loaded.compiled[profile_id].strategy
    assert strategy is not None
    assert not strategy.matches(searchable(Entry(key="1", title=title)))


ABSTRACT = " ".join(["We followed adults who smoked and offered smoking cessation advice in clinics."] * 8)


@pytest.mark.parametrize(
    ("title", "places", "found"),
    [
        ("Smoking cessation in primary care in Ohio", set(), False),
        ("Smoking cessation in primary care in Leeds", set(), True),
        ("Smoking cessation in primary care, a systematic review", set(), True),
        ("Smoking cessation in primary care in New England", set(), False),
        ("Smoking cessation in primary care", {"England"}, True),
    ],
)
def test_a_long_item_must_be_from_here_or_a_review(loaded: Loaded, title: str, places: set[str], found: bool) -> None:
    strategy = loaded.compiled["tobacco"].strategy
    assert strategy is not None
    text = searchable(Entry(key="1", title=title, summary=ABSTRACT), source_places=frozenset(places))
    assert strategy.matches(text) is found


def test_a_short_item_needs_no_word_of_where_it_is_from(loaded: Loaded) -> None:
    strategy = loaded.compiled["tobacco"].strategy
    assert strategy is not None
    assert strategy.matches(searchable(Entry(key="1", title="Smoking cessation in primary care")))


def test_every_heading_is_a_real_one(config_dir: Path, shared_data: Path) -> None:
    with gzip.open(shared_data / "mesh" / "mesh_descriptors.tsv.gz", "rt", encoding="utf-8") as table:
        rows = [line.rstrip("\n").split("\t") for line in table][1:]
    mesh = Vocabulary(label="MeSH")
    for _, name, terms, numbers in rows:
        mesh.add(Descriptor(name, tuple(filter(None, terms.split("|"))), tuple(filter(None, numbers.split("|")))))
    problems = load_catalogue(config_dir, None, vocabulary=mesh).problems
    assert [str(problem) for problem in problems if problem.code.startswith("S")] == []
