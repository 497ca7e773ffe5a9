"""The loaded vocabulary: kept whole, replaced whole, the same headings with the same meaning."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from alerts.model.records import Entry
from alerts.search import Descriptor, Vocabulary, compile_text, searchable
from alerts.store import Connection, Store, vocabulary
from alerts.store.errors import CorruptDatabase
from alerts.store.schema import vocabularies
from tests.store import making as make

NOW = make.NOW


def mesh(*extra: Descriptor) -> Vocabulary:
    made = Vocabulary("mesh")
    for each in (
        Descriptor("Smoking", ("Smoking Habit", "Rauchen | ü"), ("F01",), ui="D1"),
        Descriptor("Vaping", ("E-Cigarette Use",), ("F01.5",), ("Dripping",)),
        *extra,
    ):
        made.add(each)
    made.rename("Great Britain", "United Kingdom")
    return made


def read(store: Store) -> Vocabulary:
    with store.read() as conn:
        found = vocabulary.read(conn)
    assert found is not None
    return found


def test_without_a_vocabulary_there_is_none(store: Store) -> None:
    with store.read() as conn:
        assert vocabulary.kept(conn) is None
        assert vocabulary.read(conn) is None


def test_what_is_loaded_comes_back_with_the_same_revision(store: Store) -> None:
    with store.write() as conn:
        kept = vocabulary.load(conn, mesh(), NOW)
    found = read(store)
    assert list(found) == list(mesh())
    assert (found.label, found.revision, found.renamed) == ("mesh", mesh().revision, mesh().renamed)
    assert kept == vocabulary.Kept("mesh", mesh().revision, 2, 3, NOW)
    with store.read() as conn:
        assert vocabulary.kept(conn) == kept


def test_strategies_mean_the_same_with_what_was_kept(store: Store) -> None:
    with store.write() as conn:
        vocabulary.load(conn, mesh(), NOW)
    strategies = [
        compile_text("exp Smoking/", dialect="ovid", vocabulary=each).strategy for each in (mesh(), read(store))
    ]
    assert strategies[0] is not None
    assert strategies[1] is not None
    assert strategies[0].revision == strategies[1].revision
    assert strategies[1].matches(searchable(Entry(key="1", title="E-cigarette use in schools")))


def test_loading_replaces_what_was_there(store: Store) -> None:
    with store.write() as conn:
        vocabulary.load(conn, mesh(Descriptor("Old")), NOW)
    before = read(store)
    with store.write() as conn:
        vocabulary.load(conn, mesh(Descriptor("New")), NOW + timedelta(days=1))
        assert conn.scalar(select(func.count()).select_from(vocabularies)) == 1
    found = read(store)
    assert (found.find("Old"), before.find("New")) == (None, None)
    assert found.find("New") is not None
    assert found.revision != before.revision


def test_a_load_that_is_rolled_back_leaves_the_one_before(store: Store) -> None:
    with store.write() as conn:
        vocabulary.load(conn, mesh(), NOW)

    def load_and_fail(conn: Connection) -> None:
        vocabulary.load(conn, mesh(Descriptor("Never")), NOW)
        assert vocabulary.read(conn) is not None
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.replay(load_and_fail)
    assert read(store).find("Never") is None


def test_the_same_row_is_read_once_in_a_process(store: Store) -> None:
    with store.write() as conn:
        vocabulary.load(conn, mesh(), NOW)
    assert read(store) is read(store)


def test_a_label_that_a_database_refuses_is_kept_without_what_it_refuses(store: Store) -> None:
    with store.write() as conn:
        assert vocabulary.load(conn, Vocabulary("a\x00b\ud800"), NOW).label == "ab?"
    assert read(store).label == "ab?"


def test_a_damaged_row_says_that_it_must_be_loaded_again(store: Store) -> None:
    with store.write() as conn:
        vocabulary.load(conn, mesh(), NOW)
        conn.execute(update(vocabularies).values(body=b"\x78\x9cnothing", label="damaged"))
    with pytest.raises(CorruptDatabase) as refusal, store.read() as conn:
        vocabulary.read(conn)
    assert "vocabulary load" in refusal.value.remedy


def test_thirty_thousand_headings_come_back_in_well_under_a_second(sqlite_store: Store, shared_data: Path) -> None:
    from alerts.cli.vocabulary_files import read_streams

    whole = read_streams([shared_data / "mesh" / "mesh_descriptors.tsv.gz"])
    with sqlite_store.write() as conn:
        kept = vocabulary.load(conn, whole, NOW)
        stored = len(conn.scalar(select(vocabularies.c.body)) or b"")
    assert kept.headings > 30_000
    assert stored < 3_000_000
    began = time.process_time()
    found = read(sqlite_store)
    assert time.process_time() - began < 1.5  # 0.4 s where nothing else runs
    assert found.revision == whole.revision
