"""The reference pages and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts.config import CODES, forms, settings_table
from alerts.config.drafts import FORMS
from alerts.config.people import read_rows
from alerts.config.reading import read_tree
from alerts.config.reference import codes_table, keys_table
from alerts.config.shape import Form
from alerts.config.tree import Mapping
from alerts.errors import Problem
from tests.config.folders import FILES, Folder

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", forms.__all__)
def test_every_key_of_every_file_is_documented_in_its_own_words(name: str) -> None:
    form: type[Form] = getattr(forms, name)
    if form is not forms.SearchForm:  # what profiles and blocks share; each shows it
        assert keys_table(form) in CONFIGURATION


def test_every_key_in_the_reference_is_one_that_is_read() -> None:
    known = {key for name in forms.__all__ for key in getattr(forms, name).keys}
    people = {"address", "name", "teams", "kind"}
    documented = set(re.findall(r"^\| `(\w+)` \|", CONFIGURATION, re.MULTILINE))
    assert documented <= known | people
    assert known <= documented


def test_every_code_is_documented() -> None:
    assert codes_table() in CONFIGURATION


def test_every_code_in_the_source_is_in_the_table_and_the_other_way_round() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "alerts" / "config").rglob("*.py"))
    table = (ROOT / "alerts" / "config" / "codes.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"(C\d{3})"', source.replace(table, ""))) == set(CODES)


def test_every_setting_is_documented_in_its_own_words() -> None:
    assert settings_table() in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def examples() -> list[tuple[str, str]]:
    """Return (file, text) of the indented examples under the headings that are files."""
    found = []
    for part in CONFIGURATION.split("\n## ")[1:]:
        heading = part.partition("\n")[0]
        block = re.search(r"(?:^    .*\n|^\n(?=    ))+", part.partition("\n### ")[0], re.MULTILINE)
        if block and heading.endswith((".yaml", ".csv")):
            found.append((heading, re.sub(r"^    ", "", block.group().strip("\n"), flags=re.MULTILINE) + "\n"))
    return found


@pytest.mark.parametrize(("file", "text"), [each for each in examples() if each[0].endswith(".yaml")])
def test_every_example_of_the_reference_is_right(file: str, text: str) -> None:
    names = {"profiles": "profile", "blocks": "block", "bulletins": "bulletin", "teams": "team"}
    kind = file.partition("/")[0].removesuffix(".yaml")
    form = next(each for name, each in FORMS.items() if name == names.get(kind, kind))
    node, problems = read_tree(text)
    assert not problems
    assert isinstance(node, Mapping)
    if file.startswith("sources"):
        assert [name.value for name, _ in node.pairs] == ["defaults", "sources"]
        return
    said: list[Problem] = []
    assert form.read(node, said) is not None, [str(problem) for problem in said]


def test_the_reference_has_its_examples() -> None:
    assert [file for file, _ in examples()] == [
        "service.yaml", "teams/*.yaml", "sources/*.yaml", "profiles/*.yaml", "bulletins/*.yaml", "types.yaml",
        "spelling.yaml",
        "people.csv",
    ]  # fmt: skip


def test_the_sample_people_of_the_reference_are_read() -> None:
    read = read_rows(dict(examples())["people.csv"], "people.csv")
    assert (len(read.people), read.problems) == (2, ())


def test_the_answer_to_a_mistyped_key_is_as_the_reference_says(folder: Folder) -> None:
    assert "`titel` is answered with “Did you mean “title”?”" in CONFIGURATION
    folder.write({"profiles/tobacco.yaml": FILES["profiles/tobacco.yaml"].replace("title:", "titel:", 1)})
    assert "Did you mean “title”?" in [problem.remedy for problem in folder.load().problems]


def test_no_line_of_the_pages_is_longer_than_a_screen() -> None:
    for name in ("configuration.md", "settings.md"):
        lines = (ROOT / "docs" / name).read_text(encoding="utf-8").split("\n")
        assert [line for line in lines if len(line) > 130 and not line.startswith("|")] == []
