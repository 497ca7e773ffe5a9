"""`alerts calendar`, as an administrator and a calendar program read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from alerts.cli import alerts

Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run the command in the shipped configuration, at a moment."""
    made = CliRunner().invoke(alerts, ["init", str(tmp_path)])
    assert made.exit_code == 0, made.output
    monkeypatch.setenv("ALERTS_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("ALERTS_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "config" / "calendar.yaml").write_text("no_send:\n  - {day: 2027-04-13, reason: Stocktaking}\n")

    def run(now: str, *arguments: str) -> Result:
        monkeypatch.setenv("ALERTS_CLOCK", now)
        return CliRunner().invoke(alerts, ["calendar", *arguments])

    return run


def test_what_moves_a_day_is_said(ask: Ask) -> None:
    said = ask("2027-03-20T09:00:00Z", "public-health-update", "--days", "30")
    assert said.exit_code == 0
    assert "Tuesday 23 March 2027, 07:30: Public health update\n" in said.stdout
    assert "Wednesday 14 April instead of Tuesday 13 April: Stocktaking" in said.stdout
    assert "covers what is new since 6 April" in said.stdout


def test_scripts_get_local_and_universal_time_through_the_clock_change(ask: Ask) -> None:
    said = json.loads(ask("2027-03-20T09:00:00Z", "public-health-update", "--days", "12", "--json").stdout)
    assert [(each["due_at"], each["local"]) for each in said["issues"]] == [
        ("2027-03-23T07:30:00+00:00", "2027-03-23T07:30:00+00:00"),
        ("2027-03-30T06:30:00+00:00", "2027-03-30T07:30:00+01:00"),
    ]


def test_a_calendar_program_reads_the_file_and_knows_events_again(ask: Ask) -> None:
    files = [ask(now, "--ics", "--days", "90").stdout_bytes for now in ("2027-03-20T09:00:00Z", "2027-03-22T09:00:00Z")]
    first, second = ({str(each["UID"]) for each in Calendar.from_ical(file).walk("VEVENT")} for file in files)
    assert len(first & second) > 20
    assert b"\n" not in files[0].replace(b"\r\n", b"")


def test_days_of_which_not_all_bank_holidays_are_known_are_pointed_out(ask: Ask) -> None:
    assert "follow from the rules" in ask("2027-03-20T09:00:00Z", "--days", "400").stderr
    assert ask("2027-03-20T09:00:00Z", "--days", "200").stderr == ""


def test_a_bulletin_that_is_not_there_is_refused(ask: Ask) -> None:
    said = ask("2027-03-20T09:00:00Z", "nothing")
    assert said.exit_code != 0
    assert "There is no bulletin “nothing”" in str(said.exception)
