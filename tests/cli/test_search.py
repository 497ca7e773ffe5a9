"""The `search` commands: check, run, explain, translate, count."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner

from alerts.cli import alerts
from alerts.cli.search import search
from alerts.cli.strategy_files import UnreadableFile
from alerts.parse.references import read_references
from alerts.search import compile_text, searchable

STRATEGIES = [
    {"id": "a", "text": "1. smok*.ti,ab.\n2. vap*.ti,ab.\n3. 1 or 2", "syntax": "ovid"},
    {"id": "b", "text": "(smok*[tiab] OR", "syntax": "pubmed"},
    {"id": "c", "text": "vaping[tiab] NOT rats[ti]"},
]
RECORDS = [
    {"id": "r1", "title": "Smoking and health", "abstract": "A caf\u00e9 study."},
    {"id": "r2", "title": "Vaping in rats", "mesh": ["Animals"]},
    {"pmid": "77", "title": "Vaping at school", "keywords": ["schools"]},
]


@pytest.fixture(autouse=True)
def _no_service_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(tmp_path / "no-config"))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    strategies, records = tmp_path / "many.jsonl", tmp_path / "records.jsonl.gz"
    strategies.write_text("\n".join(json.dumps(each) for each in STRATEGIES), encoding="utf-8")
    records.write_bytes(gzip.compress("\n".join(json.dumps(each) for each in RECORDS).encode()))
    return strategies, records


def invoke(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(search, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_check_prints_a_json_line_per_strategy_and_a_refused_one_does_not_stop_the_others(
    files: tuple[Path, Path],
) -> None:
    lines = [json.loads(line) for line in invoke("check", files[0], "--json", code=1).splitlines()]
    assert [(each["id"], each["accepted"], each["dialect"]) for each in lines] == [
        ("a", True, "ovid"),
        ("b", False, "pubmed"),
        ("c", True, "pubmed"),
    ]
    problem = next(each for each in lines[1]["problems"] if each["code"] == "S001")
    assert set(problem) == {"code", "severity", "line", "column", "length", "message", "remedy"}
    assert "matched" not in lines[0]


def test_run_prints_the_records_that_match(files: tuple[Path, Path]) -> None:
    lines = [json.loads(line) for line in invoke("run", files[0], "--records", files[1], "--json").splitlines()]
    assert [each["matched"] for each in lines] == [["r1", "r2", "77"], [], ["77"]]
    told = invoke("run", files[0], "--records", files[1], "--explain", "--no-json")
    assert "matched: Smoking (title)" in told
    assert "1 of 3 records" in told


def test_a_yaml_profile_is_read_with_the_blocks_of_its_folder(tmp_path: Path) -> None:
    profile = tmp_path / "vaping.yaml"
    profile.write_text("title: Vaping\nsearch: |\n  1. vap*.ti.\n  2. smok*.ti.\nresult: 1\n", encoding="utf-8")
    (line,) = invoke("check", profile, "--json").splitlines()
    assert json.loads(line)["id"] == "vaping"


def test_a_text_file_of_any_encoding_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes("1. \u201cswap to stop\u201d.ti.\r\n2. caf\u00e9.ti.\r\n3. 1 or 2\r\n".encode(encoding))
        assert json.loads(invoke("check", path, "--json"))["accepted"] is True


def test_explain_counts_lines_and_says_where_a_record_failed(files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("1. vap*.ti.\n2. hospital*.ti,ab.\n3. 1 and 2\n", encoding="utf-8")
    told = invoke("explain", path, "--records", files[1], "--id", "77")
    assert "does not match (line 3): in line 2, hospital* is required and not there." in told
    answer = json.loads(invoke("explain", path, "--records", files[1], "--json"))
    assert [each["explanation"]["matched"] for each in answer["records"]] == [False, False, False]


def test_translate_prints_the_strategy_in_another_dialect(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("1. exp Smoking/\n2. (smok* adj3 quit*).ti,ab.\n3. 1 and 2\n", encoding="utf-8")
    told = json.loads(invoke("translate", path, "--to", "pubmed", "--json"))
    assert told["text"].startswith('1. "Smoking"[mh]')
    assert told["notes"]


def test_count_prints_what_ovid_would(files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("1. smok*.ti,ab.\n2. vap*.ti,ab.\n3. 1 or 2\n", encoding="utf-8")
    counted = json.loads(invoke("count", path, "--records", files[1], "--json"))
    assert [each["count"] for each in counted["lines"]] == [1, 2, 3]
    assert "Results" in invoke("count", path, "--records", files[1])


def test_a_vocabulary_file_widens_headings(tmp_path: Path, files: tuple[Path, Path]) -> None:
    vocabulary, strategy = tmp_path / "own.csv", tmp_path / "s.txt"
    vocabulary.write_text("term,synonyms,narrower\nnicotine use,smoking and health,\n", encoding="utf-8")
    strategy.write_text("exp Nicotine Use/\n", encoding="utf-8")
    without = json.loads(invoke("run", strategy, "--records", files[1], "--json"))
    with_it = json.loads(invoke("run", strategy, "--records", files[1], "--vocabulary", vocabulary, "--json"))
    assert (without["matched"], with_it["matched"]) == ([], ["r1"])
    assert without["vocabulary"] is None
    assert with_it["vocabulary"] == "own.csv"


# Files, one by one.


def lines_of(*arguments: object, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in invoke(*arguments, code=code).splitlines()]


def test_where_no_terminal_is_check_and_run_print_json(files: tuple[Path, Path]) -> None:
    assert lines_of("check", files[0], code=1) == lines_of("check", files[0], "--json", code=1)
    assert lines_of("run", files[0], "--records", files[1])[0]["matched"] == ["r1", "r2", "77"]
    assert invoke("check", files[0], "--no-json", code=1).startswith("a: accepted, read as ovid\n")


def test_a_line_that_is_no_strategy_is_refused_and_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text('{"id": 7, "text": "smok*.ti."}\nnot json\n{"id": "x"}\n[1]\n{"id": "y", "text": "vap*.ti."}\n')
    found = lines_of("check", path, code=1)
    assert [(each["id"], each["accepted"]) for each in found] == [
        (7, True),
        ("2", False),
        ("x", False),
        ("4", False),
        ("y", True),
    ]
    assert [each["problems"][0]["code"] for each in found[1:4]] == ["S091"] * 3
    assert "Line 2" in found[1]["problems"][0]["message"]


def test_half_letters_in_json_harm_nobody(tmp_path: Path) -> None:
    path, records = tmp_path / "many.jsonl", tmp_path / "r.jsonl"
    odd = {"text": "cat.ti.", "syntax": "\ud800", "database": {"a": ["b"]}}
    path.write_text(json.dumps({"id": "\ud800"} | odd))
    records.write_text('{"id": "\\udfff", "title": "cat \\ud800"}')
    (found,) = lines_of("run", path, "--records", records, "--dialect", "ovid")
    assert (found["id"], found["matched"]) == ("\ud800", ["\udfff"])
    assert invoke("run", path, "--records", records, "--no-json").splitlines()[-2:] == ["  \ufffd  cat \ufffd", ""]


def test_lists_that_unfold_in_yaml_are_never_written_out(tmp_path: Path) -> None:
    names = "abcdefghijkl"
    lists = [f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]" for before, one in pairwise(names)]
    profile = tmp_path / "bomb.yaml"
    profile.write_text("\n".join(["a: &a [x]", *lists, *(f"{key}: *l" for key in KEYS), "search: cat.ti."]))
    (found,) = lines_of("check", profile, code=1)
    assert found["id"] == "bomb"
    assert [each["code"] for each in found["problems"]] == ["S041", "S091"]


KEYS = ("id", "dialect", "database", "result", "spelling", "limits")


def test_a_syntax_that_nobody_knows_is_said(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('[{"id": "a", "text": "smok*.ti.", "syntax": "Cochrane"}]')
    (found,) = lines_of("check", path)
    assert (found["accepted"], found["dialect"], found["problems"][0]["code"]) == (True, "ovid", "S041")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "search: [\n"), ("a.yaml", "title: x\n"), ("a.yaml", "- x\n"), ("a.yaml", "search_file: no.txt\n"),
     ("a.yaml", "search_file: ../a.txt\n"), ("a.docx", "no document"), ("a.rtf", "{\\rtf1 smok*.ti.}")],
)  # fmt: skip
def test_a_file_that_gives_no_strategy_does_not_stop_the_next_one(tmp_path: Path, name: str, text: str) -> None:
    bad, good = tmp_path / name, tmp_path / "good.txt"
    bad.write_text(text)
    good.write_text("smok*.ti.")
    found = lines_of("check", bad, good, code=1)
    assert [(each["id"], each["accepted"], each["dialect"]) for each in found] == [
        ("a", False, None),
        ("good", True, "ovid"),
    ]


def test_run_fails_only_when_nothing_could_be_run(files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("(smok*.ti.")
    (found,) = lines_of("run", path, "--records", files[1], code=1)
    assert (found["accepted"], found["matched"]) == (False, [])


def test_an_empty_file_of_strategies_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text("\n")
    with pytest.raises(UnreadableFile, match="no strategy"):
        invoke("check", path)


def test_a_word_document_is_a_strategy(tmp_path: Path, files: tuple[Path, Path]) -> None:
    document = docx.Document()
    for line in ("smok*.ti,ab.", "vap*.ti,ab.", "1 or 2"):
        document.add_paragraph(line, style="List Number")
    document.save(str(tmp_path / "falls.docx"))
    (found,) = lines_of("run", tmp_path / "falls.docx", "--records", files[1])
    assert (found["id"], found["matched"]) == ("falls", ["r1", "r2", "77"])


def test_standard_input_is_a_file(files: tuple[Path, Path], tmp_path: Path) -> None:
    strategy = tmp_path / "s.txt"
    strategy.write_text("vap*.ti.")
    body = gzip.decompress(files[1].read_bytes())
    result = CliRunner().invoke(search, ["run", str(strategy), "--records", "-"], input=body)
    assert json.loads(result.stdout)["matched"] == ["r2", "77"]
    result = CliRunner().invoke(search, ["check", "-"], input=b"(smok*.ti.")
    assert [each["code"] for each in json.loads(result.stdout)["problems"]] == ["S001"]


# What strategies share.


def test_the_spelling_that_ships_applies_unless_a_profile_says_exact(tmp_path: Path) -> None:
    records, strategy, profile = tmp_path / "r.jsonl", tmp_path / "s.txt", tmp_path / "p.yaml"
    records.write_text('{"id": 1, "title": "Pediatric wards"}\n')
    strategy.write_text("paediatric.ti.")
    profile.write_text("search: paediatric.ti.\nspelling: exact\n")
    assert lines_of("run", strategy, "--records", records)[0]["matched"] == [1]
    assert lines_of("run", profile, "--records", records)[0]["matched"] == []


def test_a_block_is_that_of_the_configuration_and_a_source_can_meet_it(tmp_path: Path) -> None:
    records, strategy, blocks = tmp_path / "r.jsonl", tmp_path / "s.txt", tmp_path / "config" / "blocks"
    blocks.mkdir(parents=True)
    (blocks / "home.yaml").write_text("search: anytown.ti.\nmet_by: {source_place: [England]}\n")
    (blocks.parent / "places.yaml").write_text("nations:\n  England: {}\n")
    strategy.write_text("1. smok*.ti.\n2. 1 and #home\n")
    records.write_text(
        '{"id": 1, "title": "Smoking", "source_place": "England"}\n{"id": 2, "title": "Smoking"}\n'
        '{"id": 3, "title": "Smoking in Anytown"}\n'
    )
    (found,) = lines_of("run", strategy, "--records", records, "--config", blocks.parent)
    assert found["matched"] == [1, 3]
    assert lines_of("check", strategy, code=1)[0]["problems"][0]["code"] == "S012"


def test_the_limits_of_a_profile_apply(tmp_path: Path) -> None:
    records, profile = tmp_path / "r.jsonl", tmp_path / "p.yaml"
    profile.write_text("search: smok*.ti.\nlimits: {language: [en]}\n")
    spoken = ("eng", "English", "en-GB", "fre", "")
    records.write_text("\n".join(json.dumps({"id": each, "title": "Smoking", "language": each}) for each in spoken))
    assert lines_of("run", profile, "--records", records)[0]["matched"] == ["eng", "English", "en-GB", "5"]


def test_the_vocabulary_that_the_service_has_loaded_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    records, strategy, own = tmp_path / "r.jsonl", tmp_path / "s.txt", tmp_path / "own.csv"
    records.write_text('{"id": 1, "title": "A daily stroll"}\n')
    strategy.write_text("exp Walking/")
    own.write_text("term,synonyms,narrower\nWalking,daily stroll,\n")
    assert lines_of("run", strategy, "--records", records)[0]["vocabulary"] is None
    assert not (tmp_path / "data").exists()
    assert CliRunner().invoke(alerts, ["vocabulary", "load", str(own), "--label", "ours"]).exit_code == 0
    before = sorted(each.name for each in (tmp_path / "data").iterdir())
    (found,) = lines_of("run", strategy, "--records", records)
    assert (found["vocabulary"], found["matched"]) == ("ours", [1])
    assert sorted(each.name for each in (tmp_path / "data").iterdir()) == before


# Records.


def test_what_is_wrong_with_records_is_told_and_costs_only_itself(tmp_path: Path) -> None:
    records, strategy = tmp_path / "r.jsonl", tmp_path / "s.txt"
    strategy.write_text("smok*.ti.")
    records.write_text('{"id": 1, "title": "Smoking"}\nnot json\n{"id": 1, "title": "Smoking again"}\n')
    result = CliRunner().invoke(search, ["run", str(strategy), "--records", str(records)])
    assert json.loads(result.stdout)["matched"] == [1, 1]
    assert "r.jsonl:2: warning: P092" in result.stderr
    assert "several records have the same id (1 id): 1" in result.stderr


def test_a_file_of_records_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    records, strategy = tmp_path / "r.jsonl.gz", tmp_path / "s.txt"
    strategy.write_text("smok*.ti.")
    records.write_bytes(gzip.compress(json.dumps({"title": "Smoking " * 500}).encode())[:-12])
    with pytest.raises(UnreadableFile, match="cannot be read"):
        invoke("run", strategy, "--records", records)


# The other commands.


def test_a_refused_strategy_stops_no_command(files: tuple[Path, Path]) -> None:
    for command in (
        ("count", "--records", files[1]),
        ("explain", "--records", files[1]),
        ("translate", "--to", "ovid"),
    ):
        found = lines_of(command[0], files[0], *command[1:], "--json", code=1)
        assert [(each["id"], each["accepted"]) for each in found] == [("a", True), ("b", False), ("c", True)]


def test_explain_of_a_match_names_the_words(files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("1. vap*.ti.\n2. hospital*.ti,ab.\n3. 1 or 2\n", encoding="utf-8")
    told = invoke("explain", path, "--records", files[1], "--id", "77")
    assert "It matches: line 3.\n  matched: Vaping (title)\n" in told


def test_count_is_what_each_line_finds_alone(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The index that counts gives what the plain evaluation of each line gives."""
    path = tmp_path / "s.txt"
    lines = ["smok*.ti,ab.", "vap*.ti,ab.", "1 not 2", "rats.ti.", "2 not 4", "3 or 5", "exp Animals/", "6 not 7"]
    path.write_text("\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)), encoding="utf-8")
    (found,) = lines_of("count", path, "--records", files[1], "--json")
    strategy = compile_text(path.read_text(), dialect="ovid").strategy
    assert strategy is not None
    texts = [searchable(each.entry) for each in read_references(gzip.decompress(files[1].read_bytes())).records]
    alone = [strategy.plan.values(text, [at for _, at in strategy.plan.lines]) for text in texts]
    assert [each["count"] for each in found["lines"]] == [
        sum(values[at] for values in alone) for _, at in strategy.plan.lines
    ]


def test_on_a_terminal_lines_are_folded_to_its_width(
    tmp_path: Path, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.cli.output.is_terminal", lambda: True)
    monkeypatch.setattr("alerts.cli.strategy_output.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "s.txt"
    many = " or ".join(f"word{n}" for n in range(40))
    path.write_text(f"1. ({many}).ti.\n2. exp Animals/\n3. 1 or 2\n")
    for command in (("check",), ("count", "--records", files[1]), ("run", "--explain", "--records", files[1])):
        told = invoke(command[0], path, *command[1:])
        assert max(map(len, told.splitlines())) <= 80, told
        assert "word39" in told or command[0] != "count"


def test_findings_of_one_kind_are_said_shortly(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    lines = [f"{n}. Heading {n}/pc" for n in range(1, 9)] + ["9. a*.ti.", "10. b*.ti.", "11. or/1-10"]
    path.write_text("\n".join(lines))
    told = invoke("check", path, "--no-json")
    assert told.count("S063 Subheadings cannot be told") == 5
    assert "  3 notes more of S063 on line 6, 7, 8: --json shows them\n" in told
    assert told.count("S032") == 2
    assert told.count("      Write them") <= 1


@pytest.mark.parametrize("result", [-3, 0, "seven", "9" * 5000, True, 1.5, {"full": "last"}, [1]])
def test_a_result_that_is_no_line_refuses_the_strategy_and_never_takes_another_line(
    tmp_path: Path, result: object
) -> None:
    strategies = tmp_path / "odd.jsonl"
    strategies.write_text(json.dumps({"id": 1, "text": "1. cat.ti.\n2. dog.ti.\n3. 1 or 2", "result": result}))
    answer = json.loads(invoke("check", strategies, "--json", code=1))
    assert (answer["accepted"], answer["dialect"]) == (False, "ovid")
    assert [each["code"] for each in answer["problems"]] == ["S091"]


def test_a_dialect_that_a_profile_misspells_is_said(tmp_path: Path) -> None:
    profile = tmp_path / "cats.yaml"
    profile.write_text("dialect: ovidd\nsearch: cat.ti.\n", encoding="utf-8")
    answer = json.loads(invoke("check", profile, "--json"))
    assert [(each["code"], each["severity"]) for each in answer["problems"]] == [("S041", "warning")]
