"""The shipped configuration is read without a fault, and holds what a starting point must hold."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from alerts.config import write_schemas
from alerts.config.catalogue import Loaded
from alerts.model.catalogue import Catalogue
from alerts.model.sources import EVIDENCE_TYPES

PUBLIC_HEALTH = (
    "tobacco",
    "healthy-weight",
    "alcohol-and-drugs",
    "immunisation",
    "sexual-health",
    "mental-health-and-suicide-prevention",
    "children-and-young-people",
    "inequalities-and-air-quality",
)
COMMISSIONING = (
    "strategic-commissioning",
    "neighbourhood-health",
    "virtual-wards",
    "urgent-care",
    "discharge-and-intermediate-care",
    "elective-and-outpatients",
    "population-health-management",
    "access-and-digital",
)
YAML_FILES = sorted((Path(__file__).resolve().parents[2] / "config").rglob("*.yaml"))


def test_nothing_is_wrong_with_it(loaded: Loaded) -> None:
    assert [str(problem) for problem in loaded.problems if problem.severity != "note"] == []


def test_every_file_is_in_force_as_it_stands(loaded: Loaded) -> None:
    assert loaded.held_back == ()
    assert loaded.absent == ()


def test_it_has_the_sixteen_profiles_in_two_bulletins(catalogue: Catalogue) -> None:
    assert set(catalogue.profiles) == {*PUBLIC_HEALTH, *COMMISSIONING}
    assert catalogue.bulletins["public-health-update"].profiles == PUBLIC_HEALTH
    assert catalogue.bulletins["commissioning-update"].profiles == COMMISSIONING


def test_no_source_is_called_silent_because_of_a_weekend(catalogue: Catalogue) -> None:
    hasty = [each.id for each in catalogue.sources.values() if each.rhythm_days is not None and each.rhythm_days < 7]
    assert hasty == []


def test_it_has_four_bulletins_of_different_rhythm(catalogue: Catalogue) -> None:
    rhythms = Counter(bulletin.schedule.cadence for bulletin in catalogue.bulletins.values())
    assert rhythms == {"weekly": 2, "fortnightly": 1, "monthly": 1}


def test_every_bulletin_speaks_for_a_team_and_has_a_reader(catalogue: Catalogue) -> None:
    served = {team for person in catalogue.people for team in person.teams}
    for bulletin in catalogue.bulletins.values():
        assert bulletin.team in catalogue.teams
        assert set(bulletin.teams) <= set(catalogue.teams)
        assert set(bulletin.teams) & served, bulletin.id


def test_sample_readers_are_nobody(catalogue: Catalogue) -> None:
    assert catalogue.people
    assert {person.address.rpartition("@")[2] for person in catalogue.people} == {"example.nhs.uk"}
    assert {person.kind for person in catalogue.people} == {"person", "list"}


def test_no_sample_reader_takes_two_bulletins_with_the_same_topics(catalogue: Catalogue) -> None:
    for person in catalogue.people:
        taken = [
            set(bulletin.profiles)
            for bulletin in catalogue.bulletins.values()
            if set(person.teams) & set(bulletin.teams)
        ]
        topics = Counter(topic for profiles in taken for topic in profiles)
        assert max(topics.values(), default=1) == 1, person.address


@pytest.mark.parametrize("preset", ["commissioning", "public-health"])
def test_a_preset_takes_each_type_once_and_begins_with_what_must_be_answered(catalogue: Catalogue, preset: str) -> None:
    sections = catalogue.section_presets[preset]
    types = [each for section in sections for each in section.types]
    assert len(types) == len(set(types))
    assert [section.lens for section in sections[:2]] == ["dated", "local"]
    assert not {"news", "event", "safety alert", "preprint"} & set(types)


def test_the_presets_are_those_that_readers_asked_for(catalogue: Catalogue) -> None:
    assert [section.title for section in catalogue.section_presets["commissioning"]] == [
        "To answer or decide",
        "Local",
        "Policy, planning and finance",
        "Guidance",
        "What others have done",
        "Reviews and briefings",
        "Data",
        "Studies",
    ]
    assert [section.title for section in catalogue.section_presets["public-health"]] == [
        "To answer or decide",
        "Local",
        "Data and surveillance",
        "Guidance",
        "What others have done",
        "Reviews",
        "Policy and law",
        "Studies",
    ]
    assert catalogue.section_presets["commissioning"][-1].limit == 3


def test_every_type_of_evidence_has_a_label(config_dir: Path) -> None:
    text = (config_dir / "types.yaml").read_text(encoding="utf-8")
    labels = text.partition("labels:\n")[2].partition("\n\n")[0]
    assert re.findall(r"^  ([a-z ]+): ", labels, re.MULTILINE) == list(EVIDENCE_TYPES)


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_uses_no_trick_of_yaml(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(^|[\s\[{,:-])[&*!][A-Za-z]", re.sub(r"#.*|\"[^\"]*\"|search: \|\n(?:  .*\n)+", "", text))
    assert "\t" not in text
    assert "\r" not in text


@pytest.mark.parametrize("path", [path for path in YAML_FILES if path.parent.name == "profiles"], ids=lambda p: p.stem)
def test_a_profile_names_its_schema_first(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first == "# yaml-language-server: $schema=../schema/profile.schema.json"


def test_the_schemas_beside_it_are_those_that_the_service_writes(config_dir: Path, tmp_path: Path) -> None:
    for written in write_schemas(tmp_path):
        beside = config_dir / "schema" / written.name
        assert beside.read_text(encoding="utf-8") == written.read_text(encoding="utf-8"), f"write {written.name} again"


def test_every_tag_is_explained_and_used(config_dir: Path, catalogue: Catalogue) -> None:
    page = (config_dir / "README.md").read_text(encoding="utf-8").partition("## Tags of sources")[2]
    explained = {
        tag for row in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for tag in re.findall(r"`([a-z-]+)`", row)
    }
    assert explained == {tag for source in catalogue.sources.values() for tag in source.tags}
