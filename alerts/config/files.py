"""Which files the configuration folder holds, and their text, within limits."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from alerts.config.nearest import did_you_mean
from alerts.errors import Problem

Kind = Literal["service", "sources", "profile", "block", "bulletin", "team", "spelling", "types", "places", "calendar"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_BYTES = 256_000
"""Largest YAML file, in bytes."""
MAX_STRATEGY_BYTES = 1_000_000
"""Largest strategy file: 200,000 characters in any encoding."""
MAX_FILES = 5_000
"""Most files read from one configuration folder."""

FOLDERS: dict[str, Kind] = {
    "sources": "sources",
    "profiles": "profile",
    "blocks": "block",
    "bulletins": "bulletin",
    "teams": "team",
}
SINGLE: dict[str, Kind] = {name: name for name in ("service", "spelling", "types", "places", "calendar")}
_OTHER_FOLDERS = {"templates", "schema", "review"}
_ENDINGS = (".yaml", ".yml")
WORD_PROCESSORS = (".docx", ".doc", ".rtf", ".odt", ".pages", ".pdf")
_DOUBLED = (".yaml.txt", ".yml.txt")
"""As Notepad names a file that was to be called `falls.yaml`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the configuration folder: `path` relative to it with slashes, `shown` as a person would type it."""

    path: str
    shown: str
    kind: Kind
    text: str | None
    problems: tuple[Problem, ...] = ()

    @property
    def stem(self) -> str:
        """The file's name without folder and ending: the id of what it holds, unless it says another."""
        return self.path.rpartition("/")[2].rpartition(".")[0]


def kind_of(path: str) -> Kind:
    """Return the kind of a file by its path relative to the folder."""
    folder, _, name = path.rpartition("/")
    return FOLDERS[folder] if folder else SINGLE[name.rpartition(".")[0]]


def gather(config_dir: Path, known: Iterable[str] = ()) -> tuple[list[Found], list[Problem]]:
    """Read every file of the folder, in a fixed order; problems are those that belong to no such file.

    `known` are paths of files that were there before: those in a folder that cannot be opened now are not taken as
    deleted but as files that cannot be read.
    """
    places, problems = _places(config_dir)
    closed = {problem.file for problem in problems if problem.code == "C010"}
    lost = [path for path in known if path.endswith(_ENDINGS) and str(config_dir / path.rpartition("/")[0]) in closed]
    places += [(path, kind_of(path)) for path in lost]
    if len(places) > MAX_FILES:
        problems.append(
            Problem(
                "C012",
                "error",
                f"There are {len(places):,} files; only the first {MAX_FILES:,} are read.",
                "Put several sources into one file, or take old files away.",
                file=str(config_dir),
            )
        )
    return [_read(config_dir, path, kind) for path, kind in places[:MAX_FILES]], problems


def _places(config_dir: Path) -> tuple[list[tuple[str, Kind]], list[Problem]]:
    places: list[tuple[str, Kind]] = []
    problems: list[Problem] = []
    for entry in _listed(config_dir):
        stem, _, ending = entry.name.rpartition(".")
        if entry.is_dir():
            try:
                if entry.name in FOLDERS:
                    places += _in_folder(entry, FOLDERS[entry.name])
                    problems += [_not_read(each) for each in _listed(entry.path) if _looks_meant(each.name)]
                if entry.name not in FOLDERS and entry.name not in _OTHER_FOLDERS and _holds_yaml(entry.path):
                    problems.append(_misplaced(config_dir, entry.name, FOLDERS))
            except OSError as failure:
                sentence = f"The folder cannot be read: {(failure.strerror or 'it is closed').lower()}."
                problems.append(Problem("C010", "error", sentence, "Check its permissions.", file=entry.path))
        elif f".{ending}" in _ENDINGS:
            if stem in SINGLE:
                places.append((entry.name, SINGLE[stem]))
            else:
                problems.append(_misplaced(config_dir, entry.name, [f"{each}.yaml" for each in SINGLE]))
    return places, problems


