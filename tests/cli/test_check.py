"""`alerts check`: what it prints, what it asks the database, and what it leaves as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.cli import alerts
from alerts.cli.output import counted, tell_problems
from alerts.errors import Problem
from tests.config.folders import FILES, Folder

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A small configuration that is right in every part."""
    people = "address,name,teams,kind\nasha@example.nhs.uk,Asha Example,public-health,person\n"
    return Folder(tmp_path / "config").write({**FILES, "../data/people.csv": people})


def environment(folder: Folder, **more: str) -> dict[str, str]:
    data = folder.path.parent / "data"
    return {"ALERTS_CONFIG_DIR": str(folder.path), "ALERTS_DATA_DIR": str(data), **more}


def check(folder: Folder, *options: str, **more: str) -> Result:
    return CliRunner().invoke(alerts, ["check", *options], env=environment(folder, **more))


def keep(address: str, texts: Mapping[str, str]) -> None:
    """Make a database at `address` that holds `texts` as the last good ones."""
    from alerts.store import catalogue, open_store

    store = open_store(address)
    store.migrate()
    with store.write() as conn:
        catalogue.keep_good(conn, texts, NOW)
    store.close()


@pytest.fixture
def database(folder: Folder) -> Path:
    """The database of a service that has read the small configuration."""
    path = folder.path.parent / "data" / "alerts.sqlite3"
    keep(f"sqlite:///{path}", folder.load().files)
    return path


def codes(done: Result) -> set[str]:
    return {each["code"] for each in json.loads(done.stdout)["problems"]}


def test_a_right_configuration_is_counted_in_right_english(folder: Folder) -> None:
    done = check(folder)
    assert done.exit_code == 0
    *_, counts, findings = done.stdout.splitlines()
    assert counts == "2 sources, 1 profile, 1 bulletin, 1 team, 1 person."
    assert findings.startswith("0 errors, 0 warnings, ")


def test_a_broken_file_has_its_last_good_text_in_force_as_the_service_has(folder: Folder, database: Path) -> None:
    folder.write({"sources/national.yaml": FILES["sources/national.yaml"] + "  bad: [indent\n"})
    done = check(folder)
    assert done.exit_code == 78
    assert "C070 The last good text of this file stays in force" in done.stdout
    assert "C071" not in done.stdout
    assert "2 sources, 1 profile, 1 bulletin, 1 team, 1 person.\n1 error, 1 warning, " in done.stdout


def test_without_a_database_nothing_is_said_to_be_out_of_force_that_may_be_in_it(folder: Folder) -> None:
    folder.write({"sources/national.yaml": FILES["sources/national.yaml"] + "  bad: [indent\n"})
    done = check(folder)
    assert done.exit_code == 78
    assert "C071 Unless the service keeps an earlier good text, nothing of this file is in force." in done.stdout
    assert "C070" not in done.stdout
    assert "\n1 error, " in done.stdout
    assert not (folder.path.parent / "data" / "alerts.sqlite3").exists()


def test_a_new_file_that_is_broken_has_nothing_in_force(folder: Folder, database: Path) -> None:
    folder.write({"profiles/falls.yaml": "titel: Falls\n"})
    assert "falls.yaml: warning: C071 Nothing of this file is in force." in check(folder).stdout


@pytest.mark.parametrize("running", [False, True])
def test_the_database_is_left_as_it_was(folder: Folder, database: Path, running: bool) -> None:
    from alerts.store import catalogue, open_store

    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    service = open_store(f"sqlite:///{database}")
    if running:  # its log of changes holds the texts
        with service.write() as conn:
            catalogue.keep_good(conn, {}, NOW)
        with service.write() as conn:
            catalogue.keep_good(conn, FILES, NOW)

    def state() -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in database.parent.iterdir() if not each.name.endswith("-shm")}

    before = state()
    assert f"{database.name}-wal" in before if running else len(before) == 2
    assert "C070" in check(folder).stdout
    assert state() == before
    service.close()


def test_a_database_that_cannot_be_read_is_a_note_and_no_more(folder: Folder, database: Path) -> None:
    database.write_bytes(b"this is not a database" * 100)
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    done = check(folder, "--json")
    assert done.exit_code == 78
    noted = [each for each in json.loads(done.stdout)["problems"] if each["code"] == "C073"]
    assert [each["severity"] for each in noted] == ["note"]
    assert "not a database" in noted[0]["message"]
    assert {"C020", "C071"} <= codes(done)


