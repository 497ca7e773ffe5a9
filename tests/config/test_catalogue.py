"""The configuration folder as a whole: what is read, what is said, and what is in force."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from alerts.config import CODES, NoConfiguration, load_catalogue
from alerts.model.bulletins import Section
from tests.config.folders import FILES, Folder


def test_a_right_configuration_is_read_without_a_word(folder: Folder) -> None:
    assert folder.said() == []


def test_everything_that_is_written_arrives_in_the_catalogue(folder: Folder) -> None:
    loaded = folder.load()
    catalogue = loaded.catalogue
    assert catalogue.service.contact_address == "library@example.nhs.uk"
    source = catalogue.sources["bmj"]
    assert (source.publisher, source.evidence_type, source.place) == ("GOV.UK", "study", "England")
    assert (source.every_s, source.rhythm_days, source.tags) == (6 * 3600, 2.0, frozenset({"government"}))
    assert catalogue.sources["dhsc"].tags == {"government", "policy"}
    team = catalogue.teams["public-health"]
    assert (team.sender_name, team.sender_address, team.reply_to) == ("Robin Sample",) + ("robin@example.nhs.uk",) * 2
    bulletin = catalogue.bulletins["weekly"]
    assert (bulletin.teams, bulletin.profiles) == (("public-health",), ("tobacco",))
    assert bulletin.sections == (Section("Guidance", frozenset({"guidance"})), Section("Local", lens="local"))
    assert (bulletin.schedule.cadence, bulletin.schedule.weekday, bulletin.schedule.at) == ("weekly", 1, time(7, 30))
    assert catalogue.blocks["uk-filter"].met_by_places == {"England"}
    assert catalogue.spelling == (("tumour*", "tumor*"),)
    assert catalogue.type_rules[0].title_any == ("systematic review",)
    assert catalogue.type_labels["audit"] == "audit or inspection"
    assert catalogue.no_send_days[0].day == date(2026, 12, 24)
    assert loaded.compiled.keys() == {"tobacco"}
    assert loaded.files.keys() == FILES.keys()


def test_a_profile_knows_where_its_strategy_and_its_examples_stand(folder: Folder) -> None:
    profile = folder.load().catalogue.profiles["tobacco"]
    assert (profile.search_line, profile.search_column) == (5, 3)
    assert [example.line for example in (*profile.must_match, *profile.must_not_match)] == [10, 12]


def test_a_brief_line_left_out_is_the_full_one(folder: Folder) -> None:
    results = {
        "result: 1\n": (1, 1),
        "result: {full: 3, brief: 1}\n": (3, 1),
        "result: {full: 3}\n": (3, 3),
        "": (0, 0),
    }
    for written, lines in results.items():
        folder.write({"profiles/tobacco.yaml": FILES["profiles/tobacco.yaml"] + written})
        profile = folder.load().catalogue.profiles["tobacco"]
        assert (profile.result_full, profile.result_brief) == lines


def test_a_folder_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(NoConfiguration) as refused:
        load_catalogue(tmp_path / "config", None)
    assert "alerts init" in refused.value.remedy


WRONG = [
    # what is wrong in one file: file, old, new, where and code
    ("profiles/tobacco.yaml", "title:", "titel:", "profiles/tobacco.yaml:1:1 C020"),
    ("profiles/tobacco.yaml", "title: Tobacco\n", "extra: x\n", "profiles/tobacco.yaml:1:1 C021"),
    ("profiles/tobacco.yaml", "title: Tobacco\n", "", "profiles/tobacco.yaml:1:1 C021"),
    ("profiles/tobacco.yaml", "title: Tobacco\n", "title:\n", "profiles/tobacco.yaml:1:1 C021"),
    ("profiles/tobacco.yaml", "tags: [policy]", "tags: policy", "profiles/tobacco.yaml:3:17 C023"),
    ("profiles/tobacco.yaml", "title: Tobacco", "title: [Tobacco]", "profiles/tobacco.yaml:1:8 C023"),
    ("profiles/tobacco.yaml", "    - title: Adult smoking habits", "    - note: x", "profiles/tobacco.yaml:10:7 C020"),
    ("profiles/tobacco.yaml", "search: |", "search: >", "profiles/tobacco.yaml:4:9 C038"),
    ("profiles/tobacco.yaml", "search: |", "dialect: ovid\nsearching: |", "profiles/tobacco.yaml:5:1 C020"),
    ("profiles/tobacco.yaml", "team: public-health", "team: Public Health", "profiles/tobacco.yaml:2:7 C031"),
    ("profiles/tobacco.yaml", "team: public-health", "team: publik-health", "profiles/tobacco.yaml:2:7 C030"),
    ("profiles/tobacco.yaml", "ids: [bmj]", "ids: [bjm]", "profiles/tobacco.yaml:3:33 C030"),
    ("profiles/tobacco.yaml", "tags: [policy]", "tags: [polcy]", "profiles/tobacco.yaml:3:18 C030"),
    ("profiles/tobacco.yaml", "ids: [bmj]", "exclude: [bjm]", "profiles/tobacco.yaml:3:37 C030"),
    ("profiles/tobacco.yaml", "title:", "places: [Englnd]\ntitle:", "profiles/tobacco.yaml:1:10 C036"),
    ("profiles/tobacco.yaml", "team: public-health", "team: public-health\nid: A b", "profiles/tobacco.yaml:3:5 C031"),
    ("blocks/uk-filter.yaml", "[England]", "[Atlantis]", "blocks/uk-filter.yaml:3:25 C036"),
    ("sources/national.yaml", "https://www.bmj.com", "www.bmj.com", "sources/national.yaml:9:14 C022"),
    ("sources/national.yaml", "www.bmj.com", "me:pass@www.bmj.com", "sources/national.yaml:9:14 C022"),
    ("sources/national.yaml", "type: study", "type: studdy", "sources/national.yaml:10:11 C022"),
    ("sources/national.yaml", "6 hours", "often", "sources/national.yaml:11:12 C022"),
    ("sources/national.yaml", "6 hours", "1 second", "sources/national.yaml:11:12 C022"),
    ("sources/national.yaml", "type: policy", "typ: policy", "sources/national.yaml:1:31 C020"),
    ("sources/national.yaml", "id: bmj", "id: dhsc", "sources/national.yaml:7:9 C032"),
    ("sources/national.yaml", "id: bmj", "id: bmj\n    formerly: [dhsc]", "sources/national.yaml:8:16 C033"),
    ("teams/public-health.yaml", "<robin@example.nhs.uk>", "<robin@example>", "teams/public-health.yaml:3:8 C022"),
    ("teams/public-health.yaml", "<robin@example.nhs.uk>", "robin@example.nhs.uk", "teams/public-health.yaml:3:8 C022"),
    ("teams/public-health.yaml", "title:", "feedback: x\ntitle:", "teams/public-health.yaml:1:11 C022"),
    ("teams/public-health.yaml", "title:", "document_link: https://x\ntitle:", "teams/public-health.yaml:1:16 C022"),
    ("bulletins/weekly.yaml", "[tobacco]", "[tobaco]", "bulletins/weekly.yaml:3:12 C030"),
    ("bulletins/weekly.yaml", "[tobacco]", "[]", "bulletins/weekly.yaml:3:11 C022"),
    ("bulletins/weekly.yaml", "standard", "standrad", "bulletins/weekly.yaml:4:11 C030"),
    ("bulletins/weekly.yaml", "sections: standard", "group_by: type", "bulletins/weekly.yaml:1:1 C021"),
    ("bulletins/weekly.yaml", "07:30", "01:30", "bulletins/weekly.yaml:5:42 C040"),
    ("bulletins/weekly.yaml", "07:30", "7.30pm", "bulletins/weekly.yaml:5:42 C022"),
    ("bulletins/weekly.yaml", "every: week", "every: month", "bulletins/weekly.yaml:5:30 C042"),
    ("bulletins/weekly.yaml", "every: week", "every: fortnight", "bulletins/weekly.yaml:5:1 C042"),
    ("bulletins/weekly.yaml", "every: week", "every: day", "bulletins/weekly.yaml:5:28 C042"),
    ("bulletins/weekly.yaml", "every: week, on: Tuesday", "every: week", "bulletins/weekly.yaml:5:1 C042"),
    ("bulletins/weekly.yaml", "on: Tuesday", "on: Tusday", "bulletins/weekly.yaml:5:29 C022"),
    ("bulletins/weekly.yaml", "on: Tuesday", "on: first Tuesday", "bulletins/weekly.yaml:5:29 C042"),
    ("bulletins/weekly.yaml", "on: Tuesday", "on: Tuesday, zone: Europe/Londn", "bulletins/weekly.yaml:5:44 C041"),
    ("bulletins/weekly.yaml", "on: Tuesday", "on: Tuesday, starting: 2026-11-03", "bulletins/weekly.yaml:5:48 C042"),
    ("types.yaml", "lens: local", "lens: local, types: [data]", "types.yaml:7:7 C022"),
    ("types.yaml", "title_any: [systematic review]", "design: review", "types.yaml:3:5 C022"),
    ("types.yaml", "audit:", "audits:", "types.yaml:1:10 C022"),
    ("places.yaml", "kind: nation", "kind: country", "places.yaml:3:27 C022"),
    ("places.yaml", "2026-11-01", "1 November", "places.yaml:1:8 C022"),
    ("spelling.yaml", "[tumour*, tumor*]", "[tumour*]", "spelling.yaml:2:5 C022"),
    ("spelling.yaml", "tumor*", "tu*mor", "spelling.yaml:2:15 C022"),
    ("calendar.yaml", "2026-12-24", "2026-02-30", "calendar.yaml:2:11 C022"),
    ("service.yaml", "<library@example.nhs.uk>", "", "service.yaml:2:10 C022"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), WRONG)
def test_what_is_wrong_is_said_with_its_place(folder: Folder, file: str, old: str, new: str, expected: str) -> None:
    said = folder.edit(file, old, new).said()
    assert any(each.startswith(f"{expected} ") for each in said), said


@pytest.mark.parametrize(
    ("file", "old", "new", "near"),
    [
        ("profiles/tobacco.yaml", "title:", "titel:", "title"),
        ("profiles/tobacco.yaml", "search:", "serach:", "search"),
        ("profiles/tobacco.yaml", "team: public-health", "team: publik-health", "public-health"),
        ("profiles/tobacco.yaml", "ids: [bmj]", "ids: [bmjj]", "bmj"),
        ("bulletins/weekly.yaml", "[tobacco]", "[tobaco]", "tobacco"),
        ("bulletins/weekly.yaml", "standard", "standrad", "standard"),
        ("bulletins/weekly.yaml", "[England]", "[Englnd]", "England"),
        ("bulletins/weekly.yaml", "every: week", "every: weeks", "week"),
        ("bulletins/weekly.yaml", "on: Tuesday", "on: Tuesday, zone: Europe/Londn", "Europe/London"),
        ("sources/national.yaml", "type: study", "type: studdy", "study"),
        ("sources/national.yaml", "publisher:", "publsher:", "publisher"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_nearest(folder: Folder, file: str, old: str, new: str, near: str) -> None:
    problems = folder.edit(file, old, new).load().problems
    assert f"Did you mean “{near}”?" in {problem.remedy for problem in problems}


def test_all_problems_of_all_files_come_at_once(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title:", "titel:").edit("profiles/tobacco.yaml", "tags: [policy]", "tags: x")
    folder.edit("teams/public-health.yaml", "library:", "libary:").edit("calendar.yaml", "2026-12-24", "Christmas")
    codes = [each.split()[1] for each in folder.said() if not {"C034", "C071"} & set(each.split())]
    assert sorted(codes) == ["C020", "C020", "C022", "C023", "C030"]


def places_and_codes(folder: Folder, file: str) -> set[str]:
    """Return `line:column code` of the errors, and the codes of the warnings, of one file."""
    found = [each for each in folder.load().problems if each.file == str(folder.path / file)]
    return {f"{each.line}:{each.column} {each.code}" for each in found if each.severity == "error"} | {
        each.code for each in found if each.severity == "warning"
    }


def test_a_topic_with_a_value_of_the_wrong_kind_has_its_names_checked_at_once(folder: Folder) -> None:
    folder.write({
        "profiles/tobacco.yaml": (
            "title: Tobacco\n"
            "team: publik-health\n"
            "limits: {language: english}\n"
            "sources: {tags: [polcy], ids: [bjm, Bad Id, dhcs], exclude: [gone]}\n"
            "places: [England, Englnd]\n"
            "search: |\n"
            "  1. smok*.ti,ab.\n"
            "  2. (1 not 3\n"
        )
    })  # fmt: skip
    assert places_and_codes(folder, "profiles/tobacco.yaml") >= {
        "2:7 C030", "3:20 C023", "4:18 C030", "4:32 C030", "4:37 C031", "4:45 C030", "5:19 C036", "C030", "C071",
    }  # fmt: skip
    assert any(each.code.startswith("S") and each.line == 8 for each in folder.load().problems)


def test_a_topic_that_cannot_be_used_is_told_too_that_it_listens_to_nothing(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title:", "limits: {language: english}\ntitle:")
    folder.edit("profiles/tobacco.yaml", "ids: [bmj]", "exclude: [dhsc]")
    assert places_and_codes(folder, "profiles/tobacco.yaml") == {"1:20 C023", "C037", "C071"}


def test_a_strategy_is_not_judged_where_what_decides_on_it_cannot_be_read(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "search: |", "dialect: ovdi\nsearch: |")
    folder.edit("profiles/tobacco.yaml", "3. 1 not 2", "3. 1 nto 2")
    assert places_and_codes(folder, "profiles/tobacco.yaml") == {"4:10 C022", "C071"}


def test_a_bulletin_with_a_value_of_the_wrong_kind_has_its_names_checked_at_once(folder: Folder) -> None:
    folder.write({
        "bulletins/weekly.yaml": (
            "title: Weekly update\n"
            "team: publik-health\n"
            "teams: [public-health, comissioning]\n"
            "profiles: [tobaco, tobacco]\n"
            "sections: standrad\n"
            "places: [Englnd]\n"
            'schedule: {every: week, on: Tusday, at: "25:00", zone: Europe/Londn}\n'
        )
    })  # fmt: skip
    assert places_and_codes(folder, "bulletins/weekly.yaml") == {
        "2:7 C030", "3:24 C030", "4:12 C030", "5:11 C030", "6:10 C036", "7:29 C022", "7:41 C022", "7:56 C041", "C071",
    }  # fmt: skip


@pytest.mark.parametrize("every", ["evry: week", "every: weeks"])
def test_a_day_is_checked_where_it_cannot_be_told_how_often(folder: Folder, every: str) -> None:
    folder.edit("bulletins/weekly.yaml", "every: week, on: Tuesday", f"{every}, on: Tusday")
    codes = {each.partition(" ")[2] for each in places_and_codes(folder, "bulletins/weekly.yaml")}
    assert codes >= {"C022"}
    assert any("Tusday" in each.message for each in folder.load().problems)


def test_a_bulletin_that_is_refused_for_its_form_is_not_accused_of_what_is_right(folder: Folder) -> None:
    folder.edit("bulletins/weekly.yaml", "title:", "titel:")
    assert places_and_codes(folder, "bulletins/weekly.yaml") == {"1:1 C020", "C071"}


def test_a_copied_id_hides_nothing_else(folder: Folder) -> None:
    folder.write({"profiles/copy.yaml": "id: tobacco\ntitle: F\nteam: publik-health\nsearch: |\n  1. (a.ti.\n"})
    found = places_and_codes(folder, "profiles/copy.yaml")
    assert found >= {"1:5 C032", "3:7 C030"}
    assert any(" S" in each for each in found)


def test_a_key_given_twice_hides_nothing_else(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title: Tobacco\n", "title: Tobacco\ntitle: Vaping\nplace: x\n")
    assert places_and_codes(folder, "profiles/tobacco.yaml") == {"2:1 C017", "3:1 C020", "C071"}
    assert "tobacco" not in folder.load().catalogue.profiles


def test_a_block_with_an_unknown_key_has_its_strategy_and_its_places_checked(folder: Folder) -> None:
    folder.write({
        "blocks/uk-filter.yaml": "titel: UK\nsearch: |\n  1. (uk.ti.\nmet_by: {source_place: [Englnd]}\n"
    })  # fmt: skip
    found = places_and_codes(folder, "blocks/uk-filter.yaml")
    assert found >= {"1:1 C020", "4:25 C036"}
    assert any(" S" in each for each in found)


def test_what_sources_have_in_common_does_not_hide_what_is_wrong_in_one(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "defaults: {", "defaults: {typ: x, ").edit(
        "sources/national.yaml", "https://www.bmj.com", "bmj.com"
    )
    assert places_and_codes(folder, "sources/national.yaml") == {"1:12 C020", "9:14 C022", "C071"}
    assert not folder.load().catalogue.sources


def test_a_mistyped_defaults_is_one_finding(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "defaults:", "defualts:")
    assert places_and_codes(folder, "sources/national.yaml") == {"1:1 C020", "C071"}


def test_the_place_of_a_source_is_checked_beside_its_other_slips(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "type: study", "type: studdy\n    place: Englnd")
    assert places_and_codes(folder, "sources/national.yaml") == {"10:11 C022", "C036", "C071"}


def test_every_code_that_loading_gives_is_in_the_table(folder: Folder) -> None:
    for file, old, new, expected in WRONG:
        assert expected.split()[1] in CODES, (file, old, new)


# One bad file costs only itself.


def test_a_bad_file_gives_way_to_its_last_good_text_and_that_is_said(folder: Folder) -> None:
    good = folder.load().files
    folder.edit("profiles/tobacco.yaml", "title: Tobacco", "titel: Tobacco and vaping")
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.profiles["tobacco"].title == "Tobacco"
    assert loaded.held_back == ("profiles/tobacco.yaml",)
    assert [each.split()[1] for each in folder.said(good)] == ["C070", "C020"]
    assert loaded.files == good  # what is kept after this is still the good text
    assert loaded.catalogue.bulletins["weekly"].profiles == ("tobacco",)


def test_a_strategy_that_cannot_be_read_gives_way_too(folder: Folder) -> None:
    good = folder.load().files
    folder.edit("profiles/tobacco.yaml", "3. 1 not 2", "3. (1 not 2")
    loaded = folder.load(last_good=good)
    assert loaded.errors
    assert loaded.held_back == ("profiles/tobacco.yaml",)
    assert loaded.catalogue.profiles["tobacco"].search.endswith("3. 1 not 2\n")
    assert "tobacco" in loaded.compiled


def test_without_a_good_text_only_the_bad_file_is_missing_and_what_needs_it_is_told(folder: Folder) -> None:
    folder.write({"profiles/alcohol.yaml": FILES["profiles/tobacco.yaml"]})
    folder.edit("profiles/alcohol.yaml", "title:", "titel:")
    folder.edit("bulletins/weekly.yaml", "[tobacco]", "[tobacco, alcohol]")
    loaded = folder.load()
    assert loaded.absent == ("profiles/alcohol.yaml",)
    assert loaded.catalogue.bulletins["weekly"].profiles == ("tobacco",)
    assert (
        "bulletins/weekly.yaml:3:21 C034 The profile “alcohol” has errors and cannot be used at present."
        in folder.said()
    )


def test_a_bulletin_without_a_usable_topic_is_missing_until_it_has_one(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    loaded = folder.load()
    assert not loaded.catalogue.bulletins
    assert set(loaded.absent) == {"profiles/tobacco.yaml", "bulletins/weekly.yaml"}


def test_a_new_bulletin_that_names_nothing_real_is_refused_whole(folder: Folder) -> None:
    folder.edit("bulletins/weekly.yaml", "[tobacco]", "[tobacco, alcohl]")
    loaded = folder.load()
    assert not loaded.catalogue.bulletins
    assert loaded.absent == ("bulletins/weekly.yaml",)


def test_a_topic_taken_away_leaves_the_rest_of_its_bulletins_in_force(folder: Folder) -> None:
    folder.write({"profiles/alcohol.yaml": FILES["profiles/tobacco.yaml"]})
    folder.edit("bulletins/weekly.yaml", "[tobacco]", "[tobacco, alcohol]")
    good = folder.load().files
    folder.write({"profiles/alcohol.yaml": None})
    folder.edit("bulletins/weekly.yaml", "Weekly update", "Weekly")
    loaded = folder.load(last_good=good)
    assert loaded.held_back == ("bulletins/weekly.yaml",)
    assert loaded.catalogue.bulletins["weekly"].profiles == ("tobacco",)
    assert loaded.catalogue.bulletins["weekly"].title == "Weekly update"
    assert "alcohol" not in loaded.catalogue.profiles


def test_one_bad_source_of_a_file_costs_only_itself(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "https://www.bmj.com", "bmj.com")
    loaded = folder.load()
    assert loaded.catalogue.sources.keys() == {"dhsc"}
    assert not loaded.absent
    assert "sources/national.yaml" not in loaded.files
    assert "tobacco" in loaded.catalogue.profiles


def test_with_a_good_text_a_file_of_sources_stays_whole(folder: Folder) -> None:
    good = folder.load().files
    folder.edit("sources/national.yaml", "https://www.bmj.com", "bmj.com")
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.sources.keys() == {"dhsc", "bmj"}
    assert loaded.held_back == ("sources/national.yaml",)


def test_a_bad_block_takes_no_profile_down_while_its_last_good_text_is_there(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "3. 1 not 2", "3. 1 and #uk-filter")
    good = folder.load().files
    folder.edit("blocks/uk-filter.yaml", "(uk or england)", "(uk or england")
    loaded = folder.load(last_good=good)
    assert loaded.held_back == ("blocks/uk-filter.yaml",)
    assert "tobacco" in loaded.compiled


def test_a_last_good_text_that_is_no_good_any_more_is_not_used(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    loaded = folder.load(last_good={"profiles/tobacco.yaml": "nonsense: true\n"})
    assert "profiles/tobacco.yaml" in loaded.absent


def test_a_file_that_was_deleted_does_not_come_back(folder: Folder) -> None:
    good = folder.load().files
    folder.write({"calendar.yaml": None})
    assert not folder.load(last_good=good).catalogue.no_send_days


# Files, encodings and limits.


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_with_a_byte_order_mark_are_read_without_a_word(folder: Folder, encoding: str) -> None:
    text = FILES["profiles/tobacco.yaml"].replace("Tobacco", "Tobacco – café").replace("\n", "\r\n")
    folder.write({"profiles/tobacco.yaml": text.encode(encoding)})
    assert folder.said() == []
    profile = folder.load().catalogue.profiles["tobacco"]
    assert (profile.title, profile.search_line) == ("Tobacco – café", 5)


def test_windows_text_is_read_and_said(folder: Folder) -> None:
    text = FILES["profiles/tobacco.yaml"].replace("Tobacco", "Tobacco – café")
    folder.write({"profiles/tobacco.yaml": text.encode("cp1252")})
    assert [each.split()[1] for each in folder.said()] == ["C013"]
    assert folder.load().catalogue.profiles["tobacco"].title == "Tobacco – café"


def test_a_line_separator_pasted_from_word_moves_no_line_number(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title: Tobacco", "title: Tobacco\u2028and vaping\nteams: x")
    assert any(each.startswith("profiles/tobacco.yaml:2:1 C020") for each in folder.said())


def test_a_file_beyond_the_limit_costs_only_itself(folder: Folder) -> None:
    folder.write({"calendar.yaml": "# " + "x" * 256_000 + "\n"})
    assert [each.split()[1] for each in folder.said()] == ["C011", "C071"]
    assert "tobacco" in folder.load().catalogue.profiles


def test_too_many_files_are_said(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.config.files.MAX_FILES", 5)
    assert any(" C012 " in each for each in folder.said())


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n- list\n", "just text\n"])
def test_a_file_that_holds_no_keys_is_said(folder: Folder, text: str) -> None:
    folder.write({"calendar.yaml": text})
    assert any("C018" in each for each in folder.said())


def test_a_file_in_the_wrong_folder_is_not_ignored_in_silence(folder: Folder) -> None:
    folder.write({"profile/alcohol.yaml": "x: 1\n", "servce.yaml": "x: 1\n", "notes.txt": "", ".hidden.yaml": "x"})
    said = [(problem.file, problem.code, problem.remedy) for problem in folder.load().problems]
    assert (str(folder.path / "profile"), "C019", "Did you mean “profiles”?") in said
    assert (str(folder.path / "servce.yaml"), "C019", "Did you mean “service.yaml”?") in said
    assert len([each for each in said if each[1] == "C019"]) == 2


def test_a_word_processors_file_beside_the_profiles_is_not_passed_over_in_silence(folder: Folder) -> None:
    names = ("notes.docx", "Strategy.DOC", "falls.yaml.txt", "~$notes.docx", "strategy.txt", "README.md")
    folder.write({f"profiles/{name}": "x" for name in names})
    said = {Path(each.file).name: each for each in folder.load().problems if each.code == "C019"}
    assert said.keys() == {"notes.docx", "Strategy.DOC", "falls.yaml.txt"}
    assert {each.severity for each in said.values()} == {"warning"}
    assert "plain text" in said["notes.docx"].remedy
    assert said["falls.yaml.txt"].remedy == "Its name ends in .txt: call it falls.yaml."


def test_a_file_that_cannot_be_read_is_said(folder: Folder) -> None:
    (folder.path / "profiles" / "alcohol.yaml").mkdir()
    assert any("profiles/alcohol.yaml" in each and " C010 " in each for each in folder.said())


def test_a_hundred_findings_are_enough_for_one_file(folder: Folder) -> None:
    folder.write({"calendar.yaml": "".join(f"key{n}: 1\n" for n in range(300))})
    assert len(folder.said()) < 110


def test_an_id_comes_from_the_name_of_the_file_unless_it_is_given(folder: Folder) -> None:
    folder.write({"profiles/Alcohol and drugs.yaml": FILES["profiles/tobacco.yaml"]})
    assert any(" C031 " in each for each in folder.said())
    folder.edit("profiles/Alcohol and drugs.yaml", "title:", "id: alcohol\ntitle:")
    assert folder.said() == []
    assert folder.load().catalogue.profiles.keys() == {"alcohol", "tobacco"}


def test_two_files_with_one_id_are_told_apart_by_the_one_that_came_first(folder: Folder) -> None:
    folder.write({"profiles/zz.yaml": "id: tobacco\n" + FILES["profiles/tobacco.yaml"]})
    assert any(each.startswith("profiles/zz.yaml:1:5 C032") for each in folder.said())
    assert folder.load().catalogue.profiles["tobacco"].file.endswith("profiles/tobacco.yaml")


COPY = "id: tobacco\n" + FILES["profiles/tobacco.yaml"].replace("title: Tobacco", "title: Falls")


@pytest.mark.parametrize("kept", [None, FILES], ids=["nothing known", "with last good texts"])
def test_a_copied_id_is_the_fault_of_the_copy_wherever_it_is_sorted(
    folder: Folder, kept: dict[str, str] | None
) -> None:
    folder.write({"profiles/a-copy.yaml": COPY})
    loaded = folder.load(last_good=kept)
    assert loaded.catalogue.profiles["tobacco"].title == "Tobacco"
    assert loaded.absent == ("profiles/a-copy.yaml",)
    (problem,) = [each for each in loaded.problems if each.severity == "error"]
    assert (problem.code, problem.file, problem.line) == ("C032", str(folder.path / "profiles/a-copy.yaml"), 1)
    assert str(folder.path / "profiles/tobacco.yaml") in problem.message


def test_a_copied_id_takes_nothing_over_while_the_original_is_broken(folder: Folder) -> None:
    folder.write({"profiles/a-copy.yaml": COPY}).edit("profiles/tobacco.yaml", "title:", "titel:")
    loaded = folder.load()
    assert not loaded.catalogue.profiles
    assert [each.code for each in loaded.problems if each.severity == "error"] == ["C032", "C020"]


def test_an_id_in_force_is_not_taken_by_a_new_file_of_that_name(folder: Folder) -> None:
    folder.write({"profiles/tobacco.yaml": None, "profiles/smoking.yaml": COPY})
    good = folder.load().files
    folder.write({"profiles/tobacco.yaml": FILES["profiles/tobacco.yaml"]})
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.profiles["tobacco"].title == "Falls"
    assert loaded.absent == ("profiles/tobacco.yaml",)


def test_a_copied_source_leaves_the_one_in_force(folder: Folder) -> None:
    good = folder.load().files
    folder.write({"sources/a.yaml": FILES["sources/national.yaml"].replace("bmj.com", "example.org")})
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.sources["bmj"].address == "https://www.bmj.com/feed.xml"
    assert {each.file for each in loaded.problems if each.severity == "error"} == {str(folder.path / "sources/a.yaml")}


def test_a_source_that_moved_out_of_a_file_that_is_broken_meanwhile_is_no_error(folder: Folder) -> None:
    good = folder.load().files
    moved = "sources:\n" + FILES["sources/national.yaml"].partition("tags: [policy]\n")[2]
    folder.write({"sources/a.yaml": moved})
    folder.write({"sources/national.yaml": FILES["sources/national.yaml"].partition("  - id: bmj")[0] + "  bad: [x\n"})
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.sources.keys() == {"dhsc", "bmj"}
    assert {Path(each.file).name for each in loaded.problems if each.severity == "error"} == {"national.yaml"}


# What only follows from a broken file is no error of the others.


@pytest.mark.parametrize(
    ("broken", "old", "new"),
    [
        ("sources/national.yaml", "defaults:", "bad: [x\ndefaults:"),
        ("teams/public-health.yaml", "title:", "bad: [x\ntitle:"),
        ("profiles/tobacco.yaml", "title:", "bad: [x\ntitle:"),
        ("blocks/uk-filter.yaml", "search:", "bad: [x\nsearch:"),
        ("blocks/uk-filter.yaml", "(uk or england)", "(uk or england"),
        ("types.yaml", "labels:", "bad: [x\nlabels:"),
        ("places.yaml", "as_of:", "bad: [x\nas_of:"),
    ],
)
def test_errors_stand_only_in_the_file_that_is_broken(folder: Folder, broken: str, old: str, new: str) -> None:
    folder.edit("profiles/tobacco.yaml", "3. 1 not 2", "3. (1 not 2) and #uk-filter")
    assert not folder.load().errors
    folder.edit(broken, old, new)
    errors = {each.file for each in folder.load().problems if each.severity == "error"}
    assert errors == {str(folder.path / broken)}


def test_a_file_of_sources_that_cannot_be_read_at_all_is_the_only_error(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "ids: [bmj]", "ids: [bmj], exclude: [dhsc]")
    folder.write({"sources/national.yaml": b"\x81" * 3})
    loaded = folder.load()
    assert {Path(each.file).name for each in loaded.problems if each.severity == "error"} == {"national.yaml"}
    assert loaded.catalogue.profiles.keys() == {"tobacco"}


def test_a_folder_that_is_closed_is_the_only_error(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refusing(path: str | Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "teams":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("alerts.config.files.os.scandir", refusing)
    loaded = folder.load()
    assert [each.file for each in loaded.problems if each.severity == "error"] == [str(folder.path / "teams")]
    assert loaded.catalogue.profiles.keys() == {"tobacco"}


def test_a_broken_block_keeps_the_former_text_of_a_topic_that_has_just_named_it(folder: Folder) -> None:
    good = folder.load().files
    folder.edit("profiles/tobacco.yaml", "3. 1 not 2", "3. 1 and #new-block")
    folder.write({"blocks/new-block.yaml": "search: |\n  1. (uk.ti.\n"})
    loaded = folder.load(last_good=good)
    assert loaded.held_back == ("profiles/tobacco.yaml",)
    assert loaded.catalogue.profiles["tobacco"].search.endswith("3. 1 not 2\n")


def test_that_nothing_of_a_file_is_in_force_is_only_claimed_where_it_is_known(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")

    def absent(last_good: dict[str, str] | None) -> set[str]:
        return {each.message for each in folder.load(last_good=last_good).problems if each.code == "C071"}

    assert absent({}) == {"Nothing of this file is in force."}
    assert absent(None) == {"Unless the service keeps an earlier good text, nothing of this file is in force."}


def test_places_are_known_by_their_other_names(folder: Folder) -> None:
    folder.edit("bulletins/weekly.yaml", "[England]", "[english, England]")
    assert folder.load().catalogue.bulletins["weekly"].places == ("England",)


def test_an_unknown_place_of_a_source_is_a_warning(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "place: England", "place: Englnd")
    problems = [problem for problem in folder.load().problems if problem.code == "C036"]
    assert [(each.severity, each.line, each.column) for each in problems] == [("warning", 1, 52)]


def test_two_sources_with_one_address_are_a_warning(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "https://www.bmj.com/feed.xml", "http://www.gov.uk/dhsc.atom")
    assert [(each.code, each.severity) for each in folder.load().problems if each.severity != "note"] == [
        ("C035", "warning")
    ]


def test_a_profile_that_listens_to_nothing_is_a_warning(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "ids: [bmj]", "exclude: [dhsc]")
    assert [(each.code, each.severity) for each in folder.load().problems if each.severity != "note"] == [
        ("C037", "warning")
    ]


def test_the_people_in_force_come_with_the_catalogue(folder: Folder, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("address,name,teams,kind\nasha@example.nhs.uk,,public-health,\nben@example.nhs.uk,,x,\n", "utf-8")
    loaded = folder.load(people)
    assert loaded.people_state == "read"
    assert [person.teams for person in loaded.catalogue.people] == [("public-health",), ()]
    assert [(each.code, each.file) for each in loaded.problems if each.severity == "error"] == [("C054", str(people))]
    assert not any("@" in text for path, text in loaded.files.items() if "people" in path)


def test_the_revision_of_a_profile_changes_with_what_it_finds_and_with_nothing_else(folder: Folder) -> None:
    def revision() -> str:
        return folder.load().catalogue.profiles["tobacco"].revision

    first = revision()
    folder.edit("profiles/tobacco.yaml", "title: Tobacco", "title: Tobacco control")
    assert revision() == first
    folder.edit("profiles/tobacco.yaml", "ids: [bmj]", "exclude: [bmj]")
    second = revision()
    assert second != first
    folder.edit("profiles/tobacco.yaml", "vap*", "vape*")
    assert revision() not in {first, second}


def test_loading_twice_gives_the_same(folder: Folder) -> None:
    first, second = folder.load(), folder.load()
    assert first.catalogue == second.catalogue
    assert first.problems == second.problems


def test_what_names_something_taken_away_stays_in_force_without_it(folder: Folder) -> None:
    folder.write({"profiles/alcohol.yaml": FILES["profiles/tobacco.yaml"]})
    folder.edit("bulletins/weekly.yaml", "[tobacco]", "[tobacco, alcohol]")
    good = folder.load().files
    folder.write({"profiles/alcohol.yaml": None})
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.bulletins["weekly"].profiles == ("tobacco",)
    assert [each for each in folder.said(good) if "C07" in each] == [
        "bulletins/weekly.yaml:0:0 C070 This file stays in force, without what it names in vain."
    ]
    assert loaded.errors == 1


def test_a_renamed_team_takes_no_topic_with_it(folder: Folder) -> None:
    good = folder.load().files
    folder.write({"teams/public-health.yaml": None, "teams/health.yaml": FILES["teams/public-health.yaml"]})
    loaded = folder.load(last_good=good)
    assert loaded.catalogue.profiles.keys() == {"tobacco"}
    assert "bulletins/weekly.yaml" in loaded.absent  # nobody could send it


PIECES = [
    "",
    " ",
    "\n",
    ":",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "#",
    "x",
    "&a",
    "*",
    "!",
    "\t",
    "\x00",
    "(",
    "1.",
]


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_to_one_file_raises_or_touches_what_is_in_force(folder: Folder, seed: int) -> None:
    chance = random.Random(seed)
    before = folder.load()
    for _ in range(12):
        name = chance.choice(sorted(FILES))
        text = FILES[name]
        at = chance.randrange(len(text))
        damaged = text[:at] + chance.choice(PIECES) + text[at + chance.randint(0, 6) :]
        folder.write({name: damaged})
        after = folder.load(last_good=before.files)
        if name in after.held_back:
            assert after.errors
            assert after.catalogue == before.catalogue, damaged
        alone = folder.load()
        assert alone.errors or alone.files.keys() == FILES.keys()
        folder.write({name: text})


def test_a_pipe_among_the_files_does_not_hang_the_service(folder: Folder) -> None:
    os.mkfifo(folder.path / "profiles" / "pipe.yaml")
    assert any("profiles/pipe.yaml:0:0 C010" in each for each in folder.said())


@pytest.mark.parametrize("closed", ["config", "profiles"])
def test_a_folder_that_cannot_be_opened_is_said(folder: Folder, monkeypatch: pytest.MonkeyPatch, closed: str) -> None:
    scandir = os.scandir

    def refusing(path: str | Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == closed:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("alerts.config.files.os.scandir", refusing)
    if closed == "config":
        with pytest.raises(NoConfiguration, match="permission denied"):
            folder.load()
    else:
        assert any("The folder cannot be read: permission denied." in each for each in folder.said())


def test_a_slip_in_types_yaml_is_not_the_fault_of_the_bulletins(folder: Folder) -> None:
    folder.edit("types.yaml", "labels:", "lables:")
    said = folder.said()
    assert any(each.startswith("bulletins/weekly.yaml:4:11 C034 ") for each in said)
    assert not any(" C030 " in each for each in said)


def test_a_slip_in_a_file_of_sources_is_not_the_fault_of_the_profiles(folder: Folder) -> None:
    folder.edit("sources/national.yaml", "defaults: {", "defaults: {x: 1, ")
    loaded = folder.load()
    assert loaded.catalogue.profiles.keys() == {"tobacco"}
    assert {each.code for each in loaded.problems if "profiles/" in each.file and each.severity != "note"} == {"C034"}


def test_what_is_to_be_kept_as_good_never_loses_a_good_text(folder: Folder) -> None:
    kept = folder.load().files
    folder.edit("profiles/tobacco.yaml", "title:", "titel:").edit("sources/national.yaml", "https://www.bmj.com", "x")
    for _ in range(3):  # as after two restarts
        loaded = folder.load(last_good=kept)
        assert loaded.held_back == ("profiles/tobacco.yaml", "sources/national.yaml")
        assert loaded.files == kept
        kept = loaded.files


def test_a_good_text_that_is_not_usable_now_is_kept_for_later(folder: Folder) -> None:
    kept = folder.load().files
    folder.edit("bulletins/weekly.yaml", "title:", "titel:")
    team = FILES["teams/public-health.yaml"]
    folder.write({"teams/public-health.yaml": None})
    loaded = folder.load(last_good=kept)
    assert "bulletins/weekly.yaml" in loaded.absent
    assert loaded.files["bulletins/weekly.yaml"] == FILES["bulletins/weekly.yaml"]
    folder.write({"teams/public-health.yaml": team})
    assert folder.load(last_good=loaded.files).catalogue.bulletins.keys() == {"weekly"}


def test_a_deleted_file_is_not_kept(folder: Folder) -> None:
    kept = folder.load().files
    folder.write({"calendar.yaml": None})
    assert folder.load(last_good=kept).files.keys() == FILES.keys() - {"calendar.yaml"}


def test_a_folder_that_is_closed_for_a_while_deletes_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = folder.load()
    scandir, opened = os.scandir, Path.open

    def refusing(path: str | Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "profiles":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def refusing_to_open(path: Path, *how: Any) -> Any:
        if path.parent.name == "profiles":
            raise PermissionError(13, "Permission denied")
        return opened(path, *how)

    monkeypatch.setattr("alerts.config.files.os.scandir", refusing)
    monkeypatch.setattr(Path, "open", refusing_to_open)
    after = folder.load(last_good=before.files)
    assert after.catalogue == before.catalogue
    assert after.files == before.files
    assert after.held_back == ("profiles/tobacco.yaml",)
    assert after.errors == 2


def test_a_folder_that_is_suddenly_empty_is_an_error_and_not_a_deletion(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with pytest.raises(NoConfiguration, match="no files"):
        load_catalogue(tmp_path / "config", None)


NEW_BODY = (
    "  - {id: nova, title: Nova, address: https://nova.example.org/feed, type: study, tags: [government, policy]}\n"
)


def _ending(folder: Folder, more: str) -> None:
    folder.edit("sources/national.yaml", "  - id: bmj\n", NEW_BODY + "  - id: bmj\n" + more)


def test_whoever_listens_to_a_source_by_name_listens_to_its_successor_too(folder: Folder) -> None:
    _ending(folder, "    ends: 2027-03-31\n    successor: nova\n")
    folder.edit("profiles/tobacco.yaml", "tags: [policy], ids: [bmj]", "ids: [bmj]")
    loaded = folder.load()
    assert {problem.code for problem in loaded.problems if problem.severity != "note"} == set()
    profile = loaded.catalogue.profiles["tobacco"]
    assert [each.id for each in loaded.catalogue.sources_of(profile)] == ["nova", "bmj"]
    folder.edit("profiles/tobacco.yaml", "ids: [bmj]", "tags: [policy], exclude: [bmj]")
    loaded = folder.load()
    assert [each.id for each in loaded.catalogue.sources_of(loaded.catalogue.profiles["tobacco"])] == ["dhsc"]


@pytest.mark.parametrize(
    ("more", "code", "severity"),
    [
        ("    ends: 2027-03-31\n    successor: nowhere\n", "C030", "error"),
        ("    ends: 2027-03-31\n    successor: bmj\n", "C044", "error"),
        ("    ends: 2027-03-31\n    successor: dhsc\n    tags: [journals]\n", "C044", "warning"),
        ("    successor: nova\n", "C022", "error"),
        ("    ends: next spring\n", "C022", "error"),
    ],
)
def test_a_successor_that_leads_nowhere_is_said(folder: Folder, more: str, code: str, severity: str) -> None:
    _ending(folder, more)
    found = [problem for problem in folder.load().problems if problem.code == code and problem.severity == severity]
    assert len(found) == 1
    assert found[0].line > 7
    assert found[0].remedy
