"""The `search` commands: check, run, explain, translate, count."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.cli.search import search

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
