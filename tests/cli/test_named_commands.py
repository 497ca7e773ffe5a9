"""Every command that a message, a page of the documentation or a shipped file names is one that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from alerts.cli import COMMANDS, alerts

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"[`“\"]alerts ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?")
PLACES = ("alerts/**/*.py", "alerts/**/*.md", "config/**/*.yaml", "config/*.md", "templates/*", "docs/*.md", "*.md")


def named() -> Iterator[tuple[str, str, str]]:
    for pattern in PLACES:
        for path in sorted(ROOT.glob(pattern)):
            for command, below in NAMED.findall(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(ROOT)), command, below


def test_every_command_that_is_named_exists() -> None:
    context = click.Context(alerts)
    wrong: list[str] = []
    for where, command, below in named():
        found = alerts.get_command(context, command)
        if found is None:
            wrong.append(f"{where}: alerts {command}")
        elif isinstance(found, click.Group) and below and below not in found.commands:
            wrong.append(f"{where}: alerts {command} {below}")
    assert not wrong


def test_the_search_for_named_commands_finds_them() -> None:
    assert {command for _, command, _ in named()} >= {"check", "delivery", "vocabulary", "publish"} <= set(COMMANDS)
