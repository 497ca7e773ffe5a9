"""The vocabulary that strategies are compiled with: NLM's MeSH, and what a library adds to it.

It is read whole or not at all, so it is one row: the headings as compressed JSON beside what is told of them. A process
makes it of its row once for as long as the row is the same.
"""

from __future__ import annotations

import gc
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection, select

from alerts.search import Descriptor, Vocabulary
from alerts.store.columns import storable
from alerts.store.errors import CorruptDatabase
from alerts.store.schema import vocabularies
from alerts.store.upserts import upsert

IN_FORCE = "in force"
"""The name of the one row."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of the loaded vocabulary without reading its headings."""

    label: str
    revision: str
    headings: int
    entry_terms: int
    loaded_at: datetime


def load(conn: Connection, vocabulary: Vocabulary, now: datetime) -> Kept:
    """Put `vocabulary` in the place of the one that was loaded before."""
    headings = list(vocabulary)
    kept = Kept(
        storable(vocabulary.label),
        vocabulary.revision,
        len(headings),
        sum(len(each.entry_terms) for each in headings),
        now,
    )
    row = {
        "name": IN_FORCE,
        "label": kept.label,
        "revision": kept.revision,
        "headings": kept.headings,
        "entry_terms": kept.entry_terms,
        "loaded_at": now,
        "body": _packed(vocabulary),
    }
    upsert(conn, vocabularies, [row], key=("name",))
    return kept


def kept(conn: Connection) -> Kept | None:
    """Return what is known of the loaded vocabulary, `None` when there is none."""
    row = conn.execute(select(*_KNOWN).where(vocabularies.c.name == IN_FORCE)).one_or_none()
    return None if row is None else Kept(*row)


def read(conn: Connection) -> Vocabulary | None:
    """Return the loaded vocabulary, `None` when there is none.

    The same object as long as the row is the same: what its headings mean has then been worked out already.
    """
    known = kept(conn)
    with _reading:
        if known is None or known in _last:
            return None if known is None else _last[known]
        row = conn.execute(select(*_KNOWN, vocabularies.c.body).where(vocabularies.c.name == IN_FORCE)).one()
        known = Kept(*row[:-1])  # of the same moment as the headings
        found = _unpacked(known, row.body)
        _last.clear()
        _last[known] = found
        return found


_KNOWN = tuple(each for each in vocabularies.c if each.name not in {"name", "body"})
_reading = Lock()
_last: dict[Kept, Vocabulary] = {}
"""The vocabulary that was read last: one of a process, however often the configuration is read again."""


def _packed(vocabulary: Vocabulary) -> bytes:
    rows = [(each.name, each.entry_terms, each.tree_numbers, each.narrower, each.ui) for each in vocabulary]
    renamed = [(" ".join(old), new) for old, new in vocabulary.renamed.items()]
    return zlib.compress(json.dumps({"headings": rows, "renamed": renamed}, separators=(",", ":")).encode())


def _unpacked(known: Kept, body: bytes) -> Vocabulary:
    try:
        with _uninterrupted():
            found = json.loads(zlib.decompress(body))
            vocabulary = Vocabulary(known.label)
            for name, terms, numbers, narrower, ui in found["headings"]:
                vocabulary.add(Descriptor(name, tuple(terms), tuple(numbers), tuple(narrower), ui))
            for old, new in found["renamed"]:
                vocabulary.rename(old, new)
    except (zlib.error, ValueError, KeyError, TypeError) as failure:
        raise CorruptDatabase(
            f"The vocabulary {known.label} cannot be read from the database.",
            remedy="Load it again: alerts vocabulary load FILE.",
        ) from failure
    return vocabulary


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep the collector of cyclic garbage from walking over 200,000 new objects again and again: half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
