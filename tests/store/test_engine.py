"""Opening, reading, writing and running a unit again, on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from alerts.store import Connection, Stale, Store, open_store, switches
from alerts.store.errors import BadDatabaseAddress, DatabaseBusy, DatabaseUnreachable, DiskFull, StoreFailure
from tests.store import making as make


def add_one(conn: Connection) -> None:
    """Read a number, wait a little, write it one higher: what a deferred BEGIN loses."""
    before = int(switches.value(conn, "count") or 0)
    time.sleep(0.0005)
    switches.set_value(conn, "count", str(before + 1), make.NOW)


def add_many(url: str, times: int) -> None:
    store = open_store(url)
    for _ in range(times):
        with store.write() as conn:
            add_one(conn)
    store.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", "oracle://a"])
def test_an_address_that_we_cannot_use_is_refused_with_an_example_of_one_that_we_can(url: str) -> None:
    with pytest.raises(BadDatabaseAddress) as refused:
        open_store(url)
    assert "sqlite:///" in refused.value.remedy


def test_the_password_is_never_shown() -> None:
    store = open_store("postgresql://u:secret@localhost/x")
    assert "secret" not in store.url
    assert "secret" not in repr(store)


def test_a_database_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="folder"):
        open_store(f"sqlite:///{tmp_path}/no/such/folder/alerts.db").migrate()
    store = open_store(f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(DatabaseUnreachable), store.read():
        pass
    store.close()


def test_240_updates_by_four_writers_all_count(sqlite_store: Store) -> None:
    """With the driver's own deferred begin 180 of them were lost."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: add_many(str(sqlite_store.engine.url), 60), range(4)))
    with sqlite_store.read() as conn:
        assert switches.value(conn, "count") == "240"


def test_updates_from_eight_threads_all_count_on_postgresql_when_rows_are_locked(pg_store: Store) -> None:
    def add(conn: Connection) -> None:
        conn.execute(text("SELECT value FROM switches WHERE name = 'count' FOR UPDATE"))
        add_one(conn)

    with pg_store.write() as conn:
        switches.set_value(conn, "count", "0", make.NOW)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pg_store.replay(add), range(80)))
    with pg_store.read() as conn:
        assert switches.value(conn, "count") == "80"


def test_a_reading_transaction_refuses_to_write(store: Store) -> None:
    with pytest.raises((StoreFailure, DiskFull)), store.read() as conn:
        switches.set_value(conn, "a", "b", make.NOW)
    with store.write() as conn:
        switches.set_value(conn, "a", "c", make.NOW)  # the same pooled connection writes again
    with store.read() as conn:
        assert switches.value(conn, "a") == "c"


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.read() as reader:
        assert switches.value(reader, "a") is None
        with store.write() as conn:
            switches.set_value(conn, "a", "b", make.NOW)
        assert switches.value(reader, "a") is None


def test_what_raises_leaves_nothing(store: Store) -> None:
    unit, _ = fails(1, RuntimeError())
    with pytest.raises(RuntimeError):
        store.replay(unit)
    with store.read() as conn:
        assert switches.value(conn, "try 1") is None


def test_sqlite_is_set_up_as_the_promises_need(sqlite_store: Store) -> None:
    with sqlite_store.write() as conn:
        found = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}


def test_only_what_passes_with_the_machine_may_reach_the_disk_later(sqlite_store: Store) -> None:
    def how(conn: Connection) -> int:
        switches.set_value(conn, "a", "b", make.NOW)
        return int(conn.exec_driver_sql("PRAGMA synchronous").scalar_one())

    always, later = 2, 1
    assert sqlite_store.replay(how, passing=True) == later
    assert sqlite_store.replay(how) == always, "what is written next on the same connection is on the disk at once"
    assert sqlite_store.replay(how, passing=True) == later
    with sqlite_store.write() as conn:
        assert how(conn) == always