def test_a_postgresql_server_that_does_not_answer_is_a_note_without_its_password(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    done = check(folder, ALERTS_DATABASE_URL="postgresql://alerts:hunter22@127.0.0.1:1/alerts")
    assert done.exit_code == 78
    assert "note: C073 " in done.stdout
    assert "hunter22" not in done.output


def test_a_postgresql_database_is_asked_too(folder: Folder, postgresql_url: str) -> None:
    keep(postgresql_url, folder.load().files)
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    done = check(folder, "--json", ALERTS_DATABASE_URL=postgresql_url)
    assert "C070" in codes(done)
    assert not codes(done) & {"C071", "C073"}


def test_a_database_in_a_folder_with_a_strange_name_is_found(folder: Folder) -> None:
    address = f"sqlite:///{folder.path.parent}/100%25 & more/a b.sqlite3"
    (folder.path.parent / "100% & more").mkdir()
    keep(address, folder.load().files)
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    assert "C070" in codes(check(folder, "--json", ALERTS_DATABASE_URL=address))


def test_the_examples_of_a_last_good_text_are_not_run(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "Adult smoking habits", "Something else entirely")
    keep(f"sqlite:///{folder.path.parent}/data/alerts.sqlite3", folder.load().files)
    assert "C060" in codes(check(folder, "--json"))
    folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    assert "C060" not in codes(check(folder, "--json"))


@pytest.mark.parametrize("broken", [False, True])
def test_sqlalchemy_is_imported_only_where_it_is_needed(folder: Folder, broken: bool) -> None:
    """Without a database even a broken configuration needs none; with one, a right configuration needs none."""
    if broken:
        folder.edit("profiles/tobacco.yaml", "title:", "titel:")
    else:
        keep(f"sqlite:///{folder.path.parent}/data/alerts.sqlite3", {})
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom alerts.cli import alerts\n"
        "print(CliRunner().invoke(alerts, ['check']).exit_code, 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, **environment(folder)},
    )  # fmt: skip
    assert done.stdout.split() == ["78" if broken else "0", "False"]


# How findings are printed.


def problem(severity: str, file: str, line: int, message: str = "Said.") -> Problem:
    return Problem("C030", severity, message, "Do this.", file=file, line=line, column=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_every_error_and_warning_has_a_line_with_its_own_place(
    severity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = tell_problems([problem(severity, "a.yaml", 7), problem(severity, "b.yaml", 9)])
    assert counts == ((2, 0) if severity == "error" else (0, 2))
    assert capsys.readouterr().out.splitlines() == [
        f"a.yaml:7:1: {severity}: C030 Said.",
        f"b.yaml:9:1: {severity}: C030 Said.",
        "    Do this.",
    ]


def test_notes_that_say_the_same_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    tell_problems([problem("note", "a.yaml", 7), problem("note", "b.yaml", 9)])
    assert capsys.readouterr().out == "a.yaml:7:1 and 1 more place: note: C030 Said.\n    Do this.\n"
    tell_problems([problem("note", f"{name}.yaml", 1) for name in "abc"])
    assert capsys.readouterr().out.startswith("a.yaml:1:1 and 2 more places: note:")


def test_an_error_is_not_folded_into_a_note_that_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    tell_problems([problem("note", "a.yaml", 7), problem("error", "b.yaml", 9)])
    assert "b.yaml:9:1: error: C030" in capsys.readouterr().out


def test_numbers_and_their_nouns_agree() -> None:
    assert [counted(n, "error") for n in (0, 1, 2, 1200)] == ["0 errors", "1 error", "2 errors", "1,200 errors"]
    assert [counted(n, "person", "people") for n in (1, 2)] == ["1 person", "2 people"]


def test_a_vocabulary_that_the_service_has_is_used_by_check(folder: Folder, database: Path) -> None:
    from alerts.search import Descriptor, Vocabulary
    from alerts.store import open_store, vocabulary

    folder.edit("profiles/tobacco.yaml", "(smok* or vap*).ti,ab.", "(smok* or vap*).ti,ab. or Smoking Cessation/")
    assert "S064" in check(folder).output
    words = Vocabulary(label="MeSH, three headings")
    words.add(Descriptor("Smoking Cessation", ("Quitting Smoking",), ("F01.145.488.800",)))
    store = open_store(f"sqlite:///{database}")
    with store.write() as conn:
        vocabulary.load(conn, words, NOW)
    store.close()
    assert "S064" not in check(folder).output


def test_a_template_of_ones_own_is_tried_on_a_sample_issue(folder: Folder) -> None:
    folder.write({"templates/foot.html.j2": "<p>{{ view.contnet }}</p>\n"})
    done = check(folder)
    assert done.exit_code == 78
    assert "config/templates/foot.html.j2:1: error: B021" in done.stdout + done.stderr
    folder.write({"templates/foot.html.j2": "<p>{{ view.content.note }}</p>\n"})
    assert check(folder).exit_code == 0


def test_a_bulletin_to_join_without_a_page_to_join_on_is_warned_of(folder: Folder) -> None:
    path = folder.path / "bulletins" / "weekly.yaml"
    assert "C006" not in codes(check(folder, "--json"))
    path.write_text(path.read_text() + "sign_up: {domains: [nhs.uk]}\n")
    done = check(folder, "--json")
    (found,) = [each for each in json.loads(done.output)["problems"] if each["code"] == "C006"]
    assert (done.exit_code, found["severity"], found["file"]) == (0, "warning", str(path))
    assert "ALERTS_PUBLIC_ADDRESS" in found["remedy"]
    assert "C006" not in codes(check(folder, "--json", ALERTS_PUBLIC_ADDRESS="https://alerts.example.nhs.uk"))
