"""Readers' addresses in files under version control."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from alerts.config import check_tracked
from tests.config.folders import Folder

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PEOPLE = "address,name,teams,kind\nAsha@example.nhs.uk,Asha,public-health,person\n"


def git(where: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(where), *words], check=True, capture_output=True)


@pytest.fixture
def people(folder: Folder, tmp_path: Path) -> Path:
    """A repository with the configuration in it, and the list of people beside, not added."""
    path = tmp_path / "data" / "people.csv"
    path.parent.mkdir()
    path.write_text(PEOPLE, encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "config")
    return path


def found(folder: Folder, people: Path) -> list[tuple[str, int]]:
    problems = check_tracked(folder.path, people, folder.load(people).catalogue)
    assert all((each.code, each.severity) == ("C072", "warning") for each in problems)
    assert not any("@" in str(each) for each in problems)
    return [(Path(each.file).name, each.line) for each in problems]


def test_a_list_of_people_that_is_not_added_is_no_finding(folder: Folder, people: Path) -> None:
    assert found(folder, people) == []


def test_a_list_of_people_under_version_control_is_a_warning(folder: Folder, people: Path) -> None:
    git(people.parent, "add", "-f", "people.csv")
    assert found(folder, people) == [("people.csv", 0)]


def test_an_address_of_a_reader_in_the_configuration_is_a_warning_with_its_line(folder: Folder, people: Path) -> None:
    folder.edit("calendar.yaml", "no_send:", "# ask\n# asha@EXAMPLE.nhs.uk\nno_send:")
    assert found(folder, people) == [("calendar.yaml", 2)]


def test_addresses_of_the_library_are_public(folder: Folder, people: Path) -> None:
    people.write_text(PEOPLE + "robin@example.nhs.uk,Robin,public-health,person\n", encoding="utf-8")
    assert found(folder, people) == []


def test_without_a_repository_nothing_is_said(folder: Folder, tmp_path: Path) -> None:
    assert check_tracked(folder.path, tmp_path / "people.csv", folder.load().catalogue) == ()
