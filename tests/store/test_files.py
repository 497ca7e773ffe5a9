"""What lies beside the database: copies, the marker, the lock of the service."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.model.deliveries import Outcome
from alerts.store import Store, backup, deliveries, issues, marker, open_store, records, service_lock
from alerts.store.errors import DatabaseUnreachable, DiskFull, ServiceRunning, StoreFailure
from alerts.store.marker import Numbers
from tests.store import making as make

NOW = make.NOW


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_made_while_writing_goes_on_is_whole(sqlite_store: Store, tmp_path: Path) -> None:
    finished = threading.Event()

    def write() -> None:
        for number in range(400):
            if finished.is_set():
                return
            with sqlite_store.write() as conn:
                make.add_record(conn, f"k{number}", "tobacco")

    with sqlite_store.write() as conn:
        make.add_record(conn, "first")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy = backup(sqlite_store, tmp_path / "copy.db")
    finally:
        finished.set()
        writer.join()
    with closing(sqlite3.connect(copy)) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (entries,), (sightings,) = (
            found.execute(f"SELECT count(*) FROM {t}").fetchone() for t in ("entries", "sightings")
        )
        assert entries == sightings >= 1
    assert sorted(each.name for each in tmp_path.glob("*copy*")) == ["copy.db"]


def test_a_copy_can_be_put_in_the_databases_place(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.write() as conn:
        record_id = make.add_record(conn, "k")
    restored = open_store(f"sqlite:///{backup(sqlite_store, tmp_path / 'copy.db')}")
    assert restored.migrate() is False
    with restored.read() as conn:
        assert records.get(conn, record_id) is not None
    restored.close()


def test_a_copy_never_writes_over_a_file(sqlite_store: Store, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(StoreFailure, match="there already"):
        backup(sqlite_store, target)
    assert target.read_text() == "mine"


def test_a_copy_to_nowhere_is_said_and_leaves_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreFailure, match=str(tmp_path / "no" / "such")):
        backup(sqlite_store, tmp_path / "no" / "such" / "copy.db")


def test_only_the_owner_may_read_a_copy(sqlite_store: Store, tmp_path: Path) -> None:
    copy = backup(sqlite_store, tmp_path / "copy.db")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_postgresql_has_tools_of_its_own_for_that(pg_store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreFailure) as refused:
        backup(pg_store, tmp_path / "copy")
    assert "pg_dump" in refused.value.remedy


# --- the marker -------------------------------------------------------------------------------------------------------


def test_the_marker_says_what_was_written_last(tmp_path: Path) -> None:
    assert marker.read(tmp_path) is None
    marker.write(tmp_path, Numbers(3, 40))
    marker.write(tmp_path, Numbers(4, 50, 70))
    assert marker.read(tmp_path) == Numbers(4, 50, 70)
    assert [each.name for each in tmp_path.iterdir()] == [marker.NAME]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"issue": 3}', '{"issue": "x", "delivery": 1}', "\x00"])
def test_a_marker_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / marker.NAME).write_text(text)
    assert marker.read(tmp_path) is None


def test_replicas_that_write_the_marker_at_once_do_not_take_each_others_file(tmp_path: Path) -> None:
    failed: list[str] = []

    def replica(name: str) -> None:
        for each in range(50):
            try:
                marker.write(tmp_path, Numbers(each, each))
            except DiskFull as failure:
                failed.append(f"{name}: {failure.sentence}")

    at_work = [threading.Thread(target=replica, args=(name,)) for name in ("one", "two", "three")]
    for each in at_work:
        each.start()
    for each in at_work:
        each.join()
    assert failed == []
    assert marker.read(tmp_path) == Numbers(49, 49)


def test_a_marker_of_an_earlier_version_knows_of_no_attempts(tmp_path: Path) -> None:
    (tmp_path / marker.NAME).write_text('{"issue": 3, "delivery": 40}')
    assert marker.read(tmp_path) == Numbers(3, 40, 0)


def test_a_marker_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        marker.write(tmp_path / "missing", Numbers(1, 1))


@pytest.mark.parametrize(
    ("noted", "waits_days", "asks"),
    [
        (Numbers(4, 50), None, False),
        (Numbers(4, 50), 30, False),  # a service that slept goes on
        (Numbers(3, 40), 30, False),  # a crash between the commit and the marker
        (Numbers(5, 50), None, True),  # a restored older copy
        (Numbers(4, 51), None, True),
        (Numbers(4, 50, 60), None, False),
        (Numbers(4, 50, 61), None, True),  # a copy that holds the issue, but not that it was sent
        (None, None, False),  # new
        (None, 0.5, False),
        (None, 30, True),  # no note, and old deliveries wait
    ],
)
def test_a_restored_older_database_asks_before_it_sends(
    noted: Numbers | None, waits_days: float | None, asks: bool
) -> None:
    oldest = None if waits_days is None else NOW - timedelta(days=waits_days)
    assert bool(marker.concern(Numbers(4, 50, 60), noted, oldest, NOW)) is asks


def test_a_database_that_was_put_back_is_noticed(sqlite_store: Store, tmp_path: Path) -> None:
    make.with_deliveries(sqlite_store)
    copy = backup(sqlite_store, tmp_path / "older.db")
    with sqlite_store.write() as conn:
        issues.publish(conn, make.new_issue(conn))
        marker.write(tmp_path, deliveries.last_numbers(conn))
    restored = open_store(f"sqlite:///{copy}")
    with restored.read() as conn:
        found, oldest = deliveries.last_numbers(conn), deliveries.oldest_pending(conn)
    restored.close()
    assert "restored" in (marker.concern(found, marker.read(tmp_path), oldest, NOW) or "")


def test_what_waits_in_a_restored_database_is_set_aside_and_nothing_else(store: Store) -> None:
    make.with_deliveries(store, 3)
    with store.write() as conn:
        sent, begun = deliveries.claim(conn, "me", NOW, 900, 2, "smtp")
        for each in (sent, begun):
            assert deliveries.enter_data(conn, each.id, "me", NOW)
        assert deliveries.settle(conn, sent.id, "me", Outcome("sent", "250 ok", 250), NOW)
        assert marker.set_aside(conn) == 2
        assert deliveries.counts(conn) == {"sent": 1, "stopped": 2}
        assert marker.set_aside(conn) == 0
        assert not deliveries.settle(conn, begun.id, "me", Outcome("sent", "250 ok", 250), NOW)
        assert deliveries.claim(conn, "me", NOW, 900, 10, "smtp") == ()
        assert deliveries.retry(conn, begun.id, NOW), "a person may send one after all"


# --- the lock of the service ------------------------------------------------------------------------------------------

HOLD = """
import sys
from pathlib import Path
from alerts.store import service_lock
with service_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_service_is_refused_until_the_first_ends_even_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "alerts.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(ServiceRunning, match=str(first.pid)), service_lock(path):
            pass
        first.kill()
        first.wait()
        with service_lock(path):
            assert (tmp_path / "alerts.db.lock").read_text() == str(os.getpid())
            assert not path.exists()
    with service_lock(path):
        pass


def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable), service_lock(tmp_path / "missing" / "alerts.db"):
        pass