def test_postgresql_stops_a_statement_that_takes_too_long(pg_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.store.engine.STATEMENT_TIMEOUT_MS", 50)
    with pytest.raises(DatabaseBusy, match="too long"), pg_store.write() as conn:
        conn.execute(text("SELECT pg_sleep(5)"))


def fails(times: int, failure: Exception) -> tuple[Callable[[Connection], int], list[int]]:
    """A unit that writes, fails so many times, and then succeeds."""
    tries: list[int] = []

    def unit(conn: Connection) -> int:
        tries.append(1)
        switches.set_value(conn, f"try {len(tries)}", "", make.NOW)
        if len(tries) <= times:
            raise failure
        return len(tries)

    return unit, tries


def test_a_unit_that_met_another_writer_is_run_again_as_a_whole(sqlite_store: Store) -> None:
    unit, _ = fails(2, DatabaseBusy("busy"))
    assert sqlite_store.replay(unit) == 3
    with sqlite_store.read() as conn:
        assert [switches.value(conn, f"try {n}") for n in (1, 2, 3)] == [None, None, ""]


def test_a_unit_is_not_run_for_ever(sqlite_store: Store) -> None:
    unit, tries = fails(99, DatabaseBusy("busy"))
    with pytest.raises(DatabaseBusy):
        sqlite_store.replay(unit, attempts=3)
    assert len(tries) == 3


def test_staleness_is_for_the_caller_to_decide_again(sqlite_store: Store) -> None:
    unit, tries = fails(1, Stale("changed"))
    with pytest.raises(Stale):
        sqlite_store.replay(unit)
    assert len(tries) == 1


def test_two_writers_that_wait_for_each_other_both_get_through(pg_store: Store) -> None:
    """A deadlock (40P01) of the server's own finding; the one it picks is run again."""
    with pg_store.write() as conn:
        for name in ("a", "b"):
            switches.set_value(conn, name, "0", make.NOW)
    met = threading.Barrier(2, timeout=10)
    first_time = {"a": True, "b": True}

    def swap(one: str, other: str) -> Callable[[Connection], None]:
        def unit(conn: Connection) -> None:
            switches.set_value(conn, one, f"by {one}", make.NOW)
            if first_time.pop(one, False):
                met.wait()
            switches.set_value(conn, other, f"by {one}", make.NOW)

        return unit

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(pg_store.replay, swap("a", "b")), pool.submit(pg_store.replay, swap("b", "a"))]
        for each in results:
            each.result(timeout=30)
    with pg_store.read() as conn:
        assert switches.value(conn, "a") == switches.value(conn, "b")


def test_a_lost_connection_is_opened_again(pg_store: Store) -> None:
    killed: list[int] = []

    def unit(conn: Connection) -> None:
        if not killed:
            killed.append(int(conn.scalar(text("SELECT pg_backend_pid()")) or 0))
            with pg_store.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": killed[0]})
        switches.set_value(conn, "a", "after all", make.NOW)

    pg_store.replay(unit)
    with pg_store.read() as conn:
        assert switches.value(conn, "a") == "after all"


def test_a_database_on_a_full_disk_says_so_and_recovers(sqlite_store: Store) -> None:
    """`max_page_count` makes SQLite answer SQLITE_FULL as a full disk does."""

    def fill(conn: Connection) -> None:
        conn.exec_driver_sql("PRAGMA max_page_count=1")
        for number in range(2000):
            switches.set_value(conn, f"row {number}", "x" * 500, make.NOW)

    with pytest.raises(DiskFull):
        sqlite_store.replay(fill)
    sqlite_store.close()
    sqlite_store.probe(make.NOW)


def test_a_healthy_database_has_nothing_to_say(store: Store) -> None:
    assert store.check() == ()


def test_rows_that_point_nowhere_are_found(sqlite_store: Store) -> None:
    with sqlite_store.engine.connect() as conn:
        raw = conn.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA query_only=OFF")
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute(
            "INSERT INTO matches (record_id, profile_id, evidence, record_revision, matched_at)"
            " VALUES (9, 'p', '{}', 1, 'x')"
        )
        raw.execute("PRAGMA foreign_keys=ON")
    assert sqlite_store.check() == ("a row of matches points to a missing row of records",)


def test_importing_the_room_does_not_load_sqlalchemy() -> None:
    import subprocess
    import sys

    code = "import sys, alerts.store; print([m for m in sys.modules if m.startswith(('sqlalchemy', 'alembic'))])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
