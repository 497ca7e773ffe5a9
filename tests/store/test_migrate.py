"""Bringing a database to this version's form, and refusing what cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, inspect, select, text

from alerts.store import Connection, Store, catalogue, deliveries, drafts, open_store, schema, sources, subscriptions
from alerts.store.columns import Instant
from alerts.store.errors import CorruptDatabase, MigrationFailed, NewerDatabase
from alerts.store.migrate import MIGRATIONS, migrate, version
from tests.store import making as make


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_make_exactly_the_tables_that_the_code_knows(store: Store) -> None:
    with store.read() as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": store.kind == "postgresql"}
        )
        assert compare_metadata(context, schema.metadata) == []
        if store.kind == "sqlite":  # an index over an expression cannot be read back there
            made = text("SELECT sql FROM sqlite_master WHERE name = 'ix_deliveries_mark'")
            assert "(substr(message_id, 2, 32))" in str(conn.scalar(made))


def test_the_version_that_the_code_expects_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_a_second_start_changes_nothing_and_does_not_load_alembic(sqlite_store: Store) -> None:
    code = (
        "import sys; from alerts.store import open_store; s = open_store(sys.argv[1]); print(s.migrate());"
        "print([m for m in sys.modules if m.startswith('alembic')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(sqlite_store.engine.url)], capture_output=True, text=True, check=True
    )
    assert found.stdout.split("\n")[:2] == ["False", "[]"]


def test_an_empty_postgresql_database_gets_its_tables(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    assert store.migrate() is True
    assert store.migrate() is False
    with store.read() as conn:
        assert inspect(conn).has_table("deliveries")
    store.close()


def migrate_one(url: str) -> bool:
    store = open_store(url)
    try:
        return store.migrate()
    finally:
        store.close()


def test_three_processes_that_start_together_on_a_new_sqlite_file_migrate_it_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/alerts.db"
    with get_context("spawn").Pool(3) as pool:
        assert sorted(pool.map(migrate_one, [url] * 3)) == [False] * 2 + [True]


def test_six_threads_that_start_together_on_postgresql_migrate_it_once(postgresql_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(migrate_one, [postgresql_url] * 6)) == [False] * 5 + [True]


def test_a_newer_database_is_refused_and_left_alone(store: Store) -> None:
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="9999") as refused:
        store.migrate()
    assert "restore" in refused.value.remedy
    with store.read() as conn:
        assert version(conn) == "9999"


def set_back(store: Store) -> None:
    """Make a database look as if an older version had left it, with a record in it."""
    with store.write() as conn:
        make.add_record(conn, "kept")
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))


def test_a_migration_that_fails_leaves_the_database_as_it_was(store: Store) -> None:
    set_back(store)

    def breaks(conn: Connection) -> None:
        conn.execute(text("DELETE FROM entries"))
        conn.execute(text("ALTER TABLE switches ADD COLUMN more TEXT"))
        raise ValueError("a fault in the migration")

    with pytest.raises(MigrationFailed, match="0000"):
        migrate(store, upgrade=breaks)
    with store.read() as conn:
        assert conn.scalar(text("SELECT count(*) FROM entries")) == 1
        assert "more" not in {each["name"] for each in inspect(conn).get_columns("switches")}
        assert version(conn) == "0000"


def test_sqlite_is_copied_first_and_the_copy_is_whole(sqlite_store: Store) -> None:
    set_back(sqlite_store)
    assert sqlite_store.path is not None

    def forward(conn: Connection) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": schema.HEAD})
        conn.execute(text("DELETE FROM entries"))

    assert migrate(sqlite_store, upgrade=forward)
    copy = sqlite_store.path.with_name(f"alerts.db.before-{schema.HEAD}")
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)


def test_rebuilding_a_table_on_sqlite_does_not_delete_the_rows_that_point_to_it(sqlite_store: Store) -> None:
    """Alembic's batch ALTER drops the old table; with foreign keys on that would take or refuse rows of others."""
    set_back(sqlite_store)

    def rebuild(conn: Connection) -> None:
        from alembic.operations import Operations

        operations = Operations(MigrationContext.configure(conn))
        with operations.batch_alter_table("records", recreate="always") as batch:
            batch.alter_column("evidence_type", server_default="news")
        conn.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": schema.HEAD})

    assert migrate(sqlite_store, upgrade=rebuild)
    with sqlite_store.read() as conn:
        assert conn.scalar(text("SELECT count(*) FROM sightings")) == 1
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_migration_that_would_leave_orphans_on_sqlite_is_taken_back(sqlite_store: Store) -> None:
    set_back(sqlite_store)

    def lose_records(conn: Connection) -> None:
        conn.execute(text("DELETE FROM records"))

    with pytest.raises(MigrationFailed, match=r"entries, .*sightings"):
        migrate(sqlite_store, upgrade=lose_records)
    with sqlite_store.read() as conn:
        assert conn.scalar(text("SELECT count(*) FROM records")) == 1


