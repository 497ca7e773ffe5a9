"""Files that hold strategies: text, Word documents, YAML profiles, JSON Lines; .gz too, and `-` for standard input.

What one of several strategies has wrong, down to a line that is no JSON, costs only itself: it is a strategy that is
refused, with its finding.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from alerts.cli.output import warn
from alerts.errors import AlertsError, Problem

if TYPE_CHECKING:
    from alerts.model.profiles import Block
    from alerts.search import Compiled, Vocabulary

MOST_BYTES = 400_000_000
"""Unpacked bytes of one file, and a bound on what a small .gz may become."""
_DIALECTS = {"ovid", "pubmed", "plain"}
_HEADINGS = re.compile(r"/|\[\s*m|mesh|\.[sh][hw]\b", re.IGNORECASE)
"""What every strategy that names a heading has somewhere."""


class UnreadableFile(AlertsError):
    """A file that a command was given cannot be read."""

    code = "S091"
    remedy = "Check the name, and that the file is complete."


@dataclass(frozen=True, slots=True)
class Shared:
    """What strategies may use beside their own text: blocks and spelling of a configuration, and a vocabulary."""

    blocks: Mapping[str, Block] = field(default_factory=dict)
    spelling: Sequence[Sequence[str]] = ()
    vocabulary: Vocabulary | None = None


@dataclass(frozen=True, slots=True)
class StrategyText:
    """One strategy of a file, not yet compiled; `syntax` is what the file says its dialect is.

    `id` is as the file has it, a number of JSON as a number. `problems` are those of the file: an error among them
    refuses the strategy.
    """

    id: str | int
    text: str = ""
    syntax: str = ""
    result: int = 0
    brief: int = 0
    exact: bool = False
    database: str = ""
    languages: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    @property
    def is_unreadable(self) -> bool:
        """True when the file does not give its text."""
        return not self.text and self._is_refused

    @property
    def _is_refused(self) -> bool:
        """True when something in the file refuses it, whatever its text."""
        return any(each.severity == "error" for each in self.problems)

    def compile(self, shared: Shared, dialect: str | None) -> Compiled:
        """Compile it; what is wrong with the file comes before what is wrong with the strategy."""
        from alerts.search.strategy import Compiled, compile_text

        wanted = dialect or (self.syntax if self.syntax in _DIALECTS else None)
        if self.is_unreadable:
            return Compiled(None, self.problems, wanted or "ovid")  # type: ignore[arg-type]  # one of the three
        compiled = compile_text(
            self.text,
            dialect=wanted,  # type: ignore[arg-type]  # one of the three, or None
            blocks=shared.blocks,
            spelling=() if self.exact else shared.spelling,
            vocabulary=shared.vocabulary,
            result=self.result,
            brief=self.brief,
            database=self.database,
        )
        strategy = None if self._is_refused else compiled.strategy
        return Compiled(strategy, (*self.problems, *compiled.problems), compiled.dialect)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, unpacked when it is a gzip file; `-` is standard input."""
    try:
        if str(path) == "-":
            return _unpacked(path, sys.stdin.buffer)
        with path.open("rb") as file:
            return _unpacked(path, file)
    except (OSError, EOFError, zlib.error) as failure:
        reason = failure.strerror if isinstance(failure, OSError) and failure.strerror else str(failure)
        raise UnreadableFile(f"{path} cannot be read: {reason.rstrip('.').lower()}.") from failure


def _unpacked(path: Path, file: IO[bytes]) -> bytes:
    body = file.read(MOST_BYTES + 1)
    if body.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            body = packed.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise UnreadableFile(f"{path} is larger than {MOST_BYTES // 1_000_000} MB when unpacked.")
    return body


def text_of(body: bytes, path: Path) -> str:
    """Return a file's text in whatever encoding it was saved; that it is Windows text is said on standard error."""
    from alerts.config.files import decode

    text, problem = decode(body, str(path))
    if text is None:
        raise UnreadableFile(f"{path}: {problem.message if problem else ''}", remedy="Save it as UTF-8.")
    if problem is not None:
        warn(f"alerts: {path}: {problem.code} {problem.message}")
    return text


def read_strategies(path: Path) -> list[StrategyText]:
    """Read the strategies of a file: one of a text, Word or YAML file, one a line of JSON Lines."""
    from alerts.config import strategy_text

    body = read_bytes(path)
    name = path.name.removesuffix(".gz")
    stem = Path(name).stem
    if name.endswith((".yaml", ".yml")):
        return [_profile(text_of(body, path), path, stem)]
    if name.endswith((".jsonl", ".ndjson", ".json")) or re.match(rb'\s*(?:\[\s*)?\{\s*"', body.lstrip(b"\xef\xbb\xbf")):
        found = _json_lines(text_of(body, path))
        if not found:
            raise UnreadableFile(f"There is no strategy in {path}.", remedy='Write {"id": …, "text": …}, one a line.')
        return found
    text, problems = strategy_text(body, str(path))
    return [StrategyText(stem, text or "", problems=tuple(problems))]


