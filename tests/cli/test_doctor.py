"""`alerts doctor` as an administrator meets it: on a new installation, and on one that is set up wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.cli import alerts

NEW = """title: Public health
library: Library
owner: Pat <pat@example.nhs.uk>
sender: library@example.nhs.uk
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a team and nothing else, so that no network is asked."""
    (tmp_path / "config" / "teams").mkdir(parents=True)
    (tmp_path / "config" / "teams" / "ph.yaml").write_text(NEW)
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("ALERTS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(alerts, ["doctor", *arguments])


def test_a_new_installation_is_told_what_is_missing_and_nothing_is_made(folder: Path) -> None:
    done = ask()
    assert done.exit_code == 0, done.output
    assert "There is no database yet" in done.stdout
    assert "No mail server is set" in done.stdout
    assert "There is no bulletin" in done.stdout
    assert not (folder / "data").exists(), "a doctor changes nothing"


def test_every_finding_has_a_status_a_sentence_and_where_need_be_a_remedy(folder: Path) -> None:
    told = json.loads(ask("--json").stdout)
    assert told["ok"] is True
    assert told["counts"]["failure"] == 0
    for each in told["findings"]:
        assert each["status"] in {"ok", "warning", "failure", "unknown"}
        assert each["sentence"].endswith((".", "?"))
        assert each["remedy"] or each["status"] in {"ok", "unknown"}


def test_settings_that_cannot_work_are_failures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_SMTP_HOST", "smtp.office365.com")
    monkeypatch.setenv("ALERTS_MAIL_PRESET", "exchange-online")
    done = ask()
    assert done.exit_code == 1
    assert "FAILURE  settings: C004 exchange-online takes mail only from an account that signs in" in done.stdout
    assert "1 failure" in done.stdout


def test_a_file_that_is_no_database_is_a_failure_and_the_rest_is_looked_at(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "alerts.sqlite3").write_text("This is no database, however long it may be. " * 100)
    done = ask()
    assert done.exit_code == 1
    assert "FAILURE  database: T005" in done.stdout
    assert "configuration:" in done.stdout


def test_a_configuration_that_is_not_there_is_a_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(folder / "elsewhere"))
    done = ask()
    assert done.exit_code == 1
    assert "C009" in done.stdout
