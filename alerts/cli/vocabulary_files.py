"""Vocabulary files as streams: NLM's descriptor XML, a table or a CSV, packed with gzip or not, told from the content.

NLM's file is 300 MB; of a stream no more is held than one piece of it and the headings read so far.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from alerts.cli.strategy_files import UnreadableFile
from alerts.search import Descriptor, Vocabulary
from alerts.search.headings.vocabulary_files import NotAVocabulary, read_changes, read_csv, read_mesh_xml, read_table

MOST_BYTES = 1_000_000_000
"""Unpacked bytes of one file: three times NLM's, and a bound on what a small .gz may become."""
MOST_CELL = 1_000_000
"""Characters of one cell of a table: the synonyms of a heading."""


class _Bounded(io.RawIOBase):
    """A stream that ends in an error beyond `MOST_BYTES`."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self.stream, self.path, self.seen = stream, path, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's WriteableBuffer
        """Read the next bytes."""
        piece = self.stream.read(len(buffer))
        self.seen += len(piece)
        if self.seen > MOST_BYTES:
            raise UnreadableFile(f"{self.path} is larger than {MOST_BYTES // 1_000_000} MB when unpacked.")
        buffer[: len(piece)] = piece
        return len(piece)


def read_streams(paths: Sequence[Path], label: str = "") -> Vocabulary:
    """Read vocabularies side by side into one; raises `NotAVocabulary` when together they hold no heading."""
    made = Vocabulary(label or ", ".join(path.name for path in paths))
    csv.field_size_limit(MOST_CELL)
    for path in paths:
        try:
            _read_into(made, path)
        except (OSError, EOFError, zlib.error) as failure:
            raise UnreadableFile(f"{path} cannot be read: {failure}.") from failure
        except csv.Error as failure:
            raise NotAVocabulary(f"{path} cannot be read as a table: {failure}.") from failure
        except NotAVocabulary as failure:
            raise NotAVocabulary(f"{path}: {failure.sentence}", remedy=failure.remedy) from failure
    if not len(made):
        raise NotAVocabulary(f"{', '.join(str(path) for path in paths)}: there is no heading in it.")
    return made


def _read_into(made: Vocabulary, path: Path) -> None:
    """Add what one file holds."""
    with _opened(path) as stream:
        head = stream.peek(4000)[:4000]
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            for descriptor in read_mesh_xml(cast("IO[bytes]", stream)):
                made.add(descriptor)
            return
    for encoding in (_encoding(head), "cp1252"):  # what Excel writes in Britain when one does not ask for UTF-8
        try:
            headings, changes = _read_rows(path, encoding)
        except UnicodeDecodeError:
            continue
        for descriptor in headings:
            made.add(descriptor)
        for old, new in changes:
            if old:
                made.rename(old, new)
            elif made.find(new) is None:
                made.add(Descriptor(new))
        return
    raise NotAVocabulary("Its characters are in no encoding that is known here.", remedy="Save it as CSV UTF-8.")


def _encoding(head: bytes) -> str:
    """Return the encoding that a mark at the start names, else UTF-8."""
    return "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def _read_rows(path: Path, encoding: str) -> tuple[list[Descriptor], list[tuple[str, str]]]:
    """Read a table of headings, a table of changes or a CSV, whichever its first line shows."""
    with _opened(path) as stream, io.TextIOWrapper(stream, encoding, newline="") as lines:
        first = lines.readline()
        rows = _again(first, lines)
        if "old_heading" in first:
            return [], list(read_changes(rows))
        return list(read_table(rows) if "heading" in first.casefold().split("\t") else read_csv(rows)), []


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file, unpacked when it is a gzip file."""
    with path.open("rb") as file:
        if file.peek(2).startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=file) as packed:
                yield io.BufferedReader(_Bounded(cast("IO[bytes]", packed), path), 1 << 16)
        else:
            yield io.BufferedReader(_Bounded(file, path), 1 << 16)
