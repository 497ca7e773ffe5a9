"""`alerts vocabulary`: what it reads, what it keeps, what it shows."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.cli import alerts, vocabulary_files
from alerts.cli.strategy_files import UnreadableFile
from alerts.cli.vocabulary_files import read_streams
from alerts.errors import AlertsError
from alerts.search import Vocabulary, compile_text
from alerts.search.headings.vocabulary_files import NotAVocabulary

TABLE = (
    "ui\theading\tentry_terms\ttree_numbers\n"
    "D1\tBehavior\t\tF01\n"
    "D2\tSmoking\tSmoking Habit|Smoking Habits\tF01.8\n"
    "D3\tVaping\tE-Cigarette Use\tF01.8.5\n"
    "D4\tCigar Smoking\t\tF01.8.5.1\n"
)
CSV = (
    "Term,Synonyms,Narrower\n"
    "Social prescribing,community referral; link worker,Green prescribing\n"
    "Green prescribing,,\n"
)
CHANGES = "change\tui\told_heading\tnew_heading\nrenamed\tD2\tTobacco Use\tSmoking\n"
RECORD = (
    "<DescriptorRecord><DescriptorUI>D{n}</DescriptorUI><DescriptorName><String>Heading {n}</String></DescriptorName>"
    "<TreeNumberList><TreeNumber>A{n}</TreeNumber></TreeNumberList><ScopeNote>{note}</ScopeNote>"
    "<ConceptList><Concept><TermList><Term><String>Term {n}</String></Term></TermList></Concept></ConceptList>"
    "</DescriptorRecord>"
)

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ALERTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(tmp_path / "config"))

    def invoke(*arguments: object) -> str:
        result = CliRunner().invoke(alerts, ["vocabulary", *map(str, arguments)])
        if isinstance(result.exception, AlertsError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return invoke


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    path = tmp_path / "mesh.tsv.gz"
    path.write_bytes(gzip.compress(TABLE.encode()))
    return path


def written(path: Path, body: bytes | str) -> Path:
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def descriptors(count: int, note: str = "") -> bytes:
    records = "".join(RECORD.format(n=n, note=note) for n in range(count))
    head = '<?xml version="1.0"?>\n<!DOCTYPE DescriptorRecordSet SYSTEM "x.dtd">\n'
    return f"{head}<DescriptorRecordSet>{records}</DescriptorRecordSet>".encode()


def test_a_heading_is_shown_with_its_terms_and_what_stands_above_and_below(run: Run, mesh: Path) -> None:
    told = run("load", mesh, "--label", "MeSH test")
    assert "Loaded MeSH test: 4 headings, 3 entry terms." in told
    assert run("show", "smoking").splitlines() == [
        "Smoking  D2  (MeSH test)",
        "  Entry terms (2):",
        "    Smoking Habit",
        "    Smoking Habits",
        "  Narrower headings (1):",
        "    Vaping",
        "  exp Smoking/ takes in 2 headings, at all levels.",
        "  F01.8  Behavior > Smoking",
    ]
    assert json.loads(run("show", "e-cigarette use", "--json")) == {
        "vocabulary": "MeSH test",
        "revision": json.loads(run("show", "--json"))["revision"],
        "heading": "Vaping",
        "ui": "D3",
        "entry_terms": ["E-Cigarette Use"],
        "narrower": ["Cigar Smoking"],
        "below": 1,
        "tree": [{"number": "F01.8.5", "above": ["Behavior", "Smoking"]}],
    }


def test_an_entry_term_says_whose_it_is(run: Run, mesh: Path) -> None:
    run("load", mesh)
    assert "“Smoking Habits” is an entry term or an old name" in run("show", "Smoking Habits")
    assert run("show").strip() == "mesh.tsv.gz: 4 headings, 3 entry terms"


@pytest.mark.parametrize("asked", ["smokng", "habit", "Smoking Habbits"])
def test_a_heading_that_is_not_there_brings_the_nearest(run: Run, mesh: Path, asked: str) -> None:
    run("load", mesh)
    with pytest.raises(AlertsError) as refusal:
        run("show", asked)
    assert refusal.value.code == "A024"
    assert "Smoking" in refusal.value.remedy


def test_without_a_vocabulary_show_says_how_to_load_one(run: Run, mesh: Path) -> None:
    with pytest.raises(AlertsError) as refusal:
        run("show", "Smoking")
    assert (refusal.value.code, "vocabulary load" in refusal.value.remedy) == ("A023", True)
    assert "Smoking  D2" in run("show", "Smoking", "--vocabulary", mesh)


def test_loading_replaces_and_tells_what_was_there(run: Run, mesh: Path, tmp_path: Path) -> None:
    first = json.loads(run("load", mesh, "--json"))
    assert (first["before"], first["loaded"]["headings"]) == (None, 4)
    assert "nothing changes" in run("load", mesh)
    told = run("load", written(tmp_path / "own.csv", CSV))
    assert "It takes the place of mesh.tsv.gz (4 headings)." in told
    with pytest.raises(AlertsError, match="no heading “Smoking”"):
        run("show", "Smoking")


def test_a_file_that_cannot_be_read_leaves_what_was_loaded(run: Run, mesh: Path, tmp_path: Path) -> None:
    run("load", mesh)
    with pytest.raises(NotAVocabulary):
        run("load", mesh, written(tmp_path / "page.xml", "<html></html>"))
    assert "Smoking" in run("show", "Smoking")


def test_several_files_make_one_vocabulary(tmp_path: Path, mesh: Path) -> None:
    own, changes = written(tmp_path / "own.csv", CSV), written(tmp_path / "changes.tsv", CHANGES)
    words = read_streams([mesh, own, changes])
    assert (len(words), words.label) == (6, "mesh.tsv.gz, own.csv, changes.tsv")
    found = [words.find(each) for each in ("Tobacco Use", "link worker")]
    assert [each.name for each in found if each] == ["Smoking", "Social prescribing"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_is_read_in_the_encodings_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "own.csv", "term,synonyms\nCafé visits,Ménière’s; naïve\n".encode(encoding))
    (only,) = read_streams([path])
    assert (only.name, only.entry_terms) == ("Café visits", ("Ménière’s", "naïve"))


@pytest.mark.parametrize("packed", [False, True])
def test_nlm_xml_is_read_packed_or_not(tmp_path: Path, packed: bool) -> None:
    body = descriptors(3)
    words = read_streams([written(tmp_path / "desc.xml", gzip.compress(body) if packed else body)])
    assert [each.name for each in words] == ["Heading 0", "Heading 1", "Heading 2"]
    assert words.find("term 2") is not None


@pytest.mark.thorough
def test_a_large_file_needs_little_more_memory_than_its_headings(tmp_path: Path) -> None:
    path = written(tmp_path / "desc.xml.gz", gzip.compress(descriptors(2000, "x" * 20_000), 1))
    tracemalloc.start()
    try:
        words = read_streams([path])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(words) == 2000
    assert peak < 15_000_000  # of 40 MB


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"one line\n",
        b"term,synonyms\n",
        b"<a><b></a>",
        b"ui\theading\n",
        b"\x00\xff\x81\x8d" * 100,
        b"\xff\xfe\x00",
        CHANGES.encode(),
        b"term\n" + b'"' + b"x" * 2_000_000,
        gzip.compress(b"<html/>", mtime=0),
    ],
    ids=lambda body: f"{len(body)} bytes",
)
def test_what_is_no_vocabulary_is_refused_with_the_name_of_the_file(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(NotAVocabulary, match=r"broken\.file"):
        read_streams([written(tmp_path / "broken.file", body)])


def test_a_file_that_is_cut_off_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gzip.compress(descriptors(500))
    with pytest.raises(UnreadableFile, match=r"cut\.xml\.gz cannot be read"):
        read_streams([written(tmp_path / "cut.xml.gz", whole[:-200])])
    monkeypatch.setattr(vocabulary_files, "MOST_BYTES", 100_000)
    with pytest.raises(UnreadableFile, match="larger than"):
        read_streams([written(tmp_path / "big.xml.gz", whole)])


@pytest.mark.thorough
def test_the_whole_of_mesh_loads_and_shows(run: Run, shared_data: Path) -> None:
    files = [shared_data / "mesh" / name for name in ("mesh_descriptors.tsv.gz", "changes_to_2026.tsv")]
    loaded = json.loads(run("load", *files, "--json"))["loaded"]
    assert loaded["headings"] > 30_000
    assert loaded["entry_terms"] > 130_000
    shown = json.loads(run("show", "Neoplasms", "--json"))
    assert shown["below"] > 690
    assert {"Neoplasia", "Tumors"} <= set(shown["entry_terms"])


def test_the_page_for_librarians_shows_a_csv_that_loads(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in page.splitlines() if line.startswith("    ")]
    start = lines.index("term,synonyms,narrower")
    words = read_streams([written(tmp_path / "ours.csv", "\n".join(lines[start : start + 3]))])
    assert [each.name for each in words] == ["Social prescribing", "Green prescribing"]
    assert words.find("nature prescribing") is not None
    found = words.find("Social prescribing")
    assert found is not None
    assert [each.name for each in words.below(found)] == ["Social prescribing", "Green prescribing"]


def read(tmp_path: Path, **files: str) -> Vocabulary:
    """The vocabulary of files with these texts, in this order."""
    paths = []
    for name, text in files.items():
        paths.append(tmp_path / name)
        paths[-1].write_text(text, encoding="utf-8")
    return read_streams(paths)


SMALL = (
    "ui\theading\tentry_terms\ttree_numbers\n"
    "D1\tSocial Prescribing\tPrescribing, Social\tN02.1\n"
    "D2\tWalking\t\tG11.1\nD3\tWalking Speed\t\tG11.1.2\n"
)


def test_a_librarys_own_words_are_added_to_a_heading_that_is_there(tmp_path: Path) -> None:
    own = "term,synonyms,narrower\nsocial prescribing,link worker,Walking\n"
    for files in ({"mesh.tsv": SMALL, "own.csv": own}, {"own.csv": own, "mesh.tsv": SMALL}):
        words = read(tmp_path, **files)
        found = words.find("link worker")
        assert found is not None
        assert (found.name.casefold(), found.ui, found.tree_numbers) == ("social prescribing", "D1", ("N02.1",))
        assert set(found.entry_terms) == {"link worker", "Prescribing, Social"}
        assert {each.name for each in words.below(found)} == {found.name, "Walking", "Walking Speed"}


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_csv_may_have_the_separator_of_any_country(tmp_path: Path, separator: str) -> None:
    rows = [("Term", "Synonyms", "Narrower"), ("Walking", '"stroll; hike"', "")]
    words = read(tmp_path, **{"own.csv": "\n".join(separator.join(row) for row in rows)})
    assert [each.entry_terms for each in words] == [("stroll", "hike")]


YEAR = "change\tui\told_heading\tnew_heading\nrenamed\tD2\tWalking\tAmbulation\nnew\tD9\t\tLacrosse\n"


def test_both_names_of_a_renamed_heading_find_it_whichever_the_vocabulary_has(tmp_path: Path) -> None:
    words = read(tmp_path, **{"mesh.tsv": SMALL, "changes.tsv": YEAR})
    old, new = words.find("Walking"), words.find("Ambulation")
    assert old is new is not None
    assert words.now_called("Walking") == "Ambulation"
    newer = read(tmp_path, **{"changes.tsv": YEAR, "mesh.tsv": SMALL.replace("Walking\t", "Ambulation\t")})
    found = newer.find("Walking")
    assert found is not None
    assert found.name == "Ambulation"


def test_a_heading_that_is_new_in_a_table_of_changes_is_known(tmp_path: Path) -> None:
    words = read(tmp_path, **{"mesh.tsv": SMALL, "changes.tsv": YEAR})
    assert words.is_own_name("Lacrosse")


def test_an_old_heading_is_accepted_with_a_note(tmp_path: Path) -> None:
    words = read(tmp_path, **{"mesh.tsv": SMALL + "D4\tUnited Kingdom\tUK\tZ01.1\nD5\tEngland\t\tZ01.1.1\n"})
    compiled = compile_text("exp Great Britain/", dialect="ovid", vocabulary=words)
    assert [each.code for each in compiled.problems] == ["S074"]
    assert "United Kingdom" in compiled.problems[0].message
    assert compiled.strategy is not None
    assert "england" in compiled.strategy.expansions()[0].also