def _in_folder(folder: os.DirEntry[str], kind: Kind) -> list[tuple[str, Kind]]:
    return [(f"{folder.name}/{entry.name}", kind) for entry in _listed(folder.path) if entry.name.endswith(_ENDINGS)]


def _looks_meant(name: str) -> bool:
    """Tell whether a file that is not read looks as if it should be; Word's lock files (`~$name`) do not."""
    return name.lower().endswith(WORD_PROCESSORS + _DOUBLED) and not name.startswith("~$")


def _not_read(entry: os.DirEntry[str]) -> Problem:
    if entry.name.lower().endswith(_DOUBLED):
        remedy = f"Its name ends in .txt: call it {entry.name[:-4]}."
        return Problem("C019", "warning", "Nothing here is read.", remedy, file=entry.path)
    remedy = "Save what belongs here as plain text (.txt), for search_file:, or take the file away."
    if entry.name.lower().endswith(".docx"):
        remedy = "Name it in a profile (search_file:), or take it away; what is not a strategy belongs into plain text."
    return Problem("C019", "warning", "A word processor's file: nothing here is read.", remedy, file=entry.path)


def _holds_yaml(folder: str) -> bool:
    return any(entry.name.endswith(_ENDINGS) for entry in _listed(folder))


def _listed(folder: Path | str) -> list[os.DirEntry[str]]:
    """Return what lies in `folder` by name, hidden files left out (editors' and Kubernetes' own)."""
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)


def _misplaced(config_dir: Path, name: str, known: object) -> Problem:
    names = list(known) if isinstance(known, (dict, list)) else []
    return Problem(
        "C019",
        "warning",
        "Nothing here is read.",
        did_you_mean(name, names, "Take it away."),
        file=str(config_dir / name),
    )


def _read(config_dir: Path, path: str, kind: Kind) -> Found:
    shown = str(config_dir / path)
    text, problem = read_text(config_dir / path, shown, MAX_BYTES)
    return Found(path, shown, kind, text, (problem,) if problem else ())


def read_text(path: Path, shown: str, limit: int) -> tuple[str | None, Problem | None]:
    """Read a file as text with `\\n` line ends; None and a problem when that cannot be done.

    Line separators of Unicode become spaces: pasted from a word processor they would shift every line number after
    them.
    """
    body, problem = read_bytes(path, shown, limit)
    text, problem = decode(body, shown) if body is not None else (None, problem)
    if text is not None and not text.isascii():
        for separator in "\x85\u2028\u2029":
            text = text.replace(separator, " ")
    return text, problem


def read_bytes(path: Path, shown: str, limit: int) -> tuple[bytes | None, Problem | None]:
    """Read at most `limit` bytes of a regular file; None and a problem when that cannot be done."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end, a folder never begin
            raise OSError(0, "it is not a file")
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except OSError as failure:
        reason = (failure.strerror or "it cannot be read").lower()
        remedy = "Check its name." if isinstance(failure, FileNotFoundError) else "Check its permissions."
        return None, Problem("C010", "error", f"The file cannot be read: {reason}.", remedy, file=shown)
    if len(body) > limit:
        return None, Problem("C011", "error", f"The file is larger than {limit // 1000:,} kB.", _SPLIT, file=shown)
    return body, None


_SPLIT = "Split it into several files, or check that it is the right one."


def decode(body: bytes, shown: str) -> tuple[str | None, Problem | None]:
    """Decode UTF-8 or UTF-16 (by its byte-order mark, or its zero bytes); else Windows-1252, which is said."""
    encoding = "utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    if encoding == "utf-8-sig" and body[:200].count(0) > len(body[:200]) // 4:
        encoding = "utf-16-be" if body[:1] == b"\x00" else "utf-16-le"
    problem = None
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        try:
            text = body.decode("cp1252")
        except UnicodeDecodeError:
            message = "The file is neither UTF-8 nor Windows text."
            return None, Problem("C013", "error", message, "Save it as UTF-8.", file=shown)
        message = "The file is not UTF-8; it was read as Windows text (Windows-1252)."
        problem = Problem("C013", "warning", message, "Save it as UTF-8.", file=shown)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, problem
