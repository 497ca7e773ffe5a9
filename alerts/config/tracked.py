"""Readers' addresses must not be in version control: the one place they would be copied from for ever."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alerts.errors import Problem
from alerts.model import addresses

if TYPE_CHECKING:
    from alerts.model.catalogue import Catalogue

_LARGEST = 1_000_000
_REMEDY = "Take it out with “git rm --cached”, add it to .gitignore, and see docs/configuration.md."


def check_tracked(config_dir: Path, people: Path | None, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Return a warning for every file under version control that holds a reader's address; none where git is not used.

    Addresses of the service, its teams and its owners are public and do not count, nor are addresses themselves shown.
    """
    files = _tracked(config_dir)
    if people is not None:
        files += [each for each in _tracked(people.parent) if each.name == people.name]
    readers = {addresses.key(person.address) for person in catalogue.people} - _public(catalogue)
    problems = []
    for path in dict.fromkeys(files):
        if people is not None and path.resolve() == people.resolve():
            problems.append(
                Problem("C072", "warning", "The list of people is under version control.", _REMEDY, file=str(path))
            )
        elif found := _first_reader(path, readers):
            sentence = "The address of a reader stands here, in a file under version control."
            problems.append(
                Problem(
                    "C072",
                    "warning",
                    sentence,
                    "Take it out; readers belong into people.csv.",
                    file=str(path),
                    line=found,
                )
            )
    return tuple(problems)


def _public(catalogue: Catalogue) -> set[str]:
    public = {catalogue.service.contact_address}
    for team in catalogue.teams.values():
        public |= {team.owner_address, team.sender_address, team.reply_to, team.feedback_address}
    return {addresses.key(each) for each in public if each}


def _tracked(folder: Path) -> list[Path]:
    """Return the files below `folder` that git tracks; none where there is no git or no repository."""
    if not any((each / ".git").exists() for each in (folder.absolute(), *folder.absolute().parents)):
        return []
    import subprocess  # only where there is a repository to ask

    try:
        done = subprocess.run(  # noqa: S603  # fixed arguments, no shell
            ["git", "-C", str(folder), "ls-files", "-z"],  # noqa: S607
            capture_output=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    return [folder / name for name in done.stdout.decode(errors="surrogateescape").split("\0") if name]


def _first_reader(path: Path, readers: set[str]) -> int:
    """Return the first line that holds a reader's address, or 0."""
    try:
        if not readers or path.stat().st_size > _LARGEST:
            return 0
        text = path.read_text(encoding="utf-8", errors="replace").casefold()
    except OSError:
        return 0
    found = [at for reader in readers if (at := text.find(reader)) >= 0]
    return text.count("\n", 0, min(found)) + 1 if found else 0
