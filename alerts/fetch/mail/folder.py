"""Letters that lie in a folder: `.eml` files, or a Maildir. Only read; what is no plain file is left alone."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from alerts.errors import Problem
from alerts.fetch.failures import FetchFailure
from alerts.fetch.memory.letters import MOST_FILES, Memory
from alerts.model.mailboxes import folder_of
from alerts.model.sources import Source
from alerts.parse import problems
from alerts.parse.letters.heads import head_of, is_wanted

MOST_LETTERS = 50
"""Letters read at one poll …"""
MOST_BYTES = 30_000_000
"""… or as many as are so long together."""
LONGEST = 5_000_000
"""So much of a letter is read: what it says comes first, and the files attached to it last."""
_MOST_LISTED = 100_000

Place = int | str
"""Where a letter lies: its UID in a mailbox, its name in a folder."""


class NoSuchPlace(FetchFailure):
    """The mailbox has no such folder, or the data folder has none, or it may not be opened."""

    code = "F651"
    remedy = "Correct the folder in the source's address; in a mailbox, a folder within one is often INBOX/Name."


class Letter(NamedTuple):
    """The beginning of a letter, and where it lies."""

    place: Place
    body: bytes


class Found(NamedTuple):
    """Letters that were not looked at before, oldest first, and what is to be remembered once they have been read.

    `more` is how many wait for the next poll.
    """

    letters: tuple[Letter, ...]
    memory: Memory
    more: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    name: str
    written: float


def look(data_dir: Path | None, source: Source, memory: Memory) -> Found:
    """Return the letters of a source in its folder that it has not given yet; raises `NoSuchPlace`.

    A letter older than `memory.since`, by its own date, is only remembered.
    """
    path, since = folder_of(source.address), datetime.fromisoformat(memory.since)
    if data_dir is None:
        raise NoSuchPlace("There is no data folder that letters could lie in.")
    files, cut = _files(data_dir / path, path)
    names = {_short(each.name): each for each in files}
    known = memory.files & names.keys()
    new = sorted(
        (each for name, each in names.items() if name not in known), key=lambda each: (each.written, each.name)
    )
    letters: list[Letter] = []
    looked: set[str] = set()
    size = 0
    for each in new:
        if len(letters) == MOST_LETTERS or size > MOST_BYTES:
            break
        looked.add(_short(each.name))
        body = _read(each.path)
        head = head_of(body)
        if body and is_wanted(head, source.letters) and (head.date is None or head.date >= since):
            letters.append(Letter(each.name, body))
            size += len(body)
    more = len(new) - len(looked)
    said = [problems.too_many_files(MOST_FILES)] if cut else []
    said += [problems.more_letters(more)] if more else []
    return Found(tuple(letters), replace(memory, files=known | frozenset(looked)), more, tuple(said))


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _files(folder: Path, shown: str) -> tuple[list[_File], bool]:
    """Return the newest files of a folder that may be letters; of a Maildir those of `cur` and `new`."""
    try:
        is_maildir = (folder / "cur").is_dir() and (folder / "new").is_dir()
        listed: list[_File] = []
        for place in (folder / "new", folder / "cur") if is_maildir else (folder,):
            listed += _listed(place, is_maildir=is_maildir)
    except OSError as failure:
        raise NoSuchPlace(
            f"The folder {shown} in the data folder cannot be read: {failure.strerror}.", cause=str(failure)
        ) from None
    listed.sort(key=lambda each: each.written)
    return listed[-MOST_FILES:], len(listed) > MOST_FILES


def _listed(place: Path, *, is_maildir: bool) -> list[_File]:
    found = []
    with os.scandir(place) as entries:
        for number, each in enumerate(entries):
            if number >= _MOST_LISTED:
                break
            if each.name.startswith(".") or not (is_maildir or each.name.lower().endswith(".eml")):
                continue
            told = each.stat(follow_symlinks=False)
            if stat.S_ISREG(told.st_mode):
                name = each.name.partition(":2,")[0] if is_maildir else each.name
                found.append(_File(each.path, name, told.st_mtime))
    return found


def _read(path: str) -> bytes:
    """Return the beginning of a plain file; one that has gone meanwhile, or is none, has nothing in it."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(LONGEST) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return b""
