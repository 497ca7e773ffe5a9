"""`alerts profile evaluate`: recall, precision, and why the missed ones were missed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.cli import alerts
from alerts.cli.relevant import relevant
from alerts.errors import AlertsError
from alerts.model.records import Entry
from alerts.parse.references import Reference, read_references

RECORDS = [
    {"id": "a", "title": "Smoking cessation in pregnancy: a randomised trial", "included": True, "language": "eng"},
    {"id": "b", "title": "Quitting smoking before surgery", "included": "1", "doi": "10.1000/b"},
    {"id": "c", "title": "Vaping to stop smoking: cessation in rats", "included": "yes", "label": 2},
    {"id": "d", "title": "Helping smokers", "included": True, "mesh": ["Tobacco Use Cessation"]},
    {"id": "e", "title": "Cessation of smoking and the price of tobacco", "included": False, "label": 1},
    {"id": "f", "title": "Tea", "included": "no", "label": 1},
    {"id": "g", "title": "Coffee", "included": None},
]
STRATEGY = "1. smok*.ti,ab.\n2. (cessation or quit*).ti,ab.\n3. rats.ti.\n4. 1 and 2\n5. 4 not 3\n"

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ALERTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "records.jsonl").write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
    (tmp_path / "strategy.txt").write_text(STRATEGY, encoding="utf-8")

    def invoke(profile: object, *arguments: object, relevant: str = "included") -> str:
        told = ["--records", str(tmp_path / "records.jsonl"), "--relevant", relevant]
        command = ["profile", "evaluate", str(profile), *told, *map(str, arguments)]
        result = CliRunner().invoke(alerts, command)
        if isinstance(result.exception, AlertsError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return invoke


@pytest.fixture
def strategy(run: Run, tmp_path: Path) -> Path:
    return tmp_path / "strategy.txt"


@pytest.fixture
def configured(run: Run, tmp_path: Path) -> Path:
    """A configuration with one profile that takes English alone."""
    folder = tmp_path / "config"
    for path, text in {
        "service.yaml": "name: Alerts\ncontact: Library <library@example.nhs.uk>\n",
        "sources/journals.yaml": "sources:\n- {id: one, title: One, publisher: One, address: https://example.org/feed,"
        " type: study, place: England, sure: A}\n",
        "teams/ph.yaml": "title: PH\nlibrary: L\nowner: P <p@example.nhs.uk>\nsender: L <l@example.nhs.uk>\n"
        "reply_to: l@example.nhs.uk\n",
        "profiles/smoking.yaml": "title: Smoking\nteam: ph\nowner: P <p@example.nhs.uk>\n"
        "limits: {language: [fr]}\nsearch: |\n  1. exp Tobacco Use Cessation/\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    path = tmp_path / "mesh.csv"
    path.write_text("term,synonyms,narrower\nTobacco Use Cessation,,Quitting\nQuitting,quitting smoking,\n")
    return path


def test_the_numbers_are_those_of_the_four_cells(run: Run, strategy: Path) -> None:
    answer = json.loads(run(strategy, "--json"))
    assert answer["matched"] == ["a", "b", "e"]
    assert {name: answer[name] for name in ("records", "relevant", "found", "found_relevant")} == {
        "records": 7,
        "relevant": 4,
        "found": 3,
        "found_relevant": 2,
    }
    assert (answer["recall"], answer["precision"], answer["number_needed_to_read"]) == (0.5, 0.6667, 1.5)
    assert (answer["dialect"], answer["vocabulary"]) == ("ovid", None)


def test_what_was_missed_says_why(run: Run, strategy: Path) -> None:
    missed = {each["id"]: each for each in json.loads(run(strategy, "--json"))["missed"]}
    assert set(missed) == {"c", "d"}
    assert (missed["c"]["why"], missed["c"]["line"]) == ("is there and excluded", 3)
    assert (missed["d"]["why"], missed["d"]["part"]) == ("is required and not there", "cessation or quit*")


def test_it_reads_well_on_a_terminal(run: Run, strategy: Path) -> None:
    told = run(strategy)
    assert told.startswith("strategy: 7 records, 4 relevant by the field included\n  vocabulary: none, so")
    assert "recall      50.0%   2 of the 4 relevant were found" in told
    assert "precision   66.7%   of 3 records found" in told
    assert "to read       1.5   found records for each relevant one" in told
    assert "  line 2: cessation or quit* is required and not there (1)\n    d (brief): Helping smokers\n" in told
    assert max(map(len, told.splitlines())) <= 100
    assert "Nothing relevant was missed." in run(strategy, relevant="a,b")


def test_findings_on_the_strategy_are_told_of(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("1. *Smoking/ or smok*.ti,ab.\n2. vap*.ti.\n3. 1 not 1\n4. 1 or 3\n")
    told = run(path)
    assert "  findings:   1 warning and 2 notes about the strategy: alerts search check shows them\n" in told
    path.write_text("smok*.ti,ab.")
    assert "findings:" not in run(path)


@pytest.mark.parametrize(
    ("relevant", "recall"), [("a, c", 0.5), ("10.1000/B", 1.0), ("label=1", 0.5), ("LABEL=2", 0.0), ("a;missing", 1.0)]
)
def test_relevant_is_a_field_a_value_or_ids(run: Run, strategy: Path, relevant: str, recall: float) -> None:
    answer = json.loads(run(strategy, "--json", relevant=relevant))
    assert answer["recall"] == recall
    assert answer["unknown_ids"] == (["missing"] if "missing" in relevant else [])


def known(**saying: object) -> list[Reference]:
    """Records by their ids, with what each says in the column Decision."""
    return [Reference(name, Entry(key=name, title=""), {"Decision": said}) for name, said in saying.items()]


@pytest.mark.parametrize("no", ["0", "0.0", "No", "N", "false", "EXCLUDED", "not relevant", "NA", "", "-", None, False])
def test_what_says_no(no: object) -> None:
    assert relevant(known(a="yes", b=no), "decision").places == {0}


@pytest.mark.parametrize("yes", ["1", "1.0", "Yes", "y", "TRUE", "Include", "2", "x", True, 1])
def test_what_says_yes(yes: object) -> None:
    told = relevant(known(a="no", b=yes), "decision")
    assert (told.places, told.told_by) == (frozenset({1}), "the field decision")


def test_a_value_that_is_neither_yes_nor_no_counts_and_is_shown() -> None:
    assert relevant(known(a="maybe", b="no"), "decision").told_by == "the field decision (maybe)"


def test_the_relevant_records_may_be_an_export(run: Run, strategy: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.ris"
    chosen.write_text("TY  - JOUR\nID  - a\nTI  - A\nER  - \nTY  - JOUR\nID  - d\nTI  - D\nER  - \n")
    assert json.loads(run(strategy, "--json", relevant=str(chosen)))["recall"] == 0.5


def test_a_decision_may_stand_under_a_tag_of_ris() -> None:
    records = read_references(
        b"TY  - JOUR\nTI  - A\nC1  - Include\nER  - \nTY  - JOUR\nTI  - B\nC1  - Exclude\nER  - \n"
    )
    assert relevant(records.records, "c1").places == {0}


def test_an_id_in_a_file_may_hold_spaces(tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("Fern 2020, a\nb c\n")
    records = known(**dict.fromkeys(("Fern 2020, a", "b", "c", "d")))
    assert relevant(records, str(ids)).places == {0, 1, 2}


def test_a_profile_named_by_its_file_is_judged_with_its_limits(run: Run, configured: Path) -> None:
    by_path = json.loads(run(configured / "profiles" / "smoking.yaml", "--json", relevant="a,d"))
    by_id = json.loads(run("smoking", "--json", relevant="a,d"))
    assert by_path == by_id
    assert by_path["matched"] == ["d"]


def test_relevant_ids_may_stand_in_a_file(run: Run, strategy: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_bytes("a\r\nd\r\n".encode("utf-16"))
    assert json.loads(run(strategy, "--json", relevant=str(ids)))["recall"] == 0.5


def test_a_strategy_that_finds_nothing_has_no_precision(run: Run, strategy: Path) -> None:
    strategy.write_text("1. walrus.ti.\n")
    answer = json.loads(run(strategy, "--json"))
    assert (answer["recall"], answer["precision"], answer["number_needed_to_read"]) == (0, None, None)
    assert "nothing was found" in run(strategy)


@pytest.mark.parametrize(
    ("relevant", "said"),
    [("wanted", "fields are: "), ("label=7", "values of label are: 1, 2"), (",", "ids look like a")],
)
def test_without_relevant_records_there_is_nothing_to_judge(run: Run, strategy: Path, relevant: str, said: str) -> None:
    with pytest.raises(AlertsError) as refusal:
        run(strategy, relevant=relevant)
    assert refusal.value.code == "A025"
    assert said in refusal.value.remedy


def test_a_refused_strategy_is_not_judged(run: Run, strategy: Path) -> None:
    strategy.write_text("1. (smok*.ti,ab.\n2. 1 and 9\n")
    with pytest.raises(AlertsError) as refusal:
        run(strategy)
    assert refusal.value.code == "A026"


def test_a_file_of_many_strategies_is_refused(run: Run, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text('{"id": "1", "text": "a.ti."}\n{"id": "2", "text": "b.ti."}\n')
    with pytest.raises(AlertsError, match="holds 2 strategies"):
        run(many)


def test_a_profile_is_judged_with_its_limits_and_the_loaded_vocabulary(run: Run, configured: Path, mesh: Path) -> None:
    before = json.loads(run("smoking", "--json", relevant="b,d"))
    assert (before["vocabulary"], before["matched"]) == (None, ["d"])
    assert CliRunner().invoke(alerts, ["vocabulary", "load", str(mesh), "--label", "own"]).exit_code == 0
    after = json.loads(run("smoking", "--json", relevant="b,d,a"))
    assert (after["vocabulary"], after["matched"], after["profile"]) == ("own", ["b", "d"], "smoking")
    assert after["missed"][0]["why"] == "its language (eng) is not one of the profile's limits"


def test_a_vocabulary_or_folder_that_is_named_needs_no_database(
    run: Run, configured: Path, mesh: Path, tmp_path: Path
) -> None:
    answer = json.loads(run("smoking", "--json", "--vocabulary", mesh, relevant="b,d"))
    assert (answer["vocabulary"], answer["recall"]) == ("mesh.csv", 1.0)
    assert json.loads(run("smoking", "--json", "--config", configured, relevant="b,d"))["recall"] == 0.5
    assert not (tmp_path / "data").exists()


def test_a_profile_that_is_not_there_names_those_that_are(run: Run, configured: Path) -> None:
    with pytest.raises(AlertsError) as refusal:
        run("smokign", "--config", configured)
    assert (refusal.value.code, "The profiles are: smoking." in refusal.value.remedy) == ("A020", True)
