"""Files that the search commands read: strategies, records and vocabularies; .gz too."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.errors import AlertsError

if TYPE_CHECKING:
    from alerts.model.profiles import Block
    from alerts.parse.references import Reference
    from alerts.search import Compiled, Vocabulary

MOST_BYTES = 400_000_000
"""Unpacked bytes of one file: a whole MeSH, and a bound on what a small .gz may become."""


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
    """One strategy of a file, not yet compiled; `syntax` is what the file says its dialect is."""

    id: str
    text: str
    syntax: str = ""
    result: int = 0
    brief: int = 0
    exact: bool = False
    database: str = ""

    def compile(self, shared: Shared, dialect: str | None) -> Compiled:
        """Compile it."""
        from alerts.search import compile_text

        wanted = dialect or (self.syntax if self.syntax in {"ovid", "pubmed", "plain"} else None)
        return compile_text(
            self.text,
            dialect=wanted,  # type: ignore[arg-type]  # one of the three, or None
            blocks=shared.blocks,
            spelling=() if self.exact else shared.spelling,
            vocabulary=shared.vocabulary,
            result=self.result,
            brief=self.brief,
            database=self.database,
        )


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, unpacked when it is a gzip file."""
    try:
        body = path.read_bytes()
        if not body.startswith(b"\x1f\x8b"):
            return body
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            unpacked = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as failure:
        raise UnreadableFile(f"{path} cannot be read: {failure}.") from failure
    if len(unpacked) > MOST_BYTES:
        raise UnreadableFile(f"{path} is larger than {MOST_BYTES // 1_000_000} MB when unpacked.")
    return unpacked


def read_strategies(path: Path) -> list[StrategyText]:
    """Read the strategies of a file: one of a text or YAML file, one a line of JSON Lines."""
    from alerts.search import decode

    text = decode(read_bytes(path))
    stem = path.name.removesuffix(".gz")
    if stem.endswith((".jsonl", ".ndjson", ".json")) or text.lstrip().startswith('{"'):
        return _json_lines(text, path)
    if stem.endswith((".yaml", ".yml")):
        return [_profile(text, path)]
    return [StrategyText(Path(stem).stem, text)]


def _json_lines(text: str, path: Path) -> list[StrategyText]:
    """Read {"id", "text", "syntax"} objects, one a line."""
    found: list[StrategyText] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as failure:
            raise UnreadableFile(f"{path}, line {number}: this is no JSON object.") from failure
        text_of = value.get("text", value.get("search")) if isinstance(value, dict) else None
        if not isinstance(text_of, str):
            raise UnreadableFile(f"{path}, line {number}: there is no “text” in it.")
        syntax = value.get("syntax") or value.get("dialect") or ""
        found.append(
            StrategyText(
                str(value.get("id", number)),
                text_of,
                str(syntax).casefold(),
                *_results(value.get("result")),
                database=str(value.get("database") or ""),
            )
        )
    return found


def _results(value: Any) -> tuple[int, int]:
    """Read `result: 7` or `result: {full: 8, brief: 7}`."""
    if isinstance(value, Mapping):
        return int(value.get("full") or 0), int(value.get("brief") or 0)
    return (int(value), 0) if isinstance(value, int | str) and str(value).isdigit() else (0, 0)


def _profile(text: str, path: Path) -> StrategyText:
    """Read the strategy of a YAML profile."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        value = YAML(typ="safe").load(text)
    except (YAMLError, RecursionError) as failure:
        raise UnreadableFile(f"{path} is no YAML that can be read.", remedy="Try alerts check.") from failure
    if not isinstance(value, Mapping):
        raise UnreadableFile(f"{path} is no profile.")
    search = value.get("search")
    if not isinstance(search, str) and isinstance(value.get("search_file"), str):
        from alerts.search import decode

        search = decode(read_bytes(path.parent / str(value["search_file"])))
    if not isinstance(search, str):
        raise UnreadableFile(f"{path} has no search: in it.")
    return StrategyText(
        path.stem,
        search,
        str(value.get("dialect") or ""),
        *_results(value.get("result")),
        exact=value.get("spelling") == "exact",
        database=str(value.get("database") or ""),
    )


def read_shared(files: Sequence[Path], config: Path | None, vocabulary: Sequence[Path]) -> Shared:
    """Return what the strategies may use: of `config`, or of the folder that a profile of `files` lies in."""
    folder = config
    if folder is None:
        profile = next(
            (path for path in files if path.suffix in {".yaml", ".yml"} and path.parent.name == "profiles"), None
        )
        folder = profile.parent.parent if profile is not None else None
    words = read_vocabulary(vocabulary) if vocabulary else None
    if folder is None:
        return Shared(vocabulary=words)
    from alerts.config import load_catalogue

    catalogue = load_catalogue(folder, None).catalogue
    return Shared(catalogue.blocks, catalogue.spelling, words)


def read_vocabulary(paths: Sequence[Path]) -> Vocabulary:
    """Read vocabularies side by side: NLM's XML, a table or a CSV, told from the content."""
    from alerts.search import Vocabulary
    from alerts.search.vocabulary_files import read_changes, read_csv, read_mesh_xml, read_table

    made = Vocabulary(", ".join(path.name for path in paths))
    for path in paths:
        body = read_bytes(path)
        head = body[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
        if head.startswith(b"<"):
            for descriptor in read_mesh_xml(io.BytesIO(body)):
                made.add(descriptor)
            continue
        lines = io.StringIO(body.decode("utf-8-sig", errors="replace"))
        first = head.split(b"\n", 1)[0].decode("utf-8", errors="replace")
        if "old_heading" in first:
            for old, new in read_changes(lines):
                made.rename(old, new)
        else:
            for descriptor in read_table(lines) if "\t" in first else read_csv(lines):
                made.add(descriptor)
    return made


def read_records(paths: Sequence[Path]) -> list[Reference]:
    """Read reference files one after the other."""
    from alerts.parse.references import read_references

    records: list[Reference] = []
    for path in paths:
        records.extend(read_references(read_bytes(path)).records)
    return records
