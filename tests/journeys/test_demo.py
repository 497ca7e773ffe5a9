"""`alerts demo`: the whole service once on the bundled samples, and again with nothing new."""

from __future__ import annotations

import email
from email import policy
from pathlib import Path

from tests.journeys.conftest import Library


def test_the_demo_runs_the_main_job_and_a_second_one_finds_nothing_new(tmp_path: Path) -> None:
    library = Library(tmp_path, {"ALERTS_SMTP_HOST": "smtp.example.nhs.uk"})  # whatever the environment says
    first = library.json("demo", "--folder", "try")
    collected = first["collected"]
    assert collected["polled"] >= 14
    assert collected["entries"] > 150
    outcomes = [each["outcome"] for each in collected["sources"]]
    assert (outcomes.count("failed"), outcomes.count("degraded")) == (1, 1), "one is down and one malformed, on purpose"
    assert collected["new_records"] < collected["entries"], "several sources list the same publication"
    assert collected["backlog"] > 0
    assert [each["outcome"] for each in first["published"]] == ["published"] * 3
    assert first["delivered"]["sent"] == len(first["mails"]) == sum(each["deliveries"] for each in first["published"])
    assert all((tmp_path / page).is_file() for page in first["pages"])
    for mail in first["mails"]:
        message = email.message_from_bytes((tmp_path / mail).read_bytes(), policy=policy.default)
        assert message["List-Unsubscribe"]

    second = library.json("demo", "--folder", "try")
    assert (second["collected"]["new_records"], second["collected"]["matches"]) == (0, 0)
    assert second["delivered"]["sent"] == 0
    assert {each["outcome"] for each in second["published"]} == {"nothing new"}
    assert second["mails"] == first["mails"]


def test_the_demo_touches_no_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    refused = Library(tmp_path, {}).run("demo", "--folder", "mine", "--fresh", expect=1)
    assert "A010" in refused.stderr
    assert [each.name for each in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
