"""What the README tells people to type works as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Library

NOTHING_STORED_YET = {"records show": 2, "person leave": 1, "bulletin send-test": 1}
README = (ROOT / "README.md").read_text(encoding="utf-8")


def told() -> list[str]:
    """Return every `alerts …` command of the README that needs neither the network nor a running service."""
    found = [each.replace("…", "x") for each in re.findall(r"`(alerts [^`]+)`", README)]
    return [
        each
        for each in found
        if "https://" not in each and "--records" not in each and each not in ("alerts run", "alerts healthcheck")
    ]


@pytest.fixture
def fresh(tmp_path: Path) -> Library:
    made = Library(tmp_path, {})
    made.run("init", ".")
    return made


def test_the_readme_tells_of_the_main_commands() -> None:
    words = {each.split()[1] for each in told()}
    assert words >= {"init", "check", "preview", "publish", "issue", "backup", "config"}


def test_every_command_of_the_readme_works_in_a_fresh_library(fresh: Library) -> None:
    fresh.run("source", "export", "feeds.opml")
    fresh.write("found.ris", "TY  - JOUR\nTI  - Vaping in northern towns\nER  - \n")
    for command in told():
        named = command.replace("FILE.opml", "feeds.opml").replace("FILEx", "found.ris").replace("FILE", "copy.sqlite3")
        words = shlex.split(named.partition(" > ")[0])[1:]
        if words[:2] == ["issue", "add"]:
            words = [{"x": "A title"}.get(each, each) for each in words]
        fresh.run(*words, expect=NOTHING_STORED_YET.get(" ".join(words[:2]), 0))


def test_make_demo_and_make_test_are_the_first_commands() -> None:
    block = re.search(r"^    (make .*\n(?:    make .*\n)*)", README, flags=re.MULTILINE)
    assert block is not None
    makes = re.findall(r"make (\w+)", block.group(0))
    assert makes == ["demo", "test"]
    targets = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{each}:", targets, flags=re.MULTILINE) for each in makes)


def test_the_profile_shown_in_the_readme_is_one_that_check_accepts(fresh: Library) -> None:
    shown = re.search(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    assert shown is not None
    fresh.write("config/profiles/tobacco.yaml", shown.group(1))
    fresh.run("check")
