"""The command line: help without imports, plain errors, exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from alerts.cli import COMMANDS, alerts, main

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alerts", *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT, env={"PATH": "", "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_can_be_imported_and_explains_itself(name: str) -> None:
    command = getattr(import_module(COMMANDS[name][0]), name.replace("-", "_"))
    assert isinstance(command, click.Command)
    assert command.help
    done = CliRunner().invoke(alerts, [name, "--help"])
    assert done.exit_code == 0, done.output


def test_help_imports_no_command_and_no_library_of_theirs() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom alerts.cli import alerts\n"
        "assert CliRunner().invoke(alerts, ['--help']).exit_code == 0\n"
        "heavy = {'sqlalchemy', 'pydantic', 'feedparser', 'aiohttp', 'jinja2', 'ruamel', 'alerts.pipeline'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_version_is_told() -> None:
    from alerts import __version__

    assert run("--version").stdout == f"alerts {__version__}\n"


def test_a_command_that_is_not_there_suggests_the_nearest_and_leaves_with_2() -> None:
    done = run("colect")
    assert done.returncode == 2
    assert "collect" in done.stderr


def test_a_missing_configuration_leaves_with_78_and_a_plain_sentence(tmp_path: Path) -> None:
    done = run("check", ALERTS_CONFIG_DIR=str(tmp_path / "none"), ALERTS_DATA_DIR=str(tmp_path))
    assert done.returncode == 78
    assert "Traceback" not in done.stderr
    assert "none" in done.stderr


def test_a_setting_that_cannot_be_read_leaves_with_78(tmp_path: Path) -> None:
    done = run("collect", ALERTS_SMTP_PORT="often", ALERTS_DATA_DIR=str(tmp_path))
    assert done.returncode == 78
    assert "ALERTS_SMTP_PORT" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_settings_are_shown_without_their_secrets(tmp_path: Path) -> None:
    done = run("config", "show", ALERTS_SMTP_PASSWORD="hunter22", ALERTS_DATA_DIR=str(tmp_path))
    assert done.returncode == 0
    assert "hunter22" not in done.stdout
    assert "ALERTS_SMTP_PASSWORD" in done.stdout


def test_a_stop_in_the_middle_of_an_import_is_a_stop_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(**_: object) -> None:
        raise RuntimeError("Error calling __set_name__ on 'Field' instance") from SystemExit(0)

    monkeypatch.setattr(alerts, "main", stopped)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