def only_up_to(version: str, conn: Connection) -> None:
    """Bring an empty database to the form that an earlier version had."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    some = lambda revision, _: script._upgrade_revs(version, revision)  # noqa: E731
    with EnvironmentContext(config, script, fn=some) as environment:
        environment.configure(connection=conn)
        environment.run_migrations()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_the_first_version_remembered_of_sources_is_still_there(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    store = open_store(url)
    assert migrate(store, upgrade=partial(only_up_to, "0001"))
    with store.write() as conn:
        conn.execute(text("INSERT INTO source_states (source_id, etag, failures) VALUES ('lancet', 'as-it-was', 2)"))
    assert store.migrate()
    with store.read() as conn:
        kept = sources.state(conn, "lancet")
    assert (kept.etag, kept.failures) == ("as-it-was", 2)
    assert (kept.asked, kept.crash_times, kept.rests_until) == ("", 0, None)
    store.close()


BEFORE_DRAFTS = """
INSERT INTO bulletins (id, introduced_at) VALUES ('weekly', :day);
INSERT INTO subscriptions (id, address_key, bulletin_id, address, state, listed, began_at)
    VALUES (7, 'ann@example.nhs.uk', 'weekly', 'Ann@example.nhs.uk', 'active', :yes, :day);
INSERT INTO issues (id, bulletin_id, number, period_key, published_at, subject, content, page_html, skeleton)
    VALUES (3, 'weekly', 12, '2026-11-17', :day, 'News', '{}', '', :bytes);
INSERT INTO deliveries (id, kind, dedupe_key, issue_id, subscription_id, address, envelope_from, message_id, fields,
    sha256, state, created_at) VALUES (9, 'delivery', 'weekly/12/7', 3, 7, 'Ann@example.nhs.uk', 'l@example.nhs.uk',
    '<m@example.nhs.uk>', '[]', 'x', 'pending', :day)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_readers_and_what_waits_for_them_come_over_from_a_version_without_drafts_and_pauses(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    store = open_store(url)
    assert migrate(store, upgrade=partial(only_up_to, "0004"))
    known = {"yes": True, "bytes": b"bytes", "day": make.NOW}
    with store.write() as conn:
        for each in BEFORE_DRAFTS.split(";"):
            names = [name for name in known if f":{name}" in each]
            types = [bindparam("day", type_=Instant)] if "day" in names else []
            conn.execute(text(each).bindparams(*types), {name: known[name] for name in names})
    assert store.migrate()
    with store.write() as conn:
        (ann,) = subscriptions.active(conn, "weekly", make.NOW)
        assert (ann.id, ann.paused_until, ann.signed_up) == (7, None, False)
        began = catalogue.begun(conn, "weekly")
        assert began is not None
        assert (began.introduced_at, began.schedule) == (make.NOW, None)
        assert drafts.all_held(conn) == ()
        (waiting,) = deliveries.claim(conn, "me", make.NOW, 900, 5, "smtp")
        assert (waiting.id, waiting.address) == (9, "Ann@example.nhs.uk")
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_closing_dates_of_records_that_are_there_already_can_be_asked_for(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    store = open_store(url)
    assert migrate(store, upgrade=partial(only_up_to, "0008"))
    closes = make.NOW + 9 * make.DAY
    bodies = {1: '{"key":"a"}', 2: f'{{"key":"b","closes":"{closes.isoformat()}"}}', 3: '{"key":"\\"closes\\":"}'}
    statement = text(
        "INSERT INTO records (id, title, summary, body, title_digest, first_seen_at, evidence_type) "
        "VALUES (:id, 'T', '', :body, '', :day, 'news')"
    ).bindparams(bindparam("day", type_=Instant))
    with store.write() as conn:
        for number, body in bodies.items():
            conn.execute(statement, {"id": number, "body": body, "day": make.NOW})
    assert store.migrate()
    with store.read() as conn:
        found = conn.execute(select(schema.records.c.id, schema.records.c.closes_at).order_by(schema.records.c.id))
        assert [tuple(each) for each in found] == [(1, None), (2, closes), (3, None)]
    store.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def scribble(path: Path) -> None:
    path.write_bytes(b"This is no database at all. " * 400)


def smear(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[100:4096] = os.urandom(3996)
    path.write_bytes(bytes(body))


@pytest.mark.parametrize("damage", [cut, scribble, smear])
def test_a_damaged_file_is_refused_and_how_to_restore_is_said(
    damage: Callable[[Path], None], sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "alerts.db"
    path.write_bytes(sqlite_template.read_bytes())
    damage(path)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(CorruptDatabase) as refused:
        store.migrate()
    store.close()
    assert "backup" in refused.value.remedy
