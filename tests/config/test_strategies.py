"""Strategies in their files: places of findings, files of their own, and the profile's own tests."""

from __future__ import annotations

import pytest

from alerts.config import Loaded, check_examples, in_file
from alerts.errors import Problem
from alerts.model.profiles import Example, Profile
from alerts.model.records import Entry
from tests.config.folders import FILES, Folder

PROFILE = "profiles/tobacco.yaml"


def examples_of(loaded: Loaded) -> list[tuple[str, str, int]]:
    profile = loaded.catalogue.profiles["tobacco"]
    found = check_examples(profile, loaded.compiled["tobacco"])
    assert all(problem.file == profile.file for problem in found)
    return [(problem.code, problem.severity, problem.line) for problem in found]


def place(folder: Folder, text: str, mark: str) -> tuple[int, int]:
    """Return the line and column of `mark` in a file, counted from 1."""
    before = text[: text.index(mark)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize(
    "indented",
    [
        "search: |\n  {}",
        "search: |\n       {}",
        "search: |   # remark\n  {}",
        "search: |-\n\n\n   {}",
        "search: |2\n  {}",
    ],
)
def test_a_finding_in_a_strategy_stands_at_its_place_in_the_file(folder: Folder, indented: str) -> None:
    column = len(indented.rpartition("\n")[2]) - 2
    strategy = f"\n{' ' * column}".join(["1. smok*.ti.", "2. (vap* or", "3. 1 or 2"])
    text = f"title: Tobacco\nteam: public-health\n{indented.format(strategy)}\n"
    folder.write({PROFILE: text})
    found = [each for each in folder.load().problems if each.code.startswith("S") and each.severity == "error"]
    assert found
    assert (found[0].line, found[0].column) == place(folder, text, "(vap*")


def test_a_finding_in_a_strategy_on_one_line_stands_at_its_place(folder: Folder) -> None:
    for quote in ("", "'", '"'):
        text = f"title: Tobacco\nteam: public-health\nsearch: {quote}smok*.ti. or (vap*{quote}\n"
        folder.write({PROFILE: text})
        found = [each for each in folder.load().problems if each.severity == "error"]
        assert (found[0].line, found[0].column) == place(folder, text, "(vap*")


def test_a_finding_without_a_line_stands_where_the_strategy_begins() -> None:
    profile = Profile("a", "A", "x", file="a.yaml", search_line=4, search_column=3)
    assert in_file(Problem("S001", "error", "x"), profile) == Problem("S001", "error", "x", "", "a.yaml", 4, 3)


def test_every_line_of_a_block_text_is_moved_by_its_indentation() -> None:
    profile = Profile("a", "A", "x", file="a.yaml", search_line=4, search_column=3)
    moved = in_file(Problem("S001", "error", "x", line=3, column=5, length=2), profile)
    assert (moved.line, moved.column, moved.length) == (6, 7, 2)


@pytest.mark.parametrize("written", ["search: >\n  1. a\n  2. b\n", "search: 'a or\n  b'\n", "search: a or\n  b\n"])
def test_a_strategy_whose_lines_are_lost_is_refused(folder: Folder, written: str) -> None:
    folder.write({PROFILE: f"title: Tobacco\nteam: public-health\n{written}"})
    problem = next(each for each in folder.load().problems if each.code == "C038")
    assert "search: |" in problem.remedy


# A strategy in a file of its own.

APART = "title: Tobacco\nteam: public-health\nsearch_file: tobacco.txt\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_strategy_may_have_a_file_of_its_own_in_any_encoding_notepad_writes(folder: Folder, encoding: str) -> None:
    text = "1. smok*.ti.\r\n2. (\u2018café culture\u2019 or vap*).ti.\r\n3. 1 or 2\r\n"
    folder.write({PROFILE: APART, "profiles/tobacco.txt": text.encode(encoding)})
    loaded = folder.load()
    assert not loaded.errors
    profile = loaded.catalogue.profiles["tobacco"]
    assert profile.search_file == str(folder.path / "profiles" / "tobacco.txt")
    assert loaded.files["profiles/tobacco.txt"].startswith("1. smok*.ti.\n")


def test_a_finding_in_a_file_of_its_own_names_that_file(folder: Folder) -> None:
    folder.write({PROFILE: APART, "profiles/tobacco.txt": "1. smok*.ti.\n2. (vap* or\n3. 1 or 2\n"})
    found = next(each for each in folder.load().problems if each.severity == "error")
    assert (found.file, found.line, found.column) == (str(folder.path / "profiles" / "tobacco.txt"), 2, 4)


def test_a_spoilt_strategy_file_gives_way_to_its_last_good_text(folder: Folder) -> None:
    folder.write({PROFILE: APART, "profiles/tobacco.txt": "smok*.ti.\n"})
    good = folder.load().files
    folder.write({"profiles/tobacco.txt": "(smok*.ti.\n"})
    loaded = folder.load(last_good=good)
    assert loaded.held_back == (PROFILE,)
    assert loaded.catalogue.profiles["tobacco"].search == "smok*.ti.\n"


@pytest.mark.parametrize("name", ["../tobacco.txt", "/etc/passwd", "sub\\x.txt", ".hidden", "missing.txt", "t.docx"])
def test_a_strategy_file_that_cannot_be_had_is_said_at_its_name(folder: Folder, name: str) -> None:
    folder.write({PROFILE: f"title: Tobacco\nteam: public-health\nsearch_file: '{name}'\n"})
    found = next(each for each in folder.load().problems if each.severity == "error")
    assert (found.code in {"C038", "C010"}, found.line, found.column) == (True, 3, 14)


@pytest.mark.parametrize("written", ["", "search: a\nsearch_file: tobacco.txt\n"])
def test_a_profile_has_exactly_one_strategy(folder: Folder, written: str) -> None:
    folder.write({PROFILE: f"title: Tobacco\nteam: public-health\n{written}", "profiles/tobacco.txt": "a\n"})
    assert "C021" in {each.code for each in folder.load().problems}


# Examples.


def test_examples_that_hold_say_nothing(folder: Folder) -> None:
    assert examples_of(folder.load()) == []


def test_an_example_that_must_match_and_does_not_is_an_error_with_its_reason(folder: Folder) -> None:
    folder.edit(PROFILE, "Adult smoking habits", "Alcohol and rats")
    loaded = folder.load()
    assert examples_of(loaded) == [("C060", "error", 10)]
    found = check_examples(loaded.catalogue.profiles["tobacco"], loaded.compiled["tobacco"])[0]
    assert "line 3 is the result; found by line 2, not by lines 1, 3" in found.message


def test_an_example_that_must_not_match_and_does_is_an_error_with_the_words(folder: Folder) -> None:
    folder.edit(PROFILE, "Nicotine vaping in rats", "Nicotine vaping in adults")
    loaded = folder.load()
    assert examples_of(loaded) == [("C061", "error", 12)]
    assert "vap" in check_examples(loaded.catalogue.profiles["tobacco"], loaded.compiled["tobacco"])[0].message


def test_an_example_that_no_line_finds_proves_nothing(folder: Folder) -> None:
    folder.edit(PROFILE, "Nicotine vaping in rats", "Trade tariffs")
    assert examples_of(folder.load()) == [("C063", "warning", 12)]


def test_an_example_may_be_a_bare_title(folder: Folder) -> None:
    folder.edit(PROFILE, "- title: Adult smoking habits", "- Adult smoking habits")
    assert folder.load().catalogue.profiles["tobacco"].must_match[0].title == "Adult smoking habits"
    assert examples_of(folder.load()) == []


def test_an_example_by_identifier_is_not_tested_unless_it_is_in_the_store(folder: Folder) -> None:
    folder.edit(PROFILE, "title: Adult smoking habits", "doi: 10.1000/x").edit(
        PROFILE, "title: Nicotine vaping in rats", 'pmid: "123"'
    )
    loaded = folder.load()
    assert examples_of(loaded) == [("C062", "note", 10), ("C062", "note", 12)]

    def stored(example: Example) -> Entry | None:
        return Entry(key="x", title="Smoking in pregnancy") if example.doi == "10.1000/x" else None

    profile, compiled = loaded.catalogue.profiles["tobacco"], loaded.compiled["tobacco"]
    assert [each.code for each in check_examples(profile, compiled, find=stored)] == ["C062"]


def test_an_example_that_names_nothing_is_refused(folder: Folder) -> None:
    folder.edit(PROFILE, "title: Adult smoking habits", "summary: Adult smoking habits")
    assert any(each.startswith("profiles/tobacco.yaml:10:7 C022") for each in folder.said())


def test_the_brief_line_is_tested_by_titles_alone(folder: Folder) -> None:
    text = FILES[PROFILE].replace("  3. 1 not 2\n", "  3. 1 not 2\n  4. 3 and audit.ti.\n")
    folder.write({PROFILE: text + "result: {full: 4, brief: 3}\n"})
    assert examples_of(folder.load()) == []
    folder.write({PROFILE: text})
    assert [code for code, *_ in examples_of(folder.load())] == ["C060"]


@pytest.mark.parametrize(
    ("title", "proves"),
    [("Trade tariffs", False), ("Smog in cities", False), ("Smoked salmon", True), ("A nonvaping majority", True)],
)
def test_a_near_miss_proves_something_and_a_stranger_does_not(folder: Folder, title: str, proves: bool) -> None:
    folder.edit(PROFILE, "  1. (smok* or vap*).ti,ab.", "  1. (smoking or vaping).ti,ab.")
    folder.edit(PROFILE, "Nicotine vaping in rats", title)
    assert ("C063" not in [code for code, *_ in examples_of(folder.load())]) is proves


def test_the_reason_says_what_excludes_an_example(folder: Folder) -> None:
    folder.edit(PROFILE, "Adult smoking habits", "Smoking and rats")
    loaded = folder.load()
    found = check_examples(loaded.catalogue.profiles["tobacco"], loaded.compiled["tobacco"])[0]
    assert found.message.endswith("found by lines 1, 2, not by line 3; line 2 excludes it.")