def _json_lines(text: str) -> list[StrategyText]:
    """Read {"id", "text", "syntax"} objects: one a line, or one list of them."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, list):
        return [_of_json(each, number, f"Item {number}") for number, each in enumerate(whole, 1)]
    if isinstance(whole, dict):
        return [_of_json(whole, 1, "The file")]
    found: list[StrategyText] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        found.append(_of_json(value, number, f"Line {number} of the file"))
    return found


def _of_json(value: object, number: int, where: str) -> StrategyText:
    """Make a strategy of one JSON value."""
    if not isinstance(value, Mapping):
        remedy = 'Write {"id": …, "text": …, "syntax": …} in one line, in valid JSON.'
        return StrategyText(str(number), problems=(_unusable(f"{where} is no JSON object.", remedy),))
    own = value.get("id")
    id = own if isinstance(own, int) and not isinstance(own, bool) else str(number if own is None else own)
    text = value.get("text", value.get("search"))
    if not isinstance(text, str):
        return StrategyText(id, problems=(_unusable(f"{where} has no “text”.", "Put the strategy into “text”."),))
    said: list[Problem] = []
    return StrategyText(
        id,
        text,
        _syntax(value.get("syntax") or value.get("dialect"), said),
        *_results(value.get("result"), said),
        exact=value.get("spelling") == "exact",
        database=_word(value.get("database")),
        problems=tuple(said),
    )


def _syntax(value: object, said: list[Problem]) -> str:
    """Read what a file says its dialect is, and say where it is none."""
    syntax = _word(value).strip().casefold()
    if value and syntax not in _DIALECTS:
        sentence = f"The syntax “{syntax[:40]}” is not known, so that it is told from the text."
        said.append(Problem("S041", "warning", sentence, "Write ovid, pubmed or plain."))
    return syntax


def _unusable(sentence: str, remedy: str) -> Problem:
    return Problem("S091", "error", sentence, remedy)


def _results(value: Any, said: list[Problem]) -> tuple[int, int]:
    """Read `result: 7` or `result: {full: 8, brief: 7}`; say what is no line's number: another line is never taken."""
    if isinstance(value, Mapping):
        return _line(value.get("full"), said), _line(value.get("brief"), said)
    return _line(value, said), 0


def _line(value: object, said: list[Problem]) -> int:
    """Read a line's number; 0 when there is none."""
    written = "" if isinstance(value, bool) else _word(value)
    if written.isascii() and written.isdigit() and len(written) <= 9 and int(written):
        return int(written)
    if value is not None:
        sentence = f"The result “{_word(value)[:40]}” is no number of a line."
        said.append(_unusable(sentence, "Write result: 7, or result: {full: 8, brief: 7}."))
    return 0


def _word(value: object) -> str:
    """Return a single value as text, and nothing for a list, which in YAML may unfold to gigabytes."""
    return str(value) if isinstance(value, str | int | float) else ""


def _profile(text: str, path: Path, stem: str) -> StrategyText:
    """Read the strategy of a YAML profile or block; what else is wrong in the file, `alerts check` says."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        value = YAML(typ="safe").load(text)
    except (YAMLError, RecursionError, ValueError) as failure:
        line = getattr(getattr(failure, "problem_mark", None), "line", -1) + 1
        sentence = f"The file is no YAML that can be read{f' (line {line})' if line else ''}."
        return StrategyText(stem, problems=(_unusable(sentence, "“alerts check” says more of profiles."),))
    if not isinstance(value, Mapping):
        return StrategyText(stem, problems=(_unusable("The file is no profile.", "Write search: | and a strategy."),))
    search = value.get("search")
    problems: list[Problem] = []
    if not isinstance(search, str) and isinstance(value.get("search_file"), str):
        search, problems = _beside(path, str(value["search_file"]))
    elif not isinstance(search, str):
        problems = [_unusable("There is no search: in the profile.", "Write search: | and the strategy below it.")]
    limits = value.get("limits")
    languages = limits.get("language") if isinstance(limits, Mapping) else None
    languages = [languages] if isinstance(languages, str) else languages
    return StrategyText(
        _word(value.get("id")) or stem,
        search if isinstance(search, str) else "",
        _syntax(value.get("dialect"), problems),
        *_results(value.get("result"), problems),
        exact=value.get("spelling") == "exact",
        database=_word(value.get("database")),
        languages=frozenset(_word(each).lower() for each in languages) if isinstance(languages, list) else frozenset(),
        problems=tuple(problems),
    )


def _beside(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    """Read the file of a `search_file:`."""
    from alerts.config import read_strategy

    if "/" in name or "\\" in name or name.startswith("."):
        sentence = f"“{name}” is not the name of a file beside this one."
        return None, [_unusable(sentence, "Put the strategy's file into the same folder and give its name alone.")]
    return read_strategy(path.parent / name, str(path.parent / name))


def read_shared(
    files: Iterable[Path], texts: Iterable[StrategyText], config: Path | None, vocabulary: Sequence[Path]
) -> Shared:
    """Return what the strategies may use: blocks and spelling of a configuration, and a vocabulary.

    The configuration is `config`, else the one that a profile of `files` lies in, else the service's, else the shipped
    one. The vocabulary is that of the files named, else the one that the service has loaded.
    """
    from alerts.config import load_shared

    if vocabulary:
        from alerts.cli.vocabulary_files import read_streams

        words: Vocabulary | None = read_streams(vocabulary)
    elif any(_HEADINGS.search(each.text) for each in texts):
        from alerts.cli.kept import loaded_vocabulary

        words = loaded_vocabulary()
    else:
        words = None
    blocks, spelling = load_shared(_configuration(files, config))
    return Shared(blocks, spelling, words)


def _configuration(files: Iterable[Path], config: Path | None) -> Path:
    from alerts.config import load_settings, shipped

    if config is not None:
        return config
    for path in files:
        if path.suffix in {".yaml", ".yml"} and path.absolute().parent.name in {"profiles", "blocks"}:
            return path.absolute().parent.parent
    try:
        own = load_settings(os.environ).settings.config_dir
    except AlertsError:
        return shipped("config")
    return own if (own / "service.yaml").is_file() else shipped("config")
