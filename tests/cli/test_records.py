"""`alerts records`: duplicates in files of references, and why two entries are one record or two."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alerts.cli import alerts
from alerts.errors import AlertsError
from alerts.model.decisions import Decision
from alerts.store import open_store
from tests.store import making as make

Run = Callable[..., str]

RIS = """TY  - JOUR
ID  - 1
AU  - Fern, A. B.
AU  - Moss, C.
TI  - Walking groups and blood pressure in coastal towns: a randomised trial
JO  - J Invented Med
PY  - 2019
VL  - 12
SP  - 123-31
DO  - 10.1234/a
ER  -

TY  - JOUR
ID  - 2
AU  - Reed, D.
TI  - School meals without charge and attendance
JO  - Health Walks
PY  - 2020
ER  -
"""
CSV = (
    "record_id,author,year,title,journal,volume,number,pages,doi,source\n"
    '7,"Fern, A. B. and Moss, C.",2019,WALKING GROUPS AND BLOOD PRESSURE IN COASTAL TOWNS: A RANDOMIZED TRIAL,'
    "Journal of Invented Medicine,12,3,123-131,NA,embase\n"
    '8,"Fern, A. B. and Moss, C.",2018,Walking groups and blood pressure in coastal towns: a randomised trial,'
    "medRxiv,NA,NA,NA,10.1101/2018.11.05.18123456,medline\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ALERTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(tmp_path / "config"))

    def invoke(*arguments: object) -> str:
        result = CliRunner().invoke(alerts, ["records", *map(str, arguments)])
        if isinstance(result.exception, AlertsError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return invoke


def written(folder: Path, name: str, body: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


def test_files_of_different_formats_are_taken_together(run: Run, tmp_path: Path) -> None:
    ris = written(tmp_path, "pubmed.ris.gz", gzip.compress(RIS.encode()))
    found = json.loads(run("dedupe", ris, written(tmp_path, "embase.csv", CSV), "--json"))
    assert [(each["ids"], each["keep"]) for each in found["clusters"]] == [(["1", "7"], "1")]
    assert found["clusters"][0]["reason"]
    assert {(*each["ids"], each["relation"]) for each in found["linked"]} == {
        ("8", "1", "preprint of"),
        ("8", "7", "preprint of"),
    }
    assert found["unsure"] == []


def test_for_people_each_cluster_says_what_to_keep_and_why(run: Run, tmp_path: Path) -> None:
    shown = run("dedupe", written(tmp_path, "a.ris", RIS), written(tmp_path, "b.csv", CSV))
    assert shown.startswith(
        "4 references in 2 files: 3 publications, 1 copy of them in 1 cluster; 2 linked, 0 to look at"
    )
    assert "keep  1  Walking groups" in shown
    assert "copy  7  WALKING GROUPS" in shown
    assert "because of the same title" in shown
    assert "preprint of 1" in shown


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ('{"id": 3, "title": "T"}\n{"id": 4, "title": "T"}\n', [3, 4]),
        ('{"record_id": "a", "pmid": "5", "title": "T"}\n{"record_id": "b", "pmid": "5", "title": "T"}\n', ["a", "b"]),
        ('{"title": "T"}\n\n{"title": "T"}\n', [1, 3]),
        ('{"pmid": "5", "title": "T"}\n{"pmid": "5", "title": "T"}\n', ["5 (line 1)", "5 (line 2)"]),
        ('{"id": 3, "title": "T"}\n{"title": "T"}\n', [3, "line 2"]),
        ("title,journal\nT,\nT,\n", [2, 3]),
        ("PMID,title\n5,T\n6,T\n", ["5", "6"]),
    ],
)
def test_a_reference_goes_by_its_own_id_else_by_its_line(run: Run, tmp_path: Path, body: str, ids: list[Any]) -> None:
    title = "Walking groups and blood pressure in coastal towns"
    body = body.replace('"T"', f'"{title}"').replace("\nT,", f"\n{title},").replace(",T\n", f",{title}\n")
    found = json.loads(run("dedupe", written(tmp_path, "one", body), "--json"))
    if "PMID" in body:  # two PMIDs are two publications until a person has looked
        assert not found["clusters"]
    else:
        assert found["clusters"][0]["ids"] == ids


def test_ids_that_two_files_use_are_told_apart_by_the_files_names(run: Run, tmp_path: Path) -> None:
    found = json.loads(run("dedupe", written(tmp_path, "a.ris", RIS), written(tmp_path, "b.ris", RIS), "--json"))
    assert [each["ids"] for each in found["clusters"]] == [["a.ris:1", "b.ris:1"], ["a.ris:2", "b.ris:2"]]


def test_a_file_that_holds_no_references_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    with pytest.raises(AlertsError, match=r"letter\.txt"):
        run("dedupe", written(tmp_path, "letter.txt", "Dear all,"))


def test_what_is_not_known_is_told_with_what_may_be_asked(run: Run) -> None:
    with pytest.raises(AlertsError, match="no record"):
        run("show", "10.1234/none")


@pytest.fixture
def shelved(run: Run, tmp_path: Path) -> Run:
    """A store with an article that two sources gave, and its preprint."""
    (tmp_path / "data").mkdir(exist_ok=True)
    article = make.entry("a", title="Walking groups in Wales", identifiers=[make.doi("10.1234/a")])
    preprint = make.entry("p", title="Walking groups in Wales: preprint")
    linked = replace(make.new(-2, preprint), relation=("preprint of", -1), reason="new: titles 97% alike")
    again = Decision(article, "duplicate", 1, "it has the same DOI, 10.1234/a")
    with closing(open_store(f"sqlite:///{tmp_path / 'data' / 'alerts.sqlite3'}")) as store:
        store.migrate()
        store.replay(lambda conn: make.write_poll(conn, make.new(-1, article), linked, source_id="journal"))
        store.replay(lambda conn: make.write_poll(conn, again, source_id="index"))
    return run


@pytest.mark.parametrize("asked", [["1"], ["10.1234/A"], ["https://doi.org/10.1234/a"]])
def test_show_tells_entries_with_reasons_and_links(shelved: Run, asked: list[str]) -> None:
    told = json.loads(shelved("show", *asked, "--json"))
    assert (told["id"], told["identifiers"]["doi"]) == (1, "10.1234/a")
    assert {(each["source_id"], each["outcome"], each["reason"]) for each in told["entries"]} == {
        ("journal", "new", "nothing like it"),
        ("index", "duplicate", "it has the same DOI, 10.1234/a"),
    }
    assert [(each["relation"], each["record"]) for each in told["related_from"]] == [("preprint of", 2)]
    assert [each["kind"] for each in told["events"]] == ["new"]


def test_show_finds_words_of_a_title_and_lists_several(shelved: Run) -> None:
    several = shelved("show", "walking", "wales")
    assert several.startswith("2 records have these words")
    one = shelved("show", "walking preprint")
    assert "this is preprint of 1  Walking groups in Wales: new: titles 97% alike" in one
    assert "2 is preprint of this" not in one
